/** What PostgreSQL's own parser makes of a statement, read with a closed list of allowed nodes. */

/** One node's fields, as libpg-query writes them: what is false, zero or empty is left out. */
export type SqlNode = Readonly<Record<string, unknown>>;

/**
 * PostgreSQL's own grammar (libpg-query 18): the raw parse tree as it prints it.
 * @throws an error whose message is the parser's words, for what is no SQL
 */
export type SqlParser = (sql: string) => Promise<unknown>;

/** A statement that will not be run. The message says what, where and what is allowed; it goes to the model. */
export class SqlRefusedError extends Error {
  override readonly name = "SqlRefusedError";
}

/** Fields that each kind of node may have. A kind or a field that is not here is refused, so what a later grammar adds is refused too. */
const KNOWN: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    SelectStmt:
      "distinctClause targetList fromClause whereClause groupClause groupDistinct havingClause windowClause valuesLists sortClause limitOffset limitCount limitOption withClause op all larg rarg",
    ResTarget: "name val",
    ColumnRef: "fields",
    String: "sval",
    A_Star: "",
    A_Const: "ival fval boolval sval bsval isnull",
    A_Expr: "kind name lexpr rexpr rexpr_list_start rexpr_list_end",
    BoolExpr: "boolop args",
    NullTest: "arg nulltesttype",
    BooleanTest: "arg booltesttype",
    CaseExpr: "arg args defresult",
    CaseWhen: "expr result",
    CoalesceExpr: "args",
    MinMaxExpr: "op args",
    FuncCall: "funcname args agg_order agg_filter over agg_within_group agg_star agg_distinct funcformat",
    NamedArgExpr: "arg name argnumber",
    TypeCast: "arg typeName",
    TypeName: "names typmods typemod arrayBounds",
    Integer: "ival",
    SubLink: "subLinkType testexpr operName subselect",
    A_ArrayExpr: "elements list_start list_end",
    A_Indirection: "arg indirection",
    A_Indices: "is_slice lidx uidx",
    RowExpr: "args row_format",
    SQLValueFunction: "op typmod",
    GroupingFunc: "args",
    GroupingSet: "kind content",
    CollateClause: "arg collname",
    List: "items",
    RangeVar: "schemaname relname inh relpersistence alias",
    RangeSubselect: "lateral subquery alias",
    RangeFunction: "lateral ordinality functions alias",
    JoinExpr: "jointype larg rarg usingClause quals",
    Alias: "aliasname colnames",
    WithClause: "ctes",
    CommonTableExpr: "ctename aliascolnames ctematerialized ctequery",
    WindowDef: "name refname partitionClause orderClause frameOptions startOffset endOffset",
    SortBy: "node sortby_dir sortby_nulls",
  }).map(([kind, fields]) => [kind, [...fields.split(" "), "location"]]),
);

/** Words for what people know by another name than the tree's. */
const WORDS: Readonly<Record<string, string>> = {
  intoClause: "SELECT INTO makes a table; only reading is allowed",
  lockingClause: "FOR UPDATE and FOR SHARE lock rows; read without them",
  recursive: "WITH RECURSIVE has no bound; ask for one level at a time",
  isNatural: "NATURAL JOIN also compares columns that you do not see; join with ON or USING",
  join_using_alias: "an alias of USING; give the tables aliases",
  catalogname: "a table of another database",
  func_variadic: "VARIADIC",
  coldeflist: "a function with a list of column definitions",
  is_rowsfrom: "ROWS FROM",
  indirection: "a field of a composite value",
  argisrow: "a test of a whole row",
  useOp: "ORDER BY … USING; order ASC or DESC",
  setof: "SETOF in a cast",
  pct_type: "%TYPE in a cast",
  RangeTableSample: "TABLESAMPLE; filter by a column or use LIMIT",
  RangeTableFunc: "XMLTABLE",
  JsonTable: "JSON_TABLE; use jsonb operators",
  XmlExpr: "XML functions",
  XmlSerialize: "XML functions",
  ParamRef: "a parameter ($1); write the value",
  CurrentOfExpr: "a cursor",
  SetToDefault: "DEFAULT",
  InsertStmt: "INSERT",
  UpdateStmt: "UPDATE",
  DeleteStmt: "DELETE",
  MergeStmt: "MERGE",
  CopyStmt: "COPY",
  DoStmt: "DO",
  CallStmt: "CALL",
  ExplainStmt: "EXPLAIN; write the SELECT alone, its cost is looked at anyway",
  VariableSetStmt: "SET",
  VariableShowStmt: "SHOW; see postgres_diagnostics",
  TransactionStmt: "transaction statements",
  PrepareStmt: "PREPARE",
  ExecuteStmt: "EXECUTE",
};

/** `Stmt` names read as words: CreateTableAsStmt is "create table as". */
export const nodeWords = (kind: string): string =>
  WORDS[kind] ??
  (kind.endsWith("Stmt")
    ? kind
        .slice(0, -4)
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
        .toUpperCase()
    : kind);

export const isNode = (value: unknown): value is SqlNode => typeof value === "object" && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A statement as text: where a node is in it, and what is put before some of its names. */
export class SqlText {
  readonly #bytes: Uint8Array;
  readonly #inserted: { readonly at: number; readonly text: string }[] = [];

  constructor(sql: string) {
    this.#bytes = new TextEncoder().encode(sql);
  }

  #slice = (from: number, to?: number): string => new TextDecoder().decode(this.#bytes.slice(from, to));

  /** ` near "…"`, or nothing where the tree does not say. */
  near(node: SqlNode | null): string {
    const at = node === null ? 0 : this.placeOf(node);
    if (node === null || at < 0) return "";
    const words = this.#slice(at, at + 60)
      .replaceAll(/\s+/g, " ")
      .slice(0, 40)
      .replace(/\uFFFD+$/, "");
    return ` near "${words}"`;
  }

  /** Bytes from the beginning; the parser leaves 0 out, and -1 is no place. */
  placeOf = (node: SqlNode): number => (node["location"] === undefined ? 0 : Number(node["location"]));

  insert(at: number, text: string): void {
    this.#inserted.push({ at, text });
  }

  /** The text with what was inserted. @param end where it ends, in bytes */
  result(end?: number): string {
    let out = "";
    let at = 0;
    for (const one of this.#inserted.toSorted((a, b) => a.at - b.at)) {
      out += this.#slice(at, one.at) + one.text;
      at = one.at;
    }
    return out + this.#slice(at, end);
  }

  refuse(what: string, node: SqlNode | null = null): never {
    throw new SqlRefusedError(`${what}${this.near(node)}`);
  }

  /** The fields of a node of which the kind is known. @throws SqlRefusedError for a field that is not on the list */
  fields(kind: string, value: unknown): SqlNode {
    const known = KNOWN[kind];
    if (known === undefined || !isNode(value)) return this.refuse(`not allowed: ${nodeWords(kind)}`);
    for (const field of Object.keys(value)) if (!known.includes(field)) this.refuse(`not allowed: ${nodeWords(field)}`, value);
    return value;
  }

  /** Kind and fields of a wrapped node: `{ ColumnRef: { … } }`. */
  open(value: unknown): { readonly kind: string; readonly node: SqlNode } {
    const entries = isNode(value) ? Object.entries(value) : [];
    const [first] = entries;
    if (first === undefined || entries.length !== 1) return this.refuse("not allowed: a part of the statement that is not understood");
    const [kind, node] = first;
    if (KNOWN[kind] === undefined) this.refuse(`not allowed: ${nodeWords(kind)}`, isNode(node) ? node : null);
    return { kind, node: this.fields(kind, node) };
  }

  /** The text of a String node. */
  name(value: unknown): string {
    const { kind, node } = this.open(value);
    return kind === "String" ? textOf(node["sval"]) : this.refuse(`not allowed: ${nodeWords(kind)}`);
  }
}
