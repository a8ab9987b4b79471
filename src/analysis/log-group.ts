import { rowOf } from "./log-row.ts";
import { isMark, joinKinds, scan, TEXT, type Token } from "./log-token.ts";

/** Combinations of kinds that a group's variables may take before they count as free text. */
const SHAPES_OF_A_GROUP = 32;

/** Words of a line whose kinds are kept, and that are tried as names: the rest of a longer one is compared as it is. */
export const WORDS_TRIED = 120;

/** What is kept of one group of lines. */
export interface Group {
  /** Its first line: the template is made from it when it is asked for. */
  readonly line: string;
  /** Kinds that each place took, as far as places are distinguished; 0 where it always was the same word. */
  kinds: Uint8Array;
  /** Hashes of the kinds of the lines that were looked at; null once there were too many. */
  shapes: number[] | null;
}

/** Kinds of `row` by the places of `kept`, where both were cut alike from the beginning or from the end on; free text between. */
function aligned(kept: readonly Token[], row: readonly Token[], kindsOf: (place: number) => number): Uint8Array {
  const shift = row.length - kept.length;
  const least = Math.min(row.length, kept.length);
  let head = 0;
  while (head < least && kept[head]?.text === row[head]?.text) head += 1;
  let tail = 0;
  while (tail < least - head && kept.at(-1 - tail)?.text === row.at(-1 - tail)?.text) tail += 1;
  return Uint8Array.from(kept, ({ text }, place) => {
    if (place < head) return kindsOf(place);
    if (place >= kept.length - tail) return kindsOf(place + shift);
    return isMark(text) ? 0 : TEXT;
  });
}

/** Groups of lines, some of which turn out to be one: a forest in which each number leads to the group that it is now. */
export class Groups {
  readonly parents: number[] = [];
  /** Lines of each number's own. */
  readonly lines: number[] = [];
  private readonly groups: (Group | null)[] = [];
  private readonly rows: (line: string) => readonly Token[];

  /** @param known shapes of words, remembered from line to line */
  constructor(known: Map<string, boolean>) {
    this.rows = (line) => rowOf(scan(line, true, known).tokens ?? []).row;
  }

  add(group: Group): number {
    const id = this.parents.length;
    this.parents.push(id);
    this.lines.push(0);
    this.groups.push(group);
    return id;
  }

  /** The number that a group goes by now. */
  find(id: number): number {
    const { parents } = this;
    let root = id;
    while (parents[root] !== root) root = parents[root] ?? root;
    for (let at = id; parents[at] !== root;) {
      const next = parents[at] ?? root;
      parents[at] = root;
      at = next;
    }
    return root;
  }

  of(id: number): Group | null {
    return this.groups[this.find(id)] ?? null;
  }

  /** The first row of a group. */
  row(id: number): readonly Token[] {
    return this.rows(this.of(id)?.line ?? "");
  }

  /** @returns whether they were two */
  join(left: number, right: number): boolean {
    const a = this.find(left);
    const b = this.find(right);
    if (a === b) return false;
    const [keep, gone] = a < b ? [a, b] : [b, a];
    this.parents[gone] = keep;
    const one = this.groups[keep];
    const other = this.groups[gone];
    this.groups[gone] = null;
    if (one == null || other == null) return true;
    const kinds =
      one.kinds.length === other.kinds.length
        ? other.kinds
        : aligned(this.rows(one.line), this.rows(other.line), (place) => other.kinds[place] ?? TEXT);
    for (let place = 0; place < one.kinds.length; place += 1) one.kinds[place] = joinKinds(one.kinds[place] ?? 0, kinds[place] ?? TEXT);
    return true;
  }

  /** Notes that a place of a row of so many takes many words. Where it took variables all along, their kinds stay. */
  isFreeText(id: number, place: number, length: number): void {
    const group = this.of(id);
    if (group !== null && group.kinds.length === length && group.kinds[place] === 0) group.kinds[place] = TEXT;
  }

  /** Adds the kinds of one more line of a group to those that its variables took. */
  learn(id: number, whole: readonly Token[], shape: number): void {
    const group = this.of(id);
    if (group === null || group.shapes === null) return;
    group.shapes.push(shape);
    const row = whole.slice(0, WORDS_TRIED);
    const isOver = group.shapes.length > SHAPES_OF_A_GROUP;
    if (isOver) group.shapes = null;
    const kindsOf = (place: number) => row[place]?.kinds ?? 0;
    const other =
      row.length === group.kinds.length ? Uint8Array.from(row, ({ kinds }) => kinds) : aligned(this.rows(group.line), row, kindsOf);
    for (let place = 0; place < group.kinds.length; place += 1) {
      const kinds = joinKinds(group.kinds[place] ?? 0, other[place] ?? 0);
      group.kinds[place] = isOver && kinds !== 0 ? TEXT : kinds;
    }
  }
}
