import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { rollbackOf } from "../../src/incident/finding.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { deploy, lines, measured, ordinary, shopOf, since, styles } from "./styles.ts";
import { from, minute, page, steady } from "./telemetry.ts";

const cases = styles.flatMap((style) => [70, 100].map((ago) => [style[1], ago, style] as const));

describe.each(cases)("%s, trouble that began in the quiet time, %i minutes before the page", (_, ago, style) => {
  const began = page - ago * minute;
  const changes = [deploy("shop", began - 2 * minute, "Read region"), deploy("shop", page - 8 * minute, "Round totals")];

  test("failures are dated at their first, with the deploy before them and not the one since", () => {
    const [, failures] = measured("shop", style, { errors: since(began, 0, 90) });
    if (failures === undefined) throw new Error("no failures");
    const logs = [...ordinary("shop"), ...lines("shop", began, "KeyError: 'region'", 30_000)];
    const analysis = analyse({ ...shopOf(style, "Errors on shop", failures), logs, changes });
    expect(analysis).toMatchObject({ verdict: "incident", onset: began });
    expect(analysis.symptoms[0]).toMatchObject({ service: "shop", before: 0, now: 90, since: began });
    expect(rollbackOf(analysis)?.change.title).toBe("Read region");
    expect(JSON.stringify(analysis)).not.toContain("before our records");
  });

  test("latency of a called service too", () => {
    const slow = ["shop", "cart"].flatMap((service) => measured(service, style, { latency: since(began, 0.2, 1.4) }).slice(2));
    const analysis = analyse({ ...shopOf(style, "High latency on shop", ...slow), changes });
    expect(analysis).toMatchObject({ verdict: "incident", onset: began });
    expect(analysis.suspects[0]?.service).toBe("cart");
  });
});

describe("no trouble that stands is", () => {
  const [style] = styles;
  const told = (errors: ReturnType<typeof steady>): Telemetry =>
    shopOf(style, "shop needs attention", ...measured("shop", style, { errors }).slice(1, 2));

  test("what was over again", () => {
    const peak = steady(0).map((point) => ({ ...point, value: Math.abs(point.at - (page - 90 * minute)) < 10 * minute ? 90 : 0 }));
    expect(analyse(told(peak)).verdict).toBe("nothing-wrong");
  });

  test("a step of a few failures, or one that came with the record", () => {
    expect(analyse(told(since(page - 90 * minute, 0, 2))).verdict).toBe("nothing-wrong");
    expect(analyse(told(since(from + 2 * minute, 0, 90)))).toMatchObject({ verdict: "inconclusive", onset: null });
  });

  test("a curve of the day", () => {
    const wave = steady(20).map((point, index) => ({ ...point, value: 20 + 19 * Math.sin(index / 21) }));
    expect(analyse(told(wave)).onset ?? page).toBeGreaterThan(page - 60 * minute);
  });
});
