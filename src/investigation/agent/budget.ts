import { dollarWords } from "../../report/model-refusal-words.ts";
import { duration, figure } from "../../report/words.ts";

/** Dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
  /** Default: a tenth of `input`. */
  readonly cacheRead?: number | undefined;
  /** Another price for turns whose whole prompt is longer. */
  readonly above?: { readonly promptTokens: number; readonly input: number; readonly output: number } | undefined;
}

/** By model id. MIDWATCH_PRICES overrides and adds. */
export type Prices = Readonly<Record<string, TokenPrice>>;

/** List prices as of November 2026. Cache reads of Opus and Sonnet 5.5 are from third-party pages; MIDWATCH_PRICES overrides all of them. */
export const LIST_PRICES: Prices = {
  "claude-opus-5-5": { input: 4, output: 20, cacheRead: 0.2 },
  "claude-sonnet-5-5": { input: 2, output: 10, cacheRead: 0.2 },
  "claude-haiku-5-5": { input: 0.1, output: 0.5, cacheRead: 0.01, above: { promptTokens: 100_000, input: 0.5, output: 2.5 } },
  "claude-fable-5-1": { input: 10, output: 50 },
};

/** Of the input price: tokens read from the cache, and written to it for five minutes or an hour. Source: Anthropic, prompt caching. */
const CACHE = { read: 0.1, write5m: 1.25, write1h: 2 } as const;

/** The tokens of one model call, as its answer counts them; `input` are those that the cache had no part in. */
export interface TokenUse {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Thinking included. */
  readonly output: number;
}

/** One model call with the tools that it asked for. */
export interface Turn {
  readonly model: string;
  readonly tokens: TokenUse;
  readonly toolCalls: number;
}

/** What one investigation may use. */
export interface Limits {
  readonly timeMs: number;
  readonly turns: number;
  readonly toolCalls: number;
  /** Read and written, from the cache or not. */
  readonly tokens: number;
  readonly dollars: number;
}

/** What the model's work may cost in all, dollars: for one incident, and for all of them in one hour and one day (UTC). */
export interface SharedLimits {
  readonly dollarsPerIncident: number;
  readonly dollarsPerHour: number;
  readonly dollarsPerDay: number;
}

/** What one investigation may use where the settings say nothing else. */
export const DEFAULT_LIMITS: Limits = { timeMs: 5 * 60_000, turns: 25, toolCalls: 80, tokens: 1_500_000, dollars: 2 };
export const DEFAULT_SHARED_LIMITS: SharedLimits = { dollarsPerIncident: 6, dollarsPerHour: 20, dollarsPerDay: 50 };

/** What an investigation has used so far. */
export interface Spent {
  readonly turns: number;
  readonly toolCalls: number;
  readonly tokens: number;
  readonly dollars: number;
  /** Models without a price in the table: their turns are counted at the highest price that it has. */
  readonly assumed: readonly string[];
}

/** How near the investigation is to the limit that it has come nearest to. */
export type BudgetState =
  | { readonly state: "ok" }
  /** `left`: words for the model. */
  | { readonly state: "warn"; readonly limit: keyof Limits; readonly left: string }
  /** `because`: words for people. */
  | { readonly state: "closed"; readonly limit: keyof Limits; readonly because: string };

/** What an investigation has used, and whether it may go on. */
export interface Budget {
  readonly spent: Spent;
  /** @param now epoch milliseconds */
  state(now: number): BudgetState;
}

const THEN_SUBMIT = "Ask only what can change the answer, then call submit_finding; inconclusive is a good ending.";
/** From this share of a limit on the model learns what is left. */
const WARN_AT = 0.75;
const MILLION = 1_000_000;

const count = (value: number) => (Number.isFinite(value) && value > 0 ? value : 0);
/** Tokens of one kind that one call can have. A provider that says more counts wrong, and must not use up the day of all incidents. */
const MOST_TOKENS = 2_000_000;
const tokensIn = (value: number) => (value > MOST_TOKENS ? MOST_TOKENS : count(value));

/** A version that is dated (`claude-opus-5-5-20261021`) costs what its model costs. */
function priceOf(model: string, prices: Prices): TokenPrice | null {
  const name = model.replace(/-\d{8}$/, "");
  for (const one of [model, name]) if (Object.hasOwn(prices, one)) return prices[one] ?? null;
  return null;
}

/** The dearest price of the table: of a model that it does not name, more can't be said without a risk to overspend. */
function dearest(prices: Prices): TokenPrice {
  const all = Object.values(prices).flatMap((price) => [price, ...(price.above === undefined ? [] : [price.above])]);
  return { input: Math.max(0, ...all.map((price) => price.input)), output: Math.max(0, ...all.map((price) => price.output)) };
}

/** What one model call costs. `assumed`: the table has no price for the model, so its dearest was taken. */
export function costOf(
  { model, tokens }: Pick<Turn, "model" | "tokens">,
  prices: Prices,
): { readonly dollars: number; readonly assumed: boolean } {
  const listed = priceOf(model, prices);
  const price = listed ?? dearest(prices);
  const prompt = tokensIn(tokens.input) + tokensIn(tokens.cacheRead) + tokensIn(tokens.cacheWrite5m) + tokensIn(tokens.cacheWrite1h);
  const above = price.above !== undefined && prompt > price.above.promptTokens ? price.above : null;
  const { input, output } = above ?? price;
  // A price for cache reads holds for prompts of the usual length; beyond, the general factor does.
  const cacheRead = above === null ? (price.cacheRead ?? input * CACHE.read) : input * CACHE.read;
  const millions =
    tokensIn(tokens.input) * input +
    tokensIn(tokens.cacheRead) * cacheRead +
    tokensIn(tokens.cacheWrite5m) * input * CACHE.write5m +
    tokensIn(tokens.cacheWrite1h) * input * CACHE.write1h +
    tokensIn(tokens.output) * output;
  return { dollars: millions / MILLION, assumed: listed === null };
}

/** Adds up turns. */
function spentOn(turns: readonly Turn[], prices: Prices): Spent {
  let [toolCalls, tokens, dollars] = [0, 0, 0];
  const assumed = new Set<string>();
  for (const turn of turns) {
    const cost = costOf(turn, prices);
    toolCalls += count(turn.toolCalls);
    tokens += Object.values(turn.tokens).reduce((sum: number, one: number) => sum + tokensIn(one), 0);
    dollars += cost.dollars;
    if (cost.assumed) assumed.add(turn.model);
  }
  return { turns: turns.length, toolCalls, tokens, dollars, assumed: [...assumed] };
}

const WORDS: Readonly<Record<keyof Limits, { readonly name: string; readonly say: (value: number) => string }>> = {
  timeMs: { name: "time", say: duration },
  turns: { name: "turn", say: (value) => `${figure(value)} ${value === 1 ? "turn" : "turns"}` },
  toolCalls: { name: "tool call", say: (value) => `${figure(value)} ${value === 1 ? "tool call" : "tool calls"}` },
  tokens: { name: "token", say: (value) => `${figure(value)} tokens` },
  dollars: { name: "cost", say: dollarWords },
};

/**
 * What an investigation has used and what it still may. Computed from its turns, so a run that is taken up after a crash counts on.
 * @param startedAt epoch milliseconds
 * @param before turns of the same investigation that count by their tokens and dollars alone: those before its work on a patch
 * @param then what the model should do with what is left, for the model
 */
export function budgetOf(
  turns: readonly Turn[],
  {
    limits,
    prices,
    startedAt,
    before = [],
    then = THEN_SUBMIT,
  }: {
    readonly limits: Limits;
    readonly prices: Prices;
    readonly startedAt: number;
    readonly before?: readonly Turn[];
    readonly then?: string;
  },
): Budget {
  const own = spentOn(turns, prices);
  const all = spentOn([...before, ...turns], prices);
  const spent: Spent = { ...all, turns: own.turns, toolCalls: own.toolCalls };
  return {
    spent,
    state(now) {
      const used: Readonly<Record<keyof Limits, number>> = {
        timeMs: Math.max(0, now - startedAt),
        turns: spent.turns,
        toolCalls: spent.toolCalls,
        tokens: spent.tokens,
        dollars: spent.dollars,
      };
      const shares = (["timeMs", "turns", "toolCalls", "tokens", "dollars"] as const)
        .map((limit) => ({ limit, share: limits[limit] > 0 ? used[limit] / limits[limit] : 1 }))
        .toSorted((one, other) => other.share - one.share);
      const [nearest] = shares;
      if (nearest === undefined || nearest.share < WARN_AT) return { state: "ok" };
      const { name, say } = WORDS[nearest.limit];
      if (nearest.share >= 1) {
        const guess =
          spent.assumed.length === 0 ? "" : `; ${spent.assumed.join(", ")} has no price in the settings, the highest one was assumed`;
        return {
          state: "closed",
          limit: nearest.limit,
          because: `${name} budget of ${say(limits[nearest.limit])} is used up${guess}`,
        };
      }
      const left = shares
        .filter(({ share }) => share >= WARN_AT)
        .map(({ limit }) => `${WORDS[limit].say(limits[limit] - used[limit])} of ${WORDS[limit].say(limits[limit])}`);
      return {
        state: "warn",
        limit: nearest.limit,
        left: `Left of the budget: ${left.join("; ")}. ${then}`,
      };
    },
  };
}
