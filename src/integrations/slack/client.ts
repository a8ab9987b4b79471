import type { Answer } from "../../incident/answer.ts";
import { OWN_MESSAGE } from "../../report/words.ts";
import type { Block } from "./block-kit.ts";
import { type Call, connect, slackFileFetch, type SlackConnection } from "./call.ts";
import { channelCalls } from "./channels.ts";
import { fileCalls } from "./files.ts";
import { makingCalls } from "./making.ts";
import type { Modal, Notice } from "./modal.ts";
import { findCalls, linkTo, type PostedMessage, readCalls } from "./posted-messages.ts";
import { answer, parsed } from "./reading.ts";
import { authSchema, canvasSchema, groupSchema, postedSchema, type RestUser, userSchema } from "./schema.ts";

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

interface ToPost {
  readonly channel: string;
  readonly threadTs?: string | null;
  readonly text: string;
  readonly blocks?: readonly Block[];
  /** What the message is found by when the process ended between posting it and noting so. */
  readonly key: string;
}

export type SlackClient = ReturnType<typeof createSlackClient>;

/**
 * Slack's Web API, as a bot. Reads channels it is in, posts and edits its own messages, makes an incident's channel; nothing else.
 * Every function throws IntegrationError or one of its kinds with words for people: SlackRefusalError (`code` is Slack's word),
 * MessageGoneError, ForbiddenError (token or scope), RateLimitedError, TimedOutError, UnexpectedAnswerError.
 */
export function createSlackClient(connection: SlackConnection) {
  const { call, warm } = connect(connection);
  return {
    /** Loads the library ahead of the first call. */
    warm,
    ...identityCalls(call),
    ...channelCalls(call, connection.now ?? Date.now),
    ...makingCalls(call),
    ...postCalls(call),
    ...findCalls(call),
    ...fileCalls(call, slackFileFetch(connection)),
    ...readCalls(call),
    ...peopleCalls(call),
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

/** Whose token it is. */
function identityCalls(call: Call) {
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
