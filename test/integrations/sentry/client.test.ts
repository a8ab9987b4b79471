import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ForbiddenError, RateLimitedError, TimedOutError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import { createSentryClient, type SentryClient, type SentryOptions } from "../../../src/integrations/sentry/client.ts";
import { nextCursor } from "../../../src/integrations/sentry/transport.ts";
import { loadContract } from "../../support/openapi.ts";
import { failureOf } from "../../support/failure.ts";
import { json, listen, type SeenRequest } from "../../support/loopback.ts";

const TOKEN = "canary-sentry-token-1a2b";
const never = new AbortController().signal;
const window = { from: Date.UTC(2026, 10, 23, 10), to: Date.UTC(2026, 10, 23, 12) };
const search = { query: "is:unresolved", window, sort: "freq", limit: 25 } as const;

function connect(url: string, options: Partial<SentryOptions> = {}): { sentry: SentryClient; waits: number[] } {
  const waits: number[] = [];
  const sentry = createSentryClient({
    baseUrl: url,
    token: TOKEN,
    org: "acme",
    fetch: globalThis.fetch,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0,
    ...options,
  });
  return { sentry, waits };
}
const answering = (body: unknown) => listen((_request, response) => json(response, 200, body));
const parameters = (request: SeenRequest | undefined) => Object.fromEntries(new URL(request?.url ?? "", "http://x").searchParams);

const issue = (fields: Record<string, unknown> = {}) => ({
  id: "17",
  title: "TypeError: x is undefined",
  culprit: "cart.total",
  permalink: "https://acme.sentry.io/issues/17/",
  level: "error",
  firstSeen: "2026-11-23T10:30:00Z",
  lastSeen: "2026-11-23T11:59:00Z",
  count: "1204",
  project: { slug: "cart", id: "2" },
  assignedTo: null,
  ...fields,
});

const file = new URL("../../../../shared/contracts/sentry/openapi.json.gz", import.meta.url);
const hasContract = existsSync(file);
if (!hasContract) console.log("shared/contracts/sentry is not there: requests and published answers of Sentry are not checked");

describe("issues", () => {
  test("say what, where, since when, how often and in which release", async () => {
    await using server = await answering([
      issue({ lifetime: { firstSeen: "2026-10-01T00:00:00Z" }, firstRelease: { version: "cart@1.2" } }),
      issue({ id: 18, level: "fatal", culprit: "", count: 3, permalink: "javascript:alert(1)", project: null }),
    ]);
    const { value, source, raw } = await connect(server.url).sentry.listIssues(search, never);
    expect(source).toBe("Sentry");
    expect(JSON.parse(raw)).toHaveLength(2);
    expect(value).toEqual([
      {
        id: "17",
        title: "TypeError: x is undefined",
        culprit: "cart.total",
        service: "cart",
        level: "error",
        firstSeen: Date.parse("2026-10-01T00:00:00Z"),
        lastSeen: Date.parse("2026-11-23T11:59:00Z"),
        count: 1204,
        release: "cart@1.2",
        link: "https://acme.sentry.io/issues/17/",
      },
      expect.objectContaining({ id: "18", level: "fatal", culprit: null, count: 3, link: null, service: null, release: null }),
    ]);
  });

  test("are asked for with time, order, and the token in its header alone", async () => {
    await using server = await answering([]);
    await connect(server.url).sentry.listIssues({ ...search, projects: ["cart", "pay"] }, never);
    const [request] = server.seen;
    expect(request?.url).toMatch(/^\/api\/0\/organizations\/acme\/issues\/\?/);
    expect(parameters(request)).toEqual({
      query: "project:[cart,pay] is:unresolved",
      start: "2026-11-23T10:00:00.000Z",
      end: "2026-11-23T12:00:00.000Z",
      sort: "freq",
      limit: "25",
    });
    expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(request?.url).not.toContain(TOKEN);
  });

  /** Issues in pages, with a next link that points to another host, as a region's server behind a proxy gives. */
  const pages = (total: number) =>
    listen((request, response) => {
      const { limit = "100", cursor = "0:0:0" } = parameters(request) as { limit?: string; cursor?: string };
      const start = Number(cursor.split(":")[1]);
      const some = Array.from({ length: Math.max(0, Math.min(Number(limit), total - start)) }, (_, i) => issue({ id: String(start + i) }));
      const next = start + some.length;
      const link = [
        `<https://elsewhere.example/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1"`,
        `<https://elsewhere.example/?cursor=0:${next}:0>; rel="next"; results="${next < total}"; cursor="0:${next}:0"`,
      ].join(", ");
      json(response, 200, some, { link });
    });

  test("are followed by cursor, on the same host, until the limit", async () => {
    await using server = await pages(1_000);
    const { value, cut, raw } = await connect(server.url).sentry.listIssues({ ...search, limit: 250 }, never);
    expect(value.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, i) => String(i)));
    expect(server.seen.map((request) => parameters(request)["limit"])).toEqual(["100", "100", "50"]);
    expect(cut).toBe("the first 250 issues by freq");
    expect(raw.split("\n")).toHaveLength(3);
  });

  test("end where the link says that nothing follows", async () => {
    await using server = await pages(130);
    const { value, cut } = await connect(server.url).sentry.listIssues({ ...search, limit: 500 }, never);
    expect([value.length, cut, server.seen.length]).toEqual([130, null, 2]);
  });

  test("end after ten pages, whatever is asked for", async () => {
    await using server = await pages(100_000);
    const { value, cut } = await connect(server.url).sentry.listIssues({ ...search, limit: 50_000 }, never);
    expect([value.length, cut, server.seen.length]).toEqual([1_000, "the first 1,000 issues by freq", 10]);
  });

  test("without times are left out, and do not cost the others", async () => {
    await using server = await answering([issue({ id: "1", firstSeen: null }), issue({ id: "2" })]);
    expect((await connect(server.url).sentry.listIssues(search, never)).value.map(({ id }) => id)).toEqual(["2"]);
  });

  test.each([
    ["https://us.sentry.io", "https://acme.sentry.io/issues/?query=is%3Aunresolved"],
    ["https://sentry.corp.example/", "https://sentry.corp.example/organizations/acme/issues/?query=is%3Aunresolved"],
    ["http://127.0.0.1:9", null],
  ])("read at %s link to %s", async (baseUrl, link) => {
    const { sentry } = connect(baseUrl, { fetch: async () => Response.json([]) });
    const answer = await sentry.listIssues(search, never);
    expect(answer.link?.slice(0, link?.length) ?? null).toBe(link);
  });
});

describe("the latest event of an issue", () => {
  const event = {
    eventID: "e1",
    groupID: "17",
    title: "TypeError",
    culprit: "cart.total",
    dateCreated: "2026-11-23T11:59:00Z",
    release: { version: "cart@1.2" },
    user: { email: "jane@customer.example" },
    tags: [
      { key: "environment", value: "prod" },
      { key: "user", value: "jane@customer.example" },
    ],
    entries: [
      { type: "request", data: { url: "https://shop.example/?card=4111", headers: [["cookie", "secret-cookie"]] } },
      { type: "breadcrumbs", data: { values: [{ message: "secret-crumb" }] } },
      {
        type: "exception",
        data: {
          values: [
            { type: "KeyError", value: "sku", stacktrace: null },
            {
              type: "TypeError",
              value: "x is undefined",
              stacktrace: {
                frames: [
                  { filename: "node:http", function: "emit", lineNo: 1, inApp: false },
                  { filename: "cart.ts", module: "cart", function: "total", lineNo: 12, inApp: true, vars: { card: "4111" } },
                  { filename: "sum.ts", function: "sum", lineNo: 3, inApp: true },
                ],
              },
            },
          ],
        },
      },
    ],
  };

  test("says what was thrown, what caused it, and where in the customer's own code", async () => {
    await using server = await answering(event);
    const { value } = await connect(server.url).sentry.latestEvent({ issueId: "17" }, never);
    expect(server.seen[0]?.url).toBe("/api/0/organizations/acme/issues/17/events/latest/");
    expect(value).toEqual({
      id: "e1",
      issueId: "17",
      title: "TypeError",
      culprit: "cart.total",
      at: Date.parse("2026-11-23T11:59:00Z"),
      release: "cart@1.2",
      environment: "prod",
      exceptions: [
        {
          type: "TypeError",
          value: "x is undefined",
          frames: [
            { filename: "sum.ts", module: null, function: "sum", line: 3 },
            { filename: "cart.ts", module: "cart", function: "total", line: 12 },
          ],
        },
        { type: "KeyError", value: "sku", frames: [] },
      ],
      tags: { environment: "prod" },
    });
  });

  test("leaves requests, users, breadcrumbs and variables behind, in its raw text too", async () => {
    await using server = await answering(event);
    const answer = await connect(server.url).sentry.latestEvent({ issueId: "17" }, never);
    expect(JSON.stringify(answer)).not.toMatch(/jane|4111|secret-/);
    expect(JSON.parse(answer.raw)).toEqual(answer.value);
  });

  test("shows all frames where none is marked as the customer's", async () => {
    const frames = [{ filename: "a.go", function: "f" }];
    await using server = await answering({ entries: [{ type: "exception", data: { values: [{ type: "E", stacktrace: { frames } }] } }] });
    expect((await connect(server.url).sentry.latestEvent({ issueId: "1" }, never)).value.exceptions[0]?.frames).toHaveLength(1);
  });

  test("of another shape is an answer without exceptions", async () => {
    await using server = await answering({
      entries: [
        { type: "exception", data: "?" },
        { type: "message", data: {} },
      ],
    });
    expect((await connect(server.url).sentry.latestEvent({ issueId: "1" }, never)).value.exceptions).toEqual([]);
  });
});

describe("faults", () => {
  const calls: [string, (sentry: SentryClient, signal: AbortSignal) => Promise<unknown>][] = [
    ["`event:read` (issues)", (sentry, signal) => sentry.listIssues(search, signal)],
    ["`event:read` (an issue's latest event)", (sentry, signal) => sentry.latestEvent({ issueId: "1" }, signal)],
  ];

  test.each(calls)("a refused read names %s and what to do", async (scope, call) => {
    await using server = await listen((_request, response) =>
      json(response, 403, { detail: "You do not have permission to perform this action." }),
    );
    const error = await failureOf(call(connect(server.url).sentry, never));
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error.message).toContain(`403 for ${scope}. Add this scope to the token in SENTRY_AUTH_TOKEN`);
  });

  test("a refused token says so", async () => {
    await using server = await listen((_request, response) => json(response, 401, { detail: "Invalid token" }));
    expect((await failureOf(connect(server.url).sentry.listIssues(search, never))).message).toContain("SENTRY_AUTH_TOKEN was refused");
  });

  test("an organisation that is not there names the settings to look at", async () => {
    await using server = await listen((_request, response) => json(response, 404, { detail: "The requested resource does not exist" }));
    const { message } = await failureOf(connect(server.url).sentry.listIssues(search, never));
    expect(message).toContain("404 for issues of `acme`: The requested resource does not exist. Check SENTRY_ORG, and that SENTRY_API_URL");
  });

  test("a rate limit is waited for until the epoch it names", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    let tries = 0;
    await using server = await listen((_request, response) =>
      ++tries === 1
        ? json(response, 429, {}, { "x-sentry-rate-limit-reset": String(now / 1000 + 5), date: new Date(now).toUTCString() })
        : json(response, 200, []),
    );
    const { sentry, waits } = connect(server.url, { now: () => now });
    await sentry.listIssues(search, never);
    expect(waits).toEqual([5_000]);
  });

  test("too many calls at once pass within a moment, whatever the period's reset says", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    let tries = 0;
    const headers = {
      "x-sentry-rate-limit-remaining": "39",
      "x-sentry-rate-limit-reset": String(now / 1000 + 900),
      "x-sentry-rate-limit-concurrentremaining": "0",
    };
    await using server = await listen((_request, response) => (++tries === 1 ? json(response, 429, {}, headers) : json(response, 200, [])));
    const { sentry, waits } = connect(server.url, { now: () => now });
    await sentry.listIssues(search, never);
    expect(waits).toEqual([1_000]);
  });

  test("a rate limit that lasts ends the call", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    await using server = await listen((_request, response) =>
      json(response, 429, {}, { "x-sentry-rate-limit-reset": String(now / 1000 + 900) }),
    );
    expect(await failureOf(connect(server.url, { now: () => now }).sentry.listIssues(search, never))).toBeInstanceOf(RateLimitedError);
  });

  test("a 5xx is asked again; one that stays is told without the token", async () => {
    await using server = await listen((request, response) =>
      json(response, 502, { detail: `no upstream for ${String(request.headers.authorization)}` }),
    );
    const error = await failureOf(connect(server.url).sentry.listIssues(search, never));
    expect(error).toMatchObject({ status: 502, retryable: true });
    expect(error.message).toContain("no upstream for Bearer <credential>");
    expect(server.seen).toHaveLength(3);
  });

  test("a redirect to a region is not followed, and says where to", async () => {
    await using server = await listen(
      (_request, response) => void response.writeHead(302, { location: "https://de.sentry.io/api/0/x/?q=1" }).end(),
    );
    expect((await failureOf(connect(server.url).sentry.listIssues(search, never))).message).toContain(
      "to https://de.sentry.io/api/0/x/ (302)",
    );
  });

  test("no answer in time, and answers that midwatch does not know", async () => {
    await using silent = await listen(() => undefined);
    expect(await failureOf(connect(silent.url, { timeoutMs: 20 }).sentry.listIssues(search, never))).toBeInstanceOf(TimedOutError);
    for (const body of ["<html>", '[{"id":', { issues: [] }, [{ id: null }]]) {
      await using server = await answering(body);
      expect(await failureOf(connect(server.url).sentry.listIssues(search, never))).toBeInstanceOf(UnexpectedAnswerError);
    }
  });

  test.each(calls)("a run that is stopped ends the read of %s at once", async (_scope, call) => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(new Error("stopped by a person")));
    expect((await failureOf(call(connect(server.url).sentry, controller.signal))).message).toBe("stopped by a person");
    expect(server.seen).toHaveLength(1);
  });
});

describe("what the token can read", () => {
  test("is said read by read", async () => {
    await using server = await listen((request, response) =>
      request.url.includes("/releases/")
        ? json(response, 403, { detail: "no" })
        : json(response, 200, request.url.includes("issues") ? [] : {}),
    );
    const checks = await connect(server.url).sentry.validate({}, never);
    expect(checks.map(({ what, permission, ok }) => [what, permission, ok])).toEqual([
      ["the projects", "org:read", true],
      ["issues", "event:read", true],
      ["releases", "project:read", false],
    ]);
    expect(checks[2]?.problem).toContain("`project:read`");
  });
});

describe("the link header", () => {
  test.each([
    [null, null],
    ['<https://x/?a=1,2&cursor=0:0:1>; rel="previous"; results="true"; cursor="0:0:1"', null],
    [
      '<https://x/?a=1,2>; rel="previous"; results="true"; cursor="p", <https://x/?q=a,b>; rel="next"; results="true"; cursor="0:100:0"',
      "0:100:0",
    ],
    ['<https://x/>; rel="next"; results="false"; cursor="0:100:0"', null],
  ])("%s goes on with %s", (link, cursor) => {
    expect(nextCursor(link)).toBe(cursor);
  });
});

describe.runIf(hasContract)("Sentry's API description", () => {
  test("takes every request", async () => {
    const contract = loadContract(file.pathname);
    await using server = await listen((request, response) => json(response, 200, request.url.includes("latest") ? {} : []));
    const { sentry } = connect(server.url);
    await Promise.all([
      sentry.listIssues({ ...search, projects: ["cart"] }, never),
      sentry.latestEvent({ issueId: "17" }, never),
      sentry.validate({}, never),
    ]);
    expect(server.seen.flatMap(({ method, url }) => contract.requestProblems({ method, path: url }))).toEqual([]);
    expect(new Set(server.seen.map(({ url }) => contract.operation("GET", url)))).toHaveLength(4);
  });

  const examples = (path: string): unknown[] => {
    const document = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as {
      paths: Record<
        string,
        { get: { responses: { "200": { content: { "application/json": { examples?: Record<string, { value: unknown }> } } } } } }
      >;
    };
    const own = document.paths[`/api/0/organizations/{organization_id_or_slug}/${path}`]?.get.responses["200"].content["application/json"];
    return Object.values(own?.examples ?? {}).map(({ value }) => value);
  };

  test("has published answers that are all read", async () => {
    for (const value of examples("issues/")) {
      await using server = await answering(value);
      expect((await connect(server.url).sentry.listIssues(search, never)).value).toHaveLength((value as unknown[]).length);
    }
    const [event] = examples("issues/{issue_id}/events/{event_id}/");
    await using server = await answering(event);
    const { value, raw } = await connect(server.url).sentry.latestEvent({ issueId: "1" }, never);
    expect(value.exceptions[0]?.frames.length).toBeGreaterThan(0);
    expect(value.release).toBe("b65bc521378269d3eaefdc964f8ef56621414943");
    expect(raw).not.toMatch(/hell@boy\.cat|192\.168\.1\.1/);
  });
});
