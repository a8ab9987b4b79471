import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { MonitorState, Point, Series, SignalKind, Telemetry } from "../../src/incident/telemetry.ts";
import { fitOf, readMonitorQuery, tagsIn } from "../../src/analysis/monitor-query.ts";
import { spanIn } from "../../src/analysis/page-claim.ts";
import { empty, minute, page, risen, series, steady } from "./telemetry.ts";

const hour = 60 * minute;

describe("a monitor's query", () => {
  test.each([
    ["avg(last_5m):sum:http.requests{service:shop,code:503} by {pod}.as_count() > 5", { windowMs: 5 * minute, metric: "http.requests", isLevel: true, rises: true, bound: 5 }, { service: "shop", code: "503" }],
    ["max(last_4h):avg:aws.sqs.oldest{queuename:orders AND !env:dev} >= 1_800", { windowMs: 4 * hour, metric: "aws.sqs.oldest", isLevel: true, rises: true, bound: 1800 }, { queuename: "orders" }],
    ["avg(last_15m):sum:req.err{env:prod}.as_rate() / sum:req.count{env:prod}.as_rate() > 0.05", { windowMs: 15 * minute, metric: "req.err", isLevel: false, bound: 0.05 }, { env: "prod" }],
    ["avg(last_1h):anomalies(avg:system.load.1{*}, 'basic', 2) >= 1", { windowMs: hour, isLevel: false }, {}],
    ["min(last_10m):avg:availability{version:2.9.1} < 99.5", { rises: false, bound: 99.5, isLevel: true }, { version: "2.9.1" }],
    ['logs("service:shop status:error -env:dev @http.status_code:5*").index("*").rollup("count").last("15m") > 100', { windowMs: 15 * minute, metric: null, isLevel: false, bound: 100 }, { service: "shop", status: "error", "http.status_code": "5*" }],
  ] as const)("%s", (query, parts, tags) => {
    const read = readMonitorQuery(query);
    expect(read).toMatchObject(parts);
    expect(Object.fromEntries(read?.tags ?? [])).toEqual(tags);
  }); // prettier-ignore

  test.each(["", "requests{service:shop}", "avg(last_5m):requests{", "a > b", '"'.repeat(5000), "{".repeat(5000) + "> 1"])(
    "that says no bound, or is none, is not read: %.30s",
    (query) => {
      expect(readMonitorQuery(query)?.metric ?? null).toBeNull();
    },
  );
});

test("tags are held against what a page asks for in time that grows with length only", () => {
  const pod = "checkout-7d9f6c-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  expect(fitOf({ pod }, tagsIn(`pod:${"*a".repeat(1000)}*b`))).toBe("other");
  expect(fitOf({ pod }, tagsIn("pod:checkout-*-a*"))).toBe("same");
  expect(fitOf({ code: "503" }, tagsIn("code:5xx"))).toBe("same");
  expect(fitOf({ code: "5XX" }, tagsIn("code:5*"))).toBe("same");
  expect(fitOf({ code: "404" }, tagsIn("code:5xx"))).toBe("other");
});

test("a query that is too long is not read by half: its bound would be another", () => {
  expect(readMonitorQuery(`avg(last_5m):avg:load{${"a".repeat(1973)}} > 500`)).toBeNull();
});

describe("the times that a title names", () => {
  test.each([
    ["Failed logins in the last 24 hours above 100", 24 * hour],
    ["checkout: errors over 4h", 4 * hour],
    ["Fehler der letzten 24 Stunden", 24 * hour],
    ["commandes en retard depuis 2 jours", 48 * hour],
    ["過去24時間のエラー", 24 * hour],
    ["p99 over PT6H", 6 * hour],
    ["no heartbeat for 90 min", 90 * minute],
    ["p99 of shop above 500 ms", null],
    ["shop-4d9c in us-east-1 is down", null],
    ["5xx above 2 %", null],
  ])("%s", (title, span) => {
    expect(spanIn(title)).toBe(span);
  });
});

const monitor = (query: string): MonitorState => ({
  ...{ id: 1, name: "shop monitor", query, message: "", service: "shop", state: "Alert", triggeredAt: page - minute, evidence: 21 },
});
const healthy: Telemetry = {
  ...empty,
  page: { ...empty.page, title: "shop needs attention" },
  series: ["shop", "cart", "stock"].flatMap((service) => [
    series(service, "http.request.count", "traffic", null, steady(600)),
    series(service, "http.error_ratio", "errors", "fraction", steady(0.001)),
    series(service, "http.request.duration.p99", "latency", "second", steady(0.2)),
  ]),
};
const level = (metric: string, kind: SignalKind, unit: string | null, points: readonly Point[]): Series =>
  series("shop", metric, kind, unit, points);

describe("a monitor's threshold is no proof", () => {
  test.each<[string, string, Series]>([
    ["latency", "avg(last_5m):avg:checkout.latency{service:shop} > 400", level("checkout.latency", "latency", "millisecond", steady(520))],
    ["queue", "avg(last_5m):avg:jobs.backlog{service:shop} > 50", level("jobs.backlog", "saturation", null, steady(70))],
    ["requests", "min(last_10m):sum:basket.request.count{service:shop} < 900", level("basket.request.count", "traffic", null, steady(700))],
  ])("%s that is over a tight one as always is usual, and the answer says so", (_, query, usual) => {
    const { verdict, because } = analyse({ ...healthy, series: [...healthy.series, usual], monitors: [monitor(query)] });
    expect(verdict).toBe("nothing-wrong");
    expect(because).toMatch(
      / of shop is .*, beyond its alarm threshold of .* as usual: between .* and .* since our records begin at 09:50/,
    );
  });

  test("a level that stepped over it is not usual", () => {
    const latency = level("checkout.latency", "latency", "millisecond", risen(200, 900));
    const query = "avg(last_5m):avg:checkout.latency{service:shop} > 400";
    expect(analyse({ ...healthy, series: [...healthy.series, latency], monitors: [monitor(query)] }).verdict).toBe("incident");
  });

  test("failures that were always over it are no all-clear", () => {
    const ratio = level("http.error_ratio", "errors", "fraction", steady(0.12));
    const others = healthy.series.filter(({ service, kind }) => service !== "shop" || kind !== "errors");
    const query = "avg(last_5m):avg:http.error_ratio{service:shop} > 0.05";
    expect(analyse({ ...healthy, series: [...others, ratio], monitors: [monitor(query)] }).verdict).toBe("inconclusive");
  });

  test("nor is a resource that has long been near its limit", () => {
    const disk = level("system.disk.utilization", "saturation", "percent", steady(94));
    const query = "avg(last_5m):avg:system.disk.utilization{service:shop} > 90";
    expect(analyse({ ...healthy, series: [...healthy.series, disk], monitors: [monitor(query)] }).verdict).not.toBe("nothing-wrong");
  });
});

describe("what the page names is what is shown", () => {
  const byCode = (code: string, points: readonly Point[], key: string): Series => ({
    ...level("http.server.requests", "traffic", null, points),
    tags: { [key]: code },
  });

  test.each(["code", "status", "http.response.status_code"])("requests that are counted by %s are failures where it is a 5xx", (key) => {
    const codes = [byCode("200", risen(600, 300), key), byCode("404", risen(3, 60), key), byCode("503", risen(0, 300), key)];
    const query = `avg(last_5m):sum:http.server.requests{service:shop,${key}:503}.as_count() > 5`;
    const { verdict, symptoms } = analyse({ ...healthy, series: [...healthy.series, ...codes], monitors: [monitor(query)] });
    expect(verdict).toBe("incident");
    expect(symptoms[0]?.what).toContain("503");
  });

  test.each([
    ["version", "2.9.1", "2.9.0"],
    ["endpoint", "/pay", "/health"],
  ])("of two %s the one that the monitor is about comes first, though the other moved further", (key, named, other) => {
    const latency = (value: string, now: number): Series => ({
      ...level("checkout.latency", "latency", "millisecond", risen(200, now)),
      tags: { [key]: value },
    });
    const query = `avg(last_5m):anomalies(avg:checkout.latency{service:shop,${key}:${named}}, 'agile', 3) >= 1`;
    const monitors = [monitor(query)];
    const { symptoms } = analyse({ ...healthy, series: [...healthy.series, latency(other, 2000), latency(named, 900)], monitors });
    expect(symptoms.find(({ what }) => what.includes("latency"))?.what).toContain(named);
  });
});

describe("what is asked over a longer time than was read", () => {
  test.each([
    ["Failed logins of shop in the last 24 hours", "24 h", []],
    ["Fehlgeschlagene Anmeldungen der letzten 24 Stunden", "24 h", []],
    ["shop needs attention", "4 h", [monitor("max(last_4h):avg:orders.late{service:shop} > 10")]],
  ])("%s", (title, asked, monitors) => {
    const { verdict, because } = analyse({ ...healthy, page: { ...healthy.page, title }, monitors });
    expect(verdict).toBe("inconclusive");
    expect(because).toContain(`The page covers ${asked}, and only 2 h 10 min were read`);
  });

  test("one that was read whole is no doubt", () => {
    expect(analyse({ ...healthy, page: { ...healthy.page, title: "Failed logins of shop in the last 2 hours" } }).verdict).toBe(
      "nothing-wrong",
    );
  });
});
