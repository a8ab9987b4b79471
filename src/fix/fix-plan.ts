import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import type { Step } from "../store/incident-store.ts";
import { CI_WAITS, type CiWaits, createCiWatch } from "./ci-watch.ts";
import type { FixParts } from "./fix-parts.ts";
import { followFix } from "./follow-fix.ts";
import { offerEndsAt, openFix } from "./open-fix.ts";

/** What of a fix comes next, from the log alone. */
export interface FixPlan {
  /** The choice and the pull request itself: what the incident's end waits for. */
  open(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null;
  /** What becomes of an opened pull request. */
  follow(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | { readonly waitMs: number } | null;
  /** When an offer that nobody answers will be over, epoch milliseconds; null: none waits. */
  expiresAt(log: readonly LoggedEvent[], view: IncidentView, now: number): number | null;
}

export function createFixPlan({ waits = CI_WAITS, ...parts }: FixParts & { readonly waits?: CiWaits }): FixPlan {
  const ci = createCiWatch((question, signal) => parts.fixer.readChecks(question, signal), waits);
  return {
    open: (log, view, now) => openFix(parts, log, view, now),
    follow: (log, view, now) => followFix(parts, { ci, lookMs: waits.look }, log, view, now),
    expiresAt: offerEndsAt,
  };
}
