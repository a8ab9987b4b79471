export { preparePatch } from "./prepare-patch.ts";
export type { PreparedPatch } from "./prepare-patch.ts";
export type { PatchAbout } from "./patch-about.ts";
export { commitFix, findFix, findPatch, firstRole, openPatch, patchBranch } from "./patch-commits.ts";
export type { FixToCommit, PatchToOpen } from "./patch-commits.ts";
