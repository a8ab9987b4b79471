import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { describeBaseline, deviation } from "../../src/analysis/baseline.ts";
import type { Point } from "../../src/incident/telemetry.ts";
import { createRandom } from "../support/random.ts";
import { shopOf, styles } from "./styles.ts";
import { from, minute, page, series, to } from "./telemetry.ts";

/** Failures that a chance of fixed seed deals out: `usual` a minute, `now` since `begins`, as a rate per second over steps of `stepMs`. */
function failuresPerSecond(stepMs: number, usual: number, now: number, begins = page - 8 * minute): Point[] {
  const points: Point[] = [];
  const chance = createRandom(7).next;
  for (let at = from; at < to; at += stepMs) {
    const expected = ((at >= begins ? now : usual) * stepMs) / minute;
    // Knuth's way to deal a Poisson count.
    let count = 0;
    for (let left = Math.exp(-expected), product = chance(); product > left; product *= chance()) count += 1;
    points.push({ at, value: count / (stepMs / 1000) });
  }
  return points;
}

test.each([
  ["every minute", minute, 4, 29],
  ["every 20 seconds", 20_000, 9, 60],
  ["every minute, more than one a second", minute, 90, 200],
])("failures per second, measured %s, are judged as the failures that they count", (_, stepMs, usual, now) => {
  const failures = series("shop", "http.errors.per_second", "errors", null, failuresPerSecond(stepMs, usual, now));
  const healthy = failures.points.filter(({ at }) => at < page - 8 * minute);
  const baseline = describeBaseline(healthy, "errors", false);
  const perSecond = now / 60;
  expect(deviation(baseline, perSecond)).toBeGreaterThan(5);
  // Few counts stray further than a normal distribution does, and yet hardly ever.
  expect(healthy.filter(({ value }) => Math.abs(deviation(baseline, value)) > 4).length).toBeLessThan(healthy.length / 50);

  for (const style of styles) {
    const { verdict, because } = analyse(shopOf(style, "Errors on shop", { ...failures, metric: style[1] }));
    expect(verdict).not.toBe("nothing-wrong");
    expect(because).toMatch(/^shop (?:fails more than usual|left its usual range)/);
  }
});

test("one failure more a minute is chance, whatever the unit", () => {
  const baseline = describeBaseline(failuresPerSecond(minute, 4, 4), "errors", false);
  expect(baseline.grain).toBeCloseTo(1 / 60, 9);
  expect(deviation(baseline, 5 / 60)).toBeLessThan(1);
});
