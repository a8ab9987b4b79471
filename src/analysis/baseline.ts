import type { Point, SignalKind, TimeWindow } from "../incident/telemetry.ts";

/** What is normal for one series: where its values lie and how far they stray. */
export interface Baseline {
  /** Points it rests on. Under {@link MIN_POINTS} the figures mean little. */
  readonly count: number;
  readonly median: number;
  /** Robust standard deviation in the scale of {@link Baseline.scale}, never below the floor of its kind. */
  readonly spread: number;
  /** 1st and 99th hundredth of the values. */
  readonly low: number;
  readonly high: number;
  /** `log`: sizes are judged as ratios (latency, traffic, bytes). `linear`: as differences (shares, error ratios, counts of trouble). */
  readonly scale: "log" | "linear";
  /** Added to a value before its logarithm, so that nought has one. */
  readonly shift: number;
  /** Value of one event, 1 where a step's value is a plain count: one failure a minute is 1/60 of failures per second. */
  readonly grain: number;
  /** Ascending healthy values, where rare counts are judged by how often a healthy step had as many. */
  readonly counts?: Float64Array;
}

/** Fewer points than this are no history: the median of 5 is the least that one stray point cannot move to the edge. */
export const MIN_POINTS = 5;
/** MAD to standard deviation for a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** Between the 10th and 90th hundredth of a normal distribution lie 2.56 standard deviations; up to a tenth of a history may be an earlier incident. */
const RANGE_TO_SIGMA = 1 / 2.563;

/** Middle value of an unsorted array; NaN of none. */
export function median(values: readonly number[]): number {
  return sortedQuantile(ascending(values), 0.5);
}

/** The usual distance between two points, milliseconds; a minute where there is only one. */
export function typicalStep(points: readonly Point[]): number {
  const steps: number[] = [];
  for (let index = Math.max(1, points.length - 32); index < points.length; index += 1) {
    const left = points[index - 1];
    const right = points[index];
    if (left !== undefined && right !== undefined && right.at > left.at) steps.push(right.at - left.at);
  }
  return steps.length > 0 ? median(steps) : 60_000;
}

/** A sorted copy. Machine numbers sort without a call of a comparison for each pair: ten times as fast, and most of the analysis' time. */
export function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** Median distance of ascending values from a middle of theirs, without sorting them again: the distances ascend to both sides of it. */
export function medianDistance(sorted: ArrayLike<number>, middle: number): number {
  const { length } = sorted;
  let right = 0;
  while (right < length && (sorted[right] ?? 0) < middle) right += 1;
  let left = right - 1;
  const distances = new Float64Array(Math.min(length, Math.floor((length - 1) / 2) + 2));
  for (let count = 0; count < distances.length; count += 1) {
    const below = left < 0 ? Infinity : Math.abs((sorted[left] ?? 0) - middle);
    const above = right >= length ? Infinity : Math.abs((sorted[right] ?? 0) - middle);
    distances[count] = Math.min(below, above);
    if (below <= above) left -= 1;
    else right += 1;
  }
  return quantileOf(distances, length, 0.5);
}

/** Quantile of an ascending array by linear interpolation; NaN of none. */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  return quantileOf(sorted, sorted.length, share);
}

/** As {@link sortedQuantile}, of `count` values of which the first are given. */
function quantileOf(sorted: ArrayLike<number>, count: number, share: number): number {
  if (count === 0) return Number.NaN;
  const at = share * (count - 1);
  const below = Math.floor(at);
  const left = sorted[below] ?? Number.NaN;
  const right = sorted[Math.min(count - 1, below + 1)] ?? left;
  return left + (right - left) * (at - below);
}

/** Whether an instant lies in one of the windows. */
export function within(at: number, windows: readonly TimeWindow[]): boolean {
  for (const window of windows) if (at >= window.from && at < window.to) return true;
  return false;
}

/**
 * Median and robust spread of the healthy points.
 *
 * The spread is the largest of the scaled MAD, the scaled 10..90 range (a series with a rare but regular peak has a MAD of nought) and a floor:
 * a tenth of the level for ratios, the Poisson deviation for counts and for rates of what is counted, one hundredth of the whole for shares.
 * The floor says what is too small to matter, however steady a series was.
 * @param points healthy points only; values that are no finite number are left out
 * @param isShare the values are parts of a whole (percent, or 0..1)
 */
export function describeBaseline(points: readonly Point[], kind: SignalKind, isShare: boolean): Baseline {
  const finite: number[] = [];
  for (const point of points) if (Number.isFinite(point.value)) finite.push(point.value);
  const values = ascending(finite);
  const count = values.length;
  const low = sortedQuantile(values, 0.01);
  const high = sortedQuantile(values, 0.99);
  const middle = sortedQuantile(values, 0.5);
  const linear = isShare || kind === "errors" || kind === "availability";
  const grain = grainOf(points, values);
  if (count === 0) return { count, median: Number.NaN, spread: Number.NaN, low, high, scale: linear ? "linear" : "log", shift: 0, grain };
  if (linear) {
    const whole = isShare ? (Math.max(Math.abs(high), Math.abs(middle)) > 1.5 ? 100 : 1) : 0;
    // Counts of what is there are whole numbers: broken ones up to 1 are shares whose unit nobody gave (a hit rate, a success rate).
    const isUnnamedShare = kind === "availability" && high <= 1 && values.some((value) => !Number.isInteger(value));
    const floor = isShare || isUnnamedShare ? 0.01 * (whole || 1) : countFloor(Math.abs(middle), grain, kind === "errors" && high <= 1);
    return { count, median: middle, spread: Math.max(spreadOf(values, middle), floor), low, high, scale: "linear", shift: 0, grain };
  }
  // A small part of the usual level, so that the step from nought to one call is not infinitely many times.
  const shift = Math.max(Math.abs(middle), Math.abs(high) * 0.1) * 0.05 || 1e-9;
  const logs = values.map((value) => Math.log(Math.max(0, value) + shift));
  const floor = kind === "traffic" && middle > 0 ? Math.max(0.1, 1 / Math.sqrt(Math.max(1, middle))) : 0.1;
  const spread = Math.max(spreadOf(logs, sortedQuantile(logs, 0.5)), floor);
  return { count, median: middle, spread, low, high, scale: "log", shift, grain };
}

/**
 * Value of one event. Whole numbers are counts. Broken ones are rates or means: the least gap between two values is one event, never finer than
 * one event a step in a rate per second.
 */
function grainOf(points: readonly Point[], sorted: ArrayLike<number>): number {
  let least = Infinity;
  let isWhole = true;
  // Sums of floating numbers differ in their last digits.
  const noise = Math.abs(sorted[sorted.length - 1] ?? 0) * 1e-6;
  for (let at = 0; at < sorted.length; at += 1) {
    const value = sorted[at] ?? 0;
    isWhole &&= Number.isInteger(value);
    const gap = at === 0 ? 0 : value - (sorted[at - 1] ?? 0);
    if (gap > noise) least = Math.min(least, gap);
  }
  if (isWhole) return 1;
  const finest = 1000 / (typicalStep(points) || 60_000);
  return Math.min(1, Math.max(least === Infinity ? 0 : least, finest));
}

/** Poisson deviation of a level that counts events of `grain` each: `sqrt(level / grain) * grain`, at least one event. A rate is also averaged: a tenth of it. */
function countFloor(level: number, grain: number, isSmall: boolean): number {
  if (grain === 1) return Math.max(Math.sqrt(level), isSmall ? 0.01 : 1);
  return Math.max(Math.sqrt(level * grain), 0.1 * level, grain, 0.01);
}

function spreadOf(sorted: ArrayLike<number>, middle: number): number {
  return Math.max(
    medianDistance(sorted, middle) * MAD_TO_SIGMA,
    (sortedQuantile(sorted, 0.9) - sortedQuantile(sorted, 0.1)) * RANGE_TO_SIGMA,
  );
}

/** Spreads within which a level is at home: one healthy point in twenty is further out. */
export const AT_HOME = 2;

/**
 * How many spreads a value lies above (positive) or below (negative) the baseline. Rare counts that healthy steps reached too are judged by how
 * often they did: the deviation of a normal value as rare (`sqrt(2 ln(1/p))`).
 */
export function deviation(baseline: Baseline, value: number): number {
  if (baseline.scale === "linear") {
    const plain = (value - baseline.median) / baseline.spread;
    const { counts } = baseline;
    if (counts === undefined || value <= baseline.median) return plain;
    const rare = Math.sqrt(2 * Math.log((counts.length + 1) / (countAtLeast(counts, value) + 0.5)));
    return value > (counts.at(-1) ?? Infinity) ? Math.max(plain, rare) : Math.min(plain, rare);
  }
  return (Math.log(Math.max(0, value) + baseline.shift) - Math.log(Math.max(0, baseline.median) + baseline.shift)) / baseline.spread;
}

function countAtLeast(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) >= value) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}
