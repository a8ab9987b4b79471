import { type Document, isNode, parseDocument } from "yaml";
import { z } from "zod";
import { nearestName } from "./nearest-name.ts";

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

/** A path as people find it in the file: what is in a list goes by its own name, else by its place. */
function pathWords(outside: unknown, path: Path): string {
  let at = outside;
  let words = "";
  for (const part of path) {
    at = typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[part] : undefined;
    const own = typeof at === "object" && at !== null && "name" in at && typeof at.name === "string" ? JSON.stringify(at.name) : null;
    words += typeof part === "string" ? `${words === "" ? "" : "."}${part}` : ` ${own ?? `no. ${part + 1}`}`;
  }
  return words || "the file";
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** Keys that a schema allows at a path; none where it does not say. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let at: Described[] = [z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Described];
  const all = (some: readonly Described[]): Described[] => some.flatMap((one) => [one, ...all(one.anyOf ?? [])]);
  for (const part of path)
    at = all(at).flatMap(({ properties, additionalProperties, items }) =>
      [
        typeof part === "number"
          ? items
          : (properties?.[part] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined)),
      ].filter((one) => one !== undefined),
    );
  return all(at).flatMap(({ properties = {} }) => Object.keys(properties));
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "a map of keys",
  record: "a map of keys",
  boolean: "true or false",
};

/** "1", or "one of "rows", "number"". */
const choiceWords = (values: readonly unknown[]): string => {
  const words = values.map((value) => (typeof value === "string" ? `"${value}"` : String(value)));
  return words.length === 1 ? words.join("") : `one of ${words.join(", ")}`;
};

/** "a text or a list", where a value has none of the kinds that are allowed; null where it has one and something in it is wrong. */
function kindsWords(branches: readonly (readonly z.core.$ZodIssue[])[]): string | null {
  const kinds = branches.map(([first]) =>
    first?.code === "invalid_type" && first.path.length === 0 ? EXPECTED[first.expected] : undefined,
  );
  return kinds.some((kind) => kind === undefined) ? null : [...new Set(kinds)].join(" or ");
}

/** What is expected where a value of another kind is, or none; a schema's own words go before it. */
const typeWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_value") return `must be ${choiceWords(issue.values)}`;
  if (issue.code === "invalid_union") {
    const kinds = kindsWords(issue.errors);
    return kinds === null ? undefined : `must be ${kinds}`;
  }
  const expected = issue.code === "invalid_type" ? EXPECTED[issue.expected] : undefined;
  if (expected === undefined) return undefined;
  return issue.input === undefined ? `is missing; it must be ${expected}` : `must be ${expected}`;
};

/** What is wrong, and what was likely meant. */
function issueWords(issue: z.core.$ZodIssue, schema: z.ZodType, path: Path): string {
  switch (issue.code) {
    // A name that is wrong says why one level down.
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join("; ");
    case "unrecognized_keys": {
      const known = keysAt(schema, path);
      return issue.keys
        .map((key) => {
          const meant = nearestName(key, known);
          const instead = meant === null ? (known.length === 0 ? "" : `; there are ${known.join(", ")}`) : `: did you mean ${meant}?`;
          return `there is no key "${key}" here${instead}`;
        })
        .join("; ");
    }
    default:
      return issue.message;
  }
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
  const parsed = schema.safeParse(outside ?? empty, { error: typeWords });
  if (parsed.success) return { value: parsed.data, problemAt };
  throw refused(
    parsed.error.issues.map((issue) => {
      const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
      return problemAt(path, `${pathWords(outside ?? empty, path)}: ${issueWords(issue, schema, path)}`);
    }),
  );
}
