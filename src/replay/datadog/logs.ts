import type { Hono } from "hono";
import { z } from "zod";
import type { RecordedLog } from "../recorded.ts";
import { type Aggregatable, aggregated, aggregateSchema } from "./aggregate.ts";
import type { DatadogContext } from "./context.ts";
import { readJson, validated } from "./input.ts";
import { filterFromQuery, filterSchema, pageAnswer, pageOf, pagingFromQuery, pagingSchema, within } from "./paging.ts";
import { attributeAt, matcher, parseSearchQuery } from "./search-query.ts";
import type { ServiceTags } from "./tags.ts";
import { parseWindow } from "./time.ts";

/** A log as Datadog holds it, still in recording time. */
export interface StoredLog {
  readonly id: string;
  readonly at: number;
  readonly service: string;
  readonly status: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Datadog's status of a severity word, by its first letters as its status remapper has them.
 * Source: docs.datadoghq.com, "Log status remapper".
 */
function statusOf(severity: string | null): string {
  const word = severity?.toLowerCase() ?? "";
  if (word.startsWith("emerg") || word.startsWith("f") || word === "panic") return "emergency";
  if (word.startsWith("a")) return "alert";
  if (word.startsWith("c")) return "critical";
  if (word.startsWith("e")) return "error";
  if (word.startsWith("w")) return "warn";
  if (word.startsWith("n")) return "notice";
  if (/^(d|t|v)/.test(word)) return "debug";
  if (/^(o|s)/.test(word)) return "ok";
  return "info";
}

/** Attributes that Datadog's agents send as tags, so that they are searched without an `@`. */
const tagAttributes = ["env", "version", "host", "kube_namespace", "kube_cluster", "kube_cluster_name", "kube_deployment", "pod_name"];

export function storedLog(log: RecordedLog, index: number, further: ServiceTags): StoredLog {
  const tags: Record<string, string> = { ...further.get(log.service), service: log.service };
  for (const key of tagAttributes) {
    const value = log.attributes?.[key];
    if (typeof value === "string") tags[key] = value;
  }
  if (log.instance !== null) tags["pod_name"] = log.instance;
  const attributes: Record<string, unknown> = { ...log.attributes };
  if (log.instance !== null) attributes["pod_name"] ??= log.instance;
  if (log.traceId !== null) attributes["trace_id"] = log.traceId;
  if (log.spanId !== null) attributes["span_id"] = log.spanId;
  return { id: `log-${index}`, at: log.at, service: log.service, status: statusOf(log.severity), message: log.message, attributes, tags };
}

const tagList = (tags: Readonly<Record<string, string>>): string[] => Object.entries(tags).map(([key, value]) => `${key}:${value}`);

/** A line as the searches answer it. */
export const logAnswer = (log: StoredLog, toServed: (at: number) => number) => ({
  id: log.id,
  type: "log",
  attributes: {
    service: log.service,
    status: log.status,
    message: log.message,
    timestamp: new Date(toServed(log.at)).toISOString(),
    tags: tagList(log.tags),
    attributes: log.attributes,
  },
});

const searchRequest = pagingSchema.extend({ filter: filterSchema });
const aggregateRequest = aggregateSchema.extend({ filter: filterSchema });

/** `POST /api/v2/logs/events/search`, `GET /api/v2/logs/events`, `POST /api/v2/logs/analytics/aggregate`. Logs come oldest first. */
export function logRoutes(app: Hono, recorded: readonly RecordedLog[], further: ServiceTags, { clock, now }: DatadogContext): void {
  const logs = recorded.map((log, index) => storedLog(log, index, further));
  const timeOf = ({ at }: StoredLog) => at;
  const searchable: Aggregatable<StoredLog> = {
    field(log, name) {
      if (name === "service") return log.service;
      if (name === "status") return log.status;
      if (name === "message" || name === "content") return log.message;
      if (name === "trace_id" || name === "span_id") return log.attributes[name];
      return Object.hasOwn(log.tags, name) ? log.tags[name] : undefined;
    },
    attribute: (log, path) => attributeAt(log.attributes, path),
    text: (log) => log.message,
    everything: (log) => `${log.message}\n${log.service}\n${JSON.stringify(log.attributes)}`,
    // Tags know no letter case; ids and text do.
    anyCase: (name) => name !== "trace_id" && name !== "span_id",
    at: timeOf,
    toServed: clock.toServed,
  };
  const windowOf = (filter: z.output<typeof filterSchema>) => {
    const { from, to } = parseWindow(filter, now(), 400);
    return { from: clock.toRecorded(from), to: clock.toRecorded(to) };
  };
  const search = (input: unknown, url: string) => {
    const request = validated(searchRequest, input);
    const { filter } = request;
    const matches = matcher(parseSearchQuery(filter.query), searchable);
    const found = pageOf(logs, windowOf(filter), timeOf, matches, request);
    return {
      data: found.items.map((log) => logAnswer(log, clock.toServed)),
      ...pageAnswer(found.after, { url, path: "/api/v2/logs/events" }, filter, request),
    };
  };

  app.post("/api/v2/logs/events/search", async (c) => c.json(search(await readJson(c.req), c.req.url)));
  app.get("/api/v2/logs/events", (c) =>
    c.json(search({ filter: filterFromQuery(c.req.query()), ...(pagingFromQuery(c.req.query()) as object) }, c.req.url)),
  );

  app.post("/api/v2/logs/analytics/aggregate", async (c) => {
    const request = validated(aggregateRequest, await readJson(c.req));
    const window = windowOf(request.filter);
    const matches = matcher(parseSearchQuery(request.filter.query), searchable);
    const buckets = aggregated(within(logs, window, timeOf).filter(matches), request, searchable, window);
    return c.json({ meta: { elapsed: 1, request_id: "replay", status: "done" }, data: { buckets } });
  });
}
