import type { Catalog } from "../catalog.ts";
import { type ChannelClue, channelClue, isIncidentChannel, ownChannels } from "../incident/own-channel.ts";
import type { SlackChannel } from "../integrations/slack/channels.ts";
import { type SlackClient, SlackRefusalError } from "../integrations/slack/client.ts";
import { pageTitle } from "../report/status.ts";
import { unlinked } from "../report/text.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import type { Gate } from "./gate.ts";
import type { InboundOf } from "./inbound.ts";
import { openIncidents, type OpenIncident } from "./open-incidents.ts";
import { namedWords } from "./said.ts";

export interface ChannelDependencies {
  readonly store: Pick<IncidentStore, "list" | "read" | "tell" | "incidentAt">;
  readonly slack: SlackClient;
  readonly catalog: Pick<Catalog, "incidentChannels">;
  readonly gate: Pick<Gate, "refusal">;
  readonly whisper: (to: { readonly channel: string; readonly user: string; readonly threadTs: null }, text: string) => Promise<void>;
}

const LISTED = 5;

/** By what a channel is an incident's: what is known of it already, or what its name and topic say of its page or of one that joined. */
function clueOf({ view, log }: OpenIncident, channel: SlackChannel): ChannelClue | null {
  const known = ownChannels(log).find((one) => one.channel === channel.id);
  if (known !== undefined) return known.clue;
  return view.page === null ? null : channelClue({ name: channel.name ?? "", about: channel.about }, view.page);
}

const listed = ({ view }: OpenIncident): string => {
  const number = view.page?.number ?? null;
  return `• ${number === null ? "" : `#${number} `}${unlinked(outsideLine(pageTitle(view.trigger), 100))}`;
};

/** Finds the channels in which people work on one incident, and follows what becomes of words there. */
export function createChannels({ store, slack, catalog, gate, whisper }: ChannelDependencies) {
  /** A channel was made, or midwatch came into one. */
  async function seen(inbound: InboundOf<"channel">): Promise<void> {
    const { channel: id, name, inviter } = inbound;
    const rule = catalog.incidentChannels;
    if (name !== null && !isIncidentChannel(rule, name)) return;
    if ((await store.incidentAt(`slack:${id}`)) !== null) return;
    let channel: SlackChannel;
    try {
      channel = (await slack.channelInfo(id)).value;
    } catch (error) {
      if (error instanceof SlackRefusalError && error.code === "channel_not_found") return;
      throw error;
    }
    const ask = (text: string): Promise<void> | undefined =>
      inviter === null ? undefined : whisper({ channel: id, user: inviter, threadTs: null }, text);
    if (channel.shared) return ask("This channel is shared with another organisation: midwatch neither reads nor writes here.");
    if (channel.name === null || !isIncidentChannel(rule, channel.name)) return;
    const open = await openIncidents(store);
    const found = open.flatMap((one) => {
      const clue = clueOf(one, channel);
      return clue === null ? [] : [{ ...one, clue }];
    });
    const [only] = found;
    if (only !== undefined && found.length === 1) {
      const known = ownChannels(only.log).length;
      await store.tell(
        only.id,
        [{ type: "channel-linked", channel: id, clue: only.clue }],
        `slack:link:${id}:${known}:${inviter === null ? "made" : "came"}`,
      );
      return;
    }
    // What is open is no business of guests, though they may have brought midwatch.
    if (inviter === null || (await gate.refusal({ ...inbound, user: inviter })) !== null) return undefined;
    const some = open.slice(0, LISTED).map(listed);
    return ask(
      some.length === 0
        ? "No incident is open, so midwatch does not read this channel. Once one is: /midwatch link #4821"
        : ["Which incident is this channel for? Type this here, with its number: /midwatch link #4821", ...some].join("\n"),
    );
  }

  /** @param incident whose thread or channel it was said in */
  async function edited(incident: string, inbound: InboundOf<"edited">): Promise<void> {
    const { channel, ts, user: userId } = inbound;
    const named = await namedWords({ slack }, inbound);
    await store.tell(incident, [{ type: "slack-message-edited", channel, ts, ...named, userId }], `slack:${inbound.key}`);
  }

  async function deleted(incident: string, { channel, ts, key }: InboundOf<"deleted">): Promise<void> {
    const isKept = (await store.read(incident)).some(
      ({ event }) => event.type === "slack-message-received" && event.channel === channel && event.ts === ts,
    );
    if (isKept) await store.tell(incident, [{ type: "slack-message-deleted", channel, ts }], `slack:${key}`);
  }

  return { seen, edited, deleted };
}
