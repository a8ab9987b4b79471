/**
 * Files of a repository of which a recording has only hunks: each file is made of those lines that some hunk shows, so that every commit's diff
 * shows the recorded hunk again. What lies between is not known and is one line, `…`.
 */

/** Between two parts of a file: as many lines as a diff shows around a change, so that no diff shows another part's lines. */
const unknownLines: readonly string[] = ["", "…", ""];

/** What a commit did to a file as far as it is recorded: `patch` holds hunks, null means that only the path is known. */
export interface HunkChange {
  readonly path: string;
  readonly status: "added" | "modified" | "removed" | "renamed";
  readonly patch: string | null;
}

/** Whole text of each file a commit changed; null = the commit removed it. */
export type FileTexts = ReadonlyMap<string, string | null>;

export interface HunkHistory {
  /** Files as they were before the first commit. */
  readonly initial: ReadonlyMap<string, string>;
  /** For each commit, in order, the files it changed as it left them. */
  readonly after: readonly FileTexts[];
}

interface Hunk {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Splits a patch at its `@@` lines; a patch without any is one hunk. */
function hunksOf(patch: string): Hunk[] {
  const hunks: { before: string[]; after: string[] }[] = [];
  let current: { before: string[]; after: string[] } | undefined;
  for (const line of patch.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("@@")) {
      hunks.push((current = { before: [], after: [] }));
      continue;
    }
    if (line.startsWith("\\")) continue;
    if (current === undefined) hunks.push((current = { before: [], after: [] }));
    const [sign, text] = [line.slice(0, 1), line.slice(1)];
    if (sign !== "+") current.before.push(sign === "-" || sign === " " ? text : line);
    if (sign !== "-") current.after.push(sign === "+" || sign === " " ? text : line);
  }
  return hunks.filter(({ before, after }) => before.length + after.length > 0);
}

/** Where `part` is in `lines`, whole, or -1. */
function placeOf(part: readonly string[], lines: readonly string[]): number {
  for (let at = 0; at + part.length <= lines.length; at++) if (part.every((line, index) => lines[at + index] === line)) return at;
  return -1;
}

/** Lines of one part of a file, as they were at first and as they are now. */
interface Part {
  readonly initial: readonly string[];
  now: string[];
}

interface KnownFile {
  readonly parts: Part[];
  /** It was there before the first commit that names it. */
  readonly existed: boolean;
}

/** One edit of one part: which, and the lines it has from then on. */
interface Edit {
  readonly part: Part;
  readonly lines: readonly string[];
}

const textOf = (parts: readonly (readonly string[])[]): string =>
  `${[unknownLines[1] ?? "", ...parts.flatMap((lines, index) => (index === 0 ? ["", ...lines] : [...unknownLines, ...lines])), "", unknownLines[1] ?? ""].join("\n")}\n`;

/** The same file in a repository of which whole hunks are the whole file: an added file has nothing around its lines. */
const addedText = (parts: readonly (readonly string[])[]): string => `${parts.flat().join("\n")}\n`;

/**
 * Builds the files that show the recorded hunks.
 * @param commits oldest first; `mark` names a commit where its change is not recorded
 */
export function historyOfHunks(commits: readonly { readonly mark: string; readonly changes: readonly HunkChange[] }[]): HunkHistory {
  const files = new Map<string, KnownFile>();
  // First pass: which part of which file each hunk edits. A hunk that continues an earlier one edits the same part; any other is a new part.
  const edits = commits.map(({ mark, changes }) =>
    changes.map((change) => {
      let file = files.get(change.path);
      if (file === undefined) files.set(change.path, (file = { parts: [], existed: change.status !== "added" }));
      const { parts } = file;
      const hunks: Hunk[] = change.patch === null ? [unrecorded(parts, mark)] : hunksOf(change.patch);
      const made = hunks.map((hunk): Edit => {
        const known = hunk.before.length === 0 ? undefined : parts.find(({ now }) => placeOf(hunk.before, now) >= 0);
        const part: Part = known ?? { initial: hunk.before, now: [...hunk.before] };
        if (known === undefined) parts.push(part);
        const at = placeOf(hunk.before, part.now);
        part.now = part.now.toSpliced(at, hunk.before.length, ...hunk.after);
        return { part, lines: part.now };
      });
      return { change, made };
    }),
  );
  // Second pass: the parts are known now, so each commit's files can be written whole.
  const current = new Map<Part, readonly string[]>();
  for (const { parts } of files.values()) for (const part of parts) current.set(part, part.initial);
  const write = (file: KnownFile): string => {
    const lines = file.parts.map((part) => current.get(part) ?? []);
    return file.existed ? textOf(lines) : addedText(lines);
  };
  const initial = new Map<string, string>();
  for (const [path, file] of files) if (file.existed) initial.set(path, write(file));
  const after = edits.map((ofCommit) => {
    const texts = new Map<string, string | null>();
    for (const { change, made } of ofCommit) {
      for (const { part, lines } of made) current.set(part, lines);
      const file = files.get(change.path);
      if (file !== undefined) texts.set(change.path, change.status === "removed" ? null : write(file));
    }
    return texts;
  });
  return { initial, after };
}

/** A change of which nothing but the path is recorded, as a change of one line that says so. */
function unrecorded(parts: readonly Part[], mark: string): Hunk {
  const line = /^\(text not recorded.*\)$/;
  const before = parts.flatMap(({ now }) => now).find((text) => line.test(text)) ?? "(text not recorded)";
  return { before: [before], after: [`(text not recorded; changed by ${mark})`] };
}
