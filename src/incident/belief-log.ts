import { type Belief, beliefAfter } from "./belief.ts";
import { changeOfId } from "./change-id.ts";
import type { EventOf, LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";
import { type Analysis, culpritOf } from "./finding.ts";
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

/** Oldest first. */
export const readingsOf = (log: readonly LoggedEvent[]): BeliefRead[] =>
  log.flatMap(({ event }) => (event.type === "belief-read" ? [event] : []));

/** What was last said of an incident: the triage's, the model's finding, and what later readings changed; null before there is any. */
export function lastBelief(log: readonly LoggedEvent[], { analysis, triage, investigation }: IncidentView): Belief | null {
  const started = newestOf(log, "triage-started")?.event;
  if (analysis === null || triage === null || started === undefined) return null;
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
  return readingsOf(log).reduce((belief, read) => beliefAfter(belief, read, read.asOf), first);
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
