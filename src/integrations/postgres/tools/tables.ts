import { z } from "zod";
import { bytes, databaseInput, databaseOf, type DatabaseTools, number, resultOf, defineLook, type Look } from "./tool-words.ts";

/** how tables are read and kept. */
export function tablesLook(tools: DatabaseTools): Look {
  return defineLook({
    input: z.object({
      database: databaseInput,
      tables: z
        .array(z.string().max(120))
        .max(20)
        .optional()
        .describe("Only these tables, without schema. Default: those most read in scans."),
    }),
    async run(input, { question, signal }) {
      const database = databaseOf(tools, input.database, question);
      const answer = await tools.postgres.tables({ database, tables: input.tables }, signal);
      const rows = answer.value;
      return resultOf(answer, {
        facts: [
          rows.length > 0
            ? `PostgreSQL ${database}: ${rows.length} tables, most rows read in sequential scans first.`
            : `PostgreSQL ${database}: no ${input.tables === undefined ? "tables" : `table named ${input.tables.join(", ")}`}.`,
        ],
        items: rows.map((row) => ({
          lines: [
            `- ${row.schema}.${row.table}: ${number(row.seq_scans)} sequential scans (${number(row.seq_rows)} rows read), ${number(row.index_scans)} index scans; ${number(row.rows)} live and ${number(row.dead_rows)} dead rows, ${bytes(row.bytes)}; last vacuum ${row.last_vacuum || "not known"}, last analyze ${row.last_analyze || "not known"}`,
          ],
        })),
        rest: (left) => `${left} tables that are scanned less are not shown: name them in tables.`,
      });
    },
  });
}
