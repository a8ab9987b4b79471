import type { Hono } from "hono";
import { z } from "zod";
import { spanErrorMessage, spanFailed } from "../recorded-telemetry.ts";
import type { RecordedSpan } from "../recorded.ts";
import { type Aggregatable, aggregated, aggregateSchema } from "./aggregate.ts";
import type { DatadogContext } from "./context.ts";
import { readJson, validated } from "./input.ts";
import { filterFromQuery, filterSchema, pageAnswer, pageOf, pagingFromQuery, pagingSchema, within } from "./paging.ts";
import { attributeAt, matcher, parseSearchQuery } from "./search-query.ts";
import type { ServiceTags } from "./tags.ts";
import { parseWindow } from "./time.ts";

/** A span with its place in the list; its answer is made when it is asked for. Recording time. */
interface StoredSpan {
  readonly index: number;
  readonly span: RecordedSpan;
}

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

const durationNs = ({ durationMs }: RecordedSpan): number => Math.round(durationMs * 1e6);

const errorOf = (span: RecordedSpan): { message: string } | undefined =>
  spanFailed(span) === true ? { message: spanErrorMessage(span) ?? "" } : undefined;

function customOf(span: RecordedSpan): Record<string, unknown> {
  const error = errorOf(span);
  const { error: _text, ...attributes } = span.attributes ?? {};
  return {
    ...attributes,
    duration: durationNs(span),
    ...(span.status === null ? {} : { status: error === undefined ? "ok" : "error" }),
    ...(error === undefined ? {} : { error }),
  };
}

const searchRequest = z.object({
  data: z.object({
    type: z.literal("search_request", { error: 'Invalid type. Expected "search_request".' }).optional(),
    attributes: pagingSchema.extend({ filter: filterSchema }).prefault({}),
  }),
});

const aggregateRequest = z.object({
  data: z.object({
    type: z.literal("aggregate_request", { error: 'Invalid type. Expected "aggregate_request".' }).optional(),
    attributes: aggregateSchema.extend({ filter: filterSchema }),
  }),
});

/** `POST /api/v2/spans/events/search`, `GET /api/v2/spans/events`, `POST /api/v2/spans/analytics/aggregate`. */
export function spanRoutes(app: Hono, recorded: readonly RecordedSpan[], further: ServiceTags, { clock, now }: DatadogContext): void {
  // Datadog orders spans, and finds them in a window, by when they ended.
  const timeOf = ({ span }: StoredSpan) => span.start + span.durationMs;
  const spans = recorded.map((span, index): StoredSpan => ({ index, span })).sort((a, b) => timeOf(a) - timeOf(b));
  const tagsOf = ({ service, instance }: RecordedSpan): Record<string, string> => ({
    ...further.get(service),
    service,
    ...(instance === null ? {} : { pod_name: instance }),
  });
  const searchable: Aggregatable<StoredSpan> = {
    field({ span }, name) {
      switch (name) {
        case "service":
          return span.service;
        case "resource_name":
        case "operation_name":
          return span.operation;
        case "trace_id":
          return span.traceId;
        case "span_id":
          return span.spanId;
        case "parent_id":
          return span.parentId ?? "0";
        case "status":
          return errorOf(span) === undefined ? "ok" : "error";
        default: {
          const tags = tagsOf(span);
          return Object.hasOwn(tags, name) ? tags[name] : undefined;
        }
      }
    },
    attribute: ({ span }, path) => {
      if (path === "duration") return durationNs(span);
      return path === "error" || path === "status" || path.startsWith("error.")
        ? attributeAt(customOf(span), path)
        : attributeAt(span.attributes, path);
    },
    text: ({ span }) => span.operation,
    everything: ({ span }) => `${span.operation}\n${span.service}\n${JSON.stringify(span.attributes ?? {})}`,
    anyCase: (name) => name === "service" || name === "status" || name === "pod_name",
    // `@duration:>1.5s`
    number: (name, text) => {
      const [, figure, unit = "ns"] = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|min|m|h)?$/.exec(text) ?? [];
      return name === "duration" && figure !== undefined ? Number(figure) * (nanoseconds[unit] ?? 1) : undefined;
    },
    at: timeOf,
    toServed: clock.toServed,
  };
  // Only the search has a 422 of its own for a window that ends before it begins.
  const windowOf = (filter: z.output<typeof filterSchema>, wrongStatus: 400 | 422) => {
    const { from, to } = parseWindow(filter, now(), wrongStatus);
    return { from: clock.toRecorded(from), to: clock.toRecorded(to) };
  };
  const timestamp = (at: number) => new Date(Math.floor(clock.toServed(at))).toISOString();
  const search = (input: unknown, url: string) => {
    const request = validated(searchRequest, input).data.attributes;
    const { filter } = request;
    const matches = matcher(parseSearchQuery(filter.query), searchable);
    const found = pageOf(spans, windowOf(filter, 422), timeOf, matches, request);
    return {
      data: found.items.map(({ index, span }) => ({
        id: `span-${index}`,
        type: "spans",
        attributes: {
          service: span.service,
          resource_name: span.operation,
          trace_id: span.traceId,
          span_id: span.spanId,
          parent_id: span.parentId ?? "0",
          start_timestamp: timestamp(span.start),
          end_timestamp: timestamp(span.start + span.durationMs),
          type: "web",
          single_span: false,
          ingestion_reason: "auto",
          tags: Object.entries(tagsOf(span)).map(([key, value]) => `${key}:${value}`),
          custom: customOf(span),
        },
      })),
      ...pageAnswer(found.after, { url, path: "/api/v2/spans/events" }, filter, request),
    };
  };

  app.post("/api/v2/spans/events/search", async (c) => c.json(search(await readJson(c.req), c.req.url)));
  app.get("/api/v2/spans/events", (c) => {
    const query = c.req.query();
    return c.json(search({ data: { attributes: { filter: filterFromQuery(query), ...(pagingFromQuery(query) as object) } } }, c.req.url));
  });

  app.post("/api/v2/spans/analytics/aggregate", async (c) => {
    const request = validated(aggregateRequest, await readJson(c.req)).data.attributes;
    const window = windowOf(request.filter, 400);
    const matches = matcher(parseSearchQuery(request.filter.query), searchable);
    const buckets = aggregated(within(spans, window, timeOf).filter(matches), request, searchable, window);
    return c.json({
      // Datadog's recorded answers name the field `compute`, although the request's and the logs' answer's is `computes`.
      data: buckets.map(({ by, computes }, index) => ({ type: "bucket", id: `bucket-${index}`, attributes: { by, compute: computes } })),
      meta: { elapsed: 1, request_id: "replay", status: "done" },
    });
  });
}
