import type { EventLog } from "./event-log.ts";
import type { Logged } from "./events.ts";
import type { Migrations, Sql } from "./sql.ts";

/** Counts what happens where many objects share nothing: each isolate counts for itself, the directory adds up what they report. */
export interface Measuring<E> {
  /** New events of an incident, each once. @param log all of them, oldest first */
  happened(incidentId: string, news: readonly Logged<E>[], log: () => readonly Logged<E>[]): void;
  /** What was counted here since it was last asked, as text; null: nothing, or nobody wants to know. */
  take(): Promise<string | null>;
  /** Adds up what was reported. */
  add(newer: string, older: string | null): string;
  /** Whether sizes are wanted too. */
  readonly wantsSizes: boolean;
  /** Bytes of raw answers that an incident's store keeps. */
  evidenceBytes(sql: Sql): number;
}

/** What an incident's store holds. */
export interface Sizes {
  readonly evidenceBytes: number;
  readonly databaseBytes: number;
  /** Effects that are intended and not done, of steps that are still tried, and since when the first is; null: none is. */
  readonly outboxWaiting: number;
  readonly outboxSince: number | null;
}

export const measuredMigrations: Migrations = {
  name: "measured",
  statements: [
    // Up to which event they were counted. Of a store that was there before, all were.
    "create table measured(one integer primary key check(one = 1), seq integer not null)",
    "insert into measured select 1, coalesce(max(seq), 0) from event",
  ],
};

/** Events of an incident that were not counted yet, and counts them as counted: some may be lost with an isolate, none counts twice. */
export function takeNews<E>(sql: Sql, events: EventLog<E>, incidentId: string): readonly Logged<E>[] {
  const counted = sql.all<{ seq: number }>("select seq from measured")[0]?.seq ?? 0;
  const newest = events.lastSeq(incidentId);
  if (newest === counted) return [];
  sql.tx(() => sql.all("update measured set seq = ?", newest));
  // After a deletion the numbers begin again.
  return events.read(incidentId, newest < counted ? 0 : counted);
}

/** Of one store: what is intended and not done. Of a step that was given up nothing is tried any more. */
export function outboxBacklog(sql: Sql): { readonly waiting: number; readonly since: number | null } {
  const [row] = sql.all<{ waiting: number; since: number | null }>(
    "select count(*) waiting, min(intended_at) since from step_run join effect on effect.incident = step_run.incident where effect.state = 'intent'",
  );
  return { waiting: row?.waiting ?? 0, since: row?.since ?? null };
}

export const reportedMigrations: Migrations = {
  name: "reported",
  statements: [
    "create table counted(one integer primary key check(one = 1), body text not null)",
    `create table sizes(
      incident text primary key, evidence integer not null, database integer not null, outbox_waiting integer not null, outbox_since integer)`,
  ],
};

/** What is known of all stores. */
export interface Totals {
  /** See `Measuring.add`; null: nothing was reported. */
  readonly counted: string | null;
  readonly evidenceBytes: number;
  readonly databaseBytes: number;
  readonly outbox: { readonly waiting: number; readonly since: number | null };
  readonly lastDeliveryAt: number | null;
}

/** What objects reported to the directory. */
export class Reported {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(more: string, add: Measuring<unknown>["add"]): void {
    const sql = this.#sql;
    sql.tx(() => sql.all("insert or replace into counted values(1, ?)", add(more, this.#counted())));
  }

  /** In place of what an incident reported before; null: it is no more. */
  resize(incident: string, sizes: Sizes | null): void {
    const sql = this.#sql;
    sql.tx(() => {
      if (sizes === null) sql.all("delete from sizes where incident = ?", incident);
      else
        sql.all(
          "insert or replace into sizes values(?, ?, ?, ?, ?)",
          ...[incident, sizes.evidenceBytes, sizes.databaseBytes, sizes.outboxWaiting, sizes.outboxSince],
        );
    });
  }

  totals(): Totals {
    const [sum] = this.#sql.all<{ evidence: number | null; database: number | null; waiting: number | null; since: number | null }>(
      "select sum(evidence) evidence, sum(database) database, sum(outbox_waiting) waiting, min(outbox_since) since from sizes",
    );
    const [last] = this.#sql.all<{ at: number }>("select received_at at from delivery order by rowid desc limit 1");
    return {
      counted: this.#counted(),
      evidenceBytes: sum?.evidence ?? 0,
      databaseBytes: sum?.database ?? 0,
      outbox: { waiting: sum?.waiting ?? 0, since: sum?.since ?? null },
      lastDeliveryAt: last?.at ?? null,
    };
  }

  #counted(): string | null {
    return this.#sql.all<{ body: string }>("select body from counted")[0]?.body ?? null;
  }
}
