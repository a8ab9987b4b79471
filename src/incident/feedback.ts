import type { LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";

/** What people say of the answer, by the buttons under it: each person's newest word counts. */

/** Codes of the buttons, as events keep them. */
export const VERDICTS = ["right", "right-area", "wrong"] as const;
export type FeedbackVerdict = (typeof VERDICTS)[number];

export interface Feedback {
  readonly user: string;
  /** Slack's id of them; their name in a log that has none. */
  readonly userId: string;
  readonly verdict: FeedbackVerdict;
  /** When it was pressed, epoch milliseconds. */
  readonly at: number;
  /** What they had said before, where they changed their mind; else null. */
  readonly before: FeedbackVerdict | null;
  /** What it was, by their own words, where they called it wrong and said so; else null. */
  readonly was: { readonly text: string; readonly service: string | null; readonly link: string | null } | null;
}

const isVerdict = (action: string): action is FeedbackVerdict => VERDICTS.some((one) => one === action);

/** Oldest first; a person who changed their mind is in it once. */
export function feedbackOf(log: readonly LoggedEvent[]): readonly Feedback[] {
  const said = new Map<string, Feedback>();
  for (const { at, event } of log) {
    if (event.type === "feedback-explained") {
      const { user, userId, was: text, service, link } = event;
      said.set(userId, { ...(said.get(userId) ?? { user, userId, at, before: null }), verdict: "wrong", was: { text, service, link } });
    }
    if (event.type !== "slack-action-received" || !isVerdict(event.action)) continue;
    const who = event.userId ?? event.user;
    const before = said.get(who)?.verdict ?? null;
    said.delete(who);
    said.set(who, { user: event.user, userId: who, verdict: event.action, at, before: before === event.action ? null : before, was: null });
  }
  return [...said.values()];
}

/** Whether people said something of the answer that its message does not show yet. */
export function isFeedbackUnshown(log: readonly LoggedEvent[]): boolean {
  const seen = newestOf(log, "feedback-shown")?.event.seen ?? 0;
  const newest = log.findLast(
    ({ event }) => event.type === "feedback-explained" || (event.type === "slack-action-received" && isVerdict(event.action)),
  );
  return newest !== undefined && newest.seq > seen;
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

/** What somebody said last of the answer; null: nothing. */
export const feedbackWordOf = (log: readonly LoggedEvent[], userId: string): FeedbackVerdict | null =>
  log.reduce<FeedbackVerdict | null>(
    (last, { event }) =>
      event.type === "slack-action-received" && event.userId === userId && isVerdict(event.action) ? event.action : last,
    null,
  );

/** So often a person may say what it was. */
const MOST_EXPLAINED = 5;

export const mayExplain = (log: readonly LoggedEvent[], userId: string): boolean =>
  log.filter(({ event }) => event.type === "feedback-explained" && event.userId === userId).length < MOST_EXPLAINED;
