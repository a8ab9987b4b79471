import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { isChartOf } from "../../src/fix/pr-body-chart.ts";
import { chartsOf } from "../../src/investigation/charts.ts";
import { earlierWords } from "../../src/report/chart-plot.ts";
import { empty, minute, page, risen, series, steady } from "../analysis/telemetry.ts";

test("the symptom's own series is drawn first, however far others moved, and is known by its name", () => {
  const growing = steady(300).map((point) => ({ ...point, value: 300 + Math.max(0, (point.at - page + 60 * minute) / minute) * 3.3 }));
  const monitor = { id: 1, name: "Connections", query: "max(last_5m):max:postgres.connections{service:shop} > 490", message: "", service: "shop", state: "Alert" as const, triggeredAt: page, evidence: 7 }; // prettier-ignore
  const telemetry = {
    ...empty,
    page: { ...empty.page, title: "Connections of shop" },
    series: [
      series("shop", "cpu.usage", "saturation", "percent", risen(20, 60)),
      series("shop", "memory.usage", "saturation", "percent", risen(1, 90)),
      series("shop", "postgres.connections", "saturation", "connection", growing),
    ],
    monitors: [monitor],
  };
  const analysis = analyse(telemetry);
  const [symptom] = analysis.symptoms;
  expect(symptom?.what).toMatch(/^postgres connections/);
  const charts = chartsOf(telemetry, analysis);
  expect(charts.map(({ what }) => what)).toEqual(["postgres.connections", expect.any(String)]);
  expect(charts.map((chart) => symptom !== undefined && isChartOf(chart, symptom))).toEqual([true, false]);
});

describe("the log lines on which the first suspect rests", () => {
  const line = (at: number, message: string, service = "pay") => ({
    ...{ at, service, message, instance: null, severity: null, traceId: null, spanId: null, weight: 1, evidence: 4 },
  });
  const from = Math.floor(page / minute) * minute - 10 * minute;
  /** Three lines of "paid" each minute until the sixth, and one of another statement in each minute but the third. */
  const logs = Array.from({ length: 8 }, (_, place) => from + place * minute).flatMap((at, place) => [
    ...(place === 2 ? [] : [line(at, "polling the queue")]),
    ...(place < 6 && place !== 2 ? [1, 2, 3].map((one) => line(at + one * 1_000, `[pay] order ${place}${one} paid in 12 ms`)) : []),
    line(at, "[pay] order 7 paid in 12 ms", "other"),
  ]);
  const telemetry = { ...empty, window: { from: from + 5 * minute, to: from + 7.5 * minute }, logs };
  const suspect = { service: "pay", instance: null, fault: "code" as const, change: null, probability: 0.9, onset: from + 6 * minute };
  const withReason = (code: string, about: string) => ({
    ...analyse(empty),
    verdict: "incident" as const,
    suspects: [{ ...suspect, reasons: [{ code, about: [about], text: "", quote: null, evidence: [4], since: from + 6 * minute }] }],
  });

  test.each(["run-stops", "log-missing", "log-new", "log-surged"])("are drawn a minute each where they are the reason (%s)", (code) => {
    const [chart] = chartsOf(telemetry, withReason(code, "<*> order <number> paid in <number> ms"));
    expect(chart).toMatchObject({ service: "pay", decides: true, evidence: 4, unit: "/min", onset: from + 6 * minute });
    expect(chart?.what).toContain("order <number> paid in");
    // The third minute has no line of the service, so nothing is known of it; the last one was not over.
    expect(chart?.points.map(({ at, value }) => [(at - from) / minute, value])).toEqual([
      [0, 3],
      [1, 3],
      [3, 3],
      [4, 3],
      [5, 3],
      [6, 0],
    ]);
  });

  test("are not drawn for another kind of reason, for a pattern of hardly any fixed words, or where no such line was read", () => {
    expect(chartsOf(telemetry, withReason("level-moved", "<*> order <number> paid in <number> ms"))).toEqual([]);
    expect(chartsOf(telemetry, withReason("log-new", "<*> in <*>"))).toEqual([]);
    expect(chartsOf(telemetry, withReason("log-new", "refund of order <number> refused"))).toEqual([]);
  });
});

describe("the same hour of earlier days", () => {
  const day = 24 * 60 * minute;
  const cpu = series("shop", "cpu.usage", "saturation", "percent", risen(20, 60));
  const history = (days: number, value: number, step = minute, evidence = days) => ({
    ...series("shop", "cpu.usage", "saturation", "percent", []),
    points: Array.from({ length: 30 }, (_, place) => ({ at: page - days * day - place * step, value })).toReversed(),
    evidence,
  });
  const charted = (days: readonly ReturnType<typeof history>[], shown = cpu) => {
    const telemetry = { ...empty, page: { ...empty.page, service: "shop", title: "CPU of shop" }, series: [shown], history: days };
    return chartsOf(telemetry, analyse({ ...telemetry, history: [] }))[0];
  };

  test("is beside the chart, moved to the time of the incident", () => {
    const chart = charted([history(1, 21), history(7, 24)]);
    expect(chart?.earlier?.map(({ days, evidence, points }) => [days, evidence, points.at(-1)])).toEqual([
      [1, 1, { at: page, value: 21 }],
      [7, 7, { at: page, value: 24 }],
    ]);
    expect(chart === undefined ? null : earlierWords(chart)).toMatch(
      /^The same time yesterday: median 21 .*; a week before: median 24 .*\.$/,
    );
  });

  test("is left out where its steps are longer, where it was not read, and of a counter", () => {
    expect(charted([history(1, 21, 5 * minute)])?.earlier).toBeUndefined();
    expect(charted([])?.earlier).toBeUndefined();
    const counting = series(
      "shop",
      "cpu.usage",
      "saturation",
      "percent",
      risen(20, 60).map((point, place) => ({ ...point, value: place })),
    );
    expect(charted([history(1, 21)], counting)?.earlier).toBeUndefined();
  });
});
