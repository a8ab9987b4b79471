import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestFile } from "../integrations/github/emulated-github.ts";

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

function git(cwd: string, args: readonly string[], fails: "throws" | "is-told" = "throws"): { ok: boolean; stdout: Buffer } {
  const { status, stdout, stderr } = spawnSync("git", ["-c", "core.autocrlf=false", ...args], { cwd, env, maxBuffer: 50_000_000 });
  if (status !== 0 && fails === "throws") throw new Error(`git ${args.join(" ")}: ${stderr.toString()}`);
  return { ok: status === 0, stdout };
}

export type Files = Readonly<Record<string, TestFile>>;

export interface History {
  readonly before: Files;
  readonly deployed: readonly Files[];
  readonly since: readonly Files[];
}

function write(folder: string, files: Files): void {
  const entries = Object.entries(files);
  // What goes first makes room for what comes.
  for (const [path, file] of entries) if (file === null) rmSync(join(folder, path), { recursive: true });
  for (const [path, file] of entries) {
    if (file === null) continue;
    const at = join(folder, path);
    // A folder that is empty now, or a symlink that would be written through.
    rmSync(at, { recursive: true, force: true });
    mkdirSync(dirname(at), { recursive: true });
    if (typeof file === "string" || file instanceof Uint8Array) writeFileSync(at, file);
    else if ("executable" in file) writeFileSync(at, file.executable);
    else if ("symlink" in file) symlinkSync(file.symlink, at);
    else throw new Error("submodules are not compared with git");
    if (typeof file !== "object" || !("symlink" in file)) chmodSync(at, typeof file === "object" && "executable" in file ? 0o755 : 0o644);
  }
}

/** What `git revert` makes of a deploy: the whole tree, as `mode text` by path, or the paths it finds in conflict. */
export function revertWithGit({ before, deployed, since }: History): { tree: Record<string, string> } | { conflicts: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "real-git-"));
  git(folder, ["init", "-q", "-b", "main"]);
  const commit = (files: Files) => {
    write(folder, files);
    git(folder, ["add", "-A"]);
    git(folder, ["commit", "-q", "--allow-empty", "-m", "change"]);
    return git(folder, ["rev-parse", "HEAD"]).stdout.toString().trim();
  };
  const previous = commit(before);
  const shas = deployed.map(commit);
  since.forEach(commit);
  // The deploy as one commit, as a squash would have brought it: git reverts several one by one, and can stop at what a later one mends.
  const tree = git(folder, ["rev-parse", `${shas.at(-1)}^{tree}`])
    .stdout.toString()
    .trim();
  const whole = git(folder, ["commit-tree", tree, "-p", previous, "-m", "deploy"]).stdout.toString().trim();
  const { ok } = git(folder, ["revert", "--no-commit", whole], "is-told");
  const listed = git(folder, ["ls-files", "-s", "-z"])
    .stdout.toString()
    .split("\0")
    .filter((line) => line !== "");
  const entries = listed.map((line) => /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? []);
  if (!ok)
    return {
      conflicts: [...new Set(entries.flatMap(([, , , stage, path]) => (stage !== "0" && path !== undefined ? [path] : [])))].toSorted(),
    };
  const told = entries.map(([, mode, sha, , path]) => {
    const bytes = git(folder, ["cat-file", "blob", sha ?? ""]).stdout;
    return [path ?? "", `${mode} ${bytes.includes(0) ? bytes.toString("base64") : bytes.toString("utf8")}`] as const;
  });
  return { tree: Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/** What `git merge-file` makes of three texts; null: a conflict. */
export function mergerOfGit(): (texts: { deployed: string; ours: string; theirs: string }) => string | null {
  const folder = mkdtempSync(join(tmpdir(), "real-git-"));
  return (texts) => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const { ok, stdout } = git(folder, ["merge-file", "-p", "-q", "ours", "deployed", "theirs"], "is-told");
    return ok ? stdout.toString() : null;
  };
}
