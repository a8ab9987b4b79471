import { expect, test } from "vitest";
import { PATTERN_LIMIT } from "../../../../src/analysis/log-pattern.ts";
import { tallyPatterns } from "../../../../src/integrations/datadog/tools/log-patterns.ts";

test("a flood of lines that are all different costs bounded memory and is still counted in full", () => {
  const letters = (index: number) => [...String(index)].map((digit) => String.fromCharCode(97 + Number(digit))).join("");
  const lines = Array.from({ length: PATTERN_LIMIT + 5_000 }, (_, index) => ({
    at: index,
    service: "payments",
    instance: null,
    severity: "INFO",
    message: `${letters(index)} ${`x${letters(index * 7)} `.repeat(100)}`,
    traceId: null,
    spanId: null,
    weight: 1,
    fields: {},
  }));
  const before = process.memoryUsage().heapUsed;
  const tallies = tallyPatterns(lines, [], { now: 10, before: null, beforeEnds: 0, nowEnds: 600_000 });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(400_000_000);
  expect(tallies).toHaveLength(PATTERN_LIMIT + 1);
  expect(tallies[0]?.now).toBe(5_000);
});
