import type { Standing } from "./events.ts";
import type { Migrations, Sql } from "./sql.ts";

export type Lane = "light" | "heavy";

export interface AlarmsOptions {
  readonly sql: Sql;
  readonly now: () => number;
  /** Does one piece of what is due. What it throws is reported, and the alarm rings again later. */
  readonly ring: (id: string, lane: Lane) => Promise<void>;
  readonly onError: (error: unknown, id: string | null) => void;
  /** Owners of an alarm that may run at once in the light lane; beside them as many that are more urgent than those. */
  readonly concurrency: number;
  /** The same in the heavy lane, and beside them one that is more urgent. Where more wait it is one at a time: they share one processor, so each then ends sooner and all end no later. */
  readonly heavyConcurrency: number;
}

const LOWEST_RANK = 5;
const DEFAULT_RANK = 3;

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
    // 0 is the most urgent; see Standing.
    `alter table alarm add column rank integer not null default ${DEFAULT_RANK}`,
    "alter table alarm add column kind text not null default ''",
    "create index alarm_rank on alarm(heavy, rank, at)",
    "drop index alarm_lane",
  ],
};

// Node's timers hold 31 bits of ms; one that only looks again early does no harm.
const LONGEST_TIMER_MS = 3_600_000;
const AGAIN_AFTER_ERROR_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** Kinds whose last turn is remembered. */
const MOST_TURNS = 1_000;

/** Many alarms kept in one table and rung by one timer, a few at once in each lane. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #running = new Map<string, { readonly ended: Promise<void>; readonly lane: Lane; readonly rank: number }>();
  /** Alarms that threw, with when to try again. In memory: the store may be what fails, and a new start may try at once. */
  readonly #held = new Map<string, { until: number; tries: number }>();
  /** Owners whose alarm does not ring, whatever is due. */
  readonly #barred = new Set<string>();
  /** Of each kind in the heavy lane: the number of its last turn, oldest first. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  #timer: { at: number; handle: NodeJS.Timeout } | null = null;
  #stopped = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Sets the owner's only alarm, in place of any before; null: none. @param standing default: as before, while it has an alarm */
  set(id: string, inMs: number | null, standing: Standing | null = null): void {
    const { sql, now } = this.#options;
    if (inMs === null) {
      sql.tx(() => sql.all("delete from alarm where incident = ?", id));
      return;
    }
    const at = now() + inMs;
    sql.tx(() => {
      if (standing === null)
        sql.all("insert into alarm(incident, at) values(?1, ?2) on conflict(incident) do update set at = ?2, heavy = 0", id, at);
      else
        sql.all(
          `insert into alarm(incident, at, rank, kind) values(?1, ?2, ?3, ?4)
          on conflict(incident) do update set at = ?2, heavy = 0, rank = ?3, kind = ?4`,
          ...[id, at, Math.min(LOWEST_RANK, Math.max(0, Math.trunc(standing.rank))), standing.kind],
        );
    });
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
    return [...this.#running.values()].map(({ ended }) => ended);
  }

  /** From now on the owner's alarm does not ring. @returns when what it has under way has ended */
  async bar(id: string): Promise<void> {
    this.#barred.add(id);
    await this.#running.get(id)?.ended;
  }

  /** Takes that back. */
  unbar(id: string): void {
    this.#barred.delete(id);
    this.#held.delete(id);
    this.#arm(this.#options.now());
  }

  get running(): number {
    return this.#running.size;
  }

  /** When the next alarm is due, by the clock; null: there is none. */
  nextAt(): number | null {
    return this.#options.sql.all<{ at: number | null }>("select min(at) at from alarm")[0]?.at ?? null;
  }

  /** Owners with an alarm. */
  waiting(): number {
    return this.#options.sql.all<{ n: number }>("select count(*) n from alarm")[0]?.n ?? 0;
  }

  /** What is due and does not run yet, by rank: how many, and since when the oldest is due, by the clock. */
  queue(): { readonly rank: number; readonly waiting: number; readonly since: number }[] {
    const due = this.#options.sql.all<{ incident: string; rank: number; at: number }>(
      "select incident, rank, at from alarm where at <= ?",
      this.#options.now(),
    );
    const ranks = Map.groupBy(
      due.filter(({ incident }) => !this.#running.has(incident)),
      ({ rank }) => rank,
    );
    return [...ranks].map(([rank, of]) => ({ rank, waiting: of.length, since: Math.min(...of.map(({ at }) => at)) }));
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
    this.#lookAt("light", concurrency, concurrency);
    const waiting = sql.all<{ n: number }>("select count(*) n from alarm where heavy = 1")[0]?.n ?? 0;
    if (waiting === 0) return;
    this.#lookAt("heavy", waiting - this.#runningIn("heavy") > heavyConcurrency ? 1 : heavyConcurrency, 1);
  }

  /** How many run in a lane. @param rank of those that are as urgent, or more. Default: all */
  #runningIn(lane: Lane, rank = LOWEST_RANK): number {
    return [...this.#running.values()].filter((one) => one.lane === lane && one.rank <= rank).length;
  }

  /**
   * Starts what is due in one lane, and sets the timer for what is not.
   * @param most that may run at once
   * @param extra so many more for what is more urgent than what runs: a P1 does not wait until a step of others ends, which may take a minute
   */
  #lookAt(lane: Lane, most: number, extra: number): void {
    for (let rank = 0; rank <= LOWEST_RANK; rank++) {
      const left = Math.min(most - this.#runningIn(lane, rank), most + extra - this.#runningIn(lane));
      // The end of any step looks again.
      if (left <= 0) return;
      for (const incident of lane === "heavy" ? this.#fairly(rank, left) : this.#due(lane, rank, left))
        this.#running.set(incident, { ended: this.#run(incident, lane), lane, rank });
    }
  }

  /** Owners of one rank that are due, oldest alarm first. Sets the timer for those that are not. */
  #due(lane: Lane, rank: number, room: number, kind: string | null = null): string[] {
    const { sql, now } = this.#options;
    const at = now();
    const candidates = sql.all<{ incident: string; at: number }>(
      `select incident, at from alarm where heavy = ? and rank = ? ${kind === null ? "" : "and kind = ?"} order by at limit ?`,
      ...[
        lane === "heavy" ? 1 : 0,
        rank,
        ...(kind === null ? [] : [kind]),
        room + this.#running.size + this.#held.size + this.#barred.size + 1,
      ],
    );
    const due: string[] = [];
    for (const { incident, at: alarmAt } of candidates) {
      if (due.length >= room) break;
      if (this.#running.has(incident) || this.#barred.has(incident)) continue;
      const dueAt = Math.max(alarmAt, this.#held.get(incident)?.until ?? 0);
      if (dueAt <= at) due.push(incident);
      else this.#arm(dueAt);
    }
    return due;
  }

  /** As `#due` in the heavy lane, one of each kind in turn: the kind whose last turn is longest ago first. */
  #fairly(rank: number, room: number): string[] {
    const { sql } = this.#options;
    const chosen: string[] = [];
    if (room <= 0) return chosen;
    const kinds = sql
      .all<{ kind: string }>("select kind, min(at) at from alarm where heavy = 1 and rank = ? group by kind order by at", rank)
      .toSorted((a, b) => (this.#turns.get(a.kind) ?? 0) - (this.#turns.get(b.kind) ?? 0));
    const waiting = kinds.map(({ kind }) => ({ kind, due: this.#due("heavy", rank, room, kind) }));
    for (let round = 0; chosen.length < room && waiting.some(({ due }) => due.length > round); round++) {
      for (const { kind, due } of waiting) {
        const incident = due[round];
        if (incident === undefined || chosen.length >= room) continue;
        chosen.push(incident);
        this.#turns.delete(kind);
        this.#turns.set(kind, ++this.#turn);
      }
    }
    for (const kind of this.#turns.keys()) {
      if (this.#turns.size <= MOST_TURNS) break;
      this.#turns.delete(kind);
    }
    return chosen;
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
      this.#arm(now());
    }
  }
}
