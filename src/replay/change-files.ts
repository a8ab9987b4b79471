import { diff } from "node:util";
import type { ChangedFile } from "../incident/telemetry.ts";
import type { RecordedChange, RecordedCommit } from "./recorded.ts";

const contextLines = 3;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
  /** Lines of the old and of the new file before this one. */
  readonly before: number;
  readonly after: number;
}

function alignedLines(before: string, after: string): Line[] {
  const linesOf = (content: string) => (content === "" ? [] : content.replace(/\n$/, "").split("\n"));
  const lines: Line[] = [];
  let [old, now] = [0, 0];
  // 1: only in the first argument, -1: only in the second.
  for (const [side, text] of diff(linesOf(before), linesOf(after))) {
    const sign = side === 0 ? " " : side === 1 ? "-" : "+";
    lines.push({ sign, text, before: old, after: now });
    if (sign !== "+") old++;
    if (sign !== "-") now++;
  }
  return lines;
}

/** Unified diff of one file, without its file header, three lines of context; "" when nothing differs. */
export function unifiedPatch(before: string | null, after: string | null): string {
  const lines = alignedLines(before ?? "", after ?? "");
  const hunks: Line[][] = [];
  let reach = -1;
  lines.forEach((line, index) => {
    if (line.sign === " ") return;
    const from = Math.max(0, index - contextLines);
    if (from > reach || hunks.length === 0) hunks.push([]);
    const hunk = hunks.at(-1) ?? [];
    hunk.push(...lines.slice(Math.max(from, reach), index + 1 + contextLines));
    reach = index + 1 + contextLines;
  });
  return hunks.map(hunkText).join("\n");
}

function hunkText(lines: readonly Line[]): string {
  const first = lines[0];
  if (first === undefined) return "";
  const range = (before: number, count: number) => `${count === 0 ? before : before + 1}${count === 1 ? "" : `,${count}`}`;
  const old = lines.filter(({ sign }) => sign !== "+").length;
  const now = lines.filter(({ sign }) => sign !== "-").length;
  const head = `@@ -${range(first.before, old)} +${range(first.after, now)} @@`;
  return [head, ...lines.map(({ sign, text }) => sign + text)].join("\n");
}

function changedFile(path: string, status: ChangedFile["status"], patch: string | null): ChangedFile {
  const count = (sign: string) => (patch ?? "").split("\n").filter((line) => line.startsWith(sign)).length;
  return { path, status, additions: count("+"), deletions: count("-"), patch };
}

/** The files of a commit of the repository, with their patches. */
export const filesOfCommit = (commit: RecordedCommit): ChangedFile[] =>
  commit.files.map(({ path, before, after }) => {
    const status = before === null ? "added" : after === null ? "removed" : "modified";
    return changedFile(path, status, unifiedPatch(before, after));
  });

/**
 * The files of a commit row, which has one text for all its diffs. A part begins at `--- a/path` or at a line `@@ path …`; what comes before
 * the first such line belongs to the first path. A path without a part was changed too, but how is not known (patch null).
 */
export function filesOfRow(row: Pick<RecordedChange, "paths" | "diff">): ChangedFile[] {
  const parts = new Map<string, string[]>();
  const statuses = new Map<string, ChangedFile["status"]>();
  let current = row.paths[0];
  const lines = row.diff === null ? [] : row.diff.split("\n");
  lines.forEach((line, index) => {
    const next = lines[index + 1] ?? "";
    if (line.startsWith("--- ") && next.startsWith("+++ ")) {
      const [from, to] = [line, next].map((header) =>
        header
          .slice(4)
          .replace(/^[ab]\//, "")
          .trim(),
      );
      current = to === "/dev/null" ? from : to;
      if (current !== undefined) statuses.set(current, from === "/dev/null" ? "added" : to === "/dev/null" ? "removed" : "modified");
      return;
    }
    if (line.startsWith("+++ ") && lines[index - 1]?.startsWith("--- ") === true) return;
    if (line.startsWith("@@ ")) {
      const title = line.slice(3);
      current = row.paths.find((path) => title.startsWith(path) && /^(\s|:|$)/.test(title.slice(path.length))) ?? current;
    }
    if (current === undefined) return;
    const part = parts.get(current);
    if (part === undefined) parts.set(current, [line]);
    else part.push(line);
  });
  const paths = [...new Set([...row.paths, ...parts.keys()])];
  return paths.map((path) => changedFile(path, statuses.get(path) ?? "modified", parts.get(path)?.join("\n") ?? null));
}
