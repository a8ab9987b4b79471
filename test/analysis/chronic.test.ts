import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { Series, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, risen, series, steady } from "./telemetry.ts";

/** Requests, failures at a share that never changed, and latency of a service, as one kind of monitoring writes them. */
type Style = (service: string, share: number) => Series[];
const otel: Style = (service, share) => [
  series(service, "http.server.request.count", "traffic", "request", steady(600)),
  series(service, "http.server.error_ratio", "errors", "fraction", steady(share)),
  series(service, "http.server.request.duration.p99", "latency", "second", steady(0.2)),
];
const cloudwatch: Style = (service, share) => [
  series(service, "RequestCount", "traffic", "Count", steady(4000)),
  series(service, "HTTPCode_Target_5XX_Count", "errors", "Count", steady(4000 * share)),
  series(service, "TargetResponseTime.p99", "latency", "Seconds", steady(0.2)),
];
const prometheus: Style = (service, share) => [
  series(service, "http_requests_per_second", "traffic", null, steady(30)),
  series(service, "http_request_errors_per_second", "errors", null, steady(30 * share)),
  series(service, "http_request_duration_seconds_p99", "latency", null, steady(0.2)),
];
const availability: Style = (service, share) => [
  series(service, "requests.count", "traffic", null, steady(900)),
  series(service, "availability", "availability", "percent", steady(100 * (1 - share)).map(({ at }, index) => ({ at, value: 100 * (1 - share) + 0.1 * Math.sin(index) }))),
  series(service, "latency_p99_ms", "latency", null, steady(200)),
]; // prettier-ignore

const page = (services: readonly [string, string, string], style: Style, shares: readonly [number, number, number]): Telemetry => ({
  ...empty,
  page: { ...empty.page, service: services[0], title: `High error rate on ${services[0]}` },
  services: [...services],
  calls: [
    { from: services[0], to: services[1] },
    { from: services[1], to: services[2] },
  ],
  series: services.flatMap((service, index) => style(service, shares[index] ?? 0)),
});

describe("failures as old as the record", () => {
  test.each<[string, Style, [string, string, string]]>([
    ["OpenTelemetry", otel, ["web", "claims", "documents"]],
    ["CloudWatch", cloudwatch, ["prod-edge", "prod-booking", "prod-seats"]],
    ["Prometheus", prometheus, ["gateway", "ledger-svc", "fx-svc"]],
    ["availability", availability, ["front", "core", "vault"]],
  ])("the deepest service that fails by itself is the first suspect, without an onset (%s)", (_, style, services) => {
    // Two calls away; those above pass on nine of ten failures.
    const { verdict, because, suspects, onset } = analyse(page(services, style, [0.17, 0.19, 0.21]));
    expect(suspects[0]).toMatchObject({ service: services[2], onset: null });
    expect(suspects[0]?.probability).toBeLessThan(LIKELY);
    expect(because).toContain(`${services[2]} fails`);
    expect(because).toContain("since before our records");
    expect(verdict).toBe("inconclusive");
    expect(onset).toBeNull();
  });

  test("a share that is not what it was is not called unchanged", () => {
    const telemetry = page(["web", "claims", "documents"], otel, [0.1, 0, 0]);
    const grown = telemetry.series.map((one) =>
      one.service === "web" && one.metric.endsWith("ratio")
        ? { ...one, points: one.points.map((point, index) => ({ ...point, value: 0.04 + (0.06 * index) / one.points.length })) }
        : one,
    );
    const { because } = analyse({ ...telemetry, series: grown });
    expect(because).not.toContain("unchanged");
  });

  test("what fails below and never reaches those who call is less than what fails at the page", () => {
    const { suspects } = analyse(page(["web", "claims", "documents"], otel, [0.08, 0, 0.08]));
    expect(suspects[0]?.service).toBe("web");
  });
});

describe("failures that are counted", () => {
  const counts = (service: string, calls: number, points: Series["points"]) => [
    series(service, "trace.http.request.hits", "traffic", "hit", steady(calls)),
    series(service, "trace.http.request.errors", "errors", "error", points),
    series(service, "p99:trace.http.request", "latency", "second", steady(0.2)),
  ];
  test("weigh as calls that failed, whatever the traffic of their service", () => {
    const { suspects } = analyse({
      ...empty,
      page: { ...empty.page, title: "Errors on shop" },
      series: [
        ...counts("shop", 600, risen(2, 300)),
        // Ten of ten thousand calls more fail: a thirtieth of what the page is about.
        ...counts("cart", 10_000, risen(1, 11)),
        ...counts("stock", 500, steady(1)),
      ],
    });
    expect(suspects[0]?.service).toBe("shop");
    expect(suspects[0]?.reasons[0]?.text).toContain("not explained by its dependencies");
  });
});
