import { BadRequestError } from "./errors.ts";

/**
 * Datadog's search syntax for logs, spans, events and monitors: `service:web status:error`, `@http.status_code:[500 TO 599]`, `-env:dev`,
 * `NOT`, `AND`, `OR`, parentheses, `key:(a OR b)`, quoted phrases, `*` and `?`, comparisons, and free text.
 * Source: docs.datadoghq.com, "Log Search Syntax".
 */
export type SearchQuery =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly of: readonly SearchQuery[] }
  | { readonly kind: "not"; readonly of: SearchQuery }
  | { readonly kind: "term"; readonly key: SearchKey; readonly value: SearchValue };

/** `text`: anywhere in the message; `everywhere`: `*:word`, also in attributes; `field`: a reserved attribute or a tag. */
export type SearchKey =
  | { readonly kind: "text" }
  | { readonly kind: "everywhere" }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "attribute"; readonly name: string };

export type SearchValue =
  | { readonly kind: "exists" }
  | { readonly kind: "exact"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "glob"; readonly text: string }
  | { readonly kind: "range"; readonly from: Bound; readonly to: Bound };

/** One end of a range; null is open (`*`). */
interface Bound {
  readonly text: string | null;
  readonly inclusive: boolean;
}

/** How the items of one kind answer a query. */
export interface Searchable<T> {
  /** A reserved attribute or a tag by its bare name; undefined where the item has none. Lists match by any of their values. */
  field(item: T, name: string): unknown;
  attribute(item: T, path: string): unknown;
  /** What free text is looked for in. */
  text(item: T): string;
  /** All of an item's text, for `*:word`. */
  everything(item: T): string;
  /** Names of fields of which a person may write the value in any letter case. */
  readonly anyCase: (name: string) => boolean;
  /** Reads a value's unit, for example `2s` on a duration; undefined where it has none. */
  readonly number?: (name: string, text: string) => number | undefined;
}

class Reader {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  fail(problem: string): never {
    throw new BadRequestError(`Invalid query at character ${this.at + 1}: ${problem}. The query was: ${this.text}`);
  }

  skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  get done(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  peek(): string {
    return this.text[this.at] ?? "";
  }

  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  atWord(word: string): boolean {
    const rest = this.text.slice(this.at, this.at + word.length + 1);
    return rest === word || (rest.startsWith(word) && /[\s()]/.test(rest[word.length] ?? ""));
  }

  takeWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.at += word.length;
    return true;
  }

  until(end: string): string {
    const stop = this.text.indexOf(end, this.at);
    if (stop < 0) return this.fail(`"${end}" is missing`);
    const inside = this.text.slice(this.at, stop);
    this.at = stop + end.length;
    return inside;
  }

  quoted(): string {
    let result = "";
    for (; this.at < this.text.length; this.at++) {
      const letter = this.peek();
      if (letter === '"') {
        this.at++;
        return result;
      }
      if (letter === "\\" && this.at + 1 < this.text.length) this.at++;
      result += this.peek();
    }
    return this.fail("the closing quote is missing");
  }

  /** Letters up to a space, a bracket, a quote or one of `stops`; a backslash takes the next letter as it is and keeps it from being a wildcard. */
  bare(stops: string): { readonly text: string; readonly glob: boolean } {
    let text = "";
    let glob = false;
    for (; this.at < this.text.length; this.at++) {
      const letter = this.peek();
      if (/[\s()"]/.test(letter) || stops.includes(letter)) break;
      if (letter === "\\" && this.at + 1 < this.text.length) {
        this.at++;
        const escaped = this.peek();
        text += escaped === "*" || escaped === "?" ? `\\${escaped}` : escaped;
        continue;
      }
      if (letter === "*" || letter === "?") glob = true;
      text += letter;
    }
    return { text, glob };
  }
}

/** @throws BadRequestError naming the place and what is wrong there */
export function parseSearchQuery(text: string): SearchQuery {
  const reader = new Reader(text);
  if (reader.done) return { kind: "all" };
  const query = parseOr(reader, null);
  if (!reader.done) reader.fail(`"${reader.peek()}" is not expected`);
  return query;
}

const joined = (kind: "and" | "or", parts: readonly SearchQuery[]): SearchQuery =>
  parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind, of: parts };

function parseOr(reader: Reader, key: SearchKey | null): SearchQuery {
  const parts = [parseAnd(reader, key)];
  while (!reader.done && reader.takeWord("OR")) parts.push(parseAnd(reader, key));
  return joined("or", parts);
}

function parseAnd(reader: Reader, key: SearchKey | null): SearchQuery {
  const parts = [parseNot(reader, key)];
  while (!reader.done && reader.peek() !== ")" && !reader.atWord("OR")) {
    // Terms side by side are joined by AND, written or not.
    reader.takeWord("AND");
    parts.push(parseNot(reader, key));
  }
  return joined("and", parts);
}

function parseNot(reader: Reader, key: SearchKey | null): SearchQuery {
  if (reader.done) return reader.fail("a term is missing");
  if (reader.takeWord("NOT")) return { kind: "not", of: parseNot(reader, key) };
  if (reader.peek() === "-") {
    reader.take("-");
    return { kind: "not", of: parseNot(reader, key) };
  }
  return parsePrimary(reader, key);
}

function parsePrimary(reader: Reader, key: SearchKey | null): SearchQuery {
  if (reader.take("(")) {
    const inside = parseOr(reader, key);
    reader.skipSpace();
    if (!reader.take(")")) reader.fail('")" is missing');
    return inside;
  }
  if (key !== null) return { kind: "term", key, value: parseValue(reader) };
  if (reader.take('"')) return { kind: "term", key: { kind: "text" }, value: { kind: "exact", text: reader.quoted(), quoted: true } };
  const attribute = reader.take("@");
  const { text, glob } = reader.bare(":");
  if (!reader.take(":")) {
    if (attribute) return reader.fail(`@${text} has no value: write @${text}:value, or @${text}:* for any`);
    if (text === "") return reader.fail(`"${reader.peek()}" is not expected`);
    if (text === "AND" || text === "OR") return reader.fail(`${text} joins nothing`);
    if (text === "*") return { kind: "all" };
    return { kind: "term", key: { kind: "text" }, value: glob ? { kind: "glob", text } : { kind: "exact", text, quoted: false } };
  }
  if (text === "") return reader.fail("a name is missing before the colon");
  const named: SearchKey = attribute
    ? { kind: "attribute", name: text }
    : text === "*"
      ? { kind: "everywhere" }
      : { kind: "field", name: text };
  if (text !== "*" && glob) return reader.fail(`"${text}": a name cannot hold wildcards`);
  if (reader.take("(")) {
    const inside = parseOr(reader, named);
    reader.skipSpace();
    if (!reader.take(")")) reader.fail('")" is missing');
    return inside;
  }
  return { kind: "term", key: named, value: parseValue(reader) };
}

const bound = (text: string, inclusive: boolean): Bound => ({ text: text === "*" ? null : text, inclusive });

function parseValue(reader: Reader): SearchValue {
  if (reader.take('"')) return { kind: "exact", text: reader.quoted(), quoted: true };
  for (const [open, close, inclusive] of [
    ["[", "]", true],
    ["{", "}", false],
  ] as const) {
    if (!reader.take(open)) continue;
    const [from, to] = reader.until(close).split(/\s+TO\s+/);
    if (from === undefined || to === undefined || from.trim() === "" || to.trim() === "")
      return reader.fail(`a range is ${open}from TO to${close}`);
    return { kind: "range", from: bound(from.trim(), inclusive), to: bound(to.trim(), inclusive) };
  }
  const open: Bound = { text: null, inclusive: true };
  const limit = (inclusive: boolean): Bound => {
    const { text } = reader.bare("");
    if (text === "") reader.fail("a comparison lacks its figure");
    return { text, inclusive };
  };
  if (reader.take(">=")) return { kind: "range", from: limit(true), to: open };
  if (reader.take("<=")) return { kind: "range", from: open, to: limit(true) };
  if (reader.take(">")) return { kind: "range", from: limit(false), to: open };
  if (reader.take("<")) return { kind: "range", from: open, to: limit(false) };
  const { text, glob } = reader.bare("");
  if (text === "") return reader.fail("a value is missing");
  if (text === "*") return { kind: "exists" };
  return glob ? { kind: "glob", text } : { kind: "exact", text, quoted: false };
}

const escapeRegex = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** A wildcard pattern as the source of a regular expression; `\*` and `\?` stand for themselves. */
export const globSource = (glob: string, any = ".*"): string =>
  glob.replaceAll(/\\([*?])|([*?])|([^*?\\]+|\\)/g, (_all, escaped?: string, wild?: string, plain?: string) =>
    escaped !== undefined ? escapeRegex(escaped) : wild === "*" ? any : wild === "?" ? "." : escapeRegex(plain ?? ""),
  );

const unescaped = (text: string): string => text.replaceAll(/\\([*?])/g, "$1");

/** A whole word or phrase in running text, in any letter case. */
function wordTest(value: SearchValue): (text: string) => boolean {
  if (value.kind === "exists") return (text) => text !== "";
  if (value.kind === "range") throw new BadRequestError("a range needs a name before it, such as @duration");
  const source = value.kind === "glob" ? globSource(value.text, "[^\\s]*") : escapeRegex(unescaped(value.text));
  const isWordLike = (letter: string | undefined) => letter !== undefined && /[\p{L}\p{N}_*?]/u.test(letter);
  // Only where the term itself begins or ends with a letter does it have to begin or end a word.
  const pattern = new RegExp(
    `${isWordLike(value.text[0]) && value.text[0] !== "*" ? "(?<![\\p{L}\\p{N}_])" : ""}${source}${isWordLike(value.text.at(-1)) && value.text.at(-1) !== "*" ? "(?![\\p{L}\\p{N}_])" : ""}`,
    "iu",
  );
  return (text) => pattern.test(text);
}

function valueTest(name: string, value: SearchValue, anyCase: boolean, toNumber: (text: string) => number): (value: unknown) => boolean {
  switch (value.kind) {
    case "exists":
      return (actual) => actual !== undefined && actual !== null && actual !== "";
    case "exact": {
      const wanted = value.quoted ? value.text : unescaped(value.text);
      if (!anyCase) return (actual) => actual !== undefined && plain(actual) === wanted;
      const lower = wanted.toLowerCase();
      return (actual) => actual !== undefined && plain(actual).toLowerCase() === lower;
    }
    case "glob": {
      const pattern = new RegExp(`^${globSource(value.text)}$`, anyCase ? "is" : "s");
      return (actual) => actual !== undefined && pattern.test(plain(actual));
    }
    case "range": {
      const limits = [value.from, value.to].map(({ text, inclusive }) => ({ at: text === null ? null : toNumber(text), inclusive }));
      const [from, to] = limits;
      if (limits.some(({ at }) => at !== null && Number.isNaN(at))) throw new BadRequestError(`${name}: only numbers can be compared`);
      return (actual) => {
        const figure =
          typeof actual === "number" ? actual : typeof actual === "string" && actual.trim() !== "" ? Number(actual) : Number.NaN;
        if (Number.isNaN(figure)) return false;
        if (from?.at != null && (from.inclusive ? figure < from.at : figure <= from.at)) return false;
        return to?.at == null || (to.inclusive ? figure <= to.at : figure < to.at);
      };
    }
    default:
      return value satisfies never;
  }
}

const plain = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);

/** Turns a query into a test of one item; all parsing and compiling is done here, once. */
export function matcher<T>(query: SearchQuery, searchable: Searchable<T>): (item: T) => boolean {
  switch (query.kind) {
    case "all":
      return () => true;
    case "not": {
      const inner = matcher(query.of, searchable);
      return (item) => !inner(item);
    }
    case "and":
    case "or": {
      const parts = query.of.map((part) => matcher(part, searchable));
      return query.kind === "and" ? (item) => parts.every((part) => part(item)) : (item) => parts.some((part) => part(item));
    }
    case "term":
      return termMatcher(query.key, query.value, searchable);
    default:
      return query satisfies never;
  }
}

function termMatcher<T>(key: SearchKey, value: SearchValue, searchable: Searchable<T>): (item: T) => boolean {
  if (key.kind === "text" || key.kind === "everywhere") {
    const test = wordTest(value);
    return key.kind === "text" ? (item) => test(searchable.text(item)) : (item) => test(searchable.everything(item));
  }
  const { name } = key;
  const toNumber = (text: string): number => searchable.number?.(name, text) ?? Number(text);
  const test = valueTest(name, value, key.kind === "field" && searchable.anyCase(name), toNumber);
  const read = key.kind === "field" ? searchable.field.bind(searchable) : searchable.attribute.bind(searchable);
  return (item) => {
    const actual = read(item, name);
    return Array.isArray(actual) ? actual.some(test) : test(actual);
  };
}

/**
 * Looks an attribute path up in nested data of which keys may themselves hold dots (`http.route` as one key, or `http` with a `route`).
 */
export function attributeAt(attributes: unknown, path: string): unknown {
  if (typeof attributes !== "object" || attributes === null) return undefined;
  const record = attributes as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(record, path)) return record[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(record, head)) continue;
    const found = attributeAt(record[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
