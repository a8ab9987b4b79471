import type { TimeWindow } from "../incident/telemetry.ts";
import type { RecordedLog, RecordedSeries, RecordedSpan, Recording } from "./recorded.ts";

/** Metrics, logs and spans of a recording with the hours before it, in recording time. */
export interface WholeTelemetry {
  readonly series: readonly RecordedSeries[];
  /** Oldest first, as are the spans. */
  readonly logs: readonly RecordedLog[];
  readonly spans: readonly RecordedSpan[];
}

/** How far to move what lies in `window` (or, where that is not known, at `times`) so that it ends at `end`; and where it then starts. */
function shiftTo(end: number, window: TimeWindow | null, times: readonly number[]): { by: number; start: number } {
  const first = times.reduce((least, at) => Math.min(least, at), Infinity);
  const last = times.reduce((most, at) => Math.max(most, at), -Infinity);
  if (window === null && times.length === 0) return { by: 0, start: end };
  const by = end - (window?.to ?? last + 1);
  return { by, start: (window?.from ?? first) + by };
}

/**
 * The recording and its healthy baselines as one past: each baseline is moved so that it ends at the recording's `window.from`, several lie one
 * before the other in their order. Metrics, logs and spans of a baseline were recorded at different times, so each kind is moved by its own
 * window. Series of the same service, instance and name become one. What lies after the recording's end is left out: it has not happened yet.
 */
export function withBaselines(recording: Recording): WholeTelemetry {
  const { from: startsAt, to: endsAt } = recording.incident.window;
  const byKey = new Map<string, { series: RecordedSeries; points: { at: number; value: number }[] }>();
  const keyOf = (series: RecordedSeries) => `${series.service}\0${series.instance ?? ""}\0${series.source}`;
  for (const series of recording.series) byKey.set(keyOf(series), { series, points: series.points.filter(({ at }) => at <= endsAt) });
  const logs: RecordedLog[] = [];
  const spans: RecordedSpan[] = [];
  const end = { series: startsAt, logs: startsAt, spans: startsAt };
  for (const baseline of recording.baselines) {
    const times = baseline.series.flatMap(({ points }) => points.map(({ at }) => at));
    const ofSeries = shiftTo(end.series, baseline.metricsWindow, times);
    for (const series of baseline.series) {
      // A point on the border belongs to the recording itself.
      const moved = series.points.map(({ at, value }) => ({ at: at + ofSeries.by, value })).filter(({ at }) => at < end.series);
      const known = byKey.get(keyOf(series));
      if (known === undefined) byKey.set(keyOf(series), { series, points: moved });
      else known.points = moved.concat(known.points);
    }
    const ofLogs = shiftTo(
      end.logs,
      baseline.logsWindow,
      baseline.logs.map(({ at }) => at),
    );
    for (const log of baseline.logs) logs.push({ ...log, at: log.at + ofLogs.by });
    const ofSpans = shiftTo(
      end.spans,
      baseline.spansWindow,
      baseline.spans.map(({ start }) => start),
    );
    for (const span of baseline.spans) spans.push({ ...span, start: span.start + ofSpans.by });
    end.series = ofSeries.start;
    end.logs = ofLogs.start;
    end.spans = ofSpans.start;
  }
  return {
    series: [...byKey.values()].map(({ series, points }) => ({ ...series, points })),
    logs: logs.concat(recording.logs.filter(({ at }) => at <= endsAt)).sort((a, b) => a.at - b.at),
    spans: spans.concat(recording.spans.filter(({ start }) => start <= endsAt)).sort((a, b) => a.start - b.start),
  };
}
