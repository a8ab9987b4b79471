import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { replayClock } from "../../src/replay/clock.ts";
import { createDatadogReplay } from "../../src/replay/datadog/datadog-replay.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { checkedFetch, type Contract, loadContract } from "../support/openapi.ts";

const shared = join(import.meta.dirname, "../../../shared");
const folder = join(shared, "contracts/datadog");
const present = existsSync(folder);
if (!present) console.log("contracts of ../shared are not here: holding the replayed Datadog against them is passed over");

/** Fields of recorded answers that the published contract leaves out. */
const recordedExtras = /additional properties \((overall_state_modified)\)/;

const keys = { "dd-api-key": "api", "dd-application-key": "application" };

/** A recording served on loopback, its clock started now. */
async function served(path: string): Promise<AsyncDisposable & { readonly app: Hono; readonly url: string; readonly now: number }> {
  const recording = await loadRecording(join(shared, path));
  const now = Date.now();
  const app = createDatadogReplay(recording, replayClock(recording.incident.window.to, now), { now: () => now });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  const { port } = server.address() as AddressInfo;
  return {
    app,
    now,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Its parts by their paths: the types of the whole client are 9,000 files. */
async function officialClient() {
  const [configuration, servers, authentication, metricsOne, monitors, events, logs, metrics, catalog, spans] = await Promise.all([
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js"),
  ]);
  return {
    common: { ...configuration, ...servers },
    one: { ...authentication, ...metricsOne, ...monitors },
    two: { ...events, ...logs, ...metrics, ...catalog, ...spans },
  };
}

describe.runIf(present)("the replayed Datadog keeps to the vendor's contract", () => {
  const v1 = present ? loadContract(join(folder, "openapi-v1.official.json.gz"), { closed: true }) : null;
  const v2 = present ? loadContract(join(folder, "openapi-v2.rebuilt.json.gz"), { closed: true }) : null;
  const contractFor = ({ pathname }: URL): Contract | null => (pathname.startsWith("/api/v1/") ? v1 : v2);
  const serious = (problems: readonly string[]) => problems.filter((problem) => !recordedExtras.test(problem));

  test("for all that its official client asks, and the client understands the answers", async () => {
    await using datadog = await served("cases/recorded/search-errors");
    const { common, one, two } = await officialClient();
    const watched = checkedFetch(fetch, contractFor);
    const configuration = common.createConfiguration({
      authMethods: { apiKeyAuth: "api", appKeyAuth: "application" },
      baseServer: new common.BaseServerConfiguration(datadog.url, {}),
      fetch: watched.fetch,
    });
    const to = datadog.now;
    const from = to - 2 * 3_600_000;
    const filter = { query: "*", from: new Date(from).toISOString(), to: "now" };

    expect(await new one.AuthenticationApi(configuration).validate()).toMatchObject({ valid: true });
    const metrics = new one.MetricsApi(configuration);
    const { metrics: names = [] } = await metrics.listActiveMetrics({ from: Math.floor(from / 1000) });
    const [name = ""] = names;
    const query = `avg:${name}{*} by {service,pod_name}`;
    const classic = await metrics.queryMetrics({ from: Math.floor(from / 1000), to: Math.ceil(to / 1000), query });
    await metrics.getMetricMetadata({ metricName: name });
    const attributes = {
      from,
      to,
      interval: 60_000,
      formulas: [{ formula: "a" }, { formula: "b" }],
      queries: [
        { dataSource: "metrics" as const, name: "a", query },
        { dataSource: "metrics" as const, name: "b", query: "avg:no.such.metric{*}" },
      ],
    };
    const timeseries = await new two.MetricsApi(configuration).queryTimeseriesData({
      body: { data: { type: "timeseries_request", attributes } },
    });
    const logs = new two.LogsApi(configuration);
    let lines = 0;
    for await (const line of logs.listLogsWithPagination({
      body: { filter: { ...filter, indexes: ["main"] }, sort: "timestamp", page: { limit: 1000 } },
    }))
      lines += line.id === undefined ? 0 : 1;
    const logCounts = await logs.aggregateLogs({
      body: {
        filter,
        compute: [
          { aggregation: "count", type: "total" },
          { aggregation: "count", type: "timeseries", interval: "1m" },
        ],
        groupBy: [{ facet: "service", limit: 3, missing: "unknown", sort: { type: "measure", aggregation: "count", order: "desc" } }],
      },
    });
    const spans = new two.SpansApi(configuration);
    const page = { limit: 25 };
    const listed = await spans.listSpans({ body: { data: { type: "search_request", attributes: { filter, sort: "-timestamp", page } } } });
    const latencies = await spans.aggregateSpans({
      body: {
        data: {
          type: "aggregate_request",
          attributes: {
            filter,
            compute: [{ aggregation: "pc95", metric: "@duration", type: "total" }],
            groupBy: [{ facet: "resource_name", limit: 5 }],
          },
        },
      },
    });
    await new two.EventsApi(configuration).searchEvents({
      body: { filter: { query: "source:deploy", from: "now-2h", to: "now" }, sort: "-timestamp", page: { limit: 20 } },
    });
    const monitors = new one.MonitorsApi(configuration);
    const [monitor] = await monitors.listMonitors({ page: 0, pageSize: 1000, withDowntimes: false });
    const detail = await monitors.getMonitor({ monitorId: monitor?.id ?? 0, groupStates: "alert,warn" });
    await monitors.searchMonitors({ query: "status:alert", perPage: 30 });
    const catalog = await new two.SoftwareCatalogApi(configuration).listCatalogEntity({
      pageLimit: 100,
      filterKind: "service",
      include: "schema",
    });

    expect(serious(watched.problems)).toEqual([]);
    expect(watched.checked.length).toBeGreaterThan(14);
    expect(names.length).toBeGreaterThan(10);
    expect(classic.series?.[0]?.pointlist?.length).toBeGreaterThan(10);
    expect(timeseries.data?.attributes?.series?.length).toBe(classic.series?.length);
    const recording = await loadRecording(join(shared, "cases/recorded/search-errors"));
    expect(lines).toBe(recording.logs.length + (recording.baselines[0]?.logs.length ?? 0));
    expect(logCounts.data?.buckets?.length).toBe(3);
    expect(listed.data?.length).toBe(25);
    expect(latencies.data?.length).toBe(5);
    expect(detail.overallState).toBe("Alert");
    expect(catalog.data?.length).toBe(recording.incident.services.length);
  });

  test("for requests that the vendor recorded: answered by the contract, or refused with a reason", async () => {
    await using datadog = await served("cases/recorded/search-errors");
    const servedPaths =
      /\/api\/(v1\/(query|validate|metrics|monitor|monitor\/search|monitor\/\d+)|v2\/(query\/timeseries|logs\/events(\/search)?|logs\/analytics\/aggregate|spans\/events(\/search)?|spans\/analytics\/aggregate|events(\/search)?|catalog\/entity))$/;
    interface Recorded {
      readonly req: { readonly method: string; readonly url: string; readonly body: string | null };
      readonly res: { readonly status: number };
    }
    const recorded = ["cassettes-v1.jsonl.gz", "cassettes-v2.jsonl.gz"].flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Recorded),
    );
    const reads = recorded.filter(({ req }) => {
      const { pathname } = new URL(req.url);
      const writes =
        req.method === "DELETE" || req.method === "PUT" || (req.method === "POST" && /(monitor|events|entity|metrics)$/.test(pathname));
      return servedPaths.test(pathname) && !writes;
    });
    expect(reads.length).toBeGreaterThan(40);
    const seen: string[] = [];
    for (const { req, res } of reads) {
      const { pathname, search } = new URL(req.url);
      const response = await datadog.app.request(pathname + search, {
        method: req.method,
        headers: keys,
        ...(req.body === null ? {} : { body: req.body }),
      });
      const body: unknown = await response.json();
      const contract = contractFor(new URL(req.url));
      const problems = serious(
        contract?.responseProblems({ method: req.method, path: pathname + search, status: response.status, body }) ?? [],
      );
      const refused = response.status === 400 || response.status === 404 ? JSON.stringify(body) : "";
      // What was bad for the vendor is bad here; a monitor or a cursor of theirs is not known here; some sources of data are not served.
      const fits =
        response.status === res.status ||
        (res.status === 200 && /Monitor not found|invalid cursor|is not served by this replay/.test(refused)) ||
        (res.status === 403 && response.status === 200 && pathname === "/api/v1/validate");
      if (problems.length > 0 || !fits)
        seen.push(
          `${req.method} ${pathname}${search} ${req.body ?? ""} → ${response.status} (${res.status} recorded) ${refused} ${problems.join("; ")}`,
        );
    }
    expect(seen).toEqual([]);
  });

  const recordings = present
    ? [
        ...readdirSync(join(shared, "cases/recorded"), { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && entry.name !== "baseline")
          .map(({ name }) => `cases/recorded/${name}`),
        ...readdirSync(join(shared, "incidents/cases"))
          .filter((_name, index) => index % 24 === 0)
          .map((name) => `incidents/cases/${name}`),
      ]
    : [];

  test.each(recordings)("over %s", async (path) => {
    const recording = await loadRecording(join(shared, path));
    const now = Date.now();
    const app = createDatadogReplay(recording, replayClock(recording.incident.window.to, now), { now: () => now });
    const watched = checkedFetch((input, init) => app.request(input, init), contractFor);
    const base = "http://datadog.example";
    const get = (where: string) => watched.fetch(base + where, { headers: keys });
    const post = (where: string, body: unknown) =>
      watched.fetch(base + where, { method: "POST", headers: { ...keys, "content-type": "application/json" }, body: JSON.stringify(body) });
    const from = Math.floor(now / 1000) - 6 * 3600;
    const filter = { query: "*", from: String(from * 1000), to: "now" };
    const metrics = await get(`/api/v1/metrics?from=${from}`);
    const names = metrics.status === 200 ? ((await metrics.json()) as { metrics: string[] }).metrics : [];
    const queries = names.map((name) => `avg:${name}{*} by {service,pod_name}`);
    const answers = [
      ...(queries.length === 0
        ? []
        : [await get(`/api/v1/query?from=${from}&to=${Math.ceil(now / 1000)}&query=${encodeURIComponent(queries.join(","))}`)]),
      await post("/api/v2/logs/events/search", { filter, page: { limit: 1000 } }),
      await post("/api/v2/logs/analytics/aggregate", {
        filter,
        compute: [{ aggregation: "count" }],
        group_by: [{ facet: "service" }, { facet: "status" }],
      }),
      await post("/api/v2/spans/events/search", { data: { type: "search_request", attributes: { filter, page: { limit: 1000 } } } }),
      await post("/api/v2/spans/analytics/aggregate", {
        data: {
          type: "aggregate_request",
          attributes: { filter, compute: [{ aggregation: "avg", metric: "@duration" }], group_by: [{ facet: "service" }] },
        },
      }),
      await post("/api/v2/events/search", { filter: { ...filter, from: "now-30d" }, page: { limit: 1000 } }),
      await get("/api/v1/monitor?group_states=all"),
      await get("/api/v1/monitor/search?query=status%3Aalert"),
      await get("/api/v2/catalog/entity?include=schema"),
      await get("/api/v2/catalog/entity?include=relation"),
    ];
    expect(serious(watched.problems)).toEqual([]);
    const expected = Object.values(recording.access).some((one) => one?.kind === "forbidden") ? [200, 403] : [200];
    expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual(expected);
  });
});
