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
