import { parse } from "yaml";
import { z } from "zod";
import type { ModelApiRequest } from "./request.ts";
import type { ScriptedBlock, Spoken } from "./script.ts";

/** A mistake of the person who wrote an answer, in words for them. */
export class WrittenAnswerError extends Error {}

const writtenSchema = z.strictObject({
  thinking: z.string().optional(),
  text: z.string().optional(),
  calls: z.array(z.strictObject({ tool: z.string(), input: z.record(z.string(), z.json()).default({}) })).optional(),
  stop_reason: z.string().optional(),
});

type Written = z.output<typeof writtenSchema>;

function parsed(text: string, what: string): unknown {
  try {
    // Every JSON is YAML.
    return parse(text) as unknown;
  } catch (error) {
    throw new WrittenAnswerError(`${what} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `# thinking`, `# text`, `# call NAME` (its input below as JSON or YAML), `# stop REASON`. A text without headings is what the model says. */
function fromSections(text: string): unknown {
  const parts = text.split(/^# (thinking|text|call [^\n]+|stop [^\n]+)[ \t]*\r?$/m);
  if (parts.length === 1) return { text: text.trim() };
  if (parts[0]?.trim() !== "") throw new WrittenAnswerError('the text before the first heading belongs to none; put "# text" above it');
  const written: { thinking?: string; text?: string; calls: { tool: string; input: unknown }[]; stop_reason?: string } = { calls: [] };
  for (let at = 1; at < parts.length; at += 2) {
    const [kind = "", ...rest] = (parts[at] ?? "").trim().split(/\s+/);
    const name = rest.join(" ");
    const body = (parts[at + 1] ?? "").trim();
    if (kind === "call") written.calls.push({ tool: name, input: body === "" ? {} : parsed(body, `the input of ${name}`) });
    else if (kind === "stop") written.stop_reason = name;
    else if (kind === "thinking" || kind === "text") written[kind] = [written[kind], body].filter(Boolean).join("\n\n");
  }
  return written;
}

function inputProblem(request: ModelApiRequest, { tool, input }: NonNullable<Written["calls"]>[number]): string | null {
  const known = request.tools?.find(({ name }) => name === tool);
  if (known === undefined) return `there is no tool "${tool}"; there are ${request.tools?.map(({ name }) => name).join(", ") ?? "none"}`;
  const checked = z.fromJSONSchema(known.input_schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(input);
  if (checked.success) return null;
  return checked.error.issues.map(({ path, message }) => `${tool}, ${path.join(".") || "input"}: ${message}`).join("\n");
}

/**
 * What a person wrote as the model's answer. Calls must fit their tools' schemas, as those of a model always do.
 * @param extension json, yaml, yml or txt
 * @throws WrittenAnswerError
 */
export function parseWrittenAnswer(text: string, extension: string, request: ModelApiRequest): Spoken {
  const given = extension === "txt" ? fromSections(text) : parsed(text, "the answer");
  const result = writtenSchema.safeParse(given);
  if (!result.success) throw new WrittenAnswerError(z.prettifyError(result.error));
  const { thinking, text: said, calls = [], stop_reason: stopReason } = result.data;
  const problems = calls.map((call) => inputProblem(request, call)).filter((problem) => problem !== null);
  if (problems.length > 0) throw new WrittenAnswerError(problems.join("\n"));
  const blocks: ScriptedBlock[] = [
    ...(thinking === undefined || thinking === "" ? [] : [{ thinking }]),
    ...(said === undefined || said === "" ? [] : [{ text: said }]),
    ...calls,
  ];
  if (blocks.length === 0 && stopReason === undefined) throw new WrittenAnswerError("the answer is empty: write thinking, text or calls");
  return { blocks, ...(stopReason === undefined ? {} : { stopReason }) };
}
