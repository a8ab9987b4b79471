import type { Migrations, Sql } from "./sql.ts";

export type Lane = "light" | "heavy";

export interface AlarmsOptions {
  readonly sql: Sql;
  readonly now: () => number;
  /** Does one piece of what is due. What it throws is reported, and the alarm rings again later. */
  readonly ring: (id: string, lane: Lane) => Promise<void>;
  readonly onError: (error: unknown, id: string | null) => void;
  /** Owners of an alarm that may run at once in the light lane. */
  readonly concurrency: number;
  /** The same in the heavy lane. Where more wait it is one at a time: they share one processor, so each then ends sooner and all end no later. */
  readonly heavyConcurrency: number;
}

export const alarmMigrations: Migrations = {
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

/** Many alarms kept in one table and rung by one timer, a few at once in each lane. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #running = new Map<string, Promise<void>>();
  /** Those of them that run in the heavy lane. */
  readonly #heavy = new Set<string>();
  /** Alarms that threw, with when to try again. In memory: the store may be what fails, and a new start may try at once. */
  readonly #held = new Map<string, { until: number; tries: number }>();
  #timer: { at: number; handle: NodeJS.Timeout } | null = null;
  #stopped = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Sets the owner's only alarm, in place of any before; null: none. */
  set(id: string, inMs: number | null): void {
    const { sql, now } = this.#options;
    if (inMs === null) {
      sql.tx(() => sql.all("delete from alarm where incident = ?", id));
      return;
    }
    const at = now() + inMs;
    sql.tx(() => sql.all("insert or replace into alarm(incident, at) values(?, ?)", id, at));
    this.#arm(at);
  }

  /** The owner's next ring needs the heavy lane. */
  moveToHeavy(id: string): void {
    const { sql } = this.#options;
    sql.tx(() => sql.all("update alarm set heavy = 1 where incident = ?", id));
  }

  /** Looks at what is due now, and from then on at each alarm. */
  start(): void {
    this.#arm(this.#options.now());
  }

  /** The clock may have been set forward, or the machine have slept: a timer that should have rung is set again. */
  checkClock(): void {
    if (this.#timer !== null && this.#timer.at <= this.#options.now()) this.#arm(this.#timer.at);
  }

  /** Rings no more. @returns what still runs */
  stop(): readonly Promise<void>[] {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    return [...this.#running.values()];
  }

  get running(): number {
    return this.#running.size;
  }

  /** Owners with an alarm. */
  waiting(): number {
    return this.#options.sql.all<{ n: number }>("select count(*) n from alarm")[0]?.n ?? 0;
  }

  #arm(at: number): void {
    const { now } = this.#options;
    if (this.#stopped || (this.#timer !== null && this.#timer.at <= at && this.#timer.at > now())) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = { at, handle: setTimeout(() => this.#tick(), Math.min(LONGEST_TIMER_MS, Math.max(0, at - now()))) };
  }

  #tick(): void {
    this.#timer = null;
    if (this.#stopped) return;
    try {
      this.#look();
    } catch (error) {
      this.#options.onError(error, null);
      this.#arm(this.#options.now() + AGAIN_AFTER_ERROR_MS);
    }
  }

  #look(): void {
    const { sql, concurrency, heavyConcurrency } = this.#options;
    this.#lookAt("light", concurrency - (this.#running.size - this.#heavy.size));
    const waiting = sql.all<{ n: number }>("select count(*) n from alarm where heavy = 1")[0]?.n ?? 0;
    if (waiting === 0) return;
    this.#lookAt("heavy", (waiting - this.#heavy.size > heavyConcurrency ? 1 : heavyConcurrency) - this.#heavy.size);
  }

  /** Starts what is due in one lane, oldest alarm first, up to `room`, and sets the timer for what is not. */
  #lookAt(lane: Lane, room: number): void {
    const { sql, now } = this.#options;
    const at = now();
    const candidates = sql.all<{ incident: string; at: number }>(
      "select incident, at from alarm where heavy = ? order by at limit ?",
      lane === "heavy" ? 1 : 0,
      room + this.#running.size + this.#held.size + 1,
    );
    let left = room;
    for (const { incident, at: alarmAt } of candidates) {
      // The end of any step looks again.
      if (left <= 0) return;
      if (this.#running.has(incident)) continue;
      const dueAt = Math.max(alarmAt, this.#held.get(incident)?.until ?? 0);
      if (dueAt > at) {
        this.#arm(dueAt);
        continue;
      }
      left--;
      if (lane === "heavy") this.#heavy.add(incident);
      this.#running.set(incident, this.#run(incident, lane));
    }
  }

  async #run(id: string, lane: Lane): Promise<void> {
    const { now, ring, onError } = this.#options;
    try {
      await ring(id, lane);
      this.#held.delete(id);
    } catch (error) {
      if (this.#stopped) return;
      const tries = (this.#held.get(id)?.tries ?? 0) + 1;
      this.#held.set(id, { until: now() + Math.min(LONGEST_BACKOFF_MS, AGAIN_AFTER_ERROR_MS * 2 ** (tries - 1)), tries });
      onError(error, id);
    } finally {
      this.#running.delete(id);
      this.#heavy.delete(id);
      this.#arm(now());
    }
  }
}
