import { z } from "zod";
import type {
  RecordedIncident,
  RecordedLog,
  RecordedSpan,
  RecordedChange,
  RecordedEvent,
  RecordedMonitor,
  RecordedCommit,
  RecordedIssue,
  RecordedCi,
  Access,
  RecordedPage,
} from "./recorded.ts";

/** The files of a recording, as its format says. Instants become epoch milliseconds. */
export const ms = (seconds: number): number => Math.round(seconds * 1000);
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

export const incidentSchema = z
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

export const logSchema = z.object({
  time: z.number(),
  service: z.string(),
  instance: name,
  severity: name,
  message: z.string(),
  trace_id: name,
  span_id: name,
  attributes,
});

export const toLog = (row: z.output<typeof logSchema>): RecordedLog => ({
  at: ms(row.time),
  service: row.service,
  instance: row.instance,
  severity: row.severity === null ? null : row.severity.toUpperCase(),
  message: row.message,
  traceId: row.trace_id,
  spanId: row.span_id,
  attributes: row.attributes,
});

export const spanSchema = z.object({
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

export const toSpan = (row: z.output<typeof spanSchema>): RecordedSpan => ({
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

export const changeSchema = z.object({
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

export const toChange = (row: z.output<typeof changeSchema>): RecordedChange => ({
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

export const eventSchema = z.object({
  time: epochSeconds,
  source: z.string(),
  title: z.string(),
  text: z.string().default(""),
  service: name,
  instance: name,
  severity: z.enum(["info", "warning", "error"]).catch("info"),
  tags: z.array(z.string()).default([]),
});

export const toEvent = ({ time, ...row }: z.output<typeof eventSchema>): RecordedEvent => ({ at: time, ...row });

export const monitorsSchema = z.array(
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

export const commitsSchema = z.array(
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

/** Strict: a misspelt setting would otherwise run something else than was meant. */
export const ciSchema = z
  .strictObject({
    checks: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100),
          command: z.array(z.string().min(1)).min(1, "name the program to run, for example node"),
          timeoutS: z.number().positive().max(3_600).default(60),
        }),
      )
      .min(1, "name at least one check, or leave the file out")
      .refine((checks) => new Set(checks.map((check) => check.name)).size === checks.length, "two checks have the same name"),
    cancelInProgress: z.boolean().default(false),
  })
  .transform(({ checks, cancelInProgress }): RecordedCi => ({
    checks: checks.map(({ timeoutS, ...check }) => ({ ...check, timeoutMs: ms(timeoutS) })),
    cancelInProgress,
  }));

const frameSchema = z
  .object({ filename: text, function: text, lineno: z.number().nullish(), in_app: z.boolean().default(true) })
  .transform((row) => ({ filename: row.filename, function: row.function, lineno: row.lineno ?? null, inApp: row.in_app }));

export const sentrySchema = z.array(
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

export const rowsSchema = z.array(z.record(z.string(), z.unknown()));

export const accessSchema = z.record(
  z.string(),
  z.string().transform((value, context): Access => {
    if (value === "forbidden" || value === "empty") return { kind: value };
    const status = /^error:(\d{3})$/.exec(value)?.[1];
    if (status !== undefined) return { kind: "error", status: Number(status) };
    context.addIssue({ code: "custom", message: `"${value}" is not one of forbidden, empty, error:NNN` });
    return z.NEVER;
  }),
);

export const pagesSchema = z.array(
  z
    .object({ offset_s: z.number(), title: z.string(), service: z.string(), urgency, details: z.string().default("") })
    .transform(({ offset_s, ...row }): RecordedPage => ({ offsetMs: ms(offset_s), ...row })),
);

export const baselineSchema = z.object({
  id: z.string(),
  metrics_window: windowSchema.nullish(),
  logs_window: windowSchema.nullish(),
  spans_window: windowSchema.nullish(),
});
