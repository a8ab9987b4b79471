import type { BeliefState } from "../incident/belief.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { takenBack } from "../incident/taken-back.ts";
import type { IncidentView } from "../incident/view.ts";
import { unlinked } from "./text.ts";
import { plainText, slackTime } from "./slack-words.ts";
import { outsideLine } from "./tool-view.ts";
import { minuteTime } from "./words.ts";

/** What a person wrote last, in their own words: how far people are, which no decision and no signal shows yet. */
export interface LastWord {
  readonly seq: number;
  readonly by: string;
  /** Milliseconds of the time it was written. */
  readonly at: number;
  readonly text: string;
}

/** Of any other state a message may be of what was. */
const STILL: ReadonlySet<BeliefState> = new Set(["same", "worse", "still-bad"]);

const keyOf = ({ channel, ts }: { readonly channel: string; readonly ts: string }): string => `${channel}:${ts}`;

/** The newest message of a person in the incident's thread or channel; null where nobody wrote, and once the page is resolved or the belief another. */
export function lastWordOf(log: readonly LoggedEvent[], { status, belief }: IncidentView): LastWord | null {
  if (status === "resolved" || (belief !== null && !STILL.has(belief.state))) return null;
  const isGone = takenBack(log);
  const edits = new Map<string, string>();
  for (const { seq, at, event } of log.toReversed()) {
    if (event.type === "slack-message-edited" && !edits.has(keyOf(event))) edits.set(keyOf(event), event.text);
    // What is asked of midwatch is no news.
    if (event.type !== "slack-message-received" || event.toBot === true || isGone(event)) continue;
    const text = plainText(edits.get(keyOf(event)) ?? event.text).trim();
    if (text !== "") return { seq, by: event.user, at: slackTime(event.ts) ?? at, text };
  }
  return null;
}

const LONGEST = 200;

/** "last word 01:49, Jonas Berg: “deploying the revert now”" */
export const lastWordWords = ({ by, at, text }: LastWord): string =>
  `last word ${minuteTime(at)}, ${unlinked(outsideLine(by, 60))}: “${unlinked(outsideLine(text, LONGEST))}”`;
