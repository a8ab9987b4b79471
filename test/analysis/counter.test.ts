import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { withoutCounters } from "../../src/analysis/counter.ts";
import type { Point } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, series, steady } from "./telemetry.ts";

/** Values that add up, five a minute and `late` since trouble began. */
function counted(late: number): Point[] {
  let value = 0;
  return steady(1).map(({ at }) => ({ at, value: (value += at >= begins ? late : 5) }));
}
const read = (metric: string, points: readonly Point[], unit: string | null = null) =>
  withoutCounters([series("shop", metric, "errors", unit, points)])[0]?.points.map(({ value }) => value);
const every = (...values: number[]): Point[] => values.map((value, index) => ({ at: index * minute, value }));

describe("a counter", () => {
  test("that rises as before is no incident, one that rises faster is", () => {
    const told = (late: number) => analyse({ ...empty, series: [series("shop", "http.errors_total", "errors", null, counted(late))] });
    expect(told(5).verdict).not.toBe("incident");
    expect(told(90)).toMatchObject({ verdict: "incident", symptoms: [{ service: "shop", before: 5, now: 90 }] });
  });

  test("is read as what each step added", () => {
    expect(read("http.errors_total", every(100, 105, 110, 118, 118, 120))).toEqual([5, 5, 8, 0, 2]);
    expect(read("http.errors", every(100, 105, 110, 118, 118, 120), "count")).toEqual([5, 5, 8, 0, 2]);
    expect(read("process_cpu_seconds_total", every(1, 2, 3, 4, 5, 6))).toEqual([1, 1, 1, 1, 1]);
  });

  test("that begins anew has added what it shows", () => {
    expect(read("http.errors_total", every(100, 105, 110, 3, 8, 13, 18))).toEqual([5, 5, 3, 5, 5, 5]);
  });

  test("with a gap has added the same in each minute of it", () => {
    const points = every(100, 105, 110, 115, 120, 125, 130, 135).filter((_, index) => index !== 3 && index !== 4);
    expect(read("http.errors_total", points)).toEqual([5, 5, 5, 5, 5]);
  });
});

describe("no counter is", () => {
  test.each([
    ["a gauge that just grows", "memory.used", every(100, 105, 110, 115, 120, 125)],
    ["a level that is called a total", "memory.total.used", every(100, 105, 110, 115, 120, 125)],
    ["connections that are counted", "db.connections.count", every(100, 105, 110, 115, 120, 125)],
    ["a count by interval", "http.errors.count", every(5, 4, 6, 5, 3, 5)],
    ["a count by interval that rises with the trouble", "http.errors.count", every(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 7, 12)],
    ["a count with a step", "http.errors.count", every(0, 0, 0, 0, 0, 12, 12, 12)],
    ["what falls a little", "http.errors_total", every(100, 105, 104, 109, 114, 119)],
    ["a saw", "http.errors_total", every(1, 2, 0, 1, 2, 0, 1, 2, 0)],
    ["too short to tell", "http.errors_total", every(1, 2, 3)],
  ])("%s", (_name, metric, points) => {
    expect(read(metric, points)).toEqual(points.map(({ value }) => value));
  });
});
