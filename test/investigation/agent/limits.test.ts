import { expect, test } from "vitest";
import { budgetOf, costOf, LIST_PRICES } from "../../../src/investigation/agent/budget.ts";
import { boardText, updateBoard } from "../../../src/investigation/agent/hypotheses.ts";
import { repeatsIn } from "../../../src/investigation/agent/repeats.ts";

const tokens = { input: 1_000_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 };
const limits = { timeMs: 300_000, turns: 4, toolCalls: 40, tokens: 1e9, dollars: 100, dollarsPerDay: 200 };

test("cache writes cost 1.25 and 2 times the input, long prompts of Haiku their own price", () => {
  expect(
    costOf({ model: "claude-opus-5-5", tokens: { ...tokens, input: 0, cacheWrite5m: 1e6, cacheWrite1h: 1e6 } }, LIST_PRICES).dollars,
  ).toBeCloseTo(13);
  expect(costOf({ model: "claude-haiku-5-5", tokens }, LIST_PRICES).dollars).toBeCloseTo(0.5);
});

test("a model without a price costs the highest of the table and is named", () => {
  expect(costOf({ model: "other", tokens }, LIST_PRICES)).toEqual({ dollars: 10, assumed: true });
});

test("a provider that counts tokens without end does not use up the day", () => {
  const endless = { ...tokens, input: 1e308, cacheRead: Infinity, output: Number.NaN };
  const { dollars } = costOf({ model: "claude-opus-5-5", tokens: endless }, LIST_PRICES);
  expect(dollars).toBeCloseTo(8.4);
  const budget = budgetOf([{ model: "claude-opus-5-5", tokens: endless, toolCalls: 0 }], {
    limits,
    prices: LIST_PRICES,
    startedAt: 0,
  });
  expect(budget.state(0)).toEqual({ state: "ok" });
});

test("a budget warns with what is left, then closes and names its limit", () => {
  const turn = { model: "claude-opus-5-5", tokens, toolCalls: 1 };
  const state = (turns: number, now = 0) =>
    budgetOf(
      Array.from({ length: turns }, () => turn),
      { limits, prices: LIST_PRICES, startedAt: 0 },
    ).state(now);
  expect(state(1)).toEqual({ state: "ok" });
  expect(state(3)).toMatchObject({ state: "warn", limit: "turns", left: expect.stringContaining("1 turn of 4 turns") });
  expect(state(4)).toEqual({ state: "closed", limit: "turns", because: "turn budget of 4 turns is used up" });
  expect(state(0, 300_000)).toEqual({ state: "closed", limit: "timeMs", because: "time budget of 5 min is used up" });
});

test("turns of earlier work count by their tokens and dollars alone, and the words for what is left are the work's own", () => {
  const turn = { model: "claude-opus-5-5", tokens, toolCalls: 30 };
  const about = { limits: { ...limits, dollars: 10 }, prices: LIST_PRICES, startedAt: 0 };
  expect(budgetOf([], { ...about, before: [turn] }).spent).toMatchObject({ turns: 0, toolCalls: 0, tokens: 1_000_000, dollars: 4 });
  expect(budgetOf([turn], { ...about, before: [turn], then: "Hand it in." }).state(0)).toEqual({
    ...{ state: "warn", limit: "dollars", left: "Left of the budget: $2.00 of $10.00; 10 tool calls of 40 tool calls. Hand it in." },
  });
  expect(budgetOf([turn], { ...about, before: [turn, turn] }).state(0)).toMatchObject({ state: "closed", limit: "dollars" });
  expect(budgetOf([turn], about).state(0)).toMatchObject({ state: "warn", limit: "toolCalls" });
});

test("the same call again is told, then ends the run, whatever the order of its fields", () => {
  const call = (input: unknown, evidence: number) => [{ tool: "datadog_logs", input, error: null, newEvidence: [evidence] }];
  const same = [call({ a: 1, b: 2 }, 1), call({ b: 2, a: 1 }, 2)];
  expect(repeatsIn(same.slice(0, 1))).toEqual({ state: "ok" });
  expect(repeatsIn(same)).toMatchObject({ state: "warn", words: expect.stringContaining("datadog_logs") });
  expect(repeatsIn([...same, ...same]).state).toBe("stop");
});

test("rounds without new evidence, failures alike but for numbers, and two questions in turn end the run", () => {
  const idle = (index: number) => [{ tool: "t", input: index, error: null, newEvidence: [] }];
  expect(repeatsIn(Array.from({ length: 6 }, (_, index) => idle(index)))).toMatchObject({
    state: "stop",
    because: expect.stringContaining("no new evidence"),
  });
  const failed = (index: number) => [{ tool: "t", input: index, error: `403 after ${index} ms`, newEvidence: [] }];
  expect(repeatsIn(Array.from({ length: 4 }, (_, index) => failed(index)))).toMatchObject({
    state: "stop",
    because: expect.stringContaining("403"),
  });
  const turn = (index: number) => [{ tool: "t", input: index % 2, error: null, newEvidence: [index] }];
  expect(repeatsIn(Array.from({ length: 8 }, (_, index) => turn(index))).state).toBe("stop");
});

test("a hypothesis is decided by evidence that exists, and the board stays on a screen", () => {
  const change = { id: null, claim: "the deploy", status: "open", evidence: [], because: null } as const;
  const first = updateBoard([], { changes: [{ ...change, evidence: [] }] }, () => true);
  const without = updateBoard(first.board, { changes: [{ ...change, id: 1, status: "supported", evidence: [] }] }, () => true);
  expect(without).toMatchObject({ board: first.board, problems: [expect.stringContaining("evidence")] });
  const ruled = updateBoard(
    first.board,
    { changes: [{ ...change, id: 1, status: "ruled-out", evidence: [3], because: "flat" }] },
    () => true,
  );
  expect(boardText(ruled.board)).toBe("- H1 ruled-out: the deploy — flat (E3)");
  expect(updateBoard([], { changes: [{ ...change, evidence: [9] }] }, () => false).board).toEqual([]);
  const many = updateBoard(
    ruled.board,
    { changes: Array.from({ length: 12 }, (_, index) => ({ ...change, claim: `cause ${index}`, evidence: [] })) },
    () => true,
  );
  expect(many.board).toHaveLength(8);
  expect(many.board.map(({ id }) => id)).not.toContain(1);
});
