import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestFile } from "../support/github/github.ts";

/** Git itself, as the judge of what a revert and a merge have to give. */
export const haveGit = spawnSync("git", ["--version"]).status === 0;
/** Said by a test that has nobody to compare with. */
export const noGit = "git is not installed here, so nothing was compared with it";

// Neither the user's settings nor the machine's count.
const env = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  ...Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "Ana"],
      [`GIT_${who}_EMAIL`, "ana@example.com"],
    ]),
  ),
};

/** Runs a script of git commands in one process: starting one of its own for each costs more than the work. @throws what git says */
function script(cwd: string, text: string, input: Buffer | string = ""): Buffer {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-euc", text], { cwd, env, input, maxBuffer: 50_000_000 });
  if (status !== 0) throw new Error(`git: ${stderr.toString()}`);
  return stdout;
}

export type Files = Readonly<Record<string, TestFile>>;

export interface History {
  readonly before: Files;
  readonly deployed: readonly Files[];
  readonly since: readonly Files[];
}

/** A path as `git fast-import` reads it, whatever is in it. */
const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/** One commit, in the words of `git fast-import`. */
function commitOf(files: Files): Buffer {
  const data = (content: string | Uint8Array) => {
    const bytes = Buffer.from(content);
    return [`data ${bytes.length}\n`, bytes, "\n"];
  };
  const entries = Object.entries(files);
  const parts: (string | Uint8Array)[] = ["commit refs/heads/main\ncommitter Ana <ana@example.com> 1750000000 +0000\n", ...data("change")];
  // What goes first makes room for what comes.
  for (const [path, file] of entries) if (file === null) parts.push(`D ${quoted(path)}\n`);
  for (const [path, file] of entries) {
    if (file === null) continue;
    const put = (mode: string, content: string | Uint8Array) => parts.push(`M ${mode} inline ${quoted(path)}\n`, ...data(content));
    if (typeof file === "string" || file instanceof Uint8Array) put("100644", file);
    else if ("executable" in file) put("100755", file.executable);
    else if ("symlink" in file) put("120000", file.symlink);
    else throw new Error("submodules are not compared with git");
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** The deploy is reverted as one commit, as a squash would have brought it: git reverts several one by one, and can stop at what a later one mends. */
const REVERT = `
git init -q -b main
git fast-import --quiet
git reset -q --hard
whole=$(git commit-tree "HEAD~$SINCE^{tree}" -p "HEAD~$BEFORE" -m deploy)
if git revert --no-commit "$whole" >&2; then echo clean; else echo conflict; fi
git ls-files -s -z`;

/** What `git revert` makes of a deploy: the whole tree, as `mode text` by path, or the paths it finds in conflict. */
export function revertWithGit({ before, deployed, since }: History): { tree: Record<string, string> } | { conflicts: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "real-git-"));
  const history = Buffer.concat([before, ...deployed, ...since].map(commitOf));
  const counts = `SINCE=${since.length} BEFORE=${deployed.length + since.length}`;
  const [, how, listed = ""] = /^(clean|conflict)\n(.*)$/s.exec(script(folder, counts + REVERT, history).toString()) ?? [];
  const entries = listed
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? []);
  if (how !== "clean")
    return {
      conflicts: [...new Set(entries.flatMap(([, , , stage, path]) => (stage !== "0" && path !== undefined ? [path] : [])))].toSorted(),
    };
  // Each blob: a line with its size, its bytes, a line's end.
  let blobs = script(folder, "git cat-file --batch", entries.map(([, , sha]) => `${sha}\n`).join(""));
  const told = entries.map(([, mode, , , path]) => {
    const from = blobs.indexOf("\n") + 1;
    const size = Number(blobs.toString("utf8", 0, from).split(" ")[2]);
    const bytes = blobs.subarray(from, from + size);
    blobs = blobs.subarray(from + size + 1);
    return [path ?? "", `${mode} ${bytes.includes(0) ? bytes.toString("base64") : bytes.toString("utf8")}`] as const;
  });
  return { tree: Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

const MERGES = `
for one in */; do
  if git merge-file -p -q "$one/ours" "$one/deployed" "$one/theirs" > "$one/merged"; then :; else mv "$one/merged" "$one/conflict"; fi
done`;

/** What `git merge-file` makes of three texts, for each three; null: a conflict. */
export function mergedByGit(
  all: readonly { readonly deployed: string; readonly ours: string; readonly theirs: string }[],
): (string | null)[] {
  const folder = mkdtempSync(join(tmpdir(), "real-git-"));
  all.forEach((texts, index) => {
    mkdirSync(join(folder, String(index)));
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, String(index), name), text);
  });
  script(folder, MERGES);
  return all.map((_, index) => {
    const merged = join(folder, String(index), "merged");
    return existsSync(merged) ? readFileSync(merged, "utf8") : null;
  });
}
