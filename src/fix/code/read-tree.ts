import type { Language, Parser } from "@vscode/tree-sitter-wasm";
import { type CodeLanguage, type CodeNode, UnreadableCodeError } from "./code-tree.ts";

/** A file of a megabyte takes half a second; what takes so long was made to, ms. */
const LONGEST_PARSE_MS = 3_000;

/** Parses a text, hands its tree to `read` and frees both. @throws UnreadableCodeError for what takes too long */
export function readTree<T>(parser: Parser, language: Language, name: CodeLanguage, text: string, read: (root: CodeNode) => T): T {
  parser.setLanguage(language);
  const until = performance.now() + LONGEST_PARSE_MS;
  // It is asked now and then whether to stop; the library's types do not say so.
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > until });
  try {
    if (tree === null) throw new UnreadableCodeError(name, "too much");
    return read(tree.rootNode);
  } finally {
    tree?.delete();
    parser.delete();
  }
}
