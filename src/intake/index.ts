import type { Intake } from "./intake.ts";
import { pagerduty } from "./pagerduty.ts";

/** Every pager that midwatch hears. */
export const intakes: readonly Intake[] = [pagerduty];
