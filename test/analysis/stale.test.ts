import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { empty, minute, page, series, steady } from "./telemetry.ts";

/** Names by which systems report requests, failures and latency. */
const styles = [
  ["trace.http.request.hits", "trace.http.request.errors", "p99:trace.http.request"],
  ["http_requests_per_second", "http_request_errors_per_second", "http_request_duration_seconds_p99"],
  ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime.p99"],
] as const;
const silent = page - 55 * minute;

/** All as usual; of some series of the shop the points end an hour ago. */
const system = ([requests, errors, latency]: readonly [string, string, string], ended: readonly string[]): Telemetry => ({
  ...empty,
  page: { ...empty.page, title: "shop needs attention" },
  series: ["shop", "cart"].flatMap((service) =>
    [
      series(service, requests, "traffic", null, steady(600)),
      series(service, errors, "errors", null, steady(0)),
      series(service, latency, "latency", "second", steady(0.2)),
    ].map((one) =>
      service === "shop" && ended.includes(one.metric) ? { ...one, points: one.points.filter(({ at }) => at <= silent) } : one,
    ),
  ),
});

describe.each(styles)("%s", (...style) => {
  const [, errors, latency] = style;

  test.each([
    ["errors", errors],
    ["latency", latency],
  ])("%s that went silent are no proof, and the answer says since when", (kind, metric) => {
    const { verdict, because } = analyse(system(style, [metric]));
    expect(verdict).toBe("inconclusive");
    expect(because).toBe(`No data on the ${kind} of shop since 11:05:00`);
  });

  test("nothing silent is shown as usual", () => {
    const usual = (ended: readonly string[]) => analyse(system(style, ended)).asUsual?.length ?? 0;
    expect(usual([])).toBeGreaterThan(usual([latency]));
  });
});
