import { z } from "zod";
import { outsideLine } from "../../../report/tool-view.ts";
import type { TableRow } from "../schema.ts";
import { bytes, databaseInput, databaseOf, type DatabaseTools, number, resultOf, defineLook, type Look } from "./tool-words.ts";

/** how tables are read and kept. */
export function tablesLook(tools: DatabaseTools): Look {
  return defineLook({
    input: z.object({
      database: databaseInput,
      table: z.string().max(120).optional().describe("Only this table, without schema. Default: those most read in scans."),
    }),
    async run(input, { question, signal }) {
      const database = databaseOf(tools, input.database, question);
      const answer = await tools.postgres.tables({ database, tables: input.table === undefined ? undefined : [input.table] }, signal);
      const rows = answer.value;
      const isRead = (row: TableRow) => [row.seq_scans, row.seq_rows, row.index_scans, row.rows, row.dead_rows].some((one) => one !== null);
      const read = rows.filter(isRead);
      const unread = rows.filter((row) => !isRead(row));
      const known = (words: string, value: number | null) => (value === null ? [] : [`${number(value)} ${words}`]);
      const told = (row: TableRow) => [
        ...known("sequential scans", row.seq_scans),
        ...known("rows read in them", row.seq_rows),
        ...known("index scans", row.index_scans),
        ...known("live rows", row.rows),
        ...known("dead rows", row.dead_rows),
        ...(row.bytes === null ? [] : [bytes(row.bytes)]),
        ...(row.last_vacuum === "" ? [] : [`last vacuum ${row.last_vacuum}`]),
        ...(row.last_analyze === "" ? [] : [`last analyze ${row.last_analyze}`]),
      ];
      return resultOf(answer, {
        facts: [
          rows.length > 0
            ? `PostgreSQL ${database}: ${rows.length} ${rows.length === 1 ? "table" : "tables"}, most rows read in sequential scans first.`
            : `PostgreSQL ${database}: no ${input.table === undefined ? "tables" : `table named ${input.table}`}.`,
          ...(unread.length === 0
            ? []
            : [
                `The counters of ${unread.length} ${unread.length === 1 ? "table" : "tables"} are not known: ${unread
                  .slice(0, 12)
                  .map((row) => outsideLine(`${row.schema}.${row.table}${row.bytes === null ? "" : ` ${bytes(row.bytes)}`}`, 80))
                  .join(", ")}${unread.length > 12 ? ` and ${unread.length - 12} others` : ""}.`,
              ]),
        ],
        items: read.map((row) => ({ lines: [`- ${row.schema}.${row.table}: ${told(row).join(", ")}`] })),
        rest: (left) => `${left} tables that are scanned less are not shown: name one in table.`,
      });
    },
  });
}
