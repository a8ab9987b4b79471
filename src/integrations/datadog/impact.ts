import { IntegrationError } from "../../guard/errors.ts";
import type { ImpactSource } from "../../incident/impact-source.ts";
import type { TimeWindow } from "../../incident/telemetry.ts";
import type { DatadogClient } from "./client.ts";
import type { MetricSeries } from "./metrics.ts";

/** Revenue by a metric of the catalog, with that of the same time a week before. */

const WEEK_MS = 7 * 24 * 3_600_000;
const INTERVAL_MS = 60_000;

/** All points of all series within the time; null: there is none, which is not 0. */
function totalOf(series: readonly MetricSeries[], { from, to }: TimeWindow): number | null {
  const values = series.flatMap(({ points }) => points.filter(({ at }) => at >= from && at < to).map(({ value }) => value));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

export const revenueCount = (datadog: Pick<DatadogClient, "queryMetrics">): ImpactSource => ({
  kind: "revenue",
  async count({ revenue }, over, signal) {
    if (revenue === undefined) throw new IntegrationError("datadog", "The catalog declares no revenue.");
    // A point stands for its whole step, so both times begin and end with one.
    const [from, to] = [Math.ceil(over.from / INTERVAL_MS) * INTERVAL_MS, Math.floor(over.to / INTERVAL_MS) * INTERVAL_MS];
    const before = { from: from - WEEK_MS, to: to - WEEK_MS };
    const read = (window: TimeWindow) =>
      datadog.queryMetrics({ queries: [revenue.query], window, intervalMs: INTERVAL_MS, urgency: "later" }, signal);
    const [now, then] = await Promise.all([read({ from, to }), read(before)]);
    const value = totalOf(now.value, { from, to });
    if (value === null) throw new IntegrationError("datadog", "The revenue metric has no points since the incident began.");
    return { value, isLeast: false, weekBefore: totalOf(then.value, before), answers: [now, then] };
  },
});
