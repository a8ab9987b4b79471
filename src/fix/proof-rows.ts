import type { ReadChecks } from "../incident/fix.ts";
import type { Proof } from "../incident/proof.ts";
import { proofWords } from "../report/proof-words.ts";
import type { ProofPart, ProofRow } from "./pr-body.ts";

function countsOf(read: ReadChecks | null): ProofRow["checks"] {
  const names = (state: string) => read?.checks.filter((check) => check.state === state).map(({ name }) => name) ?? [];
  const failedNames = names("failed");
  const failedLinks = read?.checks.filter(({ state }) => state === "failed").map(({ link }) => link) ?? [];
  return {
    passed: names("passed").length,
    failed: failedNames.length,
    running: names("running").length,
    skipped: names("skipped").length,
    failedNames,
    failedLinks,
  };
}

/** What CI shows of the one test. If a check is red its log decides; without a readable log the result is unknown. */
function testOf(read: ReadChecks | null): ProofRow["test"] {
  if (read === null || read.state === "running") return read?.namesTest === true ? "fails" : "running";
  if (read.state === "passed") return "passes";
  if (read.state !== "failed") return "unknown";
  return read.namesTest === true ? "fails" : "unknown";
}

const LINES_BEFORE = 3;
const LINES_SHOWN = 15;

/** A call in a stack trace that is none of the repository's own code. */
const foreignCall = /^\s*at .*(?:\(|\s)(?:node:|(?:file:\/\/)?\S*\/node_modules\/)/;

/** The lines around the last one that names the test: runners tell the details at the end. */
function aroundTest(failure: string, test: string): string {
  // The first line names the check.
  const lines = failure
    .split("\n")
    .slice(1)
    .filter((line) => !foreignCall.test(line));
  const at = lines.findLastIndex((line) => line.includes(test));
  const from = Math.max(0, at - LINES_BEFORE);
  return lines.slice(from, from + LINES_SHOWN).join("\n");
}

/**
 * What the pull request's own text says of its proof.
 * @param about.branch the default branch
 * @param about.test name of the patch's test; null for a revert, or a patch without one
 * @param about.web address of the repository, for links to its commits
 * @param about.isPrivate whether those who read it may read the log of CI as well: then the test's failure is shown
 * @param about.note what else a reader must know first
 */
export function proofPartOf(
  proof: Proof,
  about: {
    readonly kind: "revert" | "patch";
    readonly branch: string;
    readonly test: string | null;
    readonly note: string | null;
    readonly web: string;
    readonly isPrivate: boolean;
  },
): ProofPart {
  const { kind, branch, test, note, web, isPrivate } = about;
  const row = (label: string, sha: string, read: ReadChecks | null): ProofRow => ({
    label,
    sha,
    link: `${web}/commit/${sha}`,
    test: testOf(read),
    checks: countsOf(read),
    over: read !== null && read.state !== "running",
  });
  const tested = proof.commits.findLast(({ role }) => role === "test");
  const fixed = proof.commits.slice(tested === undefined ? 0 : proof.commits.indexOf(tested) + 1).at(-1);
  const rows = [
    ...(tested === undefined && proof.base !== null && proof.base.checks.length > 0 ? [row(branch, proof.base.sha, proof.base)] : []),
    ...(tested === undefined
      ? []
      : [{ ...row(`${branch} + test`, tested.sha, proof.before), ...(proof.testChanged === true ? { test: "unknown" as const } : {}) }]),
    ...(fixed === undefined
      ? []
      : [row(`${branch} + ${kind === "revert" ? "revert" : tested === undefined ? "fix" : "test + fix"}`, fixed.sha, proof.after)]),
  ];
  const isUnread = proof.base === null && proof.before === null && proof.after === null;
  const isSilent = isUnread || proof.verdict === "no-ci" || proof.verdict === "unreadable";
  const { before } = proof;
  const failure =
    isPrivate && test !== null && before?.namesTest === true && before.failure !== null ? aroundTest(before.failure, test) : null;
  return {
    headline: proofWords(proof, branch),
    rows: isSilent ? [] : rows,
    note,
    test,
    failure,
  };
}
