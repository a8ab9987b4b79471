import { expect, test } from "vitest";
import { compareLogs } from "../../src/analysis/log-change.ts";
import { joinSpans } from "../../src/analysis/span-forest.ts";
import { finish } from "../../src/analysis/turns.ts";
import type { LogLine } from "../../src/incident/telemetry.ts";
import { from, minute, page, to } from "./telemetry.ts";

const suspect = { from: page - 10 * minute, to };
const line = (at: number, message: string, weight: number): LogLine => ({
  at,
  service: "shop",
  instance: null,
  severity: "ERROR",
  message,
  traceId: null,
  spanId: null,
  weight,
  evidence: 5,
});
/** One ordinary line a minute before, each of which stands for `weight`, and then whole. */
const ordinary = (weight: number): LogLine[] =>
  Array.from({ length: 130 }, (_, index) => from + index * minute).map((at) =>
    line(at, "handled order 7 of the day", at < suspect.from ? weight : 1),
  );
const changes = (logs: readonly LogLine[]) => finish(compareLogs(logs, finish(joinSpans([])), suspect, [])).changes;

test("a pattern that the quiet time's thin sample may have missed is hardly new", () => {
  const seen = Array.from({ length: 3 }, (_, index) => line(page - (9 - 3 * index) * minute, "failed to parse optional header", 1));
  const sure = (weight: number) => changes([...ordinary(weight), ...seen]).find(({ kind }) => kind === "new")?.sure ?? 0;
  expect(sure(1)).toBeGreaterThan(0.5);
  expect(sure(60)).toBeLessThan(0.5 * sure(1));
});

test("one sampled line that stands for forty is no rate to surge from", () => {
  const now = Array.from({ length: 24 }, (_, index) => line(page - 9 * minute + index * 20_000, "retrying after 429", 1));
  const surges = (before: readonly LogLine[]) => changes([...ordinary(40), ...before, ...now]).some(({ kind }) => kind === "surged");
  expect(surges(Array.from({ length: 8 }, (_, index) => line(from + index * 10 * minute, "retrying after 429", 2)))).toBe(true);
  expect(surges([line(from + 10 * minute, "retrying after 429", 40)])).toBe(false);
});

const rateOf = (logs: readonly LogLine[]) => {
  const [rate] = finish(compareLogs(logs, finish(joinSpans([])), suspect, [])).rates;
  return { before: rate?.before, now: rate?.now };
};
/** One line each `stepMs`, from one time to before another. */
const lines = (start: number, end: number, stepMs: number, weight = 1): LogLine[] =>
  Array.from({ length: Math.floor((end - start) / stepMs) }, (_, index) =>
    line(start + index * stepMs, "handled order 7 of the day", weight),
  );

test.each([
  ["slices of ten seconds, one in ten minutes", 10_000, 10],
  ["half minutes, one in four minutes", 30_000, 4],
])("lines that stand for minutes that were not read are no more lines a minute: %s", (_, readMs, every) => {
  const weight = (every * minute) / readMs;
  const before = Array.from({ length: 120 / every }, (__, index) => from + index * every * minute).flatMap((at) =>
    lines(at, at + readMs, 500, weight),
  );
  const { before: usual, now } = rateOf([...before, ...lines(suspect.from, to, 500)]);
  expect(usual).toBeGreaterThan(0.9 * 120);
  expect(usual).toBeLessThan(1.1 * 120);
  expect(now).toBeCloseTo(120, 0);
});

test("seconds between rare lines count as time, hours without a record do not", () => {
  const { before, now } = rateOf([...lines(from, from + 30 * minute, 40_000), ...lines(suspect.from, to, 20_000)]);
  expect(before).toBeGreaterThan(1.4);
  expect(before).toBeLessThan(1.6);
  expect(now).toBeGreaterThan(2.9);
  expect(now).toBeLessThan(3.1);
});
