/** What a statement does, as far as its words tell without a parser: bounded, in one pass, and silent where it is not sure. */
export interface StatementShape {
  readonly effect: "reads" | "writes" | "other";
  readonly aggregates: boolean;
  /** Tables it names, without schema, lower case unless quoted. */
  readonly tables: readonly string[];
  /** Columns that a WHERE or ON compares with a value. `table` is null where the statement leaves open whose column it is. */
  readonly filters: readonly { readonly table: string | null; readonly column: string }[];
}

const LONGEST = 8_000;
const MOST = 40;

interface Token {
  readonly kind: "word" | "name" | "value" | "sign";
  /** Words in lower case, names as they are. */
  readonly text: string;
}

/** Words of the language, names, values (literals and placeholders) and signs; comments are left out. */
function tokensOf(statement: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /--[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/|$)|\$(\w*)\$|'[^']*'?|"([^"]*)"?|\$\d+|:\w+|\?|\d[\w.]*|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*|::|[<>=!~]+|[^\s]/gy;
  const text = statement.slice(0, LONGEST);
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const space = /\s+/y;
    space.lastIndex = pattern.lastIndex;
    if (space.test(text)) {
      pattern.lastIndex = space.lastIndex;
      continue;
    }
    const match = pattern.exec(text);
    if (match === null) break;
    const [token] = match;
    if (token.startsWith("--") || token.startsWith("/*")) continue;
    if (match[1] !== undefined) {
      // A string between dollar signs ends at the same sign.
      const end = text.indexOf(token, pattern.lastIndex);
      pattern.lastIndex = end < 0 ? text.length : end + token.length;
      tokens.push({ kind: "value", text: "?" });
    } else if (match[2] !== undefined) tokens.push({ kind: "name", text: match[2] });
    else if (/^['$?\d]|^:\w/.test(token)) tokens.push({ kind: "value", text: "?" });
    else if (/^[A-Za-z_\u0080-\uFFFF]/.test(token)) tokens.push({ kind: "word", text: token.toLowerCase() });
    else tokens.push({ kind: "sign", text: token });
  }
  return tokens;
}

const isWord = (token: Token | undefined, ...words: readonly string[]) => token?.kind === "word" && words.includes(token.text);
const isSign = (token: Token | undefined, ...signs: readonly string[]) => token?.kind === "sign" && signs.includes(token.text);

/** Words that end a list of tables or a filter, and that are no alias. */
const CLAUSES = new Set(
  "where on using join inner left right full outer cross natural lateral group order limit offset having returning union intersect except set values window fetch for select from with when then".split(
    " ",
  ),
);
const COMPARES = ["=", "<", ">", "<=", ">=", "<>", "!=", "~", "~*", "!~"];
/** An index by the column does not help to find what differs from a value. */
const HELPED = new Set(["=", "<", ">", "<=", ">=", "in", "between", "like", "any"]);

const isName = (token: Token | undefined): token is Token =>
  token !== undefined && (token.kind === "name" || (token.kind === "word" && !CLAUSES.has(token.text)));

/** Reads tables and filtered columns out of one statement. */
export function shapeOf(statement: string): StatementShape {
  const tokens = tokensOf(statement);
  const verbs = tokens.filter((token) => isWord(token, "select", "insert", "update", "delete", "merge"));
  // "FOR UPDATE" locks rows; it writes none.
  const writes = tokens.some(
    (token, at) => isWord(token, "insert", "update", "delete", "merge") && !isWord(tokens[at - 1], "for", "key", "no", "do", "on"),
  );
  const effect = verbs.length === 0 ? "other" : writes ? "writes" : "reads";
  const aggregates =
    tokens.some((token, at) => isWord(token, "count", "sum", "avg", "min", "max", "array_agg") && isSign(tokens[at + 1], "(")) ||
    tokens.some((token) => isWord(token, "group", "distinct"));
  const tables = new Map<string, string>();
  const ctes = new Set<string>();
  const filters: { table: string | null; column: string }[] = [];
  const named: string[] = [];

  /** Takes one table with its alias; gives the place after it. */
  const table = (from: number, mayCall: boolean): number => {
    let at = from;
    while (isWord(tokens[at], "only", "lateral")) at += 1;
    if (!isName(tokens[at])) return at;
    while (isSign(tokens[at + 1], ".") && isName(tokens[at + 2])) at += 2;
    const name = tokens[at]?.text ?? "";
    at += 1;
    if (mayCall && isSign(tokens[at], "(")) return at;
    named.push(name);
    tables.set(name, name);
    if (isWord(tokens[at], "as")) at += 1;
    if (isName(tokens[at])) {
      tables.set(tokens[at]?.text ?? "", name);
      at += 1;
    }
    return at;
  };

  // A bracket has a clause of its own; after it the one around goes on.
  const clauses: ("tables" | "filter" | "other")[] = ["other"];
  const clause = () => clauses.at(-1) ?? "other";
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (isSign(token, "(")) clauses.push(clause() === "filter" ? "filter" : "other");
    else if (isSign(token, ")")) clauses.length = Math.max(1, clauses.length - 1);
    else if (isSign(token, ";")) clauses.splice(0, clauses.length, "other");
    else if (isWord(token, "as") && isSign(tokens[at + 1], "(") && isName(tokens[at - 1])) ctes.add(tokens[at - 1]?.text ?? "");
    else if (
      (isWord(token, "from") && !isWord(tokens[at - 1], "distinct")) ||
      isWord(token, "join", "into") ||
      (isWord(token, "update") && !isWord(tokens[at - 1], "for", "key", "do", "no", "on"))
    ) {
      clauses[clauses.length - 1] = "tables";
      at = table(at + 1, !isWord(token, "into")) - 1;
    } else if (clause() === "tables" && isSign(token, ",")) at = table(at + 1, true) - 1;
    else if (isWord(token, "where", "on")) clauses[clauses.length - 1] = "filter";
    else if (
      isWord(token, "set", "select", "values", "returning", "group", "order", "limit", "having", "union", "except", "intersect", "window")
    )
      clauses[clauses.length - 1] = "other";
    else if (clause() === "filter" && isName(token) && !isSign(tokens[at - 1], ".", "::")) {
      let last = at;
      while (isSign(tokens[last + 1], ".") && isName(tokens[last + 2])) last += 2;
      const column = tokens[last]?.text ?? "";
      const owner = last === at ? null : (tokens[last - 2]?.text ?? null);
      let next = last + 1;
      // `column::type = $1`: a cast may keep the index from being used, so nothing is said of it.
      const operator = tokens[next];
      if (isSign(operator, ...COMPARES) || isWord(operator, "in", "between", "like")) {
        next += 1;
        const other = tokens[next];
        // Compared with a value, a call or a query, not with another table's column.
        const isValue = other?.kind === "value" || isSign(other, "(") || (isName(other) && isSign(tokens[next + 1], "("));
        if (isValue && HELPED.has(operator?.text ?? "") && filters.length < MOST)
          filters.push({ table: owner === null ? null : (tables.get(owner) ?? owner), column });
      }
      at = last;
    }
  }
  const real = [...new Set(named)].filter((name) => !ctes.has(name)).slice(0, MOST);
  return {
    effect,
    aggregates,
    tables: real,
    filters: filters.map(({ table: owner, column }) => ({ table: owner === null ? null : (tables.get(owner) ?? owner), column })),
  };
}

/** A table as the database's catalog describes it. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
  /** First columns of its valid indexes; "" where an expression comes first. */
  readonly leading: readonly string[];
}

/**
 * Tables that a statement filters by columns of which none comes first in an index. With an index by an expression nothing is said, for that
 * may be the filter's own.
 */
export function unindexed(shape: StatementShape, schema: readonly TableShape[]): { table: string; columns: string[] }[] {
  const named = schema.filter(({ table }) => shape.tables.includes(table));
  return named.flatMap(({ table, columns, leading }) => {
    const mine = shape.filters.filter(
      (filter) =>
        columns.includes(filter.column) &&
        (filter.table === table || (filter.table === null && named.filter((one) => one.columns.includes(filter.column)).length === 1)),
    );
    const filtered = [...new Set(mine.map(({ column }) => column))];
    return filtered.length === 0 || leading.includes("") || filtered.some((column) => leading.includes(column))
      ? []
      : [{ table, columns: filtered }];
  });
}
