import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Point, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, minute, page, series } from "./telemetry.ts";

/** Five minutes a step, over four hours: `bad` holds the steps before the page (0 is the page's own) that are bad. */
const coarse = (level: number, now: number, bad: readonly number[]): Point[] =>
  Array.from({ length: 49 }, (_, index) => ({
    at: page - (48 - index) * 5 * minute,
    value: bad.includes(48 - index) ? now : level * (1 + 0.03 * Math.sin(index * 2.1)),
  }));

const latency = (bad: readonly number[]) => series("shop", "TargetResponseTime.p50", "latency", "Seconds", coarse(0.1, 2, bad));
const failures = (bad: readonly number[]) => series("shop", "http.error_ratio", "errors", "fraction", coarse(0.001, 0.3, bad));

const kinds: readonly [string, (bad: readonly number[]) => Series][] = [
  ["availability in percent", (bad) => series("shop", "availability", "availability", "percent", coarse(99.9, 70, bad).map(capped))],
  ["a share of failures", failures],
  ["failures counted", (bad) => series("shop", "HTTPCode_Target_5XX_Count", "errors", "Count", coarse(20, 900, bad))],
  ["latency", latency],
];
const capped = ({ at, value }: Point): Point => ({ at, value: Math.min(100, value) });

const system = (one: Series, title = "shop needs attention"): Telemetry => ({
  ...empty,
  page: { ...empty.page, title },
  baseline: { from: page - 240 * minute, to: page - 10 * minute },
  calls: [],
  series: [
    series("shop", "RequestCount", "traffic", "Count", coarse(3_000, 3_000, [])),
    ...(one.kind === "latency" ? [] : [latency([])]),
    ...(one.kind === "latency" ? [failures([])] : []),
    one,
  ],
});

describe.each(kinds)("%s", (_, make) => {
  test("a bad step that was over when the page came is no incident, and no all-clear", () => {
    const { verdict, because } = analyse(system(make([1])));
    expect(verdict).toBe("inconclusive");
    expect(because).toMatch(/of shop was .+ at 11:55:00 \(usually about .+\), and has been back in its usual range since 12:00:00/);
  });

  test("one that goes on is an incident", () => {
    expect(analyse(system(make([1, 0]))).verdict).toBe("incident");
  });

  test("one of an hour ago says nothing of this page, unless the page is about the whole day", () => {
    expect(analyse(system(make([18]))).verdict).toBe("nothing-wrong");
    const { verdict, because } = analyse(system(make([18]), "shop: trouble in the last 3 hours"));
    expect(verdict).toBe("inconclusive");
    expect(because).toContain("at 10:30:00");
  });
});

test("noise after trouble that is over is no trouble", () => {
  const points = Array.from({ length: 240 }, (_, index) => {
    const at = page - (239 - index) * minute;
    const noise = 12 + [5, -4, 2, -6, 7, 0, -3][index % 7]!;
    return { at, value: at >= page - 10 * minute && at < page - 4 * minute ? 480 : at === page - minute ? 24 : noise };
  });
  const one = series("shop", "http.server.errors", "errors", null, points);
  expect(analyse(system(one)).verdict).toBe("recovered");
});
