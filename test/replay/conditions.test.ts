import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { type ConditionsOptions, createConditions } from "../../src/replay/conditions.ts";
import type { IntegrationName } from "../../src/guard/errors.ts";
import { serving } from "../support/serving.ts";

function vendorApp(vendor: IntegrationName, options: ConditionsOptions): Hono {
  const app = new Hono();
  app.use(createConditions(options)(vendor));
  app.all("*", (c) => c.json({ rows: ["one", "two", "three"], path: c.req.path }));
  return app;
}

const ask = async (app: Hono, path = "/x") => {
  const response = await app.request(path);
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
};

describe("rate limits", () => {
  const refusals: readonly [IntegrationName, number, unknown, string, RegExp][] = [
    ["pagerduty", 429, { error: { message: "Rate Limit Exceeded", code: 2020 } }, "ratelimit-reset", /^60$/],
    ["datadog", 429, expect.objectContaining({ errors: [expect.stringContaining("2 requests")] }), "x-ratelimit-reset", /^60$/],
    ["sentry", 429, { detail: expect.stringContaining("too frequently") }, "x-sentry-rate-limit-reset", /^1060$/],
    ["github", 403, expect.objectContaining({ message: expect.stringContaining("rate limit") }), "x-ratelimit-reset", /^1060$/],
    ["slack", 429, { ok: false, error: "ratelimited" }, "retry-after", /^60$/],
  ];
  test.each(refusals)("%s refuses in its own way and says when to come back", async (vendor, status, body, header, value) => {
    const app = vendorApp(vendor, { rateLimits: { [vendor]: 2 }, now: () => 1_000_000 });
    expect((await ask(app)).status).toBe(200);
    expect((await ask(app)).status).toBe(200);
    const refused = await ask(app);
    expect(refused.status).toBe(status);
    expect(refused.body).toEqual(body);
    expect(refused.headers.get(header)).toMatch(value);
  });

  test("the next minute is served again, and answers count down", async () => {
    let now = 0;
    const app = vendorApp("pagerduty", { rateLimits: { pagerduty: 1 }, now: () => now });
    const first = await ask(app);
    expect([first.status, first.headers.get("ratelimit-remaining")]).toEqual([200, "0"]);
    now = 59_000;
    const refused = await ask(app);
    expect([refused.status, refused.headers.get("ratelimit-reset")]).toEqual([429, "1"]);
    now = 60_000;
    expect((await ask(app)).status).toBe(200);
  });

  test("one vendor's limit is not another's", async () => {
    const conditions = createConditions({ rateLimits: { sentry: 0 } });
    const app = new Hono();
    app.use(conditions("github"));
    app.get("/x", (c) => c.json([]));
    expect((await app.request("/x")).status).toBe(200);
  });
});

test("each answer waits for the vendor's latency", async () => {
  const waits: number[] = [];
  const sleep = (ms: number) => Promise.resolve(void waits.push(ms));
  await ask(vendorApp("datadog", { latencyMs: { datadog: 150, slack: 40 }, sleep }));
  await ask(vendorApp("github", { latencyMs: { datadog: 150, slack: 40 }, sleep }));
  await ask(vendorApp("slack", { latencyMs: 7, sleep }));
  expect(waits).toEqual([150, 7]);
});

describe("faults", () => {
  test("a status fault meets its path and method, as often as it says", async () => {
    const app = vendorApp("github", {
      faults: [{ vendor: "github", method: "get", path: /\/commits$/, kind: "status", status: 502, times: 2 }],
    });
    const statuses = [];
    for (const path of ["/a/commits", "/a/pulls", "/a/commits", "/a/commits"]) statuses.push((await ask(app, path)).status);
    expect(statuses).toEqual([502, 200, 502, 200]);
    expect((await app.request("/a/commits", { method: "POST" })).status).toBe(200);
  });

  test("a timeout never answers, until the caller gives up", async () => {
    await using server = await serving(vendorApp("sentry", { faults: [{ vendor: "sentry", kind: "timeout" }] }));
    await expect(fetch(server.url, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
  });

  test("a cut body breaks off although its length was promised", async () => {
    await using server = await serving(vendorApp("datadog", { faults: [{ vendor: "datadog", kind: "cut", path: "/api" }] }));
    const response = await fetch(`${server.url}/api/v2`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect(await (await fetch(`${server.url}/other`)).json()).toMatchObject({ path: "/other" });
  });

  test("malformed JSON comes whole, with status 200", async () => {
    await using server = await serving(vendorApp("pagerduty", { faults: [{ vendor: "pagerduty", kind: "malformed", times: 1 }] }));
    const response = await fetch(server.url);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.length).toBeGreaterThan(0);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect((await fetch(server.url)).ok).toBe(true);
  });
});

describe("access of the recording", () => {
  test("forbidden is the vendor's 403", async () => {
    const access = { sentry: { kind: "forbidden" }, github: { kind: "forbidden" }, pagerduty: { kind: "forbidden" } } as const;
    expect((await ask(vendorApp("sentry", { access }))).body).toEqual({ detail: "You do not have permission to perform this action." });
    expect(await ask(vendorApp("github", { access }))).toMatchObject({ status: 403, body: { status: "403" } });
    expect(await ask(vendorApp("pagerduty", { access }))).toMatchObject({ status: 403, body: { error: { code: 2010 } } });
  });

  test("error:NNN is that status on every call, empty and no rule are served normally", async () => {
    const access = { github: { kind: "error", status: 503 }, sentry: { kind: "empty" } } as const;
    expect((await ask(vendorApp("github", { access }))).status).toBe(503);
    expect((await ask(vendorApp("sentry", { access }))).status).toBe(200);
    expect((await ask(vendorApp("pagerduty", { access }))).status).toBe(200);
  });
});
