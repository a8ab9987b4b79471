import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import type { Answer } from "../../incident/answer.ts";
import type { Call } from "./call.ts";
import { SlackRefusalError } from "./errors.ts";
import { plainText } from "./mrkdwn.ts";
import { answer, pages, parsed } from "./reading.ts";
import { channelSchema, type RestChannel } from "./schema.ts";

/** Channels by name and id, as the catalog writes them. */

export interface SlackChannel {
  readonly id: string;
  readonly name: string | null;
  /** Shared with another organisation, or about to be: nothing of an incident may be posted there. */
  readonly shared: boolean;
  readonly archived: boolean;
  readonly private: boolean;
  readonly member: boolean;
  /** Its topic and purpose. Text from outside. */
  readonly about: string;
}

/** Names are lower case, so nothing is both. */
const CHANNEL_ID = /^[CG][A-Z0-9]+$/;
export const CHANNEL_KNOWN_MS = 10 * 60_000;
const bareName = (wanted: string) => wanted.replace(/^#/, "");

const toChannel = (channel: RestChannel): SlackChannel => ({
  id: channel.id,
  name: channel.name,
  // `is_shared` alone may be a channel of several workspaces of one organisation (`is_org_shared`): those are the same people.
  shared: channel.is_ext_shared || channel.is_pending_ext_shared || (channel.is_shared && !channel.is_org_shared),
  archived: channel.is_archived,
  private: channel.is_private,
  member: channel.is_member,
  about: plainText([channel.topic?.value ?? "", channel.purpose?.value ?? ""].filter((text) => text !== "").join("\n")),
});

async function channelInfo(call: Call, id: string, signal?: AbortSignal): Promise<Answer<SlackChannel>> {
  const info = await call("conversations.info", { channel: id }, signal);
  const { channel } = parsed(z.object({ channel: channelSchema }), info, "conversations.info");
  return answer(`channel ${id}`, toChannel(channel), info.raw);
}

/** Channels of these names, each with the answer that it was found in. `more`: not all of the workspace's were looked at. */
async function channelsNamed(
  call: Call,
  names: ReadonlySet<string>,
  types: string,
  signal?: AbortSignal,
): Promise<{ found: ReadonlyMap<string, Answer<SlackChannel>>; more: boolean }> {
  const found = new Map<string, Answer<SlackChannel>>();
  const more = await pages(
    call,
    "conversations.list",
    { types, exclude_archived: true, limit: 999 },
    (page) => {
      const { channels } = parsed(z.object({ channels: z.array(channelSchema) }), page, "conversations.list");
      for (const channel of channels)
        if (channel.name !== null && names.has(channel.name))
          found.set(channel.name, answer(`channel #${channel.name}`, toChannel(channel), page.raw));
      return found.size === names.size;
    },
    signal,
  );
  return { found, more };
}

/** @param now epoch milliseconds */
export function channelCalls(call: Call, now: () => number) {
  const known = new Map<string, { readonly channel: SlackChannel; readonly at: number }>();
  const listed = async (names: ReadonlySet<string>, signal?: AbortSignal) => {
    try {
      return await channelsNamed(call, names, "public_channel,private_channel", signal);
    } catch (error) {
      // Without groups:read Slack refuses the whole question; public channels can still be asked for.
      if (!(error instanceof IntegrationError) || error.status !== 403) throw error;
      return channelsNamed(call, names, "public_channel", signal);
    }
  };
  return {
    /**
     * A channel by "#name" or id, as the catalog writes it. Known for ten minutes: lists of channels are long, and their limit is low.
     * @throws SlackRefusalError `channel_not_found`
     */
    async resolveChannel(nameOrId: string, signal?: AbortSignal): Promise<Answer<SlackChannel>> {
      const wanted = nameOrId.trim();
      const before = known.get(wanted);
      if (before !== undefined && now() - before.at < CHANNEL_KNOWN_MS) return answer(`channel ${wanted}`, before.channel, "");
      const keep = (found: Answer<SlackChannel>) => {
        known.set(wanted, { channel: found.value, at: now() });
        return found;
      };
      if (CHANNEL_ID.test(wanted)) return keep(await channelInfo(call, wanted, signal));
      const name = bareName(wanted);
      const { found, more } = await listed(new Set([name]), signal);
      const channel = found.get(name);
      if (channel !== undefined) return keep(channel);
      if (more)
        throw new IntegrationError(
          "slack",
          `slack has more channels than midwatch reads to find #${name}. Write the channel's id (C…) into the catalog.`,
        );
      throw new SlackRefusalError(
        "channel_not_found",
        `Slack has no channel #${name} that midwatch can see. Check the name in the catalog; if it is private, write “/invite @midwatch” there.`,
      );
    },

    /**
     * Looks these channels up now, whatever is known of them, so that a message to one need not wait for it: all names with one list, each id by
     * itself. What is not found is not known.
     * @param namesOrIds as `resolveChannel` takes them
     */
    async knowChannels(namesOrIds: readonly string[], signal?: AbortSignal): Promise<void> {
      const wanted = [...new Set(namesOrIds.map((one) => one.trim()))];
      const [ids, names] = [wanted.filter((one) => CHANNEL_ID.test(one)), wanted.filter((one) => !CHANNEL_ID.test(one))];
      const { found } = names.length === 0 ? { found: new Map() } : await listed(new Set(names.map(bareName)), signal);
      const know = (one: string, channel: SlackChannel | undefined) => channel && known.set(one, { channel, at: now() });
      for (const one of names) know(one, found.get(bareName(one))?.value);
      for (const id of ids) know(id, (await channelInfo(call, id, signal)).value);
    },

    channelInfo: (id: string, signal?: AbortSignal) => channelInfo(call, id, signal),

    /** Becomes a member of a public channel; nothing happens where it is one. @throws SlackRefusalError `is_archived`, … */
    async joinChannel(id: string, signal?: AbortSignal): Promise<void> {
      await call("conversations.join", { channel: id }, signal);
    },
  };
}
