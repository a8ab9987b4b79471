import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { climbToEnd, stepStart } from "../../src/analysis/step-start.ts";
import type { MonitorState } from "../../src/incident/telemetry.ts";
import { empty, minute, page, series } from "./telemetry.ts";

const minutely = (values: readonly number[]) => values.map((value, index) => ({ at: index * minute, value }));

describe("where a step began", () => {
  test.each([
    ["a counter of restarts", [0, 0, 1, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8], { before: 2, now: 8, since: 14 }, { before: 0, since: 2 }],
    [
      "a pool that fills up ever more slowly",
      [312, 341, 368, 392, 411, 429, 444, 458, 469, 477, 484, 489, 492],
      { before: 392, now: 492, since: 12 },
      { before: 312, since: 1 },
    ],
    ["free space that runs out", [90, 90, 80, 71, 60, 52, 40, 29, 21, 10], { before: 71, now: 10, since: 8 }, { before: 90, since: 2 }],
  ])("%s is dated at the foot of its climb", (_, values, { since, ...found }, expected) => {
    const start = stepStart(minutely(values), { ...found, since: since * minute });
    expect({ ...start, since: start.since / minute }).toEqual(expected);
  });

  test("a level that was reached before the time under suspicion is dated there", () => {
    const start = stepStart(minutely([18, 17, 19, 16, 46, 48, 48, 49, 50]), { before: 18, now: 49, since: 6 * minute });
    expect(start).toEqual({ before: 18, since: 4 * minute });
  });

  test.each([
    ["after a slow drift", [100, 101, 102, 103, 104, 105, 500, 502]],
    ["out of noise", [100, 103, 98, 101, 97, 102, 500, 498]],
    ["with a minute in between", [100, 101, 102, 103, 104, 105, 480, 500]],
  ])("a step %s stays where it was", (_, values) => {
    expect(stepStart(minutely(values), { before: 101, now: 500, since: 6 * minute })).toEqual({ before: 101, since: 6 * minute });
  });

  test("only what never turns back climbs", () => {
    expect(climbToEnd(minutely([57, 57, 58, 59, 60, 62, 63]))).toEqual({ at: minute, value: 57 });
    expect(climbToEnd(minutely([57, 58, 59, 58, 60, 59, 61]))).toBeNull();
    expect(climbToEnd(minutely([7, 7, 7, 7, 7, 7]))).toBeNull();
  });
});

describe("a record that begins calm and is bad from then on", () => {
  const monitor: MonitorState = { id: 1, name: "CPU", query: "avg(last_20m):avg:rds.cpu{service:shop} > 85", message: "", service: "shop", state: "Alert", triggeredAt: page, evidence: 7 }; // prettier-ignore
  const levels = (first: readonly number[]) =>
    Array.from({ length: 22 }, (_, index) => ({ at: page - (20 - index) * minute, value: first[index] ?? 94 + (index % 3) }));
  const headline = (first: readonly number[]) =>
    analyse({
      ...empty,
      page: { ...empty.page, title: "CPU of shop" },
      series: [series("shop", "rds.cpu", "saturation", "percent", levels(first))],
      monitors: [monitor],
    }).symptoms[0];

  test.each([
    ["one point", [18], 19],
    ["a few", [21, 20, 24, 23], 16],
  ])("dates the trouble after them: %s", (_, first, ago) => {
    expect(headline(first)).toMatchObject({ before: first[0], since: page - ago * minute });
  });

  test("one dip below the bound is no beginning", () => {
    const found = headline([94, 95, 94, 80]);
    expect(found?.before).toBe(found?.now);
    expect(found?.since).toBe(page - 20 * minute);
  });
});
