import type { Admission, Backlog } from "./admission.ts";
import type { AuditCheck, AuditRecord, ChainedEntry } from "./audit.ts";
import type { Board, Claim } from "./board.ts";
import type { DirectoryKeeping } from "./directory-keeping.ts";
import type { Directory } from "./directory.ts";
import type { DurableStorage } from "./durable-sqlite.ts";
import type { Logged, Standing } from "./events.ts";
import type { Keeping } from "./keeping.ts";
import type { Measuring, Sizes, Totals } from "./measuring.ts";
import type { SharedBudget } from "./shared-budget.ts";
import type { HostOptions, Queries } from "./store.ts";

/* What the two kinds of Durable Objects are made of, and what each answers the other and the routes. */

/** What src/worker/worker.ts gives the objects, made once per isolate from its bindings. */
export interface ObjectDeps<E, Q extends Queries = Record<never, never>> extends HostOptions<E, Q> {
  /** What is deleted when. */
  readonly keeping: Keeping;
  /** Not given: nothing is counted. */
  readonly measuring?: Measuring<E>;
  /** How long one call of a follower lasts. Default 60,000. */
  readonly followMs?: number;
}

/** Methods of a Durable Object as its caller sees them: each answers with a promise. */
export type Stub<T> = { readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never };

interface Namespace<T> {
  getByName(name: string): Stub<T>;
}

/** What an object answers of its own audit. */
export interface AuditCalls {
  /** See `auditPage`. */
  auditPage(after: number): readonly ChainedEntry[];
  /** See `verifyAudit`. */
  auditCheck(known: string | null): AuditCheck;
}

/** What the object of one incident answers. */
export interface IncidentCalls<E> extends AuditCalls {
  receive(incidentId: string, events: readonly E[], sourceKey: string): boolean;
  tell(events: readonly E[], sourceKey: string): "stored" | "repeated" | "unknown";
  audit(record: AuditRecord): void;
  read(sinceSeq: number): readonly Logged<E>[];
  /** One JSON line per event; ends after a while, and the reader asks again. Null for an unknown incident. */
  follow(sinceSeq: number): ReadableStream<Uint8Array> | null;
  query(name: string, argument: unknown): Promise<unknown>;
  /** There is room for its heavy step. */
  admitted(): void;
  /** Ends its step under way, and deletes it. */
  delete(by: string): "wanted" | "unknown";
  /** What is kept for how long was changed. */
  keepingChanged(): void;
}

/** What the directory's object answers. */
export type DirectoryCalls<E> = Pick<Directory<E>, "receive" | "claim" | "incidentAt" | "list" | "find" | "noted"> &
  Pick<Board, "pinned" | "pin" | "follow" | "leave" | "note"> &
  Pick<SharedBudget, "reserve" | "settle"> & {
    /** `claim` is taken by addresses. */
    claimAlone(incidentId: string, key: string): Claim;
    /** See Admission. */
    enter(incidentId: string, standing: Standing): boolean;
    /** As Admission's, and calls whose turn it is. */
    leaveRoom(incidentId: string): Promise<void>;
    /** See Admission. */
    backlog(): Backlog;
    /** Adds to its own audit, which is of what happens on behalf of no step. */
    audit(record: AuditRecord): void;
    /** An isolate reports what it counted, and an incident's object what its store holds. */
    report(counted: string | null, of: { readonly incident: string; readonly sizes: Sizes | null } | null): void;
    /** For the figures of midwatch itself. */
    totals(): DirectoryTotals;
  } & Pick<DirectoryKeeping, "forget" | "chains"> &
  AuditCalls;

export interface DirectoryTotals extends Totals {
  readonly running: number;
  /** What waits for room, see Admission. */
  readonly queue: ReturnType<Admission["queue"]>;
}

/** Names that wrangler.toml binds the two classes to. */
export interface ObjectBindings<E> {
  readonly INCIDENT: Namespace<IncidentCalls<E>>;
  readonly DIRECTORY: Namespace<DirectoryCalls<E>>;
}

export const DIRECTORY_NAME = "directory";

/** The platform tries an alarm that throws six times and then forgets it, so nothing of ours may throw for long. */
export const ALARM_AGAIN_MS = 5_000;

export const alarmOf = (storage: DurableStorage) => (at: number | null) =>
  void (at === null ? storage.deleteAlarm() : storage.setAlarm(at));
