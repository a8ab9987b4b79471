import { createRedaction, type Redaction } from "../../src/guard/redact.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";

/** Fields of events that hold words for people. */
const words: ReadonlySet<string> = new Set(
  "because cause detail dropped error fact instead next step steps summary text what why".split(" "),
);
/** Within them: what came from outside, goes to the model, or is compared with GitHub's own bytes. */
const untouched: ReadonlySet<string> = new Set("charts changes digest note payload quote quotes view".split(" "));
/** Events of which all is so, or whose only such field is an id. */
const passing: ReadonlySet<IncidentEvent["type"]> = new Set([
  ...(["page-received", "page-read", "pager-event-received", "slack-message-received", "slack-action-received"] as const),
  ...(["investigation-started", "model-turn", "fix-work-started", "fix-drafted", "fix-proposed", "fix-committed", "fix-told"] as const),
  ...(["checks-read", "fix-changed-by-people", "orders-seen"] as const),
]);

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = "àƀčđéƒǧħíĵķľɱñöþɋřšŧúṽŵẋýžÀƁČĐÉƑǦĦÍĴĶĽṀÑÖÞɊŘŠŦÚṼŴẊÝŽ";

/** A text as another language might have it: no word stays what it was, and people can still read it. */
export const pseudo = (text: string): string => text.replaceAll(/[a-z]/gi, (letter) => ACCENTED[LETTERS.indexOf(letter)] ?? letter);

function replaced(value: unknown, isWords: boolean): unknown {
  if (typeof value === "string") return isWords ? pseudo(value) : value;
  if (Array.isArray(value)) return value.map((one) => replaced(one, isWords));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, untouched.has(key) ? one : replaced(one, words.has(key))]));
}

/** An event with other words, and the same ids, codes and figures. */
export function inPseudo(event: IncidentEvent): IncidentEvent {
  if (event.type === "step-failed") return { ...event, error: pseudo(event.error) };
  return passing.has(event.type) ? event : (replaced(event, false) as IncidentEvent);
}

/** Every word for people that a log keeps is replaced as it is kept: all that is decided later reads the replaced ones. */
export function pseudoLocale(): Redaction {
  const own = createRedaction({ own: [], labelSecret: "pseudo" });
  return {
    ...own,
    forIncident: (id) => {
      const redactor = own.forIncident(id);
      // The log's events are plain data of these types.
      const event = <T>(kept: T, passes: (key: string) => boolean) =>
        inPseudo(redactor.event(kept, passes) as unknown as IncidentEvent) as unknown as T;
      return { ...redactor, event };
    },
  };
}
