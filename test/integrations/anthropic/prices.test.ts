import { expect, test } from "vitest";
import { costUsd } from "../../../src/integrations/anthropic/prices.ts";

const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 0, thinkingTokens: 0 };

test("each kind of token has its price", () => {
  const million = (kind: keyof typeof usage) => costUsd("claude-opus-5-5", { ...usage, [kind]: 1_000_000 });
  expect(million("inputTokens")).toBe(4);
  expect(million("cacheReadTokens")).toBe(0.2);
  expect(million("cacheWrite5mTokens")).toBe(5);
  expect(million("cacheWrite1hTokens")).toBe(8);
  expect(million("outputTokens")).toBe(20);
  // Thinking is output already.
  expect(million("thinkingTokens")).toBe(0);
});

test("a long prompt of the fast model costs more as a whole, cached or not", () => {
  expect(costUsd("claude-haiku-5-5", { ...usage, inputTokens: 100_000 })).toBeCloseTo(0.01, 9);
  expect(costUsd("claude-haiku-5-5", { ...usage, inputTokens: 100_000, cacheReadTokens: 100_000 })).toBeCloseTo(0.055, 9);
});

test("no price is made up, and given prices go first", () => {
  expect(costUsd("claude-unheard-of", usage)).toBeNull();
  const prices = { "claude-opus-5-5": { input: 1, output: 1, cacheRead: 1 } };
  expect(costUsd("claude-opus-5-5", { ...usage, outputTokens: 2_000_000 }, prices)).toBe(2);
});
