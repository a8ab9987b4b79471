import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Point, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, risen, series, steady } from "./telemetry.ts";

/** Names by which monitoring systems count requests and those that fail. */
const styles = [
  ["trace.http.request.hits", "trace.http.request.errors"],
  ["http_requests_per_second", "http_request_errors_per_second"],
  ["RequestCount", "HTTPCode_Target_5XX_Count"],
  ["req.count", "req.err"],
] as const;

const system = ([hits, failed]: readonly [string, string], errors: Record<string, readonly Point[]>): Telemetry => ({
  ...empty,
  page: { ...empty.page, title: "shop is unhealthy" },
  series: ["shop", "cart", "stock"].flatMap((service) => [
    series(service, hits, "traffic", null, steady(600)),
    series(service, failed, "errors", null, errors[service] ?? steady(0)),
    series(service, "request.latency.p99", "latency", "millisecond", steady(200)),
  ]),
});

test.each(styles)("%s, %s: a count that goes from nought to one is no incident", (...style) => {
  const once = steady(0).map((point) => ({ ...point, value: point.at === begins ? 1 : 0 }));
  expect(analyse(system(style, { shop: once })).verdict).toBe("nothing-wrong");
  expect(analyse(system(style, { stock: once })).verdict).toBe("nothing-wrong");
});

test.each(styles)("%s, %s: failures are charged by how many there are, whatever the traffic", (...style) => {
  // Of cart's 240 failing calls stock's 220 account for nearly all.
  const { verdict, suspects } = analyse(system(style, { shop: risen(0, 240), cart: risen(0, 240), stock: risen(0, 220) }));
  expect(verdict).toBe("incident");
  expect(suspects[0]?.service).toBe("stock");
});

test.each(styles)("%s, %s: failures as old as the record are no all-clear", (...style) => {
  const { verdict, because } = analyse(system(style, { shop: steady(60) }));
  expect(verdict).toBe("inconclusive");
  expect(because).toMatch(/^shop fails 9\.\d+ % of its requests|^shop fails 10(\.\d+)? % of its requests/);
});
