import type { Answer } from "../../../incident/answer.ts";
import type { Point, TimeWindow } from "../../../incident/telemetry.ts";
import type { ComparedWindows } from "../../../report/compared-windows.ts";
import type { DatadogClient } from "../client.ts";
import type { CountBucket } from "../counts.ts";
import type { MetricSeries, MetricsAnswer } from "../metrics.ts";
import type { MonitorSearch } from "../monitor-query.ts";
import { recordedFrom } from "./recorded-time.ts";

const MINUTE_MS = 60_000;
const GROUPS = 20;

/** A minute in which nothing was counted has no point at Datadog. It counts zero as far back as anything at all was recorded. */
function withZeros(points: readonly Point[], from: number, to: number): Point[] {
  const known = new Map(points.map(({ at, value }) => [Math.floor(at / MINUTE_MS), value]));
  const filled: Point[] = [];
  for (let minute = Math.ceil(from / MINUTE_MS); (minute + 1) * MINUTE_MS <= to; minute++)
    filled.push({ at: minute * MINUTE_MS, value: known.get(minute) ?? 0 });
  return filled;
}

const asMetrics = (answer: Answer<readonly CountBucket[]>, value: readonly MetricSeries[]): MetricsAnswer => ({
  ...answer,
  value,
  failed: [],
});

/**
 * What a monitor over logs or spans computes, minute by minute: its own search, as it is written, whatever the page's service and environment.
 * @param query of the monitor, as given; the series carry it
 */
export async function monitorSeries(
  datadog: DatadogClient,
  { kind, search, compute, groupBy }: MonitorSearch,
  query: string,
  { window, baseline }: ComparedWindows,
  signal: AbortSignal,
): Promise<MetricsAnswer[]> {
  const aggregate = kind === "logs" ? datadog.aggregateLogs : datadog.aggregateSpans;
  const range: TimeWindow = { from: Math.min(baseline.from, window.from), to: window.to };
  const isCount = compute.aggregation === "count";
  const ask = (of: string, facets: readonly string[]) =>
    aggregate(
      { query: of, window: range, groupBy: facets, intervalMs: MINUTE_MS, groups: GROUPS, ...(facets === groupBy ? { compute } : {}) },
      signal,
    );
  const [found, all] = await Promise.all([ask(search, groupBy), isCount ? ask("*", []) : null]);
  const from = all === null ? null : recordedFrom(all.value, range);
  const buckets = found.value.length === 0 && groupBy.length === 0 && isCount ? [{ by: {}, points: [] }] : found.value;
  const series = buckets.map(({ by, points }): MetricSeries => ({
    ...{
      query,
      tags: by,
      unit: null,
      metric: `${kind}.${compute.aggregation}${compute.metric === undefined ? "" : `(${compute.metric})`}`,
    },
    points: isCount && from !== null ? withZeros(points, from, range.to) : points,
  }));
  return [asMetrics(found, series), ...(all === null ? [] : [asMetrics(all, [])])];
}
