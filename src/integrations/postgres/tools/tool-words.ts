import { z } from "zod";
import { duration } from "../../../analysis/words.ts";
import { figure, quantity } from "../../../report/words.ts";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import type { Question } from "../../../incident/source.ts";
import type { Tool, ToolContext, ToolResult } from "../../../incident/tool.ts";
import { composeView, outsideLine, type ViewItem } from "../../../report/tool-view.ts";
import type { PostgresClient } from "../client.ts";
import type { SessionRow } from "../schema.ts";
import type { PagedDatabase } from "../source.ts";

/** What the tools need: the client, and which databases are the paged service's. */
export interface DatabaseTools {
  readonly postgres: PostgresClient;
  readonly databasesOf: (service: string) => readonly PagedDatabase[];
}

export const databaseInput = z
  .string()
  .max(120)
  .optional()
  .describe("The database, as the catalog names it. Default: that of the paged service, else of a service it calls.");

/** One of the fixed questions of `postgres_diagnostics`. */
export type Look = Pick<Tool, "input" | "run">;

/** A look whose `run` is typed by its schema. */
export const defineLook = <S extends z.ZodObject>(look: {
  readonly input: S;
  run(input: z.output<S>, context: ToolContext): Promise<ToolResult>;
}): Look => look as Look;

/** @throws IntegrationError that names the databases there are */
export function databaseOf({ postgres, databasesOf }: DatabaseTools, asked: string | undefined, question: Question): string {
  if (asked !== undefined) {
    if (postgres.databases.includes(asked)) return asked;
    throw new IntegrationError(
      "postgres",
      `There is no database ${outsideLine(asked, 80)}. Give one of: ${postgres.databases.join(", ")}.`,
    );
  }
  const [own] = databasesOf(question.service);
  if (own !== undefined) return own.name;
  throw new IntegrationError(
    "postgres",
    `The catalog names no database of ${outsideLine(question.service, 80)} or of what it calls. Give database: ${postgres.databases.join(", ")}.`,
  );
}

export const age = (ms: number | null): string => (ms === null ? "unknown" : duration(Math.max(0, ms)));
export const number = (value: number | null): string => (value === null ? "unknown" : figure(value));
export const bytes = (value: number | null): string => (value === null ? "unknown" : quantity(value, "byte"));
export const percent = (part: number, whole: number): string => (whole > 0 ? `${figure((part / whole) * 100)} %` : "0 %");
export const code = (query: string): string => `\`${outsideLine(query, 300).replaceAll("`", "'")}\``;

/** `session 4711 (shop_app, application "web"), active for 3 s, waits for Lock:tuple` */
export function sessionWords(row: SessionRow): string {
  const wait = row.wait_type === null ? "" : `, waits for ${outsideLine(`${row.wait_type}:${row.wait ?? ""}`, 60)}`;
  const transaction = row.transaction_ms === null ? "" : `, transaction open for ${age(row.transaction_ms)}`;
  return `session ${row.pid} (${outsideLine(row.user_name, 60)}, application "${outsideLine(row.application, 60)}"${
    row.address === "" ? "" : ` at ${outsideLine(row.address, 50)}`
  }), ${outsideLine(row.state, 40) || "state unknown"}${row.state_ms === null ? "" : ` for ${age(row.state_ms)}`}${transaction}${wait}`;
}

/** Names of tables, users and applications come from outside, so each line is made one. */
const safe = (line: string): string => `${/^ */.exec(line)?.[0] ?? ""}${outsideLine(line.trimStart(), 1_200)}`;

/** The result of a tool that asked one question. `facts` and `items` hold the view; the first fact stays in the transcript. */
export function resultOf(
  answer: Answer<unknown>,
  view: { readonly facts: readonly string[]; readonly items: readonly ViewItem[]; readonly rest: (left: number) => string },
): ToolResult {
  const items = view.items.map((item) => ({ ...item, lines: item.lines.map(safe) }));
  const facts = view.facts.map(safe);
  return {
    answers: [answer],
    fact: outsideLine(view.facts[0] ?? answer.query, 300),
    view: (evidence) => composeView({ ...view, facts, items, notes: answer.cut === null ? [] : [answer.cut] }, evidence),
  };
}

/** A look at a whole database: what is asked of it, and how the answer reads. */
export const databaseLook = <T>(
  tools: DatabaseTools,
  ask: (args: { database: string }, signal: AbortSignal) => Promise<Answer<T>>,
  view: (value: T, database: string) => Parameters<typeof resultOf>[1],
): Look =>
  defineLook({
    input: z.object({ database: databaseInput }),
    async run(input, { question, signal }) {
      const database = databaseOf(tools, input.database, question);
      const answer = await ask({ database }, signal);
      return resultOf(answer, view(answer.value, database));
    },
  });
