import {
  COLLATIONS,
  COLLECTING,
  FUNCTIONS,
  GROWING,
  OPERATORS,
  ROW_FUNCTIONS,
  SEARCHING,
  SEARCHING_OPERATORS,
  TYPES,
  VALUE_WORDS,
} from "./sql-names.ts";
import { JSON_EXTRACTORS, JSON_OPERATORS, secretKeyIn } from "./sql-json-key.ts";
import { type Column, type Ctes, resolve, type Scope } from "./sql-scope.ts";
import { MOST_STEPS, stepsOf } from "./sql-series.ts";
import { isNode, listOf, type SqlNode, type SqlText, textOf } from "./sql-tree.ts";

/** What the check of an expression needs of the statement around it. */
export interface Around {
  readonly text: SqlText;
  /** Epoch ms, for the length of a series of times. */
  readonly now: number;
  /** Checks a query inside an expression; gives its columns. */
  query(select: unknown, scope: Scope | null, ctes: Ctes | null): readonly Column[];
}

/** Most parts that a column may be made of, subqueries put into each other. */
const HEAVIEST = 4_000;
const GROWS = 6;
/** A char(n) is filled up with blanks. */
const LONGEST_TYPE = 10_000;
/** Characters of a text, or digits of a number, that count as one part. */
const PART = 8;
/** Parts of what is collected from rows: nobody knows how many. */
const COLLECTED = 500;
/**
 * Most that the sizes of two values may come to, multiplied, where one is looked for in the other: PostgreSQL looks at no time limit before such
 * a call is over.
 */
const MOST_SEARCHED = 5_000;

/** Parts that the exponent of a number stands for: it is as long as that says. */
const exponentOf = (text: string): number =>
  Math.floor(Number(/^\s*[-+]?[\d._]+e\+?([\d_]{1,20})\s*$/i.exec(text)?.[1]?.replaceAll("_", "") ?? 0) / PART);

/** Parts of a constant beside itself. */
function sizeOf(node: SqlNode): number {
  const sval = isNode(node["sval"]) ? textOf(node["sval"]["sval"]) : "";
  const fval = isNode(node["fval"]) ? textOf(node["fval"]["fval"]) : "";
  return Math.floor((sval.length + fval.length) / PART) + exponentOf(fval);
}

/** The same for a text that is read as a number in its place: elsewhere "12e45678" is the beginning of a commit's sha. */
function sizeAsNumber(text: SqlText, value: unknown): number {
  if (value === undefined) return 0;
  const { kind, node } = text.open(value);
  return kind === "A_Const" && isNode(node["sval"]) ? exponentOf(textOf(node["sval"]["sval"])) : 0;
}
const isNumeric = (text: SqlText, type: unknown): boolean => text.name(listOf(text.fields("TypeName", type)["names"]).at(-1)) === "numeric";
const CALCULATING = new Set(["+", "-", "*", "/", "%", "@"]);

/** An expression in one place of a statement: every node is known, every name resolved, nothing masked computed with. */
export class SqlExpression {
  readonly #around: Around;
  readonly #scope: Scope;
  readonly #ctes: Ctes | null;
  readonly #queries = new Map<unknown, readonly Column[]>();

  constructor(around: Around, scope: Scope, ctes: Ctes | null) {
    this.#around = around;
    this.#scope = scope;
    this.#ctes = ctes;
  }

  /** Columns of a query inside; each is walked once, however often it is asked for. */
  query(select: unknown): readonly Column[] {
    const known = this.#queries.get(select);
    if (known !== undefined) return known;
    const columns = this.#around.query(select, this.#scope, this.#ctes);
    this.#queries.set(select, columns);
    return columns;
  }

  /** A column of SELECT: the only place where a masked column may appear as it is. */
  output(value: unknown): { readonly mask: string | null; readonly weight: number } {
    const masked = this.#masked(value);
    return masked ?? { mask: null, weight: this.weigh(value) };
  }

  /** A masked column, or a subquery with one; null for everything else. */
  #masked(value: unknown): { readonly mask: string; readonly weight: number } | null {
    const { text } = this.#around;
    const { kind, node } = text.open(value);
    if (kind === "ColumnRef") {
      const { mask, weight } = resolve(text, node, this.#scope);
      return mask === null ? null : { mask, weight };
    }
    if (kind !== "SubLink" || node["subLinkType"] !== "EXPR_SUBLINK") return null;
    const [only, ...more] = this.query(node["subselect"]);
    return only === undefined || only.mask === null || more.length > 0 ? null : { mask: only.mask, weight: only.weight };
  }

  /** @returns how many parts it is made of. @throws SqlRefusedError */
  weigh(value: unknown): number {
    const { text } = this.#around;
    const { kind, node } = text.open(value);
    const weight = 1 + this.#parts(kind, node);
    if (weight > HEAVIEST) text.refuse("the expression is too large: subqueries multiply it", node);
    return weight;
  }

  #all(values: unknown): number {
    return listOf(values).reduce<number>((sum, value) => sum + this.weigh(value), 0);
  }

  #maybe(value: unknown): number {
    return value === undefined ? 0 : this.weigh(value);
  }

  #parts(kind: string, node: SqlNode): number {
    const { text } = this.#around;
    switch (kind) {
      case "A_Const":
        return sizeOf(node);
      case "ColumnRef": {
        const column = resolve(text, node, this.#scope);
        if (column.mask !== null)
          text.refuse(
            `${column.name} is masked (${column.mask}): it may be alone as a column of SELECT, in count() and in IS [NOT] NULL, nowhere else`,
            node,
          );
        return column.weight;
      }
      case "A_Expr":
        return this.#operator(node);
      case "BoolExpr":
      case "CoalesceExpr":
      case "MinMaxExpr":
      case "RowExpr":
      case "GroupingFunc":
        return this.#all(node["args"]);
      case "NullTest":
        return this.#masked(node["arg"]) === null ? this.weigh(node["arg"]) : 1;
      case "BooleanTest":
        return this.weigh(node["arg"]);
      case "CaseExpr":
        return this.#maybe(node["arg"]) + this.#all(node["args"]) + this.#maybe(node["defresult"]);
      case "CaseWhen":
        return this.weigh(node["expr"]) + this.weigh(node["result"]);
      case "A_ArrayExpr":
        return this.#all(node["elements"]);
      case "List":
        return this.#all(node["items"]);
      case "FuncCall":
        return this.#call(node);
      case "NamedArgExpr":
        return this.weigh(node["arg"]);
      case "TypeCast":
        return (
          this.#type(node["typeName"]) + this.weigh(node["arg"]) + (isNumeric(text, node["typeName"]) ? sizeAsNumber(text, node["arg"]) : 0)
        );
      case "SubLink":
        return this.#subquery(node);
      case "A_Indirection":
        return this.weigh(node["arg"]) + listOf(node["indirection"]).reduce<number>((sum, one) => sum + this.#index(one, node), 0);
      case "SQLValueFunction":
        if (!VALUE_WORDS.has(textOf(node["op"]))) text.refuse("CURRENT_USER and the like are not allowed: they say who is logged in", node);
        return 0;
      case "CollateClause": {
        const names = listOf(node["collname"]).map((one) => text.name(one));
        if (names.length !== 1 || !COLLATIONS.has(names[0] ?? ""))
          text.refuse(`this collation is not allowed; allowed are: ${[...COLLATIONS].join(", ")}`, node);
        return this.weigh(node["arg"]);
      }
      default:
        return text.refuse(`not allowed here: ${kind}`, node);
    }
  }

  /** `a[1]`, never `(a).b`, which may be a call. */
  #index(value: unknown, around: SqlNode): number {
    const { text } = this.#around;
    const { kind, node } = text.open(value);
    if (kind !== "A_Indices") return text.refuse("fields of a composite value are not allowed", around);
    this.#noSecretKey(node, node["uidx"]);
    return this.#maybe(node["lidx"]) + this.#maybe(node["uidx"]);
  }

  #operatorName(names: unknown, node: SqlNode): void {
    const { text } = this.#around;
    const parts = listOf(names).map((one) => text.name(one));
    if (parts.length !== 1) text.refuse("OPERATOR(schema.op) is not allowed; write the operator alone", node);
    if (!OPERATORS.has(parts[0] ?? ""))
      text.refuse(`the operator ${parts[0] ?? ""} is not allowed; allowed are: ${[...OPERATORS].join(" ")}`, node);
  }

  static readonly #kinds = new Set(
    "OP OP_ANY OP_ALL DISTINCT NOT_DISTINCT NULLIF IN LIKE ILIKE SIMILAR BETWEEN NOT_BETWEEN BETWEEN_SYM NOT_BETWEEN_SYM"
      .split(" ")
      .map((word) => `AEXPR_${word}`),
  );

  #operator(node: SqlNode): number {
    const kind = textOf(node["kind"]);
    if (!SqlExpression.#kinds.has(kind)) this.#around.text.refuse(`not allowed: ${kind}`, node);
    // The name of BETWEEN and the like is a word, not an operator that could be another's.
    if (kind.includes("BETWEEN")) for (const word of listOf(node["name"])) this.#around.text.name(word);
    else this.#operatorName(node["name"], node);
    const { text } = this.#around;
    const name = text.name(listOf(node["name"])[0]);
    if (JSON_OPERATORS.has(name)) this.#noSecretKey(node, node["rexpr"]);
    const sides = [this.#maybe(node["lexpr"]), this.#maybe(node["rexpr"])];
    if (SEARCHING_OPERATORS.has(name)) this.#searched(sides, node);
    const numbers = CALCULATING.has(name) ? sizeAsNumber(text, node["lexpr"]) + sizeAsNumber(text, node["rexpr"]) : 0;
    return sides.reduce((sum, weight) => sum + weight, numbers);
  }

  /** @throws SqlRefusedError where looking for one value in another could take longer than any limit of time */
  #searched(sizes: readonly number[], node: SqlNode): void {
    const [first = 1, second = 1] = sizes.toSorted((a, b) => b - a);
    if (first * second > MOST_SEARCHED)
      this.#around.text.refuse("a long text or list may not be looked for in another one; what rows are collected to is long", node);
  }

  #noSecretKey(node: SqlNode, ...keys: readonly unknown[]): void {
    const key = secretKeyIn(...keys);
    if (key !== null)
      this.#around.text.refuse(
        `"${key}" names a secret, which is hidden by that name and would not be known without it; it cannot be taken out of the JSON`,
        node,
      );
  }

  /** @returns parts that the type adds */
  #type(value: unknown): number {
    const { text } = this.#around;
    const node = text.fields("TypeName", value);
    const names = listOf(node["names"]).map((one) => text.name(one));
    const name = names.at(-1) ?? "";
    const own = names.length === 1 || (names.length === 2 && names[0] === "pg_catalog");
    if (!own || !TYPES.has(name)) text.refuse(`a cast to ${names.join(".")} is not allowed; allowed are: ${[...TYPES].join(", ")}`, node);
    let longest = 0;
    for (const one of listOf(node["typmods"])) {
      const { kind, node: length } = text.open(one);
      const figure = isNode(length["ival"]) ? Number(length["ival"]["ival"] ?? 0) : Number.NaN;
      // An interval's fields are a mask of bits here.
      if (kind !== "A_Const" || !(figure <= (name === "interval" ? 32_767 : LONGEST_TYPE)))
        text.refuse(`the length of a type must be a number up to ${LONGEST_TYPE}`, node);
      if (name === "bpchar" || name === "bit") longest = figure;
    }
    return Math.floor(longest / PART);
  }

  #subquery(node: SqlNode): number {
    const { text } = this.#around;
    const kind = textOf(node["subLinkType"]);
    if (!["EXISTS_SUBLINK", "ANY_SUBLINK", "ALL_SUBLINK", "EXPR_SUBLINK", "ARRAY_SUBLINK"].includes(kind))
      text.refuse(`not allowed: ${kind}`, node);
    if (node["operName"] !== undefined) this.#operatorName(node["operName"], node);
    const columns = this.query(node["subselect"]);
    const masked = columns.find(({ mask }) => mask !== null);
    if (kind !== "EXISTS_SUBLINK" && masked !== undefined)
      text.refuse(`${masked.name} is masked (${masked.mask ?? ""}), so nothing may be compared with it or made of it`, node);
    const weight = columns.reduce((sum, column) => sum + column.weight, 0);
    return this.#maybe(node["testexpr"]) + weight + (kind === "ARRAY_SUBLINK" ? COLLECTED : 0);
  }

  /** Name of a called function. @throws SqlRefusedError when it is not on the list */
  called(node: SqlNode): string {
    const { text } = this.#around;
    const names = listOf(node["funcname"]).map((one) => text.name(one));
    const name = names.at(-1) ?? "";
    const own = names.length === 1 || (names.length === 2 && names[0] === "pg_catalog");
    if (!own || !(FUNCTIONS.has(name) || Object.hasOwn(ROW_FUNCTIONS, name)))
      text.refuse(`the function ${names.join(".")} is not allowed (call sql_query without sql for the list)`, node);
    return name;
  }

  #call(node: SqlNode): number {
    const { text, now } = this.#around;
    const name = this.called(node);
    const args = listOf(node["args"]);
    if (name === "generate_series" && !((stepsOf(args, now) ?? Number.POSITIVE_INFINITY) <= MOST_STEPS))
      text.refuse(
        `generate_series needs bounds that are written out (whole numbers, or times such as now() - interval '1 hour') and at most ${MOST_STEPS} steps`,
        node,
      );
    if (JSON_EXTRACTORS.has(name)) this.#noSecretKey(node, ...args.slice(1));
    const counts = name === "count" && args.length === 1 && this.#masked(args[0]) !== null;
    const sizes = counts ? [1] : args.map((one) => this.weigh(one));
    if (SEARCHING.has(name)) this.#searched(sizes, node);
    const weight =
      sizes.reduce((sum, size) => sum + size, 0) +
      this.sorted(node["agg_order"]) +
      this.#maybe(node["agg_filter"]) +
      this.#over(node["over"]);
    return (GROWING.has(name) ? weight * GROWS : weight) + (COLLECTING.has(name) ? COLLECTED : 0);
  }

  /** ORDER BY inside a call or a window: expressions of columns, never positions or aliases. */
  sorted(list: unknown): number {
    return listOf(list).reduce<number>((sum, one) => sum + this.weigh(sortKey(this.#around.text, one)), 0);
  }

  #over(value: unknown): number {
    return value === undefined ? 0 : this.window(value);
  }

  /** What a window is partitioned and ordered by. */
  window(value: unknown): number {
    const node = this.#around.text.fields("WindowDef", value);
    return (
      this.#all(node["partitionClause"]) +
      this.sorted(node["orderClause"]) +
      this.#maybe(node["startOffset"]) +
      this.#maybe(node["endOffset"])
    );
  }
}

/** What one part of ORDER BY sorts by. */
export function sortKey(text: SqlText, value: unknown): unknown {
  const { kind, node } = text.open(value);
  if (kind !== "SortBy" || node["sortby_dir"] === "SORTBY_USING")
    return text.refuse("only ORDER BY … ASC or DESC is allowed", isNode(node) ? node : null);
  return node["node"];
}
