import type { ChartSeries, EarlierHour } from "../incident/chart.ts";
import type { Point } from "../incident/telemetry.ts";
import { minuteTime, quantity } from "./words.ts";

/** What of a series is drawn, and where, on whatever surface. */

/** A change drawn as a line across a chart. */
export interface ChartMarker {
  readonly at: number;
  /** A word or two: "deploy". */
  readonly label: string;
}

/** More points than this are no longer seen: the smallest and largest of each column are kept, so spikes stay. */
const COLUMNS = 360;
const FEWEST = 20;
const MOST_MARKERS = 3;

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

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2;
}

/** Round numbers for an axis from 0 (or below) to the maximum. */
export function scaleOf(points: readonly Point[]): { low: number; high: number } {
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
export function linePath(points: readonly Point[], x: (at: number) => number, y: (value: number) => number, gapMs: number): string {
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

/** Instants for a time axis: whole minutes, `most` of them or a little less. */
export function timeTicks(from: number, to: number, most = 5): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080];
  const minutes = steps.find((step) => (to - from) / (step * 60_000) <= most) ?? 43_200;
  const step = minutes * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < most + 3; at += step) ticks.push(at);
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

const DAY_WORDS = { 1: "yesterday", 7: "a week before" } as const;

/** "the same time yesterday: median 210 ms; a week before: median 205 ms", of the time since the onset; null: nothing is known of those days. */
export function earlierWords({ earlier = [], onset, points, unit }: ChartSeries): string | null {
  const [from, to] = [onset ?? points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const known = earlier.flatMap(({ days, points: past }) => {
    const middle = median(past.filter(({ at }) => at >= from && at <= to).map(({ value }) => value));
    return middle === null ? [] : [`${DAY_WORDS[days]}: median ${quantity(middle, unit)}`];
  });
  return known.length === 0 ? null : `The same time ${known.join("; ")}.`;
}

/** A line across the chart, with the row of its words: 0 is the highest. */
export interface PlacedLabel {
  readonly x: number;
  readonly words: string;
  readonly kind: "change" | "onset";
  readonly anchor: "start" | "end";
  readonly row: number;
}

/**
 * Gives each label a row in which it covers no other, and no line that begins further up.
 * @param labels `x` in percent of the width
 * @param width of the widest label, percent
 */
export function placeLabels(labels: readonly Pick<PlacedLabel, "x" | "words" | "kind">[], width: number): PlacedLabel[] {
  const anchorOf = (x: number) => (x > 100 - width ? "end" : "start");
  // Each next one begins further down and beside the lines before it.
  const starts = labels.filter(({ x }) => anchorOf(x) === "start").toSorted((a, b) => a.x - b.x);
  const ends = labels.filter(({ x }) => anchorOf(x) === "end").toSorted((a, b) => b.x - a.x);
  const placed: PlacedLabel[] = [];
  const spanOf = ({ x, anchor }: Pick<PlacedLabel, "x" | "anchor">) =>
    anchor === "start" ? { from: x, to: x + width } : { from: x - width, to: x };
  for (const label of [...starts, ...ends]) {
    const anchor = anchorOf(label.x);
    const own = spanOf({ x: label.x, anchor });
    const near = placed.filter((other) => spanOf(other).from < own.to && spanOf(other).to > own.from);
    placed.push({ ...label, anchor, row: Math.max(-1, ...near.map(({ row }) => row)) + 1 });
  }
  return placed;
}

/** A series as it is drawn. */
export interface ChartPlot {
  /** Oldest first, thinned out. */
  readonly points: readonly Point[];
  readonly first: Point;
  readonly last: Point;
  readonly peak: Point;
  /** Ends of the axis of values. */
  readonly low: number;
  readonly high: number;
  /** A longer hole than this is no line, ms. */
  readonly gapMs: number;
  /** null: there is none, or it is outside of the drawn time. */
  readonly onset: number | null;
  readonly markers: readonly ChartMarker[];
  /** The same hours of earlier days, within the drawn time. */
  readonly earlier: readonly EarlierHour[];
}

/** Of a series, what can be drawn. */
export const finitePoints = ({ points }: Pick<ChartSeries, "points">): readonly Point[] =>
  points.filter(({ at, value }) => Number.isFinite(value) && Number.isFinite(at));

/**
 * How a series is drawn; null where its points make no line.
 * @param options.markers changes of the incident; those outside the drawn time are left out
 * @param options.from where to begin, epoch milliseconds; null: draw all
 * @param options.withEarlier whether earlier days are drawn too. Default: they are not
 */
export function plotOf(
  series: ChartSeries,
  options: { readonly markers: readonly ChartMarker[]; readonly from: number | null; readonly withEarlier?: boolean },
): ChartPlot | null {
  const known = finitePoints(series);
  // A series with few points keeps enough of them to be a line.
  const from = Math.min(options.from ?? Number.NEGATIVE_INFINITY, known.at(-FEWEST)?.at ?? Number.NEGATIVE_INFINITY);
  const finite = known.filter((point) => point.at >= from);
  const points = thinOut(finite, COLUMNS);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  const steps = finite.slice(1).map((point, index) => point.at - (finite[index]?.at ?? point.at));
  const inside = (at: number) => at >= first.at && at <= last.at;
  const earlier = (options.withEarlier === true ? (series.earlier ?? []) : []).map((one) => ({
    ...one,
    points: one.points.filter(({ at }) => inside(at)),
  }));
  return {
    ...{ points, first, last, earlier, ...scaleOf([...points, ...earlier.flatMap((one) => one.points)]) },
    peak: points.reduce((found, point) => (point.value > found.value ? point : found), first),
    gapMs: (median(steps) ?? 60_000) * 2.5 * Math.max(1, finite.length / points.length),
    onset: series.onset !== null && inside(series.onset) ? series.onset : null,
    markers: options.markers.filter(({ at }) => inside(at)).slice(0, MOST_MARKERS),
  };
}
