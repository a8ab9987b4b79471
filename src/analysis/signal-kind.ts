import type { SignalKind } from "../incident/telemetry.ts";

/** The part of a machine, platform or store that a signal speaks of, where its name says so. */
export type Resource =
  | "cpu"
  | "memory"
  | "network"
  | "disk"
  | "connections"
  | "threads"
  | "queue"
  | "replication"
  | "restarts"
  | "replicas"
  | "cache"
  | "load"
  | "locks";

/** What the name and unit of a metric say about it. */
export interface SignalMeaning {
  readonly kind: SignalKind;
  readonly resource: Resource | null;
  /** Which way is bad. `null` where either way may be, or nothing is known. */
  readonly worse: "up" | "down" | null;
  /** The value is a limit that others are held against ("max_conns", "quota"), not a measurement. */
  readonly isLimit: boolean;
  /** Speaks of the machine below the instance, which it shares with others. */
  readonly isNode: boolean;
  /** Seen by the one who calls ("client latency", "outbound errors"): what it shows may be the fault of the one called. */
  readonly isClientSide: boolean;
  /** Values run over 0..100 (or 0..1) of a whole, so a level means something without history. */
  readonly isShare: boolean;
}

const LATENCY = ["latency", "duration", "elapsed", "rtt", "ttfb", "wait", "waits", "delay", "took", "apdex"];
const TIME_UNITS = ["s", "ms", "us", "ns", "sec", "secs", "seconds", "second", "millis", "milliseconds", "millisecond", "microseconds"];
/** With a unit of time: how long what is asked for takes. */
const REQUESTED = [
  "time",
  "seconds",
  "response",
  "resp",
  "request",
  "requests",
  "req",
  "rq",
  "query",
  "call",
  "slowest",
  "fastest",
  "http",
  "rpc",
];
/** What a metric's last word may say of the values before it: `http_server_requests_seconds_max`. */
export const STATISTIC = /^(?:p\d{2,4}|max|min|avg|mean|average|median|quantile|bucket)$/;
const PER_TIME = ["s", "sec", "second", "min", "minute", "hour"];
const PERCENTILE = /^(p\d{2,4}|percentile|median)$/;
const ERROR = [
  "error", "errors", "err", "errs", "fail", "fails", "failed", "failure", "failures", "fault", "faults", "exception", "exceptions", "panic", "panics",
  "timeout", "timeouts", "reject", "rejected", "rejects", "rejection", "rejections", "refused", "denied", "drop", "drops", "dropped", "discarded",
  "cancelled", "canceled", "aborted", "aborts", "retry", "retries", "retransmits", "crash", "crashes", "oom", "evicted", "evictions",
  "throttle", "throttled", "throttles", "throttling", "5xx", "500s", "4xx", "deadlocks", "unavailable", "unhealthy", "invalid", "missing", "misses", "restarts", "restart",
]; // prettier-ignore
const AVAILABILITY = ["availability", "available", "success", "successes", "succeeded", "uptime", "healthy", "ready", "hit"];
const TRAFFIC = [
  "request", "requests", "hits", "calls", "invocations", "ops", "operations", "qps", "rps", "tps", "iops", "throughput", "traffic", "transactions",
  "queries", "messages", "records", "events", "commits", "packets", "sessions", "logins", "orders", "generation", "rate",
  "req", "reqs", "rq", "requestcount", "responses", "handled", "processed", "msgs", "jobs",
]; // prettier-ignore
const SATURATION = [
  "usage",
  "utilization",
  "utilisation",
  "util",
  "used",
  "usedpct",
  "pressure",
  "saturation",
  "busy",
  "in",
  "inflight",
  "active",
  "pending",
  "occupancy",
];

const RESOURCES: readonly (readonly [Resource, readonly string[]])[] = [
  ["queue", ["consumer", "consumergroup", "undelivered", "unacked", "unacknowledged"]],
  ["replication", ["replication", "replica_lag", "lag", "slot"]],
  ["connections", ["connection", "connections", "conn", "conns", "pool", "sockets", "clients", "numbackends"]],
  ["queue", ["queue", "queues", "backlog", "oldest", "deadletter", "dlq", "inflight", "pending"]],
  ["cache", ["cache", "hit", "evictions", "misses"]],
  ["restarts", ["restart", "restarts", "crash", "crashes", "oom"]],
  ["replicas", ["replicas", "pods", "deployment", "instances", "tasks"]],
  ["locks", ["lock", "locks", "deadlocks"]],
  ["cpu", ["cpu", "throttled", "throttling"]],
  ["memory", ["memory", "mem", "heap", "rss", "swap", "oom", "gc"]],
  ["disk", ["disk", "storage", "filesystem", "fs", "inode", "inodes", "volume", "iops", "io"]],
  ["threads", ["thread", "threads", "goroutines", "workers", "fds"]],
  ["network", ["network", "net", "tcp", "dns", "packets"]],
  ["load", ["load"]],
];

const LIMIT = ["limit", "limits", "quota", "hard", "capacity", "desired", "ceiling"];
const CLIENT = ["cancelled", "canceled", "client", "outbound", "egress", "upstream", "remote", "downstream"];

/** The parts that the words of a text speak of. */
export function resourcesIn(text: string): ReadonlySet<Resource> {
  const words = new Set(wordsIn(text.slice(0, 2000)));
  return new Set(RESOURCES.filter(([, known]) => known.some((word) => words.has(word))).map(([name]) => name));
}

/** Lower-case words of a text: cut at everything that is no letter or digit, and where camel case turns. */
const wordsIn = (text: string): string[] =>
  text
    // Classes of status codes are one word (`HTTPCode_Target_5XX_Count`), and so is what negates (`UnHealthyHostCount`).
    .replace(/([1-5])XX/g, " $1xx ")
    .replace(/Un([A-Z])/g, (_, next: string) => `Un${next.toLowerCase()}`)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((token) => token !== "");

/** Words of a metric's name, without its tags. */
export function metricTokens(metric: string): string[] {
  return wordsIn(metric.slice(0, 300).replace(/\{.*$/s, ""));
}

/**
 * Reads a metric name and unit by the words that monitoring systems use in them (Datadog, Prometheus, OpenTelemetry and CloudWatch naming
 * guides). The first rule that fits decides: errors, availability, latency, saturation, traffic; whatever fits none is `other`.
 * @param unit as the vendor names it ("second", "percent", "byte") or null
 */
export function readSignal(metric: string, unit: string | null): SignalMeaning {
  const tokens = metricTokens(metric);
  const has = (words: readonly string[]) => tokens.some((token) => words.includes(token));
  const unitWord = unit?.toLowerCase() ?? "";
  const [beforeLast, last] = [tokens.at(-2) ?? "", tokens.at(-1) ?? ""];
  // A rate counts something for each second, which is no length of time.
  const isPerTime = tokens.some((token, place) => token === "per" && PER_TIME.includes(tokens[place + 1] ?? ""));
  const timeUnit =
    !isPerTime &&
    (/^(nano|micro|milli)?second|^ms$|^s$|^us$|^ns$|^minute/.test(unitWord) ||
      TIME_UNITS.includes(last) ||
      (STATISTIC.test(last) && TIME_UNITS.includes(beforeLast)) ||
      (last === "time" && has(REQUESTED.slice(2))));
  const percentUnit = unitWord.startsWith("percent") || unitWord === "%" || unitWord === "fraction";
  const isShare =
    percentUnit ||
    has(["pct", "percent", "percentage", "ratio", "utilization", "utilisation", "cpuutilization", "availability"]) ||
    /\(%\)|_%/.test(metric);

  let resource: Resource | null = null;
  for (const [name, words] of RESOURCES) {
    if (has(words) || (name === "cpu" && tokens.some((token) => token.startsWith("cpu")))) {
      resource = name;
      break;
    }
  }
  // Sessions of PostgreSQL by its own view, and messages of a queue that nobody took yet, have names without those words.
  if (resource === null && tokens.join(" ").startsWith("pg stat activity")) resource = "connections";
  if ((resource === null || resource === "queue") && has(["messages", "msgs"]) && has(["visible", "ready", "waiting"])) resource = "queue";
  if (has(["flight"]) && has(["in"])) resource ??= "queue";
  const leadingMax = tokens.findIndex((token) => token === "max" || token === "maximum");
  const maxNoun =
    leadingMax >= 0 && leadingMax < tokens.length - 1 && !tokens[leadingMax + 1]?.startsWith("used") && !timeUnit && !has(["age"]);
  const isLimit =
    (has(LIMIT) && !has(["used", "usage", "utilization"])) || (maxNoun && resource !== null && !has(["usage", "used", "utilization"]));
  const isNode = tokens[0] === "node" || has(["node", "host"]);
  const isClientSide = has(CLIENT);
  const base = { resource, isLimit, isNode, isClientSide, isShare };

  if (isLimit) return { ...base, kind: "other", worse: null };
  const free = tokens.some((token) => token === "free" || token === "freeable" || token === "remaining" || token === "idle");
  if (has(["hit"]) && (has(["rate", "ratio", "pct", "percent"]) || percentUnit)) return { ...base, kind: "availability", worse: "down" };
  if (resource === "replication" && !has(ERROR)) return { ...base, kind: "saturation", worse: "up" };
  if (has(["latency"]) || (has(LATENCY) && timeUnit)) return { ...base, kind: "latency", worse: "up" };
  const isFailingStatus = has(["status", "code", "http", "response", "responses"]) && tokens.some((token) => /^5\d\d$/.test(token));
  if (has(ERROR) || isFailingStatus) return { ...base, kind: "errors", worse: "up" };
  // Messages that are ready wait to be taken: a backlog, and no health.
  if (has(AVAILABILITY) && !free && resource !== "queue") return { ...base, kind: "availability", worse: "down" };
  if (free && (resource !== null || isShare)) return { ...base, kind: "saturation", worse: "down" };
  if (resource === "replication" || (resource === "queue" && !has(["rate"]) && !isPerTime))
    return { ...base, kind: "saturation", worse: "up" };
  if (resource === "load") return { ...base, kind: "saturation", worse: "up" };
  if (has(LATENCY) || ((tokens.some((token) => PERCENTILE.test(token)) || has(REQUESTED)) && timeUnit)) {
    return { ...base, kind: "latency", worse: "up" };
  }
  const flow = isPerTime || has(["bytes", "receive", "received", "transmit", "transmitted", "sent", "throughput", "iops"]);
  if (flow && (resource === "network" || resource === "disk" || has(["throughput", "iops"])))
    return { ...base, kind: "traffic", worse: null };
  if (resource === "cpu" || resource === "memory" || resource === "disk") return { ...base, kind: "saturation", worse: "up" };
  if (resource === "connections" || resource === "threads" || resource === "locks") return { ...base, kind: "saturation", worse: "up" };
  if (has(SATURATION) && (isShare || resource !== null)) return { ...base, kind: "saturation", worse: "up" };
  if (isPerTime || has(TRAFFIC) || /^(request|query|operation|hit|message|event)/.test(unitWord))
    return { ...base, kind: "traffic", worse: null };
  if (tokens.some((token) => PERCENTILE.test(token)) && !isShare) return { ...base, kind: "latency", worse: "up" };
  return { ...base, kind: "other", worse: null };
}

/** The kind of a signal from its name and unit; see {@link readSignal}. */
export function classifySignal(metric: string, unit: string | null): SignalKind {
  return readSignal(metric, unit).kind;
}
