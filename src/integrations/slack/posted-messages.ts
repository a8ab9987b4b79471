import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import type { Answer } from "../../incident/answer.ts";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { OWN_MESSAGE } from "../../report/words.ts";
import type { Call } from "./call.ts";
import { plainText } from "./mrkdwn.ts";
import { answer, pages, parsed, searchedSince, slackTime } from "./reading.ts";
import { messageSchema, permalinkSchema, type RestMessage } from "./schema.ts";

/** Messages that were posted: one of midwatch's own by its key, a thread, a channel's history. */

/** Where a message lives. */
export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
  /** Opens it; null when Slack did not say. */
  readonly link: string | null;
}

export interface ThreadMessage {
  readonly ts: string;
  /** Slack id of its author; null for some apps. */
  readonly user: string | null;
  readonly byBot: boolean;
  /** As its author saw it. Text from outside. */
  readonly text: string;
  /** The key that midwatch posted it under, or null. */
  readonly key: string | null;
}

/** A message of a channel; those inside threads are not among a channel's. */
export interface ChannelMessage extends ThreadMessage {
  /** How a bot calls itself; null for people, and where Slack does not say. */
  readonly botName: string | null;
  /** Replies in its thread. */
  readonly replies: number;
}

/** A channel's history is asked for 50 times a minute at most. */
const MOST_HISTORY_PAGES = 5;
/** What Slack says itself of people who come, go and rename. */
const notices = /^(?:channel|group|bot)_(?!message)|^(?:pinned_item|unpinned_item|reminder_add|tombstone)$/;

const keyOf = (message: RestMessage): string | null => {
  const key = message.metadata?.event_type === OWN_MESSAGE ? message.metadata.event_payload.key : null;
  return typeof key === "string" ? key : null;
};

/** What midwatch's own user posted is a bot's, also where Slack names no bot beside it, as with files. */
function withOwn<T extends ThreadMessage>(messages: readonly T[]): T[] {
  const own = new Set(messages.filter(({ key }) => key !== null).map(({ user }) => user));
  return messages.map((message) => (message.user !== null && own.has(message.user) ? { ...message, byBot: true } : message));
}

/** Longest wait for an address, ms: what comes after the message must not wait for a link to it. */
const LINK_MS = 1_500;

/** A message's address; null when Slack does not tell it, or not soon, which costs the link and nothing else. */
export async function linkTo(call: Call, channel: string, ts: string, signal?: AbortSignal): Promise<string | null> {
  const limit = AbortSignal.timeout(LINK_MS);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    return parsed(permalinkSchema, await call("chat.getPermalink", { channel, message_ts: ts }, either), "chat.getPermalink").permalink;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof IntegrationError || limit.aborted) return null;
    throw error;
  }
}

export function findCalls(call: Call) {
  return {
    /**
     * The message that was posted under a key, or null.
     * @param since no older messages are looked at, epoch milliseconds
     * @throws MessageGoneError when the thread's first message was deleted
     */
    async findByKey(
      {
        channel,
        threadTs = null,
        key,
        since,
      }: { readonly channel: string; readonly threadTs?: string | null; readonly key: string; readonly since: number },
      signal?: AbortSignal,
    ): Promise<Answer<PostedMessage | null>> {
      const method = threadTs === null ? "conversations.history" : "conversations.replies";
      const oldest = searchedSince(since);
      let ts: string | null = null;
      const raws: string[] = [];
      await pages(
        call,
        method,
        { channel, ...(threadTs === null ? {} : { ts: threadTs }), oldest, inclusive: true, include_all_metadata: true, limit: 200 },
        (told) => {
          raws.push(told.raw);
          const { messages } = parsed(z.object({ messages: z.array(messageSchema) }), told, method);
          ts = messages.find((message) => keyOf(message) === key)?.ts ?? null;
          return ts !== null;
        },
        signal,
      );
      const link = ts === null ? null : await linkTo(call, channel, ts, signal);
      return answer(`message ${key}`, ts === null ? null : { channel, ts, link }, raws.join("\n"), { link });
    },

    /** @throws MessageGoneError */
    async permalink({ channel, ts }: { readonly channel: string; readonly ts: string }, signal?: AbortSignal): Promise<Answer<string>> {
      const told = await call("chat.getPermalink", { channel, message_ts: ts }, signal);
      const { permalink } = parsed(permalinkSchema, told, "chat.getPermalink");
      return answer(`link to ${ts}`, permalink, told.raw, { link: permalink });
    },
  };
}

export function readCalls(call: Call) {
  return {
    /** A thread, oldest first, its first message among them. @throws MessageGoneError when that was deleted */
    async threadReplies(
      { channel, threadTs, since }: { readonly channel: string; readonly threadTs: string; readonly since?: number },
      signal?: AbortSignal,
    ): Promise<Answer<readonly ThreadMessage[]>> {
      const found: ThreadMessage[] = [];
      const raws: string[] = [];
      const more = await pages(
        call,
        "conversations.replies",
        {
          channel,
          ts: threadTs,
          limit: 200,
          include_all_metadata: true,
          ...(since === undefined ? {} : { oldest: slackTime(since), inclusive: true }),
        },
        (told) => {
          raws.push(told.raw);
          const { messages } = parsed(z.object({ messages: z.array(messageSchema) }), told, "conversations.replies");
          for (const message of messages) {
            const { ts, user, bot_id: botId, text } = message;
            found.push({ ts, user, byBot: botId !== null, text: plainText(text ?? ""), key: keyOf(message) });
          }
          return false;
        },
        signal,
      );
      const cut = more ? `first ${found.length} messages of the thread; ask for a later start for the rest` : null;
      return answer(`thread ${threadTs}`, withOwn(found), raws.join("\n"), { cut });
    },

    /** What was said in a channel in a window, outside of threads, oldest first; the newest thousand messages of it. Slack's notices of who came and went are left out. */
    async channelHistory(
      { channel, window }: { readonly channel: string; readonly window: TimeWindow },
      signal?: AbortSignal,
    ): Promise<Answer<readonly ChannelMessage[]>> {
      const found: ChannelMessage[] = [];
      const raws: string[] = [];
      const more = await pages(
        call,
        "conversations.history",
        { channel, oldest: slackTime(window.from), latest: slackTime(window.to), inclusive: true, include_all_metadata: true, limit: 200 },
        (told) => {
          raws.push(told.raw);
          const { messages } = parsed(z.object({ messages: z.array(messageSchema) }), told, "conversations.history");
          for (const message of messages) {
            if (notices.test(message.subtype ?? "")) continue;
            const { ts, user, bot_id: botId, text, attachments, bot_profile: bot, username, reply_count: replies } = message;
            const attached = (attachments ?? []).map((one) =>
              [one.title, one.text ?? one.fallback].filter((part) => part !== null).join(": "),
            );
            found.push({
              ts,
              user,
              byBot: botId !== null || message.subtype === "bot_message",
              botName: botId === null ? null : (bot?.name ?? username),
              text: plainText([text ?? "", ...attached].filter((part) => part !== "").join("\n")),
              key: keyOf(message),
              replies: replies ?? 0,
            });
          }
          return false;
        },
        signal,
        MOST_HISTORY_PAGES,
      );
      const cut = more ? `newest ${found.length} messages of the window; ask for an earlier end for the rest` : null;
      const asked = `channel ${channel} from ${new Date(window.from).toISOString()} to ${new Date(window.to).toISOString()}`;
      return {
        ...answer(
          asked,
          withOwn(found).toSorted((a, b) => Number(a.ts) - Number(b.ts)),
          raws.join("\n"),
          { cut },
        ),
        window,
      };
    },
  };
}
