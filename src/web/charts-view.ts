import type { ChartSeries } from "../incident/chart.ts";
import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import { chartsFrom, inDecidingOrder, markersOf } from "../report/deciding-chart.ts";
import { minuteTime, quantity } from "../report/words.ts";
import { renderChart } from "./chart.ts";
import { type Html, html, keepUnits, outsideLink } from "./html.ts";

const MAX_CHARTS = 7;
/** Share of the present rise that an earlier peak must have reached to be worth a word; as in `analysis/symptom.ts`. */
const REACHED = 0.8;

interface ChartModel {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
}

function draw({ id, log }: ChartModel, view: IncidentView): (series: ChartSeries) => Html {
  const options = { markers: markersOf(view), from: chartsFrom(log) };
  return (series) => renderChart(id, series, options);
}

/**
 * What the series was like before it left its usual range, in one sentence: an earlier peak of the same height is what a reader asks about first.
 * null: there was none, or nothing is known of the time before.
 */
export function earlierPeakLine({ points, onset, unit }: ChartSeries): string | null {
  if (onset === null) return null;
  const finite = points.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value));
  const before = finite.filter(({ at }) => at < onset);
  const after = finite.filter(({ at }) => at >= onset);
  const values = before.map(({ value }) => value).toSorted((a, b) => a - b);
  const usual = values[Math.floor(values.length / 2)];
  if (usual === undefined || after.length === 0) return null;
  const height = Math.max(...after.map(({ value }) => value));
  const peak = before.reduce((most, point) => (point.value > most.value ? point : most));
  if (height <= usual || peak.value - usual < REACHED * (height - usual)) return null;
  const calm = before.filter(({ at, value }) => at > peak.at && value - usual < (peak.value - usual) / 2)[0];
  const end = calm === undefined ? "" : `, and had fallen by ${minuteTime(calm.at)}`;
  return `It was about as high before: ${quantity(peak.value, unit)} at ${minuteTime(peak.at)}${end}. Height alone proves nothing.`;
}

const figureOf = (drawn: Html, series: ChartSeries, className = "") => {
  const earlier = earlierPeakLine(series);
  return html`<div class="${className}">${drawn} ${earlier === null ? null : html`<p class="muted peaks">${keepUnits(earlier)}</p>`}</div>`;
};

/** The chart of the fact that the answer rests on, for beside the claim, and where there is room what the page is about; null where there is none. */
export function decidingChart(model: ChartModel, view: IncidentView): Html | null {
  const [series, next] = inDecidingOrder(view);
  if (series === undefined) return null;
  const drawn = draw(model, view);
  return html`<div class="deciding">
    ${figureOf(drawn(series), series)} ${next === undefined ? null : figureOf(drawn(next), next, "on-wide")}
  </div>`;
}

/** The other signals that speak for or against the suspects, with the changes near them. */
export function chartsView(model: ChartModel, view: IncidentView): Html {
  const charts = inDecidingOrder(view).slice(1, MAX_CHARTS);
  const links = view.triage?.links ?? [];
  if (charts.length + links.length === 0) return html``;
  const drawn = draw(model, view);
  return html`<details class="card" id="charts">
    <summary>Other signals</summary>
    <div class="charts">${charts.map((series, place) => figureOf(drawn(series), series, place === 0 ? "on-narrow" : ""))}</div>
    ${links.length === 0 ? null : html`<p class="elsewhere">Open in ${links.map((link) => outsideLink(link.title, link.url, "ref"))}</p>`}
  </details>`;
}
