import { HOME_MS } from "../incident/belief.ts";
import type { Point, TimeWindow } from "../incident/telemetry.ts";
import { type Baseline, deviation, median, typicalStep, within } from "./baseline.ts";
import { orderedPoints } from "./order.ts";

/** A series that left its baseline and was still away when the page fired. */
export interface Shift {
  /** First point away from the baseline. */
  readonly onset: number;
  /** Last point still at home before it, or null: it was away when the time that is looked at began. */
  readonly healthyUntil: number | null;
  /** Median while healthy and while away, in the series' own unit. */
  readonly before: number;
  readonly now: number;
  /** Value furthest from the baseline. */
  readonly peak: number;
  /** Median deviation of the away points, in spreads, signed. */
  readonly deviation: number;
  readonly points: number;
}

/** Modified z-score above which a point is away (Iglewicz and Hoaglin, 1993). */
const AWAY = 3.5;
/** A lone point must be further out: 1 in 1,000 series-minutes passes 3.5 by chance where tails are heavy, hardly any passes twice that. */
const AWAY_ALONE = 2 * AWAY;
/** A point that is unusual without being away: 1 in 20 healthy ones. */
const UNUSUAL = 2;
/** Sum of deviations over the root of their number at which a run of unusual points counts: beyond what a day of minutes reaches by chance. */
const TOGETHER = 4.5;

/**
 * First moment of the run of points away from the baseline that goes on up to the page (or began since), or null.
 *
 * One point back at home does not end a run: percentiles of quiet services jump. Runs that ended before the page's own step are over and
 * belong to another incident.
 * @param points of the suspect window, oldest first
 * @param page when the page fired
 * @param direction only values above (`up`) or below (`down`) count; null: either
 */
export function findShift(
  points: readonly Point[],
  baseline: Baseline,
  page: number,
  direction: "up" | "down" | null,
  excluded: readonly TimeWindow[] = [],
): Shift | null {
  if (baseline.count === 0 || points.length === 0) return null;
  const sign = direction === "down" ? -1 : direction === "up" ? 1 : 0;
  const isOver = overAt(points, baseline, sign, page);
  const isFar = (run: readonly Point[], middle: number) => run.length > 1 || middle >= AWAY_ALONE;
  const far = runsOf(points, baseline, sign, AWAY);
  const found = strongest(far, points, baseline, isOver, excluded, isFar);
  if (found !== null) return found;
  // Three steps in a row that are each unusual are rarer together than one that is very unusual (Stouffer's sum of deviations).
  return strongest(
    runsOf(sinceReturn(points, baseline, sign, far), baseline, sign, UNUSUAL),
    points,
    baseline,
    isOver,
    excluded,
    (run, middle) => run.length >= 3 && middle * Math.sqrt(run.length) >= TOGETHER,
  );
}

/**
 * The shift with the onset of its whole run: one that was under way when the time under suspicion began did not begin with that.
 * @param series all of its points
 */
export function datedBack(shift: Shift, series: readonly Point[], baseline: Baseline, excluded: readonly TimeWindow[]): Shift {
  if (shift.healthyUntil !== null) return shift;
  const points = orderedPoints(series);
  const sign = shift.deviation < 0 ? -1 : 1;
  const threshold = Math.abs(shift.deviation) >= AWAY ? AWAY : UNUSUAL;
  let onset = shift.onset;
  let misses = 0;
  for (let index = points.findLastIndex(({ at }) => at < shift.onset); index >= 0 && misses < 2; index -= 1) {
    const { at, value } = points[index] ?? { at: Number.NaN, value: Number.NaN };
    if (within(at, excluded)) break;
    if (score(baseline, value, sign) >= threshold) [onset, misses] = [at, 0];
    else misses += 1;
  }
  return onset === shift.onset ? shift : { ...shift, onset };
}

/** Points since a series was last far away, where it has returned since: what is over lends nothing to the noise after it. */
function sinceReturn(points: readonly Point[], baseline: Baseline, sign: number, far: readonly (readonly Point[])[]): readonly Point[] {
  const last = far.findLast((run) => run.length > 1 || score(baseline, run[0]?.value ?? 0, sign) >= AWAY_ALONE)?.at(-1);
  if (last === undefined) return points;
  const since = points.slice(points.indexOf(last) + 1);
  return since.length > 0 && median(since.map(({ value }) => score(baseline, value, sign))) < UNUSUAL ? since : points;
}

/** Whether a run ended before the page's own step, or the series had been at home again for minutes when the page came and is so still. */
function overAt(points: readonly Point[], baseline: Baseline, sign: number, page: number): (run: readonly Point[]) => boolean {
  const step = typicalStep(points);
  const newest = points.findLast(({ at }) => at <= page)?.at ?? -Infinity;
  return (run) => {
    const last = run.at(-1)?.at ?? -Infinity;
    if (last < page - 2 * step) return true;
    return newest - last >= HOME_MS && points.every(({ at, value }) => at <= last || score(baseline, value, sign) < UNUSUAL);
  };
}

/** A run of points away from the baseline that is over. */
export interface PastShift {
  readonly onset: number;
  /** First point back at home. */
  readonly until: number;
  /** Points at home since. */
  readonly since: readonly Point[];
}

/**
 * The latest run of points that left the baseline and came back, or null where there is none or the newest points are away.
 * @param points of the suspect window, oldest first
 */
export function findPastShift(points: readonly Point[], baseline: Baseline, direction: "up" | "down" | null): PastShift | null {
  if (baseline.count === 0) return null;
  const sign = direction === "down" ? -1 : direction === "up" ? 1 : 0;
  const past = runsOf(points, baseline, sign, AWAY).findLast(
    (run) => run.length > 1 || score(baseline, run[0]?.value ?? 0, sign) >= AWAY_ALONE,
  );
  const last = past?.at(-1);
  if (past === undefined || last === undefined) return null;
  const since = points.filter(({ at }) => at > last.at);
  const [back] = since;
  // A run may go over one point at home; the newest of a slow fall is no return.
  return back === undefined || since.some(({ value }) => score(baseline, value, sign) >= AWAY)
    ? null
    : { onset: past[0]?.at ?? last.at, until: back.at, since };
}

/** Runs of neighbouring points at least `threshold` spreads away on one side; one point back at home does not end a run. */
function runsOf(points: readonly Point[], baseline: Baseline, sign: number, threshold: number): Point[][] {
  const runs: Point[][] = [];
  let index = 0;
  while (index < points.length) {
    const first = points[index];
    if (first === undefined) break;
    if (score(baseline, first.value, sign) < threshold) {
      index += 1;
      continue;
    }
    const run: Point[] = [first];
    const upward = deviation(baseline, first.value) > 0;
    let next = index + 1;
    let misses = 0;
    while (next < points.length && misses < 2) {
      const point = points[next];
      if (point === undefined) break;
      if (score(baseline, point.value, sign) >= threshold && deviation(baseline, point.value) > 0 === upward) {
        run.push(point);
        misses = 0;
      } else misses += 1;
      next += 1;
    }
    runs.push(run);
    index = Math.max(next - misses, index + 1);
  }
  return runs;
}

function strongest(
  runs: readonly (readonly Point[])[],
  points: readonly Point[],
  baseline: Baseline,
  isOver: (run: readonly Point[]) => boolean,
  excluded: readonly TimeWindow[],
  counts: (run: readonly Point[], middle: number) => boolean,
): Shift | null {
  let best: Shift | null = null;
  for (const run of runs) {
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined || isOver(run)) continue;
    if (excluded.some((window) => first.at >= window.from && last.at < window.to)) continue;
    const middle = median(run.map((point) => deviation(baseline, point.value)));
    if (!counts(run, Math.abs(middle)) || (best !== null && Math.abs(middle) <= Math.abs(best.deviation))) continue;
    const values = run.map((point) => point.value);
    best = {
      onset: first.at,
      healthyUntil: points[points.indexOf(first) - 1]?.at ?? null,
      before: baseline.median,
      now: median(values),
      peak: values.reduce((far, value) => (middle > 0 === value > far ? value : far), values[0] ?? 0),
      deviation: middle,
      points: run.length,
    };
  }
  return best;
}

function score(baseline: Baseline, value: number, sign: number): number {
  const d = deviation(baseline, value);
  return Number.isFinite(d) ? (sign === 0 ? Math.abs(d) : d * sign) : 0;
}
