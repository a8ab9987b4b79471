import { expect, test } from "vitest";
import type { LogSample } from "../../../src/integrations/datadog/sample.ts";
import { gapWords, smallWords } from "../../../src/integrations/datadog/thin.ts";

const minute = 60_000;

/** @param perMinute lines of each minute; `read`: of each minute that was read, how many came */
function sampleOf(perMinute: readonly number[], read: Readonly<Record<number, number>>): LogSample {
  const lines = Object.values(read).reduce((sum, one) => sum + one, 0);
  return {
    ...{ source: "Datadog logs", query: "*", link: null, raw: "", cut: null, window: { from: 0, to: perMinute.length * minute } },
    value: Array.from({ length: lines }, () => ({}) as LogSample["value"][number]),
    total: perMinute.reduce((sum, one) => sum + one, 0),
    counts: [{ by: { service: "shop" }, total: null, points: perMinute.map((value, index) => ({ at: index * minute, value })) }],
    slices: Object.entries(read).map(([index, count]) => {
      const from = Number(index) * minute;
      return { from, to: from + minute, readTo: from + (minute * count) / (perMinute[Number(index)] ?? 1), read: count };
    }),
  };
}

test("a sample of the incident that misses a minute with lines is too thin, however many lines it has", () => {
  const busy = Array.from({ length: 10 }, () => 1_000);
  const all = Object.fromEntries(busy.map((_, index) => [index, 500]));
  expect(gapWords(sampleOf(busy, all), "lines")).toBeNull();
  const { 3: _missed, ...others } = all;
  expect(gapWords(sampleOf(busy, others), "lines")).toBe("lines of only 9 of 10 minutes");
  // Of the quiet time some minutes are enough.
  expect(smallWords(sampleOf(busy, others), "lines")).toBeNull();
});

test("minutes without lines are not missed", () => {
  expect(gapWords(sampleOf([4, 0, 0, 4], { 0: 4, 3: 4 }), "lines")).toBeNull();
});

test("a few lines of very many are too thin, as many as show a thousandth are not", () => {
  const flood = [50_000, 50_000];
  expect(gapWords(sampleOf(flood, { 0: 400, 1: 400 }), "lines")).toBe("only 800 of 100,000 lines");
  expect(gapWords(sampleOf(flood, { 0: 1_500, 1: 1_500 }), "lines")).toBeNull();
  // A third of few lines is as good.
  expect(gapWords(sampleOf([300, 300], { 0: 150, 1: 150 }), "lines")).toBeNull();
});
