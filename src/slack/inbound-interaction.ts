import { z } from "zod";
import type { Envelope, Retry, SlackInbound } from "./inbound.ts";
import { id, text, ts, withIds } from "./inbound-fields.ts";

/** What people do with midwatch's own buttons, dialogs, menus and commands. */

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

/**
 * Whether somebody is of another organisation, as far as the payload says. In an organisation of several workspaces the ids alone do not tell a
 * colleague from a stranger: who looks the person up does.
 */
const isStranger = ({ team_id: own }: { readonly team_id: string | null }, teamId: string | null, enterpriseId: string | null): boolean =>
  own === null || (enterpriseId === null && teamId !== null && own !== teamId);

function chosen(shortcut: z.output<typeof shortcutSchema>, retry: Retry | null): SlackInbound {
  const { user, channel, message, team, trigger_id: trigger, callback_id: callback, action_ts: at } = shortcut;
  const teamId = team?.id ?? null;
  const enterpriseId = shortcut.enterprise?.id ?? null;
  return {
    ...{ type: "shortcut", key: trigger ?? `${user.id}:${callback}:${at}`, eventId: null, teamId, enterpriseId, retry },
    // Slack leaves the person's team out of some of these.
    fromOutside: user.team_id !== null && isStranger(user, teamId, enterpriseId),
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
    fromOutside: isStranger(user, teamId, enterpriseId),
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
    fromOutside: isStranger(user, teamId, enterpriseId),
    callback: view.callback_id,
    metadata: view.private_metadata,
    values: Object.fromEntries(values),
    user: user.id,
    userName: user.name ?? user.username,
    channel: channelOf(view.private_metadata),
  };
}

function typed(command: z.output<typeof commandSchema>, retry: Retry | null): SlackInbound {
  const { command: name, text: words, user_id: user, channel_id: channel, trigger_id: trigger } = command;
  return {
    ...{ type: "command", key: trigger ?? `${user}:${channel}:${name}:${words}`, eventId: null, retry },
    ...{ teamId: command.team_id, enterpriseId: command.enterprise_id, fromOutside: false },
    ...{ command: name, text: withIds(words).trim(), user, userName: command.user_name, channel },
  };
}

/** What a click, an entry of a menu, a dialog or a command means; null: the body is none of these. */
export function interactionOf(body: unknown, retry: Retry | null): SlackInbound | null {
  const click = clickSchema.safeParse(body);
  if (click.success) return clicked(click.data, retry);
  const shortcut = shortcutSchema.safeParse(body);
  if (shortcut.success) return chosen(shortcut.data, retry);
  const submission = submissionSchema.safeParse(body);
  if (submission.success) return submitted(submission.data, retry);
  const command = commandSchema.safeParse(body);
  return command.success ? typed(command.data, retry) : null;
}
