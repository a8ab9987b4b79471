import { describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, RateLimitedError, TimedOutError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import type { DatadogClient } from "../../../src/integrations/datadog/client.ts";
import { failureOf } from "../../support/failure.ts";
import { json, listen } from "../../support/loopback.ts";
import { API_KEY, APP_KEY, connect, never, search, window } from "./setup.ts";

const counts = { query: "*", window, groupBy: ["service"] };
const calls: [string, string, (datadog: DatadogClient, signal: AbortSignal) => Promise<unknown>][] = [
  ["metric queries", "timeseries_query", (d, signal) => d.queryMetrics({ queries: ["avg:a{*}"], window }, signal)],
  ["the list of metrics", "metrics_read", (d, signal) => d.listActiveMetrics({ from: window.from }, signal)],
  ["logs", "logs_read_data", (d, signal) => d.searchLogs(search, signal)],
  ["log counts", "logs_read_data", (d, signal) => d.aggregateLogs(counts, signal)],
  ["log counts", "logs_read_data", (d, signal) => d.sampleLogs({ query: "*", window }, signal)],
  ["spans", "apm_read", (d, signal) => d.searchSpans(search, signal)],
  ["span counts", "apm_read", (d, signal) => d.aggregateSpans(counts, signal)],
  ["events", "events_read", (d, signal) => d.searchEvents(search, signal)],
  ["monitors", "monitors_read", (d, signal) => d.listMonitors({}, signal)],
  ["the software catalog", "apm_service_catalog_read", (d, signal) => d.listCatalogServices({}, signal)],
];

describe("a refused read", () => {
  test.each(calls)("of %s names the permission %s and what to do", async (what, permission, call) => {
    await using server = await listen((_request, response) => json(response, 403, { errors: ["Forbidden"] }));
    const error = await failureOf(call(connect(server.url).datadog, never));
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error.message).toContain(`403 for \`${permission}\` (${what}). Add this scope to the application key in DD_APP_KEY`);
    expect(server.seen).toHaveLength(1);
  });

  test("with 401 says so", async () => {
    await using server = await listen((_request, response) => json(response, 401, { errors: ["Unauthorized"] }));
    expect((await failureOf(connect(server.url).datadog.searchSpans(search, never))).message).toContain("401 for `apm_read`");
  });
});

describe("a rate limit", () => {
  const headers = (resetS: number) => ({
    "x-ratelimit-limit": "300",
    "x-ratelimit-period": "3600",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(resetS),
    "x-ratelimit-name": "logs_public_search",
  });

  test("is waited for as long as Datadog says, then the call goes on", async () => {
    let tries = 0;
    await using server = await listen((_request, response) =>
      ++tries === 1 ? json(response, 429, { errors: ["Too many requests"] }, headers(4)) : json(response, 200, { data: [] }),
    );
    const { datadog, waits } = connect(server.url);
    await datadog.searchLogs(search, never);
    expect(waits).toEqual([4_000]);
  });

  test("that lasts longer than a page can wait ends the call and says when", async () => {
    await using server = await listen((_request, response) => json(response, 429, { errors: [] }, headers(1_800)));
    const error = await failureOf(connect(server.url).datadog.searchLogs(search, never));
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ retryAfterMs: 1_800_000 });
  });

  test("stands on every answer, and does not keep a 500 from being asked again", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 500 : 200, { data: [] }, headers(1_800)));
    await connect(server.url).datadog.searchLogs(search, never);
    expect(tries).toBe(2);
  });
});

describe("Datadog in trouble", () => {
  test("a search, though a POST, is asked again after a 5xx, and every try is reported without its query string", async () => {
    let tries = 0;
    const reported: OutgoingCall[] = [];
    await using server = await listen((_request, response) => json(response, ++tries < 3 ? 503 : 200, { data: [] }));
    const { datadog } = connect(server.url, { onCall: (call) => reported.push(call) });
    await datadog.searchLogs(search, never);
    expect(reported.map(({ method, url, status, attempt }) => [method, url, status, attempt])).toEqual([
      ["POST", `${server.url}/api/v2/logs/events/search`, 503, 1],
      ["POST", `${server.url}/api/v2/logs/events/search`, 503, 2],
      ["POST", `${server.url}/api/v2/logs/events/search`, 200, 3],
    ]);
    await datadog.listActiveMetrics({ from: window.from, tag: "customer:jane" }, never);
    expect(reported.at(-1)?.url).toBe(`${server.url}/api/v1/metrics`);
  });

  test("a 5xx that stays is an error that may be tried again later, with its words and without our keys", async () => {
    await using server = await listen((request, response) =>
      json(response, 500, {
        errors: [`upstream refused ${String(request.headers["dd-api-key"])} and ${String(request.headers["dd-application-key"])}`],
      }),
    );
    const error = await failureOf(connect(server.url).datadog.searchLogs(search, never));
    expect(error).toMatchObject({
      status: 500,
      retryable: true,
      message: "datadog answered 500 for logs: upstream refused <credential> and <credential>",
    });
    expect(error.message + error.stack).not.toMatch(new RegExp(`${API_KEY}|${APP_KEY}`));
  });

  test("no answer in time is a TimedOutError", async () => {
    await using server = await listen(() => undefined);
    const { datadog } = connect(server.url, { timeoutMs: 25 });
    const error = await failureOf(datadog.aggregateSpans(counts, never));
    expect(error).toBeInstanceOf(TimedOutError);
    expect(error.message).toContain("POST /api/v2/spans/analytics/aggregate");
  });

  test("an answer that breaks off is asked again", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => {
      if (++tries > 1) return json(response, 200, { data: [] });
      response.writeHead(200, { "content-length": "500" }).write('{"data":[');
      setTimeout(() => response.destroy(), 5);
    });
    expect((await connect(server.url).datadog.searchLogs(search, never)).value).toEqual([]);
  });

  test.each([
    ["a proxy's page", "<html>welcome</html>", "not JSON"],
    ["JSON that was cut", '{"data":[{"id":', "not JSON"],
    ["another shape", { data: { nothing: "here" } }, "data: "],
    ["a list where an object is due", [], "the answer: "],
  ])("%s is an answer that midwatch does not know, not an empty one", async (_name, body, problem) => {
    await using server = await listen((_request, response) => json(response, 200, body));
    const error = await failureOf(connect(server.url).datadog.searchLogs(search, never));
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect(error.message).toContain("datadog answered logs in a shape midwatch does not know: ");
    expect(error.message).toContain(problem);
  });

  test("a bad query comes back with Datadog's words for it, in both shapes it has", async () => {
    for (const errors of [
      ["input_validation_error(Field 'query' is invalid)"],
      [{ title: "Generic Error", detail: "Field 'query'\n is invalid" }],
    ]) {
      await using server = await listen((_request, response) => json(response, 400, { errors }));
      const error = await failureOf(connect(server.url).datadog.searchEvents(search, never));
      expect(error).toBeInstanceOf(IntegrationError);
      expect(error.message).toMatch(/^datadog answered 400 for events: .*Field 'query' is invalid/);
      expect(server.seen).toHaveLength(1);
    }
  });
});

describe("a run that is stopped", () => {
  test.each(calls)("ends %s at once with the run's own reason", async (_what, _permission, call) => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(new Error("stopped by a person")));
    const error = await failureOf(call(connect(server.url).datadog, controller.signal));
    expect(error.message).toBe("stopped by a person");
    expect(server.seen).toHaveLength(1);
  });

  test("also ends the checks of the keys", async () => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(new Error("stopped by a person")));
    expect((await failureOf(connect(server.url).datadog.validate({}, controller.signal))).message).toBe("stopped by a person");
  });
});

describe("many calls at once", () => {
  const AT_ONCE = 64;

  test("reach Datadog so many at a time, and what an incident turns on goes before what it is compared with", async () => {
    const { promise: full, resolve } = Promise.withResolvers<void>();
    const answers: (() => void)[] = [];
    let open = 0;
    let most = 0;
    await using server = await listen((_request, response) => {
      most = Math.max(most, ++open);
      answers.push(() => {
        open--;
        json(response, 200, { data: [] });
      });
      if (answers.length === AT_ONCE) resolve();
    });
    const { datadog } = connect(server.url);
    const running = Array.from({ length: AT_ONCE }, () => datadog.searchLogs(search, never));
    await full;
    const later = Array.from({ length: 3 }, () => datadog.searchLogs({ ...search, query: "baseline", urgency: "later" }, never));
    const first = Array.from({ length: 3 }, () => datadog.searchLogs({ ...search, query: "window" }, never));
    const all = [...running, ...later, ...first];
    const drained = Promise.all(all);
    // One at a time, so that the order in which they leave is the order in which they wait.
    for (let next = 0; next < all.length; next++) {
      while (answers[next] === undefined) await new Promise((done) => setImmediate(done));
      answers[next]?.();
      await Promise.race(next < AT_ONCE ? running.slice(0, next + 1) : [drained, new Promise((done) => setImmediate(done))]);
    }
    await drained;
    const queries = server.seen.slice(AT_ONCE).map(({ body }) => (body.includes("baseline") ? "baseline" : "window"));
    expect([most, queries]).toEqual([AT_ONCE, ["window", "window", "window", "baseline", "baseline", "baseline"]]);
  });

  test("that wait for their turn end at once when their run is stopped", async () => {
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    const answers: (() => void)[] = [];
    await using server = await listen((_request, response) => {
      answers.push(() => json(response, 200, { data: [] }));
      if (answers.length === AT_ONCE) resolve();
    });
    const { datadog } = connect(server.url);
    const running = Array.from({ length: AT_ONCE }, () => datadog.searchLogs(search, never));
    await opened;
    const controller = new AbortController();
    const waiting = datadog.searchLogs(search, controller.signal);
    const next = datadog.searchLogs(search, never);
    controller.abort(new Error("stopped by a person"));
    await expect(waiting).rejects.toThrow("stopped by a person");
    for (const answer of answers.splice(0)) answer();
    await Promise.all(running);
    while (answers.length === 0) await new Promise((done) => setImmediate(done));
    for (const answer of answers.splice(0)) answer();
    await expect(next).resolves.toMatchObject({ value: [] });
  });
});
