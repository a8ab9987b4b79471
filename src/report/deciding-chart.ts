import type { ChartSeries } from "../incident/chart.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { blamed } from "../incident/finding.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { IncidentView } from "../incident/view.ts";
import type { ChartMarker } from "./chart-plot.ts";

/** Quiet time shown before the time under suspicion, so that the eye has something to compare with. */
const QUIET_MS = 20 * 60_000;

/** The chart of the fact that the answer rests on; null where nothing is blamed, or the fact has no series. */
export function decidingSeries(view: IncidentView): ChartSeries | null {
  const service = view.investigation?.finding?.service ?? blamed(view.analysis)[0]?.service ?? null;
  const own = (view.triage?.charts ?? []).filter((one) => one.service === service);
  return own.find(({ decides }) => decides === true) ?? own.find(({ onset }) => onset !== null) ?? null;
}

/**
 * Changes of the suspects, as they are marked in charts, those of the first suspect first.
 * @param service of this one alone; default: of all
 */
export function markersOf(view: IncidentView, service: string | null = null): ChartMarker[] {
  const suspects = (view.analysis?.suspects ?? []).filter((suspect) => service === null || suspect.service === service);
  const changes = suspects.flatMap(({ change }) => change ?? []);
  return [...new Map(changes.map((change) => [`${change.kind} ${change.at}`, change])).values()].map(({ at, kind }) => ({
    at,
    label: kind,
  }));
}

/** Where an incident's charts begin, epoch milliseconds; null: nothing limits them. */
export function chartsFrom(log: readonly LoggedEvent[]): number | null {
  const start = newestOf(log, "triage-started")?.event.window.from ?? null;
  return start === null ? null : start - QUIET_MS;
}

/**
 * An incident's charts, first the one of the fact that the answer rests on: the blamed service's log lines where they decide, else its own signal;
 * then what the page is about, then one of each further service, then the rest.
 */
export function inDecidingOrder(view: IncidentView): readonly ChartSeries[] {
  const charts = view.triage?.charts ?? [];
  const symptom = view.analysis?.symptoms[0];
  const first = [
    decidingSeries(view),
    charts.find(({ series }) => series !== undefined && series === symptom?.series),
    ...new Map(charts.toReversed().map((one) => [one.service, one])).values(),
  ].filter((one) => one !== undefined && one !== null);
  return [...new Set([...first, ...charts])];
}
