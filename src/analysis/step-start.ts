import type { Point } from "../incident/telemetry.ts";

/** Past this share of the way to the new level a point belongs to it. */
const HALF = 0.5;
/** So many rises in a row are no noise: independent values come in this order once in 5! = 120 times. */
const RISES = 4;
/** What a climb gains at first is drift up to this part of all of it. */
const DRIFT = 0.05;
/** A climb of which one move makes this part is a step. */
const ONE_MOVE = 0.5;

export interface StepStart {
  /** Level that it came from, in the series' unit. */
  readonly before: number;
  /** When it left that, epoch milliseconds. */
  readonly since: number;
}

/** Index of the foot of the climb that ends at `end`: points that go one way only (standing still is allowed), in several moves. null: no climb. */
function footOf(points: readonly Point[], end: number, sign: number): number | null {
  const valueAt = (index: number) => sign * (points[index]?.value ?? Number.NaN);
  let first = end;
  while (first > 0 && valueAt(first) >= valueAt(first - 1)) first -= 1;
  const gain = valueAt(end) - valueAt(first);
  let foot = first;
  while (foot < end && valueAt(foot + 1) - valueAt(first) <= DRIFT * gain) foot += 1;
  const moves = points.slice(foot, end).map((_, index) => valueAt(foot + index + 1) - valueAt(foot + index));
  return moves.filter((move) => move > 0).length >= RISES && Math.max(...moves) < ONE_MOVE * gain ? foot : null;
}

/**
 * Where a step really began that was found at `since`: earlier, where the points before it had already reached the new level; and at its foot, with
 * the level there, where the series climbed into it rather than stepped. A counter, a lag or a pool that fills up says `0 → 8 since 02:50` so, and
 * not `2 → 8` since the minute of the page.
 */
export function stepStart(points: readonly Point[], { before, now, since }: StepStart & { readonly now: number }): StepStart {
  const found = points.findIndex(({ at }) => at >= since);
  const sign = Math.sign(now - before);
  if (found < 0 || sign === 0) return { before, since };
  let first = found;
  while (first > 0 && ((points[first - 1]?.value ?? Number.NaN) - before) / (now - before) >= HALF) first -= 1;
  const foot = footOf(points, first, sign);
  const low = foot === null ? undefined : points[foot];
  return { before: low?.value ?? before, since: points[foot === null ? first : foot + 1]?.at ?? since };
}

/** Where a series began to climb (or fall) that has done so up to its newest point without turning back; null where it did not. */
export function climbToEnd(points: readonly Point[]): Point | null {
  const end = points.length - 1;
  const foot = footOf(points, end, 1) ?? footOf(points, end, -1);
  return foot === null ? null : (points[foot] ?? null);
}
