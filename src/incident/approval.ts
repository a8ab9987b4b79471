import type { ApprovalRequest } from "./approval-request.ts";
import type { EventOf, LoggedEvent } from "./event.ts";

/** Actions of the buttons under what waits for a yes. */
export const APPROVE = "approve";
export const REFUSE = "refuse";

/** What became of a press of such a button. */
export type PressOutcome =
  | "released"
  | "refused"
  /** By somebody, of what was released already. */
  | "released-before"
  | "refused-before"
  | "too-late"
  /** Another request has taken its place. */
  | "replaced"
  /** No request of this incident has this id and this hash. */
  | "unknown";

export interface Approval {
  readonly request: ApprovalRequest;
  readonly state: "waiting" | "released" | "refused" | "expired" | "replaced";
  /** Who answered, if anybody did. */
  readonly by: string | null;
  /** Presses for it that counted: a further one asks for another try of the same. */
  readonly presses: number;
}

/** What a button carries. */
export const buttonValue = ({ id, hash }: Pick<ApprovalRequest, "id" | "hash">): string => `${id}:${hash}`;

const isAnswer = (event: LoggedEvent["event"]): event is EventOf<"slack-action-received"> =>
  event.type === "slack-action-received" && (event.action === APPROVE || event.action === REFUSE);

function outcomeOf(approval: Approval | undefined, action: string, at: number): PressOutcome {
  if (approval === undefined) return "unknown";
  if (approval.state === "replaced") return "replaced";
  if (approval.state === "refused") return "refused-before";
  if (approval.state === "expired" || at >= approval.request.expiresAt) return "too-late";
  if (approval.state === "released") return "released-before";
  return action === APPROVE ? "released" : "refused";
}

/**
 * All requests of an incident, oldest first, and what became of each press, by its place in the log. From the log alone: anyone who reads it
 * comes to the same answer, also after a crash, and of two presses at once the first in the log counts.
 */
export function approvalsOf(log: readonly LoggedEvent[]): {
  readonly approvals: readonly Approval[];
  readonly outcomes: ReadonlyMap<number, PressOutcome>;
} {
  const approvals: Approval[] = [];
  const outcomes = new Map<number, PressOutcome>();
  for (const { seq, at, event } of log) {
    if (event.type === "approval-requested") {
      for (const [index, one] of approvals.entries())
        if ((one.state === "waiting" || one.state === "released") && one.request.action === event.request.action)
          approvals[index] = { ...one, state: "replaced" };
      approvals.push({ request: event.request, state: "waiting", by: null, presses: 0 });
    } else if (event.type === "approval-expired") {
      const index = approvals.findIndex(({ request, state }) => request.id === event.request && state === "waiting");
      const known = approvals[index];
      if (known !== undefined) approvals[index] = { ...known, state: "expired" };
    } else if (isAnswer(event)) {
      const index = approvals.findIndex(({ request }) => buttonValue(request) === event.value);
      const known = approvals[index];
      const outcome = outcomeOf(known, event.action, at);
      outcomes.set(seq, outcome);
      if (known === undefined) continue;
      if (outcome === "released" || outcome === "refused")
        approvals[index] = { ...known, state: outcome, by: event.user, presses: outcome === "released" ? 1 : 0 };
      else if (outcome === "released-before" && event.action === APPROVE) approvals[index] = { ...known, presses: known.presses + 1 };
    }
  }
  return { approvals, outcomes };
}

/** The newest request for an action, or null. */
export const newestApproval = (log: readonly LoggedEvent[], action: ApprovalRequest["action"]): Approval | null =>
  approvalsOf(log).approvals.findLast(({ request }) => request.action === action) ?? null;

/** What a press would do now, for the person who pressed. */
export function judgePress(
  log: readonly LoggedEvent[],
  press: { readonly action: string; readonly value: string },
  now: number,
): PressOutcome {
  return outcomeOf(
    approvalsOf(log).approvals.find(({ request }) => buttonValue(request) === press.value),
    press.action,
    now,
  );
}

/** For people who pressed, and for the timeline. */
export const outcomeWords: Readonly<Record<PressOutcome, string>> = {
  released: "released",
  refused: "refused",
  "released-before": "was already approved",
  "refused-before": "was already refused",
  "too-late": "came too late: the offer had expired",
  replaced: "belongs to an older proposal that was replaced",
  unknown: "matches no request of this incident",
};
