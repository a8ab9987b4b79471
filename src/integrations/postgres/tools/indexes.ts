import { z } from "zod";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { bytes, databaseInput, databaseOf, type DatabaseTools, number, resultOf } from "./tool-words.ts";

/** `postgres_indexes`: the indexes of one table. */
export function indexesTool(tools: DatabaseTools): Tool {
  return defineTool({
    name: "postgres_indexes",
    description:
      "Indexes of one PostgreSQL table: kind, columns in order, unique, partial, valid or not, scans, size. Use it before saying that an index is missing: a filter is helped only where an index begins with a filtered column.",
    source: "PostgreSQL",
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
            `- ${row.schema}.${row.index}: ${row.unique ? "unique " : ""}${row.method} (${row.columns.map((column) => column || "an expression").join(", ")})${row.partial ? ", of some rows only" : ""}${row.valid ? "" : ", INVALID: it is not used"}; ${number(row.scans)} scans, ${bytes(row.bytes)}`,
          ],
        })),
        rest: (left) => `${left} more indexes are in the raw answer.`,
      });
    },
  });
}
