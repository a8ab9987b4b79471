/**
 * Where one of many words may begin, in one pass over a text, two characters at a time: three are looked up at every other place, which are either
 * the first three of a word or its second to fourth; only then the other three are. A place that is passed over begins none of the words; at the
 * others the exact pattern decides.
 */

const PIECE = 3;
const BITS = 6;
const CLASSES = 1 << BITS;
const MASK = (1 << (PIECE * BITS)) - 1;
/** Lists that one pass can serve: an entry of the table has two sets of them in sixteen bits. */
const MOST_LISTS = 8;

/** What may be between the name of a field and its value. */
const MARK = 58;
/** Letters have a class each, upper case its own; other scripts share what is left, so that no word of theirs is looked for in Latin letters. */
const SCRIPTS = 59;
const ASCII = 128;
/** By byte: ASCII, then other scripts and their marks (`byteOf`). */
const classes = new Uint8Array(256);
for (const [index, chars] of [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "_", "-", "./~", " "].entries())
  for (const char of chars) classes[char.charCodeAt(0)] = index + 1;
for (const char of "=:>,%") classes[char.charCodeAt(0)] = MARK;
for (let script = 0; script < CLASSES - SCRIPTS; script++) classes[ASCII + script] = SCRIPTS + script;
const WIDE_MARK = ASCII + CLASSES - SCRIPTS;
classes[WIDE_MARK] = MARK;
/** By two bytes: both classes, and whether the first and the second are marks. */
const PAIR = 2 * BITS;
const [FIRST_IS_MARK, SECOND_IS_MARK] = [1 << PAIR, 2 << PAIR];
const BOTH = FIRST_IS_MARK - 1;
const pairs = new Uint16Array(65_536);
for (let one = 0; one <= WIDE_MARK; one++)
  for (let two = 0; two <= WIDE_MARK; two++) {
    const [a = 0, b = 0] = [classes[one], classes[two]];
    pairs[(one << 8) | two] = (a << BITS) | b | (a === MARK ? FIRST_IS_MARK : 0) | (b === MARK ? SECOND_IS_MARK : 0);
  }
const wideMarks = new Set([..."：＝→"].map((char) => char.charCodeAt(0)));
const byteOf = (code: number): number =>
  code < ASCII ? code : code > 0x2000 && wideMarks.has(code) ? WIDE_MARK : ASCII + (code % (CLASSES - SCRIPTS));

/** Characters that are read at once, an even number. Asking a text for each of its characters takes longer than all that is done with them. */
const CHUNK = 16_384;
/** From so many on the encoder is faster. */
const MANY = 96;
const encoder = new TextEncoder();

/** A byte for each character, and one more. */
function readBytes(text: string, from: number, to: number, bytes: Uint8Array): void {
  const length = to - from;
  if (length >= MANY) {
    const { read, written } = encoder.encodeInto(from === 0 && to === text.length ? text : text.slice(from, to), bytes);
    if (read === length && written === length) {
      bytes[length] = 0;
      return;
    }
  }
  for (let index = 0; index < length; index++) bytes[index] = byteOf(text.charCodeAt(from + index));
  bytes[length] = 0;
}

/** Places kept from text to text; where one had more, the room for them is let go. */
const LEAST_ROOM = 4_096;
const MOST_ROOM = 262_144;

export interface Beginnings {
  /** Where a word of each list may begin, first to last. */
  readonly lists: readonly (readonly number[])[];
  /** Where `=`, `:`, `>`, `,`, `%` and their wide forms are, in the same pass; good until the next text. A tenth of JSON are marks. */
  readonly marks: Uint32Array;
}

/** Words to look for, of two characters and more; of longer ones than four the first four count. */
export interface WordList {
  readonly words: readonly string[];
  /** Whether letters count in their case alone, as those beyond ASCII always do. */
  readonly exact?: true;
}

/** The classes that a character of a word may have; behind the word's end any. */
function classesAt(word: string, at: number, isExact: boolean): readonly number[] {
  const char = word.charAt(at);
  if (char === "") return ANY;
  const spelled = isExact || char.charCodeAt(0) >= ASCII ? [char] : [char, char.toLowerCase(), char.toUpperCase()];
  return [...new Set(spelled.map((one) => classes[byteOf(one.charCodeAt(0))] ?? 0))];
}
const ANY = Array.from({ length: CLASSES }, (_, kind) => kind);

/** Marks three characters, of which each may be one of some classes. */
function markPiece(table: Uint16Array, piece: readonly (readonly number[])[], bit: number): void {
  const [first = [], second = [], third = []] = piece;
  for (const a of first)
    for (const b of second)
      for (const c of third) {
        const key = (((a << BITS) | b) << BITS) | c;
        table[key] = (table[key] ?? 0) | bit;
      }
}

const NOWHERE: readonly number[] = [];
const NO_MARKS = new Uint32Array(0);

/** @returns what finds them; a word with less than four characters up to the end of the text is passed over: too little follows it */
export function beginningsOf(lists: readonly WordList[]): (text: string) => Beginnings {
  if (lists.length > MOST_LISTS) throw new Error(`At most ${MOST_LISTS} lists of beginnings are taken, not ${lists.length}.`);
  // By three characters: lists in which they begin a word, and those in which they are its second to fourth.
  const table = new Uint16Array(MASK + 1);
  for (const [index, { words, exact = false }] of lists.entries())
    for (const start of new Set(words.map((word) => word.slice(0, PIECE + 1)))) {
      const spelled = [0, 1, 2, 3].map((at) => classesAt(start, at, exact));
      markPiece(table, spelled.slice(0, PIECE), 1 << index);
      markPiece(table, spelled.slice(1), 1 << (index + MOST_LISTS));
    }
  const none = lists.map(() => NOWHERE);
  const bytes = new Uint8Array(CHUNK + 1);
  let marks = new Uint32Array(LEAST_ROOM);
  let found = new Uint32Array(LEAST_ROOM);
  return (text) => {
    if (marks.length > MOST_ROOM) marks = new Uint32Array(LEAST_ROOM);
    if (found.length > MOST_ROOM) found = new Uint32Array(LEAST_ROOM);
    const { length } = text;
    let count = 0;
    let hit = 0;
    // The two pairs of characters before.
    let earlier = 0;
    let before = 0;
    for (let from = 0; from < length; from += CHUNK) {
      const size = Math.min(CHUNK, length - from);
      readBytes(text, from, from + size, bytes);
      for (let index = 0; index < size; index += 2) {
        const pair = pairs[((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)] ?? 0;
        if (pair > BOTH) {
          if (count + 2 > marks.length) marks = withRoom(marks);
          if ((pair & FIRST_IS_MARK) !== 0) marks[count++] = from + index;
          if ((pair & SECOND_IS_MARK) !== 0) marks[count++] = from + index + 1;
        }
        const now = pair & BOTH;
        const entry = table[(before << BITS) | (now >> BITS)] ?? 0;
        if (entry !== 0) {
          const seconds = (entry >> MOST_LISTS) & (table[((earlier << PAIR) | before) & MASK] ?? 0);
          const firsts = entry & ((table[((before << PAIR) | now) & MASK] ?? 0) >> MOST_LISTS);
          if (hit + 4 > found.length) found = withRoom(found);
          if (seconds !== 0 && from + index >= PIECE) {
            found[hit++] = from + index - PIECE;
            found[hit++] = seconds;
          }
          if (firsts !== 0 && from + index >= 2) {
            found[hit++] = from + index - 2;
            found[hit++] = firsts;
          }
        }
        earlier = before;
        before = now;
      }
    }
    return { lists: hit === 0 ? none : byList(found, hit, lists.length), marks: count === 0 ? NO_MARKS : marks.subarray(0, count) };
  };
}

function withRoom(places: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(2 * places.length);
  more.set(places);
  return more;
}

/** @param found places, each with its lists as bits behind it */
function byList(found: Uint32Array, length: number, lists: number): readonly (readonly number[])[] {
  const places: number[][] = Array.from({ length: lists }, () => []);
  for (let index = 0; index < length; index += 2) {
    const at = found[index] ?? 0;
    const flags = found[index + 1] ?? 0;
    for (let list = 0; list < lists; list++) if ((flags & (1 << list)) !== 0) places[list]?.push(at);
  }
  return places;
}
