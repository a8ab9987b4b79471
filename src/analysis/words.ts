import { figure, quantity } from "../report/words.ts";
import { metricTokens, type SignalMeaning, STATISTIC } from "./signal-kind.ts";

/** A measured time in milliseconds: `210 ms`, `4.8 s`, `12 min`. */
export const duration = (ms: number): string => quantity(ms, "ms");

/** Milliseconds in one unit of a time unit, or null where the unit is none of time. */
function unitMs(unit: string | null): number | null {
  switch (unit?.toLowerCase()) {
    case "second":
    case "seconds":
    case "s":
      return 1000;
    case "millisecond":
    case "milliseconds":
    case "ms":
      return 1;
    case "microsecond":
    case "microseconds":
    case "us":
      return 0.001;
    case "nanosecond":
    case "nanoseconds":
    case "ns":
      return 0.000001;
    case "minute":
      return 60_000;
    case "hour":
      return 3_600_000;
    default:
      return null;
  }
}

/**
 * Milliseconds in one unit of a latency series. Where the source gives no unit, the last word of its name decides, or the one before a percentile
 * (`duration_seconds_p99`). null: unknown.
 */
export function latencyUnitMs(metric: string, unit: string | null): number | null {
  const tokens = metricTokens(metric);
  const named = unitMs(tokens.at(-1) ?? "");
  return unitMs(unit) ?? named ?? (STATISTIC.test(tokens.at(-1) ?? "") ? unitMs(tokens.at(-2) ?? "") : null);
}

/** As {@link latencyUnitMs} for sums over several series; seconds, the base unit of most systems, where the unit is unknown. */
export const latencyMs = (metric: string, unit: string | null): number => latencyUnitMs(metric, unit) ?? 1000;

const TIME_UNITS: ReadonlyMap<number, string> = new Map([
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
  [1, "millisecond"],
  [0.001, "microsecond"],
  [0.000001, "nanosecond"],
]);

/**
 * The unit that a metric's values are said in: its source's, or the one in its name if the source gives none. null: none is said.
 * @param isPart a share runs to 1, not to 100
 */
export function unitOf(metric: string, unit: string | null, meaning: SignalMeaning, isPart: boolean): string | null {
  const ms = meaning.kind === "latency" ? latencyUnitMs(metric, unit) : null;
  if (ms !== null) return TIME_UNITS.get(ms) ?? unit;
  if (unit === null) return !meaning.isShare ? null : isPart ? "fraction" : "percent";
  // What CloudWatch calls a count or none has no unit that people say.
  if (/^(?:count|none)$/i.test(unit)) return null;
  const isCount = unitMs(unit) === null && !/byte|percent|%|fraction|core/i.test(unit);
  // "database connections 158" needs no second "connection".
  return isCount && metricTokens(metric).some((token) => token.startsWith(unit.toLowerCase())) ? null : unit;
}

/** A share of which no value passes this may run to 1 as well as to 100. */
const WHOLE_OF_PARTS = 1.5;

/**
 * The unit of a series, from its source, else from its name and values. A share named "percent" whose values never pass 1.5 is said without one:
 * 0.42 of a `used_pct` may be 42 % or 0.42 %, and nothing in the series says which. A source that says "percent" of it often has that from its
 * name.
 */
export function seriesUnit(
  {
    metric,
    unit,
    points,
  }: { readonly metric: string; readonly unit: string | null; readonly points: readonly { readonly value: number }[] },
  meaning: SignalMeaning,
): string | null {
  const isPart = points.every(({ value }) => Math.abs(value) <= WHOLE_OF_PARTS);
  if ((unit === null || unit === "percent") && meaning.isShare && isPart && /pct|percent/i.test(metric)) return null;
  return unitOf(metric, unit, meaning, isPart);
}

const KNOWN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cpu: "CPU",
    cpuutilization: "CPU utilization",
    http: "HTTP",
    rpc: "RPC",
    db: "database",
    rds: "RDS",
    aws: "AWS",
    conns: "connections",
    iops: "IOPS",
    pct: "",
    total: "",
    ms: "",
    mi: "",
    mib: "",
    average: "",
    sum: "",
    kubernetes: "Kubernetes",
  }),
);

/** A metric's name turned into words: `HttpLatencyP95_s` is "HTTP latency p95", with its tag values in brackets. */
export function metricWords(metric: string, tags: Readonly<Record<string, string>> = {}): string {
  const tokens = metricTokens(metric);
  const last = tokens.at(-1);
  if (last !== undefined && (last === "s" || last === "m" || last === "seconds" || last === "count") && tokens.length > 1) tokens.pop();
  const words = tokens.map((token) => KNOWN.get(token) ?? token).filter((word) => word !== "");
  const values = Object.entries(tags)
    .slice(0, 3)
    .map(([key, value]) => `${key} ${value}`.slice(0, 80));
  const name = words.join(" ").slice(0, 120) || "signal";
  return values.length > 0 ? `${name} (${values.join(", ")})` : name;
}

/** A verbatim extract of untrusted text, at most 300 characters, one line. */
export function extract(text: string): string {
  const line =
    text
      .slice(0, 2000)
      .split(/[\r\n]/)
      .find((part) => part.trim() !== "")
      ?.trim() ?? "";
  return [...line].slice(0, 300).join("");
}

/** `1 span`, `12 spans`. */
export const counted = (many: number, one: string, more = `${one}s`): string => `${figure(many)} ${many === 1 ? one : more}`;

/** `×4`, `×1.3`: how many times as much. */
export function times(ratio: number): string {
  return Number.isFinite(ratio) ? `×${figure(ratio)}` : "from nothing";
}

/** The beginning of a text, cut between words, with an ellipsis where something is missing. */
export function shorten(text: string, length: number): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  if (flat.length <= length) return flat;
  const cut = flat.slice(0, length);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > length / 2 ? space : length).replace(/[\uD800-\uDBFF]$/, "")} …`;
}
