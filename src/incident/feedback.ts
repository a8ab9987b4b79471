import type { LoggedEvent } from "./event.ts";

/** What people say of the answer, by the buttons under it: each person's newest word counts. */

/** Codes of the buttons, as events keep them. */
export const VERDICTS = ["right", "right-area", "wrong"] as const;
export type FeedbackVerdict = (typeof VERDICTS)[number];

export interface Feedback {
  readonly user: string;
  readonly verdict: FeedbackVerdict;
  /** When it was pressed, epoch milliseconds. */
  readonly at: number;
}

const isVerdict = (action: string): action is FeedbackVerdict => VERDICTS.some((one) => one === action);

/** Oldest first; a person who changed their mind is in it once. */
export function feedbackOf(log: readonly LoggedEvent[]): readonly Feedback[] {
  const said = new Map<string, Feedback>();
  for (const { at, event } of log) {
    if (event.type !== "slack-action-received" || !isVerdict(event.action)) continue;
    const who = event.userId ?? event.user;
    said.delete(who);
    said.set(who, { user: event.user, verdict: event.action, at });
  }
  return [...said.values()];
}

/** So often a person may change their mind. */
const MOST_SAID = 10;

/** Whether a press says nothing new: the same as before, or one of endless changes. It need not be kept. */
export function isOldFeedback(log: readonly LoggedEvent[], userId: string, action: string): boolean {
  if (!isVerdict(action)) return false;
  const said = log.flatMap(({ event }) =>
    event.type === "slack-action-received" && isVerdict(event.action) && event.userId === userId ? [event.action] : [],
  );
  return said.at(-1) === action || said.length >= MOST_SAID;
}
