import type { Migrations, Sql } from "../durable/sql.ts";

/** What triage read in time, kept until the sources that were late have answered, so that nothing is asked twice. */
export const keptReadingMigrations: Migrations = {
  name: "kept-reading",
  statements: ["create table kept_reading(incident text not null, part integer not null, gzip blob not null, primary key(incident, part))"],
};

/** Replaces what was kept of the incident. No parts: nothing is kept any more. */
export function keepReading(sql: Sql, incident: string, parts: readonly Uint8Array[]): void {
  sql.tx(() => {
    sql.all("delete from kept_reading where incident = ?", incident);
    for (const [part, bytes] of parts.entries()) sql.all("insert into kept_reading values(?, ?, ?)", incident, part, bytes);
  });
}

/** In the order in which they were kept; empty where nothing is. */
export const readKept = (sql: Sql, incident: string): readonly Uint8Array[] =>
  sql.all<{ gzip: Uint8Array }>("select gzip from kept_reading where incident = ? order by part", incident).map(({ gzip }) => gzip);
