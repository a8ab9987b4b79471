import type { LoggedEvent } from "../../incident/event.ts";
import { INVESTIGATE } from "../../incident/model-refusal.ts";

/** Why work that a person stopped has ended, for people. */
export const STOPPED = "a person stopped it";

type Said = Extract<LoggedEvent["event"], { type: "slack-message-received" }>;

/** An order is a word or two. */
const LONGEST_ORDER = 100;
const STOP = /^(?:please )?(?:stop|halt|cancel)(?: (?:it|now|please|investigating)){0,3}$/;
const RESUME = /^(?:please )?(?:resume|continue|go on|try again)(?: (?:now|please)){0,2}$/;
const isMention = (word: string) => /^<?@/.test(word);

/** What a message orders midwatch to do: one that is nothing but the order, said to midwatch or to nobody. */
function orderIn({ text, toBot, inChannel }: Pick<Said, "text" | "toBot" | "inChannel">): "stop" | "resume" | null {
  if (text.length > LONGEST_ORDER) return null;
  const [first = "", ...rest] = text
    .toLowerCase()
    .split(/[\s,:.!]+/)
    .filter((word) => word !== "");
  const isCalled = first === "midwatch" || first === "@midwatch" || (isMention(first) && toBot === true);
  // In their own channel people say "stop" to each other.
  if (inChannel === true && !isCalled) return null;
  const words = isCalled ? rest : [first, ...rest];
  if (words.some(isMention)) return null;
  const order = words.join(" ");
  return STOP.test(order) ? "stop" : RESUME.test(order) ? "resume" : null;
}

/**
 * Whether people last asked midwatch to stop, or to go on, since its last work (on the finding or a patch) ended or was refused. What was said before
 * it began counts.
 */
export function ordersSinceEnd(log: readonly LoggedEvent[]): "stop" | "resume" | null {
  for (const { event } of log.toReversed()) {
    if (event.type === "investigation-closed" || event.type === "fix-work-closed" || event.type === "model-refused") return null;
    if (event.type === "slack-message-received") {
      const order = orderIn(event);
      // Anyone in the thread may stop it; to go on costs.
      if (order === "stop" || (order !== null && event.mayNotAsk !== true)) return order;
    }
    if (event.type === "slack-action-received" && event.action === "stop") return "stop";
    if (event.type === "slack-action-received" && event.action === INVESTIGATE) return "resume";
  }
  return null;
}
