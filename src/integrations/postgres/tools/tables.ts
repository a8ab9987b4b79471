import { z } from "zod";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { bytes, databaseInput, databaseOf, type DatabaseTools, number, resultOf } from "./tool-words.ts";

/** `postgres_tables`: how tables are read and kept. */
export function tablesTool(tools: DatabaseTools): Tool {
  return defineTool({
    name: "postgres_tables",
    description:
      "Tables of a PostgreSQL database by rows read in sequential scans: sequential and index scans, live and dead rows, size, last vacuum and analyze. Use it to see whether a table is scanned whole, bloated, or long not vacuumed. Counters add up since their last reset. For the indexes of a table use postgres_indexes.",
    source: "PostgreSQL",
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
