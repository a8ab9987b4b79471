import type { SqlParser } from "../guard/sql-tree.ts";

/** PostgreSQL's own parser, in WebAssembly. Loaded with the first statement: most starts need none. */
export const parseSql: SqlParser = async (sql) => {
  const { parse } = await import("libpg-query");
  return parse(sql);
};
