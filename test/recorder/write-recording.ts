import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TracedLog, TracedSpan } from "./tracer.ts";

const MINUTE_MS = 60_000;
const seconds = (ms: number): number => Math.round(ms * 1000) / 1e6;
const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const six = (value: number): number => Number(value.toPrecision(6));

/** Whole traces are kept, by a hash of their id, so that rates between minutes stay comparable. */
const kept = (traceId: string, share: number): boolean =>
  Number.parseInt(createHash("sha1").update(traceId).digest("hex").slice(0, 8), 16) / 0x1_0000_0000 < share;

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** One row a minute for each figure that a tracing library reports of whole minutes; all requests count, kept or not. */
export function metricRows(spans: readonly TracedSpan[], from: number, to: number): string[] {
  const rows: string[] = [];
  const kinds = [
    { metric: "trace.http.request", fits: (span: TracedSpan) => span.operation !== "sqlite.query", errors: true },
    { metric: "trace.sqlite.query", fits: (span: TracedSpan) => span.operation === "sqlite.query", errors: false },
  ];
  const services = [...new Set(spans.map(({ service }) => service))].toSorted();
  for (let minute = from; minute < to; minute += MINUTE_MS) {
    const within = spans.filter(({ start }) => start >= minute && start < minute + MINUTE_MS);
    for (const service of services) {
      for (const { metric, fits, errors } of kinds) {
        const mine = within.filter((span) => span.service === service && fits(span));
        if (mine.length === 0) continue;
        const sorted = mine.map(({ durationMs }) => durationMs / 1000).toSorted((a, b) => a - b);
        const row = (name: string, value: number) => rows.push(`${minute / 1000},${service},,${metric}.${name},${six(value)}`);
        row("hits", mine.length);
        if (errors) row("errors", mine.filter(({ status }) => status === "error").length);
        row("duration.p50", percentile(sorted, 0.5));
        row("duration.p95", percentile(sorted, 0.95));
        row("duration.p99", percentile(sorted, 0.99));
      }
    }
  }
  return rows;
}

const spanRow = (span: TracedSpan) => ({
  trace_id: span.traceId,
  span_id: span.spanId,
  parent_id: span.parentId,
  service: span.service,
  instance: span.instance,
  operation: span.operation,
  start: seconds(span.start),
  duration_ms: Math.round(span.durationMs * 1000) / 1000,
  status: span.status,
  attributes: span.attributes,
});

const logRow = (log: TracedLog) => ({
  time: seconds(log.at),
  service: log.service,
  instance: log.instance,
  severity: log.level.toUpperCase(),
  message: log.message,
  trace_id: log.traceId,
  span_id: log.spanId,
});

/**
 * Frames of an error's own stack in its service's code, innermost last, as Sentry has them. The recorder runs all services in one process, so
 * that a stack goes on in the caller's.
 */
function framesOf(error: Error, service: string): { filename: string; function: string; lineno: number; in_app: boolean }[] {
  return (error.stack ?? "")
    .split("\n")
    .flatMap((line) => {
      const [, name, path, number] =
        /at (?:async )?(?:(\S+) \()?file:\/\/.*?\/((?:orders|web|payments)\/src\/[^:]+):(\d+)/.exec(line) ?? [];
      return path === undefined || !path.startsWith(`${service}/`)
        ? []
        : [{ filename: path, function: name ?? "<anonymous>", lineno: Number(number), in_app: true }];
    })
    .toReversed();
}

/** One issue for each kind of error that a service logged with its exception. */
export function sentryIssues(logs: readonly TracedLog[], releaseAt: (log: TracedLog) => string) {
  const groups = Map.groupBy(
    logs.filter((log) => log.error !== null),
    (log) => `${log.service} ${log.error?.name}`,
  );
  return [...groups.values()].map((group, index) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first?.error == null || last === undefined) throw new Error("an empty group");
    const frames = framesOf(first.error, first.service);
    const innermost = frames.at(-1);
    return {
      short_id: `${first.service.toUpperCase()}-${index + 1}`,
      title: `${first.error.name}: ${first.error.message}`,
      culprit: innermost === undefined ? first.service : `${innermost.function} (${innermost.filename})`,
      type: first.error.name,
      value: first.error.message,
      level: "error",
      first_seen: iso(first.at),
      last_seen: iso(last.at),
      count: group.length,
      release: releaseAt(last),
      project: first.service,
      stacktrace: frames,
    };
  });
}

export interface RecordingToWrite {
  readonly folder: string;
  readonly incident: Readonly<Record<string, unknown>>;
  readonly monitors: readonly unknown[];
  readonly changes: readonly unknown[];
  readonly spans: readonly TracedSpan[];
  readonly logs: readonly TracedLog[];
  readonly sentry: readonly unknown[];
  readonly from: number;
  readonly to: number;
  /** Share of traces, with their logs, that is kept. */
  readonly share: number;
}

/** Writes a folder as the format of recordings has it. */
export function writeRecording(recording: RecordingToWrite): void {
  const { folder, incident, monitors, changes, spans, logs, sentry, from, to, share } = recording;
  mkdirSync(join(folder, "repository"), { recursive: true });
  const inside = (at: number) => at >= from && at < to;
  const packed = (name: string, rows: readonly string[]) =>
    writeFileSync(join(folder, name), gzipSync(rows.map((row) => `${row}\n`).join(""), { level: 9 }));
  const json = (name: string, value: unknown) => writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  const keptSpans = spans.filter((span) => inside(span.start) && span.start + span.durationMs < to && kept(span.traceId, share));
  const keptLogs = logs.filter((log) => inside(log.at) && log.level !== "debug" && (log.traceId === null || kept(log.traceId, share)));
  const metrics = metricRows(
    spans.filter(({ start }) => inside(start)),
    from,
    to,
  );
  packed(
    "spans.jsonl.gz",
    keptSpans.toSorted((a, b) => a.start - b.start).map((span) => JSON.stringify(spanRow(span))),
  );
  packed(
    "logs.jsonl.gz",
    keptLogs.toSorted((a, b) => a.at - b.at).map((log) => JSON.stringify(logRow(log))),
  );
  packed("metrics.csv.gz", ["time,service,instance,metric,value", ...metrics]);
  packed(
    "changes.jsonl.gz",
    changes.map((change) => JSON.stringify(change)),
  );
  json("incident.json", {
    ...incident,
    telemetry: {
      metrics: { step_s: 60, rows: metrics.length },
      spans: { rows: keptSpans.length, trace_sampling: share },
      logs: { rows: keptLogs.length, trace_sampling: share },
      changes: { rows: changes.length },
      monitors: monitors.length,
      sentry: sentry.length,
    },
  });
  json("monitors.json", monitors);
  if (sentry.length > 0) json("sentry.json", sentry);
}
