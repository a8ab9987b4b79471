import type { IntegrationName } from "./errors.ts";

/** `read` changes nothing at the vendor; `output` is one of the few things that midwatch writes; `auth` gets a token or an address to connect to. */
export type Effect = "read" | "output" | "auth";

/** What the body of an output must be, by its top level. A body that cannot be read as an object is refused. */
export interface BodyRule {
  /** No other field may be there. */
  readonly only: readonly string[];
  /** Fields that must have this value. */
  readonly must?: Readonly<Record<string, boolean | string>>;
  /** Text fields that must be there and begin so; they do not climb from there ("..") either. */
  readonly starts?: Readonly<Record<string, string>>;
  /** By field: names that nothing within it may have, however deep. In a form such a field is JSON. */
  readonly without?: Readonly<Record<string, readonly string[]>>;
}

/** One kind of call that an integration may make. */
export interface Rule {
  /** `CONNECT`: a connection that stays open, not a request; its path is "/". */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "CONNECT";
  /**
   * Below the base URL, by segments: `{name}` is any one of them, `{name...}` one or more. An encoded slash counts as a slash, for there are
   * servers that read it so. "" is the base URL itself, as the setting writes it.
   */
  readonly path: string;
  readonly effect: Effect;
  /** What it is for, in words for a security review. */
  readonly purpose: string;
  /** Names that the query string of an output may have. Default: none, it has no query string. */
  readonly query?: readonly string[];
  /** Of an output: sent twice it does what it does once, so it may be tried again when no answer came. */
  readonly repeatable?: true;
  /** What it carries is good for one try, so it is never sent again, whatever is answered. */
  readonly once?: true;
  readonly body?: BodyRule;
  /** A parameter of the query string that is a search of GitHub: it names one repository, of the catalog, and no owner of any. */
  readonly searches?: string;
}

/** All that one integration may call: anything else is refused before it leaves. */
export interface Policy {
  readonly vendor: IntegrationName;
  /** The setting that names the place, and where it is when that is not set; null: nowhere. */
  readonly setting: string;
  readonly usual: string | null;
  /** Names of further hosts, by their end (".blob.core.windows.net"): over TLS and its usual port alone. */
  readonly suffixes?: readonly string[];
  readonly rules: readonly Rule[];
}

/** One call as it is about to leave. */
export interface Leaving {
  readonly method: string;
  readonly url: URL;
  /** As text, where it is one. */
  readonly body: string | null;
}

export type Ruling = { readonly allowed: Rule } | { readonly refused: string };

/** Judges one call. Pure, and knows no other call. */
export type Gate = (call: Leaving) => Ruling;

interface GateOptions {
  /** `owner/name`, as the catalog has them; rules whose path names `{owner}` and `{repo}` hold for these alone. */
  readonly repositories?: readonly string[] | undefined;
}

/** Segments of a path as the most lenient server reads it, or null where it climbs or hides something. */
function segmentsOf(path: string): string[] | null {
  const segments = path.replaceAll(/%2f/gi, "/").split("/");
  return segments.some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment) || /\\|%5c|%0|%1|;|%25(?:2[ef]|5c)/i.test(segment))
    ? null
    : segments;
}

/** What the names of a pattern stand for in a path, or null where it does not fit. */
function captures(pattern: readonly string[], segments: readonly string[]): Map<string, string> | null {
  const many = pattern.findIndex((part) => part.endsWith("...}"));
  const extra = segments.length - pattern.length;
  if (many === -1 ? extra !== 0 : extra < 0) return null;
  const found = new Map<string, string>();
  for (const [index, part] of pattern.entries()) {
    const from = many !== -1 && index > many ? index + extra : index;
    const value = segments.slice(from, from + (index === many ? extra + 1 : 1));
    if (!part.startsWith("{")) {
      if (part !== value[0]) return null;
      continue;
    }
    if (value.includes("")) return null;
    found.set(part.slice(1, -1).replace("...", ""), value.join("/"));
  }
  return found;
}

/** A body's fields: of JSON, or of a form, whose values are all text. */
function fieldsOf(body: string | null): { readonly fields: Readonly<Record<string, unknown>>; readonly isForm: boolean } | null {
  if (body === null) return null;
  if (!body.trimStart().startsWith("{")) {
    const form = [...new URLSearchParams(body)];
    const named = Object.fromEntries(form);
    return Object.keys(named).length === form.length ? { fields: named, isForm: true } : null;
  }
  try {
    return { fields: JSON.parse(body) as Readonly<Record<string, unknown>>, isForm: false };
  } catch {
    return null;
  }
}

/** The first of these names in anything within a value, or null. */
function nameWithin(value: unknown, names: readonly string[]): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const found = names.includes(name) ? name : nameWithin(part, names);
    if (found !== null) return found;
  }
  return null;
}

/** The same of one field of a body; null also where the field is not there. @throws SyntaxError for a form's field that is no JSON */
const nameWithinField = (value: unknown, isForm: boolean, names: readonly string[]): string | null =>
  nameWithin(isForm && typeof value === "string" ? JSON.parse(value) : value, names);

/** What is wrong with a body, or null. */
function bodyProblem({ only, must = {}, starts = {}, without = {} }: BodyRule, body: string | null): string | null {
  const read = fieldsOf(body);
  if (read === null) return "its body cannot be looked at";
  const { fields, isForm } = read;
  const other = Object.keys(fields).find((name) => !only.includes(name));
  if (other !== undefined) return `its body has a field ${JSON.stringify(other.slice(0, 40))}`;
  for (const [name, value] of Object.entries(must)) {
    if (fields[name] !== (isForm ? String(value) : value)) return `its ${name} is not ${String(value)}`;
  }
  for (const [name, value] of Object.entries(starts)) {
    const given = fields[name];
    if (typeof given !== "string" || !given.startsWith(value)) return `its ${name} does not begin with ${value}`;
    if (given.includes("..")) return `its ${name} climbs`;
  }
  for (const [name, names] of Object.entries(without)) {
    try {
      const within = nameWithinField(fields[name], isForm, names);
      if (within !== null) return `its ${name} holds "${within}"`;
    } catch {
      return `its ${name} cannot be looked at`;
    }
  }
  return null;
}

const scope = /(?<![^\s(+-])(?:repo|user|org|owner|enterprise):\S*/gi;
/** What turns "in this repository" into "anywhere but there", or into "there or anywhere". */
const widening = /-repo:|\bNOT\b|\bOR\b/i;

/** What is wrong with where a search of GitHub looks, or null. Text in quotation marks is what it looks for. */
function searchProblem(search: string | null, isKnown: (repository: string) => boolean): string | null {
  const asked = (search ?? "").replaceAll(/"[^"]*"?/g, " ");
  const [first = "", ...more] = asked.match(scope) ?? [];
  const [, repository] = /^repo:([\w.-]+\/[\w.-]+)$/i.exec(first) ?? [];
  if (repository === undefined || more.length > 0 || widening.test(asked)) return "its search is not of one repository";
  return isKnown(repository) ? null : "the repository is not in the catalog";
}

/** Whether a host is one of a policy's further ones. */
const endsLike = (hostname: string, suffixes: readonly string[]): boolean => suffixes.some((suffix) => hostname.endsWith(suffix));

/**
 * A policy in force at one place: default deny.
 * @param baseUrl where the integration calls, by the settings. One that is none lets nothing out
 */
export function openGate(policy: Policy, baseUrl: string, options: GateOptions = {}): Gate {
  const parsed = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  // Other schemes have no origin to compare: all would be alike.
  const base = parsed?.protocol === "https:" || parsed?.protocol === "http:" ? parsed : null;
  const root = base?.pathname.replace(/\/+$/, "") ?? "";
  const repositories = options.repositories === undefined ? null : new Set(options.repositories.map((name) => name.toLowerCase()));
  const rules = policy.rules.map((rule) => ({ rule, pattern: rule.path.split("/") }));

  const isKnown = (repository: string) => repositories === null || repositories.has(repository.toLowerCase());

  function ofRule(rule: Rule, found: ReadonlyMap<string, string>, { url, body }: Leaving): string | null {
    const repository = `${found.get("owner") ?? ""}/${found.get("repo") ?? ""}`;
    if (found.has("repo") && !isKnown(repository)) return "the repository is not in the catalog";
    if (rule.searches !== undefined) {
      const [search = null, ...more] = url.searchParams.getAll(rule.searches);
      const problem = more.length > 0 ? "it searches twice" : searchProblem(search, isKnown);
      if (problem !== null) return problem;
    }
    // Some servers take fields from there as well, and even the method.
    const asked = [...url.searchParams.keys()];
    if (rule.effect === "output" && url.search !== "" && !asked.every((name) => rule.query?.includes(name) === true))
      return "an output has no query string";
    return rule.body === undefined ? null : bodyProblem(rule.body, body);
  }

  return (leaving) => {
    const { method, url } = leaving;
    const further = url.protocol === "https:" && url.port === "" && endsLike(url.hostname, policy.suffixes ?? []);
    if (!further && url.origin !== base?.origin) return { refused: "the host is not in its policy" };
    const below = further ? url.pathname : url.pathname.startsWith(root) ? url.pathname.slice(root.length) : null;
    const isBase = !further && url.pathname === base?.pathname;
    const segments = below === null ? null : segmentsOf(below);
    if (segments === null && !isBase) return { refused: "the path is not in its policy" };
    let why = "method and path are not in its policy";
    for (const { rule, pattern } of rules) {
      if (rule.method !== method || (rule.path === "" && !isBase)) continue;
      const found = rule.path === "" ? new Map<string, string>() : segments === null ? null : captures(pattern, segments);
      if (found === null) continue;
      const problem = ofRule(rule, found, leaving);
      if (problem === null) return { allowed: rule };
      why = problem;
    }
    return { refused: why };
  };
}

/** Whether a call may be sent again when no answer came: it changes nothing, or nothing more. */
export const mayRepeat = ({ effect, repeatable }: Rule): boolean => effect !== "output" || repeatable === true;
