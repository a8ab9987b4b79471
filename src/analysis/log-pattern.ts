/** Groups log lines that come from one statement. */
export interface PatternMiner {
  /** Number of the line's group; groups may be joined later, see {@link PatternMiner.resolve}. */
  readonly add: (line: string) => number;
  /** The group that a number stands for now. */
  readonly resolve: (id: number) => number;
  /** The group's template, variables as `<*>`. */
  readonly template: (id: number) => string;
  /** Groups so far, before joining. */
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
/** Patterns kept apart; beyond that, new ones are grouped by their beginning, so that a flood of random text costs bounded memory. */
const PATTERN_LIMIT = 20_000;
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

/** A place in the source that printed the line, at its beginning: `BasicServiceImpl#415`, `server.go:88`. */
const LOCATION = /^[A-Za-z][\w.$/-]*#\d+$/;

interface Token {
  readonly text: string;
  /** White space stood before it. */
  readonly spaced: boolean;
}

interface Scan {
  hash: number;
  tokens: Token[] | null;
}

/** Cuts a line into words, punctuation and variables; runs of variables count as one, so that lists of any length look alike. */
function scan(line: string, collect: boolean, words: Map<string, boolean>): Scan {
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
        flat?.push({ text: line[index] ?? "", spaced });
      }
      if (depth < 2 && !lastVariable) {
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high + code, 0x85ebca6b) ^ (high >>> 13);
        tokens?.push({ text: line[index] ?? "", spaced });
      }
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
    let digits = false;
    let slashes = 0;
    let dotted = false;
    let one = 0x811c9dc5;
    let two = 0x9747b28c;
    while (index < end) {
      const next = line.charCodeAt(index);
      const of = next < 128 ? (CLASS[next] ?? 5) : 0;
      if (of === 1) digits = true;
      else if (of === 6) {
        if (next === 46 && line.charCodeAt(index + 1) === 46) break;
        if (next === 47 || next === 92) slashes += 1;
        dotted = true;
      } else if (of !== 0) break;
      one = Math.imul(one ^ next, 0x01000193);
      two = Math.imul(two + next, 0xc2b2ae35) ^ (two >>> 15);
      index += 1;
    }
    let variable: boolean;
    if (digits) variable = !(start === 0 && LOCATION.test(line.slice(start, index)));
    else {
      const length = index - start;
      variable = false;
      if (length <= 4 && lastVariableFlat && UNITS.has(line.slice(start, index))) {
        // What is 1.2 KB now was 900 B before.
        variable = true;
      } else if (dotted || length === 3 || length >= 8) {
        const word = line.slice(start, index);
        const known = words.get(word);
        if (known === undefined) {
          variable = isVariableWord(word, slashes);
          if (words.size < PATTERN_LIMIT) words.set(word, variable);
        } else variable = known;
      } else if (length === 2 && (line.charCodeAt(index) === 58 || line.charCodeAt(start - 1) === 58)) {
        // Pairs of hex digits between colons: parts of a hardware address.
        variable = /^[A-F]{2}$/.test(line.slice(start, index));
      }
    }
    if (variable) {
      if (!lastVariableFlat) {
        lowFlat = Math.imul(lowFlat ^ 1, 0x01000193);
        highFlat = Math.imul(highFlat + 1, 0x85ebca6b) ^ (highFlat >>> 13);
        flat?.push({ text: VARIABLE, spaced });
      }
      lastVariableFlat = true;
    } else {
      lowFlat = Math.imul(lowFlat ^ one, 0x01000193);
      highFlat = Math.imul(highFlat + two, 0x85ebca6b) ^ (highFlat >>> 13);
      flat?.push({ text: line.slice(start, index), spaced });
      lastVariableFlat = false;
    }
    if (variable || depth >= 2) {
      if (!lastVariable) {
        low = Math.imul(low ^ 1, 0x01000193);
        high = Math.imul(high + 1, 0x85ebca6b) ^ (high >>> 13);
        tokens?.push({ text: VARIABLE, spaced });
      }
      lastVariable = true;
    } else {
      low = Math.imul(low ^ one, 0x01000193);
      high = Math.imul(high + two, 0x85ebca6b) ^ (high >>> 13);
      tokens?.push({ text: line.slice(start, index), spaced });
      lastVariable = false;
    }
    spaced = false;
  }
  const nested = balanced && depth === 0 && deepest >= 2;
  return nested
    ? { hash: (low >>> 0) * 2_097_152 + (high >>> 11), tokens }
    : { hash: (lowFlat >>> 0) * 2_097_152 + (highFlat >>> 11), tokens: flat };
}

const isWord = (text: string): boolean => text !== VARIABLE && text !== VALUE && /[A-Za-z\u0080-\uffff]/.test(text);

/** Tokens with the values of `key=value` and of quotes taken out. */
function withoutValues(tokens: readonly Token[]): string[] {
  const out: string[] = [];
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    index += 1;
    out.push(token.text);
    if (token.text === "=") {
      out.push(VALUE);
      let quoted = false;
      while (index < tokens.length) {
        const next = tokens[index];
        if (next === undefined || (!quoted && (next.spaced || next.text === "," || next.text === ";"))) break;
        if (next.text === '"') quoted = !quoted;
        index += 1;
      }
    } else if (token.text === '"') {
      const close = tokens.findIndex((other, place) => place >= index && other.text === '"');
      if (close > 0 && close - index <= 12) {
        out.push(VALUE, '"');
        index = close + 1;
      }
    }
  }
  return out;
}

/** Words besides the one in question that a line must have for that one to be a name. */
const WORDS_THAT_TELL = 3;

/** A place that sometimes holds a number or an id is a variable already with fewer words. */
const isFull = (column: Column): boolean => column.words.size >= (column.words.has(VARIABLE) ? WORDS_BESIDE_A_NUMBER : WORDS_OF_A_VARIABLE);

/** Words and punctuation put together again as people write them. */
function render(row: readonly string[]): string {
  let text = "";
  let glue = true;
  for (const token of row) {
    const shown = token === VARIABLE || token === VALUE ? "<*>" : token;
    const closes = /^[,;:.)\]}>=!?"'|&]$/.test(shown);
    text += glue || closes ? shown : ` ${shown}`;
    glue = /^[([{<=@#"'|]$/.test(shown);
  }
  return text;
}

interface Column {
  readonly words: Set<string>;
  readonly members: number[];
}

/**
 * A miner with one fixed setting for all systems.
 *
 * Each line is cut into words and variables in one pass (numbers, ids, addresses, paths, hosts and dates are variables by their shape) and hashed;
 * only a signature that was never seen is looked at closer. Signatures that differ in one word are joined once that word took
 * {@link WORDS_OF_A_VARIABLE} values, those that differ in values after `=` or in quotes once these took {@link VALUES_OF_A_VARIABLE}.
 */
export function createPatternMiner(): PatternMiner {
  const bySignature = new Map<number, number>();
  const parents: number[] = [];
  const rows: string[][] = [];
  const columns = new Map<string, Column>();
  const families = new Map<string, Column>();
  const byBeginning = new Map<string, number>();
  const known = new Map<string, boolean>();

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
  };
  const generalise = (id: number, row: string[]): void => {
    rows[find(id)] = row;
  };
  /** Files a row under each of its words left out; joins what a variable word kept apart. */
  const file = (row: readonly string[], id: number, level: number): void => {
    let constant = 0;
    for (const text of row) if (isWord(text)) constant += 1;
    if (row.length > 120) return;
    for (let place = 0; place < row.length; place += 1) {
      const word = row[place] ?? "";
      const isVariable = word === VARIABLE;
      if (!isVariable && !isWord(word)) continue;
      // Of two or three words each tells what happened; only in longer lines is one of them a name.
      if (constant - (isVariable ? 0 : 1) < WORDS_THAT_TELL) continue;
      const key = `${row.slice(0, place).join(" ")} ${VARIABLE} ${row.slice(place + 1).join(" ")}`;
      let column = columns.get(key);
      if (column === undefined) columns.set(key, (column = { words: new Set(), members: [] }));
      if (isFull(column)) {
        const [first] = column.members;
        if (first !== undefined) join(first, id);
        continue;
      }
      column.words.add(word);
      column.members.push(id);
      if (!isFull(column)) continue;
      for (const member of column.members) join(column.members[0] ?? member, member);
      const merged = [...row];
      merged[place] = VARIABLE;
      generalise(id, merged);
      if (level < 3 && !isVariable) file(merged, id, level + 1);
    }
  };
  const admit = (tokens: readonly Token[]): number => {
    const row = tokens.map((token) => token.text);
    if (parents.length >= PATTERN_LIMIT) {
      const beginning = row.slice(0, 3).join(" ");
      const same = byBeginning.get(beginning);
      if (same !== undefined) return same;
    }
    const id = parents.length;
    parents.push(id);
    rows.push(row);
    byBeginning.set(row.slice(0, 3).join(" "), id);
    const plain = withoutValues(tokens);
    if (plain.includes(VALUE) && plain.some(isWord)) {
      const key = plain.join(" ");
      let family = families.get(key);
      if (family === undefined) families.set(key, (family = { words: new Set(), members: [] }));
      family.words.add(row.join(" "));
      family.members.push(id);
      if (family.words.size >= VALUES_OF_A_VARIABLE) {
        for (const member of family.members) join(family.members[0] ?? member, member);
        generalise(id, plain);
        family.members.length = 1;
      }
      file(plain, id, 0);
    } else file(row, id, 0);
    return id;
  };
  return {
    add(line) {
      const { hash } = scan(line, false, known);
      let id = bySignature.get(hash);
      if (id === undefined) {
        id = admit(scan(line, true, known).tokens ?? []);
        bySignature.set(hash, id);
      }
      return id;
    },
    resolve: (id) => (id >= 0 && id < parents.length ? find(id) : id),
    template: (id) => render(rows[id >= 0 && id < parents.length ? find(id) : id] ?? []),
    size: () => parents.length,
  };
}
