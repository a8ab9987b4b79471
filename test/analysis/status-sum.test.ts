import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Point, Series } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, series, steady } from "./telemetry.ts";

/** How systems count requests by status: name of the metric, of the tag, and whether it is a running total. */
const styles = [
  ["trace.http.request.hits.by_http_status", "http.status_code", false],
  ["http_requests_total", "code", true],
  ["istio_requests_total", "response_code", false],
] as const;

const total = (points: readonly Point[]): Point[] => {
  let sum = 70_000;
  return points.map(({ at, value }) => ({ at, value: (sum += Math.round(value)) }));
};
const since = (points: readonly Point[], calm: number, now: number): Point[] =>
  points.map(({ at }, index) => ({ at, value: (at >= begins ? now : calm) * (1 + 0.1 * Math.sin(index)) }));

describe.each(styles)("%s", (metric, tag, isTotal) => {
  const of = (service: string, code: string, points: readonly Point[]): Series => ({
    ...series(service, metric, "traffic", null, isTotal ? total(points) : points),
    tags: { [tag]: code },
  });
  const telemetry = (all: Series[]) => ({ ...empty, page: { ...empty.page, title: "High error rate on shop" }, series: all });
  const quiet = (service: string) => [of(service, "200", steady(900)), of(service, "500", since(steady(1), 1, 1))];
  /** Three codes of the server's, of which the first stays calm. */
  const failing = (service: string) => [
    ...quiet(service),
    of(service, "502", since(steady(1), 1, 120)),
    of(service, "503", since(steady(1), 1, 240)),
  ];

  test("failures under several codes are one amount: the caller's are those of what it calls, though the codes differ", () => {
    const caller = [...quiet("shop"), of("shop", "504", since(steady(1), 1, 360))];
    const { verdict, suspects } = analyse(telemetry([...caller, ...failing("cart"), ...quiet("stock")]));
    expect(verdict).toBe("incident");
    expect(suspects[0]?.service).toBe("cart");
    expect(suspects[0]?.reasons.map(({ text }) => text).join("\n")).toContain("accounts for all added failures of shop");
  });

  test("a code that failed all along is a share of all requests, not of those that went well", () => {
    const { because } = analyse(telemetry([of("shop", "200", steady(500)), of("shop", "404", steady(300)), of("shop", "500", steady(50)), of("shop", "503", steady(150))])); // prettier-ignore
    expect(because).toMatch(/^shop fails (?:19|20|21)(?:\.\d)? % of its requests/);
  });

  test("codes of other servers and clients are no failures of the service", () => {
    const { verdict } = analyse(telemetry([...quiet("shop"), of("shop", "404", since(steady(1), 1, 200)), ...quiet("cart")]));
    expect(verdict).not.toBe("incident");
  });
});

test("a code that has points only since trouble began is held against the times of the others", () => {
  const of = (code: string, points: readonly Point[]): Series => ({
    ...series("shop", "requests", "traffic", null, points),
    tags: { status: code },
  });
  const late = since(steady(1), 1, 200).filter(({ at }) => at >= page - 3 * minute);
  const { onset, verdict } = analyse({ ...empty, page: { ...empty.page, title: "High error rate on shop" }, series: [of("200", steady(900)), of("503", late)] }); // prettier-ignore
  expect(verdict).toBe("incident");
  expect(onset).toBe(late[0]?.at);
});
