/** One kind of read: its words for people and the permission that an application key needs for it. */
export interface Read {
  /** Words of the coverage line. */
  readonly source: string;
  /** Words for "… was not checked". */
  readonly what: string;
  /** Words for "… can be read", where that is not what it shows. */
  readonly works?: string;
  /** Scope of the application key. null: the API key alone is enough. */
  readonly permission: string | null;
  /** Its answers are large and no call waits for them: it is sent after what is asked beside it, whose answers say what to ask next. */
  readonly givesWay?: true;
}

/** All that midwatch reads at Datadog. Permission names: docs.datadoghq.com, "Authorization scopes". */
export const reads = {
  metrics: { source: "Datadog metrics", what: "metric queries", permission: "timeseries_query", givesWay: true },
  metricNames: { source: "Datadog metrics", what: "the list of metrics", permission: "metrics_read" },
  logs: { source: "Datadog logs", what: "logs", permission: "logs_read_data" },
  logCounts: { source: "Datadog logs", what: "log counts", permission: "logs_read_data" },
  spans: { source: "Datadog traces", what: "spans", permission: "apm_read" },
  spanCounts: { source: "Datadog traces", what: "span counts", permission: "apm_read" },
  events: { source: "Datadog events", what: "events", permission: "events_read" },
  monitors: { source: "Datadog monitors", what: "monitors", permission: "monitors_read" },
  catalog: { source: "Datadog catalog", what: "the software catalog", permission: "apm_service_catalog_read" },
  keys: { source: "Datadog", what: "the API key", works: "the API key works", permission: null },
} as const satisfies Record<string, Read>;
