import type { EventLog } from "../../src/durable/event-log.ts";
import { Actor, type ActorHost, actorMigrations } from "../../src/durable/actor.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { incidentEvents, incidentLog, type Plan } from "../../src/store/incident-store.ts";
import { migrate, type Sql } from "../../src/durable/sql.ts";

/** A host driven by hand: the clock stands still until told, the alarm rings when asked. */
export class Bench {
  readonly sql: Sql;
  readonly log: EventLog<IncidentEvent>;
  readonly errors: unknown[] = [];
  readonly claims: string[] = [];
  time = 1_000_000;
  /** When the alarm is set for, or null. */
  alarmAt: number | null = null;
  #timers: { at: number; ring: () => void }[] = [];

  constructor(sql: Sql) {
    // By hand as well: the disk has at once what is committed. node-sqlite.test.ts holds what must wait for it.
    this.sql = { ...sql, sync: async () => undefined };
    migrate(sql, actorMigrations);
    this.log = incidentLog(sql);
  }

  get host(): ActorHost<IncidentEvent> {
    return {
      events: incidentEvents,
      sql: this.sql,
      log: this.log,
      now: () => this.time,
      sleep: this.sleep,
      wake: (inMs) => (this.alarmAt = inMs === null ? null : this.time + inMs),
      claim: async (address) => void this.claims.push(address),
      onError: (error) => this.errors.push(error),
      longestCutRow: 3,
    };
  }

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      this.#timers.push({ at: this.time + ms, ring: resolve });
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });

  /** A new object on the same store, as after a restart. */
  incident(plan: Plan, overrides: Partial<ActorHost<IncidentEvent>> = {}): Actor<IncidentEvent> {
    return new Actor("pd-1", plan, { ...this.host, ...overrides });
  }

  /** Lets time pass; sleepers whose time has come go on. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.time);
    this.#timers = this.#timers.filter(({ at }) => at > this.time);
    for (const { ring } of due) ring();
    await settled();
  }

  /** Goes to the moment of the alarm and rings it. */
  async ring(incident: Actor<IncidentEvent>): Promise<void> {
    if (this.alarmAt === null) throw new Error("no alarm is set");
    this.time = Math.max(this.time, this.alarmAt);
    this.alarmAt = null;
    await incident.alarm();
  }

  /** Rings until no alarm is set. */
  async ringAll(incident: Actor<IncidentEvent>): Promise<number> {
    let rings = 0;
    while (this.alarmAt !== null) {
      if (++rings > 200) throw new Error("the alarm never rests");
      await this.ring(incident);
    }
    return rings;
  }
}

/** Lets everything that waits for promises only go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
