export { preparePatch } from "./prepare-patch.ts";
export type { PatchQuestion, PreparedPatch } from "./prepare-patch.ts";
export type { PatchAbout, PatchProposal, ProposedEdit } from "./patch-proposal.ts";
export { commitFix, findFix, findPatch, firstRole, openPatch, patchBranch } from "./patch-commits.ts";
export type { CommittedFix, FixToCommit, PatchToOpen } from "./patch-commits.ts";
