import { type Json, textIn } from "../json.ts";
import type { PlannedCommit } from "./history.ts";
import type { GithubRepository } from "./repository.ts";

/** What every new repository begins with. Source: docs.github.com, "Managing labels". */
const newRepositoryLabels = [
  { name: "bug", color: "d73a4a", description: "Something isn't working" },
  { name: "documentation", color: "0075ca", description: "Improvements or additions to documentation" },
  { name: "duplicate", color: "cfd3d7", description: "This issue or pull request already exists" },
  { name: "enhancement", color: "a2eeef", description: "New feature or request" },
  { name: "good first issue", color: "7057ff", description: "Good for newcomers" },
  { name: "help wanted", color: "008672", description: "Extra attention is needed" },
  { name: "invalid", color: "e4e669", description: "This doesn't seem right" },
  { name: "question", color: "d876e3", description: "Further information is requested" },
  { name: "wontfix", color: "ffffff", description: "This will not be worked on" },
];

/**
 * Writes a planned history into an empty repository, commit by commit, through the Git Data API.
 * @throws Error when the emulator refuses an object, which is a mistake in the plan
 */
export async function writeHistory(repository: GithubRepository, plan: readonly PlannedCommit[]): Promise<void> {
  const made = async (path: string, body: unknown): Promise<string> => textIn(await repository.must("POST", path, body), "sha");
  const present = new Set<string>();
  let tree: string | null = null;
  let parent: string | null = null;
  for (const commit of plan) {
    const entries: Json[] = [];
    for (const [path, text] of commit.files) {
      if (text === null && !present.has(path)) continue;
      entries.push({ path, mode: "100644", type: "blob", ...(text === null ? { sha: null } : { content: text }) });
      if (text === null) present.delete(path);
      else present.add(path);
    }
    if (entries.length > 0 || tree === null)
      tree = await made("/git/trees", { ...(tree === null ? {} : { base_tree: tree }), tree: entries });
    // One second, as git keeps it.
    const date = `${new Date(commit.at).toISOString().slice(0, 19)}Z`;
    const identity = { ...commit.author, date };
    const sha: string = await made("/git/commits", {
      message: commit.message,
      tree,
      parents: parent === null ? [] : [parent],
      author: identity,
      committer: identity,
    });
    if (commit.sha !== null) repository.shas.pair(commit.sha, sha);
    parent = sha;
  }
  if (parent !== null) await repository.must("POST", "/git/refs", { ref: "refs/heads/main", sha: parent });
  for (const label of newRepositoryLabels) await repository.must("POST", "/labels", label);
}
