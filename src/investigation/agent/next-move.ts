import type { EventOf, LoggedEvent } from "../../incident/event.ts";
import { newestOf } from "../../incident/newest-event.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import type { BudgetState } from "./budget.ts";
import { MOST_READ } from "./kept-round.ts";
import { repeatsIn } from "./repeats.ts";
import { roundOf, roundsOf } from "./rounds.ts";
import { readingNote } from "./tool-round.ts";
import { MOST_SILENT } from "./transcript.ts";

/** What the model does next: a turn, the tools that its last one asked for, or nothing more. `transcript-full`: it must be shorter first. */
export type Move =
  | { readonly kind: "turn" | "tools" | "transcript-full" }
  | { readonly kind: "close"; readonly how: "limit" | "provider" | "silent"; readonly because: string };

const close = (how: "limit" | "provider" | "silent", because: string): Move => ({ kind: "close", how, because });

const isSilent = ({ event }: LoggedEvent) =>
  event.type === "model-turn" && event.toolUses.length === 0 && event.stopReason !== "pause_turn";

/**
 * The next move of one piece of work, the finding or a patch, from the log alone.
 * @param since the log since the work, or its transcript, began
 * @param handIn the tool that ends the work
 */
export function nextMove(since: readonly LoggedEvent[], budget: BudgetState, handIn: string): Move {
  const turn = newestOf(since, "model-turn")?.event ?? null;
  const answered = turn !== null && since.slice(since.findLastIndex(({ event }) => event === turn)).some(isAnswered);
  const handedIn = turn !== null && !answered && turn.toolUses.some(({ name }) => name === handIn);
  // What was handed in with the last of the budget still counts: checking it costs nothing.
  if (budget.state === "closed" && !handedIn) return close("limit", budget.because);
  if (turn === null) return { kind: "turn" };
  if (turn.toolUses.length > 0 && !answered) return { kind: "tools" };
  if (turn.stopReason === "refusal") return close("provider", "the model refused to answer");
  if (turn.stopReason === "model_context_window_exceeded") return { kind: "transcript-full" };
  if (since.filter(isSilent).length > MOST_SILENT) return close("silent", "the model ended its turns without handing anything in");
  const repeats = repeatsIn(roundsOf(since), handIn);
  return repeats.state === "stop" ? close("limit", repeats.because) : { kind: "turn" };
}

const isAnswered = ({ event }: LoggedEvent) => event.type === "tools-answered";

/**
 * What the model gets beside a round's answers: what is left of its budget, and that it goes in circles.
 * @param since the log since the work, or its transcript, began
 * @param room characters that the model might have been shown before this round
 */
export function roundNote(
  since: readonly LoggedEvent[],
  budget: BudgetState,
  { turn, answers, room, handIn }: { turn: EventOf<"model-turn">; answers: readonly ToolAnswer[]; room: number; handIn: string },
): string | null {
  const repeats = repeatsIn([...roundsOf(since), roundOf(turn.toolUses, answers)], handIn);
  const shown = answers.reduce((length, { name, view }) => length + (name === handIn ? 0 : view.length), 0);
  const words = [
    budget.state === "warn" ? budget.left : null,
    readingNote(room - shown, MOST_READ, handIn),
    repeats.state === "warn" ? repeats.words : null,
  ].filter((text) => text !== null);
  return words.length === 0 ? null : words.join("\n");
}
