import { type Baseline, describeBaseline, deviation, median, MIN_POINTS } from "../../../analysis/baseline.ts";
import { findShift, type Shift } from "../../../analysis/onset.ts";
import { orderedPoints } from "../../../analysis/order.ts";
import { splitPoints } from "../../../analysis/period.ts";
import { type Climb, climbBefore, COURSE_POINTS, evenly, findClimb } from "./climb.ts";
import { type Trend, trendOf } from "./trend.ts";
import type { ComparedWindows } from "../../../report/compared-windows.ts";
import type { Point, SignalKind } from "../../../incident/telemetry.ts";

/** From so many spreads on a point is away from its baseline, as in `analysis/onset.ts`. */
const AWAY = 3.5;
const UNUSUAL = 2;

/** How one series is in the window, against its quiet time. Values are in the series' own unit. */
export interface SeriesChange {
  readonly baseline: Baseline;
  /** There was no quiet time to compare with: the beginning of the window stands for it. */
  readonly borrowed: boolean;
  readonly median: number;
  readonly max: Point;
  readonly min: Point;
  /** The oldest point of both windows where it alone may tell of the time before: nothing quiet was recorded, or it is far from usual. */
  readonly first: Point | null;
  readonly last: Point;
  readonly shift: Shift | null;
  /** How it moved where it did so little by little; null: at once, or not at all. */
  readonly climb: Climb | null;
  /** What a step the other way ended; null: it ended no climb. */
  readonly ended: Climb | null;
  /** Usual distance of two points, milliseconds. */
  readonly stepMs: number;
  /** Since when the series is back at its baseline after the shift; null: it is not, or there was none. */
  readonly backSince: number | null;
  /** Where there was no quiet time: points of the window, evenly chosen, first and last among them; else empty. */
  readonly course: readonly Point[];
  /** Where there was no quiet time: the way that it went, at once or little by little; null: none. */
  readonly trend: Trend | null;
  /** Spreads between the baseline and the shifted points; without a shift, and the window's median. Not negative. */
  readonly moved: number;
}

/** First point at home of the last stretch at home, when at least two points are: one alone may be chance. */
function backSince(late: readonly Point[], baseline: Baseline, shift: Shift): number | null {
  const away = Math.abs(shift.deviation) >= AWAY ? AWAY : UNUSUAL;
  const last = late.findLastIndex(
    ({ value }) => Math.abs(deviation(baseline, value)) >= away && deviation(baseline, value) > 0 === shift.deviation > 0,
  );
  return last < 0 || late.length - last <= 2 ? null : (late[last + 1]?.at ?? null);
}

/**
 * Compares a series with itself.
 * @param points of both windows
 * @param isShare the values are parts of a whole
 * @returns null when the window holds no point
 */
export function seriesChange(
  points: readonly Point[],
  kind: SignalKind,
  isShare: boolean,
  { window, baseline: quiet }: ComparedWindows,
): SeriesChange | null {
  const clean = orderedPoints(points);
  const late = clean.filter(({ at }) => at >= window.from && at < window.to);
  const own = clean.filter(({ at }) => at >= quiet.from && at < quiet.to);
  const borrowed = own.length < MIN_POINTS;
  const healthy = borrowed ? splitPoints(late, window, []).healthy : own;
  const [first] = late;
  const oldest = clean[0];
  const last = late.at(-1);
  if (first === undefined || last === undefined) return null;
  // A hit rate or a success rate may say neither by name nor by unit that it is a part of one.
  const isRate = kind === "availability" && clean.every(({ value }) => value >= 0 && value <= 1);
  const baseline = describeBaseline(healthy.length > 0 ? healthy : late, kind, isShare || isRate);
  // With the window's start in the page's place, a shift that is over by now is shown too. Against its own beginning a ramp is a step anywhere.
  const shift = borrowed ? null : findShift(late, baseline, window.from, null);
  const middle = median(late.map(({ value }) => value));
  const size = Math.abs(shift?.deviation ?? deviation(baseline, borrowed ? last.value : middle));
  return {
    baseline,
    borrowed,
    median: middle,
    max: late.reduce((most, point) => (point.value > most.value ? point : most), first),
    min: late.reduce((least, point) => (point.value < least.value ? point : least), first),
    first: oldest !== undefined && (borrowed || Math.abs(deviation(baseline, oldest.value)) >= AWAY) ? oldest : null,
    last,
    course: borrowed ? evenly(late, COURSE_POINTS) : [],
    trend: borrowed ? trendOf(late) : null,
    shift,
    climb: borrowed ? null : findClimb(clean, shift),
    ended: borrowed || shift === null ? null : climbBefore(clean, shift),
    stepMs: median(clean.slice(1).map(({ at }, index) => at - (clean[index]?.at ?? at))),
    backSince: shift === null ? null : backSince(late, baseline, shift),
    moved: Number.isFinite(size) ? size : 0,
  };
}
