import { type Clash, type Stretch, differingPart, linesOf } from "./revert-merge.ts";

/** Neighbouring lines of a file on one side, cut for readers. Text from outside. */
export interface ConflictSide {
  /** Number of the first line in that side's file, from 1; where there are no lines, of the line that they would precede. */
  readonly line: number;
  /** Without the line feed; a long line is cut and ends in "…". */
  readonly lines: readonly string[];
  /** Further lines that are left out here. */
  readonly more: number;
}

/** One place where two changes meet. null: that side has no such file, or none that can be shown as text. */
export interface ConflictHunk {
  /** Line in the file on the default branch, or where it is not there as deployed. */
  readonly at: number;
  readonly deployed: ConflictSide | null;
  /** On the default branch now. */
  readonly ours: ConflictSide | null;
  /** Before the deploy, which the revert would bring back. */
  readonly theirs: ConflictSide | null;
}

/** A file that the revert would have to change and people have changed since, in ways that exclude each other. */
export interface ConflictedFile {
  /** Path on the default branch; where it is gone from there, the path that was deployed. */
  readonly path: string;
  /** As in the list of skipped files. */
  readonly because: string;
  readonly conflict: readonly ConflictHunk[];
  /** Further places that are left out here; of a file that is not text, 0. */
  readonly moreHunks: number;
}

/** Files whose sides are shown; the others are named without. All bounds together keep a plan's conflicts under some 100 kB. */
export const MOST_CONFLICTS_SHOWN = 10;
const MOST_HUNKS = 3;
const MOST_LINES = 10;
const LONGEST_LINE = 120;

function cutLine(line: string): string {
  const text = line.endsWith("\n") ? line.slice(0, -1) : line;
  // Half a surrogate pair would be no text any more.
  return text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const toSide = ({ start, lines }: Stretch): ConflictSide => ({
  line: start + 1,
  lines: lines.slice(0, MOST_LINES).map(cutLine),
  more: Math.max(0, lines.length - MOST_LINES),
});

/** What a file's conflict shows. */
export type ConflictHunks = Pick<ConflictedFile, "conflict" | "moreHunks">;

/** What clashed in a merge. */
export const hunksOfClashes = (clashes: readonly Clash[]): ConflictHunks => ({
  conflict: clashes.slice(0, MOST_HUNKS).map(({ deployed, ours, theirs }) => ({
    at: ours.start + 1,
    deployed: toSide(deployed),
    ours: toSide(ours),
    theirs: toSide(theirs),
  })),
  moreHunks: Math.max(0, clashes.length - MOST_HUNKS),
});

/** One file on each side; null where it is not there. */
export interface TextVersions {
  readonly deployed: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
}

/** A clash of whole files, one of which is missing somewhere: shown is the part in which the two that are there differ. */
export function hunksOfFiles({ deployed, ours, theirs }: TextVersions): ConflictHunks {
  const sides = { deployed, ours, theirs };
  const [first, second] = (["deployed", "ours", "theirs"] as const).filter((side) => sides[side] !== null);
  if (first === undefined) return { conflict: [], moreHunks: 0 };
  const whole = (text: string | null): Stretch => ({ start: 0, lines: linesOf(text ?? "") });
  const parts = second === undefined ? { a: whole(sides[first]), b: null } : differingPart(sides[first] ?? "", sides[second] ?? "");
  const shown = (side: keyof TextVersions) =>
    side === first ? toSide(parts.a) : side === second && parts.b !== null ? toSide(parts.b) : null;
  const hunk = { deployed: shown("deployed"), ours: shown("ours"), theirs: shown("theirs") };
  return { conflict: [{ at: (hunk.ours ?? hunk.deployed ?? hunk.theirs)?.line ?? 1, ...hunk }], moreHunks: 0 };
}
