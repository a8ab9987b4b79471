import type { ChartSeries } from "../incident/chart.ts";
import { blamed } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";

/**
 * An incident's charts, first the one of the fact that the answer rests on: the blamed service's log lines where they decide, else its own signal;
 * then what the page is about, then one of each further service, then the rest.
 */
export function inDecidingOrder(view: IncidentView): readonly ChartSeries[] {
  const charts = view.triage?.charts ?? [];
  const service = view.investigation?.finding?.service ?? blamed(view.analysis)[0]?.service ?? null;
  const symptom = view.analysis?.symptoms[0];
  const own = charts.filter((one) => one.service === service);
  const first = [
    own.find(({ decides }) => decides === true) ?? own.find(({ onset }) => onset !== null),
    charts.find(({ series }) => series !== undefined && series === symptom?.series),
    ...new Map(charts.toReversed().map((one) => [one.service, one])).values(),
  ].filter((one) => one !== undefined);
  return [...new Set([...first, ...charts])];
}
