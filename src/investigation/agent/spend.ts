import type { Migrations, Sql } from "../../durable/sql.ts";

/** What models cost by day and incident: on Node all incidents share the table, so it holds the whole day; a Durable Object knows its own alone. */
export const spendMigrations: Migrations = {
  name: "model-spend",
  statements: [`create table model_spend(day text not null, incident text not null, dollars real not null, primary key(day, incident))`],
};

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Adds to what an incident cost today (UTC). */
export function recordSpend(sql: Sql, incident: string, at: number, dollars: number): void {
  sql.all(
    "insert into model_spend values(?1, ?2, ?3) on conflict(day, incident) do update set dollars = dollars + excluded.dollars",
    ...[dayOf(at), incident, dollars],
  );
}

/** Dollars of the day (UTC), of all incidents. */
export function spentToday(sql: Sql, at: number): number {
  const [row] = sql.all<{ dollars: number | null }>("select sum(dollars) as dollars from model_spend where day = ?", dayOf(at));
  return row?.dollars ?? 0;
}
