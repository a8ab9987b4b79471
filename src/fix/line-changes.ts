import { type ArrayChange, diffArrays } from "diff";

/** One line of a text, with the number it has there (from 1), without its line break. */
export interface ChangedLine {
  readonly line: number;
  readonly text: string;
}

/** What a change of a text adds and removes, as `git diff` counts it. */
export interface LineChanges {
  readonly added: readonly ChangedLine[];
  readonly removed: readonly ChangedLine[];
  /** false where the texts differ in more than 1,500 lines: then lines that only moved are left out. */
  readonly exact: boolean;
}

/** Lines added and removed up to which the shortest way is looked for; time grows with its square. */
const MOST_COMPARED = 1_500;

/** Lines with their line breaks, so that a change of the breaks alone is one. */
const linesOf = (text: string | null): string[] => (text === null || text === "" ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []));
const plain = (line: string) => line.replace(/\r?\n$/, "");

function placesOf(parts: readonly ArrayChange<string>[]): { removed: number[]; added: number[] } {
  const [removed, added]: [number[], number[]] = [[], []];
  let [atA, atB] = [0, 0];
  for (const { count, added: isAdded, removed: isRemoved } of parts) {
    for (let index = 0; index < count; index++) {
      if (isRemoved) removed.push(atA + index);
      if (isAdded) added.push(atB + index);
    }
    if (!isAdded) atA += count;
    if (!isRemoved) atB += count;
  }
  return { removed, added };
}

/** Too many to compare: lines that the other side has not got as often. */
function byCount(a: readonly string[], b: readonly string[]): { removed: number[]; added: number[] } {
  const missing = (from: readonly string[], others: readonly string[]) => {
    const left = new Map<string, number>();
    for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
    return from.flatMap((line, index) => {
      const count = left.get(line) ?? 0;
      left.set(line, count - 1);
      return count > 0 ? [] : [index];
    });
  };
  return { removed: missing(a, b), added: missing(b, a) };
}

/** Compares two texts line by line. @param before null: there was none @param after null: there is none any more */
export function lineChanges(before: string | null, after: string | null): LineChanges {
  const [a, b] = [linesOf(before), linesOf(after)];
  const parts = diffArrays(a, b, { maxEditLength: a.length === 0 || b.length === 0 ? a.length + b.length : MOST_COMPARED });
  const { removed, added } = parts === undefined ? byCount(a, b) : placesOf(parts);
  const lines = (of: readonly string[]) => (index: number) => ({ line: index + 1, text: plain(of[index] ?? "") });
  return { added: added.map(lines(b)), removed: removed.map(lines(a)), exact: parts !== undefined };
}
