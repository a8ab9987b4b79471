import { isAlias, isMap, isPair, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import type { PatchedFile } from "../../incident/fix.ts";
import { lineChanges } from "../line-changes.ts";
import { isTestPath } from "../path-kinds.ts";
import { shownPath } from "../where-to-write.ts";
import { codeFacts } from "./code-facts.ts";
import { codeRules, importsSpawning, settingTrustsAnybody } from "./code-rules.ts";
import { type CodeParser, languageOf, UnreadableCodeError } from "./code-tree.ts";

/** What a patch's code would do that no fix may, by its parsed programs and settings. */

const MOST_SHOWN = 5;

interface Finding {
  readonly why: string;
  /** Blanks folded: what was there before is no problem of the patch. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const inShort = (text: string): string => text.slice(0, 4_000).replaceAll(/\s+/g, " ").slice(0, 2_000);

async function inProgram(path: string, text: string, parse: CodeParser): Promise<readonly Finding[]> {
  const language = languageOf(path, text);
  if (language === null) return [];
  return parse(language, text, (root) => {
    const facts = codeFacts(root);
    const about = { language, isTest: isTestPath(path), startsPrograms: importsSpawning(facts) };
    return facts.flatMap((fact) =>
      codeRules
        .filter((rule) => rule.holds(fact, about))
        .map(({ why }) => ({ why, text: `${fact.kind} ${fact.path} ${inShort(fact.node.text)}`, line: fact.node.startPosition.row + 1 })),
    );
  });
}

/** JSON is YAML as well. */
const isSettings = (path: string): boolean => /\.(?:ya?ml|json5?|jsonc)$/i.test(path);

function inSettings(path: string, text: string): readonly Finding[] {
  if (!isSettings(path)) return [];
  const lines = new LineCounter();
  const found: Finding[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, logLevel: "silent" })) {
    visit(document, {
      Pair(_, pair) {
        if (!isPair(pair) || !isScalar(pair.key) || isMap(pair.value) || isAlias(pair.value)) return;
        const value = isScalar(pair.value) ? pair.value.value : null;
        if (settingTrustsAnybody(String(pair.key.value), value))
          found.push({
            why: "switches certificate checks off",
            text: `${String(pair.key.value)}: ${String(value)}`,
            line: lines.linePos(pair.key.range?.[0] ?? 0).line,
          });
      },
    });
  }
  return found;
}

/** PostgreSQL's way to run a program. Comments and quoted texts are none of the statement. */
function inStatements(path: string, text: string): readonly Finding[] {
  if (!/\.(?:sql|psql|ddl)$/i.test(path)) return [];
  const bare = text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) => part.replaceAll(/[^\n]/g, " "));
  return [
    ...bare.matchAll(
      /\b(?:to|from)\s+program\b|\b(?:pg_read_(?:binary_)?file|pg_ls_dir|lo_import|lo_export|pg_execute_server_program)\b|\bcreate\s+extension\b[^;]*\b(?:plpython\w*|plperlu|dblink|file_fdw)\b/gi,
    ),
  ].map(({ 0: found, index }) => ({
    why: "runs programs or reads files on the database's machine",
    text: inShort(found),
    line: bare.slice(0, index).split("\n").length,
  }));
}

async function findingsIn(path: string, text: string | null, parse: CodeParser): Promise<readonly Finding[]> {
  if (text === null || text === "") return [];
  return [...(await inProgram(path, text, parse)), ...inSettings(path, text), ...inStatements(path, text)];
}

/** Problems of one file, each on the line where it is; nothing that the file did before. */
async function fileProblems({ path, before, after }: PatchedFile, parse: CodeParser): Promise<readonly string[]> {
  const now = await findingsIn(path, after, parse);
  if (now.length === 0) return [];
  const known = new Map<string, number>();
  for (const { why, text } of await findingsIn(path, before, parse)) known.set(`${why}\n${text}`, (known.get(`${why}\n${text}`) ?? 0) + 1);
  const added = new Set(lineChanges(before, after).added.map(({ line }) => line));
  const problems = new Map<string, string>();
  for (const { why, text, line } of now.toSorted((a, b) => Number(added.has(a.line)) - Number(added.has(b.line)))) {
    const left = known.get(`${why}\n${text}`) ?? 0;
    known.set(`${why}\n${text}`, left - 1);
    if (left <= 0) problems.set(`${why} ${line}`, `${shownPath(path)} line ${line}: ${why}.`);
  }
  return [...problems.values()].slice(0, MOST_SHOWN);
}

/** What nests too deep for a parser is nothing that a person could review; what no parser here reads is judged by nobody. */
function unreadable({ path }: PatchedFile, error: unknown): readonly string[] {
  if (!(error instanceof UnreadableCodeError || error instanceof RangeError)) throw error;
  if (error instanceof UnreadableCodeError && error.reason === "no parser")
    return [`${shownPath(path)}: a fix may not change it, as midwatch has no parser of ${error.language} on this host.`];
  return [`${shownPath(path)}: cannot be parsed, as it nests too deep or takes too long.`];
}

/** What is wrong with the programs that a patch makes, one sentence each. A program that cannot be parsed is a problem as a whole. */
export async function codeProblems(files: readonly PatchedFile[], parse: CodeParser): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const file of files) problems.push(...(await fileProblems(file, parse).catch((error: unknown) => unreadable(file, error))));
  return problems;
}
