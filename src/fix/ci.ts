import { ForbiddenError, IntegrationError } from "../guard/errors.ts";
import type { CheckQuestion, ReadChecks } from "../incident/fix.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import type { Check } from "../integrations/github/check.ts";

/** Characters of a failing job's log that are looked through for the test's name, and those that are kept for the reader. */
const LONGEST_LOG = 200_000;
const LONGEST_EXCERPT = 4_000;
/** Of the excerpt: what stands before the line that names the test. */
const BEFORE_TEST = 1_000;

const blanks = (text: string) => text.replace(/\s+/g, " ").trim().toLowerCase();

/** Name of a test without what frameworks put around it: quotes and blanks. */
const named = (text: string, test: string) => blanks(text).includes(blanks(test));

/** The lines around the test's name, or else the end of the log, where runners say what failed. */
function excerptOf(log: string, test: string | null): string {
  const at = test === null ? -1 : log.indexOf(test);
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
): Promise<{ text: string; whole: boolean }> {
  const said = check.summary ?? "";
  if (check.kind !== "check-run" || check.id === null) return { text: said, whole: false };
  const { id } = check;
  const log = await github.jobLog({ repository, id, most: LONGEST_LOG }, signal).catch((error: unknown) => {
    // A log is good to have; without it the annotations speak.
    if (error instanceof IntegrationError && (error instanceof ForbiddenError || !error.retryable)) return null;
    throw error;
  });
  if (log !== null && log.value.trim() !== "") return { text: log.value, whole: log.cut === null };
  const noted = await github.checkFailure({ repository, id }, signal).catch((error: unknown) => {
    // Who is shown jobs instead of check runs may not read annotations either.
    if (error instanceof ForbiddenError) return null;
    throw error;
  });
  const lines = noted?.value.annotations.map(({ path, line, message }) => `${path}:${line} ${message}`) ?? [];
  return { text: [said, ...lines].filter((line) => line !== "").join("\n"), whole: false };
}

/**
 * What CI says of a commit now. `state` is "none" where no check is seen (yet), "running" while one is, else "failed" or "passed"; how long it is
 * waited for is the caller's affair.
 * @throws IntegrationError
 */
export async function readChecks(github: GithubClient, question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks> {
  const { repository, sha, role, test } = question;
  const answer = await github.listChecks({ repository, ref: sha }, signal).catch((error: unknown) => {
    if (error instanceof ForbiddenError) return error;
    throw error;
  });
  if (answer instanceof ForbiddenError) return { sha, role, state: "unreadable", checks: [], failure: answer.message, namesTest: null };
  const { value } = answer;
  const checks = value.map(({ name, state, link }) => ({ name, state, link }));
  const failed = role === "base" ? [] : value.filter(({ state }) => state === "failed");
  let failure: string | null = null;
  let namesTest: boolean | null = null;
  for (const check of failed.slice(0, 3)) {
    const { text, whole } = await failureOf(github, repository, check, signal);
    if (text === "") continue;
    const names = test !== null && named(text, test);
    // Of several that failed, the one that names the test says most.
    if (failure === null || (names && namesTest !== true)) failure = `${check.name}:\n${excerptOf(text, test)}`;
    if (test === null) continue;
    // Half a log, or a summary, may leave the test out without a meaning.
    if (names) namesTest = true;
    else if (whole && namesTest === null) namesTest = false;
  }
  const state =
    value.length === 0
      ? "none"
      : value.some((check) => check.state === "running")
        ? "running"
        : value.some((check) => check.state === "failed")
          ? "failed"
          : "passed";
  return { sha, role, state, checks, failure, namesTest };
}
