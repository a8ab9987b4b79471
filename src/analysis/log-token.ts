/** A log line cut into words and variables, whatever statement it comes from. */

/** Characters of a line that are read; the rest of a huge line counts as one variable. */
const LINE_LIMIT = 4096;
/** Words whose shape is remembered. */
const KNOWN_WORDS = 20_000;
export const VARIABLE = "\u0000";
export const VALUE = "\u0001";

/** Classes of characters: 0 letter, 1 digit, 2 white space, 3 opening bracket, 4 closing bracket, 5 punctuation, 6 joins words (`.`, `-`, `/`, …). */
const CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z_$]/.test(char)) CLASS[code] = 0;
  else if (/[0-9]/.test(char)) CLASS[code] = 1;
  else if (code <= 32 || code === 127) CLASS[code] = 2;
  else if (/[([{<]/.test(char)) CLASS[code] = 3;
  else if (/[)\]}>]/.test(char)) CLASS[code] = 4;
  else if (/[./\\@~%+#*-]/.test(char)) CLASS[code] = 6;
  else CLASS[code] = 5;
}

const CALENDAR = new Set("Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" "));
/** Units that follow a number and change with its size. */
const UNITS = new Set(["B", "KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "ms", "us", "ns", "s", "sec", "secs", "min", "mins"]);
/** Host names as logs write them: lower case labels, the last one a common top-level domain or a cluster's own. */
const HOST = /^[a-z][a-z_-]*(\.[a-z_-]+)*\.([a-z]{2}|com|net|org|edu|gov|mil|int|info|biz|arpa|local|lan|internal|cluster|svc|test)$/;
/** First labels of names that are put together the other way round (packages, intents). */
const REVERSED = /^(com|org|net|edu|gov|io|java|javax|android|sun|scala|kotlin)\./;
const HEX_ID = /^[0-9a-fA-F-]+$/;
const HEX = /^[0-9a-fA-F]{8,}$/;

/** Whether a word without digits is a variable by its shape. */
function isVariableWord(word: string, slashes: number): boolean {
  if (slashes > 0 && word.length > 1 && (word.charCodeAt(0) === 47 || slashes > 1 || word.includes("."))) return true;
  if (word.length === 3 && CALENDAR.has(word)) return true;
  if (word.length >= 8 && HEX.test(word)) return true;
  if (word.includes("@") && /^[\w.+-]+@[\w-]+/.test(word)) return true;
  return word.includes(".") && HOST.test(word) && !REVERSED.test(word);
}

/** Kinds of values in a variable's place, as bits: a place may have had several. */
const NUMBER = 1;
const IP = 2;
const ID = 4;
const PATH = 8;
export const TEXT = 16;

/** The name of a variable that took these kinds: that of the one which says least. */
const variableName = (kinds: number): string =>
  kinds & TEXT ? "<*>" : kinds & PATH ? "<path>" : kinds & ID ? "<id>" : kinds & IP ? "<ip>" : kinds & NUMBER ? "<number>" : "<*>";

/** The kind of a word with digits, from how many of its characters are what. Two letters are a unit or the like; nobody says anything with them. */
function kindOfWord(line: string, start: number, end: number, digits: number, joints: number, dots: number, slashes: number): number {
  const length = end - start;
  if (slashes > 0) return PATH;
  const letters = length - digits - joints;
  if (letters === 0 && dots === 3 && joints === 3 && digits <= 12) return IP;
  if (letters <= 2) return NUMBER;
  // Ids have digits all over; `user-chosen-name-1` has not.
  if (length > 64) return TEXT;
  return digits * 3 >= length - joints || (length >= 8 && HEX_ID.test(line.slice(start, end))) ? ID : TEXT;
}

/** Spreads a hash over all its bits. */
export const spread = (hash: number): number => {
  const half = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return Math.imul(half ^ (half >>> 15), 0x846ca68b) ^ (half >>> 16);
};

export interface Token {
  readonly text: string;
  /** Two hashes of the text. */
  readonly one: number;
  readonly two: number;
  /** White space stood before it. */
  readonly spaced: boolean;
  /** Of a variable, its kinds; of a value, those of all variables in it, and 0 where a word is among them. */
  kinds: number;
  /** As the line has it, if it is no variable. */
  readonly shown: string;
  /** Marks behind a variable, which do not tell statements apart. */
  tail: string;
}

const wordToken = (text: string, one: number, two: number, spaced: boolean): Token => ({
  text,
  one: spread(one),
  two: spread(two),
  spaced,
  kinds: 0,
  shown: text,
  tail: "",
});
const markToken = (code: number, spaced: boolean): Token => wordToken(String.fromCharCode(code), code + 1, ~code, spaced);
export const ONE_OF_VARIABLE = spread(0x68bc21eb);
export const TWO_OF_VARIABLE = spread(0x02e5be93);
export const ONE_OF_VALUE = spread(0x5bf03635);
export const TWO_OF_VALUE = spread(0x2545f491);
export const variableToken = (spaced: boolean, kinds = 0): Token => ({
  text: VARIABLE,
  one: ONE_OF_VARIABLE,
  two: TWO_OF_VARIABLE,
  spaced,
  kinds,
  shown: "",
  tail: "",
});
/** Two 32-bit hashes of a text or a row, as one number of 53 bits. */
export const packed = (one: number, two: number): number => (one >>> 0) * 2_097_152 + (two >>> 11);

/** What redaction left in the place of a value: a variable, as the value was. */
const pseudonym = /<[a-z][a-z0-9-]{0,39}:[bcdfghjkmnpqrstvwxyz]{8}>/g;
const withoutPseudonyms = (line: string): string => (line.includes("<") ? line.replaceAll(pseudonym, "hidden@value") : line);

const QUOTE = 34;

/**
 * A line's signature in the making, with its tokens where they are wanted. Runs of variables count as one up to a quote, so lists of any length
 * look alike.
 * Brackets that follow a space and hold figures or ids alone are left out: `1190 bytes (1.16 KB) sent` and `7 bytes sent` are one statement.
 */
class Row {
  /** The last word was a variable; marks do not end its run. */
  inRun = false;
  kinds = 0;
  readonly tokens: Token[] | null;
  private low = 0;
  private high = 0;
  /** Kinds in the run at hand, and the marks that were passed over since. */
  private run = 0;
  private passed = "";
  /** Depth of the outermost open brackets that hold no word so far, 0 if there are none; how the row stood before them, and what they hold. */
  private bracketDepth = 0;
  private bracketCode = 0;
  private bracketKinds = 0;
  private inRunBefore = false;
  private lowBefore = 0;
  private highBefore = 0;
  private runBefore = 0;
  private passedBefore = "";
  private tokensBefore = 0;

  constructor(tokens: Token[] | null) {
    this.tokens = tokens;
  }

  copy(): Row {
    const row = new Row(this.tokens?.map((token) => ({ ...token })) ?? null);
    row.inRun = this.inRun;
    row.kinds = this.kinds;
    row.low = this.low;
    row.high = this.high;
    row.run = this.run;
    row.passed = this.passed;
    return row;
  }

  /** An opening bracket. @param depth of brackets, with this one */
  open(code: number, spaced: boolean, depth: number): void {
    if (spaced && this.bracketDepth === 0 && (this.low !== 0 || this.high !== 0)) {
      this.bracketDepth = depth;
      this.bracketCode = code;
      this.bracketKinds = 0;
      this.inRunBefore = this.inRun;
      this.lowBefore = this.low;
      this.highBefore = this.high;
      this.runBefore = this.run;
      this.passedBefore = this.passed;
      if (this.tokens !== null) this.tokensBefore = this.tokens.length;
    }
    this.mark(code, spaced);
  }

  /** A closing bracket. @param depth of brackets, with this one */
  close(code: number, spaced: boolean, depth: number): void {
    if (depth === 0 || this.bracketDepth !== depth) return this.mark(code, spaced);
    this.bracketDepth = 0;
    this.inRun = this.inRunBefore;
    this.low = this.lowBefore;
    this.high = this.highBefore;
    this.run = this.runBefore;
    this.passed = this.passedBefore;
    if (this.tokens === null) return;
    this.tokens.length = this.tokensBefore;
    const held = this.bracketKinds === 0 ? "" : variableName(this.bracketKinds);
    const text = ` ${String.fromCharCode(this.bracketCode)}${held}${String.fromCharCode(code)}`;
    const last = this.tokens.at(-1);
    if (this.inRun) this.passed += text;
    else if (last !== undefined) last.tail += text;
  }

  get hash(): number {
    return packed(this.low, this.high);
  }

  mark(code: number, spaced: boolean): void {
    if (this.inRun && code === QUOTE) this.endRun();
    if (!this.inRun) {
      this.low = Math.imul(this.low ^ code, 0x01000193);
      this.high = Math.imul(this.high + code, 0x85ebca6b) ^ (this.high >>> 13);
      this.tokens?.push(markToken(code, spaced));
    } else if (this.tokens !== null) this.passed += `${spaced ? " " : ""}${String.fromCharCode(code)}`;
  }

  variable(kind: number, spaced: boolean): void {
    if (!this.inRun) {
      this.low = Math.imul(this.low ^ 1, 0x01000193);
      this.high = Math.imul(this.high + 1, 0x85ebca6b) ^ (this.high >>> 13);
      this.tokens?.push(variableToken(spaced));
    }
    this.inRun = true;
    this.run |= kind;
    this.passed = "";
    this.bracketKinds |= kind;
    if ((kind & (PATH | TEXT)) !== 0) this.bracketDepth = 0;
  }

  word(line: string, start: number, end: number, one: number, two: number, spaced: boolean): void {
    if (this.inRun) this.endRun();
    this.bracketDepth = 0;
    this.low = Math.imul(this.low ^ one, 0x01000193);
    this.high = Math.imul(this.high + two, 0x85ebca6b) ^ (this.high >>> 13);
    this.tokens?.push(wordToken(line.slice(start, end), one, two, spaced));
  }

  /** Gives the last variable what its run held and what followed it. */
  endRun(): void {
    this.kinds = Math.imul(this.kinds ^ this.run, 0x01000193) + 1;
    const token = this.tokens?.findLast(({ text }) => text === VARIABLE);
    if (token !== undefined) {
      token.kinds = this.run === 0 ? TEXT : this.run;
      token.tail = this.passed;
    }
    this.inRun = false;
    this.run = 0;
    this.passed = "";
  }
}

/** White space, quotes, brackets, `,` and `;` end an address. */
const endsUrl = (code: number): boolean =>
  code <= 32 || code === 34 || code === 39 || code === 44 || code === 59 || CLASS[code] === 3 || CLASS[code] === 4;

/**
 * Where an address ends that a word begins: a scheme before `://`, or a path before `?`. 0 where it is none.
 * @param index of the mark behind the word @param odd characters of the word that a scheme has not
 */
function endOfUrl(line: string, index: number, end: number, odd: number, slashes: number): number {
  const code = line.charCodeAt(index);
  const isUrl =
    code === COLON ? odd === 0 && line.startsWith("//", index + 1) : code === 63 && slashes > 0 && !endsUrl(line.charCodeAt(index + 1));
  if (!isUrl) return 0;
  let at = index;
  while (at < end && !endsUrl(line.charCodeAt(at))) at += 1;
  return at;
}

const NO_VARIABLE = -1;
const COLON = 58;
/** A host, or a file of which a line is named. */
const PLACE = /^[a-z][\w-]*(\.[\w-]+)*\.[a-z]{2,}$/;

/** Whether a word is a host or a file, as `:` and a number after it make likely. */
function isBeforePort(line: string, start: number, end: number): boolean {
  const next = line.charCodeAt(end + 1);
  return line.charCodeAt(end) === COLON && next >= 48 && next <= 57 && end - start <= 253 && PLACE.test(line.slice(start, end));
}

/** The beginning of a hardware or IPv6 address. */
const HEX_PARTS = /[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3}/iy;

/** Whether letters beside a colon are hex digits of a hardware or IPv6 address. */
function isAddressPart(line: string, start: number, end: number, inRun: boolean): boolean {
  let isUpper = true;
  for (let index = start; index < end; index += 1) {
    const code = line.charCodeAt(index);
    const letter = code & ~0x20;
    if (letter < 65 || letter > 70) return false;
    if (code !== letter) isUpper = false;
  }
  if (inRun && line.charCodeAt(start - 1) === COLON) return true;
  if (isUpper && end - start === 2) return true;
  HEX_PARTS.lastIndex = start;
  return HEX_PARTS.test(line);
}

/** Kinds of a word without digits where it is a variable by its shape or its place; else {@link NO_VARIABLE}. Days, months and units have no kind. */
function kindsWithoutDigits(
  line: string,
  start: number,
  end: number,
  joints: number,
  slashes: number,
  inRun: boolean,
  words: Map<string, boolean>,
): number {
  const length = end - start;
  // What is 1.2 KB now was 900 B before.
  if (length <= 4 && inRun && UNITS.has(line.slice(start, end))) return 0;
  // Beyond a string's ends `charCodeAt` is slow.
  const isByColon = (end < line.length && line.charCodeAt(end) === COLON) || (start > 0 && line.charCodeAt(start - 1) === COLON);
  if (isByColon && length <= 4 && joints === 0 && isAddressPart(line, start, end, inRun)) return 0;
  if (joints > 0 || length === 3 || length >= 8) {
    const word = line.slice(start, end);
    let isVariable = words.get(word);
    if (isVariable === undefined) {
      isVariable = isVariableWord(word, slashes);
      if (words.size < KNOWN_WORDS) words.set(word, isVariable);
    }
    if (!isVariable) return isByColon && joints > 0 && isBeforePort(line, start, end) ? TEXT : NO_VARIABLE;
    return slashes > 0 ? PATH : length <= 3 ? 0 : joints === 0 ? ID : TEXT;
  }
  return NO_VARIABLE;
}

/** Cuts a line into words, punctuation and variables. @param words shapes of words, remembered from line to line */
export function scan(written: string, collect: boolean, words: Map<string, boolean>): Pick<Row, "hash" | "kinds" | "tokens"> {
  const line = withoutPseudonyms(written);
  const end = line.length < LINE_LIMIT ? line.length : LINE_LIMIT;
  const flat = new Row(collect ? [] : null);
  // The row without what is two brackets deep, from the first of these on. It counts where all brackets close.
  let shallow: Row | null = null;
  let depth = 0;
  let balanced = true;
  let spaced = false;
  let index = 0;
  while (index < end) {
    const code = line.charCodeAt(index);
    const kind = code < 128 ? (CLASS[code] ?? 5) : 0;
    if (kind === 2) {
      spaced = true;
      index += 1;
      continue;
    }
    if (kind >= 3 && kind <= 5) {
      index += 1;
      const next = line.charCodeAt(index);
      // "<1 sec", ">30": part of the number.
      if ((code === 60 || code === 62) && next >= 48 && next <= 57) continue;
      if (kind === 3) {
        depth += 1;
        if (depth === 2) shallow ??= flat.copy();
        flat.open(code, spaced, depth);
        if (depth < 2) shallow?.open(code, spaced, depth);
      } else if (kind === 4) {
        flat.close(code, spaced, depth);
        if (depth < 2) shallow?.close(code, spaced, depth);
        depth -= 1;
        if (depth < 0) balanced = false;
      } else {
        flat.mark(code, spaced);
        if (depth < 2) shallow?.mark(code, spaced);
      }
      spaced = false;
      continue;
    }
    if (code === 46 && line.charCodeAt(index + 1) === 46) {
      // Rows of dots lead the eye to a value: "threshold.......5".
      while (line.charCodeAt(index) === 46) index += 1;
      spaced = true;
      continue;
    }
    const start = index;
    let digits = 0;
    let joints = 0;
    let dots = 0;
    let slashes = 0;
    let one = 0x811c9dc5 | 0;
    let two = 0x9747b28c | 0;
    while (index < end) {
      const next = line.charCodeAt(index);
      const of = next < 128 ? (CLASS[next] ?? 5) : 0;
      if (of === 1) digits += 1;
      else if (of === 6) {
        if (next === 46 && line.charCodeAt(index + 1) === 46) break;
        if (next === 46) dots += 1;
        else if (next === 47 || next === 92) slashes += 1;
        joints += 1;
      } else if (of !== 0) break;
      one = Math.imul(one ^ next, 0x01000193);
      two = Math.imul(two + next, 0xc2b2ae35) ^ (two >>> 15);
      index += 1;
    }
    const urlEnd = index + 1 < end ? endOfUrl(line, index, end, digits + joints, slashes) : 0;
    if (urlEnd > 0) index = urlEnd;
    const kinds =
      urlEnd > 0
        ? PATH
        : digits > 0
          ? kindOfWord(line, start, index, digits, joints, dots, slashes)
          : kindsWithoutDigits(line, start, index, joints, slashes, flat.inRun, words);
    if (kinds === NO_VARIABLE) flat.word(line, start, index, one, two, spaced);
    else flat.variable(kinds, spaced);
    if (shallow !== null) {
      if (kinds === NO_VARIABLE && depth < 2) shallow.word(line, start, index, one, two, spaced);
      else shallow.variable(kinds === NO_VARIABLE ? TEXT : kinds, spaced);
    }
    spaced = false;
  }
  const row = shallow !== null && balanced && depth === 0 ? shallow : flat;
  if (row.inRun) row.endRun();
  return row;
}

/** Of the first `count` tokens, in their order. */
export function hashOfRow(row: readonly Token[], count = row.length): number {
  let one = count;
  let two = ~count;
  for (let place = 0; place < count; place += 1) {
    one = Math.imul(one ^ (row[place]?.one ?? 0), 0x01000193);
    two = Math.imul(two + (row[place]?.two ?? 0), 0xc2b2ae35) ^ (two >>> 15);
  }
  return packed(one, two);
}

export const isWord = (text: string): boolean => text !== VARIABLE && text !== VALUE && /[A-Za-z\u0080-\uffff]/.test(text);

export const isMark = (text: string): boolean => text !== VARIABLE && text !== VALUE && !isWord(text);

/** Kinds of one place in two rows: a word against a variable makes free text. */
export const joinKinds = (left: number, right: number): number => (left === right ? left : left === 0 || right === 0 ? TEXT : left | right);

/** One token as the template shows it: a word, or a variable that took these kinds, and what followed. */
export function show({ spaced, shown, tail }: Token, kinds: number, apart: boolean): string {
  return `${spaced && apart ? " " : ""}${kinds === 0 ? shown : variableName(kinds)}${tail}`;
}
