import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import type { Call, TimeWindow } from "../incident/telemetry.ts";
import { type MetricName, parseMetricName } from "./metric-name.ts";

/** A file of a recording cannot be read as the format says. The message names file, line, what is wrong and what to do. */
export class RecordingError extends Error {
  readonly file: string;
  readonly line: number | null;
  constructor(file: string, line: number | null, problem: string, todo: string, cause?: unknown) {
    super(`${file}${line === null ? "" : `, line ${line}`}: ${problem}. ${todo}`, cause === undefined ? {} : { cause });
    this.name = "RecordingError";
    this.file = file;
    this.line = line;
  }
}

/** What the pager knows. Instants are epoch milliseconds. */
export interface RecordedIncident {
  readonly id: string;
  readonly system: string | null;
  readonly title: string;
  /** The alert's text as the pager shows it; where a recording has only the alert's fields, one `key: value` a line. "" when there is none. */
  readonly details: string;
  readonly urgency: "high" | "low";
  readonly entryService: string;
  readonly detectedAt: number;
  /** What has been recorded when the investigation starts. The last instant belongs to it: `to` is the recording's end, inclusive. */
  readonly window: TimeWindow;
  readonly services: readonly string[];
  readonly dependencies: readonly Call[];
  readonly earlierIncidents: readonly TimeWindow[];
}

/** One metric of one service (and instance), oldest point first. `source` is the name as recorded. */
export interface RecordedSeries extends MetricName {
  readonly source: string;
  readonly service: string;
  readonly instance: string | null;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export interface RecordedLog {
  readonly at: number;
  readonly service: string;
  readonly instance: string | null;
  /** Upper case or null. */
  readonly severity: string | null;
  readonly message: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly attributes: Readonly<Record<string, unknown>> | null;
}

export interface RecordedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly instance: string | null;
  readonly operation: string;
  readonly start: number;
  readonly durationMs: number;
  /** As recorded ("ok", "ERROR", …), null where the source has none. */
  readonly status: string | null;
  readonly attributes: Readonly<Record<string, unknown>> | null;
}

/** A row of changes.jsonl: commits, deploys, flag flips, configuration. Fields a kind does not have are null. */
export interface RecordedChange {
  readonly kind: string;
  readonly at: number;
  readonly service: string | null;
  /** From `sha` or `commit_sha`. */
  readonly sha: string | null;
  readonly version: string | null;
  readonly environment: string | null;
  /** "config" on some deploys, "off->on" on a flag. */
  readonly change: string | null;
  readonly flag: string | null;
  /** From `author` or `actor`. */
  readonly author: string | null;
  /** From `message`, `title` or `text`. */
  readonly message: string | null;
  readonly paths: readonly string[];
  readonly diff: string | null;
}

export interface RecordedEvent {
  readonly at: number;
  readonly source: string;
  readonly title: string;
  readonly text: string;
  readonly service: string | null;
  readonly instance: string | null;
  readonly severity: "info" | "warning" | "error";
  readonly tags: readonly string[];
}

export interface RecordedMonitor {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly message: string;
  readonly service: string | null;
  readonly tags: readonly string[];
  /** `Alert`, `Warn`, `OK`, `No Data`. */
  readonly state: string;
  readonly triggeredAt: number | null;
}

export interface RecordedCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly at: number;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
  readonly pr: { readonly number: number; readonly title: string; readonly body: string; readonly mergedAt: number | null } | null;
  /** Whole file text before and after; null = did not exist, does not exist. */
  readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
}

export interface RecordedIssue {
  readonly shortId: string;
  readonly title: string;
  readonly culprit: string | null;
  readonly type: string;
  readonly value: string;
  readonly level: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  readonly release: string | null;
  readonly project: string;
  readonly stacktrace: readonly {
    readonly filename: string | null;
    readonly function: string | null;
    readonly lineno: number | null;
    readonly inApp: boolean;
  }[];
}

export interface RecordedSql {
  /** PostgreSQL text that creates and fills the tables, or null. */
  readonly seed: string | null;
  /** Rows shaped as `pg_stat_statements`. */
  readonly statements: readonly Readonly<Record<string, unknown>>[];
  /** Rows shaped as `pg_stat_activity`. */
  readonly activity: readonly Readonly<Record<string, unknown>>[];
}

/** How a tool behaves where that is part of the case. */
export type Access = { readonly kind: "forbidden" } | { readonly kind: "empty" } | { readonly kind: "error"; readonly status: number };

/** One webhook of a case that has several. `offsetMs` counts from `detectedAt`. */
export interface RecordedPage {
  readonly offsetMs: number;
  readonly title: string;
  readonly service: string;
  readonly urgency: "high" | "low";
  readonly details: string;
}

/** Healthy telemetry of the same system, in its own time. The windows are when it was recorded (null: not said). */
export interface RecordedBaseline {
  readonly id: string;
  readonly metricsWindow: TimeWindow | null;
  readonly logsWindow: TimeWindow | null;
  readonly spansWindow: TimeWindow | null;
  readonly series: readonly RecordedSeries[];
  readonly logs: readonly RecordedLog[];
  readonly spans: readonly RecordedSpan[];
}

/** One recorded incident, whole, in recording time (epoch milliseconds). Everything but the answer. A file that is absent is empty here. */
export interface Recording {
  readonly folder: string;
  readonly incident: RecordedIncident;
  readonly series: readonly RecordedSeries[];
  /** Oldest first, as are spans, changes and events. */
  readonly logs: readonly RecordedLog[];
  readonly spans: readonly RecordedSpan[];
  readonly changes: readonly RecordedChange[];
  readonly events: readonly RecordedEvent[];
  readonly monitors: readonly RecordedMonitor[];
  /** History of one repository, oldest first, one parent each. Empty when the case has none. */
  readonly commits: readonly RecordedCommit[];
  readonly sentry: readonly RecordedIssue[];
  readonly sql: RecordedSql | null;
  /** By tool: `datadog.metrics|logs|spans|events|monitors`, `sentry`, `github`, `sql`, `pagerduty`. No key: served normally. */
  readonly access: Readonly<Partial<Record<string, Access>>>;
  /** All pages of the case in order, that of `incident` among them; a case without pages.json has that one. */
  readonly pages: readonly RecordedPage[];
  readonly baselines: readonly RecordedBaseline[];
}

const ms = (seconds: number): number => Math.round(seconds * 1000);
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const epochSeconds = z.number().transform(ms);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const name = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === "" ? null : value));
const urgency = z.enum(["high", "low"]).default("high");
const attributes = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? null);

const windowSchema = z.object({ start: instant, end: instant }).transform(({ start, end }) => ({ from: start, to: end }));

const incidentSchema = z
  .object({
    id: z.string(),
    system: text,
    title: z.string(),
    details: text,
    alert: z.record(z.string(), z.unknown()).nullish(),
    urgency,
    entry_service: z.string(),
    detected_at: instant,
    window: windowSchema,
    baselines: z.array(z.string()).default([]),
    services: z.array(z.string()).default([]),
    dependencies: z.array(z.object({ from: z.string(), to: z.string() })).default([]),
    earlier_incidents: z.array(z.object({ start: instant, assumed_end: instant })).default([]),
  })
  .transform((row) => ({
    baselinePaths: row.baselines,
    incident: {
      id: row.id,
      system: row.system,
      title: row.title,
      details: row.details ?? alertText(row.alert ?? {}),
      urgency: row.urgency,
      entryService: row.entry_service,
      detectedAt: row.detected_at,
      window: row.window,
      services: row.services,
      dependencies: row.dependencies,
      earlierIncidents: row.earlier_incidents.map(({ start, assumed_end }) => ({ from: start, to: assumed_end })),
    } satisfies RecordedIncident,
  }));

const alertText = (alert: Record<string, unknown>): string =>
  Object.entries(alert)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");

const logSchema = z.object({
  time: z.number(),
  service: z.string(),
  instance: name,
  severity: name,
  message: z.string(),
  trace_id: name,
  span_id: name,
  attributes,
});

const toLog = (row: z.output<typeof logSchema>): RecordedLog => ({
  at: ms(row.time),
  service: row.service,
  instance: row.instance,
  severity: row.severity === null ? null : row.severity.toUpperCase(),
  message: row.message,
  traceId: row.trace_id,
  spanId: row.span_id,
  attributes: row.attributes,
});

const spanSchema = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  parent_id: name,
  service: z.string(),
  instance: name,
  operation: z.string(),
  start: z.number(),
  duration_ms: z.number(),
  status: name,
  attributes,
});

const toSpan = (row: z.output<typeof spanSchema>): RecordedSpan => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  parentId: row.parent_id,
  service: row.service,
  instance: row.instance,
  operation: row.operation,
  start: row.start * 1000,
  durationMs: row.duration_ms,
  status: row.status,
  attributes: row.attributes,
});

const changeSchema = z.object({
  kind: z.string(),
  time: epochSeconds,
  service: name,
  sha: name,
  commit_sha: name,
  version: name,
  environment: name,
  change: name,
  flag: name,
  author: name,
  actor: name,
  message: text,
  title: text,
  text: text,
  files_changed: z.array(z.string()).nullish(),
  diff: text,
});

const toChange = (row: z.output<typeof changeSchema>): RecordedChange => ({
  kind: row.kind,
  at: row.time,
  service: row.service,
  sha: row.sha ?? row.commit_sha,
  version: row.version,
  environment: row.environment,
  change: row.change,
  flag: row.flag,
  author: row.author ?? row.actor,
  message: row.message ?? row.title ?? row.text,
  paths: row.files_changed ?? [],
  diff: row.diff,
});

const eventSchema = z.object({
  time: epochSeconds,
  source: z.string(),
  title: z.string(),
  text: z.string().default(""),
  service: name,
  instance: name,
  severity: z.enum(["info", "warning", "error"]).catch("info"),
  tags: z.array(z.string()).default([]),
});

const toEvent = ({ time, ...row }: z.output<typeof eventSchema>): RecordedEvent => ({ at: time, ...row });

const monitorsSchema = z.array(
  z
    .object({
      id: z.number(),
      name: z.string(),
      type: z.string().default("query alert"),
      query: z.string().default(""),
      message: z.string().default(""),
      service: name,
      tags: z.array(z.string()).default([]),
      state: z.string(),
      triggered_at: instant.nullish(),
    })
    .transform(({ triggered_at, ...row }): RecordedMonitor => ({ ...row, triggeredAt: triggered_at ?? null })),
);

const commitsSchema = z.array(
  z
    .object({
      sha: z.string(),
      parents: z.array(z.string()).default([]),
      time: epochSeconds,
      author: z.object({ name: z.string(), email: z.string() }),
      message: z.string(),
      pr: z
        .object({ number: z.number(), title: z.string(), body: z.string().default(""), merged_at: instant.nullish() })
        .transform(({ merged_at, ...row }) => ({ ...row, mergedAt: merged_at ?? null }))
        .nullish()
        .transform((value) => value ?? null),
      files: z.array(z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() })).default([]),
    })
    .transform(({ time, ...row }): RecordedCommit => ({ at: time, ...row })),
);

const frameSchema = z
  .object({ filename: text, function: text, lineno: z.number().nullish(), in_app: z.boolean().default(true) })
  .transform((row) => ({ filename: row.filename, function: row.function, lineno: row.lineno ?? null, inApp: row.in_app }));

const sentrySchema = z.array(
  z
    .object({
      short_id: z.string(),
      title: z.string(),
      culprit: text,
      type: z.string().default("Error"),
      value: z.string().default(""),
      level: z.string().default("error"),
      first_seen: instant,
      last_seen: instant,
      count: z.number(),
      release: text,
      project: z.string(),
      stacktrace: z.array(frameSchema).default([]),
    })
    .transform(({ short_id, first_seen, last_seen, ...row }): RecordedIssue => ({
      ...row,
      shortId: short_id,
      firstSeen: first_seen,
      lastSeen: last_seen,
    })),
);

const rowsSchema = z.array(z.record(z.string(), z.unknown()));

const accessSchema = z.record(
  z.string(),
  z.string().transform((value, context): Access => {
    if (value === "forbidden" || value === "empty") return { kind: value };
    const status = /^error:(\d{3})$/.exec(value)?.[1];
    if (status !== undefined) return { kind: "error", status: Number(status) };
    context.addIssue({ code: "custom", message: `"${value}" is not one of forbidden, empty, error:NNN` });
    return z.NEVER;
  }),
);

const pagesSchema = z.array(
  z
    .object({ offset_s: z.number(), title: z.string(), service: z.string(), urgency, details: z.string().default("") })
    .transform(({ offset_s, ...row }): RecordedPage => ({ offsetMs: ms(offset_s), ...row })),
);

const baselineSchema = z.object({
  id: z.string(),
  metrics_window: windowSchema.nullish(),
  logs_window: windowSchema.nullish(),
  spans_window: windowSchema.nullish(),
});

const problems = (error: z.ZodError): string =>
  error.issues.map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`)).join("; ");

const formatHint = "Correct the file, or leave it out if the case has no such data";

function parseWith<T>(schema: z.ZodType<T>, value: unknown, file: string, line: number | null): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RecordingError(file, line, problems(parsed.error), formatHint);
  return parsed.data;
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

async function textIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function parseJson(content: string, file: string, line: number | null): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new RecordingError(file, line, `not JSON (${error instanceof Error ? error.message : String(error)})`, formatHint, error);
  }
}

async function jsonIfPresent<T>(file: string, schema: z.ZodType<T>, absent: T): Promise<T> {
  const content = await textIfPresent(file);
  return content === null ? absent : parseWith(schema, parseJson(content, file, null), file, null);
}

/** Calls `each` for every line of a gzipped text file that is not blank, in order; an absent file has none. Line numbers start at 1. */
async function eachLine(file: string, each: (line: string, number: number) => void): Promise<void> {
  let rest = "";
  let number = 0;
  const take = (line: string) => {
    number++;
    if (line.trim() !== "") each(line, number);
  };
  const decoder = new TextDecoder();
  try {
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) take(line);
      }
    });
  } catch (error) {
    if (isMissing(error)) return;
    if (error instanceof RecordingError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RecordingError(file, null, `cannot be unpacked (${why})`, "Pack it again with gzip", error);
  }
  take(rest + decoder.decode());
}

async function jsonLines<Row, T>(file: string, schema: z.ZodType<Row>, toItem: (row: Row) => T): Promise<T[]> {
  const items: T[] = [];
  await eachLine(file, (line, number) => void items.push(toItem(parseWith(schema, parseJson(line, file, number), file, number))));
  return items;
}

/** Fields of one CSV line (RFC 4180 without line breaks inside a field). */
function csvFields(line: string): string[] {
  const trimmed = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (!trimmed.includes('"')) return trimmed.split(",");
  const fields: string[] = [];
  for (const match of trimmed.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  return fields;
}

const metricColumns = ["time", "service", "instance", "metric", "value"] as const;

async function loadSeries(file: string): Promise<RecordedSeries[]> {
  const byKey = new Map<string, RecordedSeries & { points: { at: number; value: number }[] }>();
  const names = new Map<string, MetricName>();
  let columns: readonly number[] | null = null;
  await eachLine(file, (line, number) => {
    const fields = csvFields(line);
    if (columns === null) {
      columns = metricColumns.map((column) => fields.indexOf(column));
      const missing = metricColumns.filter((column) => !fields.includes(column));
      if (missing.length > 0)
        throw new RecordingError(file, number, `the header lacks ${missing.join(", ")}`, `It must be ${metricColumns.join(",")}`);
      return;
    }
    const [time = "", service = "", instance = "", source = "", value = ""] = columns.map((at) => fields[at] ?? "");
    const at = Number(time);
    const figure = Number(value);
    if (time === "" || value === "" || !Number.isFinite(at) || !Number.isFinite(figure) || service === "" || source === "")
      throw new RecordingError(
        file,
        number,
        `"${line.slice(0, 120)}" is not time,service,instance,metric,value`,
        "A missing value has no row",
      );
    const key = `${service}\0${instance}\0${source}`;
    let series = byKey.get(key);
    if (series === undefined) {
      let parsed = names.get(source);
      if (parsed === undefined) names.set(source, (parsed = parseMetricName(source)));
      series = { source, ...parsed, service, instance: instance === "" ? null : instance, points: [] };
      byKey.set(key, series);
    }
    series.points.push({ at: ms(at), value: figure });
  });
  for (const { points } of byKey.values()) points.sort((a, b) => a.at - b.at);
  return [...byKey.values()];
}

const byTime = (a: { at: number }, b: { at: number }) => a.at - b.at;
const byStart = (a: { start: number }, b: { start: number }) => a.start - b.start;

async function loadTelemetry(folder: string) {
  const [series, logs, spans] = await Promise.all([
    loadSeries(join(folder, "metrics.csv.gz")),
    jsonLines(join(folder, "logs.jsonl.gz"), logSchema, toLog),
    jsonLines(join(folder, "spans.jsonl.gz"), spanSchema, toSpan),
  ]);
  return { series, logs: logs.sort(byTime), spans: spans.sort(byStart) };
}

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

/** `<case>/<path>`, or the same below the nearest folder above the case that has it. */
async function findBaseline(folder: string, path: string): Promise<string> {
  const file = join(folder, "incident.json");
  // The path comes from the recording: it may name a folder beside it, not climb out to anywhere.
  if (isAbsolute(path) || path.split(/[\\/]/).includes("..")) {
    throw new RecordingError(file, null, `baselines: "${path}" leaves the recordings' folder`, "Give a path below a folder above the case");
  }
  for (let from = folder; ; from = dirname(from)) {
    const candidate = join(from, path);
    if (await isFolder(candidate)) return candidate;
    if (from === dirname(from))
      throw new RecordingError(
        file,
        null,
        `baselines: no folder "${path}" in or above ${folder}`,
        "Put it there, or remove it from the list",
      );
  }
}

async function loadBaseline(folder: string): Promise<RecordedBaseline> {
  const file = join(folder, "baseline.json");
  const [about, telemetry] = await Promise.all([jsonIfPresent(file, baselineSchema, { id: folder }), loadTelemetry(folder)]);
  const spansWindow = about.spans_window ?? null;
  return {
    id: about.id,
    metricsWindow: about.metrics_window ?? null,
    // Logs and spans of a baseline are of the same minute unless it says otherwise.
    logsWindow: about.logs_window ?? spansWindow,
    spansWindow,
    ...telemetry,
  };
}

async function loadSql(folder: string): Promise<RecordedSql | null> {
  const [seed, statements, activity] = await Promise.all([
    textIfPresent(join(folder, "seed.sql")),
    jsonIfPresent(join(folder, "statements.json"), rowsSchema.nullable(), null),
    jsonIfPresent(join(folder, "activity.json"), rowsSchema.nullable(), null),
  ]);
  return seed === null && statements === null && activity === null
    ? null
    : { seed, statements: statements ?? [], activity: activity ?? [] };
}

/**
 * Reads one recorded incident folder, whole: base files, optional files, and the baselines it names. Never opens `answer.json` or `truth.json`.
 * @throws RecordingError naming file, line, what is wrong and what to do
 */
export async function loadRecording(folder: string): Promise<Recording> {
  const root = resolve(folder);
  const incidentFile = join(root, "incident.json");
  const content = await textIfPresent(incidentFile);
  if (content === null)
    throw new RecordingError(
      incidentFile,
      null,
      "no such file",
      "Name the folder of one recorded incident, the one that holds incident.json",
    );
  const { incident, baselinePaths } = parseWith(incidentSchema, parseJson(content, incidentFile, null), incidentFile, null);
  const [telemetry, changes, events, monitors, commits, sentry, sql, access, pages, baselines] = await Promise.all([
    loadTelemetry(root),
    jsonLines(join(root, "changes.jsonl.gz"), changeSchema, toChange),
    jsonLines(join(root, "events.jsonl.gz"), eventSchema, toEvent),
    jsonIfPresent(join(root, "monitors.json"), monitorsSchema, []),
    jsonIfPresent(join(root, "repository", "commits.json"), commitsSchema, []),
    jsonIfPresent(join(root, "sentry.json"), sentrySchema, []),
    loadSql(join(root, "sql")),
    jsonIfPresent(join(root, "access.json"), accessSchema, {}),
    jsonIfPresent(join(root, "pages.json"), pagesSchema, []),
    Promise.all(baselinePaths.map(async (path) => loadBaseline(await findBaseline(root, path)))),
  ]);
  const { title, entryService: service, urgency: how, details } = incident;
  return {
    folder: root,
    incident,
    ...telemetry,
    changes: changes.sort(byTime),
    events: events.sort(byTime),
    monitors,
    commits,
    sentry,
    sql,
    access,
    pages: pages.length > 0 ? pages : [{ offsetMs: 0, title, service, urgency: how, details }],
    baselines,
  };
}
