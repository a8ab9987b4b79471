import type { SentryIssue } from "./issues.ts";

/** A query or a time that Sentry would not take; answered with 400 and this as its detail. */
export class SearchError extends Error {}

export type Matcher = (issue: SentryIssue) => boolean;

const DAY_MS = 86_400_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

/** `90m`, `24h`, `14d` in milliseconds, or null. */
export function periodMs(text: string): number | null {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  return count === undefined || unit === undefined ? null : Number(count) * (unitMs[unit] ?? 0);
}

/** ISO 8601 (without a zone it is UTC) or epoch seconds, in milliseconds. */
export function instantOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  if (Number.isNaN(at)) throw new SearchError(`Invalid date: ${text}`);
  return at;
}

const is: Readonly<Record<string, (issue: SentryIssue, now: number) => boolean>> = {
  unresolved: () => true,
  unassigned: () => true,
  unlinked: () => true,
  for_review: () => true,
  new: ({ firstSeen }, now) => now - firstSeen < 7 * DAY_MS,
  ongoing: ({ firstSeen }, now) => now - firstSeen >= 7 * DAY_MS,
  resolved: () => false,
  archived: () => false,
  ignored: () => false,
  escalating: () => false,
  regressed: () => false,
  assigned: () => false,
  linked: () => false,
};

function compare(key: string, text: string, figure: (text: string) => number, of: (issue: SentryIssue) => number): Matcher {
  const [, operator = "", value = ""] = /^(>=|<=|>|<)?(.*)$/.exec(text) ?? [];
  const wanted = figure(value);
  if (Number.isNaN(wanted)) throw new SearchError(`Invalid value for ${key}: ${text}`);
  const tests: Readonly<Record<string, (found: number) => boolean>> = {
    ">": (found) => found > wanted,
    ">=": (found) => found >= wanted,
    "<": (found) => found < wanted,
    "<=": (found) => found <= wanted,
    "": (found) => found === wanted,
  };
  const test = tests[operator];
  return (issue) => test?.(of(issue)) ?? false;
}

/** `*` stands for anything; letter case does not matter. */
function like(pattern: string): (text: string | null) => boolean {
  const expression = new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^$()|[\]{}\\]/g, "\\$&"))
      .join(".*")}$`,
    "i",
  );
  return (text) => text !== null && expression.test(text);
}

/** `[a,b]` or one value. */
const valuesOf = (text: string): string[] =>
  text.startsWith("[") && text.endsWith("]")
    ? text
        .slice(1, -1)
        .split(",")
        .map((value) => value.trim().replaceAll(/^"|"$/g, ""))
    : [text];

function byText(text: string, of: (issue: SentryIssue) => string | null): Matcher {
  const tests = valuesOf(text).map(like);
  return (issue) => tests.some((test) => test(of(issue)));
}

function byTime(key: string, text: string, now: number, of: (issue: SentryIssue) => number): Matcher {
  const [, sign, period] = /^([-+])(\d+[smhdw])$/.exec(text) ?? [];
  if (sign === undefined) return compare(key, text, instantOf, of);
  const edge = now - (periodMs(period ?? "") ?? 0);
  return (issue) => (sign === "-" ? of(issue) >= edge : of(issue) <= edge);
}

function matcherOf(key: string, value: string, now: number): Matcher {
  switch (key) {
    case "is": {
      const test = is[value];
      if (test === undefined) throw new SearchError(`Invalid value for "is" search, valid values are ${JSON.stringify(Object.keys(is))}`);
      return (issue) => test(issue, now);
    }
    case "project":
    case "project.name":
      return byText(value, ({ project }) => project);
    case "release":
      return byText(value, ({ release }) => release);
    case "level":
      return byText(value, ({ level }) => level);
    case "environment":
      return byText(value, () => "production");
    case "error.type":
      return byText(value, ({ type }) => type);
    case "title":
    case "message":
      return byText(value, ({ title }) => title);
    case "issue":
      return byText(value, ({ shortId }) => shortId);
    case "issue.category":
      return byText(value, () => "error");
    case "firstSeen":
      return byTime(key, value, now, ({ firstSeen }) => firstSeen);
    case "lastSeen":
      return byTime(key, value, now, ({ lastSeen }) => lastSeen);
    case "timesSeen":
      return compare(key, value, Number, ({ count }) => count);
    default:
      throw new SearchError(`Error parsing search query: Invalid key for this search: ${key}`);
  }
}

/**
 * The subset of Sentry's issue search that the replay knows: `key:value`, `!key:value`, quoted values, `[a,b]`, `*`, and free text. Sentry takes
 * an unknown key for a tag; here it is an error, so that a misspelt query is not taken for "nothing found".
 * @throws SearchError
 */
export function parseIssueQuery(query: string, now: number): Matcher {
  const matchers: Matcher[] = [];
  const words: string[] = [];
  for (const [token, negated, key, quotedValue, plainValue, quoted] of query.matchAll(
    /(?:(!)?([A-Za-z_][\w.]*):(?:"((?:[^"\\]|\\.)*)"|(\[[^\]]*\]|\S*)))|"([^"]*)"|\S+/g,
  )) {
    if (key === undefined) {
      if (/^(?:OR|AND)$|^[()]|[()]$/.test(token))
        throw new SearchError("Error parsing search query: boolean operators are not supported here");
      words.push(quoted ?? token);
      continue;
    }
    const value = quotedValue?.replaceAll(/\\(.)/g, "$1") ?? plainValue ?? "";
    if (value === "") throw new SearchError(`Error parsing search query: Empty string after '${key}:'`);
    const matches = matcherOf(key, value, now);
    matchers.push(negated === undefined ? matches : (issue) => !matches(issue));
  }
  if (words.length > 0) {
    const text = like(`*${words.join(" ")}*`);
    matchers.push(({ title, culprit, value }) => text(title) || text(culprit) || text(value));
  }
  return (issue) => matchers.every((matches) => matches(issue));
}
