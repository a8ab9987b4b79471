import type { Call, TimeWindow } from "../incident/telemetry.ts";
import type { MetricName } from "./metric-name.ts";

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

/** What the repository's CI runs for each commit that becomes the head of a branch. Only where the replay is asked to. */
export interface RecordedCi {
  readonly checks: readonly {
    readonly name: string;
    /** Program and arguments, no shell; `node` is the Node that runs the replay. */
    readonly command: readonly string[];
    readonly timeoutMs: number;
  }[];
  /** Whether a newer push to a branch ends what still runs for that branch. */
  readonly cancelInProgress: boolean;
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
  /** null: the repository has no CI. */
  readonly ci: RecordedCi | null;
  readonly sentry: readonly RecordedIssue[];
  readonly sql: RecordedSql | null;
  /** By tool: `datadog.metrics|logs|spans|events|monitors`, `sentry`, `github`, `sql`, `pagerduty`. No key: served normally. */
  readonly access: Readonly<Partial<Record<string, Access>>>;
  /** All pages of the case in order, that of `incident` among them; a case without pages.json has that one. */
  readonly pages: readonly RecordedPage[];
  readonly baselines: readonly RecordedBaseline[];
}
