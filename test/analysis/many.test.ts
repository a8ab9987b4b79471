import { describe, expect, test } from "vitest";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import type { PatternChange } from "../../src/analysis/log-reading.ts";
import { logClues } from "../../src/analysis/log-clue.ts";
import { orderedSeries } from "../../src/analysis/order.ts";
import { metricWords } from "../../src/analysis/words.ts";
import { begins, minute, series } from "./telemetry.ts";

// Work that grows with the product of two counts, or the square of one, meets the limit of time of each test, and nothing else does.
const services = Array.from({ length: 40_000 }, (_, index) => `service-number-${index}`);
const line = (quote: string): PatternChange => ({ kind: "new", service: "payments", instance: null, template: quote, severity: "ERROR", before: 0, now: 9, count: 9, onset: begins, sure: 1, quote, evidence: 5 }); // prettier-ignore

describe("many names", () => {
  test("are looked up in error lines, not searched for", () => {
    const graph = buildCallGraph(services, []);
    const lines = Array.from({ length: 13_000 }, (_, index) => line(`error ${index}: ${"service-number- is away ".repeat(15)}`));
    expect(logClues(lines, graph, services, new Set(services))).toHaveLength(13_000);
  });

  test("of callers' views find their services at once", () => {
    const views = services.slice(0, 10_000).flatMap((name) => [name, `${name}_client`, `svc-numbe-${name}.elb.example.com_remote`]);
    const graph = buildCallGraph(views, []);
    expect(graph.canonical(`${services[0]}_client`)).toBe(services[0]);
  });
});

test("parts of one series are joined once, whatever their number", () => {
  const minutes = Array.from({ length: 125 }, (_, index) => index * minute);
  const parts = Array.from({ length: 8_000 }, (_, part) =>
    series(
      "shop",
      "http.errors",
      "errors",
      null,
      minutes.map((at) => ({ at: at + part, value: 1 })),
    ),
  );
  expect(orderedSeries(parts)[0]?.points.length).toBe(1_000_000);
});

describe("a service that an error line names", () => {
  const known = ["payments", "shop.cart_v2", "cart", "stock-api", "Ledger", "stock"];
  const graph = buildCallGraph(known, []);
  const named = (quote: string) =>
    logClues([line(quote)], graph, known, new Set(known)).find((clue) => clue.code === "named-in-errors")?.service ?? null;
  test.each([
    ["connection to stock-api refused", "stock-api"],
    ["connection to http://stock-api:8080/x refused", "stock-api"],
    ["call of shop.cart_v2 failed", "shop.cart_v2"],
    ["LEDGER is unavailable", "Ledger"],
    ["failed: stock-api2 and my-stock are others", null],
    ["payments failed by itself", null],
    ["error: cart is too short a name", null],
    ["ledger and stock-api failed", "stock-api"],
  ])("%s: %s", (quote, service) => {
    expect(named(quote)).toBe(service);
  });
});

test("a metric may be called like a part of every object", () => {
  expect(metricWords("app.constructor.errors")).toBe("app constructor errors");
  expect(metricWords("toString.valueOf")).toBe("to string value of");
});
