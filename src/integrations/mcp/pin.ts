import { diffComm } from "node-diff3";
import { canonicalJson } from "../../guard/canonical-json.ts";
import { outsideLine } from "../../report/tool-view.ts";
import { layOut } from "./json-layout.ts";
import type { PinnedDefinition, ToolDefinition } from "./schema.ts";

/** Lines of each side that are looked at, those between the first and the last difference that are compared, and how much of each is shown. */
const MOST_LINES = 5_000;
const MOST_COMPARED = 300;
const LONGEST_LINE = 300;

const PARTS = { description: "its description", input: "its input schema", annotations: "its annotations" } as const;
type Part = keyof typeof PARTS;

/** Servers give the fields of a schema in any order. */
const textOf = (definition: PinnedDefinition, part: Part): string =>
  part === "description" ? definition.description : layOut(JSON.parse(canonicalJson(definition[part])));

export const toPinned = ({ description, inputSchema, annotations }: ToolDefinition): PinnedDefinition => ({
  description,
  input: inputSchema,
  annotations,
});

/** A tool that is not as it was when the operator read it. */
export interface ToolChange {
  /** For people and for the model: says what is different, and not a word of the server. */
  readonly what: string;
  /** For the operator alone: `- ` what was pinned, `+ ` what the server says now. Each line can pose for nothing but itself. */
  readonly diff: () => readonly string[];
}

/** Text from outside line by line; signs that are not seen are shown by their codes, for they may be all that changed. */
const shownLines = (text: string): string[] => text.split("\n", MOST_LINES).map((line) => outsideLine(line, LONGEST_LINE));

/** Comparing takes time with the square of equal lines, and a server may have any number of them. */
function diffOf(part: Part, before: string, after: string): string[] {
  const [old, now] = [shownLines(before), shownLines(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const between = (lines: readonly string[]) => lines.slice(start, lines.length - end).slice(0, MOST_COMPARED);
  const lines = diffComm(between(old), between(now)).flatMap(({ buffer1 = [], buffer2 = [] }) => [
    ...buffer1.map((line) => `- ${line}`),
    ...buffer2.map((line) => `+ ${line}`),
  ]);
  return [`${part}:`, ...(lines.length === 0 ? ["(differs beyond what is shown)"] : lines)];
}

/** What differs between the pin and what the server says now, or null. @param found every tool of that name; two of one name are none */
export function changeOf(pinned: PinnedDefinition, found: readonly ToolDefinition[]): ToolChange | null {
  const [only, ...more] = found;
  if (only === undefined) return { what: "the server has it no more", diff: () => [] };
  if (more.length > 0) return { what: "the server lists it more than once", diff: () => [] };
  const now = toPinned(only);
  const parts = (Object.keys(PARTS) as Part[]).filter((part) => textOf(pinned, part) !== textOf(now, part));
  if (parts.length === 0) return null;
  return {
    what: `${parts.map((part) => PARTS[part]).join(" and ")} changed since it was pinned`,
    diff: () => parts.flatMap((part) => diffOf(part, textOf(pinned, part), textOf(now, part))),
  };
}

/** Words that a tool which only reads has no need to begin with. */
const WRITES =
  /^(?:add|apply|approve|archive|assign|cancel|close|comment|commit|copy|create|delete|deploy|drop|edit|exec|execute|fork|grant|insert|kill|merge|modify|move|patch|post|publish|push|put|remove|rename|reply|reset|restart|revoke|rollback|run|save|scale|send|set|start|stop|submit|terminate|trigger|uninstall|update|upload|upsert|write)$/;

const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** Why a tool looks as if it changed something, or null. A server's hints are only its claims; the operator reads and decides. */
export function looksLikeWriting(name: string, { annotations }: PinnedDefinition): string | null {
  if (annotations["destructiveHint"] === true) return "its server says that it destroys (destructiveHint)";
  const verb = wordsOf(name).find((word) => WRITES.test(word));
  if (verb !== undefined) return `its name says "${verb}"`;
  return annotations["readOnlyHint"] === true ? null : "its server does not say that it only reads (readOnlyHint)";
}
