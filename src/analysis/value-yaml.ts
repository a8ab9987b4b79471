import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, Scalar } from "yaml";
import { list, mapOf, quoted, scalar, UNSEEN, type ValueTree } from "./value-tree.ts";

const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * A piece of YAML, from anywhere in a file: where it begins deeper than it goes on, the keys that were opened above are put before it under the
 * name `…`. null: it is no YAML as it is here, names an anchor of above, has a key twice, or mixes documents.
 */
export function yamlPiece(lines: readonly string[]): ValueTree | null {
  const heads = headsOf(lines);
  const text = [...heads, ...lines].join("\n");
  // Templates (Helm, Jinja) decide what is here when they are filled in.
  if (/\{\{|\{%/.test(text)) return null;
  // `mapOf` finds keys that come twice; the parser holds each against all others.
  const documents = parseAllDocuments(text, { version: "1.2", uniqueKeys: false, strict: true, logLevel: "silent" });
  if (!Array.isArray(documents) || documents.length !== 1) return null;
  const [document] = documents;
  if (document === undefined || document.errors.length > 0 || document.contents === null) return null;
  return treeOf(document.contents, text.trimEnd().length);
}

/** Lines that stand for what was opened above: for each depth to which the piece falls back, one parent of what comes before. */
function headsOf(lines: readonly string[]): string[] {
  const heads: string[] = [];
  let depth = Infinity;
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const indent = indentOf(line);
    if (indent >= depth) continue;
    if (depth < Infinity) {
      // A list may be as deep as its key: what follows it there is the next key.
      const isItem = /^-(?:\s|$)/.test(text);
      const isSibling = isItem && depth === indent + 2;
      heads.unshift(`${" ".repeat(indent)}${isItem ? (isSibling ? `- ${UNSEEN}: ${UNSEEN}` : `- ${UNSEEN}:`) : `${UNSEEN}:`}`);
    }
    depth = indent;
  }
  return heads;
}

/** @param end of the text: an empty value there may go on below */
function treeOf(node: unknown, end: number): ValueTree | null {
  if (node === null || node === undefined) return scalar("null");
  // An alias is what it names: the anchor itself is compared where it is.
  if (isAlias(node)) return scalar(`*${node.source}`);
  if (isScalar(node)) return scalarOf(node, end);
  if (isSeq(node)) {
    const items = node.items.map((item) => treeOf(item, end));
    return items.includes(null) ? null : list(items.filter((item) => item !== null));
  }
  if (!isMap(node)) return null;
  const entries: [string, ValueTree][] = [];
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String((key as Node & { source?: string }).source ?? key.value) : null;
    const tree = treeOf(value, end);
    if (name === null || tree === null) return null;
    entries.push([name, tree]);
  }
  return mapOf(entries);
}

function scalarOf(node: Scalar, end: number): ValueTree {
  const source = node.source ?? String(node.value);
  if (node.tag !== undefined) return scalar(`${node.tag} ${source}`);
  if (source === "" && node.type === Scalar.PLAIN && (node.range?.[0] ?? 0) >= end - 1) return scalar(UNSEEN);
  return node.type === Scalar.PLAIN ? scalar(source === "" ? "null" : source) : quoted(source);
}
