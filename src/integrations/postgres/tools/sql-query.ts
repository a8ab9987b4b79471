import { z } from "zod";
import { FUNCTIONS, ROW_FUNCTIONS } from "../../../guard/sql-names.ts";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Question } from "../../../incident/source.ts";
import { defineTool, LONGEST_VIEW, type Tool, type ToolResult } from "../../../incident/tool.ts";
import { composeView, counted, outsideLine } from "../../../report/tool-view.ts";
import type { SqlClient } from "../sql-client.ts";
import { LONGEST_SQL } from "../../../guard/sql-guard.ts";
import type { PagedDatabase } from "../source.ts";
import { type DeclaredTable, MOST_ROWS, SQL_LIMITS } from "../sql-session.ts";
import { resultOf } from "./tool-words.ts";

/** What the tool needs: the client, and which databases are the paged service's. */
export interface SqlTools {
  readonly sql: SqlClient;
  readonly databasesOf: (service: string) => readonly PagedDatabase[];
}

const LONGEST_SHOWN = 300;

const tableName = ({ schema, name }: DeclaredTable): string => (schema === "public" ? name : `${schema}.${name}`);

const tableWords = (table: DeclaredTable): string =>
  `- ${tableName(table)}: ${[...table.columns, ...Object.entries(table.masked).map(([column, kind]) => `${column} (masked ${kind})`)].join(", ")}`;

/** @throws IntegrationError that names the databases there are */
function databaseOf({ sql, databasesOf }: SqlTools, asked: string | undefined, question: Question): string {
  const chosen = asked ?? databasesOf(question.service)[0]?.name ?? (sql.databases.length === 1 ? sql.databases[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw new IntegrationError("postgres", `Give database: ${sql.databases.join(", ")}.`);
}

/** What may be asked: nobody is asked for it, so there is no answer for the ledger. */
function openTables(database: string, tables: readonly DeclaredTable[]): ToolResult {
  const facts = [
    `${database}: ${counted(tables.length, "table")} may be read. One SELECT; masked columns only alone in SELECT, in count() and IS [NOT] NULL; no recursion, no *, where columns are hidden.`,
  ];
  const view = (evidence: readonly number[]) =>
    composeView(
      {
        facts,
        items: tables.map((table) => ({ lines: [outsideLine(tableWords(table), 1_200)] })),
        rest: (left) => `${left} more tables are not shown; a refusal names the columns of its table.`,
        notes: [],
      },
      evidence,
    );
  const functions = `Functions: ${[...FUNCTIONS, ...Object.keys(ROW_FUNCTIONS)].join(" ")}`;
  return {
    answers: [],
    view: (evidence) => `${view(evidence).slice(0, LONGEST_VIEW - functions.length - 1)}\n${functions}`,
    fact: `tables of ${database} for sql_query`,
  };
}

/** SQL of the model's own, for what no fixed question answers: rows of declared tables. */
export const sqlQuery = (tools: SqlTools): Tool =>
  defineTool({
    name: "sql_query",
    source: "PostgreSQL",
    description: `Runs one SELECT over declared tables of ${outsideLine(tools.sql.databases.join(", "), 200)}: how many rows are stuck, since when, of which kind. Without sql it lists tables, columns and functions: ask that first. Personal data comes masked ([email 1]). At most ${MOST_ROWS} rows, ${SQL_LIMITS.statementTimeoutMs / 1_000} s: aggregate. Locks, load, indexes: postgres_diagnostics.`,
    input: z.object({
      sql: z.string().max(LONGEST_SQL).optional().describe("The statement. Leave it out to see what may be read"),
      database: z.string().max(120).optional().describe("As the catalog names it. Default: the paged service's"),
    }),
    async run({ sql, database: asked }, { question, signal }) {
      const database = databaseOf(tools, asked, question);
      if (sql === undefined || sql.trim() === "") return openTables(database, tools.sql.tables(database));
      const answer = await tools.sql.query({ database, sql }, signal);
      const { columns, rows } = answer.value;
      const cell = (value: string | null) => (value === null ? "NULL" : outsideLine(value, LONGEST_SHOWN).replaceAll("|", "¦"));
      return resultOf(answer, {
        facts: [
          rows.length === 0
            ? `${database}: no row fits. ${outsideLine(sql, 200)}`
            : `${database}: ${counted(rows.length, "row")}${answer.cut === null ? "" : " and more"}. ${outsideLine(sql, 200)}`,
          ...(rows.length === 0 ? [] : [columns.map(({ name }) => outsideLine(name, 60)).join(" | ")]),
        ],
        items: rows.map((row) => ({ lines: [`- ${row.map(cell).join(" | ")}`] })),
        rest: (left) => `${left} more rows are in the raw answer.`,
      });
    },
  });
