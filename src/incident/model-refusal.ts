import type { EventOf, LoggedEvent } from "./event.ts";
import type { FlapPattern } from "./flap.ts";
import { type Investigation, retryAt } from "./investigation.ts";
import type { ModelRule } from "./model-rule.ts";

/** Why no model is asked: a code, and the figures that its words need. */
export type ModelRefusal =
  /** `number`: the rule's place in the catalog, from 1. */
  | { readonly code: "rule"; readonly number: number; readonly rule: ModelRule; readonly timeZone: string }
  /** Dollars: the limit, what was spent by then and what was set aside for work under way. */
  | {
      readonly code: "budget";
      readonly period: BudgetPeriod;
      readonly most: number;
      readonly spent: number;
      readonly reserved: number;
    }
  /** The alert has resolved by itself so often that a model waits whether it does again. */
  | { readonly code: "flaps"; readonly pattern: FlapPattern };

/** What has a budget of its own: this incident, the hour and the day of all of them (UTC). */
export type BudgetPeriod = "incident" | "hour" | "day";

/** Action of the button that starts the model's work where none was done. */
export const INVESTIGATE = "investigate";

/** Why a press had no effect, as a part of a sentence. */
export const NOT_OFFERED = "somebody already asked for an investigation";

/** Whether a person may start the model's work: none was done, or it ended without a finding, and nothing starts it by itself. */
export function offersInvestigation(view: {
  readonly investigation: Investigation | null;
  readonly refusal: EventOf<"model-refused"> | null;
  readonly investigateAskedBy: string | null;
  readonly status: "triggered" | "acknowledged" | "resolved";
  readonly joining: { readonly lead: unknown };
}): boolean {
  const { investigation, refusal, investigateAskedBy, status, joining } = view;
  if (investigateAskedBy !== null || joining.lead !== null) return false;
  if (refusal !== null) return true;
  if (investigation === null) return status === "resolved";
  return investigation.closed !== null && investigation.closed.how !== "submitted" && retryAt(investigation, status) === null;
}

/** The refusal that holds: nobody was asked since. */
export const refusalOf = (log: readonly LoggedEvent[]): EventOf<"model-refused"> | null => {
  const last = log.findLast(({ event }) => event.type === "model-refused" || event.type === "investigation-started")?.event;
  return last?.type === "model-refused" ? last : null;
};

/** Who pressed the button since the last work ended or was refused; null: nobody. */
export function askedBy(log: readonly LoggedEvent[]): string | null {
  for (const { event } of log.toReversed()) {
    if (event.type === "investigation-started" || event.type === "investigation-closed" || event.type === "model-refused") return null;
    if (event.type === "slack-action-received" && event.action === INVESTIGATE) return event.user;
  }
  return null;
}
