import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { LogLine, PlatformEvent, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, from, minute, page, risen, series, steady, to } from "./telemetry.ts";

/** Names by which systems report requests, failures and latency. */
const styles = [
  ["trace.http.request.hits", "trace.http.request.errors", "p99:trace.http.request"],
  ["http_requests_per_second", "http_request_errors_per_second", "http_request_duration_seconds_p99"],
  ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime.p99"],
] as const;
type Style = readonly [string, string, string];

const well = (service: string, [requests, errors, latency]: Style): Series[] => [
  series(service, requests, "traffic", null, steady(600)),
  series(service, errors, "errors", null, steady(0)),
  series(service, latency, "latency", "second", steady(0.2)),
];
const system = (style: Style, title: string, callees = ["cart", "stock"]): Telemetry => ({
  ...empty,
  page: { ...empty.page, title },
  services: ["shop", ...callees],
  calls: callees.map((callee) => ({ from: "shop", to: callee })),
  series: ["shop", ...callees].flatMap((service) => well(service, style)),
});
const line = (service: string, at: number, message: string, severity = "ERROR"): LogLine => ({
  ...{ at, service, instance: null, severity, message, traceId: null, spanId: null, weight: 1, evidence: 5 },
});
const quiet = Array.from({ length: 130 }, (_, index) => line("shop", from + index * minute, `handled order ${index}`, "INFO"));
const errorLines = (service: string, count: number) =>
  Array.from({ length: count }, (_, index) => line(service, begins + index * 30_000, "KeyError: 'region_v2'"));
const event = (at: number, title: string, text: string): PlatformEvent => ({
  ...{ at, source: "kubernetes", service: "shop", instance: null, severity: "warning", title, text, tags: [], evidence: 7 },
});

describe.each(styles)("%s", (...style) => {
  test("error lines alone, while requests, failures and latency are in range, are no incident and no all-clear", () => {
    const { verdict, because } = analyse({ ...system(style, "shop is unhealthy"), logs: [...quiet, ...errorLines("shop", 6)] });
    expect(verdict).toBe("inconclusive");
    expect(because).toMatch(/^Furthest from usual.*KeyError/);
    expect(because).not.toContain("shop shows nothing unusual");
  });

  test("error lines with failures are one", () => {
    const telemetry = system(style, "shop is unhealthy");
    const failing = [...telemetry.series, series("shop", style[1], "errors", null, risen(0, 120))].filter(
      ({ service, metric, points }) => service !== "shop" || metric !== style[1] || points.some(({ value }) => value > 0),
    );
    expect(analyse({ ...telemetry, series: failing, logs: [...quiet, ...errorLines("shop", 6)] }).verdict).toBe("incident");
  });

  test("one line of a new error leaves a page about failures open, and not one about something else", () => {
    const told = (title: string) => analyse({ ...system(style, title), logs: [...quiet, ...errorLines("shop", 1)] }).verdict;
    expect(told("High error rate on shop")).toBe("inconclusive");
    expect(told("shop needs attention")).toBe("nothing-wrong");
  });

  test("a pod that waited for a node is nothing wrong", () => {
    const events = [
      event(page - 8 * minute, "FailedScheduling", "0/9 nodes are available: 9 Insufficient cpu."),
      event(page - 6 * minute, "Scheduled", "Successfully assigned shop-7f6d to node-3"),
    ];
    expect(analyse({ ...system(style, "shop is unhealthy"), events }).verdict).toBe("nothing-wrong");
  });

  test("what two of sixty callees show by chance leaves less open than one of two", () => {
    const many = Array.from({ length: 60 }, (_, index) => `part-${index}`);
    const shown = (callees: string[], odd: string[]) => {
      const telemetry = system(style, "shop is unhealthy", callees);
      const busier = odd.map((service) => series(service, "container.cpu.utilization", "saturation", "fraction", risen(0.3, 0.38)));
      return analyse({ ...telemetry, series: [...telemetry.series, ...busier] }).verdict;
    };
    expect(shown(["cart", "stock"], ["stock"])).toBe("inconclusive");
    expect(shown(many, ["part-7", "part-30"])).toBe("nothing-wrong");
  });
});

test("a paged service that is busier than before, and far from its limit, is no incident by that alone", () => {
  const telemetry = system(styles[0], "shop is unhealthy");
  const pool = series("shop", "PoolBusy(%)", "saturation", null, risen(27, 39));
  expect(analyse({ ...telemetry, series: [...telemetry.series, pool] }).verdict).not.toBe("incident");
  const full = series("shop", "PoolBusy(%)", "saturation", null, risen(27, 99));
  expect(analyse({ ...telemetry, series: [...telemetry.series, full], window: { ...empty.window, to } }).verdict).toBe("incident");
});
