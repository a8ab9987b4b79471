import { type Groups, WORDS_TRIED } from "./log-group.ts";
import {
  hashOfRow,
  isMark,
  isWord,
  ONE_OF_VARIABLE,
  packed,
  spread,
  TEXT,
  type Token,
  TWO_OF_VARIABLE,
  VALUE,
  VARIABLE,
  variableToken,
} from "./log-token.ts";
import { NumberTable } from "./number-table.ts";

/** Rows with one word left out that are remembered to find names; beyond that only those that are known by then find more. 16 MB. */
const KEY_LIMIT = 500_000;
/** Variables that one row may turn out to have besides those that are known by their form. */
const DEPTH = 3;
/** Places that wait for a decision until all lines are read; beyond that they are variables. */
const UNDECIDED_LIMIT = 20_000;
/** Rows with variables found, of one length, that others are compared with. */
const FOUND_LIMIT = 500;

/**
 * Distinct words in one place, all else being equal, from which on it may be a variable: states of a thing come in twos and threes. The fewer
 * words are around it, the less they say that it is one statement; and the first word is rarely an argument.
 */
const leastWords = (around: number, isFirst: boolean): number => {
  if (around === 0) return Infinity;
  return around === 1 ? (isFirst ? 24 : 8) : around === 2 && isFirst ? 12 : 4;
};
/** The same in a place that sometimes holds a number or an id, these counted as one word. */
const leastBesideNumber = (around: number, isFirst: boolean): number => (around >= (isFirst ? 3 : 2) ? 2 : leastWords(around, isFirst));
/** Times that number from which on it is a variable, however often each word came. */
const CERTAIN = 2;

/** Words remembered as values of variables. */
const VALUES_LIMIT = 100_000;

/** A base of each of the two hashes of a row, which are polynomials over its places. */
const BASE_ONE = 0x9e3779b1 | 0;
const BASE_TWO = 0x85ebca77 | 0;
const ONES = new Int32Array(WORDS_TRIED + 1).fill(1);
const TWOS = new Int32Array(WORDS_TRIED + 1).fill(1);
for (let power = 1; power <= WORDS_TRIED; power += 1) {
  ONES[power] = Math.imul(ONES[power - 1] ?? 1, BASE_ONE);
  TWOS[power] = Math.imul(TWOS[power - 1] ?? 1, BASE_TWO);
}

/** Names are put together, as `fraud-check`, `user.dir` and `UserCache` are; states of a thing are plain words. */
const isName = (text: string): boolean => /[-.@~]|[a-z][A-Z]/.test(text.slice(0, 64));
/** Hash of one word in a column, odd for a name: with the number of a group below 32,768 it makes one exact number. */
const wordHash = ({ one, two, text }: Pick<Token, "one" | "two" | "text">): number =>
  ((one >>> 0) * 32 + (two >>> 27)) * 2 + (isName(text) ? 1 : 0);
const WORD_HASHES = 2 ** 38;
const WORD_OF_VARIABLE = wordHash({ one: ONE_OF_VARIABLE, two: TWO_OF_VARIABLE, text: VARIABLE });

/** What stood in one place of rows that are alike otherwise, and the groups of these rows. */
interface Column {
  readonly words: number[];
  readonly members: number[];
  distinct: number;
  isVariable: boolean;
}

/** A place in a row of some length, which is one variable in `general`, from `start` on. */
interface Place {
  readonly general: readonly Token[];
  readonly start: number;
  readonly place: number;
  readonly length: number;
  readonly level: number;
}

/** The tokens that a word would take with it if it were a variable: the marks behind it, and what varies too beyond a mark. */
function spanOf(row: readonly Token[], place: number): { start: number; end: number } {
  const before = row[place - 1];
  const isList = before?.text === VARIABLE && /[^\s)\]}>]$/.test(before.tail);
  let end = place + 1;
  while (end < row.length && isMark(row[end]?.text ?? "")) end += 1;
  // A word beside a variable without a mark between them may be a word that other lines leave out.
  const isFollowed = end > place + 1 && row[end]?.text === VARIABLE;
  return { start: isList ? place - 1 : place, end: isFollowed ? end + 1 : end };
}

/** A hash of the two tokens before a place; null where no word is among them. */
const contextOf = (first: Token | undefined, second: Token | undefined): number | null =>
  second !== undefined && (isWord(second.text) || (isMark(second.text) && isWord(first?.text ?? "")))
    ? packed(spread(second.one + Math.imul(first?.one ?? 0, 31)), spread(second.two + Math.imul(first?.two ?? 0, 31)))
    : null;

/** Rows by the hash of all their words but one; joins what a variable word kept apart. */
export class Columns {
  /** By the row's hash: of one that came once, its group and the word left out as one number; of others, what leads to their column. */
  private readonly keys = new NumberTable();
  /** What stood in the places left out. */
  private readonly columns: Column[] = [];
  private readonly undecided = new Map<Column, Place>();
  /** Rows in which a variable was found, by their length. */
  private readonly found = new Map<number, { readonly row: readonly Token[]; readonly id: number }[]>();
  /** Words that were values of variables, by the two tokens before them. */
  private readonly values = new Map<number, Set<number>>();
  private valueCount = 0;
  private readonly groups: Groups;

  constructor(groups: Groups) {
    this.groups = groups;
  }

  /** Files a row under each of its words left out. @param level variables found in it before */
  file(row: readonly Token[], id: number, level = 0): void {
    const { length } = row;
    if (length > WORDS_TRIED) return;
    const ones = new Int32Array(length + 1);
    const twos = new Int32Array(length + 1);
    let words = 0;
    for (const [place, { text, one, two }] of row.entries()) {
      if (isWord(text)) words += 1;
      ones[place + 1] = (Math.imul(ones[place] ?? 0, BASE_ONE) + one) | 0;
      twos[place + 1] = (Math.imul(twos[place] ?? 0, BASE_TWO) + two) | 0;
    }
    /** The hash of the row with one variable from `start` to `end`. */
    const without = (hashes: Int32Array, powers: Int32Array, base: number, variable: number, start: number, end: number): number => {
      const rest = (hashes[length] ?? 0) - Math.imul(hashes[end] ?? 0, powers[length - end] ?? 0);
      return (Math.imul((Math.imul(hashes[start] ?? 0, base) + variable) | 0, powers[length - end] ?? 0) + rest) | 0;
    };
    for (const [place, token] of row.entries()) {
      const { text, spaced } = token;
      const isVariable = text === VARIABLE;
      if (isMark(text)) continue;
      const around = words - (isWord(text) ? 1 : 0);
      const least = leastWords(around, place === 0);
      if (least === Infinity) continue;
      const { start, end } = isVariable ? { start: place, end: place + 1 } : spanOf(row, place);
      const key = packed(
        spread(without(ones, ONES, BASE_ONE, ONE_OF_VARIABLE, start, end)),
        spread(without(twos, TWOS, BASE_TWO, TWO_OF_VARIABLE, start, end)),
      );
      const word = text === VALUE ? WORD_OF_VARIABLE : wordHash(token);
      const column = this.columnOf(key, word, id);
      if (column === null) continue;
      if (column.isVariable) {
        this.groups.join(column.members[0] ?? id, id);
        this.learnValues(row, start, [word]);
        continue;
      }
      note(column, word, id);
      const beside = column.words.includes(WORD_OF_VARIABLE) ? leastBesideNumber(around, place === 0) : CERTAIN * least;
      if (column.distinct < Math.min(least, beside)) continue;
      const general = [...row.slice(0, start), variableToken(row[start]?.spaced ?? spaced, TEXT), ...row.slice(end)];
      const where = { general, start, place, length, level };
      if (column.distinct >= beside || this.undecided.size >= UNDECIDED_LIMIT) this.generalise(column, where);
      else this.undecided.set(column, where);
    }
  }

  /** Decides what waits for the counts of all lines. @returns whether groups were joined */
  settle(): boolean {
    const totals = new Float64Array(this.groups.parents.length);
    for (const [id, lines] of this.groups.lines.entries()) {
      const root = this.groups.find(id);
      totals[root] = (totals[root] ?? 0) + lines;
    }
    const open = [...this.undecided].filter(([column, { level }]) => this.isOpen(column, level, totals));
    for (const [column, where] of open) if (!column.isVariable) this.generalise(column, where);
    const isAbsorbed = this.absorb();
    return open.length > 0 || isAbsorbed;
  }

  /** A closed set of states has no names, and its members come about equally often: none once, or less than half of its share. */
  private isOpen({ words, members }: Column, level: number, totals: Float64Array): boolean {
    if (words.some((word) => word % 2 === 1)) return true;
    const counts = new Map<number, number>();
    let all = 0;
    for (const [index, word] of words.entries()) {
      const member = members[index] ?? 0;
      const lines = level === 0 ? (this.groups.lines[member] ?? 0) : (totals[this.groups.find(member)] ?? 0);
      counts.set(word, (counts.get(word) ?? 0) + lines);
      all += lines;
    }
    return Math.min(...counts.values()) <= Math.max(1, all / counts.size / 2);
  }

  /** Takes a place as a variable. */
  private generalise(column: Column, { general, start, place, length, level }: Place): void {
    this.undecided.delete(column);
    column.isVariable = true;
    const [id = 0] = column.members;
    for (const member of column.members) this.groups.isFreeText(member, place, length);
    for (const member of column.members) this.groups.join(id, member);
    this.learnValues(general, start, column.words);
    column.members.length = 1;
    column.words.length = 0;
    const found = this.found.get(general.length);
    if (found === undefined) this.found.set(general.length, [{ row: general, id }]);
    else if (found.length < FOUND_LIMIT) found.push({ row: general, id });
    if (level < DEPTH) this.file(general, id, level + 1);
  }

  /** Notes what a variable was after the two tokens before it. */
  private learnValues(row: readonly Token[], start: number, words: readonly number[]): void {
    const context = contextOf(row[start - 2], row[start - 1]);
    if (context === null) return;
    let values = this.values.get(context);
    if (values === undefined) this.values.set(context, (values = new Set()));
    for (const word of words) {
      if (this.valueCount >= VALUES_LIMIT) return;
      if (word === WORD_OF_VARIABLE || values.has(word)) continue;
      values.add(word);
      this.valueCount += 1;
    }
  }

  /** A row with variables for the words that are known as values after the same two tokens; null where there are none. */
  private masked(row: readonly Token[]): readonly Token[] | null {
    const out: Token[] = [];
    let isMasked = false;
    for (let place = 0; place < row.length;) {
      const token = row[place];
      if (token === undefined) break;
      const context = isWord(token.text) ? contextOf(out.at(-2), out.at(-1)) : null;
      if (context === null || this.values.get(context)?.has(wordHash(token)) !== true) {
        out.push(token);
        place += 1;
        continue;
      }
      const { start, end } = spanOf(row, place);
      if (start === place || out.at(-1)?.text !== VARIABLE) out.push(variableToken(token.spaced, TEXT));
      isMasked = true;
      place = end;
    }
    return isMasked ? out : null;
  }

  /**
   * Joins rows that fit one in which variables were found in all their words, and rows that are alike but for words that are values elsewhere. Where
   * a row differs from one with variables in one more word, it is filed with these: where two vary at once, hardly ever one of them alone does.
   */
  private absorb(): boolean {
    const { groups } = this;
    if (this.found.size === 0) return false;
    const alike: [number, number][] = [];
    const toFile: [readonly Token[], number][] = [];
    const byRow = new Map<number, number>();
    for (let id = 0; id < groups.parents.length; id += 1) {
      if (groups.parents[id] !== id) continue;
      const row = groups.row(id);
      if (row.length > WORDS_TRIED) continue;
      const masked = this.masked(row);
      if (masked !== null) {
        const hash = hashOfRow(masked);
        const other = byRow.get(hash);
        if (other === undefined) byRow.set(hash, id);
        else alike.push([other, id]);
        toFile.push([masked, id]);
      }
      for (const { row: general, id: other } of this.found.get(row.length) ?? []) {
        if (groups.find(other) === id) continue;
        const apart = differences(general, row);
        if (apart === 0) alike.push([other, id]);
        else if (apart === 1) toFile.push([general.map((token, place) => (token.text === VARIABLE ? token : (row[place] ?? token))), id]);
      }
    }
    for (const [row, id] of toFile) this.file(row, id, 1);
    let isJoined = false;
    for (const [id, other] of alike) isJoined = groups.join(id, other) || isJoined;
    return isJoined;
  }

  /** The column of a key; null where this is its first row, which is remembered. */
  private columnOf(key: number, word: number, id: number): Column | null {
    const known = this.keys.get(key);
    if (known === undefined) {
      if (this.keys.size < KEY_LIMIT) this.keys.set(key, id * WORD_HASHES + word);
      return null;
    }
    // Columns go by negative numbers.
    if (known < 0) return this.columns[-1 - known] ?? null;
    const column = { words: [known % WORD_HASHES], members: [Math.floor(known / WORD_HASHES)], distinct: 1, isVariable: false };
    this.columns.push(column);
    this.keys.set(key, -this.columns.length);
    return column;
  }
}

function note(column: Column, word: number, id: number): void {
  const { words, members } = column;
  if (!words.includes(word)) column.distinct += 1;
  else if (words.some((one, index) => one === word && members[index] === id)) return;
  words.push(word);
  members.push(id);
}

/** Words in which a row differs from one with variables, up to two; two as well where it has marks in their place. */
function differences(general: readonly Token[], row: readonly Token[]): number {
  let apart = 0;
  for (const [place, { text }] of general.entries()) {
    const other = row[place]?.text ?? "";
    if (text === other) continue;
    if (text === VARIABLE ? isWord(other) : false) continue;
    if (!isWord(text) || !isWord(other)) return 2;
    apart += 1;
    if (apart > 1) return 2;
  }
  return apart;
}
