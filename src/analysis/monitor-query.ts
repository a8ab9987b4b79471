import { matchesGlob } from "../incident/glob.ts";

/** What a monitor asks for, as far as it can be held against series. */
export interface MonitorQuery {
  /** Time that it looks back over, ms; null where it says none. */
  readonly windowMs: number | null;
  /** Metric of the first query, lower case, or null of a search for logs, spans or events. */
  readonly metric: string | null;
  /** What it filters by, lower case; what it excludes is left out. */
  readonly tags: ReadonlyMap<string, string>;
  /** It compares the level of one series with its bound: no ratio, change or anomaly. */
  readonly isLevel: boolean;
  readonly rises: boolean;
  readonly bound: number;
}

const LONGEST = 2000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** Methods of a series that change its resolution and not what it measures. */
const SAME_LEVEL: ReadonlySet<string> = new Set(["as_count", "as_rate", "rollup", "fill"]);
const LEVELS: ReadonlySet<string> = new Set(["avg", "max", "min", "sum", "percentile"]);

type Token =
  | { readonly kind: "word" | "number" | "text" | "filter"; readonly text: string }
  | { readonly kind: "sign"; readonly text: string };

/** Cuts a query into words, numbers, quoted texts, filters in braces, and signs. */
function tokensOf(query: string): Token[] {
  const pattern =
    /"(?<text>(?:[^"\\]|\\.)*)"|\{(?<filter>[^{}]*)\}|(?<word>[A-Za-z_][\w.]*)|(?<number>-?\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?)|(?<sign>>=|<=|[^\s\w])/g;
  return [...query.matchAll(pattern)].flatMap(({ groups = {} }) => {
    for (const kind of ["text", "filter", "word", "number", "sign"] as const) {
      const text = groups[kind];
      if (text !== undefined) return [{ kind, text }];
    }
    return [];
  });
}

/** `key:value` of a filter or a search; what is negated, compared or open is none. */
export function tagsIn(filter: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const match of filter.matchAll(/(?<![\w.@/-])(?<not>NOT\s+|[!-])?@?(?<key>[A-Za-z_][\w./-]*):(?<value>"[^"]*"|[\w.*/-]+)/g)) {
    const { not, key = "", value = "" } = match.groups ?? {};
    const plain = value.replaceAll('"', "").toLowerCase();
    if (not === undefined && plain !== "*" && plain !== "") tags.set(key.toLowerCase(), plain);
  }
  return tags;
}

const windowIn = (text: string): number | null => {
  const found = /^(?:last_)?(\d+)([smhdw])$/.exec(text);
  return found === null ? null : Number(found[1]) * (UNIT_MS[found[2] ?? ""] ?? 0);
};

/**
 * Reads a monitor's query: `avg(last_5m):sum:http.requests{service:shop,code:503} by {pod}.as_count() > 5`, or a search
 * (`logs("service:shop status:error").rollup("count").last("15m") > 100`); null where it ends in no bound.
 * Source: Datadog's API reference, "Create a monitor", query types.
 */
export function readMonitorQuery(query: string): MonitorQuery | null {
  // The bound is at the end: a cut query would have another.
  if (query.length > LONGEST) return null;
  const tokens = tokensOf(query);
  const [sign, last] = [tokens.at(-2), tokens.at(-1)];
  const bound = last?.kind === "number" ? Number(last.text.replaceAll("_", "")) : Number.NaN;
  if (sign?.kind !== "sign" || !/^[<>]=?$/.test(sign.text) || !Number.isFinite(bound)) return null;
  const [head] = tokens;
  let metric: string | null = null;
  let windowMs: number | null = null;
  let metrics = 0;
  let isPlain = head?.kind === "word" && LEVELS.has(head.text.toLowerCase());
  const tags = new Map<string, string>();
  for (const [place, token] of tokens.entries()) {
    const [before, next] = [tokens[place - 1], tokens[place + 1]];
    if (token.kind === "filter" && before?.kind === "word" && before.text !== "by") {
      metrics += 1;
      metric ??= before.text.toLowerCase();
      for (const [key, value] of tagsIn(token.text)) tags.set(key, value);
    } else if (token.kind === "text" || token.kind === "word") {
      windowMs ??= windowIn(token.text);
      if (token.kind === "text" && metric === null) for (const [key, value] of tagsIn(token.text)) tags.set(key, value);
      const isCall = token.kind === "word" && next?.text === "(" && place > 0;
      if (isCall && !SAME_LEVEL.has(token.text.replace(/^\./, ""))) isPlain = false;
    }
  }
  return { windowMs, metric, tags, isLevel: isPlain && metrics === 1, rises: sign.text.startsWith(">"), bound };
}

/** Keys that say which service or place is meant, and not which part of its data. */
const PLACES: ReadonlySet<string> = new Set(["service", "env"]);

/** Whether a tag's value is what is asked for: `5xx` and `5*` stand for `503`. A page's words ask too, so no pattern is built of them. */
const isValue = (wanted: string, value: string): boolean =>
  matchesGlob(wanted, value.toLowerCase()) || (/^[1-5]xx$/.test(wanted) && /^[1-5]\d\d$/.test(value) && value[0] === wanted[0]);

/** How a series fits the tags that are asked for: it has one of them, says otherwise, or says nothing. */
export function fitOf(tags: Readonly<Record<string, string>>, wanted: ReadonlyMap<string, string>): "same" | "other" | "unknown" {
  let fit: "same" | "unknown" = "unknown";
  for (const [key, value] of Object.entries(tags)) {
    const asked = wanted.get(key.toLowerCase());
    if (asked === undefined || PLACES.has(key)) continue;
    if (!isValue(asked, value)) return "other";
    fit = "same";
  }
  return fit;
}
