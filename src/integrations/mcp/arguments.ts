import { RE2JS } from "re2js";
import { z } from "zod";
import { outsideLine } from "../../report/tool-view.ts";
import type { ArgumentRule, PinnedDefinition } from "./schema.ts";

/** Longest text that an argument may have where the operator names no other, characters. */
const LONGEST_TEXT = 200;
const MOST_ITEMS = 20;
const LONGEST_HINT = 200;
/** Values that are named in words. */
const MOST_NAMED = 20;

const propertySchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  description: z.string().optional(),
});

const inputSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

type Scalar = { readonly type: "string" | "integer" | "number" | "boolean"; readonly among: readonly unknown[] | null };
type Kind = Scalar | { readonly type: "array"; readonly item: Scalar };

/** What an argument takes, by the server's schema; null: more than plain values, which no rule could hold to anything. */
function kindOf(schema: unknown): Kind | null {
  const parsed = propertySchema.safeParse(schema);
  if (!parsed.success) return null;
  const { type, enum: among = null, anyOf, items } = parsed.data;
  const types = (typeof type === "string" ? [type] : (type ?? [])).filter((one) => one !== "null");
  const [only, ...more] = types;
  if (only === undefined && anyOf !== undefined) {
    // An optional argument is often written as "a text, or null".
    const [branch, ...others] = anyOf.filter((one) => propertySchema.safeParse(one).data?.type !== "null");
    return others.length > 0 ? null : kindOf(branch);
  }
  if (more.length > 0) return null;
  switch (only) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return { type: only, among };
    case "array": {
      const item = kindOf(items);
      return item === null || item.type === "array" ? null : { type: "array", item };
    }
    default:
      return null;
  }
}

type Allowed = Exclude<ArgumentRule, { fixed: unknown }>;
export const isFixed = (rule: ArgumentRule): rule is Extract<ArgumentRule, { fixed: unknown }> => "fixed" in rule;

/** One value by its rule, with the rule in words; `wrong` gets what is wrong with the rule. */
function scalarOf({ type, among }: Scalar, rule: Allowed, wrong: (words: string) => void): { schema: z.ZodType; words: string } {
  const texts = type === "string";
  const numbers = type === "integer" || type === "number";
  for (const [name, has] of [
    ["pattern", rule.pattern !== undefined && !texts],
    ["max_length", rule.max_length !== undefined && !texts],
    ["min", rule.min !== undefined && !numbers],
    ["max", rule.max !== undefined && !numbers],
  ] as const)
    if (has) wrong(`${name} says nothing of a value of type ${type}`);
  const values = rule.one_of ?? among?.filter((value) => typeof value === "string" || typeof value === "number") ?? null;
  if (values !== null && values.length > 0) {
    const misfit = values.find((value) => typeof value !== (texts ? "string" : numbers ? "number" : "boolean"));
    if (misfit !== undefined) wrong(`one_of holds ${JSON.stringify(misfit)}, but the server takes a value of type ${type}`);
    // The schema lists them too.
    const few =
      values.length > MOST_NAMED ? `one of ${values.length} values` : `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
    return { schema: z.literal([...values]), words: few };
  }
  if (texts) {
    const longest = rule.max_length ?? LONGEST_TEXT;
    const text = z.string().max(longest);
    const words = `at most ${longest} characters`;
    if (rule.pattern === undefined) return { schema: text, words };
    try {
      // Linear in the text whatever the pattern is; the text is a model's.
      const pattern = RE2JS.compile(rule.pattern);
      const fits = (value: string) => value.length > longest || pattern.matches(value);
      return { schema: text.refine(fits, { error: `must fit ${rule.pattern}` }), words: `${words}, must fit ${rule.pattern}` };
    } catch (error) {
      wrong(
        `pattern: ${error instanceof Error ? error.message : "cannot be read"} (the syntax is RE2's: no look-around, no back-references)`,
      );
      return { schema: text, words };
    }
  }
  if (!numbers) return { schema: z.boolean(), words: "" };
  const { min, max } = rule;
  if (min !== undefined && max !== undefined && min > max) wrong("min is greater than max");
  let schema: z.ZodNumber = type === "integer" ? z.int() : z.number();
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  return {
    schema,
    words: [min === undefined ? "" : `at least ${min}`, max === undefined ? "" : `at most ${max}`].filter(Boolean).join(", "),
  };
}

export interface ArgumentPolicy {
  /** What the model may give; anything else is refused. */
  readonly input: z.ZodObject;
  /** What the operator gives in every call. */
  readonly fixed: Readonly<Record<string, unknown>>;
}

/**
 * The operator's rules as a schema. What no rule names is never sent: a model cannot name a host, a workspace or a mode that was not allowed.
 * @param wrong called for each rule that cannot hold, with the argument's name (null: the tool as a whole)
 */
export function argumentPolicy(
  rules: Readonly<Record<string, ArgumentRule>>,
  pinned: PinnedDefinition,
  wrong: (argument: string | null, words: string) => void,
): ArgumentPolicy {
  const parsed = inputSchema.safeParse(pinned.input);
  if (!parsed.success) wrong(null, "pinned.input is no JSON Schema of an object");
  const { properties, required } = parsed.data ?? { properties: {}, required: [] };
  const input: Record<string, z.ZodType> = {};
  const fixed: Record<string, unknown> = {};
  for (const name of required)
    if (!Object.hasOwn(rules, name)) wrong(null, `the server needs the argument ${outsideLine(name, 80)}: allow it or fix it in arguments`);
  for (const [name, rule] of Object.entries(rules)) {
    if (!Object.hasOwn(properties, name)) {
      wrong(name, "the pinned schema has no such argument");
      continue;
    }
    if (isFixed(rule)) {
      fixed[name] = rule.fixed;
      continue;
    }
    const kind = kindOf(properties[name]);
    if (kind === null) {
      wrong(name, "takes more than a text, number, yes or no, or a list of these; fix it, or leave it out");
      continue;
    }
    const own = (words: string) => wrong(name, words);
    const list = kind.type === "array";
    if (rule.max_items !== undefined && !list) own(`max_items says nothing of a value of type ${kind.type}`);
    const { schema, words } = scalarOf(list ? kind.item : kind, rule, own);
    const most = rule.max_items ?? MOST_ITEMS;
    const value = list ? z.array(schema).max(most) : schema;
    const limits = list ? `at most ${most} items${words === "" ? "" : `, each ${words}`}` : words;
    const hint = outsideLine(propertySchema.safeParse(properties[name]).data?.description ?? "", LONGEST_HINT);
    const described = value.describe([hint, limits].filter((part) => part !== "").join(" — ") || "yes or no");
    input[name] = required.includes(name) ? described : described.optional();
  }
  return { input: z.strictObject(input), fixed };
}
