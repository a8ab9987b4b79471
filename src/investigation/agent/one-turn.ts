import type { z } from "zod";
import { ModelError } from "../../guard/errors.ts";
import { defineTool } from "../../incident/tool.ts";
import type { StepContext } from "../../store/incident-store.ts";
import { setAside } from "./agent-budget.ts";
import type { AgentDependencies } from "./agent-parts.ts";
import { costOfTurn } from "./follow-up.ts";
import { fenced, fenceWords, newFence } from "./transcript.ts";

export type OneTurnDependencies = Pick<AgentDependencies, "model" | "followUpModel" | "toSchema" | "limits" | "shared" | "prices">;

interface OneTurn<S extends z.ZodObject> {
  /** Under which its dollars are set aside: one of each try. */
  readonly key: string;
  /** Whether another try follows where the provider fails for now. */
  readonly mayTryAgain: boolean;
  /** Of what an investigation may cost, 0 to 1. */
  readonly share: number;
  /** Whether a person asks for it. */
  readonly isAsked: boolean;
  readonly system: string;
  /** What the model works on. Data from outside: it goes between marks. */
  readonly data: string;
  readonly handIn: { readonly name: string; readonly source: string; readonly description: string; readonly input: S };
}

/**
 * One turn of the cheaper model, which hands in by the one tool that it has.
 * @returns `input` null: the budget is spent, the provider failed, or what came is not of the schema. `cost` in dollars
 * @throws ModelError when it is aborted, or fails for now and may be tried again
 */
export async function oneTurn<S extends z.ZodObject>(
  deps: OneTurnDependencies,
  context: StepContext,
  { key, mayTryAgain, share, isAsked, system, data, handIn }: OneTurn<S>,
): Promise<{ readonly input: z.output<S> | null; readonly cost: number }> {
  if ((await setAside(deps, context, key, deps.limits.dollars * share, isAsked)) !== null) return { input: null, cost: 0 };
  let dollars = 0;
  try {
    const fence = newFence();
    const tool = defineTool({ ...handIn, run: async () => ({ answers: [], view: () => "", fact: "handed in" }) });
    const turn = await deps.model.call(
      {
        ...{ model: deps.followUpModel, effort: "low", system, tools: [deps.toSchema(tool)] },
        messages: [{ role: "user", content: [{ type: "text", text: `${fenceWords(fence)}\n\n${fenced(data, fence)}` }] }],
      },
      context.signal,
    );
    dollars = costOfTurn(deps, turn);
    const input = handIn.input.safeParse(turn.toolUses.find(({ name, whole }) => name === handIn.name && whole)?.input);
    return { input: input.success ? input.data : null, cost: dollars };
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind === "aborted" || (error.retryable && mayTryAgain)) throw error;
    return { input: null, cost: 0 };
  } finally {
    await context.others.settle(key, dollars);
  }
}
