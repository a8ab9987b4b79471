import type { ModelUsage } from "../../incident/model.ts";

/** List prices, US dollars for a million tokens. Cache writes cost 1.25 (5 minutes) or 2 (1 hour) times the input. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** What a prompt of more than so many tokens costs, as a whole. */
  readonly above?: { readonly tokens: number; readonly input: number; readonly output: number; readonly cacheRead: number };
}

/** Source: the vendor's price page, November 2026; cache reads of Opus 5.5 and Sonnet 5.5 from third parties. A cost is for budgets, not for bills. */
const listPrices: Readonly<Record<string, Price>> = {
  "claude-opus-5-5": { input: 4, output: 20, cacheRead: 0.2 },
  "claude-sonnet-5-5": { input: 2, output: 10, cacheRead: 0.2 },
  "claude-haiku-5-5": {
    input: 0.1,
    output: 0.5,
    cacheRead: 0.01,
    above: { tokens: 100_000, input: 0.5, output: 2.5, cacheRead: 0.05 },
  },
  "claude-fable-5-1": { input: 10, output: 50, cacheRead: 1 },
};

/** US dollars of one turn, or null for a model of which no price is known. `prices` go before the list's. */
export function costUsd(model: string, usage: ModelUsage, prices: Readonly<Record<string, Price>> = {}): number | null {
  const price = prices[model] ?? listPrices[model];
  if (price === undefined) return null;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const { input, output, cacheRead } = price.above !== undefined && prompt > price.above.tokens ? price.above : price;
  const weighted =
    input * (usage.inputTokens + 1.25 * usage.cacheWrite5mTokens + 2 * usage.cacheWrite1hTokens) +
    cacheRead * usage.cacheReadTokens +
    output * usage.outputTokens;
  return weighted / 1e6;
}
