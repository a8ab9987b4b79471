import { isNode, listOf, type SqlNode, type SqlText, textOf } from "./sql-tree.ts";

/** A column as a statement sees it. */
export interface Column {
  readonly name: string;
  /** The catalog does not allow it; it is here so that names are resolved as PostgreSQL resolves them. */
  readonly hidden: boolean;
  /** Kind of personal data: the value may be shown, masked, and not be computed with. */
  readonly mask: string | null;
  /** How many parts its expression has once subqueries are put into each other; 1 of a table. */
  readonly weight: number;
}

/** One thing in FROM. */
export interface Entry {
  readonly alias: string;
  /** Of a table without an alias, which may be named with it. */
  readonly schema: string | null;
  /** "public.orders", of a table. */
  readonly table: string | null;
  /** In order. */
  readonly columns: readonly Column[];
  /** Names that a table has besides. */
  readonly system: readonly string[];
  /** Of a function with one column: its alias stands for that column. */
  readonly scalar: boolean;
}

/** What names mean in one part of a statement: its own FROM, then those around it. */
export interface Scope {
  readonly entries: readonly Entry[];
  /** Columns that USING made one of two. */
  readonly merged: ReadonlyMap<string, Column>;
  readonly parent: Scope | null;
}

/** Queries of WITH, nearest first. */
export interface Ctes {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly next: Ctes | null;
}

export const plain = (name: string, weight = 1): Column => ({ name, hidden: false, mask: null, weight });

export const readableNames = (entry: Entry): string => entry.columns.flatMap(({ name, hidden }) => (hidden ? [] : [name])).join(", ");

const hiddenWords = (entry: Entry, name: string): string =>
  `column ${name} of ${entry.table ?? entry.alias} is not allowed; allowed are: ${readableNames(entry)}`;

function columnOf(entry: Entry, name: string): Column | null {
  const found = entry.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  return entry.system.includes(name) ? { ...plain(name), hidden: true } : null;
}

function* levels(scope: Scope | null): Generator<Scope> {
  for (let one = scope; one !== null; one = one.parent) yield one;
}

/** Names of a ColumnRef. @throws SqlRefusedError for a star where no list of columns is meant */
function namesOf(text: SqlText, node: SqlNode): string[] {
  return listOf(node["fields"]).map((field) =>
    isNode(field) && "A_Star" in field ? text.refuse("* is only allowed as a column of SELECT and in count(*)", node) : text.name(field),
  );
}

function byName(text: SqlText, name: string, scope: Scope, node: SqlNode): Column {
  for (const { entries, merged } of levels(scope)) {
    const one = merged.get(name);
    if (one !== undefined) return one;
    const found = entries.flatMap((entry) => {
      const column = columnOf(entry, name);
      return column === null ? [] : [{ entry, column }];
    });
    const [first] = found;
    if (first === undefined) continue;
    if (found.length > 1)
      text.refuse(`${name} is ambiguous: it is in ${found.map(({ entry }) => entry.alias).join(" and ")}; write it with its table`, node);
    return first.column.hidden ? text.refuse(hiddenWords(first.entry, name), node) : first.column;
  }
  for (const { entries } of levels(scope)) {
    const entry = entries.find(({ alias }) => alias === name);
    if (entry === undefined) continue;
    const [only] = entry.columns;
    if (entry.scalar && only !== undefined) return only;
    text.refuse(`${name} is a whole row; name its columns: ${readableNames(entry)}`, node);
  }
  const known = scope.entries.map((entry) => `${entry.alias}: ${readableNames(entry)}`).join("; ");
  return text.refuse(`there is no column ${name}${known === "" ? "" : `; there is ${known}`}`, node);
}

/** The entry that a qualified name means, nearest first. */
export function entryOf(text: SqlText, qualifier: readonly string[], scope: Scope, node: SqlNode): Entry {
  const [first = "", second] = qualifier;
  const matches = ({ alias, schema }: Entry) => (second === undefined ? alias === first : schema === first && alias === second);
  for (const { entries } of levels(scope)) {
    const found = entries.find(matches);
    if (found !== undefined) return found;
  }
  return text.refuse(
    `there is no table ${qualifier.join(".")} here; there is ${scope.entries.map(({ alias }) => alias).join(", ") || "none"}`,
    node,
  );
}

/** What a ColumnRef means. @throws SqlRefusedError for what is hidden, unknown, ambiguous or a whole row */
export function resolve(text: SqlText, node: SqlNode, scope: Scope): Column {
  const names = namesOf(text, node);
  const last = names.at(-1) ?? "";
  if (names.length === 1) return byName(text, last, scope, node);
  if (names.length > 3) text.refuse("a column of another database is not allowed", node);
  const entry = entryOf(text, names.slice(0, -1), scope, node);
  const column = columnOf(entry, last);
  if (column === null) return text.refuse(`${entry.alias} has no column ${last}; it has ${readableNames(entry)}`, node);
  return column.hidden ? text.refuse(hiddenWords(entry, last), node) : column;
}

/** A visible, unmasked column of one side of a join, for USING. */
export function joined(text: SqlText, name: string, side: Pick<Scope, "entries" | "merged">, node: SqlNode): Column {
  const column = byName(text, name, { ...side, parent: null }, node);
  if (column.mask !== null) text.refuse(`${name} is masked, so nothing may be joined by it`, node);
  return column;
}

/** Names of the columns that an alias gives: `v(id, name)`. */
export function renamed(text: SqlText, columns: readonly Column[], alias: unknown): { alias: string; columns: Column[] } {
  const node = text.fields("Alias", alias);
  const names = listOf(node["colnames"]).map((one) => text.name(one));
  if (names.length > columns.length) text.refuse(`${textOf(node["aliasname"])} has ${columns.length} columns, not ${names.length}`);
  return {
    alias: textOf(node["aliasname"]),
    columns: columns.map((column, index) => ({ ...column, name: names[index] ?? column.name })),
  };
}
