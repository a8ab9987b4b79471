import type { DeskEntry } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import { lastWordOf } from "./last-word.ts";
import { sayable } from "./sayable.ts";
import { beganAt } from "./status.ts";
import { unlinked } from "./text.ts";
import { type TimelineEntry, toTimeline } from "./timeline.ts";
import { outsideLine } from "./tool-view.ts";
import { minuteTime } from "./words.ts";

/** What was tried: what people did and what went live since it began. Who joins late asks for it before they try it again. */

const LONGEST = 90;
const LONGEST_NAME = 60;

/** Of these the newest is shown in a line of its own. */
const SHOWN_ELSEWHERE: ReadonlySet<DeskEntry["what"]> = new Set(["commander", "role", "severity", "phase", "impact", "action"]);

/** Notes that are not of trouble with midwatch itself are people's, in the pager. What midwatch drafts is in the next step. */
const isAction = ({ kind, tone }: TimelineEntry) => kind === "person" || kind === "change" || (kind === "note" && tone !== "bad");

const outsideWords = (text: string, longest: number): string => unlinked(outsideLine(text, longest));

/** "03:14 payments: deploy 9f2c1e4". */
export function entryLine({ at, service, text }: TimelineEntry, longest: number): string {
  const of = service === null || text.includes(service) ? "" : `${outsideWords(service, LONGEST_NAME)}: `;
  return `${minuteTime(at)} ${of}${outsideWords(text, longest)}`;
}

/**
 * Lines, oldest first, of what was done since it began, but for people's last word, which is shown by itself.
 * @param most so many of the newest; talk gives way to acts
 * @param timeline of the same log, as it may be said
 */
export function doneSince(
  log: readonly LoggedEvent[],
  view: IncidentView,
  most: number,
  timeline: readonly TimelineEntry[] = sayable(toTimeline(log), view),
): readonly string[] {
  const written = new Set(
    log.filter(({ event }) => event.type === "slack-message-received" || event.type === "slack-message-edited").map(({ seq }) => seq),
  );
  const settled = new Set(
    log.flatMap(({ seq, event }) => (event.type === "desk-entry-made" && SHOWN_ELSEWHERE.has(event.entry.what) ? [seq] : [])),
  );
  const from = beganAt(view) ?? view.page?.createdAt ?? view.openedAt;
  const last = lastWordOf(log, view)?.seq;
  const all = timeline.filter((entry) => isAction(entry) && entry.at >= from && !settled.has(entry.seq) && entry.seq !== last);
  const isTalk = ({ seq }: TimelineEntry) => written.has(seq);
  // In a busy channel talk would push out what was done.
  const acts = all.filter((entry) => !isTalk(entry)).slice(1 - most);
  const since = [...acts, ...all.filter(isTalk).slice(acts.length - most)].toSorted((a, b) => a.at - b.at);
  return since.slice(-most).map((entry) => {
    // What a person wrote is what counts; of all else the line says it.
    const wrote = written.has(entry.seq) && entry.detail !== null ? `: “${outsideWords(entry.detail, LONGEST)}”` : "";
    return `${entryLine(entry, LONGEST)}${wrote}`;
  });
}
