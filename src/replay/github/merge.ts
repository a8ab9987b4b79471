import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { filesIn } from "./diff-text.ts";
import type { GithubRepository } from "./repository.ts";

class MergeConflictError extends Error {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(`both sides changed ${paths.join(", ")}`);
    this.name = "MergeConflictError";
    this.paths = paths;
  }
}

const namesOf = (files: readonly Json[]) =>
  files.flatMap((file) => [textIn(file, "filename"), textIn(file, "previous_filename")]).filter((path) => path !== "");

/**
 * The tree of a merge of `head` into `base` (shas of the emulator), by whole files.
 * @throws MergeConflictError where both sides changed a file
 */
export async function mergedTree(repository: GithubRepository, base: string, head: string): Promise<string> {
  const treeOf = async (sha: string) => textIn((await repository.must("GET", `/git/commits/${sha}`))["tree"], "sha");
  const theirs = await repository.must("GET", `/compare/${base}...${head}`);
  const fork = textIn(theirs["merge_base_commit"], "sha");
  if (fork === base) return treeOf(head);
  const ours = namesOf(filesIn(await repository.get(`/compare/${fork}...${base}`)));
  const changed = filesIn(theirs);
  const conflicts = namesOf(changed).filter((path) => ours.includes(path));
  if (conflicts.length > 0) throw new MergeConflictError(conflicts);
  const listed = await repository.get(`/git/trees/${await treeOf(head)}?recursive=1`);
  const entries = new Map(objectsIn(isObject(listed) ? listed["tree"] : null).map((entry) => [textIn(entry, "path"), entry]));
  const tree = namesOf(changed).map((path): Json => {
    const entry = entries.get(path);
    return { path, mode: entry?.["mode"] ?? "100644", type: "blob", sha: entry?.["sha"] ?? null };
  });
  return textIn(await repository.must("POST", "/git/trees", { base_tree: await treeOf(base), tree }), "sha");
}
