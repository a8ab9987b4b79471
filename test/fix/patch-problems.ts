import { codeProblems } from "../../src/fix/code/code-problems.ts";
import type { CodeParser } from "../../src/fix/code/code-tree.ts";
import { changeProblems } from "../../src/fix/patch-rules.ts";
import { pathProblem } from "../../src/fix/where-to-write.ts";
import type { PatchedFile } from "../../src/incident/fix.ts";
import { aboutOf } from "./patch-proposals.ts";

/** All problems of such a change in a repository that is the service's as a whole. @param blamed the blamed change touched the file too */
export async function problemsOf({ file }: { readonly file: PatchedFile }, parse: CodeParser, blamed = false): Promise<readonly string[]> {
  const named = blamed ? [file.path] : [];
  const path = pathProblem(file.path, new Set([file.role]), aboutOf("acme/shop", { paths: [""], files: named }));
  return [
    ...(path === null ? [] : [path]),
    ...changeProblems([file], { attributes: [], manifests: [], own: [], named }).problems,
    ...(await codeProblems([file], parse)),
  ];
}
