import { describe, expect, test } from "vitest";
import { type Errors, isoAt, replayedDatadog, servedAt } from "./datadog-fixture.ts";
import { incidentJson, secondsAt } from "../support/recording-folder.ts";

const at = secondsAt;
const header = ["time", "service", "instance", "metric", "value"];
const files = {
  "metrics.csv.gz": [
    header,
    // Two pods of shop, one of cart; the values tell every aggregation from every other.
    ...[0, 1, 2].flatMap((minute) => [
      [at("12:10:00") + 60 * minute, "shop", "shop-a", "latency(s)", 1 + minute],
      [at("12:10:00") + 60 * minute, "shop", "shop-b", "latency(s)", 5 + minute],
      [at("12:10:00") + 60 * minute, "cart", "cart-a", "latency(s)", 10 + minute],
      [at("12:10:00") + 60 * minute, "shop", "", "hits", 120],
      [at("12:10:00") + 60 * minute, "shop", "", "errors", 6 * minute],
      [at("12:10:00") + 60 * minute, "cart", "", "hits", 60],
    ]),
    [at("12:10:00"), "db", "db-main", "load{wait_event=IO:Read}", 3],
    [at("12:10:00"), "db", "db-main", "load{wait_event=CPU}", 4],
    [at("12:10:00"), "Tax Query/v1_X::Y", "", "load", 7],
  ],
};

interface Query {
  readonly series: readonly {
    readonly metric: string;
    readonly scope: string;
    readonly tag_set: readonly string[];
    readonly pointlist: readonly (readonly [number, number])[];
    readonly interval: number;
    readonly query_index: number;
    readonly unit: readonly ({ readonly name: string } | null)[];
  }[];
}

const seconds = (time: string) => Math.floor(servedAt(time) / 1000);

/** Values of a v1 query by its groups, over the recorded minutes. */
async function values(query: string, from = "12:09:00", to = "12:20:00") {
  const datadog = await replayedDatadog(files);
  const { status, body } = await datadog.get<Query & Errors>("/api/v1/query", { from: seconds(from), to: seconds(to), query });
  if (status !== 200) return { status, errors: body.errors };
  return Object.fromEntries(body.series.map(({ tag_set, pointlist }) => [tag_set.join(), pointlist.map(([, value]) => value)]));
}

describe("a metric query", () => {
  test("answers each group at its served times, in the metric's unit", async () => {
    const datadog = await replayedDatadog(files);
    const { body } = await datadog.get<Query>("/api/v1/query", {
      from: seconds("12:09:00"),
      to: seconds("12:20:00"),
      query: "avg:latency_s{*} by {service}",
    });
    expect(body.series.map(({ scope, tag_set, unit, interval }) => [scope, tag_set, unit.map((one) => one?.name), interval])).toEqual([
      ["service:cart", ["service:cart"], ["second", undefined], 20],
      ["service:shop", ["service:shop"], ["second", undefined], 20],
    ]);
    expect(body.series[1]?.pointlist).toEqual([
      [servedAt("12:10:00"), 3],
      [servedAt("12:11:00"), 4],
      [servedAt("12:12:00"), 5],
    ]);
  });

  test.each<[string, Record<string, number[]>]>([
    ["sum:latency_s{service:shop}", { "": [6, 8, 10] }],
    ["max:latency_s{service:shop}", { "": [5, 6, 7] }],
    ["min:latency_s{service:shop}", { "": [1, 2, 3] }],
    ["count:latency_s{service:shop}", { "": [2, 2, 2] }],
    ["p50:latency_s{*}", { "": [5, 6, 7] }],
    ["latency_s{service:cart}", { "": [10, 11, 12] }],
    [
      "avg:latency_s{*} by {service,pod_name}",
      {
        "service:cart,pod_name:cart-a": [10, 11, 12],
        "service:shop,pod_name:shop-a": [1, 2, 3],
        "service:shop,pod_name:shop-b": [5, 6, 7],
      },
    ],
    ["avg:hits{service:shop} by {pod_name}", { "pod_name:N/A": [120, 120, 120] }],
    ["avg:nothing_there{*}", {}],
  ])("%s", async (query, expected) => {
    expect(await values(query)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["!service:shop", ["service:cart"]],
    ["service:s*", ["service:shop"]],
    ["pod_name:shop-a,service:shop", ["service:shop"]],
    ["service:shop,service:cart", []],
    ["service:shop OR service:cart", ["service:cart", "service:shop"]],
    ["NOT service:shop", ["service:cart"]],
    ["service IN (shop, cart)", ["service:cart", "service:shop"]],
    ["service NOT IN (shop)", ["service:cart"]],
    ["service:shop AND NOT (pod_name:shop-a OR pod_name:shop-b)", []],
    ["SERVICE:shop", []],
    ["service:SHOP", ["service:shop"]],
  ])("filters {%s}", async (filter, expected) => {
    expect(Object.keys(await values(`avg:latency_s{${filter}} by {service}`))).toEqual(expected);
  });

  test("takes tags from a metric's own name, and names with spaces and colons", async () => {
    expect(await values("sum:load{service:db} by {wait_event}")).toEqual({ "wait_event:IO:Read": [3], "wait_event:CPU": [4] });
    expect(await values("sum:load{service:Tax Query/v1_X::Y}")).toEqual({ "": [7] });
    expect(await values('sum:load{service:"Tax Query/v1_X::Y"} by {service}')).toEqual({ "service:Tax Query/v1_X::Y": [7] });
  });

  test("rolls up over time as asked, with the interval laid out on the recording's clock", async () => {
    expect(await values("avg:latency_s{pod_name:shop-a}.rollup(sum, 120)")).toEqual({ "": [3, 3] });
    expect(await values("avg:latency_s{pod_name:shop-a}.rollup(max, 120)")).toEqual({ "": [2, 3] });
    expect(await values("max:latency_s{pod_name:shop-a}.rollup(120)")).toEqual({ "": [2, 3] });
  });

  test("knows counts and rates", async () => {
    expect(await values("sum:hits{service:shop}.as_count().rollup(sum, 120)")).toEqual({ "": [240, 120] });
    // A value a minute stays a value of a minute, however short the interval asked for.
    expect(await values("sum:hits{service:shop}.as_rate()")).toEqual({ "": [2, 2, 2] });
  });

  test("fills gaps when asked to", async () => {
    expect(await values("sum:hits{service:shop}.rollup(sum, 60).fill(zero)", "12:09:00", "12:13:30")).toEqual({
      "": [0, 120, 120, 120, 0],
    });
  });

  test("calculates with queries and numbers, group by group", async () => {
    expect(await values("100 * sum:errors{*} by {service} / sum:hits{*} by {service}")).toEqual({ "service:shop": [0, 5, 10] });
    expect(await values("sum:hits{*} by {service} - sum:hits{service:cart}")).toEqual({
      "service:cart": [0, 0, 0],
      "service:shop": [60, 60, 60],
    });
  });

  test("gives several comma-separated queries their index", async () => {
    const datadog = await replayedDatadog(files);
    const query = "avg:hits{service:shop}, max:latency_s{service:shop,pod_name:shop-a}";
    const { body } = await datadog.get<Query>("/api/v1/query", { from: seconds("12:09:00"), to: seconds("12:20:00"), query });
    expect(body.series.map(({ metric, query_index }) => [metric, query_index])).toEqual([
      ["hits", 0],
      ["latency_s", 1],
    ]);
  });

  test("holds only its window, and nothing after the recording's end", async () => {
    expect(await values("avg:latency_s{service:cart}", "12:11:00", "12:11:30")).toEqual({ "": [11] });
    expect(await values("avg:latency_s{service:cart}", "12:31:00", "12:50:00")).toEqual({});
  });

  test.each([
    ["top(avg:hits{*}, 5, 'mean', 'desc')", /function top\(\) is not served/],
    ["avg:hits", /"\{" is missing after hits/],
    ["avg:hits{service}", /"service" is no filter: write service:value/],
    ["avg:hits{service:}", /tag's value is missing/],
    ["avg:hits{*} by {}", /tag's name is missing/],
    ["avg:hits{*}.anomalies(2)", /anomalies\(2\) is not served/],
    ["p33:hits{*}", /aggregator "p33" is not one of/],
    ["avg:hits{*} extra", /"e" is not expected/],
    ["avg:hits{*} by {service}.rollup(often)", /rollup does not know "often"/],
    ["5", /5 alone is no query/],
    ["", /query/],
  ])("outside of the grammar is refused with the reason: %s", async (query, reason) => {
    expect(await values(query)).toEqual({ status: 400, errors: [expect.stringMatching(reason)] });
  });
});

interface Timeseries {
  readonly data: {
    readonly attributes: {
      readonly series: readonly { readonly group_tags: readonly string[]; readonly query_index: number; readonly unit: unknown }[];
      readonly times: readonly number[];
      readonly values: readonly (readonly (number | null)[])[];
    };
  };
}

describe("a version 2 timeseries request", () => {
  const request = (attributes: Record<string, unknown>) => ({
    data: {
      type: "timeseries_request",
      attributes: { from: servedAt("12:09:00"), to: servedAt("12:20:00"), interval: 60_000, ...attributes },
    },
  });

  test("has its times once, a null for each gap, and the formula's index", async () => {
    const datadog = await replayedDatadog({
      "metrics.csv.gz": [
        header,
        [at("12:10:00"), "shop", "", "hits", 1],
        [at("12:11:00"), "shop", "", "hits", 2],
        [at("12:11:00"), "cart", "", "misses", 3],
      ],
    });
    const { body } = await datadog.post<Timeseries>(
      "/api/v2/query/timeseries",
      request({
        queries: [
          { data_source: "metrics", name: "a", query: "avg:hits{*} by {service}" },
          { data_source: "metrics", name: "b", query: "avg:misses{*}" },
        ],
        formulas: [{ formula: "b" }, { formula: "a * 2" }],
      }),
    );
    expect(body.data.attributes).toEqual({
      series: [
        { group_tags: [], query_index: 0, unit: null },
        { group_tags: ["service:shop"], query_index: 1, unit: null },
      ],
      times: [servedAt("12:10:00"), servedAt("12:11:00")],
      values: [
        [null, 3],
        [2, 4],
      ],
    });
  });

  test("without formulas answers each query; with a limit only its highest groups", async () => {
    const datadog = await replayedDatadog(files);
    const queries = [{ data_source: "metrics", name: "a", query: "avg:latency_s{*} by {pod_name}" }];
    const groups = async (more: Record<string, unknown>) => {
      const { body } = await datadog.post<Timeseries>("/api/v2/query/timeseries", request({ queries, ...more }));
      return body.data.attributes.series.map(({ group_tags }) => group_tags[0]);
    };
    expect(await groups({})).toEqual(["pod_name:cart-a", "pod_name:shop-a", "pod_name:shop-b"]);
    expect(await groups({ formulas: [{ formula: "a", limit: { count: 2, order: "desc" } }] })).toEqual([
      "pod_name:cart-a",
      "pod_name:shop-b",
    ]);
    expect(await groups({ formulas: [{ formula: "a", limit: { count: 1, order: "asc" } }] })).toEqual(["pod_name:shop-a"]);
  });

  test.each<[string, unknown, RegExp]>([
    ["another type", { data: { type: "scalar_request", attributes: {} } }, /Expected "timeseries_request"/],
    [
      "a source that is not metrics",
      request({ queries: [{ data_source: "logs", name: "a", compute: { aggregation: "count" } }] }),
      /data source "logs" is not served/,
    ],
    [
      "a formula over an unknown query",
      request({ queries: [{ data_source: "metrics", name: "a", query: "avg:hits{*}" }], formulas: [{ formula: "z" }] }),
      /names the query "z"/,
    ],
    [
      "a function in a formula",
      request({ queries: [{ data_source: "metrics", name: "a", query: "avg:hits{*}" }], formulas: [{ formula: "abs(a)" }] }),
      /function abs\(\) is not served/,
    ],
    [
      "a window that ends before it begins",
      request({ to: servedAt("12:00:00"), queries: [{ data_source: "metrics", query: "avg:hits{*}" }] }),
      /from is after to/,
    ],
  ])("with %s is refused", async (_what, body, reason) => {
    const reply = await (await replayedDatadog(files)).post<Errors>("/api/v2/query/timeseries", body);
    expect(reply).toEqual({ status: 400, body: { errors: [expect.stringMatching(reason)] } });
  });
});

describe("the list of metrics", () => {
  test("names those that were active since a time, by tag", async () => {
    const datadog = await replayedDatadog(files);
    const names = async (query: Record<string, string | number>) =>
      (await datadog.get<{ metrics: string[] }>("/api/v1/metrics", query)).body.metrics;
    expect(await names({ from: seconds("12:00:00") })).toEqual(["errors", "hits", "latency_s", "load"]);
    expect(await names({ from: seconds("12:11:00") })).toEqual(["errors", "hits", "latency_s"]);
    expect(await names({ from: seconds("12:00:00"), tag_filter: "service:db" })).toEqual(["load"]);
  });

  test("has the unit of each, and 404 for one that is not there", async () => {
    const datadog = await replayedDatadog(files);
    expect((await datadog.get("/api/v1/metrics/latency_s")).body).toMatchObject({ type: "gauge", unit: "second" });
    expect((await datadog.get("/api/v1/metrics/none")).status).toBe(404);
  });
});

test("a service's telemetry has the other names by which its monitors ask for it", async () => {
  const monitor = { id: 1, name: "m", type: "query alert", message: "", state: "OK", triggered_at: null };
  const datadog = await replayedDatadog({
    ...files,
    "monitors.json": [
      { ...monitor, service: "shop", tags: ["kube_deployment:shop", "env:prod"], query: "" },
      { ...monitor, service: "db", tags: [], query: "avg(last_5m):avg:load{dbinstanceidentifier:db} > 1" },
    ],
  });
  const count = async (query: string) =>
    (await datadog.get<Query>("/api/v1/query", { from: seconds("12:09:00"), to: seconds("12:20:00"), query })).body.series.length;
  expect(await count("avg:hits{kube_deployment:shop}")).toBe(1);
  expect(await count("avg:load{dbinstanceidentifier:db}")).toBe(1);
  // What a monitor's other tags say is not known to hold for the telemetry.
  expect(await count("avg:hits{env:prod}")).toBe(0);
});

test("healthy telemetry of a baseline is served as the time before", async () => {
  const datadog = await replayedDatadog({
    "incident.json": incidentJson({ baselines: ["quiet"] }),
    "metrics.csv.gz": [header, [at("12:00:00"), "shop", "", "hits", 9]],
    "quiet/baseline.json": { id: "quiet", metrics_window: { start: "2026-02-01T00:00:00Z", end: "2026-02-01T01:00:00Z" } },
    "quiet/metrics.csv.gz": [header, [Date.parse("2026-02-01T00:59:00Z") / 1000, "shop", "", "hits", 1]],
  });
  const { body } = await datadog.get<Query>("/api/v1/query", { from: seconds("11:00:00"), to: seconds("12:30:00"), query: "avg:hits{*}" });
  expect(body.series[0]?.pointlist.map(([time, value]) => [new Date(time).toISOString(), value])).toEqual([
    [isoAt("11:59:00"), 1],
    [isoAt("12:00:00"), 9],
  ]);
});
