import { afterEach, describe, expect, test, vi } from "vitest";
import { reads } from "../../../src/integrations/datadog/reads.ts";
import { json, listen, type Loopback, type SeenRequest } from "../../support/loopback.ts";
import { API_KEY, APP_KEY, bodyOf, connect, datadogContract, hasContracts, minute, never, search, window } from "./setup.ts";

/** Answers every request with the same body. */
const answering = (body: unknown) => listen((_request, response) => json(response, 200, body));
const at = (text: string) => Date.parse(text);
const first = (server: Loopback): SeenRequest => {
  const request = server.seen[0];
  if (request === undefined) throw new Error("nothing was asked");
  return request;
};

describe("requests", () => {
  test.runIf(hasContracts)("keep to Datadog's API descriptions, all of them", async () => {
    const contract = datadogContract();
    await using server = await listen((request, response) =>
      json(
        response,
        200,
        request.url.startsWith("/api/v1/monitor") ? [] : request.url.startsWith("/api/v1/validate") ? { valid: true } : { data: null },
      ),
    );
    const { datadog } = connect(server.url, { logIndexes: ["main"] });
    const compute = { aggregation: "pc95", metric: "@duration" } as const;
    const counts = { query: "env:prod", window, groupBy: ["service", "@http.status_code"], intervalMs: minute };
    await Promise.allSettled([
      datadog.queryMetrics({ queries: ["avg:a{*} by {service}", "sum:b{*}.as_count()"], window, intervalMs: minute }, never),
      datadog.listActiveMetrics({ from: window.from, tag: "service:checkout" }, never),
      datadog.searchLogs({ ...search, cursor: "abc" }, never),
      datadog.aggregateLogs(counts, never),
      datadog.aggregateLogs({ ...counts, groupBy: [], compute }, never),
      datadog.searchSpans({ ...search, sort: "-timestamp", cursor: "abc" }, never),
      datadog.aggregateSpans({ ...counts, compute }, never),
      datadog.searchEvents({ ...search, cursor: "abc" }, never),
      datadog.listMonitors({ service: "checkout" }, never),
      datadog.listCatalogServices({}, never),
      datadog.validate({}, never),
    ]);
    const problems = server.seen.flatMap((request) =>
      contract.requestProblems({ method: request.method, path: request.url, body: bodyOf(request) }),
    );
    expect(problems).toEqual([]);
    expect(new Set(server.seen.map((request) => request.url.split("?")[0]))).toEqual(
      new Set([
        "/api/v1/metrics",
        "/api/v1/monitor",
        "/api/v1/validate",
        "/api/v2/catalog/entity",
        "/api/v2/events/search",
        "/api/v2/logs/analytics/aggregate",
        "/api/v2/logs/events/search",
        "/api/v2/query/timeseries",
        "/api/v2/spans/analytics/aggregate",
        "/api/v2/spans/events/search",
      ]),
    );
  });

  test("carry both keys in headers and nowhere else, and never follow DD_* of the environment", async () => {
    vi.stubEnv("DD_SITE", "elsewhere.example");
    vi.stubEnv("DD_API_KEY", "other-key");
    await using server = await answering({ data: [] });
    await connect(server.url).datadog.searchLogs(search, never);
    const request = first(server);
    expect(request.headers).toMatchObject({ "dd-api-key": API_KEY, "dd-application-key": APP_KEY });
    expect(request.url + request.body).not.toMatch(/canary|other-key/);
  });

  test("go to the site's API when there is no base URL", async () => {
    const asked: string[] = [];
    const fetch = async (url: string | URL | Request) => {
      asked.push(String(url));
      return Response.json({ data: [] });
    };
    for (const site of ["datadoghq.eu", "https://app.datadoghq.com/", "us5.datadoghq.com"]) {
      await connect("", { baseUrl: undefined, site, fetch }).datadog.searchLogs(search, never);
    }
    expect(asked.map((url) => new URL(url).origin)).toEqual([
      "https://api.datadoghq.eu",
      "https://api.datadoghq.com",
      "https://api.us5.datadoghq.com",
    ]);
  });

  afterEach(() => void vi.unstubAllEnvs());
});

describe("links", () => {
  const fetch = async () => Response.json({ data: [] });
  const on = (site: string) => connect("", { baseUrl: undefined, site, fetch }).datadog;

  test("open the same question in Datadog's own pages", async () => {
    const logs = await on("datadoghq.com").searchLogs({ ...search, query: "service:a @x:>1" }, never);
    expect(logs.link).toBe(
      `https://app.datadoghq.com/logs?query=service%3Aa+%40x%3A%3E1&from_ts=${window.from}&to_ts=${window.to}&live=false`,
    );
    const spans = await on("us3.datadoghq.com").searchSpans(search, never);
    expect(spans.link).toMatch(/^https:\/\/us3\.datadoghq\.com\/apm\/traces\?query=service%3Acheckout&start=\d+&end=\d+&paused=true$/);
    const events = await on("datadoghq.eu").searchEvents(search, never);
    expect(events.link).toContain("https://app.datadoghq.eu/event/explorer?query=service%3Acheckout&from_ts=");
  });

  test("of a metric query open the metrics explorer with its parts", async () => {
    const datadog = connect("", {
      baseUrl: undefined,
      fetch: async () => Response.json({ data: { attributes: { series: [], times: [], values: [] } } }),
    }).datadog;
    const { link } = await datadog.queryMetrics(
      { queries: ["sum:trace.http.errors{env:prod,region:eu} by {service, host}"], window },
      never,
    );
    const parameters = new URL(link ?? "").searchParams;
    expect(Object.fromEntries(parameters)).toMatchObject({
      exp_metric: "trace.http.errors",
      exp_scope: "env:prod,region:eu",
      exp_group: "service,host",
      exp_agg: "sum",
      from_ts: String(window.from),
    });
  });

  test("are absent where the web address is not known", async () => {
    await using server = await answering({ data: [] });
    const { datadog } = connect(server.url);
    expect((await datadog.searchLogs(search, never)).link).toBeNull();
    expect((await datadog.searchEvents(search, never)).link).toBeNull();
  });
});

describe("the official client", () => {
  test("prints nothing, whatever happens", async () => {
    const printed: unknown[] = [];
    for (const method of ["log", "info", "warn", "error", "debug", "trace"] as const) {
      vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void printed.push(words));
    }
    vi.stubEnv("DEBUG", "1");
    await using server = await listen((_request, response) => void response.destroy());
    const { datadog } = connect(server.url);
    await expect(datadog.searchLogs(search, never)).rejects.toThrow("could not be reached");
    await expect(datadog.listMonitors({}, never)).rejects.toThrow("could not be reached");
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    expect(printed).toEqual([]);
  });
});

describe("log lines", () => {
  const log = (attributes: Record<string, unknown>) => ({
    id: "l1",
    type: "log",
    attributes: { timestamp: "2026-11-23T10:00:01.250Z", ...attributes },
  });
  const read = async (attributes: Record<string, unknown>) => {
    await using server = await answering({ data: [log(attributes)] });
    return (await connect(server.url).datadog.searchLogs(search, never)).value[0];
  };

  test("have time, service, pod, severity, message, trace and the fields beside them", async () => {
    const attributes = { trace_id: "t1", span_id: "s1", http: { route: "/cart" } };
    expect(
      await read({
        service: "checkout",
        status: "error",
        host: "node-7",
        message: "boom",
        tags: ["pod_name:checkout-5d", "env:prod"],
        attributes,
      }),
    ).toEqual({
      at: at("2026-11-23T10:00:01.250Z"),
      service: "checkout",
      instance: "checkout-5d",
      severity: "ERROR",
      message: "boom",
      traceId: "t1",
      spanId: "s1",
      weight: 1,
      fields: { "http.route": "/cart" },
    });
  });

  test.each([
    [{ status: "warning" }, "WARN"],
    [{ status: "Err" }, "ERROR"],
    [{ status: "info" }, "INFO"],
    [{ attributes: { level: "fatal" } }, "FATAL"],
    [{}, null],
  ])("of %j have severity %s", async (attributes, severity) => {
    expect((await read(attributes))?.severity).toBe(severity);
  });

  test("find service and instance where agents and tracers put them", async () => {
    expect(await read({ tags: ["service:cart", "host:h1"] })).toMatchObject({ service: "cart", instance: "h1" });
    expect(await read({ service: "cart", host: "h2", attributes: { kubernetes: { pod_name: "cart-9" } } })).toMatchObject({
      instance: "cart-9",
    });
    expect(await read({ host: "h3", attributes: { dd: { trace_id: "9", span_id: "8" } } })).toMatchObject({
      service: "unknown",
      instance: "h3",
      traceId: "9",
      spanId: "8",
    });
  });

  test("say the error that stands beside the message, once", async () => {
    const error = { kind: "IllegalStateException", message: "no stock", stack: "…" };
    expect((await read({ message: "request failed", attributes: { error } }))?.message).toBe(
      "request failed\nIllegalStateException: no stock",
    );
    expect((await read({ message: "IllegalStateException: no stock", attributes: { error } }))?.message).toBe(
      "IllegalStateException: no stock",
    );
    expect((await read({ attributes: { "error.message": "flat" } }))?.message).toBe("flat");
    expect((await read({ attributes: { code: 7 } }))?.message).toBe('{"code":7}');
  });

  test("without a time are left out, and do not cost the others", async () => {
    const bare = { id: "l2", attributes: { message: "when?" } };
    await using server = await answering({ data: [log({ message: "a" }), bare, { id: "l3" }, log({ message: "b" })] });
    const { value } = await connect(server.url).datadog.searchLogs(search, never);
    expect(value.map((line) => line.message)).toEqual(["a"]);
  });
});

describe("paging", () => {
  /** `total` lines, one per second, each once. */
  const lines = (total: number) =>
    listen((request, response) => {
      const { page } = bodyOf(request) as { page: { limit: number; cursor?: string } };
      const from = Number(page.cursor ?? 0);
      const data = Array.from({ length: Math.max(0, Math.min(page.limit, total - from)) }, (_, i) => ({
        id: `l${from + i}`,
        attributes: { timestamp: new Date(window.from + (from + i) * 1000).toISOString(), message: `line ${from + i}` },
      }));
      json(response, 200, { data, meta: { page: { after: String(from + data.length) } } });
    });

  test("goes on until the limit, in requests of at most 1,000, and says that more match", async () => {
    await using server = await lines(5_000);
    const found = await connect(server.url).datadog.searchLogs({ ...search, limit: 2_300 }, never);
    expect(server.seen.map((request) => (bodyOf(request) as { page: { limit: number } }).page.limit)).toEqual([1_000, 1_000, 300]);
    expect(found.value).toHaveLength(2_300);
    expect(found.cut).toBe("the oldest 2,300 lines; more match: narrow the query or window, or go on from the cursor");
    expect(found.raw.split("\n")).toHaveLength(3);
    const next = await connect(server.url).datadog.searchLogs({ ...search, limit: 1, cursor: found.cursor ?? "" }, never);
    expect(next.value[0]?.message).toBe("line 2300");
  });

  test("ends with a short page, without spending a request on the empty one after it", async () => {
    await using server = await lines(1_400);
    const found = await connect(server.url).datadog.searchLogs({ ...search, limit: 5_000 }, never);
    expect(server.seen).toHaveLength(2);
    expect([found.value.length, found.cut, found.cursor]).toEqual([1_400, null, null]);
  });

  test("says when Datadog stopped looking", async () => {
    await using server = await answering({ data: [], meta: { status: "timeout" } });
    expect((await connect(server.url).datadog.searchLogs(search, never)).cut).toBe("Datadog stopped before it had looked at everything");
  });
});

describe("raw", () => {
  test("is the answer as it came, also of calls that run side by side", async () => {
    await using server = await listen((request, response) => {
      const { filter } = bodyOf(request) as { filter: { query: string } };
      const body = `{"data" : [ ] , "note":"${filter.query}"}`;
      setTimeout(() => json(response, 200, body), filter.query === "q0" ? 20 : 0);
    });
    const { datadog } = connect(server.url);
    const raws = await Promise.all(["q0", "q1", "q2"].map(async (query) => (await datadog.searchLogs({ ...search, query }, never)).raw));
    expect(raws).toEqual(["q0", "q1", "q2"].map((query) => `{"data" : [ ] , "note":"${query}"}`));
  });
});

describe("spans", () => {
  const span = (attributes: Record<string, unknown>) => ({
    type: "spans",
    attributes: {
      trace_id: "t",
      span_id: "s",
      parent_id: "p",
      service: "cart",
      resource_name: "GET /cart",
      start_timestamp: "2026-11-23T10:00:00.100Z",
      end_timestamp: "2026-11-23T10:00:00.350Z",
      ...attributes,
    },
  });
  const read = async (...spans: Record<string, unknown>[]) => {
    await using server = await answering({ data: spans.map((attributes, i) => span({ span_id: `s${i}`, ...attributes })) });
    return (await connect(server.url).datadog.searchSpans(search, never)).value;
  };

  test("have ids, service, operation, start and duration", async () => {
    expect(await read({ tags: ["pod_name:cart-1"], host: "h" })).toEqual([
      {
        traceId: "t",
        spanId: "s0",
        parentId: "p",
        service: "cart",
        instance: "cart-1",
        operation: "GET /cart",
        start: at("2026-11-23T10:00:00.100Z"),
        durationMs: 250,
        error: null,
        errorMessage: null,
        statement: null,
      },
    ]);
  });

  test("of less than a millisecond keep their length", async () => {
    const [short] = await read({ custom: { duration: 42_500 }, end_timestamp: "2026-11-23T10:00:00.100Z" });
    expect(short?.durationMs).toBe(0.0425);
  });

  test.each([["0"], [""], [undefined]])("with parent %j are roots", async (parent) => {
    expect((await read({ parent_id: parent }))[0]?.parentId).toBeNull();
  });

  test.each([
    [{ status: "error" }, null],
    [{ error: 1 }, null],
    [{ custom: { error: { message: "no stock", type: "E" } } }, "no stock"],
    [{ custom: { "error.message": "flat" } }, "flat"],
    [{ custom: { error: { type: "TimeoutException" } } }, "TimeoutException"],
    [{ error: { msg: "old style" } }, "old style"],
    [{ status: "error", custom: { error: { message: "both" } } }, "both"],
  ])("that failed are known by %j", async (attributes, message) => {
    expect((await read(attributes))[0]).toMatchObject({ error: true, errorMessage: message });
  });

  test("that are not marked are fine where others are marked, and unknown where none is", async () => {
    expect((await read({}, {})).map((one) => one.error)).toEqual([null, null]);
    expect((await read({}, { status: "error" })).map((one) => one.error)).toEqual([false, true]);
    expect((await read({ status: "ok" }, {})).map((one) => one.error)).toEqual([false, null]);
  });
});

describe("counts", () => {
  test("of log lines come per group and minute", async () => {
    await using server = await answering({
      data: {
        buckets: [
          {
            by: { service: "cart" },
            computes: {
              c0: [
                { time: "2026-11-23T10:00:00.000Z", value: 3 },
                { time: "2026-11-23T10:01:00.000Z", value: 4 },
              ],
            },
          },
          { by: { service: "unknown" }, computes: { c0: [{ time: "2026-11-23T10:00:00.000Z", value: 1 }] } },
        ],
      },
    });
    const { value } = await connect(server.url).datadog.aggregateLogs(
      { query: "*", window, groupBy: ["service"], intervalMs: minute },
      never,
    );
    expect(value.map(({ by, total }) => [by["service"], total])).toEqual([
      ["cart", 7],
      ["unknown", 1],
    ]);
    expect(value[0]?.points[1]).toEqual({ at: window.from + minute, value: 4 });
    expect(bodyOf(first(server))).toMatchObject({
      compute: [{ aggregation: "count", type: "timeseries", interval: "1m" }],
      group_by: [{ facet: "service", missing: "unknown", sort: { type: "measure", order: "desc" } }],
    });
  });

  test("of spans are read from both names that Datadog uses", async () => {
    for (const key of ["compute", "computes"]) {
      await using server = await answering({ data: [{ attributes: { by: { service: "cart" }, [key]: { c0: 12.5 } } }] });
      const compute = { aggregation: "pc95", metric: "@duration" } as const;
      const { value } = await connect(server.url).datadog.aggregateSpans({ query: "*", window, groupBy: ["service"], compute }, never);
      expect(value).toEqual([{ by: { service: "cart" }, total: 12.5, points: [] }]);
    }
  });

  test("say when there may be more groups", async () => {
    await using server = await answering({
      data: {
        buckets: [
          { by: { host: "a" }, computes: { c0: 2 } },
          { by: { host: "b" }, computes: { c0: 1 } },
        ],
      },
    });
    const { cut } = await connect(server.url).datadog.aggregateLogs({ query: "*", window, groupBy: ["host"], groups: 2 }, never);
    expect(cut).toBe("the 2 largest groups");
  });
});

describe("monitors", () => {
  const monitor = (fields: Record<string, unknown>) => ({
    id: 7,
    name: "n",
    query: "",
    message: "m",
    tags: [],
    overall_state: "OK",
    ...fields,
  });

  test("have state, service and since when", async () => {
    await using server = await answering([
      monitor({ overall_state: "Alert", overall_state_modified: "2026-11-23T10:03:00+00:00", tags: ["service:cart"] }),
      monitor({ id: 8, overall_state: "Ignored", query: "avg(last_5m):avg:x{service:pay,env:prod} > 1" }),
    ]);
    const { value } = await connect(server.url).datadog.listMonitors({}, never);
    expect(value).toEqual([
      { id: 7, name: "n", query: "", message: "m", service: "cart", state: "Alert", triggeredAt: at("2026-11-23T10:03:00Z") },
      expect.objectContaining({ id: 8, state: "Unknown", service: "pay", triggeredAt: null }),
    ]);
  });

  test("of one service are those tagged with it or whose query names it, not those of a namesake", async () => {
    await using server = await answering([
      monitor({ id: 1, tags: ["service:cart"] }),
      monitor({ id: 2, query: "avg:x{service:cart}" }),
      monitor({ id: 3, query: "avg:x{service:cart-db}" }),
      monitor({ id: 4, query: "avg:x{service:shopping.cart}" }),
      monitor({ id: 5 }),
    ]);
    const { value } = await connect(server.url).datadog.listMonitors({ service: "cart" }, never);
    expect(value.map(({ id }) => id)).toEqual([1, 2]);
  });

  test("beyond three pages are said to be cut", async () => {
    await using server = await answering(Array.from({ length: 1_000 }, (_, id) => monitor({ id })));
    const { cut } = await connect(server.url).datadog.listMonitors({}, never);
    expect([server.seen.length, cut]).toEqual([3, "the first 3,000 monitors"]);
  });
});

describe("the software catalog", () => {
  test("tells what a service calls, in definitions of every version", async () => {
    const entity = (id: string, name: string | null, schema: string) => ({
      id,
      attributes: { name, kind: "service" },
      relationships: { schema: { data: { id: schema, type: "schema" } } },
    });
    const schema = (id: string, definition: object) => ({ id, type: "schema", attributes: { schema: definition } });
    await using server = await answering({
      data: [entity("e1", "cart", "s1"), entity("e2", null, "s2"), { id: "e3", attributes: { name: "bare", kind: "service" } }],
      included: [
        schema("s1", { apiVersion: "v3", spec: { dependsOn: ["service:default/pay", "datastore:cart-db", "service:pay"] } }),
        schema("s2", { "schema-version": "v2", "dd-service": "old", team: "legacy" }),
      ],
    });
    const { value } = await connect(server.url).datadog.listCatalogServices({}, never);
    expect(value).toEqual([
      { name: "cart", dependsOn: ["pay", "cart-db"] },
      { name: "old", dependsOn: [] },
      { name: "bare", dependsOn: [] },
    ]);
    expect(first(server).url).toContain("filter%5Bkind%5D=service");
  });
});

describe("what the keys can read", () => {
  test("is said read by read, with the missing permission and what to do", async () => {
    const refused = new Set(["/api/v2/logs/events/search", "/api/v1/monitor"]);
    await using server = await listen((request, response) => {
      const path = request.url.split("?")[0] ?? "";
      if (refused.has(path)) return json(response, 403, { errors: ["Forbidden"] });
      json(response, 200, path === "/api/v1/validate" ? { valid: true } : { data: [] });
    });
    const checks = await connect(server.url).datadog.validate({}, never);
    expect(checks.filter(({ ok }) => !ok).map(({ what, permission }) => [what, permission])).toEqual([
      ["logs", "logs_read_data"],
      ["monitors", "monitors_read"],
    ]);
    expect(checks).toHaveLength(8);
    expect(checks.find(({ what }) => what === "logs")?.problem).toMatch(
      /403 for `logs_read_data` \(logs\)\. Add this scope to the application key/,
    );
  });

  test("a wrong API key is told from a missing scope", async () => {
    await using server = await listen((request, response) =>
      request.url.startsWith("/api/v1/validate") ? json(response, 403, { errors: ["Forbidden"] }) : json(response, 200, {}),
    );
    const checks = await connect(server.url).datadog.validate({}, never);
    expect(checks.find(({ permission }) => permission === null)?.problem).toContain("Check DD_API_KEY");
  });

  test("each read that needs a scope is among the checks", async () => {
    await using server = await answering({});
    const checked = new Set((await connect(server.url).datadog.validate({}, never)).map(({ permission }) => permission));
    expect(new Set(Object.values(reads).map(({ permission }) => permission))).toEqual(checked);
  });
});
