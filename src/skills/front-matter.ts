import { type Document, isNode, isPair, parseDocument } from "yaml";
import type { z } from "zod";
import { type Problem, textProblems } from "./problem.ts";

/** Longest YAML at the head of a file, characters. */
const LONGEST_HEAD = 8_000;

/** A Markdown file with YAML at its head. */
export interface FrontMatter<T> {
  /** null: see the problems. */
  readonly data: T | null;
  /** Markdown after the head. */
  readonly body: string;
  /** Line of the file at which the body begins; 1 is the first. */
  readonly bodyLine: number;
  readonly problems: readonly Problem[];
  /** Line of a field, by its path; of what is around it where it is missing. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** Offset of a field's name, or of the closest thing around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | null {
  for (let depth = path.length; depth > 0; depth--) {
    const key = path[depth - 1];
    const parent: unknown = document.getIn(path.slice(0, depth - 1), true);
    if (typeof parent === "object" && parent !== null && "items" in parent && Array.isArray(parent.items)) {
      const pair = parent.items.find((item: unknown) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
      if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? null;
    }
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node.range?.[0] ?? null;
  }
  return null;
}

/**
 * Reads the head of a Markdown file. Never throws: whatever is wrong is a problem with its line, all of them at once.
 * @param start what the head should look like, shown where there is none
 * @param known names of all fields, where others are only worth a warning; a strict schema makes them errors
 */
export function parseFrontMatter<S extends z.ZodType>(
  file: string,
  source: string,
  schema: S,
  { start, known }: { start: string; known?: readonly string[] },
): FrontMatter<z.output<S>> {
  const text = source.replace(/^\uFEFF/, "");
  const lines = text.split(/\r?\n/);
  const problems: Problem[] = textProblems(file, text);
  const end = lines[0] === "---" ? lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---") : -1;
  const nothing = { data: null, body: "", bodyLine: 1, problems, lineOf: () => null };
  const add = (line: number | null, message: string, severity: Problem["severity"] = "error") =>
    problems.push({ file, line, severity, message });
  if (problems.length > 0) return nothing;
  if (end < 0) {
    add(1, lines[0] === "---" ? "its front matter does not end; put a line `---` after it" : `has no front matter; start it with ${start}`);
    return nothing;
  }
  const head = lines.slice(1, end).join("\n");
  if (head.length > LONGEST_HEAD) {
    add(1, `its front matter has ${head.length} characters; at most ${LONGEST_HEAD} are read`);
    return nothing;
  }
  const document = parseDocument(head, { schema: "core", uniqueKeys: true, strict: true });
  const lineAt = (offset: number) => head.slice(0, offset).split("\n").length + 1;
  const lineOf = (path: readonly PropertyKey[]) => {
    const offset = offsetOf(document, path);
    return offset === null ? 1 : lineAt(offset);
  };
  for (const error of document.errors) {
    // What goes wrong most often: `description: Use when: …`.
    const hint = error.message.includes("Nested mappings") ? '; put a value that holds ": " in quotes' : "";
    add(lineAt(error.pos[0]), `is not YAML: ${(error.message.split(" at line ")[0] ?? "").replaceAll(/\s+/g, " ")}${hint}`);
  }
  if (problems.length > 0) return { ...nothing, lineOf };
  let values: unknown;
  try {
    values = document.toJS({ maxAliasCount: 0 });
  } catch {
    add(1, "uses YAML anchors or aliases (&name, *name), which are not understood here; write the values out");
    return { ...nothing, lineOf };
  }
  const strange = (path: readonly PropertyKey[], severity: Problem["severity"]) =>
    add(lineOf(path), `${path.map(String).join(".")}: there is no such field; is it spelled right?`, severity);
  const parsed = schema.safeParse(values ?? {});
  if (known !== undefined && typeof values === "object" && values !== null)
    for (const key of Object.keys(values)) if (!known.includes(key)) strange([key], "warning");
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) strange([...issue.path, key], "error");
    } else add(lineOf(issue.path), `${issue.path.map(String).join(".") || "the front matter"}: ${issue.message}`);
  }
  return { data: parsed.data ?? null, body: lines.slice(end + 1).join("\n"), bodyLine: end + 2, problems, lineOf };
}
