import { type DeskEntry, incidentDesk, type Person } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { deskEntryWords, openActions } from "../report/desk-words.ts";
import { unlinked } from "../report/text.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { type DeskVerb, withNames } from "./desk-entry.ts";

/** Commands that set something of an incident: the entry is on the timeline before the answer is given. */

export interface SetContext {
  readonly store: Pick<IncidentStore, "tell" | "read">;
  readonly me: Person;
  /** How people call a Slack id. */
  readonly nameOf: (id: string) => Promise<string>;
  /** The same for every delivery of one command: it counts once. */
  readonly key: string;
}

/** What a text may say in an answer: on one line, and no link. */
export const deskLine = (entry: DeskEntry): string => unlinked(outsideLine(deskEntryWords(entry), 600));

const MOST_ENTRIES = 300;

/** Why an entry cannot be made now; null where it can. */
function refusalOf(entry: DeskEntry, log: readonly LoggedEvent[]): string | null {
  if (log.filter(({ event }) => event.type === "desk-entry-made").length >= MOST_ENTRIES)
    return `This incident has ${MOST_ENTRIES} entries already. Nothing was set.`;
  if (entry.what !== "action-done") return null;
  const desk = incidentDesk(log);
  const one = desk.actions[entry.action - 1];
  if (one?.done === null) return null;
  if (one !== undefined)
    return `Action ${entry.action} was already marked as done by ${unlinked(outsideLine(one.done?.by.user ?? "", 60))}.`;
  const open = openActions(desk).map((line) => `• ${unlinked(outsideLine(line, 200))}`);
  return [`There is no action ${entry.action}.${open.length === 0 ? " No action is open." : " Open actions:"}`, ...open].join("\n");
}

/** Sets what was typed. @returns the answer for who typed it */
export async function setEntry(verb: DeskVerb, words: string, incident: string, context: SetContext): Promise<string> {
  const { store, me, nameOf, key } = context;
  const parsed = verb.parse(words, me);
  if (typeof parsed === "string") return parsed;
  const entry = await withNames(parsed, nameOf);
  const log = await store.read(incident);
  const refused = refusalOf(entry, log);
  if (refused !== null) return refused;
  const kept = await store.tell(incident, [{ type: "desk-entry-made", entry, by: me }], key);
  if (kept === "unknown") return "midwatch does not know that incident. Nothing was set.";
  const number = entry.what === "action" ? incidentDesk(await store.read(incident)).actions.length : null;
  return `Set and on the timeline: ${deskLine(entry)}${number === null ? "" : `. Mark it as done with /midwatch done ${number}`}`;
}
