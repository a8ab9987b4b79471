import type { ChartSeries } from "../incident/chart.ts";
import type { Point } from "../incident/telemetry.ts";
import { minuteTime, quantity } from "../incident/words.ts";
import { type Html, evidenceLinks, html } from "./html.ts";

/** A change drawn as a line across a chart. */
export interface ChartMarker {
  readonly at: number;
  /** A word or two: "deploy". */
  readonly label: string;
}

// One size for all screens: on a phone a chart is about as wide as this, so its letters keep their size.
const WIDTH = 400;
const HEIGHT = 150;
const LEFT = 8;
const RIGHT = 8;
const TOP = 18;
const BOTTOM = 20;
/** More points than this are no longer seen: the smallest and largest of each column are kept, so spikes stay. */
const COLUMNS = 360;
const FEWEST = 20;

/** Keeps the first, last, smallest and largest point of each column, in their order. */
export function thinOut(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= columns * 4) return points;
  const size = points.length / columns;
  const kept: Point[] = [];
  for (let column = 0; column < columns; column += 1) {
    const slice = points.slice(Math.floor(column * size), Math.floor((column + 1) * size));
    const [first] = slice;
    if (first === undefined) continue;
    let least = first;
    let most = first;
    for (const point of slice) {
      if (point.value < least.value) least = point;
      if (point.value > most.value) most = point;
    }
    const chosen = new Set([first, least, most, slice.at(-1) ?? first]);
    kept.push(...slice.filter((point) => chosen.has(point)));
  }
  return kept;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2;
}

/** Round numbers for an axis from 0 (or below) to the maximum. */
function scaleOf(points: readonly Point[]): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (const { value } of points) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Availability and the like live near their ceiling: a line that never falls far is drawn over its own range.
  const least = points.reduce((smallest, { value }) => Math.min(smallest, value), Number.POSITIVE_INFINITY);
  if (least > 0 && least > high * 0.75 && high > least) low = least - (high - least) * 0.5;
  return high === low ? { low, high: low + 1 } : { low, high: high + (high - low) * 0.08 };
}

/** Path of the line; a hole of more than two and a half steps starts a new piece. */
function linePath(points: readonly Point[], x: (at: number) => number, y: (value: number) => number, gapMs: number): string {
  let path = "";
  let previous: number | null = null;
  for (const { at, value } of points) {
    const start = previous === null || at - previous > gapMs;
    path += `${start ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    // A lone point is a zero-length stroke, which round caps show as a dot.
    if (start) path += `h0`;
    previous = at;
  }
  return path;
}

/** Instants for the time axis: round minutes, three to five of them. */
function timeTicks(from: number, to: number): number[] {
  const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].find((step) => (to - from) / (step * 60_000) <= 5) ?? 2880;
  const step = minutes * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 8; at += step) ticks.push(at);
  return ticks;
}

/** What the line says, for people who don't see it: "210 ms before 03:11, then at most 4.8 s, 4.7 s last". */
export function chartSummary(series: ChartSeries): string {
  const { points, onset, unit } = series;
  const last = points.at(-1);
  if (last === undefined) return "no data";
  const say = (value: number) => quantity(value, unit);
  const before = median(points.filter((point) => onset === null || point.at < onset).map((point) => point.value));
  if (onset === null)
    return `${before === null ? "" : `median ${say(before)}, no change seen, `}${say(last.value)} at ${minuteTime(last.at)}`;
  const after = points.filter((point) => point.at >= onset);
  const falls = before !== null && (median(after.map((point) => point.value)) ?? before) < before;
  const extreme = after.reduce<number | null>((found, { value }) => {
    if (found === null) return value;
    return falls ? Math.min(found, value) : Math.max(found, value);
  }, null);
  const moves = [
    ...(before === null ? [] : [`median ${say(before)} before ${minuteTime(onset)}`]),
    ...(extreme === null ? [] : [`${falls ? "down" : "up"} to ${say(extreme)}`]),
  ];
  return `${moves.join(", then ")}; ${say(last.value)} at ${minuteTime(last.at)}`;
}

const clampLabel = (x: number): { x: number; anchor: string } =>
  x > WIDTH - 70 ? { x: x - 4, anchor: "end" } : { x: x + 4, anchor: "start" };

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
  const known = series.points.filter((point) => Number.isFinite(point.value) && Number.isFinite(point.at));
  // A series with few points keeps enough of them to be a line.
  const from = Math.min(options.from ?? Number.NEGATIVE_INFINITY, known.at(-FEWEST)?.at ?? Number.NEGATIVE_INFINITY);
  const finite = known.filter((point) => point.at >= from);
  const points = thinOut(finite, COLUMNS);
  const [first] = points;
  const last = points.at(-1);
  const name = html`<strong>${series.service}</strong>
    ${series.what}${series.instance === null ? null : html` <small>${series.instance}</small>`}`;
  const evidence = evidenceLinks(id, [series.evidence]);
  if (first === undefined || last === undefined || last.at <= first.at) {
    const empty = first === undefined ? "no data in this time" : `one value only: ${quantity(first.value, series.unit)}`;
    return html`<figure class="chart">
      <figcaption>${name} ${evidence}</figcaption>
      <p class="muted">${empty}</p>
    </figure>`;
  }
  const { low, high } = scaleOf(points);
  const x = (at: number) => LEFT + ((at - first.at) / (last.at - first.at)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const steps = finite.slice(1).map((point, index) => point.at - (finite[index]?.at ?? point.at));
  const gapMs = (median(steps) ?? 60_000) * 2.5 * Math.max(1, finite.length / points.length);
  const inside = (at: number) => at >= first.at && at <= last.at;
  const mark = (at: number, label: string, kind: string, row: number) => {
    const at2 = clampLabel(x(at));
    return html`<g class="${kind}">
      <line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${TOP - 6}" y2="${HEIGHT - BOTTOM}" />
      <text x="${at2.x.toFixed(1)}" y="${TOP - 6 + row * 13}" text-anchor="${at2.anchor}">${label} ${minuteTime(at)}</text>
    </g>`;
  };
  const shown = options.markers.filter((marker) => inside(marker.at)).slice(0, 3);
  const onset = series.onset !== null && inside(series.onset) ? series.onset : null;
  const summary = chartSummary({ ...series, points: known });
  const ticks = timeTicks(first.at, last.at).map(
    (at) =>
      html`<text
        class="tick"
        x="${x(at).toFixed(1)}"
        y="${HEIGHT - 5}"
        text-anchor="${x(at) < 24 ? "start" : x(at) > WIDTH - 24 ? "end" : "middle"}"
        >${minuteTime(at)}</text
      >`,
  );
  const peak = points.reduce((found, point) => (point.value > found.value ? point : found), first);
  const grid = [y(peak.value), y(low)].map(
    (at) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}" />`,
  );
  return html`<figure class="chart">
    <figcaption>${name} ${evidence}<span class="reading">${summary}</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${series.service} ${series.what}: ${summary}">
      ${grid}
      ${
        onset === null
          ? null
          : html`<rect
              class="after"
              x="${x(onset).toFixed(1)}"
              y="${TOP}"
              width="${(WIDTH - RIGHT - x(onset)).toFixed(1)}"
              height="${HEIGHT - TOP - BOTTOM}"
            />`
      }
      <path class="line" d="${linePath(points, x, y, gapMs)}" />
      ${shown.map((marker, row) => mark(marker.at, marker.label, "change", row))}
      ${onset === null ? null : mark(onset, "onset", "onset", shown.length)}
      <text class="tick top" x="${LEFT}" y="${(y(peak.value) - 4).toFixed(1)}">${quantity(peak.value, series.unit)}</text>
      ${ticks}
    </svg>
  </figure>`;
}
