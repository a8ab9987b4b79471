import type { GithubClient } from "../integrations/github/client.ts";
import type { TreeEntry } from "../integrations/github/git-data.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { MOST_FOLDERS_READ } from "./limits.ts";

/** A file (or symlink, or submodule) in one tree. */
export interface Entry {
  readonly mode: string;
  readonly sha: string;
  readonly size: number | null;
}

/** One path that differs between two trees, with what a third tree holds there. */
export interface Difference {
  readonly path: string;
  /** null: not there. */
  readonly before: Entry | null;
  readonly after: Entry | null;
  /**
   * In the third tree. "folder": the path is a folder there; "new-folder": the very one that is there in the second. "blocked": a folder
   * above it is a file there.
   */
  readonly now: Entry | "folder" | "new-folder" | "blocked" | null;
}

export interface Trees {
  readonly before: string;
  readonly after: string;
  readonly now: string;
}

/** Too many folders differ to be read one by one. */
export class TooManyFoldersError extends Error {}

const FOLDER = "040000";
const folderSha = (entry: TreeEntry | undefined): string | null => (entry?.mode === FOLDER ? entry.sha : null);
const toEntry = (entry: TreeEntry | undefined): Entry | null =>
  entry === undefined || entry.mode === FOLDER ? null : { mode: entry.mode, sha: entry.sha, size: entry.size };

/** What is at a folder's place in the third tree. */
type Now = { readonly at: "folder"; readonly sha: string } | { readonly at: "nothing" | "blocked" };

/**
 * Walks two trees side by side and returns the files that differ. Folders that are equal in both are not read, so a small change in a huge
 * repository costs a few calls, and a comparison's limit of 300 files does not hold here.
 * @param folder differences outside it are left out, and folders outside it are not read
 * @throws TooManyFoldersError
 */
export async function differenceOfTrees(
  github: GithubClient,
  repository: string,
  trees: Trees,
  folder: string,
  signal: AbortSignal,
): Promise<Difference[]> {
  const cache = new Map<string, Promise<ReadonlyMap<string, TreeEntry>>>();
  const read = (sha: string | null): Promise<ReadonlyMap<string, TreeEntry>> => {
    if (sha === null) return Promise.resolve(new Map());
    const known = cache.get(sha);
    if (known !== undefined) return known;
    if (cache.size >= MOST_FOLDERS_READ) throw new TooManyFoldersError();
    const asked = github.git
      .readTree({ repository, sha }, signal)
      .then((entries) => new Map(entries.map((entry) => [entry.name, entry] as const)));
    cache.set(sha, asked);
    return asked;
  };
  const leadsTo = (path: string) => isInside(path, folder) || isInside(folder.replace(/^\.?\/+|\/+$/g, ""), path);

  async function walk(prefix: string, before: string | null, after: string | null, now: Now): Promise<Difference[]> {
    const [b, a, n] = await Promise.all([read(before), read(after), read(now.at === "folder" ? now.sha : null)]);
    const found: Promise<Difference[]>[] = [];
    for (const name of [...new Set([...b.keys(), ...a.keys()])].toSorted()) {
      const was = b.get(name);
      const is = a.get(name);
      const path = prefix + name;
      if ((was?.sha === is?.sha && was?.mode === is?.mode) || !leadsTo(path)) continue;
      const current = n.get(name);
      const folderNow = folderSha(current);
      if (folderSha(was) !== null || folderSha(is) !== null) {
        const there: Now =
          folderNow !== null
            ? { at: "folder", sha: folderNow }
            : { at: current !== undefined || now.at === "blocked" ? "blocked" : "nothing" };
        found.push(walk(`${path}/`, folderSha(was), folderSha(is), there));
      }
      const then = toEntry(was);
      const deployed = toEntry(is);
      if ((then === null && deployed === null) || !isInside(path, folder)) continue;
      const folderThere = folderNow === folderSha(is) ? "new-folder" : "folder";
      const standing = folderNow !== null ? folderThere : now.at === "blocked" ? "blocked" : toEntry(current);
      found.push(Promise.resolve([{ path, before: then, after: deployed, now: standing }]));
    }
    return (await Promise.all(found)).flat();
  }
  return walk("", trees.before, trees.after, { at: "folder", sha: trees.now });
}

/** What is at a path of a tree, or null where there is no file. Reads one folder a step down. */
export async function entryAt(
  github: GithubClient,
  about: { readonly repository: string; readonly tree: string; readonly path: string },
  signal: AbortSignal,
): Promise<Entry | null> {
  const { repository, path } = about;
  const names = path.split("/");
  let tree = about.tree;
  for (const [index, name] of names.entries()) {
    const entry = (await github.git.readTree({ repository, sha: tree }, signal)).find((one) => one.name === name);
    if (index === names.length - 1) return toEntry(entry);
    const next = folderSha(entry);
    if (next === null) return null;
    tree = next;
  }
  return null;
}
