import { describe, expect, test } from "vitest";
import { createSentryReplay } from "../../src/replay/sentry/app.ts";
import { normalisedMessage } from "../../src/replay/sentry/issues.ts";
import { type RecordingFiles, secondsAt } from "../support/recording-folder.ts";
import { madeUp, replayedAt } from "../support/serving.ts";

// Answers are looked into, never used: their types are the business of the contract tests.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

const base = "/api/0/organizations/acme";

async function started(files: RecordingFiles, incident: Record<string, unknown> = {}) {
  const { recording, clock } = await madeUp(files, incident);
  const app = createSentryReplay(recording, clock, { token: "key", organisation: "acme", now: () => replayedAt });
  const raw = (path: string, headers: Record<string, string> = { authorization: "Bearer key" }) => app.request(path, { headers });
  const list = async (path: string): Promise<Json[]> => (await (await raw(base + path)).json()) as Json[];
  const one = async (path: string): Promise<Json> => (await (await raw(base + path)).json()) as Json;
  return { raw, list, one };
}

const issue = (more: Record<string, unknown>) => ({
  short_id: "SHOP-1",
  title: "TypeError: fetch failed",
  culprit: "src/call.ts",
  type: "TypeError",
  value: "fetch failed",
  level: "error",
  first_seen: "2026-01-02T12:10:00Z",
  last_seen: "2026-01-02T12:29:00Z",
  count: 40,
  release: "shop@2",
  project: "shop",
  stacktrace: [
    { filename: "node:internal", function: "fetch", lineno: 1, in_app: false },
    { filename: "src/call.ts", function: "call", lineno: 12, in_app: true },
  ],
  ...more,
});
const own: RecordingFiles = {
  "sentry.json": [
    issue({}),
    issue({
      short_id: "SHOP-2",
      title: "RangeError: too long",
      type: "RangeError",
      value: "too long",
      count: 900,
      first_seen: "2025-12-01T00:00:00Z",
      last_seen: "2026-01-02T12:00:00Z",
      release: null,
    }),
    issue({
      short_id: "PAY-1",
      title: 'Error: declined by "bank"',
      type: "Error",
      value: "declined",
      project: "pay",
      level: "fatal",
      count: 3,
      first_seen: "2026-01-02T12:28:00Z",
    }),
  ],
  "changes.jsonl.gz": [
    { kind: "deploy", time: secondsAt("12:05:00"), service: "shop", sha: "a".repeat(40), version: "shop@2", environment: "production" },
    { kind: "deploy", time: secondsAt("12:06:00"), service: "pay", sha: "b".repeat(40) },
    { kind: "deploy", time: secondsAt("12:50:00"), service: "pay", version: "later" },
  ],
};
const ids = (issues: readonly Json[]) => issues.map((one) => one["shortId"] as string);
const minutesAgo = (text: string) => (replayedAt - Date.parse(text)) / 60_000;

describe("issues", () => {
  test("newest activity first, on the replay's clock", async () => {
    const { list } = await started(own);
    const found = await list("/issues/");
    expect(ids(found)).toEqual(["PAY-1", "SHOP-1", "SHOP-2"]);
    expect(found[1]).toMatchObject({ count: "40", culprit: "src/call.ts", project: { slug: "shop" }, metadata: { type: "TypeError" } });
    expect([minutesAgo(found[1]?.["firstSeen"]), minutesAgo(found[1]?.["lastSeen"])]).toEqual([20, 1]);
  });
  test("sorted by count and by first sight", async () => {
    const { list, raw } = await started(own);
    expect(ids(await list("/issues/?sort=freq"))).toEqual(["SHOP-2", "SHOP-1", "PAY-1"]);
    expect(ids(await list("/issues/?sort=new"))).toEqual(["PAY-1", "SHOP-1", "SHOP-2"]);
    expect((await raw(`${base}/issues/?sort=trends`)).status).toBe(400);
  });
  const queries: readonly [string, string[]][] = [
    ["is:unresolved", ["PAY-1", "SHOP-1", "SHOP-2"]],
    ["is:resolved", []],
    ["is:new", ["PAY-1", "SHOP-1"]],
    ["project:shop", ["SHOP-1", "SHOP-2"]],
    ["project:[shop,pay] level:fatal", ["PAY-1"]],
    ["!project:shop", ["PAY-1"]],
    ["release:shop@2", ["PAY-1", "SHOP-1"]],
    ["release:shop*", ["PAY-1", "SHOP-1"]],
    ["firstSeen:>2026-06-01T07:41:00Z", ["PAY-1"]],
    ["firstSeen:>=2026-06-01T07:40:00Z", ["PAY-1", "SHOP-1"]],
    ["firstSeen:-30m", ["PAY-1", "SHOP-1"]],
    ["firstSeen:+30m", ["SHOP-2"]],
    ["timesSeen:>100", ["SHOP-2"]],
    ["error.type:TypeError", ["SHOP-1"]],
    ["fetch failed", ["SHOP-1"]],
    ['"declined by"', ["PAY-1"]],
    ["is:unresolved project:shop TOO LONG", ["SHOP-2"]],
  ];
  test.each(queries)("query %s", async (query, expected) => {
    const { list } = await started(own);
    expect(ids(await list(`/issues/?query=${encodeURIComponent(query)}`))).toEqual(expected);
  });
  test.each(["colour:red", "is:green", "firstSeen:>soon", "project:", "a OR b", "(project:shop)"])("%s is an error", async (query) => {
    const { raw } = await started(own);
    const response = await raw(`${base}/issues/?query=${encodeURIComponent(query)}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as Json)["detail"]).toEqual(expect.stringMatching(/\w/));
  });
  test("only those with events in the time asked for", async () => {
    const { list, raw } = await started(own);
    expect(ids(await list("/issues/?statsPeriod=10m"))).toEqual(["PAY-1", "SHOP-1"]);
    expect(ids(await list("/issues/?start=2026-06-01T07:00:00&end=2026-06-01T07:35:00"))).toEqual(["SHOP-2"]);
    expect((await raw(`${base}/issues/?statsPeriod=soon`)).status).toBe(400);
    expect((await raw(`${base}/issues/?start=2026-06-01T07:00:00`)).status).toBe(400);
  });
  test("pages are told by a Link header, the last one too", async () => {
    const { raw } = await started(own);
    const first = await raw(`${base}/issues/?limit=2`);
    expect(ids((await first.json()) as Json[])).toEqual(["PAY-1", "SHOP-1"]);
    const next = /<([^>]+)>; rel="next"; results="(true|false)"; cursor="([^"]+)"/.exec(first.headers.get("link") ?? "");
    expect(next?.[2]).toBe("true");
    const second = await raw(`${base}/issues/?limit=2&cursor=${next?.[3]}`);
    expect(ids((await second.json()) as Json[])).toEqual(["SHOP-2"]);
    expect(second.headers.get("link")).toMatch(/rel="previous"; results="true".*rel="next"; results="false"/);
    expect((await raw(`${base}/issues/?cursor=x`)).status).toBe(400);
  });
});

describe("one issue", () => {
  test("by id and short id, its latest event with the stack as recorded, its tags", async () => {
    const { list, one } = await started(own);
    const [found] = await list("/issues/?query=issue:SHOP-1");
    const id = found?.["id"] as string;
    expect(await one(`/issues/${id}/`)).toMatchObject({ shortId: "SHOP-1", firstRelease: { version: "shop@2" } });
    expect((await one("/issues/SHOP-1/"))["id"]).toBe(id);
    const event = await one(`/issues/${id}/events/latest/`);
    expect(event["groupID"]).toBe(id);
    const [exception] = event["entries"][0].data.values as Json[];
    expect(exception).toMatchObject({ type: "TypeError", value: "fetch failed" });
    expect(exception?.["stacktrace"].frames.map((frame: Json) => [frame["function"], frame["lineNo"], frame["inApp"]])).toEqual([
      ["fetch", 1, false],
      ["call", 12, true],
    ]);
    expect(await list(`/issues/${id}/tags/release/values/`)).toMatchObject([{ value: "shop@2", count: 40 }]);
  });
  test("what is not there", async () => {
    const { raw } = await started(own);
    for (const path of ["/issues/1/", "/issues/SHOP-1/tags/colour/values/", "/releases/none/deploys/"])
      expect((await raw(base + path)).status).toBe(404);
    expect((await raw("/api/0/organizations/other/issues/")).status).toBe(404);
  });
});

test("releases of the deploys and of the issues, newest first, with their deploys", async () => {
  const { list } = await started(own);
  const releases = await list("/releases/");
  expect(releases.map((one) => [one["version"], one["projects"][0].slug, minutesAgo(one["dateCreated"])])).toEqual([
    ["b".repeat(40), "pay", 24],
    ["shop@2", "shop", 25],
  ]);
  expect(await list("/releases/shop%402/deploys/")).toMatchObject([
    { environment: "production", dateFinished: "2026-06-01T07:35:00.000Z" },
  ]);
});

describe("the ways of the API", () => {
  test("a path without its slash is sent on, a wrong token refused", async () => {
    const { raw } = await started(own);
    const redirect = await raw(`${base}/issues?limit=2`);
    expect([redirect.status, redirect.headers.get("location")]).toEqual([301, `http://localhost${base}/issues/?limit=2`]);
    expect((await raw(`${base}/issues/`, {})).status).toBe(401);
    expect((await raw(`${base}/issues/`, { authorization: "Bearer other" })).status).toBe(401);
  });
  test("an empty Sentry knows its projects and nothing else", async () => {
    const { list } = await started({ ...own, "access.json": { sentry: "empty" } }, { services: ["shop", "pay"] });
    expect(await list("/issues/")).toEqual([]);
    expect(await list("/releases/")).toEqual([]);
    expect((await list("/projects/")).map((one) => one["slug"])).toEqual(["pay", "shop"]);
  });
});

describe("issues made of error lines", () => {
  const log = (time: string, service: string, severity: string, message: string, instance: string | null = null) => ({
    time: secondsAt(time),
    service,
    instance,
    severity,
    message,
    trace_id: null,
    span_id: null,
  });
  const java =
    "java.lang.IllegalStateException: no seat for 42\n\tat com.shop.Seat.take(Seat.java:17)\n\tat org.springframework.web.Dispatcher.run(Dispatcher.java:5)";
  const logs: RecordingFiles = {
    "logs.jsonl.gz": [
      log("12:01:00", "Pay Service", "INFO", "hello"),
      log("12:02:00", "Pay Service", "ERROR", "card 123 refused by 10.0.0.7", "pay-1"),
      log("12:03:00", "Pay Service", "ERROR", "card 9999 refused by 10.0.0.8", "pay-2"),
      log("12:04:00", "Pay Service", "ERROR", "card 5 refused by 10.0.0.8", "pay-2"),
      log("12:05:00", "shop", "FATAL", java),
      log("12:06:00", "shop", "WARN", "slow"),
    ],
  };
  test("lines that differ in their figures are one issue, counted, with their instances", async () => {
    const { list } = await started(logs);
    const found = await list("/issues/?sort=freq");
    expect(found.map((one) => [one["shortId"], one["title"], one["count"], one["level"]])).toEqual([
      ["PAY-SERVICE-1", "card 5 refused by 10.0.0.8", "3", "error"],
      ["SHOP-2", "IllegalStateException: no seat for 42", "1", "fatal"],
    ]);
    expect(minutesAgo(found[0]?.["firstSeen"])).toBe(28);
    expect((await list("/issues/PAY-SERVICE-1/tags/server_name/values/")).map((one) => [one["value"], one["count"]])).toEqual([
      ["pay-2", 2],
      ["pay-1", 1],
    ]);
  });
  test("a stack trace in the message has its innermost frame last and libraries told apart", async () => {
    const { one } = await started(logs);
    const event = await one("/issues/SHOP-2/events/latest/");
    expect(event["entries"][0].data.values[0].stacktrace.frames.map((frame: Json) => [frame["function"], frame["inApp"]])).toEqual([
      ["org.springframework.web.Dispatcher.run", false],
      ["com.shop.Seat.take", true],
    ]);
  });
  test("the same recording gives the same issues", async () => {
    const [first, again] = await Promise.all([started(logs), started(logs)]);
    expect(await again.list("/issues/")).toEqual(await first.list("/issues/"));
  });
  test("what the healthy hours show too was first seen then", async () => {
    const { list } = await started(
      {
        ...logs,
        "baseline/quiet/baseline.json": { id: "quiet", logs_window: { start: "2026-01-01T00:00:00Z", end: "2026-01-01T00:01:00Z" } },
        "baseline/quiet/logs.jsonl.gz": [
          { ...log("12:00:00", "Pay Service", "ERROR", "card 77 refused by 10.0.0.1"), time: Date.parse("2026-01-01T00:00:30Z") / 1000 },
          { ...log("12:00:00", "Pay Service", "ERROR", "only ever then"), time: Date.parse("2026-01-01T00:00:40Z") / 1000 },
        ],
      },
      { baselines: ["baseline/quiet"] },
    );
    const found = await list("/issues/?query=project:pay-service");
    expect(found.map((one) => [one["count"], minutesAgo(one["firstSeen"])])).toEqual([["3", 30.5]]);
  });
  test("ids, addresses and figures do not make messages different", () => {
    const one = "user a.b@example.com order 6a0a95df-5f72-495b-8675-47160f984e6d took 1.5 s at 0xdeadbeef01 [42]";
    const other = "user x@example.org order c894c9dd-96dc-4988-b814-0e60cdbfce77 took 22 s at 0xfeedbeef77 [7]";
    expect(normalisedMessage(one)).toBe(normalisedMessage(other));
    expect(normalisedMessage("cache miss")).not.toBe(normalisedMessage("cache hit"));
  });
});
