import { fieldNames } from "./field-names.ts";
import { isNode } from "./sql-tree.ts";

/*
 * A password in JSON is known by the name of its field. SQL that takes the value out leaves the name behind, and then nothing says what it is.
 */

/** Operators and functions that take a part out of JSON by a name. */
export const JSON_OPERATORS: ReadonlySet<string> = new Set(["->", "->>", "#>", "#>>"]);
export const JSON_EXTRACTORS: ReadonlySet<string> = new Set(
  ["path", "path_text"].flatMap((what) => [`json_extract_${what}`, `jsonb_extract_${what}`]),
);

const { meaningOf } = fieldNames([]);

/** The texts that an expression has written out, a path (`{a,b}`) by its names. */
function* writtenIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* writtenIn(one);
  else if (isNode(value)) {
    const text = isNode(value["sval"]) ? value["sval"]["sval"] : undefined;
    if (typeof text === "string") yield* text.split(/[{},"]+/);
    else yield* writtenIn(Object.values(value));
  }
}

/**
 * The first name of a secret's field by which a part of JSON would be taken out; null: none.
 * Only names that are written out are seen: one that the statement puts together is not.
 */
export function secretKeyIn(...keys: readonly unknown[]): string | null {
  for (const name of writtenIn(keys)) if (meaningOf(name)?.secret === true) return name;
  return null;
}
