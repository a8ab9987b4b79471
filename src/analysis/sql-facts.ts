/** What a migration does, in words, with the names that errors may speak of. */
export interface SqlFact {
  readonly text: string;
  readonly names: readonly string[];
}

/** Comments, strings, names in quotes, words, and single marks, of any dialect. What does not end takes all that follows. */
const TOKEN =
  /--[^\n]*|#[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*$)|\$(\w*)\$(?:[\s\S]*?\$\1\$|[\s\S]*$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]\n]*\]|[\p{L}_][\p{L}\p{N}_$]*(?:\.(?:[\p{L}_][\p{L}\p{N}_$]*|"[^"]*"|`[^`]*`))*|\d[\w.]*|\S/gu;

/** From here on a file of some migration tools says how to go back. */
const WAY_BACK = /^--\s*(?:\+(?:goose|migrate)\s+down|migrate:down|@down|rollback)\b/im;

/** Statements of a piece of SQL as lists of tokens, without comments. */
function statementsOf(sql: string): string[][] {
  const statements: string[][] = [[]];
  const back = WAY_BACK.exec(sql)?.index ?? sql.length;
  for (const [token] of sql.slice(0, back).matchAll(TOKEN)) {
    if (/^(?:--|#|\/\*)/.test(token)) continue;
    if (token === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((tokens) => tokens.length > 0);
}

/**
 * What the statements do that a piece of SQL has now and had not before: tables, columns, indexes, constraints, and rows changed without a
 * condition. A statement that is not understood says nothing.
 */
export function sqlFacts(before: readonly string[], now: readonly string[]): SqlFact[] {
  const known = new Set(statementsOf(before.join("\n")).map((tokens) => tokens.join(" ")));
  return statementsOf(now.join("\n")).flatMap((tokens) => (known.has(tokens.join(" ")) ? [] : factsOf(tokens)));
}

const bare = (name: string | undefined): string => (name ?? "").replaceAll(/["`[\]]/g, "");

/** Reads words off the front of a statement. */
class Cursor {
  readonly tokens: readonly string[];
  at = 0;
  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }
  /** Skips the words if all of them come next. */
  take(...words: string[]): boolean {
    const comes = words.every((word, index) => this.tokens[this.at + index]?.toUpperCase() === word);
    if (comes) this.at += words.length;
    return comes;
  }
  name(): string {
    const name = bare(this.tokens[this.at]);
    this.at += 1;
    return name;
  }
  has(...words: string[]): boolean {
    return this.tokens.some((_, index) => words.every((word, offset) => this.tokens[index + offset]?.toUpperCase() === word));
  }
}

const fact = (text: string, ...names: string[]): SqlFact[] => (names.includes("") ? [] : [{ text, names }]);

function factsOf(tokens: readonly string[]): SqlFact[] {
  const read = new Cursor(tokens);
  if (read.take("ALTER", "TABLE")) return alterFacts(read);
  if (read.take("DROP")) {
    const kind = ["TABLE", "INDEX", "VIEW", "TYPE", "SEQUENCE"].find((word) => read.take(word));
    if (kind === undefined) return [];
    read.take("CONCURRENTLY");
    read.take("IF", "EXISTS");
    const name = read.name();
    return fact(`${kind.toLowerCase()} \`${name}\` dropped`, name);
  }
  if (read.take("CREATE")) {
    const unique = read.take("UNIQUE");
    if (!read.take("INDEX")) return [];
    read.take("CONCURRENTLY");
    read.take("IF", "NOT", "EXISTS");
    const name = read.take("ON") ? "" : read.name();
    if (name !== "") read.take("ON");
    read.take("ONLY");
    const table = read.name();
    return fact(`${unique ? "unique " : ""}index ${name === "" ? "" : `\`${name}\` `}created on \`${table}\``, table);
  }
  if (read.take("TRUNCATE")) {
    read.take("TABLE");
    const name = read.name();
    return fact(`all rows of \`${name}\` deleted`, name);
  }
  if (read.take("LOCK")) {
    read.take("TABLE");
    const name = read.name();
    return fact(`table \`${name}\` locked`, name);
  }
  const isDelete = read.take("DELETE", "FROM");
  if (isDelete || read.take("UPDATE")) {
    const name = read.name();
    return fact(`${read.has("WHERE") ? "" : "all "}rows of \`${name}\` ${isDelete ? "deleted" : "updated"}`, name);
  }
  return [];
}

function alterFacts(read: Cursor): SqlFact[] {
  read.take("IF", "EXISTS");
  read.take("ONLY");
  const table = read.name();
  const actions: string[][] = [[]];
  let depth = 0;
  for (const token of read.tokens.slice(read.at)) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token === "," && depth === 0) actions.push([]);
    else actions.at(-1)?.push(token);
  }
  return actions.flatMap((tokens) => actionFacts(new Cursor(tokens), table));
}

/** What belongs to a table and is no column. */
const PARTS = ["CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "PARTITION"];

function actionFacts(read: Cursor, table: string): SqlFact[] {
  if (read.take("RENAME")) {
    if (read.take("TO")) {
      const to = read.name();
      return fact(`table \`${table}\` renamed to \`${to}\``, table, to);
    }
    if (PARTS.some((word) => read.take(word))) return [];
    read.take("COLUMN");
    const from = read.name();
    if (!read.take("TO")) return [];
    const to = read.name();
    return fact(`column \`${from}\` of \`${table}\` renamed to \`${to}\``, from, to, table);
  }
  const isDrop = read.take("DROP");
  if (isDrop || read.take("ADD")) {
    const part = PARTS.find((word) => read.take(word));
    const verb = isDrop ? "dropped from" : "added to";
    if (part === "CONSTRAINT" || part === "INDEX") {
      read.take("IF", isDrop ? "EXISTS" : "NOT");
      const name = read.name();
      return fact(`${part.toLowerCase()} \`${name}\` ${verb} \`${table}\``, name, table);
    }
    if (part !== undefined) return fact(`${part.toLowerCase()} ${verb} \`${table}\``, table);
    read.take("COLUMN");
    read.take("IF", "EXISTS");
    read.take("IF", "NOT", "EXISTS");
    const name = read.name();
    const rule = !isDrop && read.has("NOT", "NULL") && !read.has("DEFAULT") ? ", not null and without a default" : "";
    return fact(`column \`${name}\` ${verb} \`${table}\`${rule}`, name, table);
  }
  if (read.take("MODIFY") || read.take("CHANGE")) {
    read.take("COLUMN");
    const name = read.name();
    return fact(`column \`${name}\` of \`${table}\` changed`, name, table);
  }
  if (!read.take("ALTER")) return [];
  read.take("COLUMN");
  const name = read.name();
  const column = `column \`${name}\` of \`${table}\``;
  if (read.take("TYPE") || read.take("SET", "DATA", "TYPE"))
    return fact(`type of ${column} changed to ${read.tokens.slice(read.at).join(" ").slice(0, 40)}`, name, table);
  if (read.take("SET", "NOT", "NULL")) return fact(`${column} may no longer be null`, name, table);
  if (read.take("DROP", "DEFAULT")) return fact(`default of ${column} dropped`, name, table);
  return fact(`${column} changed`, name, table);
}
