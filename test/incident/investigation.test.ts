import { expect, test } from "vitest";
import { retryAt, investigationOf } from "../../src/incident/investigation.ts";
import { closed, started } from "../support/example-investigation.ts";

const MINUTE_MS = 60_000;

/** When a model is asked again whose round ended at minute 0, by the wait that its provider named. */
function againAfter(round: number, named: number | null): number | null {
  const ended = { ...closed("provider", "anthropic answered 429", true), ...(named === null ? {} : { retryAfterMs: named * MINUTE_MS }) };
  const at = retryAt(investigationOf([started(round), ended].map((event, seq) => ({ seq, at: 0, event }))), "triggered");
  return at === null ? null : at / MINUTE_MS;
}

test("a provider that names a longer wait than ours is not asked again before; a shorter one changes nothing", () => {
  expect([againAfter(1, null), againAfter(1, 2), againAfter(1, 20)]).toEqual([5, 5, 20]);
  expect([againAfter(3, null), againAfter(3, 12), againAfter(3, 28)]).toEqual([15, 15, 28]);
  expect(againAfter(4, 28)).toBeNull();
});
