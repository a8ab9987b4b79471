import type { IncidentEvent, LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";
import type { IncidentView } from "./view.ts";

/** What the log holds and the messages in Slack do not show yet. */

/** Whether late answers came after the brief was last said. */
export function isBriefOld(log: readonly LoggedEvent[], { triage, brief }: IncidentView): boolean {
  const last = log.findLast(({ event: { type } }) => type === "triage-finished" || type === "brief-posted" || type === "brief-revised");
  return triage?.late !== undefined && brief !== null && last?.event.type === "triage-finished";
}

/** Whether the model's work ended after the finding was last said. */
export const isFindingOld = ({ finding, findingAt, investigation }: IncidentView) =>
  finding !== null && findingAt !== null && (investigation?.closedAt ?? 0) > findingAt;

/** Whether a model has begun that somebody asked for, and the status message does not say so yet. */
export const isBegunAsAsked = (log: readonly LoggedEvent[]): boolean =>
  newestOf(log, "investigation-started")?.event.askedBy !== undefined && hasUnshown(log, ["investigation-started"]);

/** Whether people decided something that the status message does not show yet. */
export const isDecisionUnshown = (log: readonly LoggedEvent[], { decided }: Pick<IncidentView, "decided">): boolean =>
  decided !== null && decided.seq > seenOf(log);

/** What shows in the finding and in the status message once it has happened. */
export const FIX_NEWS: readonly IncidentEvent["type"][] = ["fix-proposed", "fix-offered", "fix-declined", "approval-expired", "fix-told"];

/** Place of the newest event that the status message shows; 0: none. */
function seenOf(log: readonly LoggedEvent[]): number {
  const posted = newestOf(log, "status-posted");
  return newestOf(log, "status-edited")?.event.seen ?? posted?.event.seen ?? posted?.seq ?? 0;
}

/**
 * Whether something happened that the status message does not show yet: what came while it was edited is not in it.
 * @param types default: news of the pager
 */
export function hasUnshown(log: readonly LoggedEvent[], types: readonly IncidentEvent["type"][] | null = null): boolean {
  const seen = seenOf(log);
  return log.some(
    ({ seq, event }) =>
      seq > seen &&
      (types?.includes(event.type) ?? (event.type === "page-received" || (event.type === "pager-event-received" && event.page !== null))),
  );
}
