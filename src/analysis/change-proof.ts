import type { ChangedFile } from "../incident/telemetry.ts";

/** Why a change cannot have changed what runs. */
export type Harmless = "documents" | "tests" | "comments" | "layout";

/**
 * Proof from a diff that it keeps behaviour: every file is a document, a test, or differs in comments or, in JSON, in layout alone. Everything short
 * of proof is null: a file that was added, removed, renamed or cut, an argument, an image, an entry of a list, another order. In other languages
 * blanks may lie within a string that began above what the diff shows, and in YAML they decide where a key belongs.
 * @returns the weakest of the files' proofs, or null
 */
export function harmlessBecause(files: readonly ChangedFile[]): Harmless | null {
  if (files.length === 0) return null;
  const proofs = files.map(proofOf);
  for (const kind of ["layout", "comments", "tests", "documents"] as const)
    if (proofs.includes(kind)) return proofs.includes(null) ? null : kind;
  return null;
}

const DOCUMENT = /\.(?:md|rst|adoc)$|(?:^|\/)(?:LICENSE|NOTICE|CODEOWNERS|AUTHORS|CHANGELOG)(?:\.txt)?$/;
const TEST = /(?:^|\/)(?:tests?|__tests__|spec|specs)\/|(?:[._-](?:test|spec)|_test)\.[a-z]+$/;
/** Files below a tests folder that a running service may read all the same. */
const MAY_RUN = /(?:^|\/)(?:charts?|helm|deploy|k8s|kubernetes|migrations?)\/|\.(?:ya?ml|json|toml|sql|env|tf)$/;

/** No string of JSON goes over a line, so the same strings, numbers and marks in the same order are the same values. */
const JSON_FILE = /\.json$/;

/** How a line of nothing but a comment begins, by the language. */
const COMMENTS: readonly (readonly [path: RegExp, line: RegExp])[] = [
  [/\.(?:ts|tsx|js|jsx|mjs|cjs|go|java|kt|scala|cs|c|cc|cpp|h|hpp|rs|swift|php|proto)$/, /^\/\//],
  [/\.(?:py|rb|sh|bash|ya?ml|toml|tf|properties|conf|env|ini)$|(?:^|\/)(?:Dockerfile|Makefile)[^/]*$/, /^#(?!!)/],
  [/\.(?:sql|lua|hs)$/, /^--(?!\+)/],
];
/** Comments that tools obey: build tags, linkers, schedulers, parsers of directives. */
const OBEYED = /^(?:\/\/|#|--)\s*(?:go:|\+build|@|!|syntax=|escape=|type:|pragma|eslint-|export |cgo|line )/i;

function proofOf({ path, status, patch }: ChangedFile): Harmless | null {
  if (DOCUMENT.test(path)) return "documents";
  if (TEST.test(path) && !MAY_RUN.test(path)) return "tests";
  if (status !== "modified" || patch === null) return null;
  const hunks = hunksOf(patch);
  if (hunks.length === 0) return null;
  const changed = hunks.flatMap(({ added, removed }) => [...added, ...removed]).map((line) => line.trim());
  const comment = COMMENTS.find(([own]) => own.test(path))?.[1];
  if (comment !== undefined && changed.every((line) => line === "" || (comment.test(line) && !OBEYED.test(line)))) return "comments";
  if (JSON_FILE.test(path) && hunks.every(({ before, now }) => tokensOf(before) === tokensOf(now))) return "layout";
  return null;
}

interface Hunk {
  readonly before: readonly string[];
  readonly now: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

function hunksOf(patch: string): Hunk[] {
  const hunks: { before: string[]; now: string[]; added: string[]; removed: string[] }[] = [];
  for (const line of patch.split("\n")) {
    if (line.startsWith("@@")) {
      hunks.push({ before: [], now: [], added: [], removed: [] });
      continue;
    }
    const hunk = hunks.at(-1);
    if (hunk === undefined || line.startsWith("\\")) continue;
    const text = line.slice(1);
    if (!line.startsWith("+")) hunk.before.push(text);
    if (!line.startsWith("-")) hunk.now.push(text);
    if (line.startsWith("+")) hunk.added.push(text);
    if (line.startsWith("-")) hunk.removed.push(text);
  }
  return hunks;
}

const tokensOf = (lines: readonly string[]): string => (lines.join("\n").match(/"(?:[^"\\\n]|\\.)*"|[^\s",:[\]{}]+|\S/g) ?? []).join("\n");
