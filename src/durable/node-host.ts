import { Alarms, alarmMigrations, type Lane } from "./alarms.ts";
import { Actor, actorMigrations } from "./actor.ts";
import { Board, boardMigrations, type Others } from "./board.ts";
import { type AuditHead, auditHead, AuditLog, type AuditRecord } from "./audit.ts";
import { type Delivery, Directory, directoryMigrations, type ListOptions } from "./directory.ts";
import { EventLog } from "./event-log.ts";
import type { Logged } from "./events.ts";
import { openOwnedSqlite, type OwnedSqlite } from "./owned-sqlite.ts";
import { SharedBudget, sharedBudgetMigrations } from "./shared-budget.ts";
import { sleep } from "./sleep.ts";
import { type Sql, StoreNotWritableError } from "./sql.ts";
import { ask, type HostOptions, type Queries, type QueryAnswer, type QueryArgument, type Store } from "./store.ts";

export interface NodeHostOptions<E, Q extends Queries = Record<never, never>> extends HostOptions<E, Q> {
  /** The SQLite file; created, with its folder, where there is none. */
  readonly path: string;
  /** See AlarmsOptions. Default 4. */
  readonly concurrency?: number;
  /** See AlarmsOptions. Default 3. */
  readonly heavyConcurrency?: number;
  /** How long an owner of the file may be silent before another process takes it. Default 5,000. */
  readonly leaseMs?: number;
  /** Longest wait of `close` for steps to heed their signal. Default 2,000. */
  readonly closeGraceMs?: number;
  /** See openNodeSqlite. */
  readonly flush?: (fd: number) => void;
}

export interface NodeHost<E, Q extends Queries = Record<never, never>> extends Store<E, Q> {
  readonly sql: Sql;
  /** For what happens on behalf of no incident. */
  readonly auditLog: AuditLog;
  /** The newest entry of the audit. For the operator's log: by it later changes show. */
  auditHead(): AuditHead | null;
  /** Calls back with the id of an incident that has new events. */
  subscribe(listener: (incidentId: string) => void): () => void;
  /** Steps under way, incidents with an alarm, and whether the store took the last sign of life. For /healthz. */
  health(): { readonly running: number; readonly waiting: number; readonly writable: boolean };
  /** Incidents whose next step is due and has not begun, by rank; since when the oldest is. */
  queue(): readonly { readonly rank: number; readonly waiting: number; readonly since: number }[];
  /** When the next step is due, by the clock that it was given; null: none is. */
  nextAt(): number | null;
  /** The clock was set forward: what is due by now begins at once instead of at the next sign of life. */
  checkClock(): void;
  /**
   * Ends the step that an incident has under way, as if it had never begun, and does something while no other begins.
   * @returns what `work` returned
   */
  whileStopped<T>(incidentId: string, work: () => T): Promise<T>;
  /**
   * Stops: steps are aborted and run again at the next start, followers end, the file is free.
   * @param whenStopped ends what else makes calls, between the end of the steps and the last entry of the audit
   */
  close(whenStopped?: () => Promise<void>): Promise<void>;
}

/** The tables that a host needs for itself. */
export const hostMigrations = [alarmMigrations, directoryMigrations, boardMigrations, sharedBudgetMigrations, ...actorMigrations];

/** A triage makes some hundred calls within seconds: written a few at a time they cost webhooks nothing. What a crash may take with it is as old as this. */
const AUDIT_HOLD_MS = 50;
/** Owner of the directory's alarm, beside those of the incidents. */
const DIRECTORY = "directory";

/**
 * All incidents in one SQLite file, in this process alone. Whatever was unfinished goes on at once.
 * @throws StoreInUseError when another process owns the file; StoreNotWritableError when it can't be opened for writing
 */
export const openNodeHost = <E, Q extends Queries = Record<never, never>>(options: NodeHostOptions<E, Q>): NodeHost<E, Q> =>
  new FileHost(options);

class FileHost<E, Q extends Queries> implements NodeHost<E, Q> {
  readonly sql: Sql;
  readonly auditLog: AuditLog;
  readonly #options: NodeHostOptions<E, Q>;
  readonly #file: OwnedSqlite;
  readonly #now: () => number;
  readonly #log: EventLog<E>;
  readonly #directory: Directory<E>;
  readonly #board: Board;
  readonly #budget: SharedBudget;
  readonly #alarms: Alarms;
  readonly #heart: NodeJS.Timeout;
  readonly #stop = new AbortController();
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Of each incident with a step under way: ends that step. */
  readonly #steps = new Map<string, AbortController>();
  #writable = true;
  #closed: Promise<void> | null = null;

  constructor(options: NodeHostOptions<E, Q>) {
    const { path, now = Date.now, leaseMs = 5_000, redaction, schedules = [], migrations = [] } = options;
    this.#options = options;
    this.#now = now;
    this.#file = openOwnedSqlite({
      ...{ path, leaseMs, now, flush: options.flush },
      migrations: [...hostMigrations, ...migrations],
    });
    const { sql } = this.#file;
    this.sql = sql;
    this.#log = new EventLog(sql, { redaction, readable: options.events.readable });
    this.auditLog = new AuditLog({ sql, now, redact: options.redact, holdMs: AUDIT_HOLD_MS, onError: (error) => this.#report(error) });
    this.auditLog.append({ kind: "opened" }, null);
    this.#alarms = new Alarms({
      ...{ sql, now, concurrency: options.concurrency ?? 4, heavyConcurrency: options.heavyConcurrency ?? 3 },
      ring: (id, lane) => (id === DIRECTORY ? this.#directory.alarm() : this.#ring(id, lane)),
      onError: (error, id) => this.#report(error, id === DIRECTORY ? null : id),
    });
    this.#board = new Board(sql, now);
    this.#budget = new SharedBudget(sql, now);
    this.#directory = new Directory({
      ...{ sql, now, events: options.events, schedules },
      ...(redaction === undefined ? {} : { redaction }),
      // At once, so a delivery, its event and the alarm are one transaction: one write to the disk.
      forward: (incidentId, event, key) => {
        this.#actor(incidentId).receive([event], key);
        return undefined;
      },
      wake: (inMs) => this.#alarms.set(DIRECTORY, inMs),
      onError: (error, { incidentId }) => this.#report(error, incidentId),
    });
    this.#directory.start();
    this.#heart = setInterval(() => this.#beat(), Math.max(1, Math.floor(leaseMs / 3)));
    this.#heart.unref();
    this.#alarms.start();
  }

  auditHead(): AuditHead | null {
    return auditHead(this.sql);
  }

  async audit(incidentId: string, record: AuditRecord): Promise<void> {
    this.auditLog.append(record, { incidentId, step: null });
  }

  async receive(delivery: Delivery<E>) {
    const received = this.#directory.receive(delivery);
    await this.sql.sync();
    return received;
  }

  async tell(incidentId: string, events: readonly E[], sourceKey: string) {
    if (!this.#isKnown(incidentId)) return "unknown";
    const isNew = this.#actor(incidentId).receive(events, sourceKey);
    await this.sql.sync();
    return isNew ? "stored" : "repeated";
  }

  async incidentAt(address: string) {
    return this.#directory.incidentAt(address);
  }

  async list(options?: ListOptions) {
    return this.#directory.list(options);
  }

  async find(incidentId: string) {
    return this.#directory.find(incidentId);
  }

  async noted(limit?: number) {
    return this.#directory.noted(limit);
  }

  async read(incidentId: string, sinceSeq?: number) {
    return this.#log.read(incidentId, sinceSeq);
  }

  async *follow(incidentId: string, sinceSeq: number, signal: AbortSignal): AsyncGenerator<Logged<E>, void, undefined> {
    if (this.#isKnown(incidentId)) yield* this.#log.follow(incidentId, sinceSeq, AbortSignal.any([signal, this.#stop.signal]));
  }

  async query<N extends keyof Q & string>(incidentId: string, name: N, argument: QueryArgument<Q, N>): Promise<QueryAnswer<Q, N> | null> {
    return (await ask(this.#options.queries, this.sql, this.#isKnown(incidentId) ? incidentId : null, name, argument)) as never;
  }

  subscribe(listener: (incidentId: string) => void): () => void {
    return this.#log.subscribe(listener);
  }

  health(): { running: number; waiting: number; writable: boolean } {
    const { running } = this.#alarms;
    if (this.#stop.signal.aborted) return { running, waiting: 0, writable: false };
    return { running, waiting: this.#alarms.waiting(), writable: this.#writable };
  }

  queue() {
    return this.#alarms.queue();
  }

  nextAt(): number | null {
    return this.#alarms.nextAt();
  }

  checkClock(): void {
    this.#alarms.checkClock();
  }

  async whileStopped<T>(incidentId: string, work: () => T): Promise<T> {
    const stopped = this.#alarms.bar(incidentId);
    try {
      this.#steps.get(incidentId)?.abort(new Error(`${incidentId} was stopped`));
      await stopped;
      // What was being sent ends with its step's signal; it should not arrive after the work.
      const sending = [...this.#underWay].filter(([name]) => name.startsWith(`${incidentId} `)).map(([, sent]) => sent);
      await this.#patiently(Promise.allSettled(sending));
      return work();
    } finally {
      this.#alarms.unbar(incidentId);
    }
  }

  close(whenStopped?: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#close(whenStopped);
    return this.#closed;
  }

  /** Waits for the end of work, but no longer than `closeGraceMs`. */
  async #patiently(work: Promise<unknown>): Promise<void> {
    const grace = new AbortController();
    await Promise.race([work, sleep(this.#options.closeGraceMs ?? 2_000, grace.signal).catch(() => undefined)]);
    grace.abort();
  }

  async #ring(id: string, lane: Lane): Promise<void> {
    const own = new AbortController();
    this.#steps.set(id, own);
    try {
      await this.#actor(id, lane).alarm(AbortSignal.any([this.#stop.signal, own.signal]));
    } finally {
      this.#steps.delete(id);
    }
  }

  #report(error: unknown, incidentId: string | null = null): void {
    this.#options.onError(error, { incidentId, step: null });
  }

  #isKnown(incidentId: string): boolean {
    return this.#log.lastSeq(incidentId) > 0;
  }

  #actor(id: string, lane: Lane = "light"): Actor<E> {
    const { events, plan, onError, settleMs } = this.#options;
    return new Actor(id, plan, {
      ...{ events, sql: this.sql, log: this.#log, now: this.#now, sleep, audit: this.auditLog, underWay: this.#underWay, onError },
      wake: (inMs, standing) => this.#alarms.set(id, inMs, standing),
      claim: async (address) => this.#directory.claim(address, id),
      others: this.#others(id),
      mayBeHeavy: () => {
        if (lane === "light") this.#alarms.moveToHeavy(id);
        return lane === "heavy";
      },
      ...(settleMs === undefined ? {} : { settleMs }),
    });
  }

  #others(id: string): Others<E> {
    return {
      pinned: async (since) => this.#board.pinned(id, since),
      pin: async (card) => this.#board.pin(id, card),
      follow: async (lead) => this.#board.follow(id, lead),
      leave: async () => this.#board.leave(id),
      claim: async (key) => this.#board.claim(id, key),
      note: async (key, note) => this.#board.note(id, key, note),
      reserve: async (asked) => this.#budget.reserve(id, asked),
      settle: async (key, spent) => this.#budget.settle(id, key, spent),
      tell: (other, events, key) => this.tell(other, events, key),
    };
  }

  #beat(): void {
    try {
      if (!this.#file.lease.beat()) {
        this.#report(new StoreNotWritableError(`${this.#options.path} was taken over by another process. This one has stopped.`));
        void this.close();
      }
      this.#writable = true;
      this.#alarms.checkClock();
    } catch (error) {
      if (this.#writable) this.#report(error);
      this.#writable = false;
    }
  }

  async #close(whenStopped?: () => Promise<void>): Promise<void> {
    clearInterval(this.#heart);
    const running = this.#alarms.stop();
    this.#stop.abort(new Error("midwatch is stopping"));
    await this.#patiently(Promise.allSettled(running));
    await whenStopped?.().catch((error: unknown) => this.#report(error));
    // What was cut off says so within this turn of the event loop; its entries belong before the last one.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      this.auditLog.append({ kind: "closed" }, null);
      this.auditLog.close();
      this.#file.lease.release();
    } catch (error) {
      // The next process waits until the lease is silent, no more.
      this.#report(error);
    }
    try {
      this.#file.close();
    } catch (error) {
      this.#report(error);
    }
  }
}
