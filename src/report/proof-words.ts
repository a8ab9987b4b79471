import type { PullRequestChange, ReadChecks } from "../incident/fix.ts";
import { newlyFailedIn, type Proof, shownAlone } from "../incident/proof.ts";
import { counted } from "./tool-view.ts";

const MOST_NAMES = 3;

const listed = (names: readonly string[]) =>
  `${names.slice(0, MOST_NAMES).join(", ")}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ""}`;

/** `check "unit"`, `checks "unit", "lint"`. */
const checksNamed = (names: readonly string[]) => `check${names.length === 1 ? "" : "s"} ${listed(names.map((name) => `"${name}"`))}`;

const failedOf = (read: ReadChecks | null) => read?.checks.filter(({ state }) => state === "failed").map(({ name }) => name) ?? [];

const hasChecks = (read: ReadChecks | null): boolean => (read?.checks.length ?? 0) > 0;
const NOT_SEEN = "CI has not started.";

/** "3 checks passed, 1 failed (unit), 1 skipped". */
export function checkCounts({ checks }: Pick<ReadChecks, "checks">): string {
  const passed = checks.filter(({ state }) => state === "passed").length;
  const failed = checks.filter(({ state }) => state === "failed").map(({ name }) => name);
  const running = checks.filter(({ state }) => state === "running").length;
  const skipped = checks.filter(({ state }) => state === "skipped").length;
  return [
    ...(passed > 0 || checks.length === 0 || skipped === checks.length ? [`${counted(passed, "check")} passed`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed (${listed(failed)})`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
}

const TEST_CHANGED = " Its test has changed since CI ran on it alone, so nobody saw it fail.";
const TRIES = ["", "The first try was red; this is the second.", "The first two tries were red; this is the third."];
const triesWords = (improvements: number) =>
  improvements === 0 ? "" : ` ${TRIES[improvements] ?? `The first ${improvements} tries were red.`}`;

/** What CI says of the test alone, while the fix is still to come. */
function testWords(before: ReadChecks, base: ReadChecks | null, branch: string): string {
  const words = {
    none: "No CI ran on its test",
    skipped: "No CI ran on its test",
    passed: `Its test passes on ${branch} already, so it will prove nothing`,
    failed: shownAlone({ before, base }) === "its-test" ? `Its test fails on ${branch}` : "CI fails on its test",
    unfinished: hasChecks(before) ? "CI on its test did not finish in time" : "CI on its test did not start in time",
    unreadable: "CI of its test could not be read",
    running: "CI is running on its test alone",
  } as const;
  return `${words[before.state]}; the fix follows${before.state === "running" ? " as the second commit" : ""}.`;
}

function runningWords({ base, before, after, commits, newlyFailed, improvements }: Proof, branch: string): string {
  if (commits.at(-1)?.role === "test") {
    if (before === null && base === null)
      return "Only its test is pushed so far, so that it can be seen to fail; the fix follows as the second commit.";
    return before === null || (before.state === "running" && !hasChecks(before))
      ? `${NOT_SEEN} The fix follows as the second commit.`
      : testWords(before, base, branch);
  }
  const tries = triesWords(improvements);
  if (after?.state === "failed")
    return `CI is red: ${checksNamed(newlyFailed)} ${newlyFailed.length === 1 ? "fails" : "fail"}; CI of ${branch} is still running.${tries}`;
  if (after?.state === "passed") return `CI fails on its test alone and passes with the fix; CI of ${branch} is still running.${tries}`;
  if (shownAlone({ before, base }) === "its-test") return `Its test fails on ${branch}; CI is running on the fix.${tries}`;
  return `${hasChecks(after) ? "CI is running." : NOT_SEEN}${tries}`;
}

/** What is known of the default branch, for checks that fail on the fix and not there. */
function elsewhere(names: readonly string[], base: ReadChecks | null, branch: string): string {
  const passes = (name: string) => {
    const there = base?.checks.filter((check) => check.name === name && check.state !== "skipped") ?? [];
    return there.some(({ state }) => state === "passed") && there.every(({ state }) => state !== "running");
  };
  if (!names.every(passes)) return `the result on ${branch} is unknown`;
  return `${names.length === 1 ? "it passes" : "they pass"} on ${branch}`;
}

/** Where what failed on the test alone might fail on the default branch too, and its CI was waited for in vain. */
const unknownWords = (base: ReadChecks | null, branch: string) =>
  base?.state === "unfinished" || base?.state === "unreadable" ? ` The result on ${branch} without the test is unknown.` : "";

const STOPPED = {
  pushed: "pushed to it",
  merged: "merged it",
  closed: "closed the pull request",
  "branch-deleted": "deleted it",
} as const satisfies Partial<Record<PullRequestChange, string>>;

function stoppedWords(stopped: Proof["stopped"]): string {
  if (stopped === "not-pushed") return "midwatch could not push the fix.";
  const what = Object.entries(STOPPED).find(([change]) => change === stopped)?.[1] ?? "changed it";
  return `The fix is not on its branch: someone ${what} first, so midwatch pushes nothing more.`;
}

/** What CI shows of a fix, one plain sentence for people. Names of checks come from outside: code that shows it escapes it. */
export function proofWords(proof: Proof, branch: string): string {
  const { verdict, base, before, after, newlyFailed, improvements } = proof;
  const counts = after === null ? "" : ` (CI: ${checkCounts(after)})`;
  const better = triesWords(improvements);
  switch (verdict) {
    case "running":
      return runningWords(proof, branch);
    case "stopped":
      return stoppedWords(proof.stopped);
    case "proven":
      return `Its test fails on ${branch} and passes with the fix${counts}.${unknownWords(base, branch)}${better}`;
    case "passes-before":
      return `Its test passes on ${branch} too, so it proves nothing${counts}.`;
    case "fails-otherwise":
      return newlyFailedIn(before, base).length === 0
        ? `CI fails on the test alone and passes with the fix, but the same check fails on ${branch} without the test${counts}.${better}`
        : `CI fails on the test alone and passes with the fix, but its log does not name the test${counts}.${better}`;
    case "fails-unread":
      return `CI fails on the test alone and passes with the fix; which test failed could not be read${counts}.${unknownWords(base, branch)}${better}`;
    case "green":
      return `CI passes${after === null ? "" : `: ${checkCounts(after)}`}.${proof.testChanged === true ? TEST_CHANGED : ""}${better}`;
    case "red-after":
      return `CI is red: ${checksNamed(newlyFailed)} ${newlyFailed.length === 1 ? "fails" : "fail"}; ${elsewhere(newlyFailed, base, branch)}.`;
    case "red-before":
      return `CI is red, as on ${branch}: ${checksNamed(failedOf(after))}. It says nothing about this change.`;
    case "skipped":
      return "CI skipped it, as some do for drafts: nothing was tested.";
    case "no-ci":
      return "No CI ran on it: nothing shows that it works.";
    case "unfinished":
      return hasChecks(after) ? "CI did not finish in time; see its checks." : `CI did not run on it, though it runs on ${branch}.`;
    case "unreadable":
      return `Its CI could not be read. ${after?.failure ?? ""}`.trimEnd();
  }
}

/** The same in a few words, behind the pull request's number. */
export function shortProof({ verdict }: Proof): string {
  switch (verdict) {
    case "running":
      return "CI is not done";
    case "stopped":
      return "its fix is not on the branch";
    case "proven":
      return "its test fails without it, passes with it";
    case "passes-before":
      return "its test proves nothing";
    case "fails-otherwise":
    case "fails-unread":
      return "CI passes, what its test proves is open";
    case "green":
      return "CI passes";
    case "red-after":
    case "red-before":
      return "CI is red";
    case "skipped":
    case "no-ci":
      return "no CI ran on it";
    case "unfinished":
      return "CI did not finish";
    case "unreadable":
      return "CI could not be read";
  }
}

/** What people did with the pull request: "Ana merged it". */
export function changeByPeopleWords(what: string, by: string | null): string {
  const who = by ?? "Someone";
  const words: Readonly<Record<string, string>> = {
    merged: "merged it",
    closed: "closed it",
    reopened: "opened it again",
    "ready-for-review": "marked it ready for review",
    edited: "edited it",
    pushed: "pushed to its branch",
    "branch-deleted": "deleted its branch",
  };
  return `${who} ${words[what] ?? what}`;
}
