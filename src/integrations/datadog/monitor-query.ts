import type { Compute } from "./counts.ts";

/** A search of logs or spans with what a monitor computes of it. */
export interface MonitorSearch {
  readonly kind: "logs" | "spans";
  readonly search: string;
  readonly compute: Compute;
  /** Facets. */
  readonly groupBy: readonly string[];
  /** Over how long the monitor computes it, as Datadog writes it: "5m". */
  readonly last: string | null;
}

/** What a monitor measures, as something that can be asked now: a metric query, a search, or what no call here runs. */
export type MonitorQuery =
  | { readonly kind: "metric"; readonly query: string }
  | MonitorSearch
  | { readonly kind: "other"; readonly search: string };

/** `avg(last_5m):`, `pct_change(avg(last_5m),last_1h):` */
const EVALUATION = /^\s*[a-z_]{1,30}\((?:[^()]|\([^()]*\)){1,200}\):/;
/** `> 0.05`, `>= 1` */
const THRESHOLD = /\s*(?:[<>]=?|==|!=)\s*[+-]?[\d.]+(?:e[+-]?\d+)?\s*$/i;
const ROLLUP = /\.rollup\("([a-z0-9_]+)"(?:\s*,\s*"([^"]*)")?\)/;
const BY = /\.by\("([^"]*)"\)/;
const LAST = /\.last\("([^"]*)"\)/;
const isAggregation = (word: string): word is Compute["aggregation"] =>
  /^(?:count|cardinality|sum|avg|min|max|pc(?:75|90|95|98|99))$/.test(word);
const SEARCH = /^\s*([a-z]+(?:-[a-z]+)*)\("((?:[^"\\]|\\.)*)"\)\./;

/**
 * The query of a monitor as Datadog has it (`avg(last_5m):sum:shop.errors{env:prod} by {shard} > 5`,
 * `logs("status:error").index("*").rollup("count").last("5m") > 100`) without what makes a condition of it. A plain metric query is one already.
 * Source: docs.datadoghq.com/api/latest/monitors, "Query Types".
 */
export function monitorQuery(text: string): MonitorQuery {
  const [head = "", kind, search = ""] = SEARCH.exec(text) ?? [];
  if (kind === undefined) return { kind: "metric", query: text.replace(EVALUATION, "").replace(THRESHOLD, "").trim() };
  const plain = search.replaceAll(/\\(.)/g, "$1").trim() || "*";
  const behind = text.slice(head.length - 1);
  const [, aggregation = "count", metric] = ROLLUP.exec(behind) ?? [];
  const of = kind === "logs" ? "logs" : kind === "spans" || kind === "trace-analytics" ? "spans" : null;
  if (of === null || !isAggregation(aggregation)) return { kind: "other", search: plain };
  const facets = (BY.exec(behind)?.[1] ?? "").split(",").map((facet) => facet.trim());
  return {
    ...{ kind: of, search: plain, last: LAST.exec(behind)?.[1] ?? null },
    compute: aggregation === "count" || metric === undefined ? { aggregation } : { aggregation, metric },
    groupBy: facets.filter((facet) => facet !== "" && facet !== "*"),
  };
}
