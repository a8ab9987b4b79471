import { describe, expect, test } from "vitest";
import { describeBaseline } from "../../src/analysis/baseline.ts";
import { findShift } from "../../src/analysis/onset.ts";
import { begins, minute, page, risen, steady } from "./telemetry.ts";

const split = (points: ReturnType<typeof steady>) => ({
  healthy: points.filter((point) => point.at < page - 30 * minute),
  late: points.filter((point) => point.at >= page - 30 * minute),
});

describe("when a series left its baseline", () => {
  test("is the first point away of the run that lasts up to the page", () => {
    const { healthy, late } = split(risen(0.2, 0.9));
    const shift = findShift(late, describeBaseline(healthy, "latency", false), page, "up");
    expect(shift).toMatchObject({ onset: begins, now: 0.9, points: 5 });
    expect(shift?.before).toBeCloseTo(0.2, 1);
  });

  test("is never, for a run that ended before the page", () => {
    const points = steady(0.2).map((point) =>
      point.at >= page - 20 * minute && point.at < page - 10 * minute ? { ...point, value: 5 } : point,
    );
    const { healthy, late } = split(points);
    expect(findShift(late, describeBaseline(healthy, "latency", false), page, "up")).toBeNull();
  });

  test("is never, when it moved the harmless way", () => {
    const { healthy, late } = split(risen(0.2, 0.01));
    expect(findShift(late, describeBaseline(healthy, "latency", false), page, "up")).toBeNull();
  });

  test("is never for one small step on a series that never moved: a floor says what matters", () => {
    const flat = steady(1).map((point) => ({ ...point, value: point.at >= begins ? 41 : 40 }));
    const { healthy, late } = split(flat);
    expect(findShift(late, describeBaseline(healthy, "latency", false), page, "up")).toBeNull();
  });

  test("an earlier incident in the history does not hide the next one", () => {
    const points = risen(0.2, 0.9).map((point) =>
      point.at >= page - 100 * minute && point.at < page - 93 * minute ? { ...point, value: 3 } : point,
    );
    const { healthy, late } = split(points);
    expect(findShift(late, describeBaseline(healthy, "latency", false), page, "up")?.onset).toBe(begins);
  });
});

test.each([
  ["a hit rate", 0.85, 0.3],
  ["a success rate", 0.995, 0.9],
])("%s without a unit is a share: a fall by a tenth of the whole is a shift", (_, usual, now) => {
  const wobble = (index: number) => 0.002 * (index % 3);
  const at = (index: number) => page - (60 - index) * minute;
  const healthy = Array.from({ length: 40 }, (__, index) => ({ at: at(index), value: usual - wobble(index) }));
  const late = Array.from({ length: 20 }, (__, index) => ({ at: at(40 + index), value: now - wobble(index) }));
  expect(findShift(late, describeBaseline(healthy, "availability", false), page, "down")).not.toBeNull();
});
