import type { PatchAbout } from "../../src/fix/patch-about.ts";
import type { PatchProposal, ProposedEdit } from "../../src/incident/fix.ts";

/** A proposal with the shortest words that will do. */
export const proposed = (edits: readonly ProposedEdit[], more: Partial<PatchProposal> = {}): PatchProposal => {
  const tested = edits.some(({ role }) => role === "test");
  return {
    title: "Key the token cache by merchant",
    cause: "`TokenCache.get` includes the request id in its key, so it never hits.",
    change: "The key is the merchant alone.",
    not_changed: "Token lifetime and refresh.",
    risk: "Two merchants must never share a token.",
    roll_back: "Revert this pull request.",
    not_checked: "Load on the provider.",
    test: tested ? { name: "token cache hits for the same merchant", command: "npm test" } : null,
    no_test_because: tested ? null : "Configuration is not under test here.",
    evidence: [11, 13],
    edits,
    ...more,
  };
};

export const fix = (path: string, search: string, replace: string): ProposedEdit => ({ path, role: "fix", search, replace });
export const shows = (path: string, search: string, replace: string): ProposedEdit => ({ path, role: "test", search, replace });
export const removes = (path: string, role: ProposedEdit["role"] = "fix"): ProposedEdit => ({
  path,
  role,
  search: "",
  replace: "",
  delete: true,
});

export const aboutOf = (repository: string, more: Partial<PatchAbout> = {}): PatchAbout => ({
  repository,
  service: "payments",
  paths: ["services/pay"],
  files: [],
  frozenTests: null,
  ...more,
});
