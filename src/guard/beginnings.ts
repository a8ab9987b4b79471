/**
 * Where one of many words may begin, in one pass over a text: three characters are looked up at once, and the fourth with the two before it. A
 * place that is passed over begins none of the words; at the others the exact pattern decides. Letters count without their case.
 */

const PIECE = 3;
const BITS = 5;
const LOW = (1 << BITS) - 1;
const MASK = (1 << (PIECE * BITS)) - 1;
/** Lists that one pass can serve: an entry of the table has three sets of them in sixteen bits. */
const MOST_LISTS = 5;
const LISTS = (1 << MOST_LISTS) - 1;

const LETTERS = 26;
/** Letters of either case have a class each, digits one; other scripts are spread over those of letters. Small tables stay near the processor. */
const classes = new Uint8Array(65_536);
for (let code = 128; code < classes.length; code++) classes[code] = 1 + (code % LETTERS);
for (const [index, chars] of [..."abcdefghijklmnopqrstuvwxyz", "0123456789", "_-", "./ ~"].entries())
  for (const char of chars) for (const one of [char, char.toUpperCase()]) classes[one.charCodeAt(0)] = index + 1;
/** What may be between the name of a field and its value. */
const MARK = 31;
for (const char of "=:>,%：＝→") classes[char.charCodeAt(0)] = MARK;

const LEAST_ROOM = 4_096;
const MOST_ROOM = 1_048_576;

export interface Beginnings {
  /** Where a word of each list may begin, first to last. */
  readonly lists: readonly (readonly number[])[];
  /** Where `=`, `:`, `>`, `,`, `%` and their wide forms are, in the same pass; good until the next text. A tenth of JSON are marks. */
  readonly marks: Uint32Array;
}

const classAt = (word: string, at: number): number => classes[word.charCodeAt(at)] ?? 0;
const keyAt = (word: string, at: number): number =>
  (classAt(word, at) << (2 * BITS)) | (classAt(word, at + 1) << BITS) | classAt(word, at + 2);

/** @param lists words of two characters and more, by list; of longer ones than four the first four count.
 * A word at the very end of a text is passed over: nothing follows it */
export function beginningsOf(lists: readonly (readonly string[])[]): (text: string) => Beginnings {
  if (lists.length > MOST_LISTS) throw new Error(`At most ${MOST_LISTS} lists of beginnings are taken, not ${lists.length}.`);
  // By three characters: lists in which they begin a longer word, are its second to fourth, or are a whole word.
  const table = new Uint16Array(MASK + 1);
  const mark = (key: number, index: number, set: 0 | 1 | 2): void => {
    table[key] = (table[key] ?? 0) | (1 << (index + set * MOST_LISTS));
  };
  for (const [index, words] of lists.entries())
    for (const word of words) {
      if (word.length > PIECE) {
        mark(keyAt(word, 0), index, 0);
        mark(keyAt(word, 1), index, 1);
      } else if (word.length === PIECE) mark(keyAt(word, 0), index, 2);
      else for (let any = 0; any <= LOW; any++) mark((classAt(word, 0) << (2 * BITS)) | (classAt(word, 1) << BITS) | any, index, 2);
    }
  // Kept from text to text, and let go where one was unusually long: marks from the front, and places with their lists.
  let room = new Uint32Array(LEAST_ROOM);
  let hits = new Uint32Array(LEAST_ROOM);
  return (text) => {
    const { length } = text;
    if (room.length < length) room = new Uint32Array(2 * length);
    if (hits.length < 2 * length) hits = new Uint32Array(4 * length);
    const [marks, found] = [room, hits];
    let count = 0;
    let hit = 0;
    let key = 0;
    let before = 0;
    for (let at = 0; at < length; at++) {
      const kind = classes[text.charCodeAt(at)] ?? 0;
      if (kind === MARK) marks[count++] = at;
      key = ((key << BITS) | kind) & MASK;
      const entry = table[key] ?? 0;
      const flags = (before & (entry >> MOST_LISTS)) | ((entry >> (2 * MOST_LISTS)) << MOST_LISTS);
      before = entry & LISTS;
      if (flags !== 0 && at >= PIECE - 1) {
        found[hit++] = at;
        found[hit++] = flags;
      }
    }
    const places: number[][] = lists.map(() => []);
    for (let index = 0; index < hit; index += 2) {
      const at = found[index] ?? 0;
      const flags = found[index + 1] ?? 0;
      for (let list = 0; list < places.length; list++) {
        if ((flags & (1 << list)) !== 0 && at >= PIECE) places[list]?.push(at - PIECE);
        if ((flags & (1 << (list + MOST_LISTS))) !== 0) places[list]?.push(at - PIECE + 1);
      }
    }
    if (length > MOST_ROOM) [room, hits] = [new Uint32Array(LEAST_ROOM), new Uint32Array(LEAST_ROOM)];
    return { lists: places, marks: marks.subarray(0, count) };
  };
}
