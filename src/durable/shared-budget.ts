import type { Migrations, Sql } from "./sql.ts";

/** A limit on what is spent from an instant on. */
export interface Period {
  readonly name: string;
  /** Epoch milliseconds: what was set aside from then on counts. */
  readonly since: number;
  readonly most: number;
  /** Counts what this incident spends alone. Default: what all of them do. */
  readonly own?: true;
}

export interface Reservation {
  /** The same when it is asked again: it counts once. */
  readonly key: string;
  /** The most that the work may spend. */
  readonly amount: number;
  readonly periods: readonly Period[];
}

/** The first period in which there is no room, with what was spent in it and what is set aside for work under way; null: it is set aside. */
export type Refused = { readonly period: string; readonly spent: number; readonly reserved: number } | null;

export const sharedBudgetMigrations: Migrations = {
  name: "shared-budget",
  statements: [
    // `open`: the amount is set aside; else it is what was spent.
    `create table shared_budget(
      incident text not null, key text not null, at integer not null, amount real not null, open integer not null, primary key(incident, key))`,
    "create index shared_budget_at on shared_budget(at)",
  ],
};

/** Longer than the longest period that anyone asks for. */
const KEPT_MS = 32 * 24 * 3_600_000;
/** Sums of dollars that are equal on paper differ in the last digits. */
const ROUNDING = 1e-9;

/** What all incidents may spend together. One for all: the whole amount is set aside before the work, so that many at once can't overspend. */
export class SharedBudget {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  reserve(incidentId: string, { key, amount, periods }: Reservation): Refused {
    return this.#sql.tx(() => {
      const now = this.#now();
      const known = this.#sql.all("select 1 from shared_budget where incident = ? and key = ?", incidentId, key);
      if (known.length > 0) return null;
      for (const { name, since, most, own } of periods) {
        const { spent, reserved } = this.#usedSince(since, own === true ? incidentId : null);
        if (spent + reserved + amount > most + ROUNDING) return { period: name, spent, reserved };
      }
      this.#sql.all("delete from shared_budget where at < ?", now - KEPT_MS);
      this.#sql.all("insert into shared_budget values(?, ?, ?, ?, 1)", incidentId, key, now, amount);
      return null;
    });
  }

  /** The work is over: what it did not spend is free again. */
  settle(incidentId: string, key: string, spent: number): void {
    this.#sql.tx(() =>
      this.#sql.all("update shared_budget set amount = ?3, open = 0 where incident = ?1 and key = ?2", incidentId, key, spent),
    );
  }

  #usedSince(since: number, incidentId: string | null): { spent: number; reserved: number } {
    const [row] = this.#sql.all<{ spent: number | null; reserved: number | null }>(
      `select sum(case when open = 0 then amount end) spent, sum(case when open = 1 then amount end) reserved
      from shared_budget where at >= ?1 and (?2 is null or incident = ?2)`,
      ...[since, incidentId],
    );
    return { spent: row?.spent ?? 0, reserved: row?.reserved ?? 0 };
  }
}
