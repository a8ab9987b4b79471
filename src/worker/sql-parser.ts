/* oxlint-disable no-underscore-dangle -- names that the compiled library has */
import createPgQuery, { type PgQuery } from "libpg-query/wasm/libpg-query.js";
import pgQueryWasm from "libpg-query/wasm/libpg-query.wasm";
import type { SqlParser } from "../guard/sql-tree.ts";

/**
 * PostgreSQL's own parser. The package's entry compiles its WebAssembly from a file; a Worker may do neither, so wrangler compiles the file and
 * it is run here as that entry runs it. Instantiated with the first statement, as it takes memory.
 */
let loading: Promise<PgQuery> | null = null;

const load = (): Promise<PgQuery> =>
  createPgQuery({
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(pgQueryWasm, imports);
      done(instance);
      return instance.exports;
    },
  });

// Fields of libpg_query's PgQueryParseResult and PgQueryError, in bytes: pointers of 32 bits.
const TREE = 0;
const ERROR = 8;
const MESSAGE = 0;

/** @throws Error with the parser's words */
function parsed(query: PgQuery, sql: string): unknown {
  const bytes = query.lengthBytesUTF8(sql) + 1;
  const text = query._malloc(bytes);
  query.stringToUTF8(sql, text, bytes);
  const result = query._wasm_parse_query_raw(text);
  try {
    const at = (from: number, field: number) => query.getValue(from + field, "i32");
    const error = at(result, ERROR);
    if (error !== 0) throw new Error(query.UTF8ToString(at(error, MESSAGE)));
    return JSON.parse(query.UTF8ToString(at(result, TREE)));
  } finally {
    query._free(text);
    query._wasm_free_parse_result(result);
  }
}

export const parseSql: SqlParser = async (sql) => {
  try {
    return parsed(await (loading ??= load()), sql);
  } catch (error) {
    // What broke off in the middle may have left anything behind.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) loading = null;
    throw error;
  }
};
