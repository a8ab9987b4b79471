import { describe, expect, test } from "vitest";
import { type Errors, isoAt, replayedDatadog, servedAt } from "./datadog-fixture.ts";
import { secondsAt } from "../support/recording-folder.ts";

interface Spans {
  readonly data: readonly { readonly attributes: Readonly<Record<string, unknown>> & { readonly span_id: string } }[];
  readonly meta: { readonly page?: { readonly after: string } };
}

const span = (id: string, time: string, service: string, durationMs: number, more: Record<string, unknown> = {}) => ({
  trace_id: "t1",
  span_id: id,
  parent_id: "a",
  service,
  instance: `${service}-1`,
  operation: `GET /${id}`,
  start: secondsAt(time),
  duration_ms: durationMs,
  status: null,
  ...more,
});

const files = {
  "spans.jsonl.gz": [
    span("a", "12:20:00", "shop", 5000, { parent_id: null }),
    span("b", "12:20:01", "cart", 120.5, { trace_id: "t2", status: "ok", attributes: { "http.method": "GET" } }),
    span("c", "12:20:02", "cart", 900, { status: "ERROR", attributes: { error: "pool exhausted", "http.method": "POST" } }),
    span("d", "12:20:03", "db", 40, { instance: null, operation: "SELECT * FROM carts", attributes: { status_message: "slow" } }),
  ],
};
const whole = { from: String(servedAt("12:00:00")), to: String(servedAt("12:30:00")) };

const request = (type: string, attributes: Record<string, unknown>) => ({
  data: { type, attributes: { filter: { query: "*", ...whole }, ...attributes } },
});

async function found(query: string, window: Record<string, string> = whole): Promise<string> {
  const datadog = await replayedDatadog(files);
  const body = request("search_request", { filter: { query, ...window }, sort: "timestamp", page: { limit: 100 } });
  const reply = await datadog.post<Spans & Errors>("/api/v2/spans/events/search", body);
  return reply.status === 200
    ? reply.body.data.map(({ attributes }) => attributes.span_id).join("")
    : `${reply.status} ${JSON.stringify(reply.body.errors)}`;
}

describe("a span search", () => {
  // In the order of their ends, as Datadog has it: the first to start is the last to end.
  test.each([
    ["*", "bcda"],
    ["service:cart", "bc"],
    ["status:error", "c"],
    ["status:ok", "bda"],
    ['resource_name:"GET /a"', "a"],
    ["resource_name:GET*", "bca"],
    ["trace_id:t2", "b"],
    ["span_id:c", "c"],
    ["parent_id:0", "a"],
    ["pod_name:shop-1", "a"],
    ["@duration:>1s", "a"],
    ["@duration:[100ms TO 1s]", "bc"],
    ["@duration:<=120500000", "bd"],
    ["@http.method:POST", "c"],
    ["@error.message:pool*", "c"],
    ["carts", "d"],
    ["service:cart -status:error", "b"],
  ])("%s", async (query, expected) => {
    expect(await found(query)).toBe(expected);
  });

  test("finds in a window what ended there", async () => {
    expect(await found("*", { from: isoAt("12:20:04"), to: isoAt("12:20:06") })).toBe("a");
    expect(await found("*", { from: isoAt("12:20:00"), to: isoAt("12:20:02") })).toBe("b");
  });

  test("shows times in milliseconds, the duration in nanoseconds, and errors", async () => {
    const datadog = await replayedDatadog(files);
    const { body } = await datadog.post<Spans>("/api/v2/spans/events/search", request("search_request", { sort: "timestamp" }));
    expect(body.data.map(({ attributes }) => attributes)).toMatchObject([
      {
        trace_id: "t2",
        span_id: "b",
        parent_id: "a",
        service: "cart",
        resource_name: "GET /b",
        start_timestamp: isoAt("12:20:01"),
        end_timestamp: new Date(servedAt("12:20:01") + 120).toISOString(),
        tags: ["service:cart", "pod_name:cart-1"],
        custom: { duration: 120_500_000, status: "ok", "http.method": "GET" },
      },
      { span_id: "c", custom: { status: "error", error: { message: "pool exhausted" } } },
      { span_id: "d", custom: { duration: 40_000_000 }, tags: ["service:db"] },
      { span_id: "a", parent_id: "0" },
    ]);
    // No outcome was recorded for the last two: none is made up.
    expect(body.data.slice(2).map(({ attributes }) => attributes["custom"])).toEqual([
      { duration: 40_000_000, status_message: "slow" },
      { duration: 5_000_000_000 },
    ]);
  });

  test("of a window that ends before it begins is a 422 in JSON:API words", async () => {
    expect(await found("*", { from: "now", to: "now-1h" })).toBe(
      `422 [{"title":"Generic Error","detail":"invalid_argument(Field 'filter.from,to' is invalid: 'from' should be anterior to 'to')","status":"422"}]`,
    );
  });

  test("without the wrapper, or of another type, is refused", async () => {
    const datadog = await replayedDatadog(files);
    expect((await datadog.post("/api/v2/spans/events/search", { filter: { query: "*" } })).status).toBe(400);
    expect((await datadog.post("/api/v2/spans/events/search", request("aggregate_request", {}))).status).toBe(400);
  });
});

describe("a span aggregation", () => {
  async function buckets(attributes: Record<string, unknown>) {
    const datadog = await replayedDatadog(files);
    const { body } = await datadog.post<{
      data: { type: string; attributes: { by: Record<string, unknown>; compute: Record<string, unknown> } }[];
    }>("/api/v2/spans/analytics/aggregate", request("aggregate_request", attributes));
    return body.data.map(({ attributes: { by, compute } }) => [...Object.values(by), ...Object.values(compute)]);
  }

  test("gives latencies in nanoseconds and counts, by service and resource", async () => {
    const compute = [{ aggregation: "max", metric: "@duration" }, { aggregation: "count" }];
    expect(await buckets({ compute, group_by: [{ facet: "service" }] })).toEqual([
      ["shop", 5e9, 1],
      ["cart", 9e8, 2],
      ["db", 4e7, 1],
    ]);
    expect(
      await buckets({
        compute: [{ aggregation: "count" }],
        group_by: [{ facet: "resource_name", limit: 1 }],
        filter: { query: "service:db", ...whole },
      }),
    ).toEqual([["SELECT * FROM carts", 1]]);
  });

  test("lays them out over time, by when spans ended", async () => {
    expect(await buckets({ compute: [{ aggregation: "count", type: "timeseries", interval: "4s" }] })).toEqual([
      [
        [
          { time: isoAt("12:20:00"), value: 3 },
          { time: isoAt("12:20:04"), value: 1 },
        ],
      ],
    ]);
  });
});
