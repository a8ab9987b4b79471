import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { isObject, objectsIn, textIn } from "../../json.ts";

/** Asks git's objects: the body of `GET /repos/…<path>`, or null where there is none. */
export type ReadObject = (path: string) => Promise<unknown>;

/**
 * Writes the tree of a commit into an empty folder. Links are written as files that hold their target and submodules are left out, so that
 * nothing in a checkout leads out of it.
 * @throws Error when the commit is not there, or a path would leave the folder
 */
export async function checkOut(read: ReadObject, sha: string, folder: string): Promise<void> {
  const commit = await read(`/git/commits/${sha}`);
  const root = isObject(commit) ? textIn(commit["tree"], "sha") : "";
  if (root === "") throw new Error(`there is no commit ${sha}`);
  const tree = await read(`/git/trees/${root}?recursive=1`);
  const blobs = objectsIn(isObject(tree) ? tree["tree"] : null).filter((entry) => entry["type"] === "blob");
  for (const entry of blobs) {
    const path = textIn(entry, "path");
    const target = join(folder, path);
    if (!target.startsWith(folder + sep) || path.split("/").includes(".git")) throw new Error(`the path ${path} is refused`);
    const blob = await read(`/git/blobs/${textIn(entry, "sha")}`);
    const encoding = textIn(blob, "encoding") === "base64" ? "base64" : "utf8";
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, Buffer.from(textIn(blob, "content"), encoding));
    if (entry["mode"] === "100755") await chmod(target, 0o755);
  }
}
