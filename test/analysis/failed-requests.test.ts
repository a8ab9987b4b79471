import { describe, expect, test } from "vitest";
import { failedRequests } from "../../src/analysis/failed-requests.ts";
import { classifySignal } from "../../src/analysis/signal-kind.ts";
import type { Series, Telemetry } from "../../src/incident/telemetry.ts";
import { makeWorld } from "../bench/worlds/world.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-23T02:00:00Z");
const ONSET = START + 60 * MINUTE;
const END = START + 80 * MINUTE;

/** A point a minute for 80 minutes. @param valueAt null: the point is missing */
const series = (metric: string, unit: string | null, valueAt: (minute: number) => number | null, more: Partial<Series> = {}): Series => ({
  service: "checkout",
  instance: null,
  metric,
  kind: classifySignal(metric, unit),
  unit,
  tags: {},
  points: Array.from({ length: 80 }, (_none, minute) => ({ at: START + minute * MINUTE, value: valueAt(minute) })).flatMap(
    ({ at, value }) => (value === null ? [] : [{ at, value }]),
  ),
  evidence: 7,
  ...more,
});

const telemetryOf = (...all: Series[]): Telemetry => ({
  page: { service: "checkout", title: "errors", details: "", at: ONSET + 5 * MINUTE },
  window: { from: ONSET - 10 * MINUTE, to: END },
  baseline: { from: START, to: ONSET - 10 * MINUTE },
  ...{ services: ["checkout"], calls: [], series: all, logs: [], spans: [], changes: [], events: [], monitors: [], issues: [] },
  ...{ statements: [], sessions: [], earlierIncidents: [] },
});
const count = (...all: Series[]) => failedRequests(telemetryOf(...all), "checkout", { from: ONSET, to: END });

/** 600 requests a minute, of which 6 fail, and from the onset on 120: 2,400 of 12,000 in twenty minutes. */
const failing = (minute: number) => (minute < 60 ? 6 : 120);
const truth = { failed: 2_400, all: 12_000, share: 0.2, usualShare: 0.01, from: ONSET, to: END };
const counter = (each: (minute: number) => number, restartsAt?: number) => {
  let total = 50_000;
  return (minute: number) => (total = minute === restartsAt ? each(minute) : total + each(minute));
};

describe("requests that failed since the onset", () => {
  test.each<readonly [string, readonly Series[]]>([
    ["counts in each step", [series("trace.http.request.errors", "error", failing), series("trace.http.request.hits", "hit", () => 600)]],
    ["counts without a unit", [series("req.err", null, failing), series("req.count", null, () => 600)]],
    [
      "rates by their name",
      [series("http_errors_per_second", null, (m) => failing(m) / 60), series("http_requests_per_second", null, () => 10)],
    ],
    ["rates by their unit", [series("app.errors", "error/second", (m) => failing(m) / 60), series("app.hits", "hit/second", () => 10)]],
    ["a share of a rate", [series("failure_ratio", "fraction", (m) => failing(m) / 600), series("throughput_rps", null, () => 10)]],
    ["a share in percent", [series("http.error.pct", "percent", (m) => failing(m) / 6), series("http.requests", "request", () => 600)]],
    [
      "requests by status, whose class alone says which failed",
      [
        series("http.requests", "request", (m) => 600 - failing(m), { tags: { status_code: "200" } }),
        series("http.requests", "request", failing, { tags: { status_code: "503" } }),
      ],
    ],
    [
      "instances, put together",
      ["a", "b"].flatMap((instance) => [
        series("http.errors", "error", (m) => failing(m) / 2, { instance }),
        series("http.requests", "request", () => 300, { instance }),
      ]),
    ],
    [
      "the same requests in two groupings, once",
      [
        series("http.errors", "error", failing),
        series("http.requests", "request", () => 600),
        series("http.errors", "error", failing, { tags: { resource_name: "GET /" } }),
        series("http.requests", "request", () => 600, { tags: { resource_name: "GET /" } }),
      ],
    ],
    [
      "errors that have a point only where something failed",
      [series("http.errors", "error", (m) => (m < 60 ? (m % 10 === 0 ? 60 : null) : 120)), series("http.requests", "request", () => 600)],
    ],
    [
      "beside errors of the callers and of others",
      [
        series("http.errors", "error", failing),
        series("http.requests", "request", () => 600),
        series("http.4xx.errors", "error", () => 90),
        series("http.client.errors", "error", () => 500),
        series("http.errors", "error", () => 500, { service: "cart" }),
      ],
    ],
  ])("%s", (_name, all) => {
    const found = count(...all);
    expect(found).toMatchObject({ service: "checkout", evidence: [7], from: truth.from, to: truth.to });
    expect(found?.failed).toBe(truth.failed);
    expect(found?.all).toBe(truth.all);
    expect(found?.share).toBeCloseTo(truth.share, 6);
    expect(found?.usualShare).toBeCloseTo(truth.usualShare, 6);
  });

  test("counters of a process, which one restart begins again", () => {
    const found = count(
      series("http_errors_total", null, counter(failing, 70)),
      series(
        "http_requests_total",
        null,
        counter(() => 600, 70),
      ),
    );
    // A counter's point ends its step, so the last one is at 79 minutes: nineteen minutes of it.
    expect([found?.failed, found?.all, found?.to]).toEqual([19 * 120, 19 * 600, END - MINUTE]);
  });

  test("a few points that are missing are filled in, many are not", () => {
    const some = (minute: number) => minute === 63 || minute === 71;
    const filled = count(
      series("http.errors", "error", (m) => (some(m) ? null : failing(m))),
      series("http.requests", "request", (m) => (some(m) ? null : 600)),
    );
    expect([filled?.failed, filled?.all]).toEqual([2_400, 12_000]);
    expect(
      count(
        series("http.errors", "error", failing),
        series("http.requests", "request", (m) => (m > 62 && m < 72 ? null : 600)),
      ),
    ).toBeNull();
  });

  test("a step at the onset counts by its part after it, and one that has not ended does not count", () => {
    const all = [series("http.errors", "error", failing), series("http.requests", "request", () => 600)];
    const found = failedRequests(telemetryOf(...all), "checkout", { from: ONSET + MINUTE / 2, to: END - MINUTE / 4 });
    expect([found?.failed, found?.all, found?.to]).toEqual([18.5 * 120, 18.5 * 600, END - MINUTE]);
  });

  test("of values of which nobody says what they count there is a share and no number", () => {
    const found = count(
      series("shop.failed.orders", "order", (m) => failing(m)),
      series("shop.orders", "order", () => 600),
    );
    expect(found).toMatchObject({ failed: null, all: null, share: 0.2 });
  });

  test.each<readonly [string, readonly Series[]]>([
    ["no requests were measured", [series("http.errors", "error", failing)]],
    ["no failures were measured", [series("http.requests", "request", () => 600)]],
    [
      "it is open which requests the failures are of",
      [series("failures", "error", failing), series("orders", "request", () => 600), series("logins", "request", () => 60)],
    ],
    ["more failed than there were", [series("http.errors", "error", () => 900), series("http.requests", "request", () => 600)]],
    ["it is of another service", [series("http.errors", "error", failing, { service: "cart" })]],
  ])("not known where %s", (_name, all) => expect(count(...all)).toBeNull());
});

test("in made-up incidents a count is within a tenth of what failed, whatever style they are measured in", () => {
  let counted = 0;
  for (let seed = 301; seed <= 330; seed += 1) {
    const { telemetry, truth: world, style } = makeWorld(seed);
    const found = failedRequests(telemetry, telemetry.page.service, { from: world.onset, to: telemetry.window.to });
    if (found?.failed == null) continue;
    const { failed } = world.requestsIn(found);
    counted += 1;
    expect([seed, style, Math.abs(found.failed - failed) <= Math.max(5, failed / 10)]).toEqual([seed, style, true]);
  }
  expect(counted).toBeGreaterThan(12);
});
