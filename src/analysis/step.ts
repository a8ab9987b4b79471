import type { TimeWindow } from "../incident/telemetry.ts";
import { median, sortedQuantile, within } from "./baseline.ts";

/** Values of one feature in order of time. */
export interface Samples {
  readonly at: number[];
  readonly value: number[];
}

export const push = (samples: Samples, at: number, value: number): void => {
  samples.at.push(at);
  samples.value.push(value);
};

export interface Step {
  readonly onset: number;
  readonly before: number;
  readonly now: number;
  readonly countBefore: number;
  readonly countNow: number;
  /** Healthy values from before the suspect time among {@link Step.countBefore}. */
  readonly history: number;
  /** Distance of the means in standard errors, signed. */
  readonly t: number;
}

/**
 * The split of a feature in the suspect time that parts its values best (largest |t| of Welch's kind with a pooled deviation and a floor on it),
 * as in binary segmentation for one change point. Both sides' values are `map`ped first (logarithm for durations).
 */
export function findStep(
  samples: Samples,
  from: number,
  to: number,
  floor: number,
  minNow: number,
  excluded: readonly TimeWindow[],
): Step | null {
  const { at, value } = samples;
  const total = at.length;
  let first = 0;
  while (first < total && (at[first] ?? 0) < from) first += 1;
  let baseCount = 0;
  let baseSum = 0;
  let baseSquares = 0;
  const takeBase = (skip: boolean): void => {
    baseCount = 0;
    baseSum = 0;
    baseSquares = 0;
    for (let index = 0; index < first; index += 1) {
      if (skip && within(at[index] ?? 0, excluded)) continue;
      const x = value[index] ?? 0;
      baseCount += 1;
      baseSum += x;
      baseSquares += x * x;
    }
  };
  takeBase(excluded.length > 0);
  // Where earlier incidents cover nearly all of the history, a history with them is better than none.
  if (excluded.length > 0 && baseCount * 3 < first) takeBase(false);
  const historyCount = baseCount;
  const historyMean = baseCount > 0 ? baseSum / baseCount : 0;
  const historySquares = baseSquares - baseCount * historyMean * historyMean;
  let afterCount = 0;
  let afterSum = 0;
  let afterSquares = 0;
  for (let index = first; index < total; index += 1) {
    const x = value[index] ?? 0;
    afterCount += 1;
    afterSum += x;
    afterSquares += x * x;
  }
  let best: Step | null = null;
  for (let split = first; split < total; split += 1) {
    const splitAt = at[split] ?? 0;
    if (splitAt >= to || afterCount < minNow) break;
    if (baseCount >= 3) {
      const meanBefore = baseSum / baseCount;
      const meanAfter = afterSum / afterCount;
      const squaresAfter = Math.max(0, afterSquares - afterCount * meanAfter * meanAfter);
      const squaresBefore = Math.max(0, baseSquares - baseCount * meanBefore * meanBefore);
      const sd = Math.max(Math.sqrt((squaresBefore + squaresAfter) / Math.max(1, baseCount + afterCount - 2)), floor);
      let t = (meanAfter - meanBefore) / (sd * Math.sqrt(1 / baseCount + 1 / afterCount));
      if (historyCount >= 5) {
        // The end of an earlier incident is a step too, but one back to what is usual.
        const sdHistory = Math.max(
          Math.sqrt((Math.max(0, historySquares) + squaresAfter) / Math.max(1, historyCount + afterCount - 2)),
          floor,
        );
        const fromHistory = (meanAfter - historyMean) / (sdHistory * Math.sqrt(1 / historyCount + 1 / afterCount));
        t = fromHistory > 0 === t > 0 ? (Math.abs(fromHistory) < Math.abs(t) ? fromHistory : t) : 0;
      }
      if (best === null || Math.abs(t) > Math.abs(best.t)) {
        best = {
          onset: splitAt,
          before: meanBefore,
          now: meanAfter,
          countBefore: baseCount,
          countNow: afterCount,
          history: historyCount,
          t,
        };
      }
    }
    const x = value[split] ?? 0;
    baseCount += 1;
    baseSum += x;
    baseSquares += x * x;
    afterCount -= 1;
    afterSum -= x;
    afterSquares -= x * x;
  }
  return best === null || isOver(samples, best, to) ? null : best;
}

/** Whether the last third of what follows a step is already back: the step belongs to something that ended. */
function isOver(samples: Samples, step: Step, to: number): boolean {
  let end = samples.at.length;
  while (end > 0 && (samples.at[end - 1] ?? 0) >= to) end -= 1;
  const third = Math.floor(step.countNow / 3);
  if (third < 2) return false;
  let sum = 0;
  for (let index = end - third; index < end; index += 1) sum += samples.value[index] ?? 0;
  return (sum / third - step.before) / (step.now - step.before) < 0.5;
}

/** Fewer edges than this do not tell what is usual between services. */
const MIN_EDGES = 5;

export interface Tail {
  /** Ascending distances of healthy values from the middle of their own feature. */
  readonly residuals: readonly number[];
  readonly features: number;
}

/** How far healthy values stray from their feature's mean, all features of a kind together: single calls are slow in every system now and then. */
export function tailOf(rows: ReadonlyMap<string, ReadonlyMap<string, Samples>>, from: number): Tail {
  const residuals: number[] = [];
  let features = 0;
  for (const row of rows.values()) {
    for (const samples of row.values()) {
      features += 1;
      let count = 0;
      let sum = 0;
      while (count < samples.at.length && (samples.at[count] ?? 0) < from) sum += samples.value[count++] ?? 0;
      if (count < 3) continue;
      const mean = sum / count;
      for (let index = 0; index < count; index += 1) residuals.push((samples.value[index] ?? 0) - mean);
    }
  }
  residuals.sort((a, b) => a - b);
  return { residuals, features };
}

/**
 * How little chance explains the values after a step, 0..1: for each the share of healthy values that strayed as far (Fisher's way of joining
 * them), less what so many features would show by luck.
 */
export function surprise(samples: Samples, step: Step, tail: Tail): number {
  const { residuals, features } = tail;
  const total = residuals.length;
  if (total < 50) return 0.7;
  let nats = -Math.log(Math.max(1, features));
  for (let index = samples.at.length - 1; index >= 0 && (samples.at[index] ?? 0) >= step.onset; index -= 1) {
    const distance = (samples.value[index] ?? 0) - step.before;
    let low = 0;
    let high = total;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((residuals[middle] ?? 0) >= distance) high = middle;
      else low = middle + 1;
    }
    nats += Math.log((total + 1) / (total - low + 1)) - 1;
  }
  return nats <= 0 ? 0 : nats / (nats + 5);
}

/** An edge without a history of its own is held against that of the others, as three calls of their usual kind. */
export function borrowHistory(rows: ReadonlyMap<string, ReadonlyMap<string, Samples>>, from: number): void {
  const middles: number[] = [];
  const poor: Samples[] = [];
  for (const row of rows.values()) {
    for (const samples of row.values()) {
      const count = countBefore(samples, from);
      if (count >= 3) middles.push(median(samples.value.slice(0, count)));
      else poor.push(samples);
    }
  }
  if (middles.length < MIN_EDGES) return;
  middles.sort((a, b) => a - b);
  for (const samples of poor) {
    for (const share of [0.1, 0.5, 0.9]) {
      samples.at.unshift(from - 1);
      samples.value.unshift(sortedQuantile(middles, share));
    }
  }
}

/** Values from before an instant. */
export function countBefore(samples: Samples, from: number): number {
  let count = 0;
  while (count < samples.at.length && (samples.at[count] ?? 0) < from) count += 1;
  return count;
}
