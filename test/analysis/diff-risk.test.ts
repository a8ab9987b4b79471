import { expect, test } from "vitest";
import { readDiff } from "../../src/analysis/diff-risk.ts";

const adding = (lines: number) =>
  readDiff([
    {
      path: "src/a.js",
      status: "modified",
      additions: lines,
      deletions: 0,
      patch: `@@ -1 +1 @@\n${"+total = total + item.price\n".repeat(lines)}`,
    },
  ]).risk;

test("a larger diff is riskier, a little, and no more from a hundred lines on", () => {
  expect(adding(8) - adding(4)).toBeCloseTo(0.1);
  expect(adding(100) - adding(1)).toBeLessThan(0.7);
  expect(adding(2_000)).toBe(adding(100));
});
