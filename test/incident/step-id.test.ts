import { expect, test } from "vitest";
import { isModelStep, stepIds } from "../../src/incident/step-id.ts";
import { stepWords } from "../../src/report/step-words.ts";

test("the model's own steps are known from others", () => {
  for (const step of [stepIds.modelTurn(4), stepIds.modelTools(1), stepIds.patchTurn(3), stepIds.patchTools(2)])
    expect(isModelStep(step)).toBe(true);
  expect(["fix", "finding", "triage", "close-investigation"].filter(isModelStep)).toEqual([]);
});

test("people read words, not ids", () => {
  expect([stepIds.modelTurn(1), stepIds.modelTurn(2), stepIds.fixCommit(2), "triage", "no-such-step"].map(stepWords)).toEqual([
    "model turn",
    "model turn (round 2)",
    "commit 2 of the fix",
    "triage",
    "no-such-step",
  ]);
});
