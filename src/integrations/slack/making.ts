import { z } from "zod";
import type { Call } from "./call.ts";
import { SlackRefusalError } from "./errors.ts";
import { pages, parsed } from "./reading.ts";
import { authSchema, bookmarksSchema, channelSchema, type RestUser, userSchema } from "./schema.ts";

/** A channel that midwatch makes: its name, topic, bookmark and the people in it. */

/** How a refusal of Slack's that only says “it is so already” is known. */
const isRefused = (error: unknown, code: string): boolean => error instanceof SlackRefusalError && error.code === code;

export function makingCalls(call: Call) {
  /** The channel of this name, where midwatch made it. */
  async function ownNamed(name: string, signal?: AbortSignal): Promise<string | null> {
    const { user_id: me } = parsed(authSchema, await call("auth.test", {}, signal), "auth.test");
    let own: string | null = null;
    await pages(
      call,
      "conversations.list",
      { types: "public_channel", exclude_archived: true, limit: 999 },
      (page) => {
        const { channels } = parsed(z.object({ channels: z.array(channelSchema) }), page, "conversations.list");
        const found = channels.find((channel) => channel.name === name);
        own = found?.creator === me ? found.id : null;
        return found !== undefined;
      },
      signal,
    );
    return own;
  }
  return {
    /**
     * Makes a public channel. Its name is its key: what a call made whose answer never came is found by it.
     * @returns its id; null: another channel has the name
     */
    async createChannel(name: string, signal?: AbortSignal): Promise<string | null> {
      try {
        const made = await call("conversations.create", { name, is_private: false }, signal);
        return parsed(z.object({ channel: channelSchema }), made, "conversations.create").channel.id;
      } catch (error) {
        if (!isRefused(error, "name_taken")) throw error;
        return ownNamed(name, signal);
      }
    },

    /** @param topic at most 250 characters, escaped */
    async setTopic(channel: string, topic: string, signal?: AbortSignal): Promise<void> {
      await call("conversations.setTopic", { channel, topic }, signal);
    },

    /** A link at the top of a channel; nothing happens where it has it already. */
    async addBookmark(channel: string, { title, link }: { readonly title: string; readonly link: string }, signal?: AbortSignal) {
      const { bookmarks } = parsed(bookmarksSchema, await call("bookmarks.list", { channel_id: channel }, signal), "bookmarks.list");
      if (bookmarks.some((one) => one.link === link)) return;
      await call("bookmarks.add", { channel_id: channel, title, type: "link", link }, signal);
    },

    /** Takes a person into a channel; nothing happens where they are in it. */
    async inviteUser(channel: string, user: string, signal?: AbortSignal): Promise<void> {
      try {
        await call("conversations.invite", { channel, users: user }, signal);
      } catch (error) {
        if (!isRefused(error, "already_in_channel")) throw error;
      }
    },

    /** Who has this address in Slack; null: nobody. Needs the scope `users:read.email`. */
    async userByEmail(email: string, signal?: AbortSignal): Promise<RestUser | null> {
      try {
        return parsed(userSchema, await call("users.lookupByEmail", { email }, signal), "users.lookupByEmail").user;
      } catch (error) {
        if (!isRefused(error, "users_not_found")) throw error;
        return null;
      }
    },
  };
}
