import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { OWN_MESSAGE } from "../../report/words.ts";
import { bySchema } from "../read-json.ts";
import type { Block } from "./block-kit.ts";
import { type Call, connect, slackFileFetch, type SlackConnection, type Told } from "./call.ts";
import { SlackRefusalError } from "./errors.ts";
import { fileCalls } from "./files.ts";
import type { Modal, Notice } from "./modal.ts";
import { plainText } from "./mrkdwn.ts";
import {
  authSchema,
  canvasSchema,
  channelSchema,
  cursorSchema,
  groupSchema,
  messageSchema,
  permalinkSchema,
  postedSchema,
  type RestChannel,
  type RestMessage,
  type RestUser,
  userSchema,
} from "./schema.ts";

export { MessageGoneError, SlackRefusalError } from "./errors.ts";

export interface SlackIdentity {
  readonly teamId: string;
  readonly team: string | null;
  /** The organisation that the workspace belongs to (Enterprise Grid); null elsewhere. */
  readonly enterpriseId: string | null;
  /** Address of the workspace. */
  readonly url: string | null;
  readonly botUserId: string;
  readonly botUser: string | null;
  readonly botId: string | null;
  /** Scopes of the token; null where Slack does not name them. */
  readonly scopes: readonly string[] | null;
}

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

interface ToPost {
  readonly channel: string;
  readonly threadTs?: string | null;
  readonly text: string;
  readonly blocks?: readonly Block[];
  /** What the message is found by when the process ended between posting it and noting so. */
  readonly key: string;
}

const SOURCE = "Slack";
/** Names are lower case, so nothing is both. */
const CHANNEL_ID = /^[CG][A-Z0-9]+$/;
const MOST_PAGES = 50;
/** A channel's history is asked for 50 times a minute at most. */
const MOST_HISTORY_PAGES = 5;
/** What Slack says itself of people who come, go and rename. */
const notices = /^(?:channel|group|bot)_(?!message)|^(?:pinned_item|unpinned_item|reminder_add|tombstone)$/;
export const CHANNEL_KNOWN_MS = 10 * 60_000;
const bareName = (wanted: string) => wanted.replace(/^#/, "");
/** Clocks differ, and Slack's times are its own: a search by key starts this much earlier than asked. */
const CLOCK_SLACK_MS = 60_000;

const parsed = <T>(schema: z.ZodType<T>, told: Told, method: string): T => bySchema(schema, told.data, { vendor: "slack", what: method });

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

const keyOf = (message: RestMessage): string | null => {
  const key = message.metadata?.event_type === OWN_MESSAGE ? message.metadata.event_payload.key : null;
  return typeof key === "string" ? key : null;
};

/** Slack's times are seconds with six digits behind the point, as text. */
const slackTime = (at: number) => (at / 1000).toFixed(6);

const answer = <T>(query: string, value: T, raw: string, more: { link?: string | null; cut?: string | null } = {}) =>
  answerOf(SOURCE, { query, value, raw, ...more });

/** Pages of a cursored list, until `each` says stop. @returns whether there was more */
async function pages(
  call: Call,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  each: (told: Told) => boolean,
  signal?: AbortSignal,
  most = MOST_PAGES,
): Promise<boolean> {
  let cursor: string | null = null;
  for (let page = 0; page < most; page++) {
    const told: Told = await call(method, { ...parameters, ...(cursor === null ? {} : { cursor }) }, signal);
    if (each(told)) return false;
    cursor = parsed(cursorSchema, told, method).response_metadata?.next_cursor ?? null;
    if (cursor === null || cursor === "") return false;
  }
  return true;
}

async function channelInfo(call: Call, id: string, signal?: AbortSignal): Promise<Answer<SlackChannel>> {
  const told = await call("conversations.info", { channel: id }, signal);
  const { channel } = parsed(z.object({ channel: channelSchema }), told, "conversations.info");
  return answer(`channel ${id}`, toChannel(channel), told.raw);
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
    (told) => {
      const { channels } = parsed(z.object({ channels: z.array(channelSchema) }), told, "conversations.list");
      for (const channel of channels)
        if (channel.name !== null && names.has(channel.name))
          found.set(channel.name, answer(`channel #${channel.name}`, toChannel(channel), told.raw));
      return found.size === names.size;
    },
    signal,
  );
  return { found, more };
}

/** Longest wait for an address, ms: what comes after the message must not wait for a link to it. */
const LINK_MS = 1_500;

/** A message's address; null when Slack does not tell it, or not soon, which costs the link and nothing else. */
async function linkTo(call: Call, channel: string, ts: string, signal?: AbortSignal): Promise<string | null> {
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

export type SlackClient = ReturnType<typeof createSlackClient>;

/**
 * Slack's Web API, as a bot. Reads channels it is in, posts and edits its own messages; nothing else.
 * Every function throws IntegrationError or one of its kinds with words for people: SlackRefusalError (`code` is Slack's word),
 * MessageGoneError, ForbiddenError (token or scope), RateLimitedError, TimedOutError, UnexpectedAnswerError.
 */
export function createSlackClient(connection: SlackConnection) {
  const { call, warm } = connect(connection);
  return {
    /** Loads the library ahead of the first call. */
    warm,
    ...channelCalls(call, connection.now ?? Date.now),
    ...postCalls(call),
    ...findCalls(call),
    ...fileCalls(call, slackFileFetch(connection), (...asked) => pages(call, ...asked)),
    ...readCalls(call),
    ...peopleCalls(call),
  };
}

function channelCalls(call: Call, now: () => number) {
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
    /** Whose token it is. */
    async authTest(signal?: AbortSignal): Promise<Answer<SlackIdentity>> {
      const told = await call("auth.test", {}, signal);
      const about = parsed(authSchema, told, "auth.test");
      const { user_id: botUserId, user: botUser, team_id: teamId, team, url, bot_id: botId, enterprise_id: enterpriseId } = about;
      return answer("auth.test", { teamId, team, enterpriseId, url, botUserId, botUser, botId, scopes: told.scopes }, told.raw, {
        link: url,
      });
    },

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

function postCalls(call: Call) {
  return {
    /**
     * Posts once: not sent again when no answer came, so look for the key first (`findByKey`) before posting again.
     * @throws MessageGoneError when the thread's first message was deleted
     */
    async postMessage({ channel, threadTs = null, text, blocks, key }: ToPost, signal?: AbortSignal): Promise<Answer<PostedMessage>> {
      const told = await call(
        "chat.postMessage",
        {
          channel,
          text,
          ...(blocks === undefined || blocks.length === 0 ? {} : { blocks }),
          ...(threadTs === null ? {} : { thread_ts: threadTs }),
          metadata: { event_type: OWN_MESSAGE, event_payload: { key } },
          // Slack must neither fetch the pages that a message names nor turn names in it into mentions.
          unfurl_links: false,
          unfurl_media: false,
          parse: "none",
          link_names: false,
        },
        signal,
      );
      const posted = parsed(postedSchema, told, "chat.postMessage");
      // Of replies nobody shows one, and each costs a call.
      const link = threadTs === null ? await linkTo(call, posted.channel, posted.ts, signal) : null;
      return answer(`post ${key}`, { channel: posted.channel, ts: posted.ts, link }, told.raw, { link });
    },

    /** Edits in place; the key stays. @throws MessageGoneError when somebody deleted the message */
    async updateMessage(
      {
        channel,
        ts,
        text,
        blocks,
      }: { readonly channel: string; readonly ts: string; readonly text: string; readonly blocks?: readonly Block[] },
      signal?: AbortSignal,
    ): Promise<Answer<{ readonly channel: string; readonly ts: string }>> {
      // Blocks that are not named would stay as they were, so none are named as none.
      const told = await call("chat.update", { channel, ts, text, blocks: blocks ?? [], parse: "none", link_names: false }, signal);
      const { channel: where, ts: when } = parsed(postedSchema, told, "chat.update");
      return answer(`edit ${ts}`, { channel: where, ts: when }, told.raw);
    },

    /** Opens a dialog for who pressed a button. @param trigger id of the press, good for three seconds */
    async openView(trigger: string, view: Modal | Notice, signal?: AbortSignal): Promise<void> {
      await call("views.open", { trigger_id: trigger, view }, signal);
    },

    /** A canvas as a tab of a channel, for all of its members. @param markdown at most 1 MiB */
    async createCanvas(
      { channel, title, markdown }: { readonly channel: string; readonly title: string; readonly markdown: string },
      signal?: AbortSignal,
    ): Promise<{ readonly id: string; readonly link: string | null }> {
      const made = await call("canvases.create", { title, channel_id: channel, document_content: { type: "markdown", markdown } }, signal);
      const { canvas_id: id } = parsed(canvasSchema, made, "canvases.create");
      const { url, team_id: teamId } = parsed(authSchema, await call("auth.test", {}, signal), "auth.test");
      return { id, link: url === null ? null : `${url.replace(/\/+$/, "")}/docs/${teamId}/${id}` };
    },

    /** What one person sees on midwatch's own page. */
    async publishHome({ user, blocks }: { readonly user: string; readonly blocks: readonly Block[] }, signal?: AbortSignal): Promise<void> {
      await call("views.publish", { user_id: user, view: { type: "home", blocks } }, signal);
    },

    /** Says something in a channel to one person alone; gone when they reload Slack. */
    async postEphemeral(
      {
        channel,
        user,
        threadTs = null,
        text,
        blocks,
      }: {
        readonly channel: string;
        readonly user: string;
        readonly threadTs?: string | null;
        readonly text: string;
        readonly blocks?: readonly Block[];
      },
      signal?: AbortSignal,
    ): Promise<void> {
      await call(
        "chat.postEphemeral",
        {
          ...{ channel, user, text, parse: "none", link_names: false },
          ...(blocks === undefined ? {} : { blocks }),
          ...(threadTs === null ? {} : { thread_ts: threadTs }),
        },
        signal,
      );
    },
  };
}

function findCalls(call: Call) {
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
      const oldest = slackTime(Math.max(0, since - CLOCK_SLACK_MS));
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

function readCalls(call: Call) {
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
      return answer(`thread ${threadTs}`, found, raws.join("\n"), { cut });
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
          found.toSorted((a, b) => Number(a.ts) - Number(b.ts)),
          raws.join("\n"),
          { cut },
        ),
        window,
      };
    },
  };
}

function peopleCalls(call: Call) {
  const names = new Map<string, string>();
  return {
    /** A user as Slack knows them now: what `standingOf` judges. */
    async user(id: string, signal?: AbortSignal): Promise<RestUser> {
      return parsed(userSchema, await call("users.info", { user: id }, signal), "users.info").user;
    },

    /** Ids of the people in a user group (S…). Needs the scope `usergroups:read`. */
    async userGroup(id: string, signal?: AbortSignal): Promise<readonly string[]> {
      return parsed(groupSchema, await call("usergroups.users.list", { usergroup: id }, signal), "usergroups.users.list").users;
    },

    /** How a user is called in Slack; the id where the user has no name. Asked once. */
    async userName(id: string, signal?: AbortSignal): Promise<string> {
      const before = names.get(id);
      if (before !== undefined) return before;
      const { user } = parsed(userSchema, await call("users.info", { user: id }, signal), "users.info");
      const name = [user.profile?.display_name, user.profile?.real_name, user.real_name, user.name].find(
        (one) => one !== null && one !== undefined && one !== "",
      );
      names.set(id, name ?? id);
      return name ?? id;
    },
  };
}
