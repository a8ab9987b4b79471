import { RE2JS } from "re2js";
import { isMap, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { z } from "zod";
import type { DeclaredField } from "./field-names.ts";
import { SetupError } from "./errors.ts";

/** A rule of the operator's own. Where its pattern has a group, only the first group is hidden. */
export interface RedactionRule {
  readonly kind: string;
  readonly pattern: RE2JS;
  /** A text that every match holds, so that the pattern is tried only on texts with it; "" where there is none. */
  readonly literal: string;
}

export interface RedactionRules {
  readonly rules: readonly RedactionRule[];
  readonly fields: readonly DeclaredField[];
  /** Values that are never hidden, whole. Credentials of this process are hidden all the same. */
  readonly ignore: readonly RE2JS[];
  /** Addresses of machines count as personal data. */
  readonly ipAddresses: boolean;
}

export const NO_RULES: RedactionRules = { rules: [], fields: [], ignore: [], ipAddresses: false };

/** The file of rules can't be used: every problem at once, each with its line and what to do. */
export class RedactionRulesError extends SetupError {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`${problems.join("\n")}\nNothing was started.`);
    this.name = "RedactionRulesError";
    this.problems = problems;
  }
}

const kind = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, { error: 'must be lower case letters, digits and "-", at most 40, as in customer-number' });
const text = z.string().min(1, { error: "must not be empty" }).max(1_000, { error: "must have at most 1,000 characters" });
const schema = z.strictObject({
  rules: z.array(z.strictObject({ name: kind, pattern: text, kind: kind.optional() })).default([]),
  fields: z.array(z.union([text, z.strictObject({ name: text, kind: kind.optional() })])).default([]),
  ignore: z.array(text).default([]),
  ip_addresses: z.boolean().default(false),
});

/** Longest run of plain characters outside of groups, classes and choices: every match holds it. */
export function literalOf(pattern: string): string {
  if (/\(\?[a-zA-Z-]*i/.test(pattern)) return "";
  let best = "";
  let run = "";
  let depth = 0;
  const end = () => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === "|" && depth === 0) return "";
    if (char === "[") {
      end();
      // A bracket right at the beginning of a class is one of its characters.
      at = pattern.indexOf("]", pattern.charAt(at + 1) === "^" ? at + 3 : at + 2);
      if (at < 0) return "";
    } else if (char === "(" || char === ")") {
      end();
      depth += char === "(" ? 1 : -1;
    } else if (char === "*" || char === "?" || char === "{") {
      run = run.slice(0, -1);
      end();
      if (char === "{") at = Math.max(at, pattern.indexOf("}", at));
    } else if (char === "+" || char === "." || char === "^" || char === "$") end();
    else if (char === "\\") {
      at++;
      const next = pattern.charAt(at);
      if (/[A-Za-z0-9]/.test(next)) {
        end();
        // \x{…}, \pL, \Q…\E: no more is read of those.
        if (/[xpPQ]/.test(next)) return best;
      } else if (depth === 0) run += next;
    } else if (depth === 0) run += char;
  }
  end();
  return best;
}

function compile(pattern: string): RE2JS | string {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "not understood";
    return `the pattern is not RE2 syntax (${why}). Look-around and back-references do not exist there; write it without them`;
  }
  return compiled.matcher("").matches()
    ? "the pattern matches an empty text, so it would match everywhere. Ask for at least one character"
    : compiled;
}

/**
 * Reads an operator's rules, YAML or JSON.
 * @param file its name, for messages
 * @throws RedactionRulesError with file, line and what to do, for every problem
 */
export function parseRedactionRules(source: string, file: string): RedactionRules {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const lineOf = (offset: number | undefined) => (offset === undefined ? "" : `:${lines.linePos(offset).line}`);
  if (document.errors.length > 0)
    throw new RedactionRulesError(
      document.errors.map((error) => `${file}${lineOf(error.pos[0])}: ${error.message.split("\n")[0] ?? "is no YAML"}`),
    );
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) return lineOf(node.range[0]);
    }
    return ":1";
  };
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    throw new RedactionRulesError(
      parsed.error.issues.map((issue) => {
        const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
        const map = document.getIn(issue.path, true);
        const key =
          issue.code === "unrecognized_keys" && isMap(map) ? map.items.find((item) => String(item.key) === issue.keys[0]) : undefined;
        const line = key === undefined ? placeOf(path) : lineOf((key.key as Node).range?.[0]);
        const where = issue.path.length === 0 || isSeq(document.contents) ? "" : ` ${issue.path.map(String).join(".")}`;
        return `${file}${line}:${where} ${issue.message.replace(/^Invalid input: /, "")}. docs/operating.md shows the form of the file.`;
      }),
    );
  }
  const problems: string[] = [];
  const compiledAt = (pattern: string, path: readonly PropertyKey[], what: string): RE2JS[] => {
    const compiled = compile(pattern);
    if (typeof compiled !== "string") return [compiled];
    problems.push(`${file}${placeOf(path)}: ${what}: ${compiled}.`);
    return [];
  };
  const { rules, fields, ignore, ip_addresses: ipAddresses } = parsed.data;
  const names = new Set<string>();
  for (const [index, { name }] of rules.entries()) {
    if (names.has(name))
      problems.push(`${file}${placeOf(["rules", index, "name"])}: rule ${name}: there are two of this name. Rename one.`);
    names.add(name);
  }
  const made = {
    rules: rules.flatMap((rule, index) =>
      compiledAt(rule.pattern, ["rules", index, "pattern"], `rule ${rule.name}`).map((pattern) => ({
        kind: rule.kind ?? rule.name,
        pattern,
        literal: literalOf(rule.pattern),
      })),
    ),
    fields: fields.map((field) =>
      typeof field === "string" ? { name: field, kind: "value" } : { name: field.name, kind: field.kind ?? "value" },
    ),
    ignore: ignore.flatMap((pattern, index) => compiledAt(pattern, ["ignore", index], "ignore")),
    ipAddresses,
  };
  if (problems.length > 0) throw new RedactionRulesError(problems);
  return made;
}
