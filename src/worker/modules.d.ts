/** Files that wrangler puts into the Worker as text (see the rules of wrangler.toml). */
declare module "*.md" {
  const text: string;
  export default text;
}
declare module "*.yaml" {
  const text: string;
  export default text;
}
/** Files that wrangler compiles. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** What the entry of libpg-query wraps. The package has no types for it. */
declare module "libpg-query/wasm/libpg-query.js" {
  export interface PgQuery {
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, at: number, bytes: number): void;
    UTF8ToString(at: number): string;
    getValue(at: number, type: "i32"): number;
    _malloc(bytes: number): number;
    _free(at: number): void;
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
  }
  export default function createPgQuery(options: {
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): WebAssembly.Exports;
  }): Promise<PgQuery>;
}
