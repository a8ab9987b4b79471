import type { EventOf } from "../../incident/event.ts";
import type { StepContext } from "../../store/incident-store.ts";
import type { CallModel, Effort, ModelUsage } from "../../incident/model.ts";
import { costOf, type Prices, type TokenUse } from "./budget.ts";
import { messagesOf, transcriptStart } from "./transcript.ts";

/** Longest model turn, ms. */
export const TURN_MS = 330_000;
/** Tries of a model turn whose failure may pass. */
export const TURN_TRIES = 4;
/** Wait named by the vendor that is worth waiting for within a piece of work. */
export const WORTH_WAITING_MS = 60_000;

export const tokensOf = (usage: ModelUsage): TokenUse => ({
  input: usage.inputTokens,
  cacheRead: usage.cacheReadTokens,
  cacheWrite5m: usage.cacheWrite5mTokens,
  cacheWrite1h: usage.cacheWrite1hTokens,
  output: usage.outputTokens,
});

/**
 * Asks the model for the next turn of the newest transcript.
 * @throws ModelError
 */
export async function askModel(
  { call, effort, prices }: { readonly call: CallModel; readonly effort: Effort; readonly prices: Prices },
  context: StepContext,
): Promise<EventOf<"model-turn">> {
  const { log } = context;
  const started = log[transcriptStart(log)]?.event;
  if (started?.type !== "investigation-started") throw new Error("a turn needs a transcript that was begun");
  const turn = await call(
    { model: started.model, effort, system: started.system, tools: started.tools, messages: messagesOf(log) },
    context.signal,
  );
  const cost = costOf({ model: turn.model, tokens: tokensOf(turn.usage) }, prices).dollars;
  return {
    type: "model-turn",
    seen: log.at(-1)?.seq ?? 0,
    model: turn.model,
    content: turn.content,
    toolUses: turn.toolUses,
    text: turn.text,
    stopReason: turn.stopReason,
    usage: turn.usage,
    cost,
    tookMs: turn.tookMs,
  };
}
