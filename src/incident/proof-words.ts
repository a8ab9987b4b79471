import type { ReadChecks } from "./fix.ts";
import type { Proof } from "./proof.ts";
import { counted } from "./tool-view.ts";

const MOST_NAMES = 3;

const named = (names: readonly string[]) =>
  `${names.slice(0, MOST_NAMES).join(", ")}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ""}`;

const failedOf = (read: ReadChecks | null) => read?.checks.filter(({ state }) => state === "failed").map(({ name }) => name) ?? [];

const hasChecks = (read: ReadChecks | null): boolean => (read?.checks.length ?? 0) > 0;
const NOT_SEEN = "No check of its CI is seen yet.";

/** "3 checks passed, 1 failed (unit), 1 skipped". */
export function checkCounts({ checks }: Pick<ReadChecks, "checks">): string {
  const passed = checks.filter(({ state }) => state === "passed").length;
  const failed = checks.filter(({ state }) => state === "failed").map(({ name }) => name);
  const running = checks.filter(({ state }) => state === "running").length;
  const skipped = checks.filter(({ state }) => state === "skipped").length;
  return [
    ...(passed > 0 || checks.length === 0 || skipped === checks.length ? [`${counted(passed, "check")} passed`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed (${named(failed)})`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
}

/** What CI shows of a fix, one plain sentence for people. Names of checks come from outside: whoever shows it escapes it. */
export function proofWords(proof: Proof, branch: string): string {
  const { verdict, before, after, commits, newlyFailed, improvements } = proof;
  const counts = after === null ? "" : ` (CI: ${checkCounts(after)})`;
  const better = improvements === 0 ? "" : ` It took ${counted(improvements, "further commit")}.`;
  switch (verdict) {
    case "running":
      if (commits.at(-1)?.role !== "test") return hasChecks(after) ? "CI runs on it." : NOT_SEEN;
      if (!hasChecks(before)) return `${NOT_SEEN} The fix follows as the second commit.`;
      return before === null || before.state === "running"
        ? "CI runs on its test alone; the fix follows as the second commit."
        : before.state === "failed"
          ? `Its test fails on ${branch}; the fix follows.`
          : "The fix follows.";
    case "proven":
      return `Its test fails on ${branch} and passes with the fix${counts}.${better}`;
    case "passes-before":
      return `Its test passes on ${branch} too, so it proves nothing${counts}.`;
    case "fails-otherwise":
      return before?.namesTest === true
        ? `CI fails on the test alone and passes with the fix, but what fails there fails on ${branch} without the test too${counts}.${better}`
        : `CI fails on the test alone and passes with the fix, but its log does not name the test${counts}.${better}`;
    case "fails-unread":
      return `CI fails on the test alone and passes with the fix; which test failed could not be read${counts}.${better}`;
    case "green":
      return `CI passes on it${after === null ? "" : `: ${checkCounts(after)}`}.${better}`;
    case "red-after":
      return `CI is red: ${named(newlyFailed)} ${newlyFailed.length === 1 ? "fails" : "fail"} on it and not on ${branch}.`;
    case "red-before":
      return `CI is red, as on ${branch}: ${named(failedOf(after))}. It shows nothing of this change.`;
    case "skipped":
      return "CI skipped it (as some do drafts): nothing was tested.";
    case "no-ci":
      return "No CI ran on it: nothing shows that it works.";
    case "unfinished":
      return "CI did not end in time; see its checks.";
    case "unreadable":
      return `Its CI could not be read. ${after?.failure ?? ""}`.trimEnd();
  }
}

/** What people did with the pull request: "Ana merged it". */
export function changeByPeopleWords(what: string, by: string | null): string {
  const who = by ?? "Somebody";
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
