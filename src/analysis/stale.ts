import type { Point } from "../incident/telemetry.ts";
import { AT_HOME, deviation, median, typicalStep } from "./baseline.ts";
import type { Signal } from "./signal.ts";

/** A series is current while its newest point is no older than this, or than three of its steps. */
export const CURRENT_MS = 5 * 60_000;

/** Since when a series is silent: its newest point, where that is too old to speak of the present; else null. @param to end of what was read */
export function silentSince(points: readonly Point[], to: number): number | null {
  const newest = points.at(-1)?.at;
  return newest === undefined || newest >= to - Math.max(CURRENT_MS, 3 * typicalStep(points)) ? null : newest;
}

const LAST_POINTS = 3;

/** Whether a series went silent while it was out of its usual range: its silence is no sign that all is well. @param to end of what was read */
export function endedAway({ series, baseline, meaning }: Signal, to: number): boolean {
  const points = series.points.filter(({ at }) => at < to);
  const last = median(points.slice(-LAST_POINTS).map(({ value }) => deviation(baseline, value)));
  return silentSince(points, to) !== null && last * (meaning.worse === "down" ? -1 : 1) > AT_HOME;
}
