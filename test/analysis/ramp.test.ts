import { expect, test } from "vitest";
import { findRamp } from "../../src/analysis/ramp.ts";
import type { Point } from "../../src/incident/telemetry.ts";

const minute = 60_000;
const start = Date.parse("2026-03-01T08:00:00Z");
/** Four hours, a point a minute, with a wobble of two hundredths. */
const points = (valueAt: (minutes: number) => number): Point[] =>
  Array.from({ length: 240 }, (_, index) => ({ at: start + index * minute, value: valueAt(index) * (1 + 0.02 * Math.sin(index * 2.3)) }));
const minutesOf = (at: number | null) => (at === null ? null : (at - start) / minute);

test("a leak is dated at its foot, hours before anything else shows", () => {
  const ramp = findRamp(points((at) => 40 + Math.max(0, at - 100) * 0.4));
  expect(ramp).not.toBeNull();
  expect(Math.abs((minutesOf(ramp?.foot ?? null) ?? 0) - 100)).toBeLessThan(15);
  expect(ramp?.perHour).toBeGreaterThan(20);
  expect(ramp?.perHour).toBeLessThan(28);
});

test("growth since the first point has no foot: it began before what was recorded", () => {
  expect(findRamp(points((at) => 40 + at * 0.2))).toMatchObject({ foot: null });
});

test("a sawtooth of restarts is one growth", () => {
  const ramp = findRamp(points((at) => (at < 60 ? 30 : 30 + ((at - 60) % 60) * 1.1)));
  expect(ramp?.falls).toBe(2);
  // How far it went, and not where the last restart left it.
  expect(ramp?.now).toBeGreaterThan(90);
  expect(Math.abs((minutesOf(ramp?.foot ?? null) ?? 0) - 60)).toBeLessThan(15);
});

test("what falls steadily is found too", () => {
  expect(findRamp(points((at) => 90 - Math.max(0, at - 120) * 0.5))?.perHour).toBeLessThan(-20);
});

test.each<[string, (minutes: number) => number]>([
  ["a level", () => 50],
  ["a step", (at) => (at < 200 ? 40 : 80)],
  ["an early step", (at) => (at < 60 ? 40 : 80)],
  ["a peak that is over", (at) => (at > 100 && at < 140 ? 80 : 40)],
  ["a slow wave", (at) => 50 + 10 * Math.sin(at / 20)],
  ["a rise within the noise", (at) => 50 + at * 0.005],
  ["nothing but noughts", () => 0],
])("%s is no ramp", (_, valueAt) => {
  expect(findRamp(points(valueAt))).toBeNull();
});

test("a handful of points is no record", () => {
  expect(findRamp(points((at) => at).slice(0, 10))).toBeNull();
});
