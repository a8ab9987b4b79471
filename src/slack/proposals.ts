import { incidentDesk, type Person, type Proposal } from "../incident/desk.ts";
import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { type Block, button, toMessage, type SlackMessage } from "../integrations/slack/block-kit.ts";
import { escapeText } from "../integrations/slack/mrkdwn.ts";
import { deskEntryWords } from "../report/desk-words.ts";
import { entriesIn, withNames } from "./desk-entry.ts";
import type { InboundOf } from "./inbound.ts";

/** An entry that a message proposes is shown to its author, who confirms or drops it with one click. Until then it counts for nothing. */

export const CONFIRM = "entry-confirm";
export const DROP = "entry-drop";

type Message = InboundOf<"message" | "mention">;

/** So many unanswered proposals an incident keeps: a busy channel must not fill its log. */
const MOST_OPEN = 20;

/**
 * What a message proposes, with names for ids; [] for words to midwatch itself, which are commands.
 * @param me its author, as people call them
 */
export async function proposalsOf(
  inbound: Message,
  me: Person,
  nameOf: (id: string) => Promise<string>,
): Promise<readonly EventOf<"desk-entry-proposed">[]> {
  if (inbound.toBot || inbound.type === "mention") return [];
  const entries = await Promise.all(entriesIn(inbound.text, me).map((entry) => withNames(entry, nameOf)));
  return entries.map((entry, index) => ({
    type: "desk-entry-proposed",
    id: `${inbound.channel}:${inbound.ts}:${index}`,
    entry,
    by: me,
  }));
}

/** Whether an incident has room for more proposals. */
export const mayPropose = (log: readonly LoggedEvent[]): boolean => incidentDesk(log).proposals.length < MOST_OPEN;

/** What the buttons carry: incident and proposal. */
const valueOf = (incident: string, proposal: string): string => `${incident} ${proposal}`;

export function proposalIn(value: string): { readonly incident: string; readonly proposal: string } | null {
  const found = /^(\S{1,200}) (\S{1,100})$/.exec(value);
  return found?.[1] === undefined || found[2] === undefined ? null : { incident: found[1], proposal: found[2] };
}

const SHOWN = 300;

/** One proposal with its two buttons. */
const askAbout = (incident: string, { id, entry }: Pick<Proposal, "id" | "entry">, where: string): SlackMessage =>
  toMessage(
    [{ text: `${where}*${escapeText(deskEntryWords(entry).slice(0, SHOWN))}*` }],
    [
      button({ actionId: CONFIRM, text: "Confirm", value: valueOf(incident, id), style: "primary" }),
      button({ actionId: DROP, text: "Drop", value: valueOf(incident, id) }),
    ],
  );

/** The question to the author of a message. */
export const askAuthor = (incident: string, proposal: Pick<Proposal, "id" | "entry">): SlackMessage =>
  askAbout(incident, proposal, "Add this to the incident? ");

/** The same where several incidents are listed. @param of escaped */
export const proposalBlocks = (incident: string, proposal: Proposal, of: string): readonly Block[] =>
  askAbout(incident, proposal, `${of}, proposed in a message from ${escapeText(proposal.by.user)}: `).blocks;

/** What became of a proposal, for who presses a button of it once more. */
export function answeredWords(log: readonly LoggedEvent[], proposal: string): string | null {
  for (const { event } of log) {
    if (event.type === "desk-entry-made" && event.proposal === proposal) return `${event.by.user} already confirmed it.`;
    if (event.type === "desk-entry-dropped" && event.proposal === proposal) return `${event.by.user} already dropped it.`;
  }
  return null;
}
