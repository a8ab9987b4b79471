import { ForbiddenError, IntegrationError } from "../guard/errors.ts";
import type { CheckQuestion, ReadCheck, ReadChecks } from "../incident/fix.ts";
import { newlyFailedChecks } from "../incident/proof.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { ACTIONS_APP, type Check } from "../integrations/github/check.ts";

/** Characters of a failing job's log that are looked through for the test's name, and those that are kept for the reader. */
const LONGEST_LOG = 200_000;
/** The model and people are shown no more of it than this. */
const LONGEST_EXCERPT = 4_000;
/** Failed checks whose logs are read. */
const MOST_LOGS = 3;
/** Of the excerpt: what comes before the line that names the test. */
const BEFORE_TEST = 1_000;

/** Before the name of a test, where runners say that it failed: node, TAP, vitest, jest, go, pytest, mocha, maven, annotations. */
const FAILED_BEFORE = /^\W*?(?:[✗✘×✖✕●❌]|not ok\b|FAIL(?:ED|URE)?\b|Error\b|\[?ERROR\b|error\]|:?:?error\b|\d+\) )|^(?:_{3,}|-{4,})\s/u;
/** Behind it: pytest, rust, gradle, rspec. */
const FAILED_AFTER = /\bFAIL(?:ED|URE)?\b/u;
const PASSED_BEFORE = /^\W*?(?:[✓✔√✅]|ok\b|PASS(?:ED)?\b)/u;
const PASSED_AFTER = /\bPASS(?:ED)?\b|\.\.\. ok\b/u;
/** TAP's tests that may fail, or were not run. */
const NOT_COUNTED = /#\s*(?:todo|skip)\b/iu;
/** Our own commit message, which some jobs print. */
const OWN_WORDS = /is meant to fail|\(fails until the next commit\)/u;
/** What may follow on the name of a whole test. Another word makes it the name of another one. */
const NAME_ENDS = /^\s*(?:$|[^\p{L}\p{N}\s]|\d+(?:\.\d+)?\s*m?s\b|FAIL|PASS|stdout\b)/u;
const SHORTEST_NAME = 8;

/** Colours, and the time that GitHub puts before each line of a job's log. */
// eslint-disable-next-line no-control-regex -- colours are control characters
const DECORATION = /\u001B\[[\d;]*m|^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z ?/gu;

const blanks = (text: string) => text.replace(/\s+/g, " ").trim();

/** Logs use a name of one word, or a short one, for other things too. `TestTokenCache` and `test_token_cache` are several words. */
function tellsApart(test: string): boolean {
  const words = test.replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ").match(/[\p{L}\p{N}]+/gu) ?? [];
  return blanks(test).length >= SHORTEST_NAME && words.length > 1;
}

/** What one line says of a test. */
function lineSays(raw: string, test: string): "failed" | "passed" | "named" | null {
  const line = blanks(raw.replace(DECORATION, ""));
  const at = line.toLowerCase().indexOf(test.toLowerCase());
  if (at < 0) return null;
  const before = line.slice(0, at);
  const after = line.slice(at + test.length);
  if (OWN_WORDS.test(before) || OWN_WORDS.test(after) || !NAME_ENDS.test(after)) return null;
  if (NOT_COUNTED.test(after)) return "named";
  if (FAILED_BEFORE.test(`${before} `) || FAILED_AFTER.test(after)) return "failed";
  return PASSED_BEFORE.test(before) || PASSED_AFTER.test(after) ? "passed" : "named";
}

/**
 * Whether a log says that the test failed: its name is on a line with a runner's mark of failure, and on none that says it passed.
 * @returns `names` null if that is unknown; `at`: where the line begins, or -1
 */
function failureIn(log: string, test: string | null, whole: boolean): { readonly names: boolean | null; readonly at: number } {
  if (test === null || !tellsApart(test)) return { names: null, at: -1 };
  const name = blanks(test);
  const said = new Set<ReturnType<typeof lineSays>>();
  let at = -1;
  let from = 0;
  for (const line of log.split("\n")) {
    const says = lineSays(line, name);
    if (says === "failed" && at < 0) at = from;
    said.add(says);
    from += line.length + 1;
  }
  if (said.has("failed")) return { names: said.has("passed") ? null : true, at };
  // Half a log, or a summary, may leave the test out without a meaning.
  return { names: whole && (said.has("passed") || !said.has("named")) ? false : null, at };
}

/** The part of a log around a place, or else its end, where runners say what failed. */
function excerptOf(log: string, at: number): string {
  if (log.length <= LONGEST_EXCERPT) return log.trim();
  if (at < 0) return log.slice(-LONGEST_EXCERPT).toWellFormed().trim();
  const from = Math.max(0, Math.min(at - BEFORE_TEST, log.length - LONGEST_EXCERPT));
  return log
    .slice(from, from + LONGEST_EXCERPT)
    .toWellFormed()
    .trim();
}

/** What a failed check says of why: an Actions job its log, any other its annotations and summary. */
async function failureOf(
  github: GithubClient,
  repository: string,
  check: Check,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly whole: boolean; readonly missing: boolean }> {
  const said = check.summary ?? "";
  if (check.kind !== "check-run" || check.id === null) return { text: said, whole: false, missing: false };
  const { id } = check;
  const log = await github.jobLog({ repository, id, most: LONGEST_LOG }, signal).catch((error: unknown) => {
    // A log is good to have; without it the annotations speak.
    if (error instanceof IntegrationError && (error instanceof ForbiddenError || !error.retryable)) return null;
    throw error;
  });
  if (log !== null && log.value.trim() !== "") return { text: log.value, whole: log.cut === null, missing: false };
  const noted = await github.checkFailure({ repository, id }, signal).catch((error: unknown) => {
    // Who is shown jobs instead of check runs may not read annotations either.
    if (error instanceof ForbiddenError) return null;
    throw error;
  });
  const lines = noted?.value.annotations.map(({ path, line, message }) => `${path}:${line} ${message}`) ?? [];
  return { text: [said, ...lines].filter((line) => line !== "").join("\n"), whole: false, missing: check.app === ACTIONS_APP };
}

/** Two apps, or two workflows, may have a job of one name. */
const keyOf = ({ name, app, workflow }: Check): { readonly key?: string } =>
  app === null && workflow === undefined ? {} : { key: [app ?? "", ...(workflow === undefined ? [] : [workflow]), name].join(" / ") };

type Failures = Pick<ReadChecks, "failure" | "namesTest" | "logMissing">;

/** What these checks, which failed, tell of why: the logs of the first ones. */
async function failuresOf(
  github: GithubClient,
  { repository, test }: CheckQuestion,
  failed: readonly Check[],
  signal: AbortSignal,
): Promise<Failures> {
  let failure: string | null = null;
  let logMissing = false;
  const named: (boolean | null)[] = [];
  for (const check of failed.slice(0, MOST_LOGS)) {
    const { text, whole, missing } = await failureOf(github, repository, check, signal);
    const { names, at } = failureIn(text, test, whole);
    // Of several that failed, the one that names the test says most.
    if (text !== "" && (failure === null || (names === true && !named.includes(true)))) failure = `${check.name}:\n${excerptOf(text, at)}`;
    named.push(names);
    logMissing ||= missing;
  }
  // One that can't be read may be the one that ran the test.
  const isTold = named.length > 0 && failed.length <= MOST_LOGS && named.every((names) => names === false);
  const namesTest = named.includes(true) ? true : isTold ? false : null;
  return { failure, namesTest, ...(logMissing ? { logMissing } : {}) };
}

/** Whether the same checks failed, of the same run: one that people started again has another link. */
function sameFailed(checks: readonly ReadCheck[], others: readonly ReadCheck[]): boolean {
  const keys = (of: readonly ReadCheck[]) =>
    JSON.stringify(of.filter(({ state }) => state === "failed").map(({ name, link }) => [name, link]));
  return keys(checks) === keys(others);
}

/**
 * What CI says of a commit now. `state` is "unreadable" where the credential may not read it, "none" where no check is seen (yet), "running" while
 * one is, else "failed", "passed", or "skipped" where none was more than that; how long it is waited for, and so "unfinished", is the caller's
 * affair.
 * @throws IntegrationError
 */
export async function readChecks(github: GithubClient, question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks> {
  const { repository, sha, role, known = null, base = null } = question;
  const answer = await github.listChecks({ repository, ref: sha }, signal).catch((error: unknown) => {
    if (error instanceof ForbiddenError) return error;
    throw error;
  });
  if (answer instanceof ForbiddenError) return { sha, role, state: "unreadable", checks: [], failure: answer.message, namesTest: null };
  const { value } = answer;
  const checks: readonly ReadCheck[] = value.map((check) => ({ name: check.name, state: check.state, link: check.link, ...keyOf(check) }));
  const newly = newlyFailedChecks({ checks }, base);
  // A log of what fails on the default branch too would be blamed on this commit.
  const isAsked = (check: ReadCheck) => check.state === "failed" && (newly.includes(check) || (role === "test" && newly.length === 0));
  const failed = role === "base" ? [] : value.filter((_, place) => checks[place] !== undefined && isAsked(checks[place]));
  const isKnown = failed.length > 0 && known?.logMissing !== true && sameFailed(checks, known?.checks ?? []);
  const told = isKnown && known ? known : await failuresOf(github, question, failed, signal);
  const has = (wanted: Check["state"]) => value.some(({ state }) => state === wanted);
  const state = value.length === 0 ? "none" : has("running") ? "running" : has("failed") ? "failed" : has("passed") ? "passed" : "skipped";
  const { failure, namesTest, logMissing } = told;
  return { sha, role, state, checks, failure, namesTest, ...(logMissing === true ? { logMissing } : {}) };
}
