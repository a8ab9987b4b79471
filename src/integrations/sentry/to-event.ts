import { exceptionSchema, type VendorEvent } from "./schema.ts";
import { instantOf } from "./to-issue.ts";

/** A stack frame of the customer's own code. */
export interface Frame {
  readonly filename: string | null;
  readonly module: string | null;
  readonly function: string | null;
  readonly line: number | null;
}

export interface SentryException {
  readonly type: string | null;
  readonly value: string | null;
  /** In-app frames only, innermost first; all frames where none is marked as in-app. */
  readonly frames: readonly Frame[];
}

/** What midwatch keeps of an event. Requests, users, breadcrumbs, contexts and variables of frames stay behind. */
export interface SentryEvent {
  readonly id: string | null;
  readonly issueId: string | null;
  readonly title: string;
  readonly culprit: string | null;
  readonly at: number | null;
  readonly release: string | null;
  readonly environment: string | null;
  /** The thrown one first, then what caused it. */
  readonly exceptions: readonly SentryException[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Tags that say where something ran, and nothing of who used it. */
const keptTags = new Set([
  "environment",
  "release",
  "server_name",
  "transaction",
  "level",
  "handled",
  "mechanism",
  "runtime",
  "runtime.name",
  "os.name",
  "dist",
  "logger",
]);
const MOST_FRAMES = 20;

export function toSentryEvent(event: VendorEvent): SentryEvent {
  const tags = Object.fromEntries(
    (event.tags ?? []).flatMap(({ key, value }) => (key != null && value != null && keptTags.has(key) ? [[key, value] as const] : [])),
  );
  const exceptions = (event.entries ?? [])
    .filter(({ type }) => type === "exception")
    .flatMap(({ data }) => exceptionSchema.safeParse(data).data?.values ?? [])
    .map(({ type, value, stacktrace }): SentryException => {
      const frames = stacktrace?.frames ?? [];
      const inApp = frames.filter((frame) => frame.inApp === true);
      const kept = (inApp.length > 0 ? inApp : frames).slice(-MOST_FRAMES).toReversed();
      return {
        type: type ?? null,
        value: value ?? null,
        frames: kept.map((frame) => ({
          filename: frame.filename ?? null,
          module: frame.module ?? null,
          function: frame.function ?? null,
          line: frame.lineNo ?? null,
        })),
      };
    });
  return {
    id: event.eventID ?? event.id ?? null,
    issueId: event.groupID ?? null,
    title: event.title ?? "",
    culprit: event.culprit || null,
    at: instantOf(event.dateCreated ?? event.dateReceived),
    release: event.release?.version ?? tags["release"] ?? null,
    environment: tags["environment"] ?? null,
    // Sentry lists causes first.
    exceptions: exceptions.toReversed(),
    tags,
  };
}
