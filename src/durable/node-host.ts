import { hostname } from "node:os";
import { type AuditHead, auditHead, AuditLog } from "./audit.ts";
import { Directory, directoryMigrations } from "./directory.ts";
import { EventLog, type StoreRedaction } from "./event-log.ts";
import { Incident, incidentMigrations, type Plan } from "./actor.ts";
import { type Lease, leaseMigrations, type Owner, takeLease } from "./lease.ts";
import { openNodeSqlite } from "./node-sqlite.ts";
import { sleep } from "./sleep.ts";
import { type Migrations, migrate, type Sql, StoreNotWritableError } from "./sql.ts";
import type { IncidentQueries, IncidentStore } from "./store.ts";

export interface NodeHostOptions<Q extends IncidentQueries = Record<never, never>> {
  /** The SQLite file; created, with its folder, where there is none. */
  readonly path: string;
  readonly plan: Plan;
  /** Errors that people who run midwatch should see. `incidentId` is null for those of the host itself. */
  readonly onError: (error: unknown, where: { readonly incidentId: string | null; readonly step: string | null }) => void;
  /** Tables of other parts that live in the same database. */
  readonly migrations?: readonly Migrations[];
  readonly queries?: Q;
  /** Default: everything is kept as it is. */
  readonly redaction?: StoreRedaction;
  readonly now?: () => number;
  /** Takes this process's own credentials out of what the audit keeps. */
  readonly redact?: (text: string) => string;
  /** Incidents that may run a light step at once. Default 4. */
  readonly concurrency?: number;
  /**
   * Incidents that may run a heavy step at once, beside the light ones. Default 3. Where more than that wait it is one at a time: heavy steps
   * share one processor, so each then ends sooner, all together end no later, and webhooks are answered meanwhile.
   */
  readonly heavyConcurrency?: number;
  /** How long an owner of the file may be silent before another process takes it. Default 5,000. */
  readonly leaseMs?: number;
  /** Longest wait of `close` for steps to heed their signal. Default 2,000. */
  readonly closeGraceMs?: number;
  /** See OutboxOptions. */
  readonly settleMs?: number;
  /** See openNodeSqlite. */
  readonly flush?: (fd: number) => void;
}

export interface NodeHost<Q extends IncidentQueries = Record<never, never>> extends IncidentStore<Q> {
  readonly sql: Sql;
  /** For what happens on behalf of no incident. */
  readonly auditLog: AuditLog;
  /** The newest entry of the audit. For the operator's log: by it later changes show. */
  auditHead(): AuditHead | null;
  /** Calls back with the id of an incident that has new events. */
  subscribe(listener: (incidentId: string) => void): () => void;
  /** Steps under way, incidents with an alarm, and whether the store took the last sign of life. For /healthz. */
  health(): { readonly running: number; readonly waiting: number; readonly writable: boolean };
  /**
   * Stops: steps are aborted and run again at the next start, followers end, the file is free.
   * @param whenStopped ends what else makes calls, between the end of the steps and the last entry of the audit
   */
  close(whenStopped?: () => Promise<void>): Promise<void>;
}

const hostMigrations: Migrations = {
  name: "alarm",
  statements: [
    "create table alarm(incident text primary key, at integer not null)",
    "create index alarm_at on alarm(at)",
    // 1: its next step is heavy and waits for room. Any new event makes it 0 again, for the plan may then want something else.
    "alter table alarm add column heavy integer not null default 0",
    "create index alarm_lane on alarm(heavy, at)",
    // Every question names a lane; an index more is a page more in each write.
    "drop index alarm_at",
  ],
};

// Node's timers hold 31 bits of ms; one that only looks again early does no harm.
const LONGEST_TIMER_MS = 3_600_000;
const AGAIN_AFTER_ERROR_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** A triage makes some hundred calls within seconds: written a few at a time they cost webhooks nothing. What a crash may take with it is as old as this. */
const AUDIT_HOLD_MS = 50;

/** Leases held by this process: one whose pid is ours and which is not here belongs to an earlier process, as in a container where all are 1. */
const heldHere = new Set<string>();

function isGone(owner: Owner): boolean {
  if (owner.machine !== hostname()) return false;
  if (owner.pid === process.pid) return !heldHere.has(owner.id);
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ESRCH";
  }
}

/**
 * All incidents in one SQLite file, in this process alone. Whatever was unfinished goes on at once.
 * @throws StoreInUseError when another process owns the file; StoreNotWritableError when it can't be opened for writing
 */
export function openNodeHost<Q extends IncidentQueries = Record<never, never>>(options: NodeHostOptions<Q>): NodeHost<Q> {
  const {
    path,
    plan,
    onError,
    queries,
    now = Date.now,
    concurrency = 4,
    heavyConcurrency = 3,
    leaseMs = 5_000,
    closeGraceMs = 2_000,
  } = options;
  const self: Owner = { id: crypto.randomUUID(), pid: process.pid, machine: hostname() };
  const db = openNodeSqlite(path, { flush: options.flush });
  let lease: Lease;
  try {
    migrate(db.sql, [leaseMigrations]);
    lease = takeLease(db.sql, self, { path, leaseMs, now, isGone });
    heldHere.add(self.id);
    migrate(db.sql, [hostMigrations, directoryMigrations, ...incidentMigrations, ...(options.migrations ?? [])]);
  } catch (error) {
    heldHere.delete(self.id);
    db.close();
    throw error;
  }

  const stop = new AbortController();
  let writable = true;
  let depth = 0;
  // A process that was stopped for longer than its lease must not go on writing into what another one now owns.
  const sql: Sql = {
    all: db.sql.all,
    tx: (work) =>
      db.sql.tx(() => {
        if (depth === 0) lease.check();
        depth++;
        try {
          return work();
        } finally {
          depth--;
        }
      }),
    sync: db.sql.sync,
  };

  const log = new EventLog(sql, options.redaction);
  const auditLog = new AuditLog({
    sql,
    now,
    redact: options.redact,
    holdMs: AUDIT_HOLD_MS,
    onError: (error) => onError(error, { incidentId: null, step: null }),
  });
  auditLog.append({ kind: "opened" }, null);
  const underWay = new Map<string, Promise<unknown>>();
  const running = new Map<string, Promise<void>>();
  /** Those of them that run in the heavy lane. */
  const heavy = new Set<string>();
  /** Incidents whose alarm threw, with when to try again. In memory: the store may be what fails, and a new start may try at once. */
  const held = new Map<string, { until: number; tries: number }>();
  let timer: { at: number; handle: NodeJS.Timeout } | null = null;

  const arm = (at: number) => {
    // A timer that should have rung is waiting for a clock that has been set forward since: it is set anew.
    if (stop.signal.aborted || (timer !== null && timer.at <= at && timer.at > now())) return;
    if (timer !== null) clearTimeout(timer.handle);
    timer = { at, handle: setTimeout(tick, Math.min(LONGEST_TIMER_MS, Math.max(0, at - now()))) };
  };

  const incidentOf = (id: string, lane: "light" | "heavy" = "light") =>
    new Incident(id, plan, {
      sql,
      log,
      now,
      sleep,
      wake: (inMs) => {
        if (inMs === null) {
          sql.tx(() => sql.all("delete from alarm where incident = ?", id));
          return;
        }
        const at = now() + inMs;
        sql.tx(() => sql.all("insert or replace into alarm(incident, at) values(?, ?)", id, at));
        arm(at);
      },
      audit: auditLog,
      claim: async (address) => directory.claim(address, id),
      mayBeHeavy: () => {
        if (lane === "light") sql.tx(() => sql.all("update alarm set heavy = 1 where incident = ?", id));
        return lane === "heavy";
      },
      onError,
      underWay,
      ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
    });

  const directory = new Directory({
    sql,
    now,
    ...(options.redaction === undefined ? {} : { redaction: options.redaction }),
    // At once, so a delivery, its event and the alarm are one transaction: one write to the disk.
    forward: (incidentId, event, key) => {
      incidentOf(incidentId).receive([event], key);
      return undefined;
    },
    wake: () => undefined,
    onError: (error, { incidentId }) => onError(error, { incidentId, step: null }),
  });

  const runAlarm = async (id: string, lane: "light" | "heavy") => {
    try {
      await incidentOf(id, lane).alarm(stop.signal);
      held.delete(id);
    } catch (error) {
      if (stop.signal.aborted) return;
      const tries = (held.get(id)?.tries ?? 0) + 1;
      held.set(id, { until: now() + Math.min(LONGEST_BACKOFF_MS, AGAIN_AFTER_ERROR_MS * 2 ** (tries - 1)), tries });
      onError(error, { incidentId: id, step: null });
    } finally {
      running.delete(id);
      heavy.delete(id);
      arm(now());
    }
  };

  /** Starts what is due in one lane, oldest alarm first, up to `room`, and sets the timer for what is not. */
  const lookAt = (lane: "light" | "heavy", room: number) => {
    const at = now();
    const candidates = sql.all<{ incident: string; at: number }>(
      "select incident, at from alarm where heavy = ? order by at limit ?",
      lane === "heavy" ? 1 : 0,
      room + running.size + held.size + 1,
    );
    for (const { incident, at: alarmAt } of candidates) {
      // The end of any step looks again.
      if (room <= 0) return;
      if (running.has(incident)) continue;
      const dueAt = Math.max(alarmAt, held.get(incident)?.until ?? 0);
      if (dueAt > at) {
        arm(dueAt);
        continue;
      }
      room--;
      if (lane === "heavy") heavy.add(incident);
      running.set(incident, runAlarm(incident, lane));
    }
  };

  const look = () => {
    lookAt("light", concurrency - (running.size - heavy.size));
    const waiting = sql.all<{ n: number }>("select count(*) n from alarm where heavy = 1")[0]?.n ?? 0;
    if (waiting > 0) lookAt("heavy", (waiting - heavy.size > heavyConcurrency ? 1 : heavyConcurrency) - heavy.size);
  };

  function tick() {
    timer = null;
    if (stop.signal.aborted) return;
    try {
      look();
    } catch (error) {
      onError(error, { incidentId: null, step: null });
      arm(now() + AGAIN_AFTER_ERROR_MS);
    }
  }

  const beat = () => {
    try {
      if (!lease.beat()) {
        onError(new StoreNotWritableError(`${path} was taken over by another process. This one has stopped.`), {
          incidentId: null,
          step: null,
        });
        void close();
      }
      writable = true;
      // The clock may have been set forward, or the machine have slept: nobody else would notice.
      if (timer !== null && timer.at <= now()) arm(timer.at);
    } catch (error) {
      if (writable) onError(error, { incidentId: null, step: null });
      writable = false;
    }
  };
  const heart = setInterval(beat, Math.max(1, Math.floor(leaseMs / 3)));
  heart.unref();

  let closed: Promise<void> | null = null;
  const close = (whenStopped?: () => Promise<void>): Promise<void> =>
    (closed ??= (async () => {
      clearInterval(heart);
      if (timer !== null) clearTimeout(timer.handle);
      stop.abort(new Error("midwatch is stopping"));
      const grace = new AbortController();
      await Promise.race([Promise.allSettled(running.values()), sleep(closeGraceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
      await whenStopped?.().catch((error: unknown) => onError(error, { incidentId: null, step: null }));
      // What was cut off says so within this turn of the event loop; its entries belong before the last one.
      await new Promise((resolve) => setImmediate(resolve));
      try {
        auditLog.append({ kind: "closed" }, null);
        auditLog.close();
        lease.release();
      } catch (error) {
        // The next process waits until the lease is silent, no more.
        onError(error, { incidentId: null, step: null });
      }
      heldHere.delete(self.id);
      try {
        db.close();
      } catch (error) {
        onError(error, { incidentId: null, step: null });
      }
    })());

  arm(now());

  return {
    sql,
    auditLog,
    auditHead: () => auditHead(sql),
    audit: async (incidentId, record) => auditLog.append(record, { incidentId, step: null }),
    receive: async (delivery) => {
      const received = directory.receive(delivery);
      await sql.sync();
      return received;
    },
    tell: async (incidentId, events, sourceKey) => {
      if (log.lastSeq(incidentId) === 0) return "unknown";
      const isNew = incidentOf(incidentId).receive(events, sourceKey);
      await sql.sync();
      return isNew ? "stored" : "repeated";
    },
    incidentAt: async (address) => directory.incidentAt(address),
    list: async (listOptions) => directory.list(listOptions),
    find: async (incidentId) => directory.find(incidentId),
    noted: async (limit) => directory.noted(limit),
    read: async (incidentId, sinceSeq) => log.read(incidentId, sinceSeq),
    async *follow(incidentId, sinceSeq, signal) {
      if (log.lastSeq(incidentId) > 0) yield* log.follow(incidentId, sinceSeq, AbortSignal.any([signal, stop.signal]));
    },
    query: async (incidentId, name, argument) => {
      const query = queries?.[name];
      if (query === undefined) throw new Error(`There is no query named ${name}.`);
      return log.lastSeq(incidentId) === 0 ? null : ((await query(sql, incidentId, argument as never)) as never);
    },
    subscribe: (listener) => log.subscribe(listener),
    health: () => {
      if (stop.signal.aborted) return { running: running.size, waiting: 0, writable: false };
      return { running: running.size, waiting: sql.all<{ n: number }>("select count(*) n from alarm")[0]?.n ?? 0, writable };
    },
    close,
  };
}
