import { type Document, isNode, parseDocument } from "yaml";
import type { z } from "zod";

type Path = readonly (string | number)[];

/** A YAML file of the operator after a schema has parsed it. */
export interface YamlFile<T> {
  readonly value: T;
  /** One line for a person: the file with the line of the closest thing there is at the path, then the words. */
  problemAt(path: Path, words: string): string;
}

function offsetOf(document: Document, path: Path): number | undefined {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/**
 * Reads a file that an operator wrote by hand.
 * @param file shown in problems only
 * @param empty what stands for an empty file
 * @param refused makes the error that is thrown, from every problem at once, each with file and line
 */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  { file, empty, refused }: { readonly file: string; readonly empty: unknown; readonly refused: (problems: readonly string[]) => Error },
): YamlFile<T> {
  const document = parseDocument(text, { schema: "core", uniqueKeys: true, strict: true });
  const lineOf = (offset: number | undefined) => (offset === undefined ? "" : `:${text.slice(0, offset).split("\n").length}`);
  if (document.errors.length > 0)
    throw refused(document.errors.map((error) => `${file}${lineOf(error.pos[0])}: ${error.message.split("\n")[0] ?? "is not YAML"}`));
  let outside: unknown;
  try {
    outside = document.toJS({ maxAliasCount: 0 });
  } catch {
    // Anchors can blow a small file up to gigabytes.
    throw refused([`${file}: YAML anchors and aliases (&name, *name) are not understood here; write the values out`]);
  }
  const problemAt = (path: Path, words: string): string => {
    // What is missing has no place of its own: point at the closest thing around it.
    let offset: number | undefined;
    for (let depth = path.length; depth >= 0 && offset === undefined; depth--) offset = offsetOf(document, path.slice(0, depth));
    return `${file}${lineOf(offset)}: ${words}`;
  };
  const parsed = schema.safeParse(outside ?? empty);
  if (parsed.success) return { value: parsed.data, problemAt };
  throw refused(
    parsed.error.issues.map((issue) => {
      const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
      // A name that is wrong says why one level down.
      const words = issue.code === "invalid_key" ? issue.issues.map(({ message }) => message).join("; ") : issue.message;
      return problemAt(path, `${path.join(".") || "the file"}: ${words}`);
    }),
  );
}
