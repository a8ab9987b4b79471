import type { Question } from "../../src/incident/source.ts";
import { LONGEST_VIEW, type Tool, type ToolResult } from "../../src/incident/tool.ts";

export interface Ran {
  readonly view: string;
  readonly lines: readonly string[];
  readonly fact: string;
  readonly result: ToolResult;
}

/** Runs a tool as the agent does: its input parsed by its schema, its view made with the numbers of its evidence. */
export async function runTool(tool: Tool | undefined, input: object, question: Question, now: number): Promise<Ran> {
  if (tool === undefined) throw new Error("there is no such tool");
  const parsed = tool.input.parse(input);
  const result = await tool.run(parsed as never, { question, signal: AbortSignal.timeout(120_000), now: () => now });
  const view = result.view(result.answers.map((_answer, index) => index + 1));
  // What holds for every view of every tool.
  if (view.length > LONGEST_VIEW) throw new Error(`the view has ${view.length} characters`);
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u202A-\u202E\u2066-\u2069]/.test(view))
    throw new Error("the view holds what is not seen");
  if (result.fact.includes("\n")) throw new Error("the fact has more than one line");
  return { view, lines: view.split("\n"), fact: result.fact, result };
}
