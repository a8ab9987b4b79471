import { stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type MetricName, parseMetricName } from "./metric-name.ts";
import type { RecordedSeries, RecordedSql, RecordedBaseline, Recording } from "./recorded.ts";
import {
  RecordingError,
  parseWith,
  isMissing,
  parseJson,
  jsonIfPresent,
  eachLine,
  jsonLines,
  csvFields,
  textIfPresent,
} from "./recording-files.ts";
import {
  ms,
  incidentSchema,
  logSchema,
  toLog,
  spanSchema,
  toSpan,
  changeSchema,
  toChange,
  eventSchema,
  toEvent,
  monitorsSchema,
  commitsSchema,
  ciSchema,
  sentrySchema,
  rowsSchema,
  accessSchema,
  pagesSchema,
  baselineSchema,
} from "./recording-schema.ts";

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
  const [telemetry, changes, events, monitors, commits, ci, sentry, sql, access, pages, baselines] = await Promise.all([
    loadTelemetry(root),
    jsonLines(join(root, "changes.jsonl.gz"), changeSchema, toChange),
    jsonLines(join(root, "events.jsonl.gz"), eventSchema, toEvent),
    jsonIfPresent(join(root, "monitors.json"), monitorsSchema, []),
    jsonIfPresent(join(root, "repository", "commits.json"), commitsSchema, []),
    jsonIfPresent(join(root, "repository", "ci.json"), ciSchema.nullable(), null),
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
    ci,
    sentry,
    sql,
    access,
    pages: pages.length > 0 ? pages : [{ offsetMs: 0, title, service, urgency: how, details }],
    baselines,
  };
}
