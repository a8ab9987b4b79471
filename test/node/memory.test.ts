import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { memoryPlan } from "../../src/node/memory.ts";
import { openTriageThread } from "../../src/node/triage.ts";
import { leastSettings } from "../support/command.ts";

const LIMITS = [384, 512, 768, 1_024, 2_048, 16_384];

test("less memory means fewer looks at once, and never none", () => {
  const plans = LIMITS.map(memoryPlan);
  expect(plans.every(({ looksAtOnce }) => looksAtOnce >= 1)).toBe(true);
  for (const field of ["looksAtOnce", "looksAhead", "triageHeapMb"] as const) {
    const values = plans.map((plan) => plan[field]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
  // Where a look and one that is more urgent fill what is left, none begins before its turn.
  expect(memoryPlan(512)).toMatchObject({ looksAhead: 0 });
});

test("without a limit as many looks run as with the most memory", () => {
  expect(memoryPlan(null)).toEqual(memoryPlan(LIMITS.at(-1) ?? null));
});

test("the triage thread's heap leaves room for the rest of the process", () => {
  for (const limit of LIMITS.slice(1)) expect(memoryPlan(limit).triageHeapMb).toBeLessThan(limit * 0.75);
});

test("a triage thread that runs out of memory ends its looks with words that say what to do, and the process lives", async () => {
  // Its own code does not fit into that.
  const config = parseConfig(leastSettings());
  const thread = openTriageThread({ config }, () => undefined, 12);
  await expect(thread.warm()).rejects.toThrow("triage needed more than the 12 MB of its heap");
  await thread.close();
});
