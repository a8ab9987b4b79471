import { describe, expect, test } from "vitest";
import { countsText, testSummary } from "../../src/replay/github/ci/test-summary.ts";

// What Node 24.21 printed for a file of three tests, one of which fails and one of which is skipped.
const spec = `▶ prices
  ✖ adds (0.882347ms)
  ✔ ok (0.100319ms)
✖ prices (1.631654ms)
﹣ third (0.064957ms) # SKIP
ℹ tests 3
ℹ suites 1
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 0
ℹ duration_ms 164.494919

✖ failing tests:

test at orders/test/a.test.ts:4:1
✖ adds (0.882347ms)
  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:
  
  1 !== 2
  
      at TestContext.<anonymous> (file:///home/runner/work/orders/orders/test/a.test.ts:4:29)
      at Test.run (node:internal/test_runner/test:1402:25) {
    generatedMessage: true,
    code: 'ERR_ASSERTION'
  }`;

const tap = `TAP version 13
# Subtest: prices
    # Subtest: adds
    not ok 1 - adds
      ---
      duration_ms: 0.922357
      type: 'test'
      location: 'orders/test/a.test.ts:4:1'
      failureType: 'testCodeFailure'
      error: |-
        Expected values to be strictly equal:
        
        1 !== 2
        
      code: 'ERR_ASSERTION'
      ...
    # Subtest: ok
    ok 2 - ok
      ---
      duration_ms: 0.111386
      type: 'test'
      ...
    1..2
not ok 1 - prices
  ---
  duration_ms: 5.871151
  type: 'suite'
  location: 'orders/test/a.test.ts:3:1'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  code: 'ERR_TEST_FAILURE'
  ...
# Subtest: third
ok 2 - third # SKIP
  ---
  duration_ms: 0.064586
  type: 'test'
  ...
1..2
# tests 3
# suites 1
# pass 1
# fail 1
# cancelled 0
# skipped 1
# todo 0
# duration_ms 132.405344`;

describe("what a test runner's output says", () => {
  test.each([
    ["node's spec reporter", spec],
    ["TAP", tap],
  ])("%s: counts, and the failed test with its place and reason", (_name, output) => {
    const summary = testSummary(output.split("\n"));
    expect(summary).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1 });
    expect(summary?.failures).toMatchObject([{ name: "adds", path: "orders/test/a.test.ts", line: 4 }]);
    expect(summary?.failures[0]?.message).toMatch(/strictly equal:[\s\S]*1 !== 2$/);
    expect(summary === null ? null : countsText(summary)).toBe("1 failed, 1 passed, 1 skipped");
  });

  test("all passed: no failures", () => {
    const summary = testSummary(["✔ one (1.2ms)", "ℹ tests 1", "ℹ pass 1", "ℹ fail 0"]);
    expect(summary).toEqual({ total: 1, passed: 1, failed: 0, skipped: 0, failures: [] });
  });

  test("nothing where there are no counts", () => {
    expect(testSummary(["error: no such file", "tests 3"])).toBeNull();
  });
});
