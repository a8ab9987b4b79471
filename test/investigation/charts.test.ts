import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { isChartOf } from "../../src/fix/pr-body-chart.ts";
import { chartsOf } from "../../src/investigation/charts.ts";
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
