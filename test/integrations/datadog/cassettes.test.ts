import { describe, expect, test } from "vitest";
import { IntegrationError } from "../../../src/guard/errors.ts";
import type { DatadogClient } from "../../../src/integrations/datadog/client.ts";
import { listen } from "../../support/loopback.ts";
import { type Cassette, cassettes, connect, hasContracts, never, search, window } from "./setup.ts";

/** A call and the recorded answers it must be able to read (no answer to `GET /api/v1/metrics` was recorded). How many items a call read, beside how many the recorded answer holds. */
interface Calls {
  readonly path: RegExp;
  readonly call: (datadog: DatadogClient) => Promise<number>;
  readonly held: (body: { data?: unknown[] } & Record<string, unknown>) => number;
}

const dataLength: Calls["held"] = (body) => body.data?.length ?? 0;
const counts = { query: "*", window, groupBy: [] };

const calls: Calls[] = [
  {
    path: /^\/api\/v2\/query\/timeseries$/,
    call: async (datadog) => (await datadog.queryMetrics({ queries: ["avg:a{*}", "avg:b{*}"], window }, never)).value.length,
    held: (body) => (body.data as unknown as { attributes: { series: unknown[] } }).attributes.series.length,
  },
  {
    path: /^\/api\/v2\/logs\/events(\/search)?$/,
    call: async (datadog) => (await datadog.searchLogs({ ...search, limit: 1 }, never)).value.length,
    held: dataLength,
  },
  {
    path: /^\/api\/v2\/logs\/analytics\/aggregate$/,
    call: async (datadog) => (await datadog.aggregateLogs(counts, never)).value.length,
    held: (body) => (body.data as unknown as { buckets: unknown[] }).buckets.length,
  },
  {
    path: /^\/api\/v2\/spans\/events(\/search)?$/,
    call: async (datadog) => (await datadog.searchSpans({ ...search, limit: 1 }, never)).value.length,
    held: dataLength,
  },
  {
    path: /^\/api\/v2\/spans\/analytics\/aggregate$/,
    call: async (datadog) => (await datadog.aggregateSpans({ ...counts, intervalMs: 300_000 }, never)).value.length,
    held: dataLength,
  },
  {
    path: /^\/api\/v2\/events(\/search)?$/,
    call: async (datadog) => {
      const { value } = await datadog.searchEvents({ ...search, limit: 1 }, never);
      return value.events.length + value.changes.length;
    },
    held: dataLength,
  },
  {
    path: /^\/api\/v1\/monitor$/,
    call: async (datadog) => (await datadog.listMonitors({}, never)).value.length,
    held: (body) => (body as unknown as unknown[]).length,
  },
  {
    path: /^\/api\/v2\/catalog\/entity$/,
    call: async (datadog) => (await datadog.listCatalogServices({}, never)).value.length,
    held: dataLength,
  },
];

const reads = (one: Cassette) =>
  (one.req.method === "GET" || /search$|aggregate$|timeseries$/.test(new URL(one.req.url).pathname)) && one.res.body !== "";
const recorded = hasContracts ? cassettes().filter(reads) : [];

describe.runIf(hasContracts)("answers that Datadog gave, recorded", () => {
  test.each(calls)("$path: every good one is read whole", async ({ path, call, held }) => {
    const good = recorded.filter((one) => path.test(new URL(one.req.url).pathname) && one.res.status < 300);
    expect(good).not.toHaveLength(0);
    for (const one of good) {
      let served = 0;
      await using server = await listen((_request, response) => {
        response.writeHead(200, { "content-type": one.res.type }).end(served++ === 0 ? one.res.body : '{"data":[]}');
      });
      const read = await call(connect(server.url).datadog);
      expect([one.scenario, read]).toEqual([one.scenario, held(JSON.parse(one.res.body))]);
    }
  });

  test.each(calls)("$path: every bad one is an error with Datadog's own words", async ({ path, call }) => {
    for (const one of recorded.filter((c) => path.test(new URL(c.req.url).pathname) && c.res.status >= 400)) {
      await using server = await listen((_request, response) => {
        response.writeHead(one.res.status, { "content-type": one.res.type }).end(one.res.body);
      });
      const error = await call(connect(server.url).datadog).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(IntegrationError);
      expect((error as Error).message).toMatch(new RegExp(`^datadog answered ${one.res.status} for `));
      expect((error as Error).message).not.toContain("no reason given");
    }
  });
});
