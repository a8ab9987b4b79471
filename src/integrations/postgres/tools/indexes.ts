import { z } from "zod";
import { bytes, databaseInput, databaseOf, type DatabaseTools, number, resultOf, defineLook, type Look } from "./tool-words.ts";

/** the indexes of one table. */
export function indexesLook(tools: DatabaseTools): Look {
  return defineLook({
    input: z.object({
      database: databaseInput,
      table: z.string().min(1).max(120).describe("The table, without schema, written as in the database."),
    }),
    async run(input, { question, signal }) {
      const database = databaseOf(tools, input.database, question);
      const answer = await tools.postgres.indexes({ database, table: input.table }, signal);
      const { exists, indexes } = answer.value;
      return resultOf(answer, {
        facts: [
          exists
            ? `PostgreSQL ${database}: table ${input.table} has ${indexes.length === 0 ? "no index" : `${indexes.length} indexes`}.`
            : `PostgreSQL ${database}: there is no table ${input.table}.`,
        ],
        items: indexes.map((row) => ({
          lines: [
            `- ${row.schema}.${row.index}: ${row.unique ? "unique " : ""}${row.method} (${row.columns.map((column) => column || "an expression").join(", ")})${row.partial ? ", of some rows only" : ""}${row.valid ? "" : ", INVALID: it is not used"}${row.scans === null ? "" : `; ${number(row.scans)} scans`}${row.bytes === null ? "" : `, ${bytes(row.bytes)}`}`,
          ],
        })),
        rest: (left) => `${left} more indexes are in the raw answer.`,
      });
    },
  });
}
