import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** Times in seconds since the epoch, as recordings have them. */
interface Minute {
  readonly logs: readonly Record<string, unknown>[];
  readonly spans: readonly Record<string, unknown>[];
}

const textOf = (file: string): string => (existsSync(file) ? gunzipSync(readFileSync(file)).toString("utf8") : "");
const jsonLines = (file: string): Record<string, unknown>[] =>
  textOf(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const write = (file: string, text: string) => writeFileSync(file, file.endsWith(".gz") ? gzipSync(text) : text);
const writeLines = (file: string, rows: readonly unknown[]) => write(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const iso = (seconds: number) => new Date(Math.round(seconds) * 1000).toISOString();

/** A trace id that no other trace has: the copy of a minute is other requests. */
const otherId = (id: unknown): unknown => (typeof id === "string" && id !== "" ? `c0${id.slice(2)}` : id);

function copied({ logs, spans }: Minute, by: number, renamed: boolean): Minute {
  const id = renamed ? otherId : (same: unknown) => same;
  return {
    logs: logs.map((row) => ({ ...row, time: Number(row["time"]) + by, trace_id: id(row["trace_id"]), span_id: id(row["span_id"]) })),
    spans: spans.map((row) => ({
      ...row,
      start: Number(row["start"]) + by,
      trace_id: id(row["trace_id"]),
      span_id: id(row["span_id"]),
      parent_id: id(row["parent_id"]),
    })),
  };
}

/** When it began and ended; null when there is nothing in it. */
function ends({ logs, spans }: Minute): { first: number; last: number } | null {
  const times = [...logs.map((row) => Number(row["time"])), ...spans.map((row) => Number(row["start"]))];
  if (times.length === 0) return null;
  return {
    first: times.reduce((least, at) => Math.min(least, at), Infinity),
    last: times.reduce((most, at) => Math.max(most, at), -Infinity),
  };
}

export interface HealthySource {
  /** Folder of healthy telemetry. */
  readonly baseline: string;
  readonly entryService: string;
  readonly dependencies?: readonly unknown[];
  /** How much of its metrics is used, from their beginning, seconds. Default: all. */
  readonly usedS?: number;
  /** Folder with `commits.json`. */
  readonly repository?: string;
  /** What went live four minutes before the page. */
  readonly deploy: Readonly<Record<string, unknown>>;
}

/**
 * Makes a recording of an hour in which nothing was wrong: the last half (of at most an hour) of a healthy recording's metrics is the incident's
 * window, what comes before is its history. The healthy minute of logs and spans lies at the end of the window, a copy of it in the history. A
 * page comes two minutes before the end, and a deploy four minutes before the page: somebody in a hurry would blame it.
 * @returns its folder
 */
export function healthyRecording({
  baseline,
  entryService,
  dependencies = [],
  repository,
  deploy,
  usedS = Infinity,
}: HealthySource): string {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-healthy-"));
  const history = join(folder, "baseline", "before");
  mkdirSync(history, { recursive: true });

  const [header = "", ...rows] = textOf(join(baseline, "metrics.csv.gz")).trimEnd().split("\n");
  const whole = rows.map((row) => ({ row, at: Number(row.slice(0, row.indexOf(","))) }));
  const from = whole.reduce((least, { at }) => Math.min(least, at), Infinity);
  const timed = whole.filter(({ at }) => at < from + usedS);
  const end = timed.reduce((most, { at }) => Math.max(most, at), -Infinity) + 1;
  const start = end - Math.min(1_800, Math.floor((end - from) / 2));
  const csv = (file: string, kept: readonly { row: string }[]) => write(file, `${[header, ...kept.map(({ row }) => row)].join("\n")}\n`);
  csv(
    join(folder, "metrics.csv.gz"),
    timed.filter(({ at }) => at >= start),
  );
  csv(
    join(history, "metrics.csv.gz"),
    timed.filter(({ at }) => at < start),
  );

  const minute: Minute = { logs: jsonLines(join(baseline, "logs.jsonl.gz")), spans: jsonLines(join(baseline, "spans.jsonl.gz")) };
  const { first, last } = ends(minute) ?? { first: end, last: end };
  const now = copied(minute, end - 1 - last, false);
  const before = copied(minute, start - 1 - last, true);
  for (const [into, { logs, spans }] of [[folder, now] as const, [history, before] as const]) {
    writeLines(join(into, "logs.jsonl.gz"), logs);
    writeLines(join(into, "spans.jsonl.gz"), spans);
  }
  const window = { start: iso(start - 1 - (last - first)), end: iso(start) };
  write(
    join(history, "baseline.json"),
    JSON.stringify({ id: "before", metrics_window: { start: iso(from), end: iso(start) }, spans_window: window, logs_window: window }),
  );
  const detectedAt = end - 120;
  writeLines(join(folder, "changes.jsonl.gz"), [{ kind: "deploy", time: detectedAt - 240, environment: "production", ...deploy }]);
  if (repository !== undefined) cpSync(repository, join(folder, "repository"), { recursive: true });
  write(
    join(folder, "incident.json"),
    JSON.stringify({
      id: "healthy-hour",
      title: `High latency / error rate on ${entryService}`,
      entry_service: entryService,
      detected_at: iso(detectedAt),
      window: { start: iso(start), end: iso(end) },
      baselines: ["baseline/before"],
      dependencies,
    }),
  );
  return folder;
}
