import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Language } from "@vscode/tree-sitter-wasm";
import type { CodeLanguage, CodeParser } from "../fix/code/code-tree.ts";
import { readTree } from "../fix/code/read-tree.ts";

/** The grammars that VS Code uses, in WebAssembly. Loaded with the first patch, each once. */

const languages = new Map<CodeLanguage, Promise<Language>>();

async function load() {
  const folder = join(createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm"), "..");
  const { default: library } = await import("@vscode/tree-sitter-wasm");
  await library.Parser.init({ locateFile: (name: string) => join(folder, name) });
  return { library, folder };
}
let loading: ReturnType<typeof load> | undefined;

export const parseCode: CodeParser = async (name, text, read) => {
  const { library, folder } = await (loading ??= load());
  const known = languages.get(name) ?? readFile(join(folder, `tree-sitter-${name}.wasm`)).then((bytes) => library.Language.load(bytes));
  languages.set(name, known);
  return readTree(new library.Parser(), await known, name, text, read);
};
