import { type Acting, acting } from "./acting.ts";
import { type AuditLog, auditMigrations, type AuditRecord } from "./audit.ts";
import type { Others } from "./board.ts";
import type { EventRules, Logged, Standing, StepFailure } from "./events.ts";
import { type EventLog, eventLogMigrations } from "./event-log.ts";
import { type Effects, Outbox, outboxMigrations } from "./outbox.ts";
import { type Migrations, type Sql, StoreNotWritableError } from "./sql.ts";

/** What a step is given. After the step has ended, or was given up, writing through it throws. */
export interface StepContext<E> {
  readonly incidentId: string;
  /** As it was when the step began. What comes meanwhile is seen by the next step. */
  readonly log: readonly Logged<E>[];
  now(): number;
  /** Aborted at the step's time limit, and when the process ends. */
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly effects: Effects;
  /** The incident's own database, for the evidence ledger. Rows carry the incident's id: on Node all incidents share one file. */
  readonly sql: Sql;
  /**
   * Appends in the middle of the step, for people who watch. A step that runs again appends again, unless it gives the event a key.
   * @returns the event, or null when the key is already there
   */
  append(event: E, sourceKey?: string | null): Logged<E> | null;
  /**
   * Writes in the transaction that keeps the step's events, so that both are kept or neither: a step that runs again finds no half of itself.
   * For what the events speak of, such as the evidence they number.
   */
  atEnd(write: (sql: Sql) => void): void;
  /** Adds to the audit, on behalf of this step. @throws StoreNotWritableError: then the call or decision must not happen */
  audit(record: AuditRecord): void;
  /** What arrives at this address from now on ("slack:C0123:1712345678.000100") belongs to this incident. */
  claim(address: string): Promise<void>;
  /** Other incidents. */
  readonly others: Others<E>;
}

/** One persisted piece of work: it runs whole, or again from its start. */
export interface Step<E> {
  /** By which the step is known again in the log, whatever people call it. Never changed once logs hold it. */
  readonly id: string;
  /** Longest run, ms. Default 120,000. */
  readonly timeLimitMs?: number;
  /** Tries before the step is given up and the plan goes past it. Default 5. */
  readonly attempts?: number;
  /** Keeps the processor busy for long: the host runs few of these at once, beside any number of light ones. */
  readonly heavy?: boolean;
  /**
   * Asked right before the step would begin: ms until it may, 0 for now. What the plan names after it may begin meanwhile. For what many
   * incidents share, such as a vendor's limit of calls; it may change from one question to the next, so it is not the plan's.
   */
  readyIn?(asked: { readonly incidentId: string; readonly now: number }): number;
  /** A wait for room that is no longer than this holds up what comes after the step, ms: it is nearly its turn. Default 0. */
  readonly shortWaitMs?: number;
  /** Errors that say nothing of the step, such as an outage: they use up no attempt. Default: none. */
  outlasts?(error: unknown): boolean;
  /**
   * Works and returns what happened; must append or return at least one event, else the plan would ask for it for ever.
   * A message it throws is shown to people: it must hold no secret. An error's `retryAfterMs` is waited for.
   */
  run(context: StepContext<E>): Promise<readonly E[]>;
}

/** What comes next. */
export interface Next<E> {
  /** In order of preference: the first that does not wait, for its next try or for room, is done. What one does not wait for is behind it. */
  readonly steps?: readonly Step<E>[];
  /** When to ask again, where nothing is done before. */
  readonly waitMs?: number;
}

/**
 * What comes next, from the log alone: a step or several, a wait, or nothing until something is received. Pure and synchronous; asked again after
 * each step and each received event. Past a `step-failed` that is `final` it must go on to something else.
 */
export type Plan<E> = (log: readonly Logged<E>[], now: number) => Step<E> | Next<E> | null;

/** What an incident needs of the machine it runs on. */
export interface ActorHost<E> {
  readonly events: EventRules<E>;
  readonly sql: Sql;
  readonly log: EventLog<E>;
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Sets the incident's only alarm, in place of any before; null: none. Within a transaction it is kept or undone with it.
   * @param standing how urgent it is from now on; null: as before
   */
  wake(inMs: number | null, standing?: Standing | null): void;
  claim(address: string): Promise<void>;
  /** Not given: there are none. */
  readonly others?: Others<E>;
  /**
   * Asked before a heavy step begins. False: not now; the host has noted it, leaves the alarm as it is, and rings again when there is room.
   * Not given: always.
   */
  mayBeHeavy?(): boolean;
  /** The store's audit. Not given: none is kept. */
  readonly audit?: AuditLog;
  /** Errors that people who run midwatch should see; those of steps are in the log as well. */
  onError(error: unknown, where: { readonly incidentId: string; readonly step: string | null }): void;
  /** How often the process may end within one step before the step is given up: it may be the cause. Default 25. */
  readonly longestCutRow?: number;
  /** See OutboxOptions. */
  readonly settleMs?: number;
  /** See OutboxOptions. */
  readonly underWay?: Map<string, Promise<unknown>>;
}

/** The step did not end in its time. */
export class StepTimedOutError extends Error {
  constructor(step: string, timeLimitMs: number) {
    super(`${step} did not end within ${timeLimitMs / 1000} s`);
    this.name = "StepTimedOutError";
  }
}

const runMigrations: Migrations = {
  name: "step-run",
  statements: [
    // The steps under way, or waiting for their next try. `started_at` is null while one waits.
    `create table step_run(
      incident text primary key, step text not null, failures integer not null, cuts integer not null, started_at integer, retry_at integer not null)`,
    // Several may wait at once.
    "alter table step_run rename to step_run_of_one",
    `create table step_run(
      incident text not null, step text not null, failures integer not null, cuts integer not null, started_at integer, retry_at integer not null,
      primary key(incident, step)) without rowid`,
    "insert into step_run select * from step_run_of_one",
    "drop table step_run_of_one",
  ],
};

/** The tables an incident needs. */
export const actorMigrations: readonly Migrations[] = [eventLogMigrations, outboxMigrations, runMigrations, auditMigrations];

interface StepRun {
  step: string;
  failures: number;
  cuts: number;
  started_at: number | null;
  retry_at: number;
}

/** `retry_at`: when it was due again after its last failure; 0: it has had none. */
type Tries = Omit<StepRun, "step">;

const DEFAULT_TIME_LIMIT_MS = 120_000;
const DEFAULT_ATTEMPTS = 5;
const DEFAULT_LONGEST_CUT_ROW = 25;
const LONGEST_BACKOFF_MS = 60_000;
const LONGEST_NAMED_WAIT_MS = 15 * 60_000;
/** A plan that waits for less would keep the machine busy with asking it. */
const SHORTEST_WAIT_MS = 10;

/** Wait before the next try: 0.5 s, 1 s, 2 s, … 60 s, or what the error names if that is longer. */
function backoffMs(failures: number, error: unknown): number {
  const named = typeof error === "object" && error !== null && "retryAfterMs" in error ? Number(error.retryAfterMs) : Number.NaN;
  const own = Math.min(LONGEST_BACKOFF_MS, 500 * 2 ** (failures - 1));
  return Number.isFinite(named) ? Math.max(own, Math.min(named, LONGEST_NAMED_WAIT_MS)) : own;
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1_000);

/**
 * One incident: a log, a plan and one alarm. Each alarm reads the log and does exactly one step, then appends what happened and sets the next
 * alarm in one transaction. A crash repeats the step that it cut and nothing else.
 *
 * No wake is lost: every step ends with an alarm at once, and only a plan that has just seen the whole log, with nothing in between, may wait.
 */
export class Actor<E> {
  readonly id: string;
  readonly #plan: Plan<E>;
  readonly #host: ActorHost<E>;
  readonly #outbox: Outbox;
  #busy = false;

  constructor(id: string, plan: Plan<E>, host: ActorHost<E>) {
    this.id = id;
    this.#plan = plan;
    this.#host = host;
    this.#outbox = new Outbox(host.sql, id, {
      now: () => host.now(),
      sleep: (ms, signal) => host.sleep(ms, signal),
      redacted: (text) => host.log.redacted(text),
      ...(host.settleMs === undefined ? {} : { settleMs: host.settleMs }),
      ...(host.underWay === undefined ? {} : { underWay: host.underWay }),
    });
  }

  /**
   * Something happened: appends the events, all or none, and wakes the incident. A step under way goes on; the next one sees them.
   * @param sourceKey the same for a repeat, so that it counts once; null when it can't be
   * @returns false for a repeat
   * @throws StoreNotWritableError and then nothing was kept
   */
  receive(events: readonly E[], sourceKey: string | null): boolean {
    const { log } = this.#host;
    return this.#inOne(events, () => {
      if (sourceKey !== null && log.has(this.id, sourceKey)) return false;
      const at = this.#host.now();
      for (const [index, event] of events.entries()) this.#keep(event, at, index === 0 ? sourceKey : null);
      this.#host.wake(0, events.map((event) => this.#host.events.standing(event)).findLast((standing) => standing !== null) ?? null);
      return true;
    });
  }

  /** A transaction that keeps events. What of the audit waits is written before it, so that it is not undone with it. */
  #inOne<T>(events: readonly E[], work: () => T): T {
    if (events.some((event) => this.#host.events.isDecision(event))) this.#host.audit?.flush();
    return this.#host.sql.tx(work);
  }

  /** Appends an event, and where somebody decided something, the audit's entry of it: both are kept or neither. */
  #keep(event: E, at: number, sourceKey: string | null, step: string | null = null): Logged<E> | null {
    const { log, audit, events } = this.#host;
    const logged = log.append(this.id, event, at, sourceKey);
    const record = logged === null || audit === undefined || !events.isDecision(event) ? null : events.decisionOf(log.read(this.id));
    if (record !== null) audit?.append(record, { incidentId: this.id, step });
    return logged;
  }

  /**
   * Does one step, or sets the alarm for when there is one to do. The host sees to it that alarms of one incident do not overlap.
   * @param stop aborted when the process ends: the step is left as if it had never begun, and runs again at the next start
   * @throws what the plan threw, or StoreNotWritableError; the host calls again later. A step's own errors go to the log
   */
  async alarm(stop: AbortSignal = new AbortController().signal): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const due = this.#next();
      if (due !== null) await this.#run(due.step, due.log, due.run, stop);
    } finally {
      this.#busy = false;
    }
  }

  #runs(): ReadonlyMap<string, StepRun> {
    const { sql } = this.#host;
    const rows = sql.all<StepRun>("select step, failures, cuts, started_at, retry_at from step_run where incident = ?", this.id);
    return new Map(rows.map((row) => [row.step, row]));
  }

  /** Synchronous from the reading of the log to the alarm, so that nothing received in between can be missed. */
  #next(): { step: Step<E>; log: readonly Logged<E>[]; run: Tries } | null {
    const { events } = this.#host;
    const now = this.#host.now();
    const log = this.#host.log.read(this.id);
    const decision = this.#plan(log, now);
    const { steps = [], waitMs = Infinity } = decision === null ? {} : "run" in decision ? { steps: [decision] } : decision;
    const known = this.#runs();
    this.#forgetOthers(known, steps);
    const last = log.at(-1);
    const lastGivenUp = last === undefined ? null : events.gaveUp(last.event);
    let wakeIn = waitMs;
    for (const step of steps) {
      if (lastGivenUp === step.id) {
        // A bug of the plan. Doing the step again would be doing it for ever; the next event that comes may lead out.
        this.#host.onError(new Error(`The plan asks again for ${step.id}, which was given up.`), { incidentId: this.id, step: step.id });
        continue;
      }
      const run = known.get(step.id) ?? { failures: 0, cuts: 0, started_at: null, retry_at: 0 };
      const nextTryIn = Math.max(0, run.retry_at - now);
      const roomIn = nextTryIn > 0 ? 0 : (step.readyIn?.({ incidentId: this.id, now }) ?? 0);
      if (nextTryIn > 0 || roomIn > 0) {
        wakeIn = Math.min(wakeIn, nextTryIn + roomIn);
        if (roomIn > 0 && roomIn <= (step.shortWaitMs ?? 0)) break;
        continue;
      }
      if (step.heavy === true && this.#host.mayBeHeavy?.() === false) return null;
      return this.#begin(step, run, now) ? { step, log, run } : null;
    }
    this.#host.wake(Number.isFinite(wakeIn) ? Math.max(SHORTEST_WAIT_MS, wakeIn) : null);
    return null;
  }

  /** What the plan no longer names has no tries behind it when it is named again. */
  #forgetOthers(known: ReadonlyMap<string, StepRun>, steps: readonly Step<E>[]): void {
    const { sql } = this.#host;
    const others = [...known.keys()].filter((id) => !steps.some((step) => step.id === id));
    if (others.length === 0) return;
    sql.tx(() => {
      for (const id of others) sql.all("delete from step_run where incident = ? and step = ?", this.id, id);
    });
  }

  /** Notes that a step begins. @returns false where it was given up: the process ended too often while it ran */
  #begin(step: Step<E>, run: Tries, now: number): boolean {
    const { sql } = this.#host;
    const cuts = run.cuts + (run.started_at === null ? 0 : 1);
    if (cuts > (this.#host.longestCutRow ?? DEFAULT_LONGEST_CUT_ROW)) {
      this.#giveUp(step.id, `the process ended ${cuts} times while this step ran`, run.failures + 1);
      return false;
    }
    sql.tx(() =>
      sql.all(
        "insert or replace into step_run values(?, ?, ?, ?, ?, ?)",
        ...[this.id, step.id, run.failures, cuts, Math.max(1, now), run.retry_at],
      ),
    );
    return true;
  }

  async #run(step: Step<E>, log: readonly Logged<E>[], tries: Tries, stop: AbortSignal): Promise<void> {
    const { sql } = this.#host;
    const { failures } = tries;
    const timeLimitMs = step.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
    const limit = new AbortController();
    const ended = new AbortController();
    this.#host.sleep(timeLimitMs, ended.signal).then(
      () => limit.abort(new StepTimedOutError(step.id, timeLimitMs)),
      () => undefined,
    );
    const signal = AbortSignal.any([limit.signal, stop]);
    let progressed = false;
    const writes: ((sql: Sql) => void)[] = [];
    const open = <T>(work: () => T): T => {
      if (ended.signal.aborted) throw new Error(`${step.id} has ended; it can't write any more.`);
      return work();
    };
    const context: StepContext<E> = {
      incidentId: this.id,
      log,
      now: () => this.#host.now(),
      signal,
      attempt: failures + 1,
      sql: {
        all: (query, ...params) => open(() => sql.all(query, ...params)),
        tx: (work) => open(() => sql.tx(work)),
        sync: async (patienceMs) => open(() => sql.sync(patienceMs)),
      },
      effects: {
        // Synchronous errors would be news to callers of an async function.
        deliver: async (key, kind, payload, calls) => open(() => this.#outbox.deliver(key, kind, payload, calls, signal)),
        wasMeant: (key) => this.#outbox.wasMeant(key),
      },
      append: (event, sourceKey = null) =>
        open(() => {
          progressed = true;
          return this.#inOne([event], () => this.#keep(event, this.#host.now(), sourceKey, step.id));
        }),
      audit: (record) => open(() => this.#host.audit?.append(record, { incidentId: this.id, step: step.id })),
      atEnd: (write) => void open(() => writes.push(write)),
      claim: async (address) => open(() => this.#host.claim(address)),
      others: this.#others(open),
    };
    try {
      // A step may not heed its signal: it is left behind then, and can't write any more.
      const events = await unlessAborted(
        acting.run(this.#acting(step.id, ended.signal), () => step.run(context)),
        signal,
      );
      if (events.length === 0 && !progressed) throw new Error(`${step.id} ended without an event, so the plan can't go on from it.`);
      this.#inOne(events, () => {
        for (const write of writes) write(sql);
        const at = this.#host.now();
        for (const event of events) this.#keep(event, at, null, step.id);
        sql.all("delete from step_run where incident = ? and step = ?", this.id, step.id);
        this.#host.wake(0);
      });
    } catch (error) {
      if (stop.aborted || error instanceof StoreNotWritableError) {
        this.#forgetStart();
        if (stop.aborted) return;
        throw error;
      }
      this.#fail(step, error, tries);
    } finally {
      ended.abort();
    }
  }

  /** Other incidents, until the step has ended. */
  #others(open: <T>(work: () => T) => T): Others<E> {
    const { others } = this.#host;
    return {
      pinned: async (since) => open(() => others?.pinned(since) ?? []),
      pin: async (card) => open(() => others?.pin(card)),
      follow: async (lead) => open(() => others?.follow(lead) ?? { lead: null, moved: [] }),
      leave: async () => open(() => others?.leave()),
      claim: async (key) => open(() => others?.claim(key) ?? { incidentId: this.id, note: null }),
      note: async (key, note) => open(() => others?.note(key, note)),
      reserve: async (asked) => open(() => others?.reserve(asked) ?? null),
      settle: async (key, spent) => open(() => others?.settle(key, spent)),
      tell: async (incidentId, events, key) => open(() => others?.tell(incidentId, events, key) ?? "unknown"),
    };
  }

  #acting(step: string, ended: AbortSignal): Acting<E> {
    const { sql, log, audit = null } = this.#host;
    return {
      incidentId: this.id,
      step,
      audit,
      note: (event, key) => {
        if (!ended.aborted) sql.tx(() => log.append(this.id, event, this.#host.now(), key));
      },
    };
  }

  #fail(step: Step<E>, error: unknown, before: Tries): void {
    const { sql } = this.#host;
    const failures = before.failures + 1;
    this.#host.onError(error, { incidentId: this.id, step: step.id });
    const isOutage = step.outlasts?.(error) === true;
    if (failures >= (step.attempts ?? DEFAULT_ATTEMPTS) && !isOutage) {
      this.#giveUp(step.id, words(error), failures);
      return;
    }
    sql.tx(() => {
      const now = this.#host.now();
      // Of an outage the first try is in the log; the log must not grow with each one after it.
      const isTold = isOutage && before.failures === 0 && before.retry_at > 0;
      if (!isTold) this.#note({ step: step.id, error: words(error), attempt: failures, final: false });
      sql.all(
        "update step_run set failures = ?3, started_at = null, retry_at = ?4 where incident = ?1 and step = ?2",
        ...[this.id, step.id, isOutage ? failures - 1 : failures, now + backoffMs(failures, error)],
      );
      // At once and not after the wait: what came meanwhile may have changed the plan. The wait is kept by `retry_at`.
      this.#host.wake(0);
    });
  }

  #note(failure: StepFailure): void {
    this.#host.log.append(this.id, this.#host.events.failed(failure), this.#host.now(), null);
  }

  #giveUp(step: string, error: string, attempt: number): void {
    const { sql } = this.#host;
    sql.tx(() => {
      this.#note({ step, error, attempt, final: true });
      sql.all("delete from step_run where incident = ? and step = ?", this.id, step);
      this.#host.wake(0);
    });
  }

  /** An end that is not the step's doing does not count as a cut. */
  #forgetStart(): void {
    try {
      this.#host.sql.tx(() => this.#host.sql.all("update step_run set started_at = null where incident = ?", this.id));
    } catch {
      // The store is what failed. One cut too many is counted, of many that are allowed.
    }
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => undefined);
  }
}
