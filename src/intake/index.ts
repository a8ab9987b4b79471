import type { Intake } from "./intake.ts";
import { pagerduty } from "./pagerduty.ts";

/** Every pager that midwatch hears. */
export const intakes = [pagerduty] as const satisfies readonly Intake[];
