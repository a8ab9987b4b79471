import type { TimeWindow } from "../../incident/telemetry.ts";

/** Pages where people see the same data. Every function gives null where the web address is not known (a custom base URL). */
export interface Links {
  readonly metrics: (query: string, window: TimeWindow) => string | null;
  readonly logs: (query: string, window: TimeWindow) => string | null;
  readonly spans: (query: string, window: TimeWindow) => string | null;
  readonly events: (query: string, window: TimeWindow) => string | null;
  readonly event: (id: string) => string | null;
  readonly monitors: (query: string) => string | null;
  readonly catalog: () => string | null;
}

/** What people write for a site ("https://app.datadoghq.eu/", "us5.datadoghq.com") as the site's own name. */
export function siteName(site: string): string {
  const bare = site
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "");
  return bare.replace(/^(?:app|api)\./, "");
}

/** The first sites have an `app.` before them, the numbered ones are their own address. */
const webHost = (site: string) => (site.split(".").length === 2 ? `app.${site}` : site);

/** The parts of a classic query that the metrics explorer takes. */
function explorerParts(query: string): Record<string, string> | null {
  const match = /^\s*(\w+):([\w.]+)\{([^}]*)\}(?:\s*by\s*\{([^}]*)\})?/.exec(query);
  if (match === null) return null;
  const [, aggregator = "avg", metric = "", scope = "", group = ""] = match;
  return {
    exp_metric: metric,
    exp_scope: scope === "*" ? "" : scope,
    exp_group: group.replaceAll(/\s+/g, ""),
    exp_agg: aggregator,
    exp_row_type: "metric",
  };
}

/** @param site null for a custom base URL */
export function datadogLinks(site: string | null): Links {
  if (site === null) {
    const none = () => null;
    return { metrics: none, logs: none, spans: none, events: none, event: none, monitors: none, catalog: none };
  }
  const base = `https://${webHost(site)}`;
  const page = (path: string, parameters: Record<string, string>) => `${base}${path}?${new URLSearchParams(parameters).toString()}`;
  const span = ({ from, to }: TimeWindow) => ({ from_ts: String(from), to_ts: String(to), live: "false" });
  return {
    metrics: (query, window) => {
      const parts = explorerParts(query);
      return parts === null ? null : page("/metric/explorer", { ...parts, ...span(window) });
    },
    logs: (query, window) => page("/logs", { query, ...span(window) }),
    spans: (query, { from, to }) => page("/apm/traces", { query, start: String(from), end: String(to), paused: "true" }),
    events: (query, window) => page("/event/explorer", { query, ...span(window) }),
    event: (id) => page("/event/explorer", { event: id }),
    monitors: (query) => page("/monitors/manage", { q: query }),
    catalog: () => `${base}/software`,
  };
}
