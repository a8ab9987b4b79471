import { median } from "../../../analysis/baseline.ts";
import type { Point } from "../../../incident/telemetry.ts";

/** The way that a series went of which no quiet time is known. */
export interface Trend {
  readonly rises: boolean;
  /** All points before `to` are on one side of all points from it on, which are far from them. */
  readonly atOnce: boolean;
  /** Last point before it, at the foot of a climb. Of what went at once the values are the medians of both sides. */
  readonly from: Point;
  readonly to: Point;
}

/** Fewest points of a climb, and its least part of all points: any noise has a lowest and a highest point. */
const CLIMB_POINTS = 5;
const CLIMB_PART = 0.5;
/** What is left of all its moves, up and down, at its end. Source: efficiency ratio (Kaufman, 1995). */
const ONE_WAY = 0.5;
/** A side of fewer points may be an outlier or two. */
const SIDE_POINTS = 3;
/** Less than this part of the larger level is no way worth telling. */
const WORTH = 0.2;

const isFar = (one: number, other: number) => Math.abs(one - other) > WORTH * Math.max(Math.abs(one), Math.abs(other));
const valuesOf = (points: readonly Point[]) => points.map(({ value }) => value);

/** Where all points before lie on one side of all points after, with more room between than either side takes. */
function jumpOf(points: readonly Point[], rises: boolean): Trend | null {
  const sign = rises ? 1 : -1;
  const values = points.map(({ value }) => value * sign);
  const least = values.map(() => 0);
  let low = Infinity;
  for (let index = values.length - 1; index >= 0; index--) least[index] = low = Math.min(low, values[index] ?? low);
  const whole = Math.max(...values) - Math.min(...values);
  let most = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const [last, next] = [points[index - 1], points[index]];
    const gap = (least[index] ?? 0) - most;
    if (last !== undefined && next !== undefined && index >= SIDE_POINTS && values.length - index >= SIDE_POINTS && gap > whole / 2) {
      const [before, after] = [median(valuesOf(points.slice(0, index))), median(valuesOf(points.slice(index)))];
      return isFar(before, after) ? { rises, atOnce: true, from: { at: last.at, value: before }, to: { at: next.at, value: after } } : null;
    }
    most = Math.max(most, values[index] ?? most);
  }
  return null;
}

/** From the last lowest point before the highest one to that one; falling, the other way round. */
function climbOf(points: readonly Point[], rises: boolean): Trend | null {
  const isFurther = (one: number, other: number) => (rises ? one > other : one < other);
  const value = (index: number) => points[index]?.value ?? 0;
  let top = 0;
  for (let index = 1; index < points.length; index++) if (isFurther(value(index), value(top))) top = index;
  let foot = 0;
  for (let index = 1; index <= top; index++) if (!isFurther(value(index), value(foot))) foot = index;
  const way = valuesOf(points.slice(foot, top + 1));
  const [from, to] = [points[foot], points[top]];
  if (
    from === undefined ||
    to === undefined ||
    way.length < Math.max(CLIMB_POINTS, CLIMB_PART * points.length) ||
    !isFar(from.value, to.value)
  )
    return null;
  const moved = way.slice(1).reduce((sum, one, index) => sum + Math.abs(one - (way[index] ?? one)), 0);
  return Math.abs(to.value - from.value) >= ONE_WAY * moved ? { rises, atOnce: false, from, to } : null;
}

/**
 * The way that a series went, of both the farther one: at once, or little by little from its foot on.
 * @param points oldest first
 */
export function trendOf(points: readonly Point[]): Trend | null {
  const found = [true, false].flatMap((rises) => jumpOf(points, rises) ?? climbOf(points, rises) ?? []);
  const size = ({ from, to }: Trend) => Math.abs(to.value - from.value);
  return found.toSorted((a, b) => size(b) - size(a))[0] ?? null;
}
