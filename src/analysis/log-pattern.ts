/** Groups log lines that come from one statement. */
export interface PatternMiner {
  /** Number of the line's group; groups may be joined later, see {@link PatternMiner.resolve}. */
  readonly add: (line: string) => number;
  /** The group that a number stands for now. */
  readonly resolve: (id: number) => number;
  /**
   * The group's template. A variable that only ever was one kind of thing is told by it (`<number>`, `<ip>`, `<id>`, `<path>`); `<*>` is free text:
   * whoever sends requests may have written it.
   */
  readonly template: (id: number) => string;
  /** Groups so far, before joining. At most {@link PATTERN_LIMIT} and the one for all that is beyond it. */
  readonly size: () => number;
}

/** Characters of a line that are read; the rest of a huge line counts as one variable. */
const LINE_LIMIT = 4096;
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
/** Words of a line that are tried as names: the rest of a longer one is told apart as it is. */
const WORDS_TRIED = 120;
/** Signatures remembered; what comes later is looked up by its words each time. */
const SIGNATURE_LIMIT = 200_000;
/** Combinations of kinds that a group's variables may take before they count as free text. */
const SHAPES_OF_A_GROUP = 32;
/** Characters of a template. */
const TEMPLATE_LIMIT = 1000;
const VARIABLE = "\u0000";
const VALUE = "\u0001";

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

const CALENDAR = new Set([
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
]);
/** Units that follow a number and change with its size. */
const UNITS = new Set(["B", "KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "ms", "us", "ns", "s", "sec", "secs", "min", "mins"]);
/** Host names as they stand in logs: lower case labels, the last one a common top-level domain or a cluster's own. */
const HOST = /^[a-z][a-z_-]*(\.[a-z_-]+)*\.([a-z]{2}|com|net|org|edu|gov|mil|int|info|biz|arpa|local|lan|internal|cluster|svc|test)$/;
/** First labels of names that are put together the other way round (packages, intents). */
const REVERSED = /^(com|org|net|edu|gov|io|java|javax|android|sun|scala|kotlin)\./;
const HEX = /^[0-9a-fA-F]{8,}$/;

/** Whether a word without digits is a variable by its shape. */
function isVariableWord(word: string, slashes: number): boolean {
  if (slashes > 0 && word.length > 1 && (word.charCodeAt(0) === 47 || slashes > 1 || word.includes("."))) return true;
  if (word.length === 3 && CALENDAR.has(word)) return true;
  if (word.length >= 8 && HEX.test(word)) return true;
  if (word.includes("@") && /^[\w.+-]+@[\w-]+/.test(word)) return true;
  return word.includes(".") && HOST.test(word) && !REVERSED.test(word);
}

/** Kinds of what stands in a variable's place, as bits: a place may have taken several. */
const NUMBER = 1;
const IP = 2;
const ID = 4;
const PATH = 8;
const TEXT = 16;

/** The name of a variable that took these kinds: that of the one which says least. */
const variableName = (kinds: number): string =>
  kinds & TEXT ? "<*>" : kinds & PATH ? "<path>" : kinds & ID ? "<id>" : kinds & IP ? "<ip>" : kinds & NUMBER ? "<number>" : "<*>";

/** The kind of a word with digits, from how many of its characters are what. Two letters are a unit or the like; nobody says anything with them. */
function kindOfWord(length: number, digits: number, joints: number, dots: number, slashes: number): number {
  if (slashes > 0) return PATH;
  const letters = length - digits - joints;
  if (letters === 0 && dots === 3 && joints === 3 && digits <= 12) return IP;
  if (letters <= 2) return NUMBER;
  // Ids have digits all over; `user-chosen-name-1` has not.
  return digits * 3 >= length - joints && length <= 64 ? ID : TEXT;
}

/** Spreads a hash over all its bits. */
const mix = (hash: number): number => {
  const half = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return Math.imul(half ^ (half >>> 15), 0x846ca68b) ^ (half >>> 16);
};

interface Token {
  readonly text: string;
  /** Two hashes of the text. */
  readonly one: number;
  readonly two: number;
  /** White space stood before it. */
  readonly spaced: boolean;
  /** Of a variable, its kinds; of a value, those of all variables in it, and 0 where a word is among them. */
  kinds: number;
  /** As it stands in the line, where it is no variable. */
  readonly shown: string;
  /** Marks behind a variable, which do not tell statements apart. */
  tail: string;
}

const wordToken = (text: string, one: number, two: number, spaced: boolean): Token => ({
  text,
  one: mix(one),
  two: mix(two),
  spaced,
  kinds: 0,
  shown: text,
  tail: "",
});
const markToken = (code: number, spaced: boolean): Token => wordToken(String.fromCharCode(code), code + 1, ~code, spaced);
const ONE_OF_VARIABLE = mix(0x68bc21eb);
const TWO_OF_VARIABLE = mix(0x02e5be93);
const ONE_OF_VALUE = mix(0x5bf03635);
const TWO_OF_VALUE = mix(0x2545f491);
const variableToken = (spaced: boolean, kinds = 0): Token => ({
  text: VARIABLE,
  one: ONE_OF_VARIABLE,
  two: TWO_OF_VARIABLE,
  spaced,
  kinds,
  shown: "",
  tail: "",
});

interface Scan {
  hash: number;
  /** Hash of the kinds of the variables. */
  kinds: number;
  tokens: Token[] | null;
}

/** What redaction left in the place of a value: a variable, as the value was. */
const pseudonym = /<[a-z][a-z0-9-]{0,39}:[bcdfghjkmnpqrstvwxyz]{8}>/g;
const withoutPseudonyms = (line: string): string => (line.includes("<") ? line.replaceAll(pseudonym, "hidden@value") : line);

/** Cuts a line into words, punctuation and variables; runs of variables count as one, so that lists of any length look alike. */
function scan(written: string, collect: boolean, words: Map<string, boolean>): Scan {
  const line = withoutPseudonyms(written);
  const end = line.length < LINE_LIMIT ? line.length : LINE_LIMIT;
  const tokens: Token[] | null = collect ? [] : null;
  const flat: Token[] | null = collect ? [] : null;
  // Two signatures are made at once: with what stands two brackets deep left out, and with it. The first counts where all brackets close.
  let low = 0;
  let high = 0;
  let lowFlat = 0;
  let highFlat = 0;
  let lastVariable = false;
  let lastVariableFlat = false;
  // Kinds in the run of variables at hand, of all runs, and the marks that were passed over since.
  let run = 0;
  let runFlat = 0;
  let kinds = 0;
  let kindsFlat = 0;
  let passed = "";
  let passedFlat = "";
  let depth = 0;
  let balanced = true;
  let deepest = 0;
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
      if (code === 60 || code === 62) {
        // "<1 sec", ">30": part of the number.
        const next = line.charCodeAt(index + 1);
        if (next >= 48 && next <= 57) {
          index += 1;
          continue;
        }
      }
      if (kind === 3) {
        depth += 1;
        if (depth > deepest) deepest = depth;
      }
      if (!lastVariableFlat) {
        lowFlat = Math.imul(lowFlat ^ code, 0x01000193);
        highFlat = Math.imul(highFlat + code, 0x85ebca6b) ^ (highFlat >>> 13);
        flat?.push(markToken(code, spaced));
      } else if (collect) passedFlat += `${spaced ? " " : ""}${line[index] ?? ""}`;
      if (depth < 2 && !lastVariable) {
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high + code, 0x85ebca6b) ^ (high >>> 13);
        tokens?.push(markToken(code, spaced));
      } else if (collect && depth < 2) passed += `${spaced ? " " : ""}${line[index] ?? ""}`;
      if (kind === 4) {
        depth -= 1;
        if (depth < 0) balanced = false;
      }
      spaced = false;
      index += 1;
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
    let one = 0x811c9dc5;
    let two = 0x9747b28c;
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
    let variable: boolean;
    // Days, months and units have no kind of their own.
    let kindHere = 0;
    const length = index - start;
    if (digits > 0) {
      variable = true;
      kindHere = kindOfWord(length, digits, joints, dots, slashes);
    } else {
      variable = false;
      if (length <= 4 && lastVariableFlat && UNITS.has(line.slice(start, index))) {
        // What is 1.2 KB now was 900 B before.
        variable = true;
      } else if (joints > 0 || length === 3 || length >= 8) {
        const word = line.slice(start, index);
        const known = words.get(word);
        if (known === undefined) {
          variable = isVariableWord(word, slashes);
          if (words.size < PATTERN_LIMIT) words.set(word, variable);
        } else variable = known;
        if (slashes > 0) kindHere = PATH;
        else if (length > 3) kindHere = joints === 0 ? ID : TEXT;
      } else if (length === 2 && (line.charCodeAt(index) === 58 || line.charCodeAt(start - 1) === 58)) {
        // Pairs of hex digits between colons: parts of a hardware address.
        variable = /^[A-F]{2}$/.test(line.slice(start, index));
      }
    }
    if (variable) {
      if (!lastVariableFlat) {
        lowFlat = Math.imul(lowFlat ^ 1, 0x01000193);
        highFlat = Math.imul(highFlat + 1, 0x85ebca6b) ^ (highFlat >>> 13);
        flat?.push(variableToken(spaced));
      }
      lastVariableFlat = true;
      runFlat |= kindHere;
      passedFlat = "";
    } else {
      if (lastVariableFlat) {
        kindsFlat = Math.imul(kindsFlat ^ runFlat, 0x01000193) + 1;
        endRun(flat, runFlat, passedFlat);
      }
      runFlat = 0;
      passedFlat = "";
      lowFlat = Math.imul(lowFlat ^ one, 0x01000193);
      highFlat = Math.imul(highFlat + two, 0x85ebca6b) ^ (highFlat >>> 13);
      flat?.push(wordToken(line.slice(start, index), one, two, spaced));
      lastVariableFlat = false;
    }
    if (variable || depth >= 2) {
      if (!lastVariable) {
        low = Math.imul(low ^ 1, 0x01000193);
        high = Math.imul(high + 1, 0x85ebca6b) ^ (high >>> 13);
        tokens?.push(variableToken(spaced));
      }
      lastVariable = true;
      run |= variable ? kindHere : TEXT;
      passed = "";
    } else {
      if (lastVariable) {
        kinds = Math.imul(kinds ^ run, 0x01000193) + 1;
        endRun(tokens, run, passed);
      }
      run = 0;
      passed = "";
      low = Math.imul(low ^ one, 0x01000193);
      high = Math.imul(high + two, 0x85ebca6b) ^ (high >>> 13);
      tokens?.push(wordToken(line.slice(start, index), one, two, spaced));
      lastVariable = false;
    }
    spaced = false;
  }
  if (lastVariableFlat) {
    kindsFlat = Math.imul(kindsFlat ^ runFlat, 0x01000193) + 1;
    endRun(flat, runFlat, passedFlat);
  }
  if (lastVariable) {
    kinds = Math.imul(kinds ^ run, 0x01000193) + 1;
    endRun(tokens, run, passed);
  }
  const nested = balanced && depth === 0 && deepest >= 2;
  return nested
    ? { hash: (low >>> 0) * 2_097_152 + (high >>> 11), kinds, tokens }
    : { hash: (lowFlat >>> 0) * 2_097_152 + (highFlat >>> 11), kinds: kindsFlat, tokens: flat };
}

/** Tells the variable at the end of a row, the last of its run, what was in it and what followed it. */
function endRun(tokens: Token[] | null, kinds: number, passed: string): void {
  const token = tokens?.findLast(({ text }) => text === VARIABLE);
  if (token === undefined) return;
  token.kinds = kinds === 0 ? TEXT : kinds;
  token.tail = passed;
}

const isWord = (text: string): boolean => text !== VARIABLE && text !== VALUE && /[A-Za-z\u0080-\uffff]/.test(text);

/** Kinds of one place in two rows: a word against a variable makes free text. */
const joinKinds = (left: number, right: number): number => (left === right ? left : left === 0 || right === 0 ? TEXT : left | right);

/** A value in place of the tokens that make it. */
const valueOf = (inner: readonly Token[]): Token => ({
  text: VALUE,
  one: ONE_OF_VALUE,
  two: TWO_OF_VALUE,
  spaced: inner[0]?.spaced ?? false,
  kinds: inner.every(({ text }) => text === VARIABLE) ? inner.reduce((all, { kinds }) => all | kinds, 0) : 0,
  shown: inner.map((token, place) => show(token, token.kinds, place > 0)).join(""),
  tail: inner.at(-1)?.tail ?? "",
});

/** One token as the template shows it: a word, or a variable that took these kinds. */
function show({ spaced, shown, tail }: Token, kinds: number, apart: boolean): string {
  return `${spaced && apart ? " " : ""}${kinds === 0 ? shown : `${variableName(kinds)}${tail}`}`;
}

/** Most tokens in quotes that are one value. */
const LONGEST_QUOTED = 12;

/** Tokens with the values of `key=value` and of quotes taken out. */
function withoutValues(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    index += 1;
    out.push(token);
    if (token.text === "=") {
      const start = index;
      let quoted = false;
      while (index < tokens.length) {
        const next = tokens[index];
        if (next === undefined || (!quoted && (next.spaced || next.text === "," || next.text === ";"))) break;
        if (next.text === '"') quoted = !quoted;
        index += 1;
      }
      out.push(valueOf(tokens.slice(start, index)));
    } else if (token.text === '"') {
      for (let close = Math.max(1, index); close <= index + LONGEST_QUOTED && close < tokens.length; close += 1) {
        const mark = tokens[close];
        if (mark?.text !== '"') continue;
        out.push(valueOf(tokens.slice(index, close)), mark);
        index = close + 1;
        break;
      }
    }
  }
  return out;
}

/** Words besides the one in question that a line must have for that one to be a name. */
const WORDS_THAT_TELL = 3;

/** Two 32-bit hashes of a text or a row, as one number of 53 bits. */
const packed = (one: number, two: number): number => (one >>> 0) * 2_097_152 + (two >>> 11);

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
  /** Kinds that each place took, as far as places are told apart; 0 where it always was the same word. */
  kinds: Uint8Array;
  /** Hashes of the kinds of the lines that were looked at; null once there were too many. */
  shapes: number[] | null;
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
export function createPatternMiner(): PatternMiner {
  const bySignature = new Map<number, number>();
  const parents: number[] = [];
  const groups: (Group | null)[] = [];
  /** By the hash of a row without one of its words: what stood there. Of a row that came once, its group and the word as one number. */
  const columns = new Map<number, Column | number>();
  const families = new Map<number, Column>();
  const byBeginning = new Map<number, number>();
  const known = new Map<string, boolean>();
  const templates = new Map<number, string>();

  const find = (id: number): number => {
    let root = id;
    while (parents[root] !== root) root = parents[root] ?? root;
    for (let at = id; parents[at] !== root;) {
      const next = parents[at] ?? root;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  const join = (left: number, right: number): void => {
    const a = find(left);
    const b = find(right);
    if (a === b) return;
    const [keep, gone] = a < b ? [a, b] : [b, a];
    parents[gone] = keep;
    const one = groups[keep];
    const other = groups[gone];
    groups[gone] = null;
    if (one == null || other == null) return;
    for (let place = 0; place < one.kinds.length; place += 1) one.kinds[place] = joinKinds(one.kinds[place] ?? 0, other.kinds[place] ?? 0);
  };
  /** Notes that a place takes many words. Where it took variables all along, their kinds stay. */
  const isFreeText = (id: number, place: number): void => {
    const group = groups[find(id)];
    if (group != null && group.kinds[place] === 0) group.kinds[place] = TEXT;
  };
  /** Files a row under each of its words left out; joins what a variable word kept apart. */
  const file = (row: readonly Token[], id: number, level: number): void => {
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
      // Of two or three words each tells what happened; only in longer lines is one of them a name.
      if (constant - (isVariable ? 0 : 1) < WORDS_THAT_TELL) continue;
      const key = packed(
        (allOne + Math.imul(ONE_OF_VARIABLE - one, ONES[place] ?? 0)) | 0,
        (allTwo + Math.imul(TWO_OF_VARIABLE - two, TWOS[place] ?? 0)) | 0,
      );
      const word = wordHash(one, two);
      let column = columns.get(key);
      if (column === undefined) {
        if (columns.size < KEY_LIMIT) columns.set(key, id * WORD_HASHES + word);
        continue;
      }
      if (typeof column === "number") {
        column = { words: [column % WORD_HASHES], members: [Math.floor(column / WORD_HASHES)] };
        columns.set(key, column);
      }
      if (isFull(column)) {
        const [first] = column.members;
        if (first !== undefined) join(first, id);
        continue;
      }
      note(column, word, id);
      if (!isFull(column)) continue;
      for (const member of column.members) join(column.members[0] ?? member, member);
      column.members.length = 1;
      isFreeText(id, place);
      if (level < 3 && !isVariable) file(row.with(place, variableToken(spaced, TEXT)), id, level + 1);
    }
  };
  const templateOf = ({ line, kinds }: Group): string => {
    const { row } = rowOf(scan(line, true, known).tokens ?? []);
    let text = "";
    for (const [place, token] of row.entries()) {
      if (text.length > TEMPLATE_LIMIT) break;
      const otherwise = token.text === VARIABLE || token.text === VALUE ? TEXT : 0;
      text += show(token, kinds[place] ?? otherwise, place > 0);
    }
    return text;
  };
  /** The row that groups are told apart by: with values taken out where words are left. */
  const rowOf = (tokens: readonly Token[]): { readonly row: readonly Token[]; readonly hasValues: boolean } => {
    const plain = withoutValues(tokens);
    const hasValues = plain.some(({ text }) => text === VALUE) && plain.some(({ text }) => isWord(text));
    return { row: hasValues ? plain : tokens, hasValues };
  };
  /** Adds the kinds of one more line of a group to those that its variables took. */
  const learn = (group: Group, row: readonly Token[], shape: number): void => {
    if (group.shapes === null) return;
    group.shapes.push(shape);
    const isOver = group.shapes.length > SHAPES_OF_A_GROUP;
    if (isOver) group.shapes = null;
    for (let place = 0; place < group.kinds.length; place += 1) {
      const kinds = joinKinds(group.kinds[place] ?? 0, row[place]?.kinds ?? 0);
      group.kinds[place] = isOver && kinds !== 0 ? TEXT : kinds;
    }
  };
  /** Beyond the limit: the group of the same beginning, or the one for all others. Nothing is known of what varies in it. */
  const overflow = (beginning: number): number => {
    const same = byBeginning.get(beginning) ?? PATTERN_LIMIT;
    if (parents.length === PATTERN_LIMIT && same === PATTERN_LIMIT) {
      parents.push(PATTERN_LIMIT);
      groups.push({ line: "", kinds: new Uint8Array(0), shapes: null });
    }
    const group = groups[find(same)];
    if (group != null && group.shapes !== null) {
      group.shapes = null;
      group.kinds = group.kinds.map((kinds) => (kinds === 0 ? 0 : TEXT));
    }
    return same;
  };
  const admit = (line: string): number => {
    const { tokens, kinds: shape } = scan(line, true, known);
    const { row, hasValues } = rowOf(tokens ?? []);
    let family: Column | undefined;
    if (hasValues) {
      const key = hashOfRow(row);
      family = families.get(key);
      const [first] = family?.members ?? [];
      if (family !== undefined && first !== undefined && family.words.length >= VALUES_OF_A_VARIABLE) {
        const group = groups[find(first)];
        if (group != null) learn(group, row, shape);
        return first;
      }
      if (family === undefined && parents.length < PATTERN_LIMIT) families.set(key, (family = { words: [], members: [] }));
    }
    const beginning = hashOfRow(tokens ?? [], 3);
    if (parents.length >= PATTERN_LIMIT) return overflow(beginning);
    const id = parents.length;
    parents.push(id);
    groups.push({ line, kinds: Uint8Array.from(row.slice(0, WORDS_TRIED), ({ kinds }) => kinds), shapes: [shape] });
    byBeginning.set(beginning, id);
    if (family !== undefined) {
      note(family, hashOfRow(tokens ?? []), id);
      if (family.words.length >= VALUES_OF_A_VARIABLE) {
        for (const member of family.members) join(family.members[0] ?? member, member);
        family.members.length = 1;
        for (const [place, { text }] of row.entries()) if (text === VALUE) isFreeText(id, place);
      }
    }
    file(row, id, 0);
    return id;
  };
  return {
    add(line) {
      const { hash, kinds } = scan(line, false, known);
      const id = bySignature.get(hash);
      if (id === undefined) {
        const admitted = admit(line);
        if (bySignature.size < SIGNATURE_LIMIT) bySignature.set(hash, admitted);
        templates.clear();
        return admitted;
      }
      const group = groups[find(id)];
      if (group != null && group.shapes !== null && !group.shapes.includes(kinds)) {
        learn(group, rowOf(scan(line, true, known).tokens ?? []).row, kinds);
        templates.clear();
      }
      return id;
    },
    resolve: (id) => (id >= 0 && id < parents.length ? find(id) : id),
    template(id) {
      const root = id >= 0 && id < parents.length ? find(id) : id;
      let text = templates.get(root);
      if (text === undefined) {
        const group = groups[root];
        text = group == null ? "" : root === PATTERN_LIMIT ? "<*>" : templateOf(group);
        templates.set(root, text);
      }
      return text;
    },
    size: () => parents.length,
  };
}
