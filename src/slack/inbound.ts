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
      /** By which a dialog can be opened within three seconds; null where Slack names none. */
      readonly trigger: string | null;
    })
  /** A dialog of ours was sent. */
  | (Envelope & {
      readonly type: "submission";
      readonly callback: string;
      readonly metadata: string;
      /** What was filled in, by block. Text from outside. */
      readonly values: Readonly<Record<string, string>>;
      readonly user: string;
      readonly userName: string | null;
      /** Where the dialog was opened from, by its metadata; "": unknown. */
      readonly channel: string;
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
  /** Somebody changed what they had said. */
  | (Envelope & Omit<Said, "toBot"> & { readonly type: "edited" })
  | (Envelope & Pick<Said, "channel" | "ts" | "threadTs"> & { readonly type: "deleted" })
  /** A channel was made (`name`), or midwatch came into one (`inviter`: who brought it, where Slack says). */
  | (Envelope & { readonly type: "channel"; readonly channel: string; readonly name: string | null; readonly inviter: string | null })
  /** A person opened midwatch's own page in Slack. */
  | (Envelope & { readonly type: "home-opened"; readonly user: string })
  /** A click there. */
  | (Envelope & {
      readonly type: "home-action";
      readonly action: string;
      readonly value: string;
      readonly user: string;
      readonly userName: string | null;
    })
  /** An entry in the menu of a message. */
  | (Envelope & {
      readonly type: "shortcut";
      readonly callback: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
      readonly messageTs: string;
      readonly threadTs: string | null;
      /** Of the message. Text from outside. */
      readonly text: string;
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

const shortcutSchema = z.object({
  type: z.literal("message_action"),
  callback_id: z.string(),
  trigger_id: text,
  action_ts: text,
  team: z.object({ id: text }).nullish().catch(null),
  enterprise: z.object({ id: text }).nullish().catch(null),
  user: z.object({ id, username: text, name: text, team_id: text }),
  channel: z.object({ id }),
  message: z.object({ ts, thread_ts: ts.nullish().catch(null), text: z.string().nullish().catch(null) }),
});

const clickSchema = z.object({
  type: z.literal("block_actions"),
  trigger_id: text,
  team: z.object({ id: text }).nullish().catch(null),
  enterprise: z.object({ id: text }).nullish().catch(null),
  user: z.object({ id, username: text, name: text, team_id: text }),
  channel: z.object({ id }).nullish().catch(null),
  container: z.object({ message_ts: text, channel_id: text, thread_ts: text }).nullish().catch(null),
  message: z.object({ ts: text, thread_ts: text }).nullish().catch(null),
  view: z.object({ type: text }).nullish().catch(null),
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
  if (event.type !== "message" && event.type !== "app_mention")
    return aboutPlaces(event, envelope, callback.authorizations ?? []) ?? other(event.type);
  const change = event.subtype === "message_changed" || event.subtype === "message_deleted" ? changed(event, envelope) : null;
  if (change !== null) return change;
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

function chosen(shortcut: z.output<typeof shortcutSchema>, retry: Retry | null): SlackInbound {
  const { user, channel, message, team, trigger_id: trigger, callback_id: callback, action_ts: at } = shortcut;
  const teamId = team?.id ?? null;
  const enterpriseId = shortcut.enterprise?.id ?? null;
  return {
    ...{ type: "shortcut", key: trigger ?? `${user.id}:${callback}:${at}`, eventId: null, teamId, enterpriseId, retry },
    // As of a click; Slack leaves the person's team out of some of these, and who looks the person up knows it.
    fromOutside: enterpriseId === null && teamId !== null && user.team_id !== null && user.team_id !== teamId,
    ...{ callback, user: user.id, userName: user.name ?? user.username, channel: channel.id },
    ...{ messageTs: message.ts, threadTs: message.thread_ts ?? null, text: withIds(message.text ?? "") },
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
  if (action !== undefined && where === null && click.view?.type === "home")
    return {
      ...{ ...envelope, type: "home-action", action: action.action_id, value: action.value ?? action.selected_option?.value ?? "" },
      ...{ user: user.id, userName: user.name ?? user.username },
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
    trigger,
  };
}

export type Submission = Extract<SlackInbound, { type: "submission" }>;

const submissionSchema = z.object({
  type: z.literal("view_submission"),
  team: z.object({ id: text }).nullish().catch(null),
  enterprise: z.object({ id: text }).nullish().catch(null),
  user: z.object({ id, username: text, name: text, team_id: text }),
  view: z.object({
    id: z.string(),
    hash: text,
    callback_id: z.string().catch(""),
    private_metadata: z.string().catch(""),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: text }))).catch({}) }),
  }),
});

const metadataChannel = z.object({ channel: id });

function channelOf(metadata: string): string {
  try {
    return metadataChannel.safeParse(JSON.parse(metadata)).data?.channel ?? "";
  } catch {
    return "";
  }
}

function submitted({ user, team, enterprise, view }: z.output<typeof submissionSchema>, retry: Retry | null): SlackInbound {
  const teamId = team?.id ?? null;
  const enterpriseId = enterprise?.id ?? null;
  const values = Object.entries(view.state.values).map(([block, fields]) => [block, Object.values(fields)[0]?.value ?? ""] as const);
  return {
    ...{ type: "submission", key: `${view.id}:${view.hash ?? ""}`, eventId: null, teamId, enterpriseId, retry },
    fromOutside: user.team_id === null || (enterpriseId === null && teamId !== null && user.team_id !== teamId),
    callback: view.callback_id,
    metadata: view.private_metadata,
    values: Object.fromEntries(values),
    user: user.id,
    userName: user.name ?? user.username,
    channel: channelOf(view.private_metadata),
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
  const shortcut = shortcutSchema.safeParse(body);
  if (shortcut.success) return chosen(shortcut.data, retry);
  const submission = submissionSchema.safeParse(body);
  if (submission.success) return submitted(submission.data, retry);
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
