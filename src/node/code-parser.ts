import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Language } from "@vscode/tree-sitter-wasm";
import { type CodeLanguage, type CodeParser, UnreadableCodeError } from "../fix/code/code-tree.ts";

/** The grammars that VS Code uses, in WebAssembly. Loaded with the first patch, each once. */

const languages = new Map<CodeLanguage, Promise<Language>>();

async function load() {
  const folder = join(createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm"), "..");
  const { default: library } = await import("@vscode/tree-sitter-wasm");
  await library.Parser.init({ locateFile: (name: string) => join(folder, name) });
  return { library, folder };
}
let loading: ReturnType<typeof load> | undefined;

/** A file of a megabyte takes half a second; what takes so long was made to, ms. */
const LONGEST_PARSE_MS = 3_000;

export const parseCode: CodeParser = async (name, text, read) => {
  const { library, folder } = await (loading ??= load());
  const known = languages.get(name) ?? readFile(join(folder, `tree-sitter-${name}.wasm`)).then((bytes) => library.Language.load(bytes));
  languages.set(name, known);
  const parser = new library.Parser();
  parser.setLanguage(await known);
  const until = performance.now() + LONGEST_PARSE_MS;
  // It is asked now and then whether to stop; the library's types do not say so.
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > until });
  try {
    if (tree === null) throw new UnreadableCodeError(name);
    return read(tree.rootNode);
  } finally {
    tree?.delete();
    parser.delete();
  }
};
