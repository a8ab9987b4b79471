import { describe, expect, test } from "vitest";
import { analyse, analyseInTurns } from "../../src/analysis/analyse.ts";
import type { Point, Series, Telemetry } from "../../src/incident/telemetry.ts";

const minute = 60_000;
const page = Date.parse("2026-03-01T12:00:00Z");

const quiet = (level: number, from: number, to: number): Point[] => {
  const points: Point[] = [];
  for (let at = from, index = 0; at < to; at += minute, index += 1) points.push({ at, value: level * (1 + 0.05 * Math.sin(index * 2.1)) });
  return points;
};

const series = (service: string, metric: string, kind: Series["kind"], unit: string | null, points: Point[]): Series => ({
  service,
  instance: null,
  metric,
  kind,
  unit,
  tags: {},
  points,
  evidence: 3,
});

const empty: Telemetry = {
  page: { service: "shop", title: "High latency on shop", details: "", at: page },
  window: { from: page - 10 * minute, to: page + 2 * minute },
  baseline: { from: page - 130 * minute, to: page - 10 * minute },
  services: ["shop", "cart", "stock"],
  calls: [
    { from: "shop", to: "cart" },
    { from: "cart", to: "stock" },
  ],
  series: [],
  logs: [],
  spans: [],
  changes: [],
  events: [],
  monitors: [],
  issues: [],
  earlierIncidents: [],
};

const from = page - 130 * minute;
const to = page + 2 * minute;
const risen = (level: number, now: number): Point[] =>
  quiet(level, from, to).map((point) => (point.at >= page - 3 * minute ? { ...point, value: now } : point));

const cpuStorm: Telemetry = {
  ...empty,
  series: [
    series("shop", "http.duration.p95", "latency", "second", risen(0.2, 2)),
    series("cart", "http.duration.p95", "latency", "second", risen(0.1, 1.8)),
    series("stock", "http.duration.p95", "latency", "second", risen(0.05, 1.6)),
    series("stock", "cpu.usage", "saturation", "percent", risen(20, 97)),
  ],
};

describe("analyse", () => {
  test("nothing to read is inconclusive", () => {
    expect(analyse(empty)).toMatchObject({ verdict: "inconclusive", suspects: [], symptoms: [] });
  });

  test("steady signals under a page end in nothing wrong", () => {
    const calm = { ...empty, series: [series("shop", "http.duration.p95", "latency", "second", quiet(0.2, from, to))] };
    expect(analyse(calm)).toMatchObject({ verdict: "nothing-wrong", suspects: [] });
  });

  test("the deepest service with its own trouble is the suspect, its callers are not", () => {
    const found = analyse(cpuStorm);
    expect(found.verdict).toBe("incident");
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "cpu" });
    expect(found.suspects[0]?.reasons[0]?.text).toMatch(/CPU usage 20\S* % → 97 % at 11:57:00/);
    expect(found.suspects[0]?.reasons[0]?.evidence).toEqual([3]);
    expect(found.symptoms[0]).toMatchObject({ service: "shop" });
  });

  test("taken in turns it says the same, and gives way in between", async () => {
    let turns = 0;
    const found = await analyseInTurns(cpuStorm, async () => void (turns += 1));
    expect(found).toEqual(analyse(cpuStorm));
    expect(turns).toBeGreaterThan(2);
  });
});
