import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { culpritOf, rollbackOf } from "../../src/incident/finding.ts";
import type { ChangeEvent, Point, SignalKind, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, errorLine, from, minute, page, series, steady, to } from "./telemetry.ts";

/** Trouble from 14 until 6 minutes before the page. */
const began = page - 14 * minute;
const over = page - 6 * minute;
const between = (level: number, then: number, until = over, since = began): Point[] =>
  steady(level).map((point) => (point.at >= since && point.at < until ? { ...point, value: then } : point));

interface Style {
  readonly requests: readonly [metric: string, unit: string | null, usual: number];
  readonly errors: readonly [metric: string, kind: SignalKind, unit: string | null, usual: number, then: number];
  readonly latency: readonly [metric: string, unit: string | null, usual: number];
}
/** The same shop as different monitoring systems see it. */
const styles: readonly Style[] = [
  { requests: ["trace.http.request.hits", "hit", 600], errors: ["trace.http.request.errors", "errors", "error", 1, 240], latency: ["p99:trace.http.request", "second", 0.2] },
  { requests: ["http_requests_per_second", null, 40], errors: ["http_error_ratio", "errors", "fraction", 0.002, 0.4], latency: ["http_request_duration_seconds_p99", null, 0.2] },
  { requests: ["RequestCount", "Count", 600], errors: ["HTTPCode_Target_5XX_Count", "errors", "Count", 1, 240], latency: ["TargetResponseTime.p99", "Seconds", 0.2] },
  { requests: ["req.count", null, 600], errors: ["availability", "availability", "percent", 99.9, 62], latency: ["req.time.99percentile", "ms", 200] },
]; // prettier-ignore

const system = ({ requests, errors, latency }: Style, until = over, since = began): Telemetry => ({
  ...empty,
  page: { ...empty.page, title: "shop is unhealthy" },
  series: ["shop", "cart", "stock"].flatMap((service) => [
    series(service, requests[0], "traffic", requests[1], steady(requests[2])),
    series(service, errors[0], errors[1], errors[2], between(errors[3], errors[4], until, since)),
    series(service, latency[0], "latency", latency[1], steady(latency[2])),
  ]),
});

describe.each(styles)("trouble in $errors.0", (style) => {
  test("that was over before the page is over, with its time and its likeliest cause", () => {
    const analysis = analyse(system(style));
    expect(analysis).toMatchObject({ verdict: "recovered", recoveredAt: over, onset: began });
    expect(analysis.symptoms[0]).toMatchObject({ service: "shop", since: began, until: over });
    expect(analysis.suspects[0]?.service).toBe("stock");
    expect(analysis.because).toMatch(/^shop .* from 11:46:00 to 11:54:00, and back in its usual range since then \(now /);
    expect(analysis.because).toMatch(/the likeliest cause was stock/);
  });

  test("that goes on is an incident", () => {
    expect(analyse(system(style, to)).verdict).toBe("incident");
  });

  test("of which only one point is back may go on", () => {
    expect(analyse(system(style, to - minute)).verdict).not.toBe("recovered");
  });

  test("that was over half an hour before the page is not what the page is about", () => {
    expect(analyse(system(style, over - 30 * minute, began - 30 * minute)).verdict).not.toBe("recovered");
  });
});

const [first] = styles as readonly [Style];

test("a page that was never confirmed and is in range finds nothing wrong", () => {
  expect(analyse(system(first, began)).verdict).toBe("nothing-wrong");
});

test("what is over asks for no roll-back and blames nobody", () => {
  const change: ChangeEvent = {
    ...{ kind: "deploy", at: began - minute, service: "stock", title: "Reserve in bulk", sha: "a".repeat(40), previousSha: "b".repeat(40) },
    ...{ version: null, repository: "acme/stock", author: null, pullRequest: null, files: null, link: null, evidence: 9 },
  };
  const analysis = analyse({ ...system(first), changes: [change] });
  expect(analysis.verdict).toBe("recovered");
  expect(culpritOf(analysis)).toBeNull();
  expect(rollbackOf(analysis)).toBeNull();
});

test.each<[string, Partial<Telemetry>]>([
  [
    "an error line that goes on",
    {
      logs: Array.from({ length: 140 }, (_, index) => errorLine("shop", from + index * minute, `handled order ${index}`)).concat(
        Array.from({ length: 60 }, (_, index) => errorLine("shop", began + index * 15_000, "IllegalStateException: no basket")),
      ),
    },
  ],
  [
    "a processor of a called service that is still busy",
    { series: [...system(first).series, series("stock", "container.cpu.utilization", "saturation", "fraction", between(0.2, 0.98, to))] },
  ],
  ["a bound of the page that is still passed", { page: { ...empty.page, title: "p99 latency of shop above 100 ms" } }],
])("it is not over with %s", (_, parts) => {
  expect(analyse({ ...system(first), ...parts }).verdict).not.toBe("recovered");
});
