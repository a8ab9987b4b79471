import { classifySignal } from "../analysis/signal-kind.ts";
import type { ChangeEvent, ErrorIssue, LogLine, MonitorState, PlatformEvent, SignalKind, Span, Telemetry } from "../incident/telemetry.ts";
import { withoutLiterals } from "../incident/statement.ts";
import { toEvent } from "../integrations/datadog/to-event.ts";
import { toLogLine } from "../integrations/datadog/to-log-line.ts";
import { type WholeTelemetry, withBaselines } from "./baseline.ts";
import { replayClock } from "./clock.ts";
import { eventAnswer, storedEvent } from "./datadog/events.ts";
import { logAnswer, storedLog } from "./datadog/logs.ts";
import { serviceTags } from "./datadog/tags.ts";
import { recordedChanges, recordedMoments } from "./recorded-changes.ts";
import { issuesOf, projectSlug } from "./sentry/issues.ts";
import type { RecordedMonitor, RecordedSpan, Recording } from "./recorded.ts";

/** Time before the page that belongs to the window under suspicion rather than to the baseline. */
const leadMs = 10 * 60_000;

const monitorStates: Readonly<Record<string, MonitorState["state"]>> = { Alert: "Alert", Warn: "Warn", OK: "OK", "No Data": "No Data" };

const toMonitor = ({ type: _type, tags: _tags, state, ...monitor }: RecordedMonitor): MonitorState => ({
  ...monitor,
  state: monitorStates[state] ?? "Unknown",
  evidence: 0,
});

const textAttribute = (span: RecordedSpan, ...names: string[]): string | null => {
  for (const name of names) {
    const value = span.attributes?.[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return null;
};

/** The text of a span's error, from the attributes in which tracers leave it. */
export const spanErrorMessage = (span: RecordedSpan): string | null =>
  textAttribute(span, "error.message", "error", "exception.message", "status_message");

/** Whether a span failed; null where neither a status nor an error text was recorded. */
export const spanFailed = (span: RecordedSpan): boolean | null =>
  span.status !== null
    ? /^error$/i.test(span.status)
    : textAttribute(span, "error.message", "error", "exception.message") !== null
      ? true
      : null;

function statementOf(span: RecordedSpan): string | null {
  const text = textAttribute(span, "db.query.text", "db.statement", "sql.query");
  return text === null ? null : withoutLiterals(text);
}

const toSpan = (span: RecordedSpan): Span => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentId: span.parentId,
  service: span.service,
  instance: span.instance,
  operation: span.operation,
  start: span.start,
  durationMs: span.durationMs,
  error: spanFailed(span),
  errorMessage: spanErrorMessage(span),
  statement: statementOf(span),
  evidence: 0,
});

const unmoved = (at: number): number => at;

/** Lines as the Datadog client reads them from the replay's answers: with the error that some loggers leave beside the message. */
function toLogLines(recording: Recording, logs: WholeTelemetry["logs"]): LogLine[] {
  const further = serviceTags(recording.monitors);
  return logs.flatMap((log, index) => {
    const line = toLogLine(logAnswer(storedLog(log, index, further), unmoved));
    if (line === null) return [];
    const { fields: _fields, ...plain } = line;
    return [{ ...plain, evidence: 0 }];
  });
}

/** The event stream, split into events and changes as the Datadog client does it; changes that the recording knows more of are whole. */
function toEvents(recording: Recording): { events: PlatformEvent[]; changes: ChangeEvent[] } {
  const events: PlatformEvent[] = [];
  const changes: ChangeEvent[] = [];
  recordedMoments(recording).forEach((moment, index) => {
    const told = toEvent(eventAnswer(storedEvent(moment, index, unmoved), unmoved), () => null);
    if (moment.change !== null) changes.push({ ...moment.change, at: moment.at, title: moment.title });
    else if (told?.change !== undefined) changes.push({ ...told.change, evidence: 0 });
    else if (told?.event !== undefined) events.push({ ...told.event, evidence: 0 });
  });
  return { events, changes };
}

/** Issues seen in the time under suspicion, under the names of their services. */
function toIssues(recording: Recording, since: number): ErrorIssue[] {
  const { window, services, entryService } = recording.incident;
  const serviceOf = new Map(
    [entryService, ...services, ...recording.logs.map(({ service }) => service)].map((name) => [projectSlug(name), name]),
  );
  return issuesOf(recording, replayClock(window.to, window.to))
    .filter(({ lastSeen }) => lastSeen >= since)
    .map(({ shortId, title, culprit, project, level, firstSeen, lastSeen, count, release }) => ({
      id: shortId,
      title,
      culprit: culprit === "" ? null : culprit,
      service: serviceOf.get(projectSlug(project)) ?? project,
      level,
      firstSeen,
      lastSeen,
      count,
      release,
      link: null,
      evidence: 0,
    }));
}

/**
 * A recording as the plain data that analysis takes, in recording time, without any HTTP: what a triage over the replay would end up with when
 * it had read everything. Evidence is 0 throughout. Baselines are moved to end at the recording's start (`withBaselines`). A tool that
 * `access.json` refuses or empties gives nothing here either. Where the recording has no Sentry issues, they are made of its error logs, as the
 * replayed Sentry makes them.
 */
export function recordedTelemetry(recording: Recording): Telemetry {
  const { incident, access } = recording;
  const whole = withBaselines(recording);
  const readable = <T>(tool: string, rows: readonly T[]): readonly T[] => (access[tool] === undefined ? rows : []);
  const kinds = new Map<string, SignalKind>();
  const kindOf = (metric: string, unit: string | null): SignalKind => {
    const key = `${metric}\0${unit ?? ""}`;
    const kind = kinds.get(key) ?? classifySignal(metric, unit);
    kinds.set(key, kind);
    return kind;
  };
  const series = readable("datadog.metrics", whole.series);
  const logs = readable("datadog.logs", whole.logs);
  const spans = readable("datadog.spans", whole.spans);
  // Deploys and flags come on Datadog's event stream, commits from GitHub.
  const stream = access["datadog.events"] === undefined ? toEvents(recording) : { events: [], changes: [] };
  const commits = readable(
    "github",
    recordedChanges(recording).filter(({ kind }) => kind === "commit"),
  );
  const suspectFrom = incident.detectedAt - leadMs;
  const earliest = Math.min(
    incident.window.from,
    ...series.flatMap(({ points }) => points.slice(0, 1).map(({ at }) => at)),
    ...logs.slice(0, 1).map(({ at }) => at),
    ...spans.slice(0, 1).map(({ start }) => start),
  );
  return {
    page: { service: incident.entryService, title: incident.title, details: incident.details, at: incident.detectedAt },
    // Half-open, and what happened at the recording's last instant belongs to it.
    window: { from: suspectFrom, to: incident.window.to + 1 },
    baseline: { from: Math.min(earliest, suspectFrom), to: suspectFrom },
    services: incident.services,
    calls: incident.dependencies,
    series: series.map(({ service, instance, metric, unit, tags, points }) => {
      return { service, instance, metric, kind: kindOf(metric, unit), unit, tags, points, evidence: 0 };
    }),
    logs: toLogLines(recording, logs),
    spans: spans.map(toSpan),
    changes: [...commits, ...stream.changes].sort((a, b) => a.at - b.at),
    events: stream.events,
    monitors: readable("datadog.monitors", recording.monitors).map(toMonitor),
    issues: access["sentry"] === undefined ? toIssues(recording, suspectFrom) : [],
    // These need a database to be asked (startReplay).
    statements: [],
    sessions: [],
    earlierIncidents: incident.earlierIncidents,
  };
}
