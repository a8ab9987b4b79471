import type { Point } from "../incident/telemetry.ts";
import { typicalStep } from "./onset.ts";

/** A series is current while its newest point is no older than this, or than three of its steps. */
export const CURRENT_MS = 5 * 60_000;

/** Since when a series is silent: its newest point, where that is too old to speak of the present; else null. @param to end of what was read */
export function silentSince(points: readonly Point[], to: number): number | null {
  const newest = points.at(-1)?.at;
  return newest === undefined || newest >= to - Math.max(CURRENT_MS, 3 * typicalStep(points)) ? null : newest;
}
