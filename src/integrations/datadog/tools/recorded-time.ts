import type { TimeWindow } from "../../../incident/telemetry.ts";
import type { CountArguments, CountBucket } from "../counts.ts";

const MINUTE_MS = 60_000;
const MOST_BUCKETS = 240;

/** Counts of everything in a window, to see from when on anything was kept. @param query of the whole environment */
export const presenceCounts = (query: string, window: TimeWindow): CountArguments => ({
  query,
  window,
  groupBy: [],
  intervalMs: Math.max(1, Math.ceil((window.to - window.from) / MINUTE_MS / MOST_BUCKETS)) * MINUTE_MS,
});

/**
 * From when on anything was recorded, or null when nothing was. Indexes keep lines and spans for some time only: a rate over hours of which
 * nothing is kept would be too small.
 */
export function recordedFrom(counts: readonly CountBucket[], window: TimeWindow): number | null {
  let first = Infinity;
  for (const { points } of counts) for (const { at, value } of points) if (value > 0 && at < first) first = at;
  return first >= window.to ? null : Math.max(window.from, first);
}

/** Minutes of a window from `from` on; at least ten seconds. */
export const minutesFrom = (from: number, window: TimeWindow): number =>
  Math.max(1 / 6, (window.to - Math.max(from, window.from)) / MINUTE_MS);
