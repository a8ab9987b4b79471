/** A metric of a recording, as Datadog would hold it. */
export interface MetricName {
  /** Normalised as Datadog does it, see `normaliseMetricName`. */
  readonly metric: string;
  /** A Datadog unit name ("second", "percent", "byte", …), or null where the name says nothing. */
  readonly unit: string | null;
  /** From the name's own `{k=v,...}` suffix; an edge `a->b` becomes `caller:a` and `callee:b`. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Datadog's rule for metric names: every character outside `[A-Za-z0-9_.]` becomes `_`. Runs of `_` are then one `_`, and one at the end goes,
 * so that `CpuUsageRate(%)` is `CpuUsageRate` and `PodServerLatencyP90(s)` is `PodServerLatencyP90_s`.
 */
const normaliseMetricName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9_.]/g, "_")
    .replaceAll(/_+/g, "_")
    .replace(/_$/, "");

/** Units written in brackets at the end of a name: `CpuUsage(m)`. */
const bracketUnits: Readonly<Record<string, string>> = {
  "%": "percent",
  s: "second",
  ms: "millisecond",
  us: "microsecond",
  ns: "nanosecond",
  min: "minute",
  m: "millicore",
  mi: "mebibyte",
  mib: "mebibyte",
  ki: "kibibyte",
  kib: "kibibyte",
  gi: "gibibyte",
  gib: "gibibyte",
  mb: "megabyte",
  kb: "kilobyte",
  gb: "gigabyte",
  b: "byte",
  bytes: "byte",
  ops: "operation",
  rps: "request",
  req: "request",
};

/** Units written as the last word of a name: `http_server_duration_p99_ms`, `NetworkReceiveBytes`. */
const wordUnits: Readonly<Record<string, string>> = {
  s: "second",
  sec: "second",
  secs: "second",
  seconds: "second",
  ms: "millisecond",
  millis: "millisecond",
  milliseconds: "millisecond",
  us: "microsecond",
  microseconds: "microsecond",
  ns: "nanosecond",
  nanoseconds: "nanosecond",
  minutes: "minute",
  hours: "hour",
  bytes: "byte",
  kib: "kibibyte",
  mib: "mebibyte",
  gib: "gibibyte",
  kb: "kilobyte",
  mb: "megabyte",
  gb: "gigabyte",
  pct: "percent",
  percent: "percent",
  percentage: "percent",
  ratio: "fraction",
  fraction: "fraction",
  millicores: "millicore",
  cores: "core",
};

/** Words that say how a value was summed up, not what it is: the unit comes before them (`db_pool_wait_seconds_p99`). */
const summaryWord = /^(p\d{1,3}|avg|average|mean|median|min|minimum|max|maximum|sum|total|count)$/;

/** Units that Datadog's integrations give their metrics, where the name alone does not tell. Source: the integrations' metadata lists. */
const vendorUnits: readonly (readonly [RegExp, string])[] = [
  [/^aws\.\w+\.cpuutilization/, "percent"],
  [/^aws\.rds\.(read|write|commit)_latency/, "second"],
  [/^aws\.rds\.replica_lag/, "second"],
  [/^aws\.rds\.(freeable_memory|free_storage_space|swap_usage|bin_log_disk_usage)/, "byte"],
  [/^aws\.rds\.(read_throughput|write_throughput|network_(receive|transmit)_throughput)/, "byte"],
  [/^aws\.rds\.database_connections/, "connection"],
  [/^(trace\..*|http\.server\.request)\.duration(\.|$)/, "second"],
  [/^kubernetes\.cpu\.usage\.total$/, "nanocore"],
  [/^kubernetes\.memory\.usage$/, "byte"],
  [/^kubernetes\.memory\.usage_pct$/, "fraction"],
];

function unitOf(bare: string, metric: string): string | null {
  const bracket = /\(([^()]+)\)$/.exec(bare)?.[1]?.toLowerCase();
  if (bracket !== undefined) return bracketUnits[bracket] ?? null;
  for (const [pattern, unit] of vendorUnits) if (pattern.test(metric)) return unit;
  const words = metric
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[._]/);
  // A one-word name is no suffix: "s" alone would be a second.
  for (let at = words.length - 1; at > 0; at--) {
    const word = words[at] ?? "";
    // "records_per_min": a rate has a unit of two words, which the name does not tell exactly.
    if (words[at - 1] === "per") return null;
    if (!summaryWord.test(word)) return wordUnits[word] ?? null;
  }
  return null;
}

function tagsOf(suffix: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const part of suffix.split(",")) {
    const text = part.trim();
    const equals = text.indexOf("=");
    const arrow = text.indexOf("->");
    if (equals > 0) tags[text.slice(0, equals)] = text.slice(equals + 1).replaceAll(/^"|"$/g, "");
    else if (arrow > 0) {
      tags["caller"] = text.slice(0, arrow);
      tags["callee"] = text.slice(arrow + 2);
    } else if (text !== "") tags["tag"] = text;
  }
  return tags;
}

/** Splits a recording's metric name (`edge_p50_s{a->b,reporter=source}`) into Datadog's name, unit and tags. */
export function parseMetricName(name: string): MetricName {
  const suffix = /^([^{]*)\{(.*)\}$/.exec(name);
  const bare = (suffix?.[1] ?? name).trim();
  const metric = normaliseMetricName(bare);
  return { metric, unit: unitOf(bare, metric), tags: tagsOf(suffix?.[2] ?? "") };
}
