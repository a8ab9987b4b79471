import { z } from "zod";
import type { Envelope, Retry, SlackInbound } from "./inbound.ts";
import { id, text, ts, withIds } from "./inbound-fields.ts";

/** Slack's events: what people write, and what becomes of it and of channels. */

const eventSchema = z.object({
  type: z.literal("event_callback"),
  event_id: text,
  team_id: text,
  enterprise_id: text,
  is_ext_shared_channel: z.boolean().nullish().catch(null),
  // The recipient: midwatch's own user.
  authorizations: z
    .array(z.object({ user_id: text }))
    .nullish()
    .catch(null),
  event: z.looseObject({ type: z.string(), subtype: text, bot_id: text, user_team: text, source_team: text, team: text }),
});
const saidSchema = z.object({ channel: id, ts, thread_ts: ts.nullish().catch(null), user: id, text: z.string().catch("") });

/** Of a change, what is there now and what was; of a deletion, what was. */
const changedSchema = z.object({
  channel: id,
  event_ts: text,
  message: z.object({ ts, user: id, text: z.string().catch(""), thread_ts: ts.nullish().catch(null), bot_id: text }),
  previous_message: z
    .object({ text: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});
const deletedSchema = z.object({
  channel: id,
  deleted_ts: ts,
  previous_message: z
    .object({ bot_id: text, thread_ts: ts.nullish().catch(null) })
    .nullish()
    .catch(null),
});
const createdSchema = z.object({ channel: z.object({ id, name: text, creator: text }) });
const joinedSchema = z.object({ channel: id, user: id, inviter: text });
const homeSchema = z.object({ user: id, tab: text });

/** Kinds of message that are one person's words; all others tell of something else (edits, joins, topics, apps). */
const spoken = new Set([null, "thread_broadcast", "file_share", "me_message"]);

/** What an event means; null: the body is none. */
export function eventOf(body: unknown, retry: Retry | null): SlackInbound | null {
  const event = eventSchema.safeParse(body);
  return event.success ? said(event.data, retry) : null;
}

function said(callback: z.output<typeof eventSchema>, retry: Retry | null): SlackInbound {
  const { event, event_id: eventId, team_id: teamId, enterprise_id: enterpriseId } = callback;
  // Within one organisation other workspaces are colleagues, and a channel that is not shared outside has nobody else.
  const colleagues = enterpriseId !== null && callback.is_ext_shared_channel === false;
  const home = (team: string | null) => team === null || teamId === null || team === teamId || team === enterpriseId || colleagues;
  const envelope: Envelope = {
    key: eventId ?? "",
    eventId,
    teamId,
    enterpriseId,
    fromOutside: callback.is_ext_shared_channel === true || !home(event.user_team) || !home(event.source_team),
    retry,
  };
  const other = (what: string): SlackInbound => ({ ...envelope, type: "other", what });
  if (event.type !== "message" && event.type !== "app_mention")
    return aboutPlaces(event, envelope, callback.authorizations ?? []) ?? other(event.type);
  const change = event.subtype === "message_changed" || event.subtype === "message_deleted" ? changed(event, envelope) : null;
  if (change !== null) return change;
  // Slack shows a file that an app shared as a message of the app's user, without the app's id.
  const isFile = event.subtype === "file_share";
  const isOwn = isFile && callback.authorizations?.some(({ user_id: own }) => own !== null && own === event["user"]) === true;
  if (event.bot_id !== null || event.subtype === "bot_message" || isOwn) return other("a message of an app");
  if (!spoken.has(event.subtype)) return other(`message: ${event.subtype}`);
  const words = saidSchema.safeParse(event);
  if (!words.success) return other(`${event.type} without author, channel or time`);
  const { channel, user, thread_ts: threadTs, text: raw } = words.data;
  return {
    ...envelope,
    key: `${channel}:${words.data.ts}`,
    type: event.type === "message" ? "message" : "mention",
    channel,
    ts: words.data.ts,
    threadTs: threadTs ?? null,
    user,
    text: withIds(raw),
    toBot:
      event.type === "app_mention" ||
      (callback.authorizations ?? []).some(({ user_id: user_ }) => user_ !== null && raw.includes(`<@${user_}`)),
  };
}

/** What becomes of a message of a person later; null: nothing of theirs changed. */
function changed(event: Readonly<Record<string, unknown>>, envelope: Envelope): SlackInbound | null {
  const edit = changedSchema.safeParse(event).data;
  if (event["subtype"] === "message_changed" && edit !== undefined) {
    const { channel, message, previous_message: before, event_ts: at } = edit;
    // Slack sends the same for a link that it unfolds, or a reply that comes.
    if (message.bot_id !== null || before?.text === message.text) return null;
    const { ts: of, user, text: raw, thread_ts: threadTs } = message;
    return {
      ...{ ...envelope, type: "edited", key: `${channel}:${of}:${at ?? raw.length}` },
      ...{ channel, ts: of, user, threadTs: threadTs ?? null, text: withIds(raw) },
    };
  }
  const gone = deletedSchema.safeParse(event).data;
  if (event["subtype"] !== "message_deleted" || gone === undefined || (gone.previous_message?.bot_id ?? null) !== null) return null;
  const { channel, deleted_ts: of, previous_message: before } = gone;
  return { ...envelope, type: "deleted", key: `${channel}:${of}:deleted`, channel, ts: of, threadTs: before?.thread_ts ?? null };
}

/** What happens to channels and to midwatch's own page; null: nothing that midwatch has a use for. */
function aboutPlaces(
  event: Readonly<Record<string, unknown>>,
  envelope: Envelope,
  bots: readonly { readonly user_id: string | null }[],
): SlackInbound | null {
  const created = createdSchema.safeParse(event).data?.channel;
  if (event["type"] === "channel_created" && created !== undefined)
    return { ...envelope, type: "channel", channel: created.id, name: created.name, inviter: null };
  const joined = joinedSchema.safeParse(event).data;
  if (event["type"] === "member_joined_channel" && joined !== undefined && bots.some(({ user_id: bot }) => bot === joined.user))
    return { ...envelope, type: "channel", channel: joined.channel, name: null, inviter: joined.inviter };
  const home = homeSchema.safeParse(event).data;
  if (event["type"] === "app_home_opened" && home !== undefined && home.tab !== "messages")
    return { ...envelope, type: "home-opened", user: home.user };
  return null;
}
