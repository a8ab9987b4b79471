import { type BeliefState, HOME_MS, SETTLED_MS } from "./belief.ts";
import { lastBelief, readingsOf, resolvedAt } from "./belief-log.ts";
import type { IncidentEvent, LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";
import { pagerEventKind } from "./pager-event.ts";
import { stepIds, stepKind } from "./step-id.ts";
import type { IncidentView } from "./view.ts";

/** When an open incident is read again, and when midwatch looks for changes in between: `docs/belief.md`. */

const minute = 60_000;
/** After the first words people look most; later a look each hour is enough. */
const READ_AGAIN_MS: readonly number[] = [2, 5, 15, 30].map((minutes) => minutes * minute);
const EVERY_MS = 60 * minute;
const LONGEST_MS = 24 * 60 * minute;

/** What a reading left to wait for. Instants in epoch milliseconds. */
interface LastReading {
  readonly asOf: number;
  readonly state: BeliefState;
  readonly since: number;
}

/**
 * When an incident is read again, or null: it is read no more.
 * @param from when it was first described
 * @param acted changes in it and the page's end, as far as known: what they did shows some minutes later
 * @param heard when something was heard that calls for a reading at once; several within a minute are one
 */
export function readAgainAt(from: number, last: LastReading, acted: readonly number[], heard: readonly number[] = []): number | null {
  const planned = READ_AGAIN_MS.map((after) => from + after).find((at) => at > last.asOf);
  const hourly = from + Math.ceil((last.asOf + 1 - from) / EVERY_MS) * EVERY_MS;
  const soon = [
    // Nobody waits for the next hour to hear that it is over, or that a rollback did not help.
    ...(last.state === "recovering" ? [Math.max(last.since + HOME_MS, last.asOf + (last.asOf - last.since) / 4) + minute] : []),
    ...acted.map((at) => at + SETTLED_MS + 2 * minute),
    ...heard.flatMap((at) => (at > last.asOf ? [Math.max(at, last.asOf + minute)] : [])),
  ].filter((at) => at > last.asOf);
  const at = Math.min(planned ?? hourly, ...soon);
  return at > from + LONGEST_MS ? null : at;
}

/** People act soon after they were called; a call each minute is little then. */
const WATCHED_MS = 30 * minute;
const WATCHED_EVERY_MS = minute;
const LATER_EVERY_MS = 5 * minute;
const LONGEST_WATCH_MS = 4 * 60 * minute;

/**
 * When it is looked whether anybody changed something, or null: no more. A merge of the draft is followed by its deploy.
 * @param from when the incident was first described
 * @param last when it was looked at last, by a reading or by such a look
 * @param mergedAt when the draft was merged; null: it was not
 */
export function lookForChangesAt(from: number, last: number, mergedAt: number | null): number | null {
  const isWatched = [from, ...(mergedAt === null ? [] : [mergedAt])].some((at) => last >= at && last < at + WATCHED_MS);
  const at = last + (isWatched ? WATCHED_EVERY_MS : LATER_EVERY_MS);
  const isLate = [from + LONGEST_WATCH_MS, ...(mergedAt === null ? [] : [mergedAt + WATCHED_MS])].every((end) => at > end);
  return isLate ? null : at;
}

const isLook = (step: string): boolean => stepKind(step) === stepKind(stepIds.lookForChanges(1));
const isReading = (step: string): boolean => stepKind(step) === stepKind(stepIds.readAgain(1));

/** Whether trouble was found, or may be there: all else is not read again. */
const isWatched = ({ analysis, investigation }: IncidentView): boolean => {
  const verdict = (investigation?.finding ?? analysis)?.verdict;
  return verdict === "incident" || verdict === "inconclusive";
};

/**
 * Up to when an incident was looked at that is not read again: nothing was wrong, or it was over, or nothing could be read. What comes later needs a
 * look of its own. null: it is read again, or its triage is not done.
 */
export function lookedAtUntil(log: readonly LoggedEvent[], view: IncidentView): number | null {
  if (view.analysis !== null) return isWatched(view) ? null : (newestOf(log, "triage-started")?.event.asOf ?? null);
  return view.failures.some(({ step }) => step === stepIds.triage) ? view.openedAt : null;
}

/** When an incident is read again, and the number of that reading; null: it is not. Until its investigation has ended it is not. */
export function nextReading(log: readonly LoggedEvent[], view: IncidentView): { readonly number: number; readonly at: number } | null {
  const belief = lastBelief(log, view);
  const { analysis, investigation, triageAt, finished } = view;
  if (!finished || belief === null || triageAt === null || !isWatched(view)) return null;
  const verdict = (investigation?.finding ?? analysis)?.verdict;
  const all = readingsOf(log);
  const failed = log.filter(({ event }) => event.type === "step-failed" && event.final && isReading(event.step));
  const read = all.at(-1);
  const last: LastReading = {
    asOf: Math.max(read?.asOf ?? triageAt, failed.at(-1)?.at ?? 0),
    state: read?.state ?? "same",
    since: read?.since ?? triageAt,
  };
  const resolved = resolvedAt(log, view);
  // What the pager calls over is over, unless its signals say otherwise.
  if (resolved !== null && (belief.recoveredAt !== null || verdict === "inconclusive")) return null;
  if (resolved !== null && read !== undefined && read.asOf > resolved && !read.isOut && read.state !== "recovering") return null;
  const acted = [
    ...(read?.undoneAt == null ? [] : [read.undoneAt]),
    ...log.flatMap(({ event }) => (event.type === "changes-looked-for" ? event.changed : [])),
    ...(resolved === null ? [] : [resolved]),
  ];
  const heard = log.flatMap(({ at, event }) => (callsForReading(event) ? [at] : []));
  const at = readAgainAt(triageAt, last, acted, heard);
  return at === null ? null : { number: all.length + failed.length + 1, at };
}

/** Whether nobody should wait with a reading: something was changed, a page joined, or the same one came again. */
const callsForReading = (event: IncidentEvent): boolean =>
  (event.type === "changes-looked-for" && event.changed.length > 0) ||
  event.type === "page-joined" ||
  event.type === "page-received" ||
  (event.type === "pager-event-received" && pagerEventKind(event) === "reopened");

const looks = (log: readonly LoggedEvent[]) => log.flatMap(({ event }) => (event.type === "changes-looked-for" ? [event] : []));

/** Which changes later looks have seen, and when the newest of them was; null: none was yet. */
export const knownChanges = (log: readonly LoggedEvent[]): { readonly at: ReadonlySet<number>; readonly lookedAt: number | null } => ({
  at: new Set(looks(log).flatMap(({ changed }) => changed)),
  lookedAt: looks(log).at(-1)?.asOf ?? null,
});

/** When midwatch looks whether anybody changed something in an incident that is read again, and the number of that look; null: no more. */
export function nextLook(log: readonly LoggedEvent[], view: IncidentView): { readonly number: number; readonly at: number } | null {
  const { triageAt, fixChange } = view;
  if (triageAt === null) return null;
  const failed = log.filter(({ event }) => event.type === "step-failed" && event.final && isLook(event.step));
  const all = looks(log);
  const last = Math.max(triageAt, all.at(-1)?.asOf ?? 0, failed.at(-1)?.at ?? 0);
  const at = lookForChangesAt(triageAt, last, fixChange?.what === "merged" ? fixChange.when : null);
  return at === null ? null : { number: all.length + failed.length + 1, at };
}
