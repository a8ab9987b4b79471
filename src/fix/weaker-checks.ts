import type { ChangedLine, LineChanges } from "./line-changes.ts";

/**
 * Ways to get a red CI green without fixing anything: tests that are left out, look at less or at nothing, and checks that are switched off. They
 * are known by the words of the usual runners and tools; a test that asserts the wrong thing in the right words is for the reviewer.
 */

const leavesOut = new RegExp(
  [
    // JavaScript: a test's own function, with whatever is chained to it.
    String.raw`\b(?:test|it|describe|suite|context|specify|scenario|bench|t)(?:\.\w{1,30}(?:\([^()]{0,200}\))?){0,3}\.(?:only|skip|todo|fails|failing|skipIf|runIf)\b\s{0,4}[(.]`,
    String.raw`\b(?:x|f)(?:it|test|describe|context|specify)(?:\.\w{1,30})?\s{0,4}\(\s{0,4}["'\x60]`,
    String.raw`[{,]\s{0,4}(?:skip|only|todo)\s{0,4}:\s{0,4}(?:true|1|["'\x60])`,
    String.raw`\bthis\.skip\(`,
    // Python, Go, Rust, JVM, .NET, PHP, Ruby, Elixir, Swift.
    String.raw`@(?:pytest\.mark|unittest)\.(?:skip\w*|xfail|expectedFailure)\b|\bpytest\.(?:skip|xfail|importorskip)\(|\bself\.skipTest\(|\braise\s{1,4}(?:unittest\.)?SkipTest\b`,
    String.raw`\b[tb]\.Skip(?:f|Now)?\(|^\s*\/\/\s?(?:go:build|\+build)\s{1,4}(?:ignore|never|disabled)\b`,
    String.raw`^\s*#\[(?:ignore|cfg\(any\(\)\))`,
    String.raw`@(?:Disabled|Ignore)\w*\b|\bassume(?:True|False)\(|\[Ignore\b|\bSkip\s{0,4}=\s{0,4}"`,
    String.raw`\bmarkTest(?:Skipped|Incomplete)\(`,
    String.raw`^\s*(?:skip|pending)(?:\s*$|\s{1,4}["']|\()`,
    String.raw`@(?:module)?tag\s{1,4}:?(?:skip|pending)\b|\bXCTSkip`,
  ].join("|"),
);

const alwaysHolds =
  /\b(?:assert|expect|refute|should)(?:\.(?:ok|isTrue|is_true|equal|strictEqual)|True|_true|That|_eq!|!)?(?:\(\s{0,4}|\s{1,4})(?:true|True|1|!0|not False)\s{0,4}(?:[,)]|$)/;

const asserts =
  /\b(?:expect|assert|refute|should|verify|require\.\w|must|ensure)\w{0,40}!?\b|\bt\.(?:is|not|deepEqual|equal|ok|true|false|throws|same|Error|Fatal)\w{0,20}\(/;

const switchesOff =
  /\bnosec\b|\bnosemgrep\b|\bNOSONAR\b|\bcodeql\[|\blgtm\s{0,2}\[|gitleaks:allow|trufflehog:ignore|\b(?:checkov:skip|tfsec:ignore|trivy:ignore|snyk:ignore|kics-scan|brakeman:ignore)|\b(?:es|ox|style|ts)lint[:-]disable|@ts-(?:nocheck|ignore)|\bbiome-ignore|\bdeno-lint-ignore|#\s{0,4}noqa\b|#\s{0,4}type:\s{0,4}ignore|\b(?:pylint|flake8|mypy|ruff|rubocop|detekt|ktlint|phpcs)\s{0,2}:\s{0,4}(?:disable|ignore|noqa)|\/\/\s{0,4}nolint\b|\b(?:istanbul|c8|v8)\s{1,4}ignore\b|\bpragma:\s{0,4}no\s{0,4}cover\b/;

/** Lines that a change adds and that hold such words, as many as it does not take away elsewhere. */
function gained(words: RegExp, { added, removed }: LineChanges): readonly ChangedLine[] {
  const found = added.filter(({ text }) => words.test(text));
  return found.slice(0, Math.max(0, found.length - removed.filter(({ text }) => words.test(text)).length));
}

/** How a changed test sees less than before, to be read behind its path. */
export function weakerTests(changes: LineChanges): readonly string[] {
  const count = (lines: readonly ChangedLine[]) => lines.filter(({ text }) => asserts.test(text)).length;
  return [
    ...gained(leavesOut, changes).map(({ line }) => ` line ${line}: leaves a test out.`),
    ...gained(alwaysHolds, changes).map(({ line }) => ` line ${line}: asserts what always holds.`),
    ...(count(changes.removed) > count(changes.added) ? [": asserts less than before; a patch makes no test weaker."] : []),
  ];
}

/** Lines by which a change switches off a linter, a scanner, types or coverage, to be read behind its path. */
export const switchedOff = (changes: LineChanges): readonly string[] =>
  gained(switchesOff, changes).map(({ line }) => ` line ${line}: switches a check off.`);
