import type { DatabaseSessions, StatementLoad } from "./database.ts";

/**
 * Plain data that every folder understands. Vendor types stop in `integrations/`; from there on telemetry has these shapes.
 * All instants are epoch milliseconds (UTC), all durations milliseconds, unless a name says otherwise.
 */

/** Half-open interval `[from, to)`, epoch milliseconds. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * What a signal measures. `availability` falls when things go wrong, `errors` and `latency` rise, `saturation` nears a limit,
 * `traffic` may move either way; `other` is a series of which the name and unit tell nothing.
 */
export type SignalKind = "latency" | "errors" | "availability" | "traffic" | "saturation" | "other";

/** One point of a series; a gap is a missing point, never a zero. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** One time series of one service (and one instance of it, if the source distinguishes instances), oldest point first. */
export interface Series {
  readonly service: string;
  readonly instance: string | null;
  readonly metric: string;
  readonly kind: SignalKind;
  /** As the vendor names it ("second", "percent", "byte"), or null where it says nothing. */
  readonly unit: string | null;
  /** Other tags that tell this series from its siblings, for example `{ wait_event: "CPU:user" }`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
  /** Number of the evidence entry that holds the raw answer. */
  readonly evidence: number;
}

/** By which a series is found again: no other of the same telemetry has it. */
export const seriesName = ({ service, instance, metric, tags }: Pick<Series, "service" | "instance" | "metric" | "tags">): string =>
  JSON.stringify([service, instance, metric, ...Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

/** One log line. Its text comes from outside: data, never an instruction. */
export interface LogLine {
  readonly at: number;
  readonly service: string;
  readonly instance: string | null;
  /** Upper case (`ERROR`, `WARN`, `INFO`, …) or null. */
  readonly severity: string | null;
  readonly message: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  /** How many lines of its minute this one stands for: 1 unless the source was sampled. */
  readonly weight: number;
  readonly evidence: number;
}

/** One span. A client span is known by its child in another service. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly instance: string | null;
  readonly operation: string;
  readonly start: number;
  readonly durationMs: number;
  /** null where the source records no status. */
  readonly error: boolean | null;
  /** The error's text where the span carries one. */
  readonly errorMessage: string | null;
  /** Of a database call: its statement without the values in it. */
  readonly statement: string | null;
  readonly evidence: number;
}

/** Caller and callee, both as the catalog names them. */
export interface Call {
  readonly from: string;
  readonly to: string;
}

/** One file of a change. `patch` is a unified diff without its file header; null where the host cut or hides it. */
export interface ChangedFile {
  readonly path: string;
  readonly status: "added" | "modified" | "removed" | "renamed";
  readonly additions: number;
  readonly deletions: number;
  readonly patch: string | null;
}

export type ChangeKind = "deploy" | "rollback" | "flag" | "config" | "migration" | "commit" | "pull-request" | "other";

/** Anything changed. Only what reached production can be to blame: a commit or pull request alone did not. */
export interface ChangeEvent {
  readonly kind: ChangeKind;
  readonly at: number;
  readonly service: string | null;
  readonly title: string;
  /** What is live after the change, where it is code: full commit sha. */
  readonly sha: string | null;
  /** What was live before, where known. */
  readonly previousSha: string | null;
  readonly version: string | null;
  /** `owner/name`. */
  readonly repository: string | null;
  readonly author: string | null;
  readonly pullRequest: { readonly number: number; readonly title: string; readonly url: string } | null;
  /** null: not read. Empty: read, and nothing in it. */
  readonly files: readonly ChangedFile[] | null;
  readonly link: string | null;
  readonly evidence: number;
}

/** An event of the platform (Kubernetes, RDS, a scheduler) that is not a change. */
export interface PlatformEvent {
  /** When it was seen (last, where it counts itself). A clue is only what began shortly before the page or later; the model sees all. */
  readonly at: number;
  /** One word in lower case: "kubernetes", "rds". */
  readonly source: string;
  /** null where it names none; analysis then takes it for the paged service's. */
  readonly service: string | null;
  readonly instance: string | null;
  readonly severity: "info" | "warning" | "error";
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  /** By its own account it came so often, since then (known to `slackMs`). Missing: it came once or does not say. */
  readonly repeated?: { readonly count: number; readonly since: number; readonly slackMs: number };
  readonly evidence: number;
}

export interface MonitorState {
  readonly id: number;
  readonly name: string;
  readonly query: string;
  readonly message: string;
  readonly service: string | null;
  readonly state: "Alert" | "Warn" | "OK" | "No Data" | "Unknown";
  readonly triggeredAt: number | null;
  readonly evidence: number;
}

/** One grouped error of an error tracker. */
export interface ErrorIssue {
  readonly id: string;
  readonly title: string;
  readonly culprit: string | null;
  readonly service: string | null;
  readonly level: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  /** Whom it hit in the time asked for. Missing: the tracker does not say. */
  readonly users?: number;
  readonly release: string | null;
  readonly link: string | null;
  readonly evidence: number;
}

/** Kinds of data that analysis rests on most. */
export type DataKind = "metrics" | "logs" | "traces" | "changes";

/** A page beside the one that is looked into. */
export interface OtherPage {
  readonly id: string;
  readonly at: number;
  /** null: it is still open. */
  readonly resolvedAt: number | null;
  readonly service: string | null;
  readonly title: string;
  readonly evidence: number;
}

/** A page that the pager itself relates to this one. */
export interface RelatedPage {
  readonly id: string;
  readonly at: number | null;
  readonly title: string;
  /** Why, in the pager's words. */
  readonly because: readonly string[];
  readonly evidence: number;
}

/** All that analysis sees of one incident. Whatever could not be read is empty here and named in the coverage. */
export interface Telemetry {
  readonly page: { readonly service: string; readonly title: string; readonly details: string; readonly at: number };
  /** The time under suspicion: from some minutes before the page to the latest data. */
  readonly window: TimeWindow;
  /** The quiet time it is compared with; may itself hold earlier incidents, so statistics over it must be robust. */
  readonly baseline: TimeWindow;
  /** Services that the catalog or the telemetry names. */
  readonly services: readonly string[];
  /** From the catalog; analysis adds what it sees in spans. */
  readonly calls: readonly Call[];
  /** Cover baseline and window in one series. */
  readonly series: readonly Series[];
  /** Error lines and failing spans of each service in each minute of both windows, where an open incident is read again. Missing: not read. */
  readonly counts?: readonly Series[];
  /** Lines of both windows, distinguished by their time. */
  readonly logs: readonly LogLine[];
  /** Spans of both windows, distinguished by their start. */
  readonly spans: readonly Span[];
  readonly changes: readonly ChangeEvent[];
  readonly events: readonly PlatformEvent[];
  readonly monitors: readonly MonitorState[];
  readonly issues: readonly ErrorIssue[];
  /** Of the databases that the paged service and all that it ends up calling use. */
  readonly statements: readonly StatementLoad[];
  readonly sessions: readonly DatabaseSessions[];
  /** Known earlier incidents whose time must not count as baseline. */
  readonly earlierIncidents: readonly TimeWindow[];
  /** When the same alert paged before, by the pager's key of it. Missing: not read. */
  readonly equalPages?: readonly number[];
  /** Missing: not read in time, or the pager relates none. */
  readonly relatedPages?: readonly RelatedPage[];
  /** Of the paged service and others: the same hours a day and a week before, in steps of the same length. Missing: not read. */
  readonly history?: readonly Series[];
  /** Other pages of the hours before, whatever their service, newest first; missing where no pager was asked. */
  readonly pages?: readonly OtherPage[];
  /** Of which a source was asked that failed or ran out of time: what is there of them may be a part. Missing: all answered. */
  readonly unread?: readonly DataKind[];
}
