import { type Belief, beliefAfter, type LastReading, lookForChangesAt, readAgainAt } from "./belief.ts";
import { changeOfId } from "./change-id.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "./event.ts";
import { type Analysis, culpritOf } from "./finding.ts";
import { pagerEventKind } from "./pager-event.ts";
import { stepIds, stepKind } from "./step-id.ts";
import type { ChangeEvent } from "./telemetry.ts";
import type { IncidentView } from "./view.ts";

type BeliefRead = EventOf<"belief-read">;

/** What is said of an incident, from its log. */

const blamedOf = (change: ChangeEvent | null | undefined): Belief["change"] =>
  change == null ? null : { service: change.service, sha: change.sha, version: change.version, at: change.at };

/** What an analysis says of an incident. @param asOf up to when it was read */
export function beliefOf(analysis: Analysis, asOf: number): Belief {
  const culprit = culpritOf(analysis);
  return {
    ...{ state: "same", asOf, onset: analysis.onset, suspect: culprit?.service ?? null, change: blamedOf(culprit?.change) },
    recoveredAt: analysis.verdict === "recovered" ? (analysis.recoveredAt ?? null) : null,
    ...{ worseSince: null, isStillBad: false },
    series: analysis.symptoms.flatMap(({ series, until }) => (series === undefined || until !== undefined ? [] : [series])),
  };
}

const readings = (log: readonly LoggedEvent[]): BeliefRead[] => log.flatMap(({ event }) => (event.type === "belief-read" ? [event] : []));

/** What was last said of an incident: the triage's, the model's finding, and what later readings changed; null before there is any. */
export function lastBelief(log: readonly LoggedEvent[], { analysis, triage, investigation }: IncidentView): Belief | null {
  const started = log.findLast(({ event }) => event.type === "triage-started")?.event;
  if (analysis === null || triage === null || started?.type !== "triage-started") return null;
  const data = beliefOf(analysis, started.asOf);
  const finding = investigation?.finding ?? null;
  const first =
    finding?.verdict !== "incident"
      ? data
      : {
          ...data,
          suspect: finding.service,
          change: finding.change === null ? null : blamedOf(changeOfId(triage.changes, finding.change)),
        };
  return readings(log).reduce((belief, read) => beliefAfter(belief, read, read.asOf), first);
}

/** Readings that changed what was said, with their places in the log, oldest first. */
export const newsOf = (log: readonly LoggedEvent[]): { readonly seq: number; readonly event: BeliefRead }[] =>
  log.flatMap(({ seq, event }) =>
    event.type === "belief-read" && event.state !== "same" && event.state !== "recovering" ? [{ seq, event }] : [],
  );

/** Unprompted messages of one incident in an hour, at most. */
const MOST_SAID = 3;
const HOUR_MS = 3_600_000;

/** The newest news that people did not hear, and from when on they may be; null: there is none. What it supersedes is not said. */
export function unsaid(log: readonly LoggedEvent[]): { readonly seq: number; readonly event: BeliefRead; readonly from: number } | null {
  const newest = newsOf(log).at(-1);
  const said = log.flatMap(({ at, event }) => (event.type === "belief-said" ? [{ at, reading: event.reading }] : []));
  if (newest === undefined || said.some(({ reading }) => reading >= newest.seq)) return null;
  const [oldest] = said.slice(-MOST_SAID);
  return { ...newest, from: said.length < MOST_SAID || oldest === undefined ? 0 : oldest.at + HOUR_MS };
}

/** When the pager's page was resolved; null while it is open. */
export function resolvedAt(log: readonly LoggedEvent[], { status }: IncidentView): number | null {
  if (status !== "resolved") return null;
  const told = log.findLast(({ event }) => event.type === "pager-event-received" && event.page?.status === "resolved");
  return told?.event.type === "pager-event-received" ? told.event.occurredAt : (told?.at ?? null);
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
  const started = log.findLast(({ event }) => event.type === "triage-started")?.event;
  if (view.analysis !== null) return isWatched(view) || started?.type !== "triage-started" ? null : started.asOf;
  return view.failures.some(({ step }) => step === stepIds.triage) ? view.openedAt : null;
}

/** When an incident is read again, and for the how manieth time; null: it is not. Until its investigation has ended it is not. */
export function nextReading(log: readonly LoggedEvent[], view: IncidentView): { readonly number: number; readonly at: number } | null {
  const belief = lastBelief(log, view);
  const { analysis, investigation, triageAt, finished } = view;
  if (!finished || belief === null || triageAt === null || !isWatched(view)) return null;
  const verdict = (investigation?.finding ?? analysis)?.verdict;
  const all = readings(log);
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

/** When it is looked whether anybody changed something in an incident that is read again, and for the how manieth time; null: no more. */
export function nextLook(log: readonly LoggedEvent[], view: IncidentView): { readonly number: number; readonly at: number } | null {
  const { triageAt, fixChange } = view;
  if (triageAt === null) return null;
  const failed = log.filter(({ event }) => event.type === "step-failed" && event.final && isLook(event.step));
  const all = looks(log);
  const last = Math.max(triageAt, all.at(-1)?.asOf ?? 0, failed.at(-1)?.at ?? 0);
  const at = lookForChangesAt(triageAt, last, fixChange?.what === "merged" ? fixChange.when : null);
  return at === null ? null : { number: all.length + failed.length + 1, at };
}

/** Services that an incident is about, by the catalog's names: whom it blames first, then the paged one, then what moved. */
export function servicesIn(log: readonly LoggedEvent[], view: IncidentView): readonly string[] {
  const { triage, trigger } = view;
  const belief = lastBelief(log, view);
  const all = [
    ...[belief?.change?.service, belief?.suspect, trigger?.service?.name],
    ...(triage?.analysis.symptoms ?? []).map(({ service }) => service),
    ...(triage?.analysis.suspects ?? []).map(({ service }) => service),
  ];
  return [...new Set(all.filter((service) => service != null))];
}
