import { describe, expect, test } from "vitest";
import { describeBaseline } from "../../src/analysis/baseline.ts";
import { datedBack, findShift } from "../../src/analysis/onset.ts";
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

describe("a shift that was under way when the time under suspicion began", () => {
  const at = (index: number) => page - (60 - index) * minute;
  const series = (level: (index: number) => number) =>
    Array.from({ length: 60 }, (_, index) => ({ at: at(index), value: level(index) + 0.01 * (index % 3) }));
  /** What the last 20 minutes show, dated by all of the hour. */
  const dated = (points: ReturnType<typeof series>, direction: "up" | "down") => {
    const baseline = describeBaseline(points.slice(0, 40), "latency", false);
    const shift = findShift(points.slice(40), baseline, page, direction);
    return shift === null ? null : datedBack(shift, points, baseline, []).onset;
  };

  test.each([
    ["a step up", (index: number) => (index < 31 ? 1 : 3), "up" as const],
    ["a step down", (index: number) => (index < 31 ? 3 : 0.5), "down" as const],
    ["a step with one point back at home", (index: number) => (index < 31 || index === 35 ? 1 : 3), "up" as const],
  ])("%s began where it left its usual level, not where that time begins", (_, level, direction) => {
    expect(dated(series(level), direction)).toBe(at(31));
  });

  test("does not reach back over minutes at home to an earlier peak", () => {
    expect(
      dated(
        series((index) => (index >= 37 || (index > 20 && index < 25) ? 3 : 1)),
        "up",
      ),
    ).toBe(at(37));
  });

  test("began within that time where its points before the run were at home", () => {
    expect(
      dated(
        series((index) => (index < 45 ? 1 : 3)),
        "up",
      ),
    ).toBe(at(45));
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
