import type { PatchedFile } from "../incident/fix.ts";

/** What the patch is about and where it may write: given by code, never by the model. */
export interface PatchAbout {
  /** `owner/name`, from the catalog. */
  readonly repository: string;
  readonly service: string;
  /** Folders that may be written to, the service's own as a rule; "" for the whole repository. */
  readonly paths: readonly string[];
  /** Further files that may be written to, one by one: those that the blamed change touched. Of what builds and CI run, no others. */
  readonly files: readonly string[];
  /** Files of the repository that the accepted finding cites, beyond the folders. What builds and CI run is not among what they open. */
  readonly cited?: readonly string[];
  /**
   * null for a first patch. In an improvement the test files as they were committed: the test has been seen to fail and is no longer open to
   * change, so edits of tests are refused and these are carried over. Empty where the first patch had no test; one may then be added.
   */
  readonly frozenTests: readonly PatchedFile[] | null;
}
