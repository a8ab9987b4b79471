import { expect, test } from "vitest";
import type { Point, TimeWindow } from "../../../src/incident/telemetry.ts";
import { revenueCount } from "../../../src/integrations/datadog/impact.ts";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const from = Date.parse("2026-12-01T03:12:00Z");
const over: TimeWindow = { from: from - 20_000, to: from + 3 * MINUTE + 30_000 };
const declared = { revenue: { query: "sum:shop.revenue{env:prod}.as_count()", unit: "EUR" } };

/** Points by minute, counted from the onset. */
const at = (start: number, values: Readonly<Record<number, number>>): Point[] =>
  Object.entries(values).map(([minute, value]) => ({ at: start + Number(minute) * MINUTE, value }));

const count = (now: readonly Point[][], then: readonly Point[][]) => {
  const asked: TimeWindow[] = [];
  const client = {
    queryMetrics: async ({ window }: { window: TimeWindow }) => {
      asked.push(window);
      const series = (window.from >= from ? now : then).map((points) => ({ points }));
      return { source: "Datadog", query: "", window, link: null, value: series, raw: "", cut: null, failed: [] };
    },
  };
  const work = revenueCount(client as unknown as Parameters<typeof revenueCount>[0]).count(declared, over, AbortSignal.timeout(1_000));
  return { asked, work };
};

test("revenue is the sum of whole minutes since it began, beside that of the same minutes a week before", async () => {
  // The minute before the onset and the one that has not ended are no part of it.
  const { asked, work } = count(
    [at(from, { [-1]: 900, 0: 100, 1: 50 }), at(from, { 2: 25, 3: 800 })],
    [at(from - WEEK, { 0: 400, 1: 400, 2: 400 })],
  );
  expect(await work).toMatchObject({ value: 175, weekBefore: 1_200, isLeast: false });
  expect(asked).toEqual([
    { from, to: from + 3 * MINUTE },
    { from: from - WEEK, to: from + 3 * MINUTE - WEEK },
  ]);
});

test("no points is no figure, and not 0; of a week without points nothing is known", async () => {
  await expect(count([], [at(from - WEEK, { 0: 5 })]).work).rejects.toThrow("has no points since the incident began");
  expect(await count([at(from, { 0: 7 })], []).work).toMatchObject({ value: 7, weekBefore: null });
});
