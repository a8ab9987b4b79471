import { list, mapOf, scalar, UNSEEN, type ValueTree } from "./value-tree.ts";

/** Names, strings, marks, blocks of text, and ends of lines; comments are left out. What does not end takes all that follows. */
const TOKEN =
  /(#[^\n]*|\/\/[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*$))|<<-?([A-Za-z_]\w*)[^\n]*\n(?:([\s\S]*?)\n[ \t]*\2[ \t]*(?=\n|$)|[\s\S]*$)|("(?:[^"\\\n]|\\.)*")|(\n)|([A-Za-z_][\w-]*)|(\d[\w.]*|[^\s])/g;

interface Block {
  readonly entries: [string, ValueTree][];
}

/**
 * A piece of HCL (Terraform), from anywhere in a file: attributes by their blocks. Expressions are kept as they are written. null: a block of text
 * or a string is cut, brackets do not match, or a name comes twice.
 */
export function hclPiece(lines: readonly string[]): ValueTree | null {
  const text = `${lines.join("\n")}\n`;
  const open: Block[] = [{ entries: [] }];
  const names: string[] = [];
  // What is read now: null where a name is expected, else the expression's tokens.
  let line: string[] = [];
  let value: string[] | null = null;
  let depth = 0;
  for (const [whole, comment, mark, heredoc, string, end] of text.matchAll(TOKEN)) {
    if (comment !== undefined) continue;
    if (mark !== undefined && heredoc === undefined) return null;
    const token = heredoc === undefined ? (string ?? whole) : heredoc;
    if (value !== null && value.length === 0 && token === "{") {
      // An object is read like a block.
      names.push(line[0] ?? UNSEEN);
      open.push({ entries: [] });
      [line, value] = [[], null];
    } else if (value !== null && depth === 0 && token === "}") {
      // The last attribute of a block or object in one line.
      open.at(-1)?.entries.push([line[0] ?? UNSEEN, expression(value)]);
      [line, value] = [[], null];
      if (!close(open, names)) return null;
    } else if (value !== null) {
      if (/^[[({]$/.test(token)) depth += 1;
      if (/^[\])}]$/.test(token)) depth -= 1;
      if (depth < 0) return null;
      if (depth === 0 && (end !== undefined || token === ",")) {
        open.at(-1)?.entries.push([line[0] ?? UNSEEN, expression(value)]);
        [line, value] = [[], null];
      } else if (end === undefined) value.push(token);
    } else if (token === "=" || token === ":") {
      if (line.length !== 1) return null;
      value = [];
    } else if (token === "{") {
      names.push(line.join("."));
      open.push({ entries: [] });
      line = [];
    } else if (token === "}") {
      if (line.length > 0 || !close(open, names)) return null;
    } else if (token === ",") {
      if (line.length > 0) return null;
    } else if (end !== undefined) {
      if (line.length > 0) return null;
    } else if (string !== undefined || /^[A-Za-z_]/.test(token)) line.push(token.replace(/^"(.*)"$/, "$1"));
    else return null;
  }
  if (value !== null || line.length > 0) return null;
  while (open.length > 1) if (!close(open, names)) return null;
  return mapOf(open[0]?.entries ?? []);
}

/** Ends the innermost block. One that was opened above the piece takes all that was read. false: a name comes twice in it. */
function close(open: Block[], names: string[]): boolean {
  const map = mapOf(open.pop()?.entries ?? []);
  if (map === null) return false;
  if (open.length === 0) open.push({ entries: [] });
  open.at(-1)?.entries.push([names.pop() ?? UNSEEN, map]);
  return true;
}

function expression(tokens: readonly string[]): ValueTree {
  const inner = tokens.slice(1, -1);
  if (tokens[0] === "[" && tokens.at(-1) === "]" && !inner.some((token) => /^[[({\])}]$/.test(token)))
    return list(
      inner
        .join(" ")
        .split(" , ")
        .map((item) => item.replace(/ ,$/, ""))
        .filter((item) => item !== "" && item !== ",")
        .map((item) => scalar(item.replace(/^"([^"$]*)"$/, "$1"))),
    );
  return scalar(tokens.length === 1 ? (tokens[0] ?? "").replace(/^"([^"$]*)"$/, "$1") : tokens.join(" "));
}
