import type { StepContext } from "../../store/incident-store.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import { type IncidentView, viewOf } from "../../incident/view.ts";
import type { AgentDependencies } from "./agent-parts.ts";
import { type Budget, budgetOf, type Turn } from "./budget.ts";
import { tokensOf } from "./model-turn.ts";
import { PROPOSE } from "./propose-fix.ts";
import { spentToday } from "./spend.ts";

type Priced = Pick<AgentDependencies, "limits" | "prices">;

/** Turns and tool calls that one attempt of a patch has. Time is the investigation's again; tokens and dollars are those of both. */
export const FIX_LIMITS = { turns: 12, toolCalls: 40 } as const;

const turnsIn = (log: readonly LoggedEvent[]): Turn[] =>
  log.flatMap(({ event }) =>
    event.type === "model-turn" ? [{ model: event.model, tokens: tokensOf(event.usage), toolCalls: event.toolUses.length }] : [],
  );

/** Where the newest round begins, and what the day had cost by then. */
function roundStart(log: readonly LoggedEvent[], view: IncidentView): { place: number; spentToday: number } {
  const place = log.findIndex(({ event }) => event.type === "investigation-started" && event.round === view.investigation?.round);
  const first = log[place]?.event;
  return { place: Math.max(0, place), spentToday: first?.type === "investigation-started" ? first.spentToday : 0 };
}

/** What the newest round of the investigation has used. */
export function roundBudget({ limits, prices }: Priced, log: readonly LoggedEvent[], view: IncidentView): Budget {
  const start = roundStart(log, view);
  const startedAt = view.investigation?.startedAt ?? 0;
  return budgetOf(turnsIn(log.slice(start.place)), { limits, prices, startedAt, spentToday: start.spentToday });
}

/** The budget of the work on a patch that began at this place of the log: time, turns and calls of its own, tokens and dollars of both. */
export function patchBudget({ limits, prices }: Priced, log: readonly LoggedEvent[], begun: number): Budget {
  const start = roundStart(log, viewOf(log));
  return budgetOf(turnsIn(log.slice(begun)), {
    limits: { ...limits, ...FIX_LIMITS },
    prices,
    startedAt: log[begun]?.at ?? 0,
    spentToday: start.spentToday,
    before: turnsIn(log.slice(start.place, begun)),
    then: `Hand the patch in with ${PROPOSE}, or decline with the reason.`,
  });
}

/** Why nothing more may be spent today, or null: incidents that work at the same time spend of the same day. */
export function dayBudget({ limits, prices }: Priced, { sql, now }: StepContext): string | null {
  const at = now();
  const state = budgetOf([], { limits, prices, startedAt: at, spentToday: spentToday(sql, at) }).state(at);
  return state.state === "closed" ? state.because : null;
}
