import { expect, test } from "vitest";
import { metricFormula } from "../../../src/integrations/datadog/metric-formula.ts";

test.each([
  "avg:system.load{*}",
  "avg:system.load{env:prod} by {host}.rollup(max, 60)",
  "per_second(sum:hits{*})",
  "top(avg:system.load{*} by {host}, 5, 'mean', 'desc')",
])("a query of one metric is itself: %s", (query) => {
  expect(metricFormula(query, "q0")).toEqual({ formula: "q0", queries: [{ name: "q0", query }] });
});

test.each([
  ["sum:errors{a:b} / sum:hits{a:b}", "q0t0 / q0t1", ["sum:errors{a:b}", "sum:hits{a:b}"]],
  [
    "100 * (sum:hits{*}.as_count() - sum:errors{*}.as_count()) / sum:hits{*}.as_count()",
    "100 * (q0t0 - q0t1) / q0t0",
    ["sum:hits{*}.as_count()", "sum:errors{*}.as_count()"],
  ],
  ["p95:trace.http{x} by {pod} / 1000", "q0t0 / 1000", ["p95:trace.http{x} by {pod}"]],
])("arithmetic is a formula over its metrics: %s", (query, formula, terms) => {
  const told = metricFormula(query, "q0");
  expect(told.formula).toBe(formula);
  expect(told.queries.map((one) => one.query)).toEqual(terms);
});
