import type { LoggedEvent } from "../incident/event.ts";

/** Why work that a person stopped has ended, for people. */
export const STOPPED = "a person stopped it";

const STOP = /^\s*(?:<?@\w+>?[\s,:]*)?(?:please[\s,]+)?(?:stop|halt|cancel)(?:[\s,]+(?:it|now|please|investigating)){0,3}\s*[.!]*\s*$/i;
const RESUME = /^\s*(?:<?@\w+>?[\s,:]*)?(?:please[\s,]+)?(?:resume|continue|go on|try again)(?:[\s,]+(?:now|please)){0,2}\s*[.!]*\s*$/i;

/** Whether people last told midwatch to stop, or to go on, since its last work (on the finding or a patch) ended. What was said before it began counts. */
export function ordersSinceEnd(log: readonly LoggedEvent[]): "stop" | "resume" | null {
  for (const { event } of log.toReversed()) {
    if (event.type === "investigation-closed" || event.type === "fix-work-closed") return null;
    if (event.type === "slack-message-received") {
      if (STOP.test(event.text)) return "stop";
      if (RESUME.test(event.text)) return "resume";
    }
    if (event.type === "slack-action-received" && event.action === "stop") return "stop";
  }
  return null;
}
