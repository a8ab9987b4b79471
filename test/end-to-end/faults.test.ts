import { expect, test } from "vitest";
import type { FaultName } from "../support/fault-proxy.ts";
import { type FaultyVendor, runCell } from "../support/fault-cell.ts";

/** Of `npm run bench -- faults` the cell of each vendor that shows most. */
const cells: readonly (readonly [FaultyVendor, FaultName])[] = [
  ["datadog", "429 soon"],
  ["sentry", "clock"],
  ["github", "hang"],
  ["pagerduty", "html"],
  ["slack", "cut"],
  ["postgres", "cut"],
  ["anthropic", "5xx"],
  ["mcp", "malformed"],
];

test.concurrent.each(cells)(
  "%s with the fault %s: a report is delivered once, and says what was not read and why",
  async (vendor, fault) => {
    expect((await runCell(vendor, fault, 0)).problems).toEqual([]);
  },
);
