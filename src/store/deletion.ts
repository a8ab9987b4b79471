import type { Migrations, Sql } from "../durable/sql.ts";

/** Who runs midwatch asks the process that owns the store to delete an incident, by a row in the store: anyone who can write the file may do so. */
export const deletionMigrations: Migrations = {
  name: "deletion",
  statements: [
    "create table deletion(incident text primary key, by text not null, asked_at integer not null, outcome text, freed integer)",
  ],
};

/** Nobody waits for the answer to a request that is older, ms. */
export const ASKED_FOR_MS = 60_000;

/** `unknown`: there is no such incident. `freed`: bytes that the disk has again. */
export type Outcome = { readonly outcome: "deleted" | "unknown"; readonly freed: number };

export interface Asked {
  readonly incident: string;
  /** Who wants it, for the audit. */
  readonly by: string;
}

/** Asks for a deletion. @param at epoch milliseconds */
export const askDeletion = (sql: Sql, { incident, by }: Asked, at: number): void =>
  sql.tx(() => void sql.all("insert or replace into deletion values(?, ?, ?, null, null)", incident, by, at));

/** Takes a request back. @returns false: it was carried out meanwhile */
export const withdrawDeletion = (sql: Sql, incident: string): boolean =>
  sql.tx(() => sql.all("delete from deletion where incident = ? and outcome is null returning 1 one", incident).length > 0);

/** What became of a request; null: nothing yet. */
export const deletionOutcome = (sql: Sql, incident: string): Outcome | null =>
  sql.all<Outcome>("select outcome, freed from deletion where incident = ? and outcome is not null", incident)[0] ?? null;

/** Requests that somebody still waits for, oldest first. */
export const askedDeletions = (sql: Sql, now: number): Asked[] =>
  sql.all<Asked>(
    "select incident, by from deletion where outcome is null and asked_at between ? and ? order by asked_at",
    ...[now - ASKED_FOR_MS, now + ASKED_FOR_MS],
  );

/** Notes what became of a request, for the one who asked. */
export const answerDeletion = (sql: Sql, incident: string, { outcome, freed }: Outcome): void =>
  sql.tx(() => void sql.all("update deletion set outcome = ?, freed = ? where incident = ?", outcome, freed, incident));

/** Forgets requests from before an instant, epoch milliseconds. */
export const forgetDeletions = (sql: Sql, before: number): void => {
  const [old] = sql.all("select 1 from deletion where asked_at < ?", before);
  if (old !== undefined) sql.tx(() => sql.all("delete from deletion where asked_at < ?", before));
};
