import type { EventOf, LoggedEvent } from "./event.ts";
import { stepIds } from "./step-id.ts";
import type { FixCommit, PatchDraft, PullRequestChange, ReadCheck, ReadChecks } from "./fix.ts";

/**
 * What the repository's own CI shows of a fix:
 * - `running`: some of it is still to come;
 * - `proven`: the new test fails without the fix and passes with it;
 * - `passes-before`: the new test passes without the fix, so it proves nothing;
 * - `fails-otherwise`: CI fails without the fix, but its log does not name the new test, or all that fails there fails on the default branch too;
 * - `fails-unread`: CI fails without the fix and passes with it; which test failed could not be read;
 * - `green`: CI passes on the fix, and no test alone was seen to fail before (a revert, a patch without a test, a test that was changed since);
 * - `red-after`: a check fails on the fix that does not fail on the default branch, as far as CI of that has ended;
 * - `red-before`: what fails on the fix fails on the default branch too;
 * - `skipped`: CI skipped all its checks, so nothing was tested;
 * - `no-ci`: the repository ran no check;
 * - `unfinished`: CI did not end while it was waited for;
 * - `unreadable`: the credential may not read the checks, or reading them was given up;
 * - `stopped`: the fix is not on the branch and will not come, for what `stopped` says.
 */
export type ProofVerdict =
  | "running"
  | "proven"
  | "passes-before"
  | "fails-otherwise"
  | "fails-unread"
  | "green"
  | "red-after"
  | "red-before"
  | "skipped"
  | "no-ci"
  | "unfinished"
  | "unreadable"
  | "stopped";

export interface Proof {
  readonly verdict: ProofVerdict;
  /** The branch's commits, oldest first, and the newest reading of each commit's checks. */
  readonly commits: readonly FixCommit[];
  readonly base: ReadChecks | null;
  /** Of the commit that holds the test alone, if there is one. */
  readonly before: ReadChecks | null;
  /** Of the newest commit that holds the fix. */
  readonly after: ReadChecks | null;
  /** Checks that fail on the fix and not on the default branch. */
  readonly newlyFailed: readonly string[];
  /** Further fixes that were pushed after CI was red. */
  readonly improvements: number;
  /** A better patch changed the test after CI had run on it alone: what CI said there was not said of this test. */
  readonly testChanged?: boolean;
  /** Why the fix does not follow on its test: what people did before, or that it could not be pushed. */
  readonly stopped?: PullRequestChange | "not-pushed" | null;
}

const over = ({ state }: ReadChecks) => state !== "running";
const failedIn = (read: Pick<ReadChecks, "checks"> | null) => read?.checks.filter(({ state }) => state === "failed") ?? [];

/** By which a check is found again on another commit. */
export const checkKey = ({ key, name }: ReadCheck): string => key ?? name;

type Checked = Pick<ReadChecks, "checks">;

/**
 * The checks that fail on a commit and not on the default branch. Several may share a key, as two workflows with a job of one name: then one that
 * fails more often than there fails newly.
 */
export function newlyFailedChecks(read: Checked | null, base: Checked | null): readonly ReadCheck[] {
  const failed = (of: Checked | null, wanted: string) => failedIn(of).filter((check) => checkKey(check) === wanted).length;
  return failedIn(read).filter((check) => failed(read, checkKey(check)) > failed(base, checkKey(check)));
}

/** Their names, each once. */
export const newlyFailedIn = (read: Checked | null, base: Checked | null): readonly string[] => [
  ...new Set(newlyFailedChecks(read, base).map(({ name }) => name)),
];

/**
 * What the commit with the test alone showed by failing: that the new test fails ("its-test"), perhaps so ("unread": no log says which test it
 * was), or something else ("other": the log does not name it, or all that fails fails on the default branch too). "awaited": CI of the default
 * branch is still to tell. null: it did not fail, or has not yet.
 */
export function shownAlone({ before, base }: Pick<Proof, "before" | "base">): "its-test" | "unread" | "other" | "awaited" | null {
  if (before?.state !== "failed") return null;
  if (before.namesTest === false || newlyFailedIn(before, base).length === 0) return "other";
  if (base === null || !over(base)) return "awaited";
  return before.namesTest === null ? "unread" : "its-test";
}

const ALONE_VERDICTS = {
  "its-test": "proven",
  unread: "fails-unread",
  other: "fails-otherwise",
  awaited: "running",
} as const satisfies Record<NonNullable<ReturnType<typeof shownAlone>>, ProofVerdict>;

function verdictOf(proof: Omit<Proof, "verdict">): ProofVerdict {
  const { base, before, after, commits, newlyFailed } = proof;
  if ((proof.stopped ?? null) !== null) return "stopped";
  const tested = commits.some(({ role }) => role === "test");
  if (after === null || !over(after) || (tested && before === null)) return "running";
  if (after.state === "unfinished" || after.state === "unreadable" || after.state === "skipped") return after.state;
  if (after.state === "none") return "no-ci";
  if (after.state === "failed") {
    if (newlyFailed.length === 0) return "red-before";
    // What is red may be red on the default branch too, once that has been read.
    return base === null || !over(base) ? "running" : "red-after";
  }
  if (proof.testChanged === true) return "green";
  if (before?.state === "passed") return "passes-before";
  const shown = shownAlone(proof);
  return shown === null ? "green" : ALONE_VERDICTS[shown];
}

const testFilesOf = (draft: PatchDraft | null): string | null =>
  draft === null ? null : JSON.stringify(draft.files.flatMap(({ role, path, after }) => (role === "test" ? [[path, after]] : [])));

/** What CI shows by now of the fix in a log, or null while there is no pull request. */
export function proofOf(log: readonly LoggedEvent[]): Proof | null {
  let commits: readonly FixCommit[] = [];
  let opened = false;
  let baseSha: string | null = null;
  let drafted: PatchDraft | null = null;
  // The test files that were committed alone, and those beside the newest fix.
  let alone: string | null = null;
  let newest: string | null = null;
  const givenUp = new Set<string>();
  const reads = new Map<string, ReadChecks>();
  for (const { event } of log) {
    if (event.type === "fix-proposed") {
      commits = event.commits;
      baseSha = event.base.sha;
      opened = true;
      alone = commits.at(-1)?.role === "test" ? testFilesOf(drafted) : null;
    } else if (event.type === "fix-drafted") drafted = event.draft;
    else if (event.type === "fix-committed") {
      commits = [...commits, event.commit];
      newest = testFilesOf(drafted);
    } else if (event.type === "checks-read") reads.set(event.read.sha, event.read);
    else if (event.type === "step-failed" && event.final) givenUp.add(event.step);
  }
  if (!opened) return null;
  /** The newest reading; where reading was given up before CI had ended, it can't be read. */
  const readOf = (sha: string, role: ReadChecks["role"]): ReadChecks | null => {
    const known = reads.get(sha) ?? null;
    if ((known !== null && over(known)) || !givenUp.has(stepIds.readChecks(sha))) return known;
    return { sha, role, checks: known?.checks ?? [], state: "unreadable", failure: null, namesTest: null };
  };
  const read = (commit: FixCommit | undefined) => (commit === undefined ? null : readOf(commit.sha, commit.role));
  const base = baseSha === null ? null : readOf(baseSha, "base");
  // A patch may be on top of the revert that it replaces: what counts begins with its test.
  const testAt = commits.findLastIndex(({ role }) => role === "test");
  const before = read(commits[testAt]);
  const after = read(commits.slice(testAt + 1).at(-1));
  const isUnfixed = testAt >= 0 && testAt === commits.length - 1;
  const stopped: Proof["stopped"] = !isUnfixed
    ? null
    : (takenOver(log)?.what ?? (givenUp.has(stepIds.fixCommit(commits.length + 1)) ? "not-pushed" : null));
  const known = {
    commits,
    base,
    before,
    after,
    newlyFailed: newlyFailedIn(after, base),
    improvements: commits.filter(({ role }) => role === "improvement").length,
    stopped,
    ...(alone !== null && newest !== null && newest !== alone ? { testChanged: true } : {}),
  };
  return { ...known, verdict: verdictOf(known) };
}

const takingOver: ReadonlySet<PullRequestChange> = new Set(["merged", "closed", "pushed", "branch-deleted"]);

/** The first thing that people did with the pull request after which midwatch leaves its branch alone, or null. */
export function takenOver(log: readonly LoggedEvent[]): EventOf<"fix-changed-by-people"> | null {
  for (const { event } of log) if (event.type === "fix-changed-by-people" && takingOver.has(event.what)) return event;
  return null;
}
