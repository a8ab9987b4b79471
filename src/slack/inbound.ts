import { z } from "zod";
import { plainText } from "../integrations/slack/mrkdwn.ts";

/** The fields that every inbound has. */
interface Envelope {
  /**
   * The same for every delivery of one thing people did: of Slack's retries, and of the two events that one post with a mention causes.
   * The store counts each key once.
   */
  readonly key: string;
  /** Slack's id of the event, for the log; null for clicks and commands. */
  readonly eventId: string | null;
  readonly teamId: string | null;
  /** The organisation of that workspace where it is one of several (Enterprise Grid); null elsewhere. */
  readonly enterpriseId: string | null;
  /** Somebody of another organisation, or in a channel shared with one: to be heard, not obeyed. */
  readonly fromOutside: boolean;
  /** Set when Slack sends again what it believes was not received. */
  readonly retry: Retry | null;
}

export interface Retry {
  readonly num: number;
  readonly reason: string | null;
}

interface Said {
  readonly channel: string;
  readonly ts: string;
  /** First message of its thread; null outside threads. */
  readonly threadTs: string | null;
  /** Slack id of who said it. */
  readonly user: string;
  /** As its author saw it, mentions as "@U012". Text from outside. */
  readonly text: string;
  /** It names midwatch's own user. */
  readonly toBot: boolean;
}

/** What people do in Slack, as midwatch hears it. Messages of apps, edits, joins and the like are `other`: accepted and passed over. */
export type SlackInbound =
  | (Envelope & Said & { readonly type: "message" })
  /** The bot was called by name. */
  | (Envelope & Said & { readonly type: "mention" })
  /** A click on a button of ours. */
  | (Envelope & {
      readonly type: "action";
      readonly action: string;
      readonly value: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
      readonly messageTs: string;
      readonly threadTs: string | null;
    })
  | (Envelope & {
      readonly type: "command";
      /** With its slash. */
      readonly command: string;
      readonly text: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
    })
  | (Envelope & { readonly type: "other"; readonly what: string });

const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => (value === null || value === undefined || value === "" ? null : value));
const id = z.string().regex(/^[A-Z][A-Z0-9]*$/);
const ts = z.string().regex(/^\d+\.\d+$/);

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

const clickSchema = z.object({
  type: z.literal("block_actions"),
  trigger_id: text,
  team: z.object({ id: text }).nullish().catch(null),
  enterprise: z.object({ id: text }).nullish().catch(null),
  user: z.object({ id, username: text, name: text, team_id: text }),
  channel: z.object({ id }).nullish().catch(null),
  container: z.object({ message_ts: text, channel_id: text, thread_ts: text }).nullish().catch(null),
  message: z.object({ ts: text, thread_ts: text }).nullish().catch(null),
  actions: z
    .array(
      z.object({ action_id: z.string(), action_ts: text, value: text, selected_option: z.object({ value: text }).nullish().catch(null) }),
    )
    .min(1),
});

const commandSchema = z.object({
  command: z.string().startsWith("/"),
  text: z.string().catch(""),
  user_id: id,
  user_name: text,
  channel_id: id,
  team_id: text,
  enterprise_id: text,
  trigger_id: text,
});

/** Kinds of message that are one person's words; all others tell of something else (edits, joins, topics, apps). */
const spoken = new Set([null, "thread_broadcast", "file_share", "me_message"]);

/** Slack's two retry headers, or null. */
export function retryOf(num: string | number | null | undefined, reason: string | null | undefined): Retry | null {
  const parsed = Number(num ?? Number.NaN);
  return Number.isInteger(parsed) && parsed > 0 ? { num: parsed, reason: reason ?? null } : null;
}

/** Of a person whom Slack names beside their id only the id counts: names are looked up. */
const withIds = (raw: string): string => plainText(raw.replaceAll(/<@([UW][A-Z0-9]+)\|[^<>]*>/g, "<@$1>"));

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
  if (event.type !== "message" && event.type !== "app_mention") return other(event.type);
  if (event.bot_id !== null || event.subtype === "bot_message") return other("a message of an app");
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

function clicked(click: z.output<typeof clickSchema>, retry: Retry | null): SlackInbound {
  const { user, channel, container, message, team, trigger_id: trigger } = click;
  const [action] = click.actions;
  const teamId = team?.id ?? null;
  const enterpriseId = click.enterprise?.id ?? null;
  const where = channel?.id ?? container?.channel_id ?? null;
  const messageTs = container?.message_ts ?? message?.ts ?? null;
  const envelope: Envelope = {
    key: trigger ?? `${user.id}:${action?.action_id}:${action?.action_ts}`,
    eventId: null,
    teamId,
    enterpriseId,
    // In an organisation of several workspaces the ids alone do not tell a colleague from a stranger: who looks the person up does.
    fromOutside: user.team_id === null || (enterpriseId === null && teamId !== null && user.team_id !== teamId),
    retry,
  };
  if (action === undefined || where === null || messageTs === null) return { ...envelope, type: "other", what: "a click outside messages" };
  return {
    ...envelope,
    type: "action",
    action: action.action_id,
    value: action.value ?? action.selected_option?.value ?? "",
    user: user.id,
    userName: user.name ?? user.username,
    channel: where,
    messageTs,
    threadTs: container?.thread_ts ?? message?.thread_ts ?? null,
  };
}

/**
 * What a parsed body means. Nothing in it is taken for granted: a body that Slack documents, but that midwatch has no use for, is `other`.
 * @param body the JSON of an event, the `payload` of a click, or the fields of a command
 */
export function toInbound(body: unknown, retry: Retry | null): SlackInbound {
  const event = eventSchema.safeParse(body);
  if (event.success) return said(event.data, retry);
  const click = clickSchema.safeParse(body);
  if (click.success) return clicked(click.data, retry);
  const command = commandSchema.safeParse(body);
  if (command.success) {
    const {
      command: name,
      text: words,
      user_id: user,
      user_name: userName,
      channel_id: channel,
      team_id: teamId,
      enterprise_id: enterpriseId,
      trigger_id: trigger,
    } = command.data;
    const key = trigger ?? `${user}:${channel}:${name}:${words}`;
    return {
      type: "command",
      key,
      eventId: null,
      teamId,
      enterpriseId,
      fromOutside: false,
      retry,
      command: name,
      text: withIds(words).trim(),
      user,
      userName,
      channel,
    };
  }
  const type = z.object({ type: z.string() }).safeParse(body).data?.type;
  return {
    type: "other",
    what: type ?? "a body without a type",
    key: "",
    eventId: null,
    teamId: null,
    enterpriseId: null,
    fromOutside: false,
    retry,
  };
}
