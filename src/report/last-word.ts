import type { BeliefState } from "../incident/belief.ts";
import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import { unlinked } from "./text.ts";
import { plainText, slackTime } from "./timeline.ts";
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

/** The newest message of a person in the incident's thread or channel; null where nobody wrote, and once the page is resolved or the belief another. */
export function lastWordOf(log: readonly LoggedEvent[], { status, belief }: IncidentView): LastWord | null {
  if (status === "resolved" || (belief !== null && !STILL.has(belief.state))) return null;
  const gone = new Set<string>();
  const edits = new Map<string, string>();
  for (const { seq, at, event } of log.toReversed()) {
    if (event.type === "slack-message-deleted") gone.add(event.ts);
    if (event.type === "slack-message-edited" && !edits.has(event.ts)) edits.set(event.ts, event.text);
    // What is asked of midwatch is no news.
    if (event.type !== "slack-message-received" || event.toBot === true || gone.has(event.ts)) continue;
    const text = plainText(edits.get(event.ts) ?? event.text).trim();
    if (text !== "") return { seq, by: event.user, at: slackTime(event.ts) ?? at, text };
  }
  return null;
}

const LONGEST = 200;

/** "last word 01:49, Jonas Berg: “deploying the revert now”" */
export const lastWordWords = ({ by, at, text }: LastWord): string =>
  `last word ${minuteTime(at)}, ${unlinked(outsideLine(by, 60))}: “${unlinked(outsideLine(text, LONGEST))}”`;
