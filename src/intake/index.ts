import type { Intake } from "./intake.ts";
import { pagerduty } from "./pagerduty.ts";

/** Every pager that midwatch hears. The first with a secret makes the pseudonyms where there is no REDACTION_KEY, so new ones come last. */
export const intakes = [pagerduty] as const satisfies readonly Intake[];
