import type { ChangedFile } from "../incident/telemetry.ts";
import { type Hunk, hunksOf } from "./diff-hunk.ts";

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
/** Comments that tools obey: build tags, linkers, schedulers, migrations, parsers of directives; and one that takes the next line with it. */
const OBEYED =
  /^(?:\/\/|#|--)\s*(?:go:|\+|@|!|\/|\[|syntax\s*=|escape\s*=|check\s*=|type:|pragma|eslint-|export |cgo|line |frozen_string_literal|(?:-\*- *)?(?:en)?coding|swift-tools-version|SBATCH|PBS|cloud-|include|liquibase|changeset|rollback|migrate:)|\\$/i;

function proofOf({ path, status, patch }: ChangedFile): Harmless | null {
  if (DOCUMENT.test(path)) return "documents";
  if (TEST.test(path) && !MAY_RUN.test(path)) return "tests";
  if (status !== "modified" || patch === null) return null;
  const hunks = hunksOf(patch);
  if (hunks.length === 0) return null;
  const comment = COMMENTS.find(([own]) => own.test(path))?.[1];
  if (comment !== undefined && hunks.every((hunk) => isOutsideText(hunk, comment))) return "comments";
  if (JSON_FILE.test(path) && hunks.every(({ before, now }) => tokensOf(before) === tokensOf(now))) return "layout";
  return null;
}

/** A setting, a statement, or the head of a block: a line that text for people seldom looks like. */
const CODE =
  /[;{}]$|^\s*(?:- )?[\w.$"'-]+:(?:\s|$)|[\w\])]\s*[:+-]?=\s*\S|^[A-Z]+ \S|^\s*(?:def|class|func|fn|import|return|from|package|use)\b|\)\s*:?$/;
/** Strings of several lines begin or end here, or a line goes on below it. */
const TEXT_EDGE = /"""|'''|`|<<[-~]?["']?[A-Za-z_]|[|>][+-]?\d?[+-]?\s*$|\\$|\/\*|\*\/|\$\w*\$|R"/;

/**
 * Whether a hunk changes comments alone, and shows that they are none of the text of a longer string: it begins with the file, or has a line of
 * code, and no edge of a string of several lines.
 */
function isOutsideText({ before, added, removed, from }: Hunk, comment: RegExp): boolean {
  const changed = [...added, ...removed].map((line) => line.trim());
  if (!changed.every((line) => line === "" || (comment.test(line) && !OBEYED.test(line)))) return false;
  const code = before.filter((line) => line.trim() !== "" && !comment.test(line.trim()));
  if (code.some((line) => TEXT_EDGE.test(line) || line.split('"').length % 2 === 0)) return false;
  return from === 1 || code.some((line) => CODE.test(line));
}

const tokensOf = (lines: readonly string[]): string => (lines.join("\n").match(/"(?:[^"\\\n]|\\.)*"|[^\s",:[\]{}]+|\S/g) ?? []).join("\n");
