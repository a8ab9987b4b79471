import { BadRequestError } from "./errors.ts";
import { globSource } from "./search-query.ts";

/** What a metric query may be asked to do with the values of one interval, over time or over series. */
export type Aggregator = "avg" | "sum" | "min" | "max" | "count" | "p50" | "p75" | "p90" | "p95" | "p99";

const aggregators: readonly string[] = ["avg", "sum", "min", "max", "count", "p50", "p75", "p90", "p95", "p99"] satisfies Aggregator[];
const isAggregator = (word: string): word is Aggregator => aggregators.includes(word);

/** Tags of one series; a key may have several values. */
export type Tags = Readonly<Record<string, readonly string[]>>;
export type TagFilter = (tags: Tags) => boolean;

/** `avg:metric{filter} by {tags}.rollup(avg, 60).as_count()`. */
export interface MetricQuery {
  readonly kind: "query";
  /** As written, for the answer's `expression`. */
  readonly text: string;
  readonly metric: string;
  readonly aggregator: Aggregator;
  /** The filter as written, "*" for none. */
  readonly scope: string;
  readonly filter: TagFilter;
  readonly groupBy: readonly string[];
  readonly rollup: { readonly aggregator: Aggregator | null; readonly intervalMs: number | null } | null;
  readonly as: "count" | "rate" | null;
  /** What replaces an interval without a value; null leaves it out. */
  readonly fill: number | null;
}

/** Queries joined by arithmetic. `name` stands for a query of a v2 request. */
export type Expression =
  | MetricQuery
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "operation"; readonly operator: "+" | "-" | "*" | "/"; readonly left: Expression; readonly right: Expression };

class Reader {
  private at = 0;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  fail(problem: string): never {
    throw new BadRequestError(`Error parsing query: ${problem} at character ${this.at + 1} of "${this.text}"`);
  }

  get position(): number {
    return this.at;
  }

  skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  get done(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  peek(): string {
    this.skipSpace();
    return this.text[this.at] ?? "";
  }

  take(expected: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** Takes what the pattern (sticky) matches here, or returns null. */
  match(pattern: RegExp): string | null {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail(`"${expected}" is missing`);
  }
}

/**
 * The comma-separated queries of `GET /api/v1/query`, each with arithmetic between queries and numbers.
 * @throws BadRequestError for anything outside of that, for example functions such as `top()` or `anomalies()`
 */
export function parseMetricQueries(text: string): Expression[] {
  const reader = new Reader(text);
  const expressions: Expression[] = [];
  do expressions.push(parseSum(reader, parseQuery));
  while (reader.take(","));
  if (!reader.done) reader.fail(`"${reader.peek()}" is not expected`);
  return expressions;
}

/** One query of a v2 request, which has no arithmetic of its own. */
export function parseMetricQuery(text: string): MetricQuery {
  const reader = new Reader(text);
  const query = parseQuery(reader);
  if (!reader.done) reader.fail(`"${reader.peek()}" is not expected`);
  return query;
}

/** A v2 formula: names of queries, numbers, arithmetic. */
export function parseFormula(text: string): Expression {
  const reader = new Reader(text);
  const formula = parseSum(reader, parseName);
  if (!reader.done) reader.fail(`"${reader.peek()}" is not expected`);
  return formula;
}

type ParseLeaf = (reader: Reader) => Expression;

function parseSum(reader: Reader, leaf: ParseLeaf): Expression {
  let left = parseProduct(reader, leaf);
  for (;;) {
    const operator = reader.take("+") ? "+" : reader.take("-") ? "-" : null;
    if (operator === null) return left;
    left = { kind: "operation", operator, left, right: parseProduct(reader, leaf) };
  }
}

function parseProduct(reader: Reader, leaf: ParseLeaf): Expression {
  let left = parseFactor(reader, leaf);
  for (;;) {
    const operator = reader.take("*") ? "*" : reader.take("/") ? "/" : null;
    if (operator === null) return left;
    left = { kind: "operation", operator, left, right: parseFactor(reader, leaf) };
  }
}

function parseFactor(reader: Reader, leaf: ParseLeaf): Expression {
  if (reader.take("(")) {
    const inside = parseSum(reader, leaf);
    reader.expect(")");
    return inside;
  }
  const number = reader.match(/\d+(\.\d+)?/y);
  return number === null ? leaf(reader) : { kind: "number", value: Number(number) };
}

function parseName(reader: Reader): Expression {
  const name = reader.match(/[A-Za-z_]\w*/y) ?? reader.fail("a query's name is missing");
  if (reader.peek() === "(") reader.fail(`the function ${name}() is not served by this replay`);
  return { kind: "name", name };
}

function parseQuery(reader: Reader): MetricQuery {
  reader.skipSpace();
  const from = reader.position;
  let word = reader.match(/[A-Za-z][\w.]*/y) ?? reader.fail("a metric's name is missing");
  let aggregator: Aggregator = "avg";
  if (reader.take(":")) {
    aggregator = isAggregator(word) ? word : reader.fail(`the aggregator "${word}" is not one of ${aggregators.join(", ")}`);
    word = reader.match(/[A-Za-z][\w.]*/y) ?? reader.fail("a metric's name is missing");
  }
  if (reader.peek() === "(") reader.fail(`the function ${word}() is not served by this replay`);
  if (reader.peek() !== "{") reader.fail(`"{" is missing after ${word}: write ${word}{*} for all of it`);
  const { scope, filter } = parseScope(reader);
  const groupBy = parseGroupBy(reader);
  let rollup: MetricQuery["rollup"] = null;
  let as: MetricQuery["as"] = null;
  let fill: number | null = null;
  while (reader.take(".")) {
    const name = reader.match(/[a-z_]+/y) ?? reader.fail("a function's name is missing");
    const values = parseArguments(reader);
    if (name === "rollup") rollup = rollupOf(reader, values);
    else if (name === "as_count" && values.length === 0) as = "count";
    else if (name === "as_rate" && values.length === 0) as = "rate";
    else if (name === "fill") fill = fillOf(reader, values);
    else reader.fail(`.${name}(${values.join(", ")}) is not served by this replay`);
  }
  return {
    kind: "query",
    text: reader.text.slice(from, reader.position).trim(),
    metric: word,
    aggregator,
    scope,
    filter,
    groupBy,
    rollup,
    as,
    fill,
  };
}

function parseGroupBy(reader: Reader): string[] {
  if (reader.match(/by(?=[\s{])/y) === null) return [];
  reader.expect("{");
  const keys: string[] = [];
  do keys.push(reader.match(/[\w.\-/@]+/y) ?? reader.fail("a tag's name is missing"));
  while (reader.take(","));
  reader.expect("}");
  return keys;
}

function parseArguments(reader: Reader): string[] {
  reader.expect("(");
  if (reader.take(")")) return [];
  const values: string[] = [];
  do values.push(reader.match(/'[^']*'|"[^"]*"|[\w.-]+/y)?.replaceAll(/^['"]|['"]$/g, "") ?? reader.fail("an argument is missing"));
  while (reader.take(","));
  reader.expect(")");
  return values;
}

function rollupOf(reader: Reader, values: readonly string[]): NonNullable<MetricQuery["rollup"]> {
  let aggregator: Aggregator | null = null;
  let intervalMs: number | null = null;
  for (const value of values) {
    if (isAggregator(value)) aggregator = value;
    else if (/^\d+$/.test(value) && Number(value) > 0) intervalMs = Number(value) * 1000;
    else reader.fail(`rollup does not know "${value}"`);
  }
  if (values.length === 0 || values.length > 2) reader.fail("rollup takes an aggregator and seconds");
  return { aggregator, intervalMs };
}

function fillOf(reader: Reader, values: readonly string[]): number | null {
  const [value = ""] = values;
  if (values.length !== 1) reader.fail("fill takes one argument");
  if (value === "null") return null;
  if (value === "zero") return 0;
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return reader.fail(`fill(${value}) is not served by this replay`);
}

/** The filter in braces: `*`, `k:v`, `!k:v`, commas, `AND`, `OR`, `NOT`, `k IN (…)`, `k NOT IN (…)`, parentheses, `*` inside a value. */
function parseScope(reader: Reader): { scope: string; filter: TagFilter } {
  reader.expect("{");
  const from = reader.position;
  if (reader.take("}")) return { scope: "*", filter: () => true };
  const filter = parseAny(reader);
  const scope = reader.text.slice(from, reader.position).trim();
  reader.expect("}");
  return { scope, filter };
}

/** A filter on its own, as `tag_filter` of the metrics list has it. */
export function parseTagFilter(text: string): TagFilter {
  const reader = new Reader(text);
  if (reader.done) return () => true;
  const filter = parseAny(reader);
  if (!reader.done) reader.fail(`"${reader.peek()}" is not expected`);
  return filter;
}

const keyword = (word: string): RegExp => new RegExp(`${word}(?=[\\s(!])`, "iy");

function parseAny(reader: Reader): TagFilter {
  const parts = [parseAll(reader)];
  while (reader.match(keyword("OR")) !== null) parts.push(parseAll(reader));
  return (tags) => parts.some((part) => part(tags));
}

function parseAll(reader: Reader): TagFilter {
  const parts = [parseOne(reader)];
  while (reader.take(",") || reader.match(keyword("AND")) !== null) parts.push(parseOne(reader));
  return (tags) => parts.every((part) => part(tags));
}

function parseOne(reader: Reader): TagFilter {
  if (reader.take("!") || reader.match(keyword("NOT")) !== null) {
    const inner = parseOne(reader);
    return (tags) => !inner(tags);
  }
  if (reader.take("(")) {
    const inside = parseAny(reader);
    reader.expect(")");
    return inside;
  }
  if (reader.take("*")) return () => true;
  const key = reader.match(/[A-Za-z@_][\w.\-/@]*/y) ?? reader.fail("a tag filter such as service:web is missing");
  if (reader.take(":")) return hasTag(key, [parseTagValue(reader)]);
  const excluded = reader.match(keyword("NOT")) !== null;
  if (reader.match(/IN(?=[\s(])/iy) === null) reader.fail(`"${key}" is no filter: write ${key}:value, or ${key}:* for any`);
  reader.expect("(");
  const values: string[] = [];
  do values.push(parseTagValue(reader));
  while (reader.take(","));
  reader.expect(")");
  const any = hasTag(key, values);
  return excluded ? (tags) => !any(tags) : any;
}

/** A value may hold spaces; it ends before a comma, a bracket or a joining word. */
function parseTagValue(reader: Reader): string {
  const quoted = reader.match(/"[^"]*"/y);
  if (quoted !== null) return quoted.slice(1, -1);
  return reader.match(/[^,(){}"\s]+(?:\s+(?!(?:AND|OR|NOT|IN)[\s(])[^,(){}"\s]+)*/iy) ?? reader.fail("a tag's value is missing");
}

function hasTag(key: string, values: readonly string[]): TagFilter {
  // Datadog keeps tags in lower case; here they keep theirs, so letter case cannot tell them apart.
  const tests = values.map((value) => new RegExp(`^${globSource(value)}$`, "i"));
  return (tags) => tags[key]?.some((actual) => tests.some((test) => test.test(actual))) ?? false;
}
