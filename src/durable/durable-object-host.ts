import { DurableObject, type DurableObjectState } from "cloudflare:workers";
import { Admission, admissionMigrations, ASKS_AGAIN_MS, type Backlog } from "./admission.ts";
import { type AuditCheck, AuditLog, auditMigrations, auditPage, type AuditRecord, type ChainedEntry, verifyAudit } from "./audit.ts";
import { Board, boardMigrations, type Claim, type Following, type Others, type Pinned } from "./board.ts";
import { DirectoryKeeping, directoryKeepingMigrations } from "./directory-keeping.ts";
import { type Delivery, Directory, directoryMigrations, type ListOptions, type Received } from "./directory.ts";
import { type DurableStorage, durableSqlite } from "./durable-sqlite.ts";
import { EventLog } from "./event-log.ts";
import type { Logged, Standing } from "./events.ts";
import { Actor, actorMigrations } from "./actor.ts";
import { IncidentKeeping, incidentKeepingMigrations } from "./incident-keeping.ts";
import type { Keeping } from "./keeping.ts";
import {
  measuredMigrations,
  type Measuring,
  outboxBacklog,
  Reported,
  reportedMigrations,
  type Sizes,
  takeNews,
  type Totals,
} from "./measuring.ts";
import { type Refused, type Reservation, SharedBudget, sharedBudgetMigrations } from "./shared-budget.ts";
import { sleep } from "./sleep.ts";
import { migrate, type Sql, StoreNotWritableError } from "./sql.ts";
import { ask, type HostOptions, type Queries, type Store } from "./store.ts";

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
type Stub<T> = { readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never };

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

/** The platform tries an alarm that throws six times and then forgets it, so nothing of ours may throw for long. */
const ALARM_AGAIN_MS = 5_000;
/** Below the platform's six: a step that ends its object each time is given up while there is still an alarm to do it in. */
const LONGEST_CUT_ROW = 4;
const FOLLOW_MS = 60_000;
/** Of an incident whose log says nothing of it. */
const DEFAULT_STANDING: Standing = { rank: 3, kind: "" };
const DIRECTORY_NAME = "directory";
const NO_AUDIT: AuditCheck = { entries: 0, head: null, broken: null, cuts: [], unfinished: [], lost: 0 };

const alarmOf = (storage: DurableStorage) => (at: number | null) => void (at === null ? storage.deleteAlarm() : storage.setAlarm(at));

/** One incident: an actor with its own SQLite and alarm. */
class IncidentOfOne<Env extends ObjectBindings<E>, E, Q extends Queries> extends DurableObject<Env> implements IncidentCalls<E> {
  readonly #sql: Sql;
  readonly #log: EventLog<E>;
  readonly #audit: AuditLog;
  readonly #deps: ObjectDeps<E, Q>;
  readonly #now: () => number;
  readonly #keeping: IncidentKeeping;
  readonly #setAlarm: (at: number | null) => void;
  /** The plan has nothing to do until something is received. */
  #isAtRest = false;
  /** Sizes that the directory knows, as text. */
  #reported: string | null = null;
  /** Ends the step under way as if it had never begun. */
  #step = new AbortController();
  #ready = false;
  #known: Actor<E> | null = null;
  /** Whether the directory gave it room for heavy work, and whether the plan asked for it at this alarm. */
  #room: "none" | "asked" | "given" | "used" = "none";

  constructor(ctx: DurableObjectState, env: Env, deps: ObjectDeps<E, Q>) {
    super(ctx, env);
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#sql = durableSqlite(ctx.storage);
    this.#log = new EventLog(this.#sql, { redaction: deps.redaction, readable: deps.events.readable });
    // Not held: an object may end without a word, and its writes are put together by the platform.
    this.#audit = new AuditLog({
      ...{ sql: this.#sql, now: this.#now, redact: deps.redact },
      onError: (error) => deps.onError(error, { incidentId: this.#id(), step: null }),
    });
    this.#setAlarm = alarmOf(ctx.storage);
    this.#keeping = new IncidentKeeping({
      ...{ sql: this.#sql, audit: this.#audit, keeping: deps.keeping, now: this.#now },
      forget: (incident, before) => env.DIRECTORY.getByName(DIRECTORY_NAME).forget(incident, before),
    });
  }

  receive(incidentId: string, events: readonly E[], sourceKey: string): boolean {
    this.#prepare();
    return this.#actor(incidentId).receive(events, sourceKey);
  }

  tell(events: readonly E[], sourceKey: string): "stored" | "repeated" | "unknown" {
    const id = this.#id();
    if (id === null) return "unknown";
    return this.receive(id, events, sourceKey) ? "stored" : "repeated";
  }

  audit(record: AuditRecord): void {
    const id = this.#id();
    if (id !== null) this.#audit.append(record, { incidentId: id, step: null });
  }

  auditPage(after: number): readonly ChainedEntry[] {
    return this.#isEmpty() ? [] : auditPage(this.#sql, after);
  }

  auditCheck(known: string | null): AuditCheck {
    return this.#isEmpty() ? NO_AUDIT : verifyAudit(this.#sql, known);
  }

  delete(by: string): "wanted" | "unknown" {
    if (this.#id() === null) return "unknown";
    this.#keeping.want(by);
    this.#wake(0);
    this.#step.abort(new Error(`${this.#id()} was stopped`));
    return "wanted";
  }

  keepingChanged(): void {
    if (!this.#isEmpty()) this.#wake(0);
  }

  read(sinceSeq: number): readonly Logged<E>[] {
    const id = this.#id();
    return id === null ? [] : this.#log.read(id, sinceSeq);
  }

  follow(sinceSeq: number): ReadableStream<Uint8Array> | null {
    const id = this.#id();
    if (id === null) return null;
    const end = new AbortController();
    // The platform does not always tell that a reader went away. One that is still there asks again; others do not keep the object awake.
    const timer = setTimeout(() => end.abort(), this.#deps.followMs ?? FOLLOW_MS);
    const events = this.#log.follow(id, sinceSeq, end.signal);
    const encoder = new TextEncoder();
    let isCancelled = false;
    return new ReadableStream({
      type: "bytes",
      async pull(controller) {
        const next = await events.next();
        if (next.done !== true) controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
        else if (!isCancelled) controller.close();
      },
      cancel: () => {
        isCancelled = true;
        clearTimeout(timer);
        end.abort();
      },
    });
  }

  query(name: string, argument: unknown): Promise<unknown> {
    return ask(this.#deps.queries, this.#sql, this.#id(), name, argument);
  }

  override async alarm(): Promise<void> {
    if (this.#isEmpty()) return;
    const id = this.#id();
    try {
      this.#isAtRest = id === null;
      if (this.#room === "asked") this.#room = "none";
      this.#step = new AbortController();
      if (id !== null && !this.#keeping.isWanted()) await this.#actor(id).alarm(this.#step.signal);
      if (id !== null) await this.#askForRoom(id);
      const lookAt = await this.#keeping.look(this.#isAtRest);
      // Else something was received meanwhile, and its alarm must stay.
      if (this.#isAtRest || this.#keeping.isWanted() || this.#id() === null) this.#setAlarm(lookAt);
    } catch (error) {
      this.#deps.onError(error, { incidentId: id, step: null });
      this.#setAlarm(this.#now() + ALARM_AGAIN_MS);
    }
    // The next step need not wait for it.
    if (id !== null)
      this.ctx.waitUntil(this.#report(id).catch((error: unknown) => this.#deps.onError(error, { incidentId: id, step: null })));
  }

  /** Counts what is new since the last alarm, and reports it to the directory with what else this isolate has counted. */
  async #report(id: string): Promise<void> {
    const { measuring } = this.#deps;
    if (measuring === undefined) return;
    const isThere = this.#id() !== null;
    measuring.happened(id, takeNews(this.#sql, this.#log, id), () => this.#log.read(id));
    const counted = await measuring.take();
    const sizes = isThere && measuring.wantsSizes ? this.#sizes(measuring) : null;
    const text = JSON.stringify(sizes);
    const isResized = measuring.wantsSizes && text !== this.#reported;
    if (counted === null && !isResized) return;
    await this.env.DIRECTORY.getByName(DIRECTORY_NAME).report(counted, isResized ? { incident: id, sizes } : null);
    this.#reported = text;
  }

  #sizes(measuring: Measuring<E>): Sizes {
    const { waiting, since } = outboxBacklog(this.#sql);
    return {
      evidenceBytes: measuring.evidenceBytes(this.#sql),
      databaseBytes: this.ctx.storage.sql.databaseSize,
      ...{ outboxWaiting: waiting, outboxSince: since },
    };
  }

  #wake(inMs: number | null): void {
    this.#isAtRest = inMs === null;
    const at = inMs === null ? this.#keeping.dueAt() : this.#now() + inMs;
    // Whatever the plan waits for, it is deleted first.
    this.#setAlarm(this.#keeping.isWanted() ? this.#now() : at);
  }

  admitted(): void {
    if (this.#room !== "used") this.#room = "given";
    this.#wake(0);
  }

  #mayBeHeavy(): boolean {
    const isGiven = this.#room === "given";
    this.#room = isGiven ? "used" : "asked";
    return isGiven;
  }

  /** After each alarm: asks the directory for the room that the plan wanted, or gives back what it had. */
  async #askForRoom(id: string): Promise<void> {
    const directory = this.env.DIRECTORY.getByName(DIRECTORY_NAME);
    if (this.#room === "asked") {
      // Set before the question: whatever is received meanwhile sets it to an earlier time.
      this.#wake(ASKS_AGAIN_MS);
      const standing = this.#log.read(id).map(({ event }) => this.#deps.events.standing(event));
      if (await directory.enter(id, standing.findLast((one) => one !== null) ?? DEFAULT_STANDING)) this.admitted();
    } else if (this.#room !== "none") {
      this.#room = "none";
      await directory.leaveRoom(id);
    }
  }

  /** Tables are made by the first event and not by a question: asking for an incident that never was must leave nothing behind. */
  #prepare(): void {
    if (!this.#ready)
      migrate(this.#sql, [...actorMigrations, incidentKeepingMigrations, measuredMigrations, ...(this.#deps.migrations ?? [])]);
    this.#ready = true;
  }

  /** Nothing ever came. */
  #isEmpty(): boolean {
    if (this.#ready) return false;
    if (this.#sql.all("select 1 from sqlite_master where name = 'migrations'").length === 0) return true;
    this.#prepare();
    return false;
  }

  /** null: it never was, or it was deleted. */
  #id(): string | null {
    if (this.#isEmpty()) return null;
    return this.#sql.all<{ incident: string }>("select incident from event limit 1")[0]?.incident ?? null;
  }

  #actor(id: string): Actor<E> {
    const { events, plan, onError, settleMs } = this.#deps;
    this.#known ??= new Actor(id, plan, {
      ...{ events, sql: this.#sql, log: this.#log, now: this.#now, sleep, audit: this.#audit, onError },
      wake: (inMs) => this.#wake(inMs),
      claim: (address) => this.env.DIRECTORY.getByName(DIRECTORY_NAME).claim(address, id),
      others: this.#others(id),
      mayBeHeavy: () => this.#mayBeHeavy(),
      longestCutRow: LONGEST_CUT_ROW,
      ...(settleMs === undefined ? {} : { settleMs }),
    });
    return this.#known;
  }

  #others(id: string): Others<E> {
    const board = () => this.env.DIRECTORY.getByName(DIRECTORY_NAME);
    return {
      pinned: (since) => board().pinned(id, since),
      pin: (card) => board().pin(id, card),
      follow: (lead) => board().follow(id, lead),
      leave: () => board().leave(id),
      claim: (key) => board().claimAlone(id, key),
      note: (key, note) => board().note(id, key, note),
      reserve: (asked) => board().reserve(id, asked),
      settle: (key, spent) => board().settle(id, key, spent),
      tell: (other, events, key) => this.env.INCIDENT.getByName(other).tell(events, key),
    };
  }
}

const directoryTables = [
  ...[directoryMigrations, boardMigrations, sharedBudgetMigrations, admissionMigrations],
  ...[auditMigrations, directoryKeepingMigrations, reportedMigrations],
];

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** The directory, with its own SQLite and alarm. */
class DirectoryOfAll<Env extends ObjectBindings<E>, E, Q extends Queries> extends DurableObject<Env> implements DirectoryCalls<E> {
  readonly #directory: Directory<E>;
  readonly #board: Board;
  readonly #budget: SharedBudget;
  readonly #admission: Admission;
  readonly #keeping: DirectoryKeeping;
  readonly #reported: Reported;
  readonly #sql: Sql;
  readonly #audit: AuditLog;
  readonly #deps: ObjectDeps<E, Q>;

  constructor(ctx: DurableObjectState, env: Env, deps: ObjectDeps<E, Q>) {
    super(ctx, env);
    const { now = Date.now, events, redaction, schedules = [] } = deps;
    const sql = durableSqlite(ctx.storage);
    migrate(sql, directoryTables);
    this.#sql = sql;
    this.#deps = deps;
    this.#audit = new AuditLog({
      ...{ sql, now, redact: deps.redact },
      onError: (error) => deps.onError(error, { incidentId: null, step: null }),
    });
    this.#keeping = new DirectoryKeeping({
      ...{ sql, now, keeping: deps.keeping },
      look: (incident) => env.INCIDENT.getByName(incident).keepingChanged(),
    });
    this.#admission = new Admission(sql, now);
    this.#reported = new Reported(sql);
    this.#board = new Board(sql, now);
    this.#budget = new SharedBudget(sql, now);
    const setAlarm = alarmOf(ctx.storage);
    this.#directory = new Directory({
      ...{ sql, now, events, schedules },
      wake: (inMs) => setAlarm(earlier(inMs === null ? null : now() + inMs, this.#keeping.dueAt())),
      forward: (incidentId, event, key) => env.INCIDENT.getByName(incidentId).receive(incidentId, [event], key),
      ...(redaction === undefined ? {} : { redaction }),
      onError: (error, { incidentId }) => deps.onError(error, { incidentId, step: null }),
    });
    this.#directory.start();
    this.#directory.arm();
  }

  receive(delivery: Delivery<E>): Received {
    return this.#directory.receive(delivery);
  }
  claim(address: string, incidentId: string): void {
    this.#directory.claim(address, incidentId);
  }
  incidentAt(address: string) {
    return this.#directory.incidentAt(address);
  }
  list(options?: ListOptions) {
    return this.#directory.list(options);
  }
  find(incidentId: string) {
    return this.#directory.find(incidentId);
  }
  noted(limit?: number) {
    return this.#directory.noted(limit);
  }
  pinned(incidentId: string, since: number): readonly Pinned[] {
    return this.#board.pinned(incidentId, since);
  }
  pin(incidentId: string, card: unknown): void {
    this.#board.pin(incidentId, card);
  }
  follow(incidentId: string, lead: string): Following {
    return this.#board.follow(incidentId, lead);
  }
  leave(incidentId: string): void {
    this.#board.leave(incidentId);
  }
  claimAlone(incidentId: string, key: string): Claim {
    return this.#board.claim(incidentId, key);
  }
  note(incidentId: string, key: string, note: string | null): void {
    this.#board.note(incidentId, key, note);
  }
  reserve(incidentId: string, asked: Reservation): Refused {
    return this.#budget.reserve(incidentId, asked);
  }
  settle(incidentId: string, key: string, spent: number): void {
    this.#budget.settle(incidentId, key, spent);
  }
  enter(incidentId: string, standing: Standing): boolean {
    return this.#admission.enter(incidentId, standing);
  }
  backlog(): Backlog {
    return this.#admission.backlog();
  }
  forget(incident: string, before: number | null): boolean {
    return this.#keeping.forget(incident, before);
  }
  chains(after: string, limit: number): readonly string[] {
    return this.#keeping.chains(after, limit);
  }
  audit(record: AuditRecord): void {
    this.#audit.append(record, null);
  }
  report(counted: string | null, of: { readonly incident: string; readonly sizes: Sizes | null } | null): void {
    const { measuring } = this.#deps;
    if (counted !== null && measuring !== undefined) this.#reported.add(counted, measuring.add);
    if (of !== null) this.#reported.resize(of.incident, of.sizes);
  }
  totals(): DirectoryTotals {
    const totals = this.#reported.totals();
    const databaseBytes = totals.databaseBytes + this.ctx.storage.sql.databaseSize;
    return { ...totals, databaseBytes, running: this.#admission.backlog().running, queue: this.#admission.queue() };
  }
  auditPage(after: number): readonly ChainedEntry[] {
    return auditPage(this.#sql, after);
  }
  auditCheck(known: string | null): AuditCheck {
    return verifyAudit(this.#sql, known);
  }
  async leaveRoom(incidentId: string): Promise<void> {
    const next = this.#admission.leave(incidentId);
    // A call that is lost is made up for: who waits asks again.
    if (next !== null)
      await this.env.INCIDENT.getByName(next)
        .admitted()
        .catch((error: unknown) => this.#deps.onError(error, { incidentId: next, step: null }));
  }

  override async alarm(): Promise<void> {
    try {
      await this.#directory.alarm();
      await this.#keeping.alarm();
      this.#directory.arm();
    } catch (error) {
      this.#deps.onError(error, { incidentId: null, step: null });
      void this.ctx.storage.setAlarm((this.#deps.now ?? Date.now)() + ALARM_AGAIN_MS);
    }
  }
}

/**
 * The two classes that wrangler.toml names: one object per incident and one directory. They run the same `Actor` and `Directory` as Node.
 * `export const { IncidentObject, DirectoryObject } = defineObjects((env: Env) => ({ events, plan, onError }));`
 */
export function defineObjects<Env extends ObjectBindings<E>, E, Q extends Queries = Record<never, never>>(
  build: (env: Env) => ObjectDeps<E, Q>,
) {
  const made = new WeakMap<Env, ObjectDeps<E, Q>>();
  const depsOf = (env: Env): ObjectDeps<E, Q> => {
    const deps = made.get(env) ?? build(env);
    made.set(env, deps);
    return deps;
  };
  return {
    IncidentObject: class extends IncidentOfOne<Env, E, Q> {
      constructor(ctx: DurableObjectState, env: Env) {
        super(ctx, env, depsOf(env));
      }
    },
    DirectoryObject: class extends DirectoryOfAll<Env, E, Q> {
      constructor(ctx: DurableObjectState, env: Env) {
        super(ctx, env, depsOf(env));
      }
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  const onAbort = () => void reader.cancel().catch(() => undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    onAbort();
  }
}

/** Heavy work that waits. @throws an error where the directory's object does not answer */
export const backlogOf = <E>(env: ObjectBindings<E>): Promise<Backlog> => env.DIRECTORY.getByName(DIRECTORY_NAME).backlog();

/** A chain of the audit: an incident's by its id, or the directory's own. */
export type Chain = string | null;

/** What people who run midwatch may do with all objects, through the two bindings. */
export function upkeepOf<E>(env: ObjectBindings<E>) {
  const directory = () => env.DIRECTORY.getByName(DIRECTORY_NAME);
  const of = (chain: Chain): Stub<AuditCalls> => (chain === null ? directory() : env.INCIDENT.getByName(chain));
  return {
    /** Ends an incident's step under way, and deletes it. */
    delete: (incident: string, by: string) => env.INCIDENT.getByName(incident).delete(by),
    /** See `DirectoryKeeping`. */
    chains: (after: string, limit: number) => directory().chains(after, limit),
    auditPage: (chain: Chain, after: number) => of(chain).auditPage(after),
    auditCheck: (chain: Chain, known: string | null) => of(chain).auditCheck(known),
    /** Adds to the directory's audit. */
    audit: (record: AuditRecord) => directory().audit(record),
    /** Reports what this isolate has counted. */
    report: (counted: string) => directory().report(counted, null),
    totals: () => directory().totals(),
  };
}

export type Upkeep = ReturnType<typeof upkeepOf>;

/** All incidents as routes see them, through the two bindings. */
export function durableStore<E, Q extends Queries = Record<never, never>>(env: ObjectBindings<E>): Store<E, Q> {
  const directory = () => env.DIRECTORY.getByName(DIRECTORY_NAME);
  const incident = (id: string) => env.INCIDENT.getByName(id);
  // An error loses its class on its way here, and any failure means that nothing is known to be stored.
  const stored = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new StoreNotWritableError(`The Durable Object did not store it: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  };
  return {
    receive: (delivery) => stored(directory().receive(delivery)),
    tell: (id, events, sourceKey) => stored(incident(id).tell(events, sourceKey)),
    audit: (id, record) => stored(incident(id).audit(record)),
    incidentAt: (address) => directory().incidentAt(address),
    list: (options) => directory().list(options),
    find: (id) => directory().find(id),
    noted: (limit) => directory().noted(limit),
    read: (id, sinceSeq) => incident(id).read(sinceSeq ?? 0),
    async *follow(id, sinceSeq, signal) {
      let seq = sinceSeq;
      while (!signal.aborted) {
        const stream = await incident(id).follow(seq);
        if (stream === null) return;
        for await (const line of readLines(stream, signal)) {
          const logged = JSON.parse(line) as Logged<E>;
          yield logged;
          seq = logged.seq;
        }
      }
    },
    query: async (id, name, argument) => (await incident(id).query(name, argument)) as never,
  };
}
