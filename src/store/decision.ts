import { APPROVE, approvalsOf, outcomeWords, REFUSE } from "../incident/approval.ts";
import type { AuditRecord } from "../durable/audit.ts";
import { joiningOf, SPLIT } from "../incident/joining-state.ts";
import { INVESTIGATE, NOT_OFFERED, offersInvestigation } from "../incident/model-refusal.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { viewOf } from "../incident/view.ts";

/** The hash that a button carries, or null where it carries none: a forged press may carry anything. */
const hashIn = (value: string | undefined): string | null => /^a\d{1,6}:([0-9a-f]{64})$/.exec(value ?? "")?.[1] ?? null;

const WORDS = { [APPROVE]: "a yes", [REFUSE]: "a no", [SPLIT]: "a split", [INVESTIGATE]: "an investigation" } as Readonly<
  Record<string, string>
>;

/** Whether an event is something that a person decided, or was asked to. */
export const isDecision = (event: IncidentEvent): boolean =>
  event.type === "approval-requested" ||
  event.type === "approval-expired" ||
  event.type === "value-revealed" ||
  ((event.type === "slack-action-received" || event.type === "slack-action-refused") && event.action in WORDS);

/** Somebody asked for the model's work. @param log up to their click */
function investigateRecord(log: readonly LoggedEvent[], { user, userId }: EventOf<"slack-action-received">): AuditRecord {
  const isOffered = offersInvestigation(viewOf(log.slice(0, -1)));
  return {
    ...{ kind: "approval", what: WORDS[INVESTIGATE] ?? INVESTIGATE, payload: null, by: `slack:${userId ?? user}` },
    ...(isOffered ? { decision: "approved", because: null } : { decision: "void", because: NOT_OFFERED }),
  };
}

/** Somebody took a page out of an incident. @param log up to their click */
function splitRecord(log: readonly LoggedEvent[], { value, user, userId }: EventOf<"slack-action-received">): AuditRecord {
  const isJoined = joiningOf(log).pages.some(({ incident }) => incident === value);
  return {
    ...{ kind: "approval", what: isJoined ? `a split of ${value}` : "a split", payload: null, by: `slack:${userId ?? user}` },
    ...(isJoined ? { decision: "approved", because: null } : { decision: "void", because: "that page is not joined" }),
  };
}

/**
 * What the audit says of an event: who decided what, about which payload, and what came of it; null where nobody decided anything.
 * Slack people appear by id, not by name.
 * @param log the incident's log up to the event, the event last
 */
export function decisionOf(log: readonly LoggedEvent[]): AuditRecord | null {
  const last = log.at(-1);
  if (last === undefined || !isDecision(last.event)) return null;
  const { seq, event } = last;
  switch (event.type) {
    case "approval-requested": {
      const { id, action, hash, requester } = event.request;
      return { kind: "approval", what: `${action}, request ${id}`, payload: hash, decision: "asked", by: requester, because: null };
    }
    case "approval-expired": {
      const request = approvalsOf(log).approvals.find((approval) => approval.request.id === event.request)?.request;
      const what = `${request?.action ?? "a request"}, request ${event.request}`;
      return { kind: "approval", what, payload: request?.hash ?? null, decision: "expired", by: "nobody", because: null };
    }
    case "slack-action-received": {
      if (event.action === SPLIT) return splitRecord(log, event);
      if (event.action === INVESTIGATE) return investigateRecord(log, event);
      const outcome = approvalsOf(log).outcomes.get(seq) ?? "unknown";
      const by = `slack:${event.userId ?? event.user}`;
      const press = { kind: "approval", what: WORDS[event.action] ?? event.action, payload: hashIn(event.value), by } as const;
      if (outcome === "released") return { ...press, decision: "approved", because: null };
      if (outcome === "refused") return { ...press, decision: "refused", because: null };
      return { ...press, decision: "void", because: outcomeWords[outcome] };
    }
    case "slack-action-refused": {
      const { action, value, userId, because } = event;
      const what = WORDS[action] ?? action;
      return { kind: "approval", what, payload: hashIn(value), decision: "void", by: `slack:${userId}`, because };
    }
    case "value-revealed":
      return { kind: "access", what: `the value behind ${event.pseudonym}`, by: event.by };
    default:
      return null;
  }
}
