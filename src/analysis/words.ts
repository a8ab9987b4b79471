import { metricTokens, readSignal } from "./signal-kind.ts";

/** `03:11:40`, UTC. */
export function clock(at: number): string {
  return Number.isFinite(at) ? new Date(Math.max(-8.64e15, Math.min(8.64e15, at))).toISOString().slice(11, 19) : "unknown time";
}

/** Three significant digits, thousands with commas, no exponent below a million million. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  if (size === 0) return "0";
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(digits)));
}

/** A duration in milliseconds as people write it: `210 ms`, `4.8 s`, `12 min`. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${figure(ms)} ms`;
  if (size < 120_000) return `${figure(ms / 1000)} s`;
  if (size < 7_200_000) return `${figure(ms / 60_000)} min`;
  return `${figure(ms / 3_600_000)} h`;
}

/** Milliseconds in one unit of a time unit, or null where the unit is none of time. */
export function unitMs(unit: string | null): number | null {
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

/** Milliseconds in one unit of a latency series; the last word of its name decides where the source gives no unit. null: nothing tells. */
export function latencyUnitMs(metric: string, unit: string | null): number | null {
  return unitMs(unit) ?? unitMs(metricTokens(metric).at(-1) ?? "");
}

/** As {@link latencyUnitMs} for sums over several series; seconds, the base unit of most systems, where nothing tells. */
export const latencyMs = (metric: string, unit: string | null): number => latencyUnitMs(metric, unit) ?? 1000;

/** A value with its unit, as a person would write it. */
export function quantity(value: number, unit: string | null, metric = ""): string {
  const meaning = readSignal(metric, unit);
  const ms = meaning.kind === "latency" ? latencyUnitMs(metric, unit) : unitMs(unit);
  if (ms !== null) return duration(value * ms);
  switch (unit?.toLowerCase()) {
    case "percent":
    case "%":
      return `${figure(value)} %`;
    case "fraction":
      return `${figure(value * 100)} %`;
    case "byte":
    case "bytes":
      return bytes(value);
    case "mebibyte":
      return bytes(value * 1_048_576);
    case "gibibyte":
      return bytes(value * 1_073_741_824);
    case "kibibyte":
      return bytes(value * 1024);
    case "millicore":
      return `${figure(value)} millicores`;
    case undefined:
      break;
    default:
      // "database connections 158" needs no second "connection".
      return metricTokens(metric).some((token) => token.startsWith((unit ?? "").toLowerCase()))
        ? figure(value)
        : `${figure(value)} ${unit ?? ""}`.trim();
  }
  if (meaning.isShare) {
    return metricTokens(metric).some((token) => token === "ratio" || token === "fraction") && Math.abs(value) <= 1.5
      ? `${figure(value * 100)} %`
      : `${figure(value)} %`;
  }
  return figure(value);
}

function bytes(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_073_741_824) return `${figure(value / 1_073_741_824)} GiB`;
  if (size >= 1_048_576) return `${figure(value / 1_048_576)} MiB`;
  if (size >= 1024) return `${figure(value / 1024)} KiB`;
  return `${figure(value)} B`;
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
