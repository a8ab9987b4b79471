import { ROW_FUNCTIONS, SYSTEM_COLUMNS } from "./sql-names.ts";
import { type Around, SqlExpression, sortKey } from "./sql-expression.ts";
import { type Column, type Ctes, type Entry, entryOf, joined, plain, readableNames, renamed, type Scope } from "./sql-scope.ts";
import { isNode, listOf, nodeWords, type SqlNode, type SqlParser, SqlRefusedError, SqlText, textOf } from "./sql-tree.ts";
import { unseenInSql } from "./unseen.ts";

/** A table or view that the catalog declares, as the database has it. */
export interface SqlTable {
  readonly schema: string;
  readonly name: string;
  /** All of them, in the database's order. */
  readonly columns: readonly {
    readonly name: string;
    readonly access: "read" | "hidden" | { readonly masked: string };
  }[];
}

export interface CheckedSql {
  /** The statement, with the schema before each table that had none; for a search path of pg_catalog alone. */
  readonly sql: string;
  /** Columns of its result, in order; `mask` is the kind of personal data of which the value must not be shown. */
  readonly columns: readonly { readonly name: string; readonly mask: string | null }[];
  /** Tables that it reads, as `schema.name`. */
  readonly tables: readonly string[];
}

export const LONGEST_SQL = 6_000;
const MOST_COLUMNS = 40;
/** Things in FROM, in all parts together: the planner's work grows faster than their number. */
const MOST_ENTRIES = 24;
const DEEPEST = 60;
/** What PostgreSQL calls a column that has no name. */
const NAMELESS = "?column?";
const JOINS = new Set(["JOIN_INNER", "JOIN_LEFT", "JOIN_RIGHT", "JOIN_FULL"]);

const access = (column: SqlTable["columns"][number]): Column => ({
  name: column.name,
  hidden: column.access === "hidden",
  mask: typeof column.access === "object" ? column.access.masked : null,
  weight: 1,
});

type Part = Pick<Scope, "entries" | "merged">;
const NOTHING: Part = { entries: [], merged: new Map() };
const beside = (a: Part, b: Part): Part => ({ entries: [...a.entries, ...b.entries], merged: new Map([...a.merged, ...b.merged]) });

/** A walk through one statement: every node known, every name resolved as PostgreSQL resolves it. */
class SqlCheck implements Around {
  readonly text: SqlText;
  readonly now: number;
  readonly #tables: readonly SqlTable[];
  readonly used = new Set<string>();
  #entries = 0;
  #depth = 0;

  constructor(text: SqlText, tables: readonly SqlTable[], now: number) {
    this.text = text;
    this.now = now;
    this.#tables = tables;
  }

  /** A SELECT in a wrapped node. */
  query = (value: unknown, parent: Scope | null, ctes: Ctes | null): readonly Column[] => {
    const { kind, node } = this.text.open(value);
    return kind === "SelectStmt"
      ? this.select(node, parent, ctes)
      : this.text.refuse(`only SELECT is allowed, not ${nodeWords(kind)}`, node);
  };

  select(value: unknown, parent: Scope | null, outer: Ctes | null): readonly Column[] {
    const node = this.text.fields("SelectStmt", value);
    if (++this.#depth > DEEPEST) this.text.refuse("too many queries in each other");
    const ctes = this.#with(node["withClause"], parent, outer);
    for (const limit of [node["limitCount"], node["limitOffset"]])
      if (limit !== undefined && this.text.open(limit).kind !== "A_Const") this.text.refuse("LIMIT and OFFSET must be whole numbers");
    const columns =
      node["op"] !== "SETOP_NONE"
        ? this.#union(node, parent, ctes)
        : node["valuesLists"] === undefined
          ? this.#plain(node, parent, ctes)
          : this.#values(node, parent, ctes);
    this.#depth--;
    return columns;
  }

  #with(value: unknown, parent: Scope | null, outer: Ctes | null): Ctes | null {
    if (value === undefined) return outer;
    let ctes = outer;
    for (const one of listOf(this.text.fields("WithClause", value)["ctes"])) {
      const { kind, node } = this.text.open(one);
      if (kind !== "CommonTableExpr") this.text.refuse(`not allowed in WITH: ${kind}`);
      const name = textOf(node["ctename"]);
      const columns = this.query(node["ctequery"], parent, ctes);
      const names = listOf(node["aliascolnames"]).map((column) => this.text.name(column));
      ctes = { name, columns: columns.map((column, index) => ({ ...column, name: names[index] ?? column.name })), next: ctes };
    }
    return ctes;
  }

  #union(node: SqlNode, parent: Scope | null, ctes: Ctes | null): readonly Column[] {
    const left = this.select(node["larg"], parent, ctes);
    const right = this.select(node["rarg"], parent, ctes);
    if (left.length !== right.length)
      this.text.refuse(`the parts of ${textOf(node["op"]).slice(6)} have ${left.length} and ${right.length} columns`);
    const columns = left.map((column, index) => {
      const other = right[index];
      if (column.mask !== (other?.mask ?? null))
        this.text.refuse(
          `column ${index + 1} is masked in one part of the ${textOf(node["op"]).slice(6)} and not, or otherwise, in the other`,
        );
      if (column.mask !== null && (node["op"] !== "SETOP_UNION" || node["all"] !== true))
        this.text.refuse(`${column.name} is masked, so rows may not be compared by it; use UNION ALL`);
      return { ...column, weight: column.weight + (other?.weight ?? 0) };
    });
    for (const one of listOf(node["sortClause"])) {
      const key = sortKey(this.text, one);
      if (!this.#orderedByOutput(key, columns)) this.text.refuse("ORDER BY after UNION takes a column of the result, by name or number");
    }
    return columns;
  }

  #values(node: SqlNode, parent: Scope | null, ctes: Ctes | null): readonly Column[] {
    const inside = new SqlExpression(this, { ...NOTHING, parent }, ctes);
    const rows = listOf(node["valuesLists"]).map((row) => this.#list(row));
    for (const row of rows) for (const one of row) inside.weigh(one);
    const columns = (rows[0] ?? []).map((_one, index) => plain(`column${index + 1}`));
    for (const one of listOf(node["sortClause"])) this.#orderedByOutput(sortKey(this.text, one), columns);
    return columns;
  }

  #list(value: unknown): readonly unknown[] {
    const { kind, node } = this.text.open(value);
    return kind === "List" ? listOf(node["items"]) : this.text.refuse(`not allowed: ${kind}`, node);
  }

  #plain(node: SqlNode, parent: Scope | null, ctes: Ctes | null): readonly Column[] {
    let from = NOTHING;
    for (const one of listOf(node["fromClause"])) from = beside(from, this.#from(one, from, parent, ctes));
    const aliases = from.entries.map(({ alias }) => alias).filter((alias) => alias !== "");
    const twice = aliases.find((alias, index) => aliases.indexOf(alias) !== index);
    if (twice !== undefined) this.text.refuse(`${twice} is in FROM twice; give each an alias of its own`);
    const scope: Scope = { ...from, parent };
    const inside = new SqlExpression(this, scope, ctes);
    const columns = listOf(node["targetList"]).flatMap((one) => this.#target(one, scope, inside));
    if (columns.length > MOST_COLUMNS) this.text.refuse(`at most ${MOST_COLUMNS} columns are allowed`);
    for (const part of ["whereClause", "havingClause"]) if (node[part] !== undefined) inside.weigh(node[part]);
    for (const one of listOf(node["windowClause"])) {
      const { kind, node: window } = this.text.open(one);
      if (kind !== "WindowDef") this.text.refuse(`not allowed in WINDOW: ${kind}`);
      inside.window(window);
    }
    for (const one of listOf(node["groupClause"])) this.#grouped(one, scope, inside, columns);
    for (const one of listOf(node["sortClause"])) {
      const key = sortKey(this.text, one);
      if (!this.#orderedByOutput(key, columns)) inside.weigh(key);
    }
    // A plain DISTINCT is a list of one empty node.
    const distinct = listOf(node["distinctClause"]);
    const isOn = distinct.some((one) => isNode(one) && Object.keys(one).length > 0);
    const masked = columns.find(({ mask }) => mask !== null);
    if (distinct.length > 0 && !isOn && masked !== undefined)
      this.text.refuse(`${masked.name} is masked, so rows may not be compared by it (DISTINCT)`);
    if (isOn) for (const one of distinct) if (!this.#orderedByOutput(one, columns)) inside.weigh(one);
    return columns;
  }

  /** Whether a key of ORDER BY is a column of the result, by its number or name. @throws SqlRefusedError when that one is masked */
  #orderedByOutput(key: unknown, columns: readonly Column[]): boolean {
    const { kind, node } = this.text.open(key);
    let found: Column[] = [];
    if (kind === "A_Const" && isNode(node["ival"])) {
      const at = columns[Number(node["ival"]["ival"] ?? 0) - 1];
      found = at === undefined ? this.text.refuse("there is no column of this number", node) : [at];
    } else if (kind === "ColumnRef") {
      const [field, ...more] = listOf(node["fields"]);
      if (more.length === 0 && isNode(field) && "String" in field) {
        const name = this.text.name(field);
        found = columns.filter((column) => column.name === name);
      }
    }
    const masked = found.find(({ mask }) => mask !== null);
    if (masked !== undefined) this.text.refuse(`${masked.name} is masked, so rows may not be ordered or grouped by it`, node);
    return found.length > 0;
  }

  /** GROUP BY: a column of a table before one of the result, as PostgreSQL has it. */
  #grouped(value: unknown, scope: Scope, inside: SqlExpression, columns: readonly Column[]): void {
    const { kind, node } = this.text.open(value);
    if (kind === "GroupingSet") {
      const content = listOf(node["content"]);
      if (node["kind"] === "GROUPING_SET_CUBE" && content.length > 5) this.text.refuse("CUBE takes at most 5 columns", node);
      for (const one of content) this.#grouped(one, scope, inside, columns);
    } else if (kind === "RowExpr") {
      for (const one of listOf(node["args"])) this.#grouped(one, scope, inside, columns);
    } else if (!this.#isColumnHere(kind, node, scope) && this.#orderedByOutput(value, columns)) return;
    else inside.weigh(value);
  }

  /** Whether a name alone is a column of this level's tables, hidden or not. */
  #isColumnHere(kind: string, node: SqlNode, { entries, merged }: Scope): boolean {
    const fields = listOf(node["fields"]);
    if (kind !== "ColumnRef" || fields.length !== 1 || !isNode(fields[0]) || !("String" in fields[0])) return false;
    const name = this.text.name(fields[0]);
    return merged.has(name) || entries.some((entry) => entry.system.includes(name) || entry.columns.some((column) => column.name === name));
  }

  #target(value: unknown, scope: Scope, inside: SqlExpression): Column[] {
    const { kind, node } = this.text.open(value);
    if (kind !== "ResTarget") this.text.refuse(`not allowed: ${kind}`);
    const val = this.text.open(node["val"]);
    const fields = val.kind === "ColumnRef" ? listOf(val.node["fields"]) : [];
    const last = fields.at(-1);
    if (isNode(last) && "A_Star" in last && this.text.open(last).kind === "A_Star") return this.#star(fields.slice(0, -1), node, scope);
    const { mask, weight } = inside.output(node["val"]);
    const name = typeof node["name"] === "string" ? node["name"] : (this.#figure(node["val"], inside)[0] ?? NAMELESS);
    return [{ name, hidden: false, mask, weight }];
  }

  #star(qualifier: readonly unknown[], node: SqlNode, scope: Scope): Column[] {
    const names = qualifier.map((one) => this.text.name(one));
    if (names.length > 2) this.text.refuse("a table of another database is not allowed", node);
    if (names.length === 0 && scope.merged.size > 0) this.text.refuse("* is not allowed with USING; name the columns", node);
    const entries = names.length === 0 ? scope.entries : [entryOf(this.text, names, scope, node)];
    if (entries.length === 0) this.text.refuse("* has no table here", node);
    for (const entry of entries)
      if (entry.columns.some(({ hidden }) => hidden))
        this.text.refuse(
          `${entry.table ?? entry.alias} has columns that are not allowed, so name the columns instead of *: ${readableNames(entry)}`,
          node,
        );
    return entries.flatMap(({ columns }) => columns);
  }

  /**
   * The name that PostgreSQL gives a column of SELECT without AS, and how much it holds to it; null: none. Another one here would have names mean
   * other columns than there. Source: FigureColname.
   */
  #figure(value: unknown, inside: SqlExpression): readonly [string | null, 0 | 1 | 2] {
    const { kind, node } = this.text.open(value);
    switch (kind) {
      case "ColumnRef":
        return [this.text.name(listOf(node["fields"]).at(-1)), 2];
      case "FuncCall":
        return [this.text.name(listOf(node["funcname"]).at(-1)), 2];
      case "A_Indirection":
      case "CollateClause":
        return this.#figure(node["arg"], inside);
      case "A_Expr":
        return node["kind"] === "AEXPR_NULLIF" ? ["nullif", 2] : [null, 0];
      case "TypeCast": {
        const inner = this.#figure(node["arg"], inside);
        const type = isNode(node["typeName"]) ? this.text.name(listOf(node["typeName"]["names"]).at(-1)) : null;
        return inner[1] === 2 ? inner : [type, 1];
      }
      case "CaseExpr": {
        const inner = node["defresult"] === undefined ? ([null, 0] as const) : this.#figure(node["defresult"], inside);
        return inner[1] === 2 ? inner : ["case", 1];
      }
      case "SubLink": {
        if (node["subLinkType"] === "EXISTS_SUBLINK") return ["exists", 2];
        if (node["subLinkType"] === "ARRAY_SUBLINK") return ["array", 2];
        // The query was looked through before: its first column is called as there, whatever it is made of (UNION, VALUES, *).
        const [first] = node["subLinkType"] === "EXPR_SUBLINK" ? inside.query(node["subselect"]) : [];
        return first === undefined ? [null, 0] : [first.name, 2];
      }
      case "GroupingFunc":
        return ["grouping", 2];
      case "A_ArrayExpr":
        return ["array", 2];
      case "RowExpr":
        return ["row", 2];
      case "CoalesceExpr":
        return ["coalesce", 2];
      case "MinMaxExpr":
        return [node["op"] === "IS_LEAST" ? "least" : "greatest", 2];
      case "SQLValueFunction":
        return [
          textOf(node["op"])
            .replace(/^SVFOP_/, "")
            .replace(/_N$/, "")
            .toLowerCase(),
          2,
        ];
      default:
        return [null, 0];
    }
  }

  /** One thing in FROM. @param left what comes before it, which LATERAL and functions see */
  #from(value: unknown, left: Part, parent: Scope | null, ctes: Ctes | null): Part {
    const { kind, node } = this.text.open(value);
    if (kind !== "JoinExpr" && ++this.#entries > MOST_ENTRIES)
      this.text.refuse(`at most ${MOST_ENTRIES} tables and subqueries are allowed`);
    switch (kind) {
      case "RangeVar":
        return { ...NOTHING, entries: [this.#table(node, ctes)] };
      case "RangeSubselect": {
        const columns = this.query(node["subquery"], node["lateral"] === true ? { ...left, parent } : parent, ctes);
        const named = node["alias"] === undefined ? { alias: "", columns } : renamed(this.text, columns, node["alias"]);
        return { ...NOTHING, entries: [{ ...named, schema: null, table: null, system: [], scalar: false }] };
      }
      case "RangeFunction":
        return { ...NOTHING, entries: [this.#function(node, new SqlExpression(this, { ...left, parent }, ctes))] };
      case "JoinExpr":
        return this.#join(node, left, parent, ctes);
      default:
        return this.text.refuse(`not allowed in FROM: ${nodeWords(kind)}`, node);
    }
  }

  #join(node: SqlNode, left: Part, parent: Scope | null, ctes: Ctes | null): Part {
    if (node["alias"] !== undefined) this.text.refuse("an alias of a whole join is not allowed");
    if (!JOINS.has(textOf(node["jointype"]))) this.text.refuse(`not allowed: ${textOf(node["jointype"])}`);
    const first = this.#from(node["larg"], left, parent, ctes);
    const second = this.#from(node["rarg"], beside(left, first), parent, ctes);
    const using = listOf(node["usingClause"]).map((one) => this.text.name(one));
    const merged = using.map((name) => {
      const one = joined(this.text, name, first, node);
      joined(this.text, name, second, node);
      return [name, one] as const;
    });
    const both = beside(first, second);
    if (node["quals"] !== undefined) new SqlExpression(this, { ...both, parent }, ctes).weigh(node["quals"]);
    return { ...both, merged: new Map([...both.merged, ...merged]) };
  }

  #table(node: SqlNode, ctes: Ctes | null): Entry {
    const name = textOf(node["relname"]);
    const schema = typeof node["schemaname"] === "string" ? node["schemaname"] : null;
    const alias = node["alias"] === undefined ? null : this.text.fields("Alias", node["alias"]);
    if (schema === null) {
      for (let cte = ctes; cte !== null; cte = cte.next) {
        if (cte.name !== name) continue;
        const { columns } = cte;
        const given = alias === null ? { alias: name, columns } : renamed(this.text, columns, alias);
        return { ...given, schema: null, table: null, system: [], scalar: false };
      }
    }
    if (alias?.["colnames"] !== undefined) this.text.refuse("columns of a table may not be renamed in FROM; use AS in SELECT", node);
    const named = this.#tables.filter((table) => table.name === name && (schema === null || table.schema === schema));
    const table = named.length === 1 ? named[0] : named.find((one) => one.schema === "public");
    if (table === undefined) {
      const all = this.#tables.map((one) => (one.schema === "public" ? one.name : `${one.schema}.${one.name}`)).join(", ");
      return this.text.refuse(
        named.length === 0
          ? `the table ${schema === null ? name : `${schema}.${name}`} is not allowed; allowed are: ${all || "none"}`
          : `${name} is in several schemas; write one of ${named.map((one) => `${one.schema}.${one.name}`).join(", ")}`,
        node,
      );
    }
    if (schema === null) {
      const at = this.text.placeOf(node);
      if (at < 0) this.text.refuse(`write the schema before ${name}`);
      this.text.insert(at, `"${table.schema.replaceAll('"', '""')}".`);
    }
    const full = `${table.schema}.${table.name}`;
    this.used.add(full);
    return {
      alias: alias === null ? name : textOf(alias["aliasname"]),
      schema: alias === null ? table.schema : null,
      table: full,
      columns: table.columns.map(access),
      system: SYSTEM_COLUMNS,
      scalar: false,
    };
  }

  #function(node: SqlNode, inside: SqlExpression): Entry {
    const [only, ...more] = listOf(node["functions"]);
    const [call, definitions, ...rest] = listOf(this.#list(only));
    if (more.length > 0 || rest.length > 0 || (isNode(definitions) && Object.keys(definitions).length > 0))
      this.text.refuse("not allowed in FROM: ROWS FROM, or a list of column definitions");
    const { kind, node: called } = this.text.open(call);
    if (kind !== "FuncCall") return this.text.refuse(`not allowed in FROM: ${kind}`, called);
    const name = inside.called(called);
    if (!Object.hasOwn(ROW_FUNCTIONS, name)) this.text.refuse(`${name} does not return rows, so it cannot be in FROM`, called);
    if (name === "unnest" && listOf(called["args"]).length !== 1) this.text.refuse("unnest takes one array", called);
    inside.weigh(call);
    const alias = node["alias"] === undefined ? null : this.text.fields("Alias", node["alias"]);
    const columns = (ROW_FUNCTIONS[name] ?? [alias === null ? name : textOf(alias["aliasname"])]).map((column) => plain(column));
    const all = node["ordinality"] === true ? [...columns, plain("ordinality")] : columns;
    const named = alias === null ? { alias: name, columns: all } : renamed(this.text, all, alias);
    return { ...named, schema: null, table: null, system: [], scalar: all.length === 1 };
  }
}

/** Where the statement ends, in bytes, when something follows it: a semicolon, a comment. */
function statementEnd(statement: unknown): number | undefined {
  if (!isNode(statement) || statement["stmt_len"] === undefined) return undefined;
  return Number(statement["stmt_location"] ?? 0) + Number(statement["stmt_len"]);
}

/** A statement that is one SELECT, and not looked into yet. */
export interface ParsedSelect {
  readonly sql: string;
  readonly select: unknown;
  /** Where it ends, in bytes, when something follows it. */
  readonly end: number | undefined;
}

const TOO_DEEP = "the statement is nested too deeply; write it flatter";

/**
 * Reads one statement of a model with PostgreSQL's grammar: the part of the check that needs no database.
 * @throws SqlRefusedError with words for the model: not SQL, not one statement, not SELECT
 */
export async function parseSelect(parse: SqlParser, sql: string): Promise<ParsedSelect> {
  const trimmed = sql.trim();
  if (trimmed === "") throw new SqlRefusedError("there is no statement");
  if (trimmed.length > LONGEST_SQL)
    throw new SqlRefusedError(`the statement has ${trimmed.length} characters; at most ${LONGEST_SQL} are allowed`);
  if (unseenInSql.test(trimmed) || !trimmed.isWellFormed())
    throw new SqlRefusedError("the statement holds characters that are not seen; write it without them");
  let tree: unknown;
  try {
    tree = await parse(trimmed);
  } catch (error) {
    if (error instanceof RangeError) throw new SqlRefusedError(TOO_DEEP);
    const words = error instanceof Error ? error.message : "it cannot be read";
    throw new SqlRefusedError(`not valid SQL: ${words.replaceAll(/\s+/g, " ").slice(0, 200)}`);
  }
  const [first, ...more] = isNode(tree) ? listOf(tree["stmts"]) : [];
  if (!isNode(first)) throw new SqlRefusedError("there is no statement");
  if (more.length > 0) throw new SqlRefusedError(`one statement is allowed, not ${more.length + 1}`);
  const select = first["stmt"];
  const [kind] = isNode(select) ? Object.keys(select) : [];
  if (kind !== "SelectStmt") throw new SqlRefusedError(`only SELECT is allowed, not ${nodeWords(kind ?? "this")}`);
  return { sql: trimmed, select, end: flatEnough(() => statementEnd(first)) };
}

/** How deep the stack reaches is not ours to know: a tree that is too deep for it is refused like any other. */
function flatEnough<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof RangeError) throw new SqlRefusedError(TOO_DEEP);
    throw error;
  }
}

/**
 * Looks through a statement before a database sees it: it reads nothing but declared tables and columns, calls nothing but listed functions,
 * operators and casts of PostgreSQL itself, and computes with no masked column. Default deny: what is not known is refused.
 * @param tables what the catalog declares, with all columns that the database has, so that names mean here what they mean there
 * @param now epoch ms
 * @throws SqlRefusedError with words for the model
 */
export function checkSelect({ sql, select, end }: ParsedSelect, tables: readonly SqlTable[], now: number): CheckedSql {
  const text = new SqlText(sql);
  const check = new SqlCheck(text, tables, now);
  const columns = flatEnough(() => check.query(select, null, null));
  if (columns.length === 0) throw new SqlRefusedError("name at least one column");
  if (columns.length > MOST_COLUMNS) throw new SqlRefusedError(`at most ${MOST_COLUMNS} columns are allowed`);
  return {
    sql: text.result(end),
    columns: columns.map(({ name, mask }) => ({ name, mask })),
    tables: [...check.used],
  };
}

const AGGREGATES = new Set(["count", "sum", "avg", "min", "max"]);

/** Whether a SELECT computes one aggregate over all its rows, so that it returns one row whatever they are. */
export function isAggregateAlone({ select }: ParsedSelect): boolean {
  const node = isNode(select) && isNode(select["SelectStmt"]) ? select["SelectStmt"] : {};
  const [target, ...more] = listOf(node["targetList"]);
  if (more.length > 0 || node["groupClause"] !== undefined || !isNode(target) || !isNode(target["ResTarget"])) return false;
  const value = target["ResTarget"]["val"];
  const call = isNode(value) && isNode(value["FuncCall"]) ? value["FuncCall"] : null;
  const name = listOf(call?.["funcname"]).at(-1);
  const word = isNode(name) && isNode(name["String"]) ? textOf(name["String"]["sval"]) : "";
  return call?.["over"] === undefined && AGGREGATES.has(word.toLowerCase());
}
