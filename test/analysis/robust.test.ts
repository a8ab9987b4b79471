import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { LogLine, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, requests, risen, series, steady } from "./telemetry.ts";

const incident: Telemetry = {
  ...empty,
  ...requests({ wayToStockMs: 900 }),
  series: [
    series("shop", "http.duration.p95", "latency", "second", risen(0.2, 1.1)),
    series("shop", "http.requests", "traffic", null, steady(300)),
    series("cart", "http.duration.p95", "latency", "second", risen(0.1, 1)),
    series("stock", "http.duration.p95", "latency", "second", steady(0.05)),
    series("stock", "cpu.usage", "saturation", "percent", steady(20)),
  ],
};

/** A fixed shuffle, the same on every run. */
function shuffled<T>(items: readonly T[], seed = 7): T[] {
  const out = [...items];
  let state = seed;
  for (let index = out.length - 1; index > 0; index -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (index + 1);
    const [a, b] = [out[index], out[other]];
    if (a !== undefined && b !== undefined) [out[index], out[other]] = [b, a];
  }
  return out;
}

const named = (telemetry: Telemetry): string | undefined => analyse(telemetry).suspects[0]?.service;

describe("analysis of data as they come", () => {
  test("the order of rows makes no difference", () => {
    const mixed = {
      ...incident,
      series: shuffled(incident.series).map((one) => ({ ...one, points: shuffled(one.points) })),
      spans: shuffled(incident.spans),
      logs: shuffled(incident.logs),
    };
    expect(analyse(mixed)).toEqual(analyse(incident));
  });

  test("doubled rows make no difference to who is named", () => {
    const doubled = {
      ...incident,
      series: [...incident.series, ...incident.series],
      spans: [...incident.spans, ...incident.spans],
      logs: incident.logs.flatMap((line) => [line, line]),
    };
    expect(named(doubled)).toBe("stock");
  });

  test("missing minutes make no difference to who is named", () => {
    const gap = (at: number): boolean => Math.floor(at / minute) % 3 === 0;
    const holes = {
      ...incident,
      series: incident.series.map((one) => ({ ...one, points: one.points.filter((point) => !gap(point.at)) })),
      spans: incident.spans.filter((span) => !gap(span.start)),
    };
    expect(named(holes)).toBe("stock");
  });

  test("a clock that steps back for one service makes no difference to who is named", () => {
    const stepped = {
      ...incident,
      spans: incident.spans.map((span) =>
        span.service === "stock" && span.start > begins ? { ...span, start: span.start - 20_000 } : span,
      ),
    };
    expect(named(stepped)).toBe("stock");
  });

  test("values and times that are no numbers are left out", () => {
    const odd = {
      ...incident,
      series: incident.series.map((one) => ({ ...one, points: one.points.flatMap((point, index) => (index % 5 === 0 ? [point, { at: point.at + 1, value: Number.NaN }, { at: Number.NaN, value: 1 }, { at: point.at + 2, value: Infinity }] : [point])) })),
      spans: [...incident.spans, ...incident.spans.slice(0, 5).map((span, index) => ({ ...span, spanId: `odd${index}`, start: Number.NaN, durationMs: -Infinity }))],
      logs: [...incident.logs, ...incident.logs.slice(0, 3).map((line) => ({ ...line, at: Number.NaN }))],
    }; // prettier-ignore
    expect(named(odd)).toBe("stock");
  });

  test.each([
    ["one point", [{ at: page, value: 5 }]],
    ["no point", []],
    ["a constant", steady(0).map((point) => ({ ...point, value: 7 }))],
    ["nought throughout", steady(0)],
  ])("a series of %s is no incident, and no proof that all is well", (_name, points) => {
    for (const kind of ["latency", "errors", "availability", "traffic", "saturation", "other"] as const) {
      expect(analyse({ ...empty, series: [series("shop", "some.metric", kind, null, points)] }).verdict).toBe("inconclusive");
    }
  });

  test("services that call each other in a ring, and themselves, are ranked all the same", () => {
    const ring = {
      ...incident,
      calls: [...incident.calls, { from: "stock", to: "shop" }, { from: "cart", to: "cart" }, { from: "cart", to: "shop" }],
    };
    expect(named(ring)).toBe("stock");
  });

  test("spans that are their own parents, or each other's, end", () => {
    const [one, two] = incident.spans;
    if (one === undefined || two === undefined) throw new Error("no spans");
    const loops = [
      { ...one, spanId: "self", parentId: "self" },
      { ...one, spanId: "left", parentId: "right" },
      { ...two, spanId: "right", parentId: "left", traceId: one.traceId },
    ];
    expect(named({ ...incident, spans: [...incident.spans, ...loops] })).toBe("stock");
  });

  test("a window of no length and a page outside of it are no error", () => {
    expect(analyse({ ...incident, window: { from: page, to: page } }).verdict).toBeTypeOf("string");
    expect(analyse({ ...incident, page: { ...incident.page, at: page + 86_400_000 } }).verdict).toBeTypeOf("string");
    const unknown = analyse({ ...incident, page: { ...incident.page, service: "nobody knows it" } });
    expect(unknown).toMatchObject({ verdict: "inconclusive", suspects: [], elsewhere: [{ service: "stock" }] });
  });

  test("a log line of a megabyte, broken characters and a flood of random lines cost bounded time", () => {
    const logs = [
      ...incident.logs,
      { ...incident.logs[0], at: page, service: "cart", instance: null, severity: "ERROR", message: `x=${"a ".repeat(500_000)}`, traceId: null, spanId: null, weight: 1, evidence: 1 },
      { at: page, service: "cart", instance: null, severity: null, message: "\uD800 broken \uDFFF\u0000\uFFFD", traceId: null, spanId: null, weight: 1, evidence: 1 },
      ...Array.from({ length: 50_000 }, (_, index) => ({
        at: page - (index % 600) * 100,
        service: "cart",
        instance: null,
        severity: "INFO",
        message: `${String.fromCharCode(97 + (index % 26)).repeat(3 + (index % 40))} word${String.fromCharCode(97 + (index % 23))} of ${shuffled(["red", "green", "blue", "grey"], index)[0] ?? ""}`,
        traceId: null,
        spanId: null,
        weight: 1,
        evidence: 1,
      })),
    ]; // prettier-ignore
    expect(named({ ...incident, logs })).toBe("stock");
  });

  test("a million log lines cost seconds and megabytes, and the one new pattern among them is found", () => {
    const count = 1_000_000;
    const logs = Array.from({ length: count }, (_, index): LogLine => ({
      at: page - 40 * minute + (index * 41 * minute) / count,
      service: ["shop", "cart", "stock"][index % 3] ?? "shop",
      instance: null,
      severity: "INFO",
      message: `served request ${index} for basket ${index % 977} in ${index % 13} ms from node-${index % 7}`,
      traceId: null,
      spanId: null,
      weight: 1,
      evidence: 5,
    }));
    const told = { severity: "ERROR", message: "pool is exhausted: no connection within 30 s", service: "stock" };
    for (let at = begins; at < page + minute; at += 1_000)
      logs.push({ ...told, at, instance: null, traceId: null, spanId: null, weight: 1, evidence: 5 });
    const memory = process.memoryUsage().heapUsed;
    const found = analyse({ ...empty, logs });
    expect(process.memoryUsage().heapUsed - memory).toBeLessThan(600_000_000);
    expect(found.suspects[0]).toMatchObject({ service: "stock" });
    expect(found.suspects[0]?.reasons[0]?.quote).toBe(told.message);
  });

  test("telemetry is not changed by looking at it", () => {
    const before = structuredClone(incident);
    analyse(incident);
    expect(incident).toEqual(before);
  });
});
