import type { ChartSeries } from "../incident/chart.ts";
import {
  type ChartMarker,
  chartSummary,
  earlierWords,
  finitePoints,
  linePath,
  placeLabels,
  plotOf,
  timeTicks,
} from "../report/chart-plot.ts";
import { minuteTime, quantity } from "../report/words.ts";
import { type Html, evidenceLinks, html } from "./html.ts";

// The line is stretched to the width there is; all else is placed in percent of it, so that letters keep their size on every screen.
const WIDTH = 400;
const PLOT = 112;
const TOP = 18;
const BOTTOM = 20;
/** Free percent at both sides, for what is drawn at the ends. */
const MARGIN = 2;
/** Of one more row of labels above the line. */
const ROW = 14;
/** About the width of "rollback 03:10" in a chart as narrow as there is, percent. */
const LABEL = 30;
const percentOf = (value: number) => `${value.toFixed(2)}%`;

/**
 * One series as a figure with inline SVG: the line, when it left its baseline, and the changes near it. Times are UTC.
 * @param options.markers changes of the incident; those outside the drawn time are left out
 * @param options.from where to begin, epoch milliseconds; points before it count for the words under the name only. null: draw all
 */
export function renderChart(
  id: string,
  series: ChartSeries,
  options: { readonly markers: readonly ChartMarker[]; readonly from: number | null },
): Html {
  const known = finitePoints(series);
  const plot = plotOf(series, { ...options, withEarlier: true });
  const name = html`<strong>${series.service}</strong>
    ${series.what}${series.instance === null ? null : html` <small>${series.instance}</small>`}`;
  const evidence = evidenceLinks(id, [series.evidence], series.service);
  if (plot === null) {
    const [only] = known;
    const empty = only === undefined ? "no data in this time" : `one value only: ${quantity(only.value, series.unit)}`;
    return html`<figure class="chart">
      <figcaption>${name} ${evidence}</figcaption>
      <p class="muted">${empty}</p>
    </figure>`;
  }
  const { points, first, last, low, high, onset, peak } = plot;
  const share = (at: number) => (at - first.at) / (last.at - first.at);
  const x = (at: number) => MARGIN + share(at) * (100 - 2 * MARGIN);
  const y = (value: number) => (1 - (value - low) / (high - low)) * PLOT;
  const labels = placeLabels(
    [
      ...plot.markers.map(({ at, label }) => ({ x: x(at), words: `${label} ${minuteTime(at)}`, kind: "change" as const })),
      ...(onset === null ? [] : [{ x: x(onset), words: `onset ${minuteTime(onset)}`, kind: "onset" as const }]),
    ],
    LABEL,
  );
  // The words are above the line, however many there are.
  const top = TOP + Math.max(0, ...labels.map(({ row }) => row)) * ROW;
  const height = top + PLOT + BOTTOM;
  const marks = labels.map(
    (one) =>
      html`<g class="${one.kind}">
        <line x1="${percentOf(one.x)}" x2="${percentOf(one.x)}" y1="${TOP - 6 + one.row * ROW}" y2="${top + PLOT}" />
        <text x="${percentOf(one.x)}" dx="${one.anchor === "start" ? 4 : -4}" y="${TOP - 6 + one.row * ROW}" text-anchor="${one.anchor}">
          ${one.words}
        </text>
      </g>`,
  );
  const past = earlierWords({ ...series, points: known });
  const summary = `${chartSummary({ ...series, points: known })}${past === null ? "" : `. ${past.replace(/\.$/, "")}`}`;
  const ticks = timeTicks(first.at, last.at).map(
    (at) =>
      html`<text class="tick" x="${percentOf(x(at))}" y="${height - 5}" text-anchor="${x(at) < 8 ? "start" : x(at) > 92 ? "end" : "middle"}"
        >${minuteTime(at)}</text
      >`,
  );
  const grid = [y(peak.value), y(low)].map(
    (at) => html`<line class="grid" x1="${MARGIN}%" x2="${100 - MARGIN}%" y1="${(top + at).toFixed(1)}" y2="${(top + at).toFixed(1)}" />`,
  );
  const path = linePath(points, (at) => share(at) * WIDTH, y, plot.gapMs);
  return html`<figure class="chart">
    <figcaption>${name} ${evidence}<span class="reading">${summary}</span></figcaption>
    <svg height="${height}" role="img" aria-label="${series.service} ${series.what}: ${summary}">
      ${grid}
      ${
        onset === null
          ? null
          : html`<rect
              class="after"
              x="${percentOf(x(onset))}"
              y="${top}"
              width="${percentOf(100 - MARGIN - x(onset))}"
              height="${PLOT}"
            />`
      }
      <svg
        x="${MARGIN}%"
        y="${top}"
        width="${100 - 2 * MARGIN}%"
        height="${PLOT}"
        viewBox="0 0 ${WIDTH} ${PLOT}"
        preserveAspectRatio="none"
        overflow="visible"
      >
        ${plot.earlier.map(
          ({ days, points: hour }) =>
            html`<path class="line earlier d${days}" d="${linePath(hour, (at) => share(at) * WIDTH, y, plot.gapMs)}" />`,
        )}
        <path class="line" d="${path}" />
      </svg>
      ${marks}
      <text class="tick top" x="${MARGIN}%" y="${(top + y(peak.value) - 4).toFixed(1)}">${quantity(peak.value, series.unit)}</text>
      ${ticks}
    </svg>
  </figure>`;
}
