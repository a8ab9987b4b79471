/** One file of a patch, whole. */
export interface PatchedFile {
  readonly path: string;
  /** "test" files are committed first and alone, so that CI shows that they fail without the fix. */
  readonly role: "test" | "fix";
  readonly mode: "100644" | "100755";
  /** Whole text on the default branch, and with the patch; null = did not exist, does not exist. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * One edit, as the model hands it in. All edits are read against the default branch as it was when the patch was begun, not against each other
 * and not against an earlier patch: a better patch after red CI holds the whole fix again.
 *
 * - a change: `search` occurs exactly once in the file, and `replace` takes its place
 * - a new file: `search` is "", and `replace` the whole text
 * - a deleted file: `delete` is true, `search` and `replace` are ""
 */
export interface ProposedEdit {
  readonly path: string;
  /** "test" for files by which the fault is shown; they are committed first and alone. All edits of one path have one role. */
  readonly role: "test" | "fix";
  readonly search: string;
  readonly replace: string;
  readonly delete?: boolean | undefined;
}

/** What the model hands in as a patch. All texts come from outside. */
export interface PatchProposal {
  readonly title: string;
  readonly cause: string;
  readonly change: string;
  readonly not_changed: string;
  readonly risk: string;
  readonly roll_back: string;
  readonly not_checked: string;
  readonly test: { readonly name: string; readonly command: string } | null;
  readonly no_test_because: string | null;
  readonly evidence: readonly number[];
  readonly edits: readonly ProposedEdit[];
}

/** A patch that the model proposed and code let pass. Plain JSON. */
export interface PatchDraft {
  /** `owner/name`, from the catalog. */
  readonly repository: string;
  /** The default branch as it was when the patch was made. */
  readonly base: { readonly branch: string; readonly sha: string; readonly tree: string };
  readonly service: string;
  /** One line. All texts come from the model: code that shows them makes them harmless. */
  readonly title: string;
  /** The mechanism: why the code does what was seen. */
  readonly cause: string;
  readonly change: string;
  readonly notChanged: string;
  readonly risk: string;
  readonly rollBack: string;
  readonly notChecked: string;
  /** The test that fails without the fix, and the command that runs it. null: none can show it, for `noTestBecause`. */
  readonly test: { readonly name: string; readonly command: string } | null;
  readonly noTestBecause: string | null;
  readonly files: readonly PatchedFile[];
  /** Lines added and removed. */
  readonly lines: number;
  /** Numbers of the evidence it rests on. */
  readonly evidence: readonly number[];
}

/** Where a patch belongs: a service of the catalog that has a repository there. */
export interface PatchPlace {
  readonly service: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Folder of the service in it, without slashes at its ends; "" for all of it. */
  readonly folder: string;
}

/** A pull request that needs a person's yes first, and what exactly it would be. */
export interface FixOffer {
  readonly type: "fix-offer";
  readonly kind: "revert" | "patch";
  readonly because: string;
  /** Plain JSON: all that decides what the pull request will be. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The payload in one line, for people. */
  readonly summary: string;
}

/** The draft PR of another incident that serves this one too. `of`: that incident, for people. */
export interface SharedFix {
  readonly kind: "revert" | "patch";
  readonly number: number;
  readonly url: string;
  readonly of: string;
}

/** A commit on the pull request's branch. "improvement": a further fix after CI was red. */
export interface FixCommit {
  readonly sha: string;
  readonly role: "test" | "fix" | "improvement";
}

/** One check (check run or commit status) of a commit, as the proof needs it. */
export interface ReadCheck {
  readonly name: string;
  readonly state: "running" | "passed" | "failed" | "skipped";
  readonly link: string | null;
  /** By which it is found again on another commit: app, workflow and name, as far as GitHub reports them. Not given: the name. */
  readonly key?: string;
}

/**
 * What CI says of one commit. "base": the default branch that the fix starts from.
 * "skipped": its checks were all skipped, as some are for drafts, so nothing was tested. "none": no check was seen and none is expected any more. "unfinished": it was waited for long enough. "unreadable": the credential may not read checks, for what `failure` says.
 */
export interface ReadChecks {
  readonly sha: string;
  readonly role: "base" | FixCommit["role"];
  readonly state: "none" | "running" | "passed" | "failed" | "skipped" | "unfinished" | "unreadable";
  readonly checks: readonly ReadCheck[];
  /**
   * What one of the failed checks reports, its name in the first line: of those that do not fail on the default branch, the one whose log names
   * the test, else the first. Of a log the part around the test's failure, or else the end. Text from outside.
   */
  readonly failure: string | null;
  /** Whether a failing log says that the test of the patch failed; null if that is unknown. */
  readonly namesTest: boolean | null;
  /** A log of a check that failed was not there (yet), so that it is asked for again. */
  readonly logMissing?: true;
}

/** What people did with the pull request. */
export type PullRequestChange = "merged" | "closed" | "reopened" | "ready-for-review" | "edited" | "pushed" | "branch-deleted";

/** Whether nobody waits for the pull request any more. */
export const isEnded = (what: PullRequestChange | null): boolean => what === "merged" || what === "closed" || what === "branch-deleted";

/** Which checks are read. */
export interface CheckQuestion {
  readonly repository: string;
  readonly sha: string;
  readonly role: ReadChecks["role"];
  /** Name of the patch's test, to be looked for in a failing log; null where there is none. */
  readonly test: string | null;
  /** What is known of the default branch: of checks that fail there as well no log is read, but of the test's where no other failed. */
  readonly base?: ReadChecks | null;
  /** The last reading, with the same `base`: its report of failures is not read again if the same checks failed. */
  readonly known?: ReadChecks | null;
}
