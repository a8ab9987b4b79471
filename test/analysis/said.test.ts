import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import { logClues } from "../../src/analysis/log-clue.ts";
import type { PatternChange } from "../../src/analysis/log-reading.ts";
import { lines, measured, ordinary, podEvent, shopOf, since, styles } from "./styles.ts";
import { begins, minute, page, risen, series, steady } from "./telemetry.ts";

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

describe("the headline is what fails", () => {
  test.each(styles)("%s: not what moved further beside it", (...style) => {
    const failing = ["shop", "cart"].flatMap((service) => measured(service, style, { errors: risen(0, 120) }).slice(1, 2));
    const { symptoms, suspects } = analyse({
      ...shopOf(
        style,
        "shop is unhealthy",
        ...failing,
        series("shop", "jvm.threads.count", "saturation", null, risen(20, 900)),
        series("shop", "container.memory.usage", "saturation", "byte", risen(1e8, 9e8)),
      ),
      logs: [...ordinary("cart"), ...lines("cart", begins, "TypeError: price is undefined")],
    });
    expect(symptoms[0]).toMatchObject({ service: "shop", before: 0, now: 120 });
    expect(suspects[0]?.service).toBe("cart");
  });
});

describe("one share is said in one unit", () => {
  test.each([
    ["http.error_ratio", "fraction", 0.001, 0.06],
    ["http.error_percent", "percent", 0.1, 6],
  ])("%s (%s)", (metric, unit, usual, now) => {
    const [style] = styles;
    const failing = ["shop", "cart"].map((service) => series(service, metric, "errors", unit, risen(usual, now)));
    const telemetry = shopOf(style, "Errors on shop", ...failing);
    const calm = series("stock", metric, "errors", unit, steady(usual));
    const analysis = analyse({ ...telemetry, series: [...telemetry.series.filter(({ metric: one }) => one !== style[1]), calm] });
    const said = JSON.stringify([
      analysis.suspects.map(({ reasons, cause }) => [cause, reasons.map(({ text }) => text)]),
      analysis.because,
    ]);
    expect(said).toContain("0.101 % → 6 %");
    expect(said).not.toMatch(/0\.06\b|0\.001\b|600 %/);
    expect(analysis.symptoms[0]?.unit).toBe(unit);
    // A tenth of a percent is no tenth.
    expect(said).not.toContain("stock fails");
  });

  test("a count has none", () => {
    const [, , style] = styles;
    const waits = series("shop", "ApproximateNumberOfMessagesVisible", "saturation", "Count", risen(50, 90_000));
    expect(JSON.stringify(analyse(shopOf(style, "shop needs attention", waits)))).not.toMatch(/\d Count/);
  });
});

test.each(styles)("%s: one step is dated once, however its share of the page is reckoned", (...style) => {
  // Requests rise some minutes before: the time that all of them take leaves its range earlier than the time of one.
  const busier = steady(600).map((point) => ({ ...point, value: point.at < page - 12 * minute ? point.value : 1000 }));
  const slow = ["shop", "cart"].flatMap((service) => {
    const [requests, , latency] = measured(service, style, { latency: since(page - 6 * minute, 0.2, 1) });
    return requests === undefined || latency === undefined ? [] : [{ ...requests, points: busier }, latency];
  });
  const { symptoms, suspects } = analyse(shopOf(style, "High latency on shop", ...slow));
  const texts = suspects.flatMap(({ reasons }) => reasons.map(({ text }) => text)).filter((text) => text.includes("202 ms → 1 s"));
  expect(symptoms[0]?.since).toBe(page - 6 * minute);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) expect(text).toContain(`at ${clock(page - 6 * minute)}`);
});

describe("a service that restarted once", () => {
  test.each(["kubernetes.containers.restarts", "kube_pod_container_status_restarts_total", "pod_number_of_container_restarts"])(
    "does not keep crashing, and is no incident (%s)",
    (metric) => {
      const once = series("shop", metric, "errors", null, since(begins, 0, 1));
      const analysis = analyse(shopOf(styles[0], "shop needs attention", once));
      expect(analysis.verdict).toBe("nothing-wrong");
      expect(JSON.stringify(analysis)).not.toMatch(/crashing|fails more/);
    },
  );

  test("and again and again does", () => {
    const events = [0, 1, 2, 3].map((index) =>
      podEvent(page - (8 - 2 * index) * minute, "BackOff", "Back-off restarting failed container"),
    );
    expect(analyse({ ...shopOf(styles[0], "shop needs attention"), events }).suspects[0]?.cause).toContain("has kept crashing since");
  });
});

describe("the first line of a sample is no beginning", () => {
  const change: PatternChange = {
    ...{
      kind: "new",
      service: "shop",
      instance: null,
      severity: "ERROR",
      before: 0,
      now: 30,
      count: 12,
      onset: begins,
      sure: 1,
      evidence: 5,
    },
    ...{ template: "call to geocoder failed", quote: "call to geocoder failed" },
  };
  const graph = buildCallGraph(["shop"], [{ from: "shop", to: "geocoder" }], []);
  const said = (one: PatternChange) => logClues([one], graph, ["shop", "geocoder"], new Set(["shop"]));

  test.each<[string, Partial<PatternChange>]>([
    ["where lines stand for others", { isSampled: true }],
    ["where nothing older was read", { isFirstSight: true }],
  ])("%s", (_, more) => {
    for (const clue of said({ ...change, ...more })) {
      expect(clue.text).not.toContain("since");
      expect(clue.text).toContain(`seen from ${clock(begins)}`);
      expect(clue.isOlder).toBe(true);
    }
  });

  test("of all lines it is", () => {
    for (const clue of said(change)) expect(clue.text).toContain(`since ${clock(begins)}`);
  });
});
