import type { LoggedEvent } from "./event.ts";
import { askedBy } from "./model-refusal.ts";

/**
 * Whether the page is over and was so before its triage was: then it is named in one line, and nothing is investigated unless a person asks.
 * @param status of the page by now
 */
export function isPassed(log: readonly LoggedEvent[], status: "triggered" | "acknowledged" | "resolved"): boolean {
  if (status !== "resolved" || askedBy(log) !== null) return false;
  for (const { event } of log) {
    if (event.type === "brief-posted" || event.type === "investigation-started") return false;
    if (event.type === "pager-event-received" && event.page?.status === "resolved") return true;
    if (event.type === "triage-finished") return false;
  }
  return false;
}
