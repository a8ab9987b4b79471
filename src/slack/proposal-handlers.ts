import { incidentDesk } from "../incident/desk.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { refusalToYou } from "../report/refusal-words.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { deskLine } from "./desk-commands.ts";
import type { Gate } from "./gate.ts";
import type { InboundOf } from "./inbound.ts";
import { answeredWords, askAuthor, CONFIRM, mayPropose, proposalIn, proposalsOf } from "./proposals.ts";
import { nameOf, type Said, wordsAsEvent } from "./said.ts";

type Action = InboundOf<"action">;

export interface ProposalDependencies {
  readonly store: Pick<IncidentStore, "tell" | "read">;
  readonly slack: SlackClient;
  readonly gate: Gate;
  /** To one person alone. */
  readonly whisper: (
    to: { readonly channel: string; readonly user: string; readonly threadTs: string | null },
    said: string | SlackMessage,
  ) => Promise<void>;
}

/** Keeps what people say in an incident. An entry that a message proposes waits for a click. */
export function createProposals({ store, slack, gate, whisper }: ProposalDependencies) {
  const tell = ({ channel, user, threadTs, messageTs }: Action, text: string): Promise<void> =>
    whisper({ channel, user, threadTs: threadTs ?? messageTs }, text);

  /** @param inChannel in the incident's own channel. Keeps what was said, and asks its author about each entry in it. */
  async function said(incident: string, inbound: Said, inChannel: boolean): Promise<void> {
    const words = await wordsAsEvent({ slack, gate }, inbound, inChannel);
    const isHeard = words.type === "slack-message-received" && words.mayNotAsk !== true;
    const me = { user: words.type === "slack-message-received" ? words.user : inbound.user, userId: inbound.user };
    const found = isHeard ? await proposalsOf(inbound, me, (id) => nameOf({ slack }, id)) : [];
    const proposed = found.length === 0 || !mayPropose(await store.read(incident)) ? [] : found;
    if ((await store.tell(incident, [words, ...proposed], `slack:${inbound.key}`)) !== "stored") return;
    for (const one of proposed) await whisper(inbound, askAuthor(incident, one));
  }

  /** Somebody confirmed or dropped what a message proposes. */
  async function answered(inbound: Action): Promise<void> {
    if (inbound.fromOutside) return;
    const code = await gate.refusal(inbound);
    await tell(inbound, code === null ? await decide(inbound) : `That click had no effect: ${refusalToYou(code)}.`);
  }

  /** Sets or drops it, and says so. @param inbound of somebody who may */
  async function decide(inbound: Pick<Action, "action" | "value" | "user">): Promise<string> {
    const about = proposalIn(inbound.value);
    const log = about === null ? [] : await store.read(about.incident);
    const proposal = incidentDesk(log).proposals.find(({ id }) => id === about?.proposal);
    if (about === null || proposal === undefined) {
      const before = about === null ? null : answeredWords(log, about.proposal);
      return `That click had no effect. ${before ?? "midwatch does not know that proposal."}`;
    }
    const by = { user: await nameOf({ slack }, inbound.user), userId: inbound.user };
    const isYes = inbound.action === CONFIRM;
    const event: IncidentEvent = isYes
      ? { type: "desk-entry-made", entry: proposal.entry, by, proposal: proposal.id }
      : { type: "desk-entry-dropped", proposal: proposal.id, by };
    // One key for both answers: the first counts.
    const kept = await store.tell(about.incident, [event], `slack:proposal:${proposal.id}`);
    if (kept !== "stored") return "That click had no effect: somebody else was faster.";
    return isYes ? `On the timeline: ${deskLine(proposal.entry)}` : `Dropped: ${deskLine(proposal.entry)}`;
  }

  return { said, answered, decide };
}
