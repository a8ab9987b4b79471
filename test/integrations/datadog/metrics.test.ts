import { describe, expect, test } from "vitest";
import { IntegrationError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import { json, listen, type SeenRequest } from "../../support/loopback.ts";
import { bodyOf, connect, minute, never, window } from "./setup.ts";

interface Asked {
  readonly data: {
    readonly attributes: { readonly from: number; readonly to: number; readonly interval?: number; readonly queries: { query: string }[] };
  };
}
const asked = (request: SeenRequest) => (bodyOf(request) as Asked).data.attributes;
const queriesOf = (request: SeenRequest) => asked(request).queries.map(({ query }) => query);

/** One series per query, with its own text as the service. */
const echo = (queries: readonly string[]) => ({
  data: {
    type: "timeseries_response",
    attributes: {
      series: queries.map((query, query_index) => ({ group_tags: [`service:${query}`], query_index, unit: null })),
      times: [window.from, window.from + minute],
      values: queries.map((_, i) => [i, i + 0.5]),
    },
  },
});

const many = (n: number) => Array.from({ length: n }, (_, i) => `avg:m${i}{*}`);

describe("series", () => {
  test("carry query, metric, tags, unit and points; a gap stays a gap", async () => {
    const second = { family: "time", name: "second", plural: "seconds", scale_factor: 1 };
    await using server = await listen((_request, response) =>
      json(response, 200, {
        data: {
          attributes: {
            series: [
              { group_tags: ["service:cart", "pod_name:cart-1"], query_index: 1, unit: [second, null] },
              { group_tags: [], query_index: 0, unit: [{ name: "byte" }, second] },
            ],
            times: [window.from, window.from + minute, window.from + 2 * minute],
            values: [
              [1, null, 3],
              [null, null, null],
            ],
          },
        },
      }),
    );
    const queries = ["sum:net.bytes{*}.as_rate()", "p95:trace.http.request{env:prod} by {service,pod_name}"];
    const { value, failed, cut } = await connect(server.url).datadog.queryMetrics({ queries, window, intervalMs: minute }, never);
    expect(value).toEqual([
      {
        query: queries[1],
        metric: "trace.http.request",
        tags: { service: "cart", pod_name: "cart-1" },
        unit: "second",
        points: [
          { at: window.from, value: 1 },
          { at: window.from + 2 * minute, value: 3 },
        ],
      },
      { query: queries[0], metric: "net.bytes", tags: {}, unit: "byte/second", points: [] },
    ]);
    expect([failed, cut]).toEqual([[], null]);
    expect(asked(server.seen[0] as SeenRequest)).toMatchObject({ from: window.from, to: window.to, interval: minute });
  });

  test("of a formula of several metrics are named by the whole query", async () => {
    // Datadog answers one series a formula.
    await using server = await listen((_request, response) => json(response, 200, echo(["errors of hits"])));
    const query = "sum:errors{*} / sum:hits{*}";
    const { value } = await connect(server.url).datadog.queryMetrics({ queries: [query], window }, never);
    expect(value.map(({ metric }) => metric)).toEqual([query]);
    expect(server.seen.flatMap(queriesOf)).toEqual(["sum:errors{*}", "sum:hits{*}"]);
  });

  test("that do not fit their values are refused", async () => {
    const wrong = [
      { series: [{ group_tags: [], query_index: 0 }], times: [1], values: [] },
      { series: [{ group_tags: [], query_index: 9 }], times: [1], values: [[1]] },
      { series: [{ group_tags: [], query_index: 0 }], times: [1], values: [[1, 2]] },
    ];
    for (const attributes of wrong) {
      await using server = await listen((_request, response) => json(response, 200, { data: { attributes } }));
      const call = connect(server.url).datadog.queryMetrics({ queries: ["avg:a{*}"], window }, never);
      await expect(call).rejects.toBeInstanceOf(UnexpectedAnswerError);
    }
  });

  test("no data in a good answer is an error when Datadog says one", async () => {
    await using server = await listen((_request, response) => json(response, 200, { errors: "query too expensive" }));
    const call = connect(server.url).datadog.queryMetrics({ queries: ["avg:a{*}"], window }, never);
    await expect(call).rejects.toThrow("query too expensive");
  });
});

describe("many queries", () => {
  test("go out in few requests, each query once, and all come back", async () => {
    await using server = await listen((request, response) => json(response, 200, echo(queriesOf(request))));
    const queries = many(20);
    const answer = await connect(server.url).datadog.queryMetrics({ queries: [...queries, ...queries], window }, never);
    expect(server.seen).toHaveLength(3);
    expect(answer.value.map(({ query, tags }) => [query, tags["service"]])).toEqual(queries.map((query) => [query, query]));
    expect(answer.raw.split("\n")).toHaveLength(3);
  });

  test("of which one is bad cost only that one", async () => {
    const bad = "avg:m5{*}";
    await using server = await listen((request, response) => {
      const queries = queriesOf(request);
      if (queries.includes(bad)) return json(response, 400, { errors: ["Rule 'scope_expr' didn't match"] });
      json(response, 200, echo(queries));
    });
    const answer = await connect(server.url).datadog.queryMetrics({ queries: many(20), window }, never);
    expect(answer.value).toHaveLength(19);
    expect(answer.failed.map(({ query }) => query)).toEqual([bad]);
    expect(answer.cut).toBe("1 of 20 queries failed (datadog answered 400 for metric queries: Rule 'scope_expr' didn't match)");
    // 3 batches, and 2 requests for each halving of 8 queries down to 1.
    expect(server.seen.length).toBeLessThanOrEqual(9);
  });

  test("of which one request fails cost only its queries", async () => {
    await using server = await listen((request, response) => {
      const queries = queriesOf(request);
      json(response, queries.includes("avg:m0{*}") ? 500 : 200, queries.includes("avg:m0{*}") ? { errors: ["oops"] } : echo(queries));
    });
    const answer = await connect(server.url).datadog.queryMetrics({ queries: many(20), window }, never);
    expect([answer.value.length, answer.failed.length]).toEqual([12, 8]);
    expect(answer.cut).toContain("8 of 20 queries failed");
  });

  test("that all fail are an error", async () => {
    await using server = await listen((_request, response) => json(response, 400, { errors: ["no"] }));
    await expect(connect(server.url).datadog.queryMetrics({ queries: many(3), window }, never)).rejects.toBeInstanceOf(IntegrationError);
  });

  test("for many services are all read", async () => {
    const times = Array.from({ length: 100 }, (_, i) => window.from + i * minute);
    await using server = await listen((request, response) => {
      const groups = queriesOf(request).flatMap((_, query_index) =>
        Array.from({ length: 46 }, (__, s) => ({ group_tags: [`service:s${s}`], query_index })),
      );
      json(response, 200, {
        data: { attributes: { series: groups, times, values: groups.map((_, g) => times.map((__, t) => (g * 31 + t * 17) / 7)) } },
      });
    });
    const { datadog } = connect(server.url);
    const { value } = await datadog.queryMetrics({ queries: many(24), window }, never);
    expect(value.reduce((sum, { points }) => sum + points.length, 0)).toBe(24 * 46 * 100);
  });
});

test("what is asked beside metrics, and says what to ask next, is sent before them", async () => {
  const sent: string[] = [];
  const { datadog } = connect("http://127.0.0.1:1", {
    fetch: async (input) => {
      sent.push(new URL(input instanceof Request ? input.url : input).pathname);
      return Response.json({ data: { buckets: [], attributes: { series: [], times: [], values: [] } } });
    },
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  });
  await Promise.all([
    datadog.queryMetrics({ queries: ["avg:a{*}"], window }, never),
    datadog.aggregateLogs({ query: "*", window, groupBy: ["service"] }, never),
  ]);
  expect(sent).toEqual(["/api/v2/logs/analytics/aggregate", "/api/v2/query/timeseries"]);
});
