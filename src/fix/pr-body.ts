/** The text of midwatch's pull requests. Pure; all text from outside is made harmless by `outside-text.ts` before a body holds it. */
export { proposeRevert } from "./pr-body-revert.ts";
export type { RevertContext } from "./pr-body-revert.ts";
export { patchMessage, proposePatch } from "./pr-body-patch.ts";
export type { PatchContext } from "./pr-body-patch.ts";
export type { ReviewContext } from "./pr-body-parts.ts";
export { replaceProof } from "./pr-body-proof.ts";
export type { ProofPart, ProofRow } from "./pr-body-proof.ts";
