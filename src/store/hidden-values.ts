import type { SealedValue } from "../guard/pseudonym.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { Migrations, Sql } from "../durable/sql.ts";

export const hiddenValueMigrations: Migrations = {
  name: "hidden-value",
  statements: [
    "create table hidden_value(incident text not null, pseudonym text not null, sealed blob not null, primary key(incident, pseudonym))",
  ],
};

/** Keeps values beside what they were taken from. The first one stays: a pseudonym always stands for the same value. */
export function recordHidden(sql: Sql, incident: string, values: readonly SealedValue[]): void {
  for (const { pseudonym, sealed } of values) sql.all("insert or ignore into hidden_value values(?, ?, ?)", incident, pseudonym, sealed);
}

export const hiddenValueQueries = {
  hiddenValue: (sql: Sql, incident: string, pseudonym: string): Promise<SealedValue | null> =>
    Promise.resolve(
      sql.all<{ pseudonym: string; sealed: Uint8Array }>(
        "select pseudonym, sealed from hidden_value where incident = ? and pseudonym = ?",
        incident,
        pseudonym,
      )[0] ?? null,
    ),
};

export type HiddenValueQueries = typeof hiddenValueQueries;

/**
 * Shows a person the value behind a pseudonym. The timeline records the look before they see the value; the caller has made
 * sure that they may.
 * @param by who asks, as the sign-in knows them
 * @param unseal the redaction's own
 * @returns null where there is no such value, or it was sealed with another key
 * @throws Error when the look could not be recorded: then nothing is shown
 */
export async function reveal(
  store: Pick<IncidentStore<HiddenValueQueries>, "query" | "tell">,
  unseal: (incidentId: string, value: SealedValue) => string | null,
  { incidentId, pseudonym, by }: { readonly incidentId: string; readonly pseudonym: string; readonly by: string },
): Promise<string | null> {
  const kept = await store.query(incidentId, "hiddenValue", pseudonym);
  const value = kept === null ? null : unseal(incidentId, kept);
  if (value === null) return null;
  const told = await store.tell(incidentId, [{ type: "value-revealed", pseudonym, by }], `reveal:${crypto.randomUUID()}`);
  if (told !== "stored") throw new Error(`the look at ${pseudonym} could not be recorded, so it is not shown`);
  return value;
}
