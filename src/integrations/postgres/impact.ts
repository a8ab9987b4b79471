import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import { type ImpactSource, SINCE, UNTIL } from "../../incident/impact-source.ts";
import type { SqlClient } from "./sql-client.ts";
import type { SqlRows } from "./sql-session.ts";

/** How many tenants were hit, by a statement of the catalog: through the same check, role and limits as a model's. */

const instant = (at: number): string => `timestamptz '${new Date(at).toISOString()}'`;

const fail = (words: string): IntegrationError => new IntegrationError("postgres", `The catalog's count gave no figure: ${words}.`);

function valueOf({ value: { columns, rows, cut } }: Answer<SqlRows>, returns: "rows" | "number"): { value: number; isLeast: boolean } {
  // Twice the same row is one tenant.
  if (returns === "rows") return { value: new Set(rows.map((row) => JSON.stringify(row))).size, isLeast: cut !== null };
  const only = rows[0]?.[0];
  if (rows.length !== 1 || columns.length !== 1 || cut !== null)
    throw fail(`it has ${rows.length} rows of ${columns.length} columns, not one value`);
  const value = only == null || only.trim() === "" ? Number.NaN : Number(only);
  if (!Number.isFinite(value) || value < 0) throw fail("its value is not a number");
  return { value, isLeast: false };
}

export const tenantCount = (sql: Pick<SqlClient, "query" | "isOneValue">): ImpactSource => ({
  kind: "tenants",
  async count({ tenants }, { from, to }, signal) {
    if (tenants === undefined) throw fail("the catalog declares none");
    const { database, returns } = tenants;
    const text = tenants.sql.replaceAll(SINCE, instant(from)).replaceAll(UNTIL, instant(to));
    // One row with a count would be taken for one tenant.
    if (returns === "rows" && (await sql.isOneValue(text)))
      throw fail("it returns one number, and the catalog says rows: set returns: number");
    const answer = await sql.query({ database, sql: text }, signal);
    const counted = valueOf(answer, returns);
    // Whose rows they are is nobody's business here.
    const raw = JSON.stringify({ counted: counted.value, columns: answer.value.columns.map(({ name }) => name) });
    const kept = answerOf(answer.source, { query: answer.query, value: counted.value, raw, window: { from, to }, cut: answer.cut });
    return { ...counted, weekBefore: null, answers: [kept] };
  },
});
