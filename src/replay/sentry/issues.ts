import { createHash } from "node:crypto";
import { withBaselines } from "../baseline.ts";
import type { ReplayClock } from "../clock.ts";
import { deploysOf } from "../deploys.ts";
import type { RecordedIssue, RecordedLog, Recording } from "../recorded.ts";

/** An issue as it is served; instants are served time, epoch milliseconds. */
export interface SentryIssue {
  readonly id: string;
  readonly shortId: string;
  readonly title: string;
  readonly culprit: string;
  readonly type: string;
  readonly value: string;
  readonly level: string;
  readonly project: string;
  readonly release: string | null;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Events in the recorded window. */
  readonly count: number;
  readonly frames: RecordedIssue["stacktrace"];
  /** Values of each tag, most frequent first. */
  readonly tags: Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>;
}

/** Sentry's slugs: lower case letters, digits, `-` and `_`. */
export const projectSlug = (service: string): string =>
  service
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 50) || "unknown";

const numericId = (text: string): string =>
  String((Number.parseInt(createHash("sha256").update(text).digest("hex").slice(0, 12), 16) % 9_000_000_000) + 1_000_000_000);

const levels: Readonly<Record<string, string>> = {
  ERROR: "error",
  FATAL: "fatal",
  CRITICAL: "fatal",
  ALERT: "fatal",
  EMERGENCY: "fatal",
  PANIC: "fatal",
};

const firstLine = (text: string): string => text.split("\n", 1)[0]?.trim() ?? "";

/** A log message without what differs from one line to the next: ids, numbers, addresses, times. */
export const normalisedMessage = (message: string): string =>
  firstLine(message)
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<uuid>")
    .replaceAll(/\b(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)[0-9a-f]{8,})\b/gi, "<hex>")
    .replaceAll(/\b[\w.+-]+@[\w-]+\.[\w.]+\b/g, "<email>")
    .replaceAll(/\d+(?:[.:,]\d+)*/g, "<n>")
    .slice(0, 200);

const exceptionName = /\b((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error))\b(?::\s*(.*))?/;
const javaFrame = /^\s*at\s+((?:[\w$<>]+\.)+)([\w$<>]+)\(([\w$]+\.\w+)(?::(\d+))?\)/;
const libraries = /^(?:java|javax|jdk|sun|com\.sun|org\.(?:apache|springframework|hibernate)|io\.netty|reactor)\./;

/** Frames of a stack trace inside a message, innermost last as Sentry has them. */
function framesOf(message: string): RecordedIssue["stacktrace"] {
  return message
    .split("\n")
    .flatMap((line) => {
      const [, owner = "", method = "", file, lineNumber] = javaFrame.exec(line) ?? [];
      if (file === undefined) return [];
      const lineno = lineNumber === undefined ? null : Number(lineNumber);
      return [{ filename: file, function: `${owner}${method}`, lineno, inApp: !libraries.test(owner) }];
    })
    .toReversed();
}

function counted(values: readonly (string | null)[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}

const isError = ({ severity }: RecordedLog): boolean => severity !== null && severity in levels;

/**
 * Issues of a recording that has none of its own: lines at ERROR or above, grouped by service and normalised message. Counts are those of the
 * window; what the healthy baseline shows too was first seen then.
 */
function derived(recording: Recording): Omit<SentryIssue, "id" | "shortId">[] {
  const { window } = recording.incident;
  const groups = new Map<string, RecordedLog[]>();
  for (const log of withBaselines(recording).logs) {
    if (!isError(log) || log.at > window.to) continue;
    const key = `${log.service}\0${normalisedMessage(log.message)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [log]);
    else group.push(log);
  }
  return [...groups.values()].flatMap((logs) => {
    const inWindow = logs.filter(({ at }) => at >= window.from);
    const [first, last] = [logs[0], inWindow.at(-1)];
    if (first === undefined || last === undefined) return [];
    const line = firstLine(last.message);
    const [, name, rest] = exceptionName.exec(line) ?? [];
    const [, logger] = /^([\w.$[\]]+)#\d+\s/.exec(line) ?? [];
    const type = name?.split(".").at(-1) ?? "Error";
    const value = (name === undefined ? line : rest?.trim() || line).slice(0, 500);
    return [
      {
        // A logged message is its own title; words that were never logged would pass for a quote.
        title: (value === line ? line : `${type}: ${value}`).slice(0, 250),
        culprit: logger ?? last.service,
        type,
        value,
        level: levels[last.severity ?? "ERROR"] ?? "error",
        project: projectSlug(last.service),
        release: null,
        firstSeen: first.at,
        lastSeen: last.at,
        count: inWindow.length,
        frames: framesOf(last.message),
        tags: { server_name: counted(inWindow.map(({ instance }) => instance)) },
      },
    ];
  });
}

/** The issues of a recording, served, oldest first seen first. */
export function issuesOf(recording: Recording, clock: ReplayClock): SentryIssue[] {
  const own = recording.sentry
    .filter(({ firstSeen }) => firstSeen <= recording.incident.window.to)
    .map((issue) => {
      const { stacktrace: frames, culprit, ...rest } = issue;
      return { ...rest, culprit: culprit ?? "", frames, id: numericId(issue.shortId), tags: {} };
    });
  const found =
    own.length > 0
      ? own
      : derived(recording)
          .toSorted((a, b) => a.firstSeen - b.firstSeen || a.title.localeCompare(b.title))
          .map((issue, index) => {
            const shortId = `${issue.project.toUpperCase()}-${(index + 1).toString(36).toUpperCase()}`;
            return { ...issue, shortId, id: numericId(shortId) };
          });
  return found.map((issue): SentryIssue => {
    const all = [{ value: "", count: issue.count }];
    const one = (value: string | null) => (value === null ? [] : all.map((entry) => ({ ...entry, value })));
    return {
      ...issue,
      firstSeen: clock.toServed(issue.firstSeen),
      lastSeen: clock.toServed(issue.lastSeen),
      tags: { level: one(issue.level), environment: one("production"), release: one(issue.release), ...issue.tags },
    };
  });
}

/** A release with its deploys, as the deploy pipeline reports them to Sentry. */
export interface SentryRelease {
  readonly version: string;
  readonly projects: readonly string[];
  readonly createdAt: number;
  readonly sha: string | null;
  readonly deploys: readonly { readonly id: string; readonly environment: string; readonly at: number }[];
}

/** Releases of a recording, newest first: from its deploys, and those that only its issues name. */
export function releasesOf(recording: Recording, clock: ReplayClock, issues: readonly SentryIssue[]): SentryRelease[] {
  const byVersion = new Map<string, SentryRelease>();
  for (const [index, deploy] of deploysOf(recording).entries()) {
    const version = deploy.version ?? deploy.sha;
    if (version === null) continue;
    const known = byVersion.get(version);
    const at = clock.toServed(deploy.at);
    byVersion.set(version, {
      version,
      projects: [...new Set([...(known?.projects ?? []), ...(deploy.service === null ? [] : [projectSlug(deploy.service)])])],
      createdAt: known?.createdAt ?? at,
      sha: deploy.sha,
      deploys: [{ id: String(index + 1), environment: deploy.environment ?? "production", at }, ...(known?.deploys ?? [])],
    });
  }
  for (const { release, project, firstSeen } of issues) {
    if (release === null || byVersion.has(release)) continue;
    byVersion.set(release, { version: release, projects: [project], createdAt: firstSeen, sha: null, deploys: [] });
  }
  return [...byVersion.values()].toSorted((a, b) => b.createdAt - a.createdAt);
}
