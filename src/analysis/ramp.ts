import type { Point } from "../incident/telemetry.ts";
import { median } from "./baseline.ts";

/** A series that grows (or falls) steadily up to its end, rather than by a step. */
export interface Ramp {
  /** Where the growth begins: the change that started it is before this, however long ago. null: it grew from the first point on. */
  readonly foot: number | null;
  /** How far off the foot may be, milliseconds. */
  readonly slackMs: number;
  readonly before: number;
  /** The newest level; where it fell back in between, the furthest one. */
  readonly now: number;
  /** In the series' own unit. */
  readonly perHour: number;
  /** How often it fell back and grew again: restarts, log rotations, compactions. */
  readonly falls: number;
}

const BINS = 24;
const FEWEST_POINTS = 12;
const SHORTEST_MS = 15 * 60_000;
/** A line from a foot must leave less than this part of what the best step leaves: on a true step it leaves about as much. */
const BETTER_THAN_STEP = 0.6;
const STEADY = 0.7;
const OVER_NOISE = 6;
const MOST_FALLS = 6;
/** A sawtooth is so many times as high as its usual step. */
const SMOOTH = 12;
/** Growth by less than this part of the level (or of what it grew to) is drift. */
const LEAST_GAIN = 0.08;

/**
 * Finds steady growth that goes on to the newest points: level, then a line up to the end, which fits much better than a step does. The record is
 * read in 24 bins, each by its median, so that single points and a noisy minute decide nothing.
 * @param points oldest first; a fall by more than half of what was gained (a restart) is taken as a new beginning of the same growth
 */
export function findRamp(points: readonly Point[]): Ramp | null {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const first = finite[0];
  const last = finite.at(-1);
  if (first === undefined || last === undefined || finite.length < FEWEST_POINTS || last.at - first.at < SHORTEST_MS) return null;
  const { lifted, falls } = withoutFalls(finite);
  const bins = binned(lifted);
  if (bins.length < 8) return null;
  const line = bestHinge(bins);
  const gain = line.slope * ((bins.at(-1)?.at ?? 0) - line.foot);
  const after = bins.filter(({ at }) => at >= line.foot);
  const end = Math.abs(bins.at(-1)?.value ?? 0);
  if (Math.abs(gain) < LEAST_GAIN * Math.max(end, Math.abs(end - gain))) return null;
  if (after.length < 5 || last.at - line.foot < SHORTEST_MS) return null;
  if (line.left > 0.2 * squares(bins.map(({ value }) => value)) || line.left > BETTER_THAN_STEP * bestStep(bins)) return null;
  if (Math.abs(gain) < OVER_NOISE * noiseOf(lifted, bins)) return null;
  const rising = after.slice(1).filter(({ value }, index) => Math.sign(value - (after[index]?.value ?? 0)) === Math.sign(gain)).length;
  if (rising < STEADY * (after.length - 1)) return null;
  const isWhole = line.foot <= (bins[1]?.at ?? 0);
  const level = isWhole ? first.value : median(finite.filter(({ at }) => at < line.foot).map(({ value }) => value));
  return {
    foot: isWhole ? null : Math.round(line.foot),
    // The foot is one of the bins, and growth leaves the noise a bin later.
    slackMs: 1.5 * ((last.at - first.at) / BINS),
    before: level,
    now: falls === 0 ? median(finite.slice(-3).map(({ value }) => value)) : furthest(finite, line.foot, line.slope > 0),
    perHour: line.slope * 3_600_000,
    falls,
  };
}

/** How far a growth went that fell back in between: its newest value may be from just after a fall. */
function furthest(points: readonly Point[], foot: number, rises: boolean): number {
  const since = points.filter(({ at }) => at >= foot).map(({ value }) => value);
  return rises ? Math.max(...since) : Math.min(...since);
}

/** Lays what was regained after a sudden fall on top of what there was, so that a sawtooth is one line. */
function withoutFalls(points: readonly Point[]): { lifted: Point[]; falls: number } {
  const values = points.map(({ value }) => value);
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const lifted: Point[] = [];
  let raised = 0;
  let falls = 0;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1]?.value ?? point.value;
    if (range > 0 && before - point.value > 0.5 * (before - low) && before - point.value > 0.3 * range) {
      raised += before - point.value;
      falls += 1;
    }
    lifted.push({ at: point.at, value: point.value + raised });
  }
  if (falls === 0) return { lifted, falls };
  // Where neighbouring points lie far apart there is no growth in between that falls could cut: noise, laid on top of itself, would rise for ever.
  const jumps = median(points.slice(1).map(({ value }, index) => Math.abs(value - (points[index]?.value ?? value))));
  return falls <= MOST_FALLS && range > SMOOTH * jumps ? { lifted, falls } : { lifted: [...points], falls: 0 };
}

function binned(points: readonly Point[]): Point[] {
  const from = points[0]?.at ?? 0;
  const wide = ((points.at(-1)?.at ?? 0) - from + 1) / BINS;
  const groups = new Map<number, number[]>();
  for (const { at, value } of points) {
    const bin = Math.floor((at - from) / wide);
    const inside = groups.get(bin);
    if (inside === undefined) groups.set(bin, [value]);
    else inside.push(value);
  }
  return [...groups].map(([bin, inside]) => ({ at: from + (bin + 0.5) * wide, value: median(inside) }));
}

/** Median distance of neighbouring points, as a standard deviation; a hundredth of the level at least. */
function noiseOf(points: readonly Point[], bins: readonly Point[]): number {
  const jumps = points.slice(1).map(({ value }, index) => Math.abs(value - (points[index]?.value ?? value)));
  const level = Math.max(...bins.map(({ value }) => Math.abs(value)));
  return Math.max((median(jumps) * 1.4826) / Math.SQRT2, 0.01 * level, 1e-12);
}

function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

function bestStep(bins: readonly Point[]): number {
  const values = bins.map(({ value }) => value);
  let least = squares(values);
  for (let split = 1; split < values.length; split += 1)
    least = Math.min(least, squares(values.slice(0, split)) + squares(values.slice(split)));
  return least;
}

/** Least squares of `level + slope × max(0, t − foot)`, for each bin as foot. */
function bestHinge(bins: readonly Point[]): { foot: number; slope: number; left: number } {
  let best = { foot: bins[0]?.at ?? 0, slope: 0, left: Infinity };
  const meanValue = bins.reduce((sum, { value }) => sum + value, 0) / bins.length;
  // One for all feet: series come by the hundred, each with twenty of them.
  const runs = new Float64Array(bins.length);
  for (const { at: foot } of bins.slice(0, -4)) {
    for (let index = 0; index < runs.length; index++) runs[index] = Math.max(0, (bins[index]?.at ?? 0) - foot);
    const meanRun = runs.reduce((sum, run) => sum + run, 0) / runs.length;
    let both = 0;
    let own = 0;
    for (let index = 0; index < runs.length; index++) {
      const run = (runs[index] ?? 0) - meanRun;
      both += run * ((bins[index]?.value ?? 0) - meanValue);
      own += run * run;
    }
    const slope = own > 0 ? both / own : 0;
    let left = 0;
    for (let index = 0; index < runs.length; index++)
      left += ((bins[index]?.value ?? 0) - meanValue - slope * ((runs[index] ?? 0) - meanRun)) ** 2;
    if (left < best.left) best = { foot, slope, left };
  }
  return best;
}
