import type { Standing } from "./events.ts";
import type { Migrations, Sql } from "./sql.ts";

/**
 * Who may do heavy work now, where incidents do not share a process that could see to it: on Cloudflare the objects of twenty incidents may share
 * the memory of one isolate. As in the heavy lane of Node one works at a time, beside it one that is more urgent; of those that wait the most
 * urgent comes first, and kinds take turns.
 */
export const admissionMigrations: Migrations = {
  name: "admission",
  statements: [
    // `until`: it has the room until then; null: it waits. `asked_at`: since when, `seen_at`: when it last asked.
    `create table admission(
      incident text primary key, rank integer not null, kind text not null, asked_at integer not null, seen_at integer not null, until integer)`,
    // When a kind had its last turn.
    "create table admission_turn(kind text primary key, turn integer not null)",
  ],
};

/** Longer than any heavy step may take. Who has the room for longer has ended without a word. */
const LONGEST_WORK_MS = 180_000;
/** Who was called must come within this. */
const COMES_WITHIN_MS = 30_000;
/** Who waits asks again, see `ASKS_AGAIN_MS`; who has not asked for so long waits no more. */
const WAITS_WITHOUT_ASKING_MS = 120_000;
/** How often one that waits asks again, in case that its call was lost. */
export const ASKS_AGAIN_MS = 20_000;
const MOST_TURNS = 1_000;

/** What waits for room, and what has it. */
export interface Backlog {
  readonly waiting: number;
  /** Since the first of them asked; 0 where none waits. */
  readonly oldestSeconds: number;
  readonly running: number;
}

interface Row {
  readonly incident: string;
  readonly rank: number;
  readonly kind: string;
}

/** The rooms for heavy work, and who waits for one. Kept: what an object knows may be gone at any time. */
export class Admission {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Asks for room. @returns whether there is; if not, the incident waits and `leave` of another names it */
  enter(incidentId: string, { rank, kind }: Standing): boolean {
    return this.#sql.tx(() => {
      const now = this.#now();
      this.#forgetSilent(now);
      this.#sql.all(
        `insert into admission values(?1, ?2, ?3, ?4, ?4, null)
        on conflict(incident) do update set rank = ?2, kind = ?3, seen_at = ?4, until = case when until is null then null else ?5 end`,
        ...[incidentId, rank, kind, now, now + LONGEST_WORK_MS],
      );
      return this.#has(incidentId) || this.#admit(LONGEST_WORK_MS, incidentId) === incidentId;
    });
  }

  /** The work is over, or was not needed. @returns whose turn it is now, to be called; null: nobody waits */
  leave(incidentId: string): string | null {
    return this.#sql.tx(() => {
      this.#forgetSilent(this.#now());
      this.#sql.all("delete from admission where incident = ?", incidentId);
      return this.#admit(COMES_WITHIN_MS);
    });
  }

  /** Without a write: anybody may ask for it. */
  backlog(): Backlog {
    const now = this.#now();
    const [row] = this.#sql.all<{ waiting: number; first: number; running: number }>(
      `select count(*) filter (where until is null and seen_at > ?1) waiting, count(*) filter (where until > ?2) running,
      coalesce(min(asked_at) filter (where until is null and seen_at > ?1), ?2) first from admission`,
      ...[now - WAITS_WITHOUT_ASKING_MS, now],
    );
    const { waiting = 0, running = 0, first = now } = row ?? {};
    return { waiting, running, oldestSeconds: Math.round((now - first) / 1_000) };
  }

  /** What waits, by rank, and since when the first does, epoch milliseconds. */
  queue(): { readonly rank: number; readonly waiting: number; readonly since: number }[] {
    return this.#sql.all(
      "select rank, count(*) waiting, min(asked_at) since from admission where until is null and seen_at > ? group by rank",
      this.#now() - WAITS_WITHOUT_ASKING_MS,
    );
  }

  #forgetSilent(now: number): void {
    this.#sql.all("delete from admission where until <= ?1 or (until is null and seen_at <= ?2)", now, now - WAITS_WITHOUT_ASKING_MS);
  }

  #has(incidentId: string): boolean {
    return this.#sql.all("select 1 from admission where incident = ? and until is not null", incidentId).length > 0;
  }

  /** Gives a free room to the first of those that wait. @param only gives it to no other: others are called when somebody leaves */
  #admit(forMs: number, only: string | null = null): string | null {
    const working = this.#sql.all<Row>("select incident, rank, kind from admission where until is not null");
    const [first] = this.#sql.all<Row>(
      `select incident, rank, admission.kind kind from admission left join admission_turn on admission_turn.kind = admission.kind
      where until is null order by rank, coalesce(turn, 0), asked_at, incident limit 1`,
    );
    if (first === undefined || (only !== null && first.incident !== only)) return null;
    const mayBegin = working.length === 0 || (working.length === 1 && working.every(({ rank }) => first.rank < rank));
    if (!mayBegin) return null;
    this.#sql.all("update admission set until = ? where incident = ?", this.#now() + forMs, first.incident);
    this.#sql.all("insert or replace into admission_turn select ?, coalesce(max(turn), 0) + 1 from admission_turn", first.kind);
    this.#sql.all("delete from admission_turn where turn <= (select max(turn) from admission_turn) - ?", MOST_TURNS);
    return first.incident;
  }
}
