import type { Point, Series } from "../incident/telemetry.ts";
import { metricTokens, readSignal } from "./signal-kind.ts";

/** Fewer steps than these tell no counter from a gauge that happens to rise. */
const LEAST_STEPS = 5;
/** A counter of something that goes on rises in many of its steps; a count that begins to rise with the trouble does not. */
const LEAST_RISING = 1 / 3;
/** Restarts are rare. */
const MOST_RESETS = 1 / 20;
const COUNTING = ["count", "counter", "total", "totals"];

/** Whether a metric by its name and unit may count from the start of a process on, so that its level says nothing. */
function mayCount(metric: string, unit: string | null): boolean {
  const tokens = metricTokens(metric);
  const counts = tokens.some((token) => COUNTING.includes(token)) || COUNTING.includes(unit?.toLowerCase() ?? "");
  if (!counts) return false;
  const { kind, isShare } = readSignal(metric, unit);
  if (isShare) return false;
  // What is used or waits has a level, however it is called; time spent (`cpu_seconds_total`) adds up.
  return kind !== "saturation" || (tokens.at(-1) === "total" && tokens.includes("seconds"));
}

/** Increases from point to point of values that never fall but for resets; null where they are no counter. A step across a gap is spread over it. */
export function increases(points: readonly Point[]): Point[] | null {
  const steps = points.length - 1;
  if (steps < LEAST_STEPS) return null;
  let rising = 0;
  let resets = 0;
  const spans: number[] = [];
  for (let index = 1; index <= steps; index += 1) {
    const before = points[index - 1];
    const now = points[index];
    if (before === undefined || now === undefined || now.value < 0) return null;
    spans.push(now.at - before.at);
    if (now.value > before.value) rising += 1;
    else if (now.value < before.value) {
      // A process that restarts counts from zero.
      if (now.value > before.value / 2) return null;
      resets += 1;
    }
  }
  if (rising < LEAST_RISING * steps || resets > Math.max(1, MOST_RESETS * steps)) return null;
  const usual = spans.toSorted((a, b) => a - b)[Math.floor(spans.length / 2)] ?? 1;
  return points.slice(1).map(({ at, value }, index) => {
    const before = points[index];
    const added = before === undefined ? 0 : value < before.value ? value : value - before.value;
    return { at, value: added / Math.max(1, Math.round((spans[index] ?? usual) / usual)) };
  });
}

/**
 * Reads series of counters (`http_errors_total`, 1,204, 1,209, 1,214, …) as what was added in each step; others as they are. Vendors that count by
 * interval send such series already taken apart, under the same names: only values that never fall are taken for a counter's.
 * @param series their points oldest first
 */
export function withoutCounters(series: readonly Series[]): Series[] {
  const known = new Map<string, boolean>();
  return series.map((one) => {
    const key = `${one.metric}\n${one.unit ?? ""}`;
    let counts = known.get(key);
    if (counts === undefined) known.set(key, (counts = mayCount(one.metric, one.unit)));
    const points = counts ? increases(one.points) : null;
    return points === null ? one : { ...one, points };
  });
}
