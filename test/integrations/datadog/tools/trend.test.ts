import { describe, expect, test } from "vitest";
import { createRandom } from "../../../support/random.ts";
import { trendOf } from "../../../../src/integrations/datadog/tools/trend.ts";

const MINUTE = 60_000;
const points = (values: readonly number[]) => values.map((value, index) => ({ at: index * MINUTE, value }));
const level = (value: number, many: number, wobble = 0) => Array.from({ length: many }, (_, i) => value + (i % 2) * wobble);
const way = (values: readonly number[]) => {
  const found = trendOf(points(values));
  return found === null ? null : [found.atOnce, found.rises, found.from.at / MINUTE, found.to.at / MINUTE];
};

describe("the way of a series without a quiet time", () => {
  test.each([
    ["up at once", [...level(3, 6), ...level(5, 6)], [true, true, 5, 6]],
    ["down at once, both sides unsteady", [...level(90, 5, 4), ...level(20, 5, 4)], [true, false, 4, 5]],
    ["up to its end", Array.from({ length: 12 }, (_, i) => 10 + i * i), [false, true, 0, 11]],
    ["up, then level: it ends where it is highest first", [1, 2, 4, 6, 8, 10, 12, 12, 12, 12], [false, true, 0, 6]],
    ["a little down, then far up: the farther way, from its foot on", [9, 9, 8, 7, 9, 11, 12, 14, 15, 16], [false, true, 3, 9]],
    ["far down, then a little up", [16, 15, 14, 12, 10, 8, 6, 4, 6, 7], [false, false, 0, 7]],
  ])("goes %s", (_, values, expected) => expect(way(values)).toEqual(expected));

  test.each([
    ["level", level(7, 12)],
    ["a little unsteady", level(100, 12, 9)],
    ["to and fro", [10, 60, 12, 58, 9, 61, 11, 60, 10, 59, 12, 61]],
    ["one far point at its beginning", [18, ...level(92, 11, 2)]],
    ["nothing", []],
  ])("is none where it is %s", (_, values) => expect(way(values)).toBeNull());

  test("noise has hardly ever a way", () => {
    const { next } = createRandom(7);
    const noises = Array.from({ length: 400 }, () => Array.from({ length: 24 }, () => 100 + 80 * (next() - 0.5)));
    expect(noises.filter((values) => way(values) !== null).length).toBeLessThan(0.02 * noises.length);
  });

  test("what went at once has the medians of both sides", () => {
    expect(trendOf(points([3, 3, 4, 3, 9, 9, 8, 9]))).toMatchObject({ atOnce: true, from: { value: 3 }, to: { value: 9 } });
  });
});
