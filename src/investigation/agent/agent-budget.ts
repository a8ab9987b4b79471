import type { StepContext } from "../../store/incident-store.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import { newestOf } from "../../incident/newest-event.ts";
import type { BudgetPeriod, ModelRefusal } from "../../incident/model-refusal.ts";
import type { IncidentView } from "../../incident/view.ts";
import type { AgentDependencies } from "./agent-parts.ts";
import { type Budget, budgetOf, type Turn } from "./budget.ts";
import { tokensOf } from "./model-turn.ts";
import { PROPOSE } from "./propose-fix.ts";

type Priced = Pick<AgentDependencies, "limits" | "prices">;
type Shared = Pick<AgentDependencies, "limits" | "shared">;

/** Turns and tool calls that one attempt of a patch has. Time is the investigation's again; tokens and dollars are those of both. */
export const FIX_LIMITS = { turns: 12, toolCalls: 40 } as const;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const turnsIn = (log: readonly LoggedEvent[]): Turn[] =>
  log.flatMap(({ event }) =>
    event.type === "model-turn" ? [{ model: event.model, tokens: tokensOf(event.usage), toolCalls: event.toolUses.length }] : [],
  );

/** Place in the log where the newest round begins. */
const roundStart = (log: readonly LoggedEvent[]): number => {
  const round = newestOf(log, "investigation-started")?.event.round ?? 0;
  return Math.max(
    0,
    log.findIndex(({ event }) => event.type === "investigation-started" && event.round === round),
  );
};

/** What the newest round of the investigation has used. */
export function roundBudget({ limits, prices }: Priced, log: readonly LoggedEvent[], view: IncidentView): Budget {
  return budgetOf(turnsIn(log.slice(roundStart(log))), { limits, prices, startedAt: view.investigation?.startedAt ?? 0 });
}

/** The budget of the work on a patch that began at this place of the log: time, turns and calls of its own, tokens and dollars of both. */
export function patchBudget({ limits, prices }: Priced, log: readonly LoggedEvent[], begun: number): Budget {
  return budgetOf(turnsIn(log.slice(begun)), {
    limits: { ...limits, ...FIX_LIMITS },
    prices,
    startedAt: log[begun]?.at ?? 0,
    before: turnsIn(log.slice(roundStart(log), begun)),
    then: `Hand the patch in with ${PROPOSE}, or decline with the reason.`,
  });
}

/** Dollars that are left of the newest round, for the work on a patch. */
export function leftOfRound({ limits, prices }: Priced, log: readonly LoggedEvent[]): number {
  const { spent } = budgetOf(turnsIn(log.slice(roundStart(log))), { limits, prices, startedAt: 0 });
  return Math.max(0, limits.dollars - spent.dollars);
}

/**
 * Sets the dollars of a piece of work aside before it begins, so that many at once can't spend more than all of them may. The hour's budget holds
 * back what nobody asked for: a person who asks has the day's.
 * @param key see {@link StepContext.others}
 * @param isAsked whether a person asks for it
 * @returns why it may not begin; null: it may
 */
export async function setAside(
  { shared }: Shared,
  { others, now }: StepContext,
  key: string,
  amount: number,
  isAsked = false,
): Promise<Extract<ModelRefusal, { code: "budget" }> | null> {
  const at = now();
  const most = { incident: shared.dollarsPerIncident, hour: shared.dollarsPerHour, day: shared.dollarsPerDay };
  const refused = await others.reserve({
    key,
    amount,
    periods: [
      { name: "incident", since: 0, most: most.incident, own: true },
      ...(isAsked ? [] : [{ name: "hour", since: at - (at % HOUR_MS), most: most.hour }]),
      { name: "day", since: at - (at % DAY_MS), most: most.day },
    ],
  });
  if (refused === null) return null;
  const period = refused.period as BudgetPeriod;
  return { code: "budget", period, most: most[period], spent: refused.spent, reserved: refused.reserved };
}
