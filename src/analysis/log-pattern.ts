import {
  isWord,
  joinKinds,
  ONE_OF_VARIABLE,
  packed,
  rowOf,
  scan,
  show,
  TEXT,
  type Token,
  TWO_OF_VARIABLE,
  VALUE,
  VARIABLE,
  variableToken,
} from "./log-token.ts";

/** Groups log lines that come from one statement. */
export interface PatternMiner {
  /** Number of the line's group; groups may be joined later, see {@link PatternMiner.resolve}. */
  add(line: string): number;
  /** The group that a number stands for now. */
  resolve(id: number): number;
  /**
   * The group's template. A variable that was always one kind of thing has its name (`<number>`, `<ip>`, `<id>`, `<path>`); `<*>` is free text:
   * anyone who sends requests may have written it.
   */
  template(id: number): string;
  /** Groups so far, before joining. At most {@link PATTERN_LIMIT} and the one for all that is beyond it. */
  size(): number;
}

/** Distinct words in one place, all else being equal, from which on the place is a variable: three states of a thing are common, more are rare. */
const WORDS_OF_A_VARIABLE = 4;
/** The same where the place holds numbers or ids as well, these counted as one. */
const WORDS_BESIDE_A_NUMBER = 3;
/** The same for values after `=` and in quotes, which are variables to begin with. */
const VALUES_OF_A_VARIABLE = 4;
/** Patterns kept apart. Beyond that, new ones are grouped by their beginning, and all whose beginning is new too are one. */
export const PATTERN_LIMIT = 20_000;
/** Rows with one word left out that are remembered to find names; beyond that only those that are known by then find more. About 40 MB. */
const KEY_LIMIT = 500_000;
/** Words of a line that are tried as names: the rest of a longer one is compared as it is. */
const WORDS_TRIED = 120;
/** Signatures remembered; what comes later is looked up by its words each time. */
const SIGNATURE_LIMIT = 200_000;
/** Combinations of kinds that a group's variables may take before they count as free text. */
const SHAPES_OF_A_GROUP = 32;
/** Characters of a template. */
const TEMPLATE_LIMIT = 1000;
/** Words besides the one in question that a line must have for that one to be a name. */
const WORDS_THAT_TELL = 3;

/** Powers of two odd numbers, so that the hash of a row is a sum over its places and that of the row without one of them a subtraction. */
const ONES = new Int32Array(WORDS_TRIED);
const TWOS = new Int32Array(WORDS_TRIED);
for (let place = 0, one = 1, two = 1; place < WORDS_TRIED; place += 1) {
  one = Math.imul(one, 0x9e3779b1);
  two = Math.imul(two, 0x85ebca77);
  ONES[place] = one;
  TWOS[place] = two;
}

/** Of the first `count` tokens, in their order. */
function hashOfRow(row: readonly Token[], count = row.length): number {
  let one = count;
  let two = ~count;
  for (let place = 0; place < count; place += 1) {
    one = Math.imul(one ^ (row[place]?.one ?? 0), 0x01000193);
    two = Math.imul(two + (row[place]?.two ?? 0), 0xc2b2ae35) ^ (two >>> 15);
  }
  return packed(one, two);
}

/** Hash of one word in a column: with the number of a group below 32,768 it makes one exact number. */
const wordHash = (one: number, two: number): number => (one >>> 0) * 32 + (two >>> 27);
const WORD_HASHES = 2 ** 37;
const WORD_OF_VARIABLE = wordHash(ONE_OF_VARIABLE, TWO_OF_VARIABLE);

/** Rows that differ in one place, or in their values: hashes of what stood there, and the groups. */
interface Column {
  readonly words: number[];
  readonly members: number[];
}

const note = ({ words, members }: Column, word: number, id: number): void => {
  if (!words.includes(word)) words.push(word);
  members.push(id);
};

/** A place that sometimes holds a number or an id is a variable already with fewer words. */
const isFull = ({ words }: Column): boolean =>
  words.length >= (words.includes(WORD_OF_VARIABLE) ? WORDS_BESIDE_A_NUMBER : WORDS_OF_A_VARIABLE);

/** What is kept of one group. */
interface Group {
  /** Its first line: the template is made from it when it is asked for. */
  readonly line: string;
  /** Kinds that each place took, as far as places are distinguished; 0 where it always was the same word. */
  kinds: Uint8Array;
  /** Hashes of the kinds of the lines that were looked at; null once there were too many. */
  shapes: number[] | null;
}

/** Groups of lines, some of which turn out to be one: a forest in which each number leads to the group that it is now. */
class Groups {
  readonly parents: number[] = [];
  private readonly groups: (Group | null)[] = [];

  add(group: Group): number {
    const id = this.parents.length;
    this.parents.push(id);
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

  join(left: number, right: number): void {
    const a = this.find(left);
    const b = this.find(right);
    if (a === b) return;
    const [keep, gone] = a < b ? [a, b] : [b, a];
    this.parents[gone] = keep;
    const one = this.groups[keep];
    const other = this.groups[gone];
    this.groups[gone] = null;
    if (one == null || other == null) return;
    for (let place = 0; place < one.kinds.length; place += 1) one.kinds[place] = joinKinds(one.kinds[place] ?? 0, other.kinds[place] ?? 0);
  }

  joinAll(column: Column): void {
    for (const member of column.members) this.join(column.members[0] ?? member, member);
    column.members.length = 1;
  }

  /** Notes that a place takes many words. Where it took variables all along, their kinds stay. */
  isFreeText(id: number, place: number): void {
    const group = this.of(id);
    if (group !== null && group.kinds[place] === 0) group.kinds[place] = TEXT;
  }
}

/** Adds the kinds of one more line of a group to those that its variables took. */
function learn(group: Group | null, row: readonly Token[], shape: number): void {
  if (group === null || group.shapes === null) return;
  group.shapes.push(shape);
  const isOver = group.shapes.length > SHAPES_OF_A_GROUP;
  if (isOver) group.shapes = null;
  for (let place = 0; place < group.kinds.length; place += 1) {
    const kinds = joinKinds(group.kinds[place] ?? 0, row[place]?.kinds ?? 0);
    group.kinds[place] = isOver && kinds !== 0 ? TEXT : kinds;
  }
}

function templateOf({ line, kinds }: Group, known: Map<string, boolean>): string {
  const { row } = rowOf(scan(line, true, known).tokens ?? []);
  let text = "";
  for (const [place, token] of row.entries()) {
    if (text.length > TEMPLATE_LIMIT) break;
    const otherwise = token.text === VARIABLE || token.text === VALUE ? TEXT : 0;
    text += show(token, kinds[place] ?? otherwise, place > 0);
  }
  return text;
}

/** Rows by the hash of all their words but one; joins what a variable word kept apart. */
class Columns {
  /** What stood in the place left out. Of a row that came once, its group and the word as one number. */
  private readonly columns = new Map<number, Column | number>();
  private readonly groups: Groups;

  constructor(groups: Groups) {
    this.groups = groups;
  }

  /** Files a row under each of its words left out. */
  file(row: readonly Token[], id: number, level: number): void {
    if (row.length > WORDS_TRIED) return;
    let constant = 0;
    let allOne = row.length;
    let allTwo = ~row.length;
    for (const [place, { text, one, two }] of row.entries()) {
      if (isWord(text)) constant += 1;
      allOne = (allOne + Math.imul(one, ONES[place] ?? 0)) | 0;
      allTwo = (allTwo + Math.imul(two, TWOS[place] ?? 0)) | 0;
    }
    for (const [place, { text, one, two, spaced }] of row.entries()) {
      const isVariable = text === VARIABLE;
      if (!isVariable && !isWord(text)) continue;
      // In two or three words each one says what happened; only in longer lines is one of them a name.
      if (constant - (isVariable ? 0 : 1) < WORDS_THAT_TELL) continue;
      const key = packed(
        (allOne + Math.imul(ONE_OF_VARIABLE - one, ONES[place] ?? 0)) | 0,
        (allTwo + Math.imul(TWO_OF_VARIABLE - two, TWOS[place] ?? 0)) | 0,
      );
      const column = this.columnOf(key, wordHash(one, two), id);
      if (column === null) continue;
      if (isFull(column)) {
        const [first] = column.members;
        if (first !== undefined) this.groups.join(first, id);
        continue;
      }
      note(column, wordHash(one, two), id);
      if (!isFull(column)) continue;
      this.groups.joinAll(column);
      this.groups.isFreeText(id, place);
      if (level < 3 && !isVariable) this.file(row.with(place, variableToken(spaced, TEXT)), id, level + 1);
    }
  }

  /** The column of a key; null where this is its first row, which is remembered. */
  private columnOf(key: number, word: number, id: number): Column | null {
    const known = this.columns.get(key);
    if (known === undefined) {
      if (this.columns.size < KEY_LIMIT) this.columns.set(key, id * WORD_HASHES + word);
      return null;
    }
    if (typeof known !== "number") return known;
    const column = { words: [known % WORD_HASHES], members: [Math.floor(known / WORD_HASHES)] };
    this.columns.set(key, column);
    return column;
  }
}

/**
 * A miner with one fixed setting for all systems.
 *
 * Each line is cut into words and variables in one pass (numbers, ids, addresses, paths, hosts and dates are variables by their shape) and hashed;
 * only a signature that was never seen, or one whose variables are of another kind, is looked at closer. Signatures that differ in one word are
 * joined once that word took {@link WORDS_OF_A_VARIABLE} values, those that differ in values after `=` or in quotes once these took
 * {@link VALUES_OF_A_VARIABLE}.
 *
 * Memory is bounded whatever the lines are: groups, keys and signatures have their limits, and a group holds one line and a byte a word.
 */
export const createPatternMiner = (): PatternMiner => new Miner();

class Miner implements PatternMiner {
  private readonly groups = new Groups();
  private readonly columns = new Columns(this.groups);
  private readonly bySignature = new Map<number, number>();
  /** By the hash of a row without its values. */
  private readonly families = new Map<number, Column>();
  private readonly byBeginning = new Map<number, number>();
  private readonly known = new Map<string, boolean>();
  private readonly templates = new Map<number, string>();

  add(line: string): number {
    const { hash, kinds } = scan(line, false, this.known);
    const id = this.bySignature.get(hash);
    if (id === undefined) {
      const admitted = this.admit(line);
      if (this.bySignature.size < SIGNATURE_LIMIT) this.bySignature.set(hash, admitted);
      this.templates.clear();
      return admitted;
    }
    const group = this.groups.of(id);
    if (group !== null && group.shapes !== null && !group.shapes.includes(kinds)) {
      learn(group, rowOf(scan(line, true, this.known).tokens ?? []).row, kinds);
      this.templates.clear();
    }
    return id;
  }

  resolve(id: number): number {
    return id >= 0 && id < this.size() ? this.groups.find(id) : id;
  }

  template(id: number): string {
    const root = this.resolve(id);
    let text = this.templates.get(root);
    if (text === undefined) {
      const group = root >= 0 && root < this.size() ? this.groups.of(root) : null;
      text = group === null ? "" : root === PATTERN_LIMIT ? "<*>" : templateOf(group, this.known);
      this.templates.set(root, text);
    }
    return text;
  }

  size(): number {
    return this.groups.parents.length;
  }

  /** The group of a line whose signature is new. */
  private admit(line: string): number {
    const { tokens, kinds: shape } = scan(line, true, this.known);
    const { row, hasValues } = rowOf(tokens ?? []);
    let family: Column | undefined;
    if (hasValues) {
      const key = hashOfRow(row);
      family = this.families.get(key);
      const [first] = family?.members ?? [];
      if (family !== undefined && first !== undefined && family.words.length >= VALUES_OF_A_VARIABLE) {
        learn(this.groups.of(first), row, shape);
        return first;
      }
      if (family === undefined && this.size() < PATTERN_LIMIT) this.families.set(key, (family = { words: [], members: [] }));
    }
    const beginning = hashOfRow(tokens ?? [], 3);
    if (this.size() >= PATTERN_LIMIT) return this.overflow(beginning);
    const id = this.groups.add({ line, kinds: Uint8Array.from(row.slice(0, WORDS_TRIED), ({ kinds }) => kinds), shapes: [shape] });
    this.byBeginning.set(beginning, id);
    if (family !== undefined) {
      note(family, hashOfRow(tokens ?? []), id);
      if (family.words.length >= VALUES_OF_A_VARIABLE) {
        this.groups.joinAll(family);
        for (const [place, { text }] of row.entries()) if (text === VALUE) this.groups.isFreeText(id, place);
      }
    }
    this.columns.file(row, id, 0);
    return id;
  }

  /** Beyond the limit: the group of the same beginning, or the one for all others. Nothing is known of what varies in it. */
  private overflow(beginning: number): number {
    const same = this.byBeginning.get(beginning) ?? PATTERN_LIMIT;
    if (this.size() === PATTERN_LIMIT && same === PATTERN_LIMIT) this.groups.add({ line: "", kinds: new Uint8Array(0), shapes: null });
    const group = this.groups.of(same);
    if (group !== null && group.shapes !== null) {
      group.shapes = null;
      group.kinds = group.kinds.map((kinds) => (kinds === 0 ? 0 : TEXT));
    }
    return same;
  }
}
