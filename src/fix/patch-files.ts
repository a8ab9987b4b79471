import type { GithubClient } from "../integrations/github/client.ts";
import type { TreeEntry } from "../integrations/github/git-data.ts";
import { LARGEST_TEXT_BYTES } from "./limits.ts";
import type { FolderFile } from "./manifest-rules.ts";
import { sameOnDisk } from "./where-to-write.ts";

/** What a path holds in one tree, as far as a patch may change it. "refused": why not, to be read behind the path. */
export type PatchTarget =
  | { readonly kind: "missing" }
  | { readonly kind: "text"; readonly mode: "100644" | "100755"; readonly text: string }
  | { readonly kind: "refused"; readonly because: string };

const FOLDER = "040000";
const special: Readonly<Record<string, string>> = {
  "120000": "a symlink, which midwatch does not change",
  "160000": "a submodule, which midwatch does not change",
};
const above: Readonly<Record<string, string>> = {
  "120000": "below a symlink, which may lead anywhere",
  "160000": "inside a submodule, which is another repository",
};

const refused = (because: string): PatchTarget => ({ kind: "refused", because });

/**
 * Reads paths of one commit's tree folder by folder, so that modes are seen and no symlink is followed; each folder is read once. On the way it
 * collects the .gitattributes files that speak about them, and the package.json files that may run them.
 */
export function patchReader(github: GithubClient, repository: string, tree: string) {
  const folders = new Map<string, Promise<ReadonlyMap<string, TreeEntry>>>();
  const found = { ".gitattributes": new Map<string, FolderFile>(), "package.json": new Map<string, FolderFile>() };

  async function readFolder(path: string, sha: string, signal: AbortSignal): Promise<ReadonlyMap<string, TreeEntry>> {
    const entries = await github.git.readTree({ repository, sha }, signal);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    for (const [name, texts] of Object.entries(found)) {
      const file = byName.get(name);
      if (file === undefined || file.mode === "120000" || (file.size ?? 0) > LARGEST_TEXT_BYTES) continue;
      const text = await github.git.readBlob({ repository, sha: file.sha }, signal);
      if (text !== null) texts.set(path, { folder: path, text });
    }
    return byName;
  }

  const folderAt = (path: string, sha: string, signal: AbortSignal) => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const asked = readFolder(path, sha, signal);
    folders.set(path, asked);
    return asked;
  };

  return {
    /** @throws IntegrationError when GitHub cannot be read */
    async read(path: string, signal: AbortSignal): Promise<PatchTarget> {
      const names = path.split("/");
      let sha = tree;
      for (const [depth, name] of names.entries()) {
        const entries = await folderAt(names.slice(0, depth).join("/"), sha, signal);
        const entry = entries.get(name);
        if (entry === undefined) {
          const alike = [...entries.keys()].find((known) => sameOnDisk(known) === sameOnDisk(name));
          return alike === undefined ? { kind: "missing" } : refused("differs from what is there by letter case or look alone");
        }
        const last = depth === names.length - 1;
        if (entry.mode === FOLDER) {
          if (last) return refused("a folder");
          sha = entry.sha;
        } else if (!last) return refused(above[entry.mode] ?? "below what is a file");
        else return await readFile(entry, signal);
      }
      return { kind: "missing" };
    },

    /** The files of these names in all folders on the way to what was read. */
    attributes: (): readonly FolderFile[] => [...found[".gitattributes"].values()],
    manifests: (): readonly FolderFile[] => [...found["package.json"].values()],
  };

  async function readFile({ mode, sha, size }: TreeEntry, signal: AbortSignal): Promise<PatchTarget> {
    if (mode !== "100644" && mode !== "100755") return refused(special[mode] ?? `of the mode ${mode}, which midwatch does not change`);
    if ((size ?? 0) > LARGEST_TEXT_BYTES) return refused(`too large to be shown for review (${Math.ceil((size ?? 0) / 1000)} kB)`);
    const text = await github.git.readBlob({ repository, sha }, signal);
    return text === null ? refused("binary, so it cannot be reviewed as text") : { kind: "text", mode, text };
  }
}
