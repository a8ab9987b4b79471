import library, { type Language } from "@vscode/tree-sitter-wasm";
import go from "@vscode/tree-sitter-wasm/wasm/tree-sitter-go.wasm";
import java from "@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm";
import javascript from "@vscode/tree-sitter-wasm/wasm/tree-sitter-javascript.wasm";
import php from "@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm";
import python from "@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm";
import ruby from "@vscode/tree-sitter-wasm/wasm/tree-sitter-ruby.wasm";
import rust from "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm";
import tsx from "@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm";
import typescript from "@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm";
import runtime from "@vscode/tree-sitter-wasm/wasm/tree-sitter.wasm";
import { type CodeLanguage, type CodeParser, UnreadableCodeError } from "../fix/code/code-tree.ts";
import { readTree } from "../fix/code/read-tree.ts";

/** Those of CodeLanguage that fit a Worker's size. A program in another language is refused. */
const grammars: Partial<Readonly<Record<CodeLanguage, WebAssembly.Module>>> = {
  ...{ go, java, javascript, php, python, ruby, rust, tsx, typescript },
};

/** The part of Emscripten's module object that loads a grammar; the library calls it with the grammar's bytes. */
interface Runtime {
  locateFile(name: string): string;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void): object;
  loadWebAssemblyModule?(binary: Uint8Array | WebAssembly.Module, flags: object): Promise<object>;
}

/**
 * The library compiles a grammar from its bytes, which a Worker may not. Its loader also takes a compiled module: it gets the one of these for an
 * empty array of bytes.
 */
const modules = new WeakMap<object, WebAssembly.Module>();

async function start(): Promise<void> {
  const options: Runtime = {
    locateFile: (name) => name,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(runtime, imports);
      done(instance, runtime);
      return instance.exports;
    },
  };
  await library.Parser.init(options);
  const { loadWebAssemblyModule: load } = options;
  if (load === undefined) throw new Error("the parser library does not have the expected form");
  options.loadWebAssemblyModule = (binary, flags) => load(modules.get(binary) ?? binary, flags);
}

let starting: Promise<void> | undefined;
const languages = new Map<CodeLanguage, Promise<Language>>();

async function loaded(name: CodeLanguage): Promise<Language> {
  const grammar = grammars[name];
  if (grammar === undefined) throw new UnreadableCodeError(name, "no parser");
  await (starting ??= start());
  const handle = new Uint8Array();
  modules.set(handle, grammar);
  return library.Language.load(handle);
}

/** Grammars in WebAssembly that wrangler compiled. Loaded with the first patch, each once. */
export const parseCode: CodeParser = async (name, text, read) => {
  const loading = languages.get(name) ?? loaded(name);
  languages.set(name, loading);
  const language = await loading;
  return readTree(new library.Parser(), language, name, text, read);
};
