import { repeatsOrder, withoutOrders } from "../../guard/untrusted.ts";
import type { EventOf, LoggedEvent } from "../../incident/event.ts";
import type { ToolUse } from "../../incident/model.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { ordersIn } from "../orders-in.ts";
import { transcriptStart } from "./transcript.ts";
import { unseenInQuestions } from "../../guard/unseen.ts";

/** The texts that give orders among what tools returned in one round; what midwatch's own skills say gives orders because it may. */
export function ordersInAnswers(log: readonly LoggedEvent[], answers: readonly ToolAnswer[]): EventOf<"orders-seen">[] {
  const texts = answers
    .filter(({ evidence, failed }) => evidence.length > 0 && !failed)
    .map(({ name, evidence, view }) => ({ source: name, evidence, text: view }));
  const before = log.slice(Math.max(0, transcriptStart(log))).flatMap(({ event }) => {
    if (event.type === "investigation-started") return [event.opening];
    return event.type === "tools-answered" ? event.answers.map(({ view }) => view) : [];
  });
  return ordersIn(texts, before);
}

/**
 * What a round of tools leaves in the log: the answers, and the orders in them. The views keep every word; the facts, which the timeline shows
 * to people, are without what gives orders.
 * @param signs of orders that were read before
 * @param note what the model gets beside the answers
 */
export function answeredRound(
  log: readonly LoggedEvent[],
  signs: readonly string[],
  answers: readonly ToolAnswer[],
  note: string | null,
): (EventOf<"tools-answered"> | EventOf<"orders-seen">)[] {
  const orders = ordersInAnswers(log, answers);
  const all = [...signs, ...orders.flatMap((one) => one.signs)];
  const told = answers.map((answer) => (answer.evidence.length === 0 ? answer : { ...answer, fact: withoutOrders(answer.fact, all) }));
  return [{ type: "tools-answered", answers: told, note }, ...orders];
}

const stringsOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsOf);
};

/** Whether an input holds characters that nobody sees, as text from outside does that is to be shown or asked somewhere else. */
export const holdsUnseen = ({ input }: Pick<ToolUse, "input">): boolean => unseenInQuestions.test(stringsOf(input).join("\n"));

/** Whether a call repeats an order that was read: the author of a log line does not choose what is asked. */
export const obeysOrder = ({ input }: Pick<ToolUse, "input">, signs: readonly string[]): boolean =>
  signs.length > 0 && repeatsOrder(stringsOf(input).join("\n"), signs);
