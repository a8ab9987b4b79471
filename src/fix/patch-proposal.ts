import type { PatchedFile } from "../incident/fix.ts";

/**
 * One edit, as the model hands it in. All edits are read against the default branch as it was when the patch was begun, not against each other
 * and not against an earlier patch: whoever mends a patch after red CI hands in the whole fix anew.
 *
 * - a change: `search` stands exactly once in the file and gives way to `replace`
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

/** What the patch is about and where it may write: given by code, never by the model. */
export interface PatchAbout {
  /** `owner/name`, from the catalog. */
  readonly repository: string;
  readonly service: string;
  /** Folders that may be written to, the service's own as a rule; "" for the whole repository. */
  readonly paths: readonly string[];
  /** Further files that may be written to, one by one: those that the blamed change touched. Of what builds and CI run, no others. */
  readonly files: readonly string[];
  /**
   * null for a first patch. In an improvement the test files as they were committed: the test has been seen to fail and is no longer open to
   * change, so edits of tests are refused and these are carried over. Empty where the first patch had no test; one may then be added.
   */
  readonly frozenTests: readonly PatchedFile[] | null;
}
