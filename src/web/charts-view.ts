import type { ChartSeries } from "../incident/chart.ts";
import type { IncidentView } from "../incident/view.ts";
import { renderChart } from "./chart.ts";
import { type Html, html, outsideLink } from "./html.ts";

const MAX_CHARTS = 6;
/** The first is of what the page is about; the rest is one click away. */
const SHOWN = 1;
/** Quiet time shown before the time under suspicion, so that the eye has something to compare with. */
const QUIET_MS = 20 * 60_000;

/** Charts of the signals that speak for or against the suspects, with the changes near them. */
export function chartsView(id: string, view: IncidentView, from: number | null): Html {
  const charts = view.triage?.charts ?? [];
  if (charts.length === 0) return html``;
  const changes = new Map(
    (view.analysis?.suspects ?? []).flatMap(({ change }) => (change === null ? [] : [[`${change.kind} ${change.at}`, change]])),
  );
  const markers = [...changes.values()].map((change) => ({ at: change.at, label: change.kind }));
  const links = view.triage?.links ?? [];
  const shownFrom = from === null ? null : from - QUIET_MS;
  const drawn = (series: ChartSeries) => renderChart(id, series, { markers, from: shownFrom });
  const more = charts.slice(SHOWN, MAX_CHARTS);
  return html`<section class="card" id="charts">
    <h2>Signals</h2>
    <div class="charts">${charts.slice(0, SHOWN).map(drawn)}</div>
    ${
      more.length === 0
        ? null
        : html`<details id="more-charts">
            <summary>${more.length} more</summary>
            <div class="charts">${more.map(drawn)}</div>
          </details>`
    }
    ${links.length === 0 ? null : html`<p class="elsewhere">Open in ${links.map((link) => outsideLink(link.title, link.url, "ref"))}</p>`}
  </section>`;
}
