import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A recording's `repository/commits.json` and a real git repository, one made of the other. To change a scenario's repository, unpack it, work with
 * git (`commit --amend`, `rebase`; keep the dates), and pack it again:
 *
 *     node test/recorder/repository.ts unpack test/scenarios/NAME/repository/commits.json FOLDER
 *     node test/recorder/repository.ts pack FOLDER main test/scenarios/NAME/repository/commits.json
 */

/** One row of commits.json; `time` is epoch seconds. */
export interface CommitRow {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly time: number;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
  readonly pr: { readonly number: number; readonly title: string; readonly body: string; readonly merged_at: string } | null;
  readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** The pull request that a subject such as `orders: refunds (#131)` names. */
function pullOf(message: string, time: number): CommitRow["pr"] {
  const [subject = "", ...rest] = message.split("\n");
  const [, title, number] = /^(.*) \(#(\d+)\)$/.exec(subject) ?? [];
  if (title === undefined || number === undefined) return null;
  return {
    number: Number(number),
    title,
    body: rest.join("\n").trim(),
    merged_at: new Date(time * 1000).toISOString().replace(".000", ""),
  };
}

/** The history of a branch of a git repository, oldest first. */
export function packHistory(folder: string, branch: string): CommitRow[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: 1e8 });
  return lines(git("rev-list", "--reverse", branch)).map((sha): CommitRow => {
    const field = (format: string) => git("show", "--no-patch", `--format=${format}`, sha).trim();
    const time = Number(field("%ct"));
    const message = field("%B");
    const [parent = null] = field("%P").split(" ").filter(Boolean);
    const changed = lines(
      parent === null
        ? git("ls-tree", "-r", "--name-only", sha)
        : git("diff-tree", "-r", "--no-renames", "--name-only", "--no-commit-id", sha),
    );
    const present = (at: string) => new Set(lines(git("ls-tree", "-r", "--name-only", at)));
    const [before, after] = [parent === null ? new Set<string>() : present(parent), present(sha)];
    return {
      sha,
      parents: parent === null ? [] : [parent],
      time,
      author: { name: field("%an"), email: field("%ae") },
      message,
      pr: pullOf(message, time),
      files: changed.map((path) => ({
        path,
        before: before.has(path) ? git("show", `${parent}:${path}`) : null,
        after: after.has(path) ? git("show", `${sha}:${path}`) : null,
      })),
    };
  });
}

/** Files of the tree at a commit of a linear history. @throws Error when the commit is not in it */
export function treeAt(commits: readonly CommitRow[], sha: string): Map<string, string> {
  const last = commits.findIndex((commit) => commit.sha === sha);
  if (last < 0) throw new Error(`there is no commit ${sha}`);
  const files = new Map<string, string>();
  for (const { files: changed } of commits.slice(0, last + 1))
    for (const { path, after } of changed) {
      if (after === null) files.delete(path);
      else files.set(path, after);
    }
  return files;
}

export function writeFiles(files: ReadonlyMap<string, string>, folder: string): void {
  for (const [path, text] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

export const readHistory = (file: string): CommitRow[] => JSON.parse(readFileSync(file, "utf8")) as CommitRow[];

function unpackHistory(commits: readonly CommitRow[], folder: string): void {
  const git = (args: string[], environment: Record<string, string> = {}) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", env: { ...process.env, ...environment } });
  mkdirSync(folder, { recursive: true });
  git(["init", "--quiet", "--initial-branch=main"]);
  for (const { files, author, time, message } of commits) {
    for (const { path, after } of files) if (after === null) git(["rm", "--quiet", path]);
    writeFiles(new Map(files.flatMap(({ path, after }): [string, string][] => (after === null ? [] : [[path, after]]))), folder);
    git(["add", "--all"]);
    const who = (role: string) => ({
      [`GIT_${role}_NAME`]: author.name,
      [`GIT_${role}_EMAIL`]: author.email,
      [`GIT_${role}_DATE`]: `${time} +0000`,
    });
    git(["commit", "--quiet", "--message", message], { ...who("AUTHOR"), ...who("COMMITTER") });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [what, ...args] = process.argv.slice(2);
  if (what === "unpack" && args.length === 2) unpackHistory(readHistory(args[0] ?? ""), args[1] ?? "");
  else if (what === "pack" && args.length === 3) {
    mkdirSync(dirname(args[2] ?? ""), { recursive: true });
    writeFileSync(args[2] ?? "", `${JSON.stringify(packHistory(args[0] ?? "", args[1] ?? ""), null, 1)}\n`);
  } else {
    console.error("unpack COMMITS_JSON FOLDER, or pack FOLDER BRANCH COMMITS_JSON");
    process.exitCode = 2;
  }
}
