/** What a monitor measures, as something that can be asked now: a metric query, or the search of a tool. */
export type MonitorQuery =
  | { readonly kind: "metric"; readonly query: string }
  | { readonly kind: "logs" | "spans" | "other"; readonly search: string };

/** `avg(last_5m):`, `pct_change(avg(last_5m),last_1h):` */
const EVALUATION = /^\s*[a-z_]{1,30}\((?:[^()]|\([^()]*\)){1,200}\):/;
/** `> 0.05`, `>= 1` */
const THRESHOLD = /\s*(?:[<>]=?|==|!=)\s*[+-]?[\d.]+(?:e[+-]?\d+)?\s*$/i;
const SEARCH = /^\s*([a-z]+(?:-[a-z]+)*)\("((?:[^"\\]|\\.)*)"\)\./;

/**
 * The query of a monitor as Datadog has it (`avg(last_5m):sum:shop.errors{env:prod} by {shard} > 5`,
 * `logs("status:error").index("*").rollup("count").last("5m") > 100`) without what makes a condition of it. A plain metric query is one already.
 * Source: docs.datadoghq.com/api/latest/monitors, "Query Types".
 */
export function monitorQuery(text: string): MonitorQuery {
  const [, kind, search = ""] = SEARCH.exec(text) ?? [];
  if (kind === undefined) return { kind: "metric", query: text.replace(EVALUATION, "").replace(THRESHOLD, "").trim() };
  const plain = search.replaceAll(/\\(.)/g, "$1").trim() || "*";
  return { kind: kind === "logs" ? "logs" : kind === "spans" || kind === "trace-analytics" ? "spans" : "other", search: plain };
}
