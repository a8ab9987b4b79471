import { describe, expect, test } from "vitest";
import type { ChartSeries } from "../../src/incident/chart.ts";
import { chartSummary, thinOut } from "../../src/report/chart-plot.ts";
import { renderChart } from "../../src/web/chart.ts";
import { at } from "../support/example-log.ts";

const MINUTE = 60_000;
const from = at("03:00:00");
const series = (values: readonly (number | null)[], more: Partial<ChartSeries> = {}): ChartSeries => ({
  service: "payments",
  instance: null,
  what: "p95 latency",
  kind: "latency",
  unit: "second",
  points: values.flatMap((value, minute) => (value === null ? [] : [{ at: from + minute * MINUTE, value }])),
  onset: null,
  evidence: 3,
  ...more,
});
const draw = (one: ChartSeries, markers: { at: number; label: string }[] = []) => String(renderChart("Q1", one, { markers, from: null }));
const pathOf = (svg: string) => / d="([^"]*)"/.exec(svg)?.[1] ?? "";
const coordinates = (svg: string) =>
  [...pathOf(svg).matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map((match) => [Number(match[1]), Number(match[2])] as const);

describe("a chart", () => {
  test("is higher on the screen where the value is higher, and further right where it is later", () => {
    const points = coordinates(draw(series([1, 3, 2, 5])));
    const [x, y] = [points.map((point) => point[0]), points.map((point) => point[1])];
    expect(x).toEqual(x.toSorted((a, b) => a - b));
    const order = [0, 1, 2, 3].toSorted((a, b) => (y[b] ?? 0) - (y[a] ?? 0));
    expect(order).toEqual([0, 2, 1, 3]);
  });

  test("stays inside its frame, also for negative, equal and huge values", () => {
    for (const values of [
      [-5, 3, -8],
      [4, 4, 4],
      [0, 0, 0],
      [1e300, 1e-300, 5],
      [-1, -2, -3],
    ]) {
      for (const [x, y] of coordinates(draw(series(values)))) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(400);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(150);
      }
    }
  });

  test("a hole in the data is a hole in the line, not a zero", () => {
    expect(pathOf(draw(series([1, 2, 3, 4]))).match(/M/g)).toHaveLength(1);
    expect(pathOf(draw(series([1, 2, 3, null, null, null, null, 4, 5, 6]))).match(/M/g)).toHaveLength(2);
  });

  test("marks the onset and the changes near it, and leaves out those of another time", () => {
    const svg = draw(series([1, 1, 1, 5, 5], { onset: from + 3 * MINUTE }), [
      { at: from + 2 * MINUTE, label: "deploy" },
      { at: from - 60 * MINUTE, label: "flag" },
    ]);
    expect(svg).toContain("onset 03:03");
    expect(svg).toContain("deploy 03:02");
    expect(svg).not.toContain("flag");
  });

  test("labels cover neither each other nor the line, which begins below them", () => {
    const minutes = Array.from({ length: 100 }, (_, minute) => minute);
    const svg = draw(series(minutes, { onset: from + 52 * MINUTE }), [
      { at: from + 50 * MINUTE, label: "deploy" },
      { at: from + 51 * MINUTE, label: "flag" },
      { at: from + 5 * MINUTE, label: "config" },
    ]);
    const rows = Object.fromEntries(
      [...svg.matchAll(/y="(\d+)" text-anchor="\w+">\s*(\w+) \d\d:\d\d/g)].map(([, y, label]) => [label, Number(y)]),
    );
    expect(rows).toEqual({ config: 12, deploy: 12, flag: 26, onset: 40 });
    expect(Number(/<svg\s+x="2%"\s+y="(\d+)"/.exec(svg)?.[1])).toBeGreaterThan(40);
  });

  test("letters are not stretched with the line", () => {
    const svg = draw(series([1, 2, 3]));
    expect(/<svg height="\d+" role="img"/.exec(svg)).not.toBeNull();
    expect(svg.slice(svg.indexOf("</svg>"))).toContain("<text");
    expect(/<svg\s+x=[^>]*viewBox[^>]*>[\s\S]*?<\/svg>/.exec(svg)?.[0]).not.toContain("<text");
  });

  test("without data, or with one value only, it says so instead of drawing", () => {
    expect(draw(series([]))).toContain("no data");
    expect(draw(series([4.8]))).toContain("4.8 s");
    expect(draw(series([Number.NaN, Number.POSITIVE_INFINITY]))).toContain("no data");
    for (const values of [[], [4.8]]) expect(draw(series(values))).not.toContain("<svg");
  });

  test("shows the time asked for, but never so little that there is no line", () => {
    const long = series(Array.from({ length: 200 }, (_, minute) => minute));
    const shown = String(renderChart("Q1", long, { markers: [], from: from + 150 * MINUTE }));
    expect(coordinates(shown)).toHaveLength(50);
    const late = String(renderChart("Q1", long, { markers: [], from: from + 199 * MINUTE }));
    expect(coordinates(late).length).toBeGreaterThanOrEqual(20);
  });

  test("labels from outside stay text", () => {
    const svg = draw(series([1, 2, 3], { service: "<script>", what: '"><image href=x>', unit: "<b>" }), [
      { at: from + MINUTE, label: "<i>" },
    ]);
    for (const tag of ["<script", "<image", "<b>", "<i>"]) expect(svg).not.toContain(tag);
  });

  test("a hundred thousand points are drawn fast and keep their one spike", () => {
    const points = Array.from({ length: 100_000 }, (_, second) => ({ at: from + second * 1000, value: second === 77_777 ? 900 : 1 }));
    const thin = thinOut(points, 360);
    expect(thin.length).toBeLessThan(2_000);
    expect(thin).toContainEqual(points[77_777]);
    expect(thin).toEqual(thin.toSorted((a, b) => a.at - b.at));
    expect(draw(series([], { points })).length).toBeLessThan(60_000);
  });
});

describe("the words under a chart", () => {
  test("say before, after and last, with units", () => {
    expect(chartSummary(series([0.2, 0.21, 0.22, 4.8, 4.7], { onset: from + 3 * MINUTE }))).toBe(
      "median 210 ms before 03:03, then up to 4.8 s; 4.7 s at 03:04",
    );
  });
  test("a fall is a fall", () => {
    const fallen = series([99.9, 99.9, 99.9, 80, 82], { onset: from + 3 * MINUTE, unit: "percent", kind: "availability" });
    expect(chartSummary(fallen)).toBe("median 99.9 % before 03:03, then down to 80 %; 82 % at 03:04");
  });
  test("a series that did not move says so", () => {
    expect(chartSummary(series([1, 2, 3]))).toBe("median 2 s, no change seen, 3 s at 03:02");
  });
  test("an onset before the data, or after it, does not break them", () => {
    expect(chartSummary(series([1, 2], { onset: from - MINUTE }))).toBe("up to 2 s; 2 s at 03:01");
    expect(chartSummary(series([1, 2], { onset: from + 60 * MINUTE }))).toBe("median 1.5 s before 04:00; 2 s at 03:01");
  });
});
