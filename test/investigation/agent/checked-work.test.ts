import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import type { StepContext } from "../../../src/store/incident-store.ts";
import { checkLedger } from "../../../src/investigation/agent/checked-work.ts";

/** The ledger of an incident with these events and nothing stored. */
function ledgerOf(...events: readonly IncidentEvent[]) {
  const log = events.map((event, index): LoggedEvent => ({ seq: index + 1, at: index, event }));
  return checkLedger({ incidentId: "x", log, sql: { all: () => [] } } as unknown as StepContext);
}

const triaged = (digest: string): IncidentEvent => ({
  ...{ type: "triage-finished", digest, coverage: [], tookMs: 1, calls: 1, links: [], charts: [], runbooks: [], changes: [] },
  analysis: { verdict: "inconclusive", because: "", onset: null, symptoms: [], suspects: [], ruledOut: [], consequences: [] },
});

test("of a line of the digest only the marks at its end are its evidence", () => {
  const line = "payments logs: errors of checkout 97.3 % [E1] failed [E2 E12]";
  const { views } = ledgerOf(triaged(`${line}\nslowest request at 03:11 [E4]:\n   | + patch E1`));
  expect([1, 2, 4, 12].map((number) => views(number).length)).toEqual([0, 1, 1, 1]);
});

test("what was asked is known of the evidence that the call brought", () => {
  const use = (id: string, input: Extract<IncidentEvent, { type: "model-turn" }>["toolUses"][number]["input"]) => ({
    id,
    name: "t",
    input,
    whole: true,
  });
  const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 0, thinkingTokens: 0 };
  const answer = (id: string, evidence: number[]) => ({ id, name: "t", evidence, view: "v", fact: "f", failed: false, tookMs: 1 });
  const { asked } = ledgerOf(
    {
      ...{ type: "model-turn", seen: 1, model: "m", content: [], text: "", stopReason: "tool_use", usage, cost: 0, tookMs: 1 },
      toolUses: [use("a", { query: "97.3 %", in: [{ path: "x" }] }), use("b", { limit: 3 })],
    },
    { type: "tools-answered", answers: [answer("a", [14, 15]), answer("b", [16])], note: null },
  );
  expect(asked?.(14)?.toSorted()).toEqual(["97.3 %", "x"]);
  expect([15, 16, 1].map((number) => asked?.(number).length)).toEqual([2, 0, 0]);
});
