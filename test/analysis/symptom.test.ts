import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { MonitorState, Series } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, risen, series, steady } from "./telemetry.ts";

const about = (title: string, own: readonly Series[], monitors: readonly MonitorState[] = []) =>
  analyse({ ...empty, page: { ...empty.page, title }, series: own, monitors }).symptoms;

describe("how the page shows", () => {
  test("begins with the level that its monitor watches and the limit of it, whatever stepped further", () => {
    const monitor: MonitorState = { id: 1, name: "Connections", query: "max(last_5m):max:postgres.connections{service:shop} > 490", message: "max_connections (500)", service: "shop", state: "Alert", triggeredAt: page, evidence: 7 }; // prettier-ignore
    const growing = steady(300).map((point) => ({ ...point, value: 300 + Math.max(0, (point.at - page + 60 * minute) / minute) * 3.3 }));
    const [first, second] = about(
      "Connections of shop",
      [
        series("shop", "postgres.connections", "saturation", "connection", growing),
        series("shop", "cpu.usage", "saturation", "percent", risen(20, 60)),
      ],
      [monitor],
    );
    expect(first).toMatchObject({ what: "postgres connections (limit 500)", unit: null, evidence: [3, 7] });
    expect(first?.now).toBeGreaterThan(490);
    expect(second).toMatchObject({ what: "CPU usage", unit: "percent", since: begins });
  });

  test("says of a level over the page's bound that it was so all along", () => {
    const [first] = about("p90 of shop above 4 seconds", [
      series("shop", "http.duration.p90", "latency", "second", steady(4.7)),
      series("shop", "http.errors", "errors", null, risen(1, 90)),
    ]);
    expect(first?.what).toBe("HTTP duration p90 (paged above 4 s)");
    // Its words then are "since before" the first record.
    expect(first?.before).toBe(first?.now);
  });

  test.each([
    ["p95 of shop is above 0.3 s", "HTTP duration p95 (paged above 0.3 s)"],
    ["95th percentile of shop > 300 ms", "HTTP duration p95 (paged above 300 ms)"],
    ["p99 of shop above 0.3 s", "HTTP duration p50 (paged above 0.3 s by p99)"],
    ["latency of shop above 0.3 s", "HTTP duration p50 (paged above 0.3 s)"],
  ])("shows the percentile that the page names, and says where another one is shown: %s", (title, what) => {
    const own = ["p50", "p90", "p95"].map((name) => series("shop", `http.duration.${name}`, "latency", "second", risen(0.02, 0.9)));
    expect(about(title, own)[0]?.what).toBe(what);
  });

  test("has the units that names and values tell, and none that they do not", () => {
    const units = (metric: string, kind: Series["kind"], before: number, now: number) =>
      about("shop", [series("shop", metric, kind, null, risen(before, now))])[0]?.unit;
    expect(units("availability", "availability", 99, 50)).toBe("percent");
    expect(units("error.rate", "errors", 0.02, 0.4)).toBe("fraction");
    expect(units("latency.p99.ms", "latency", 200, 4_000)).toBe("millisecond");
    expect(units("latency.p99", "latency", 0.4, 4)).toBeNull();
  });

  test("reasons, what is as usual and the headline say a share in one unit", () => {
    const monitor: MonitorState = { id: 1, name: "Hits", query: "avg(last_5m):avg:cache.hit_rate{service:shop} < 0.5", message: "", service: "shop", state: "Alert", triggeredAt: page, evidence: 7 }; // prettier-ignore
    const found = analyse({
      ...empty,
      series: [
        series("shop", "cache.hit_rate", "availability", null, risen(0.85, 0.26)),
        series("shop", "http.request.error_rate", "errors", null, risen(0.02, 0.43)),
      ],
      monitors: [monitor],
    });
    const texts = found.suspects.flatMap(({ reasons }) => reasons.map(({ text }) => text)).join("\n");
    expect(texts).toContain("cache hit rate 26 %, under its alarm threshold of 50 %");
    expect(texts).toMatch(/HTTP request error rate 2\.?\d* % → 43 %/);
    expect(texts).not.toMatch(/\b0\.\d/);
  });

  test("prefers a series that was calm before, and says of one that was not when it was as bad", () => {
    const restless = risen(2, 200).map((point) => (point.at === begins - 12 * minute ? { ...point, value: 210 } : point));
    const tail = series("shop", "http.duration.p99", "latency", "second", restless);
    const middle = series("shop", "http.duration.p50", "latency", "second", risen(0.2, 2));
    expect(about("shop", [tail, middle])[0]?.what).toBe("HTTP duration p50");
    const [alone] = about("shop", [tail]);
    expect(alone).toMatchObject({ what: "HTTP duration p99", earlierPeak: { at: begins - 12 * minute, value: 210 } });
    expect(about("shop", [middle])[0]).not.toHaveProperty("earlierPeak");
  });

  test.each([
    "metric: rpc.client.error_ratio threshold: 0.05",
    "avg(last_5m):avg:rpc.client.error_ratio{service:shop} > 0.05",
    "RPC.client.error_ratio of shop above 5%",
  ])("begins with the metric that the page names, and ties the page's bound to no other: %s", (words) => {
    const [first, ...others] = about(`shop: error ratio above 5%; ${words}`, [
      series("shop", "http.server.error_ratio", "errors", "fraction", risen(0.001, 0.9)),
      series("shop", "rpc.client.error_ratio", "errors", "fraction", risen(0.006, 0.66)),
      series("shop", "http.duration.p99", "latency", "second", risen(0.06, 2.6)),
    ]);
    expect(first?.series).toContain('"rpc.client.error_ratio"');
    expect(others.map(({ what }) => what)).toEqual(["HTTP duration p99"]);
  });

  test("a longer name does not name the metric at its beginning or end", () => {
    const [first] = about("metric: shop.http.errors.rate", [
      series("shop", "http.errors", "errors", null, risen(1, 20)),
      series("shop", "grpc.errors", "errors", null, risen(1, 90)),
    ]);
    expect(first?.series).toContain('"grpc.errors"');
  });

  test("what a balancer sees of the service comes after its own signals, under the balancer's name", () => {
    const balancer = "shop-front.eu-1.elb.example.com_remote";
    const shown = analyse({
      ...empty,
      services: ["shopfront", balancer],
      page: { ...empty.page, service: "shopfront", title: "High latency on shopfront" },
      series: [
        series(balancer, "availability", "availability", "percent", risen(100, 0)),
        series("shopfront", "latency.average", "latency", "second", risen(0.1, 0.5)),
      ],
    }).symptoms;
    expect(shown.map(({ service, what }) => [service, what])).toEqual([
      ["shopfront", "latency"],
      [balancer, "availability"],
    ]);
  });
});
