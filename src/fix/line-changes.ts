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

/** Which lines of `a` are removed and which of `b` added, by the shortest way from one to the other; null beyond `most` steps. */
function shortest(a: readonly string[], b: readonly string[], most: number): { removed: number[]; added: number[] } | null {
  // Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): furthest[k] is how far a is read on diagonal k.
  const furthest = new Map<number, number>([[1, 0]]);
  const steps: Map<number, number>[] = [];
  for (let depth = 0; depth <= Math.min(most, a.length + b.length); depth++) {
    steps.push(new Map(furthest));
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace(steps, a.length, b.length);
    }
  }
  return null;
}

function trace(steps: readonly ReadonlyMap<number, number>[], endA: number, endB: number): { removed: number[]; added: number[] } {
  const removed: number[] = [];
  const added: number[] = [];
  let [x, y] = [endA, endB];
  for (let depth = steps.length - 1; depth > 0; depth--) {
    const furthest = steps[depth] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const before = down ? k + 1 : k - 1;
    x = furthest.get(before) ?? 0;
    y = x - before;
    if (down) added.push(y);
    else removed.push(x);
  }
  return { removed: removed.toReversed(), added: added.toReversed() };
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
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [innerA, innerB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  // With nothing on one side there is one way only, however long.
  const found =
    innerA.length === 0 || innerB.length === 0
      ? { removed: [...innerA.keys()], added: [...innerB.keys()] }
      : shortest(innerA, innerB, MOST_COMPARED);
  const { removed, added } = found ?? byCount(innerA, innerB);
  const told = (lines: readonly string[]) => (index: number) => ({ line: start + index + 1, text: plain(lines[index] ?? "") });
  return { added: added.map(told(innerB)), removed: removed.map(told(innerA)), exact: found !== null };
}
