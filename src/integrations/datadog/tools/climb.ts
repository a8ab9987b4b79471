import { findRamp } from "../../../analysis/ramp.ts";
import type { Shift } from "../../../analysis/onset.ts";
import type { Point } from "../../../incident/telemetry.ts";

/** A move that took its time: where it began, where it ended, and points between. */
export interface Climb {
  readonly rises: boolean;
  /** Last point still at the level before it. */
  readonly foot: Point;
  /** Its furthest point. */
  readonly top: Point;
  /** Evenly chosen, foot and top among them. */
  readonly course: readonly Point[];
}

export const COURSE_POINTS = 6;

/** Points, evenly chosen, first and last among them. */
export function evenly(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, index) => points[Math.round((index * (points.length - 1)) / (most - 1))]).filter(
    (point) => point !== undefined,
  );
}

/** A step passes between its levels in a point or two; of a climb so many lie between, and most of its points do. */
const FEWEST_BETWEEN = 4;
const MOST_BETWEEN = 0.6;
/** Nearer than this part of the way to a level is at it. */
const AT_LEVEL = 0.1;
/** A move of two neighbours that makes more of the way than this is a step, with noise before or after it. */
const MOST_AT_ONCE = 0.5;

/**
 * The points from the last one at the level before to the furthest one, where they climb (or fall) rather than step.
 * @param footUntil it was beyond its usual from then on, so its foot is before
 */
function climbOf(points: readonly Point[], before: number, from: number, rises: boolean, footUntil = Infinity): Climb | null {
  const since = points.findIndex(({ at }) => at >= from);
  if (since < 0) return null;
  const further = (a: number, b: number) => (rises ? a > b : a < b);
  let top = since;
  for (let index = since; index < points.length; index += 1)
    if (further(points[index]?.value ?? before, points[top]?.value ?? before)) top = index;
  const way = (points[top]?.value ?? before) - before;
  if (way === 0 || way > 0 !== rises) return null;
  const part = (index: number) => ((points[index]?.value ?? before) - before) / way;
  let foot = top;
  while (foot > 0 && (part(foot) > AT_LEVEL || (points[foot]?.at ?? 0) >= footUntil)) foot -= 1;
  const inside = points.slice(foot + 1, top).filter((_, index) => part(foot + 1 + index) < 1 - AT_LEVEL);
  const [first, last] = [points[foot], points[top]];
  if (first === undefined || last === undefined || inside.length < FEWEST_BETWEEN || inside.length < MOST_BETWEEN * (top - foot))
    return null;
  const most = Math.max(...points.slice(foot + 1, top + 1).map((_, index) => part(foot + 1 + index) - part(foot + index)));
  if (most > MOST_AT_ONCE) return null;
  return { rises, foot: first, top: last, course: evenly(points.slice(foot, top + 1), COURSE_POINTS) };
}

/**
 * The climb that a step ended: memory that grew until a kill, a backlog until it was drained.
 * @param points of quiet time and window, oldest first
 */
export function climbBefore(points: readonly Point[], step: Shift): Climb | null {
  const before = findClimb(
    points.filter(({ at }) => at < step.onset),
    null,
  );
  return before === null || before.rises === step.now >= step.before ? null : before;
}

/**
 * How a series moved, where it did so little by little: a step is named for the minute in which it leaves what is usual, and a climb begins
 * before that.
 * @param points of quiet time and window, oldest first
 * @param shift what was found as a step
 */
export function findClimb(points: readonly Point[], shift: Shift | null): Climb | null {
  if (shift !== null) return climbOf(points, shift.before, shift.onset, shift.now >= shift.before, shift.onset);
  const ramp = findRamp(points);
  const [first] = points;
  if (ramp === null || first === undefined) return null;
  return climbOf(points, ramp.before, ramp.foot ?? first.at, ramp.perHour > 0);
}
