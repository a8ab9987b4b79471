import { ForbiddenError, IntegrationError } from "../../guard/errors.ts";
import type { Refused } from "./schema.ts";

/** Slack refused a call. `code` is its own word for why. */
export class SlackRefusalError extends IntegrationError {
  readonly code: string;
  constructor(code: string, message: string, options: { retryable?: boolean } = {}) {
    super("slack", message, { status: 200, ...options });
    this.code = code;
  }
}

/** The message is not there any more (somebody deleted it): it can't be edited or answered, but posted again. */
export class MessageGoneError extends SlackRefusalError {}

const gone = new Set(["message_not_found", "thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"]);
const badToken = new Set(["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"]);
const passing = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"]);

/** What to do, by Slack's word. `where` names the channel, where the call had one. */
const todo: Readonly<Record<string, (where: string) => string>> = {
  channel_not_found: (where) =>
    `Slack has no ${where} that midwatch can see. Check the name in the catalog; if it is private, write “/invite @midwatch” there.`,
  not_in_channel: (where) => `midwatch is not in ${where}. Write “/invite @midwatch” there.`,
  is_archived: (where) => `${where} is archived. Unarchive it, or name another one in the catalog.`,
  restricted_action: (where) => `the workspace's settings do not let midwatch post in ${where}. Ask a workspace admin.`,
  restricted_action_read_only_channel: (where) => `${where} is read-only. Let midwatch post there, or name another one in the catalog.`,
  restricted_action_thread_only_channel: (where) => `${where} takes replies only. Name another one in the catalog.`,
  restricted_action_non_threadable_channel: (where) => `${where} takes no threads. Name another one in the catalog.`,
  restricted_action_thread_locked: (where) => `the thread in ${where} is locked. Unlock it to hear more there.`,
  app_access_restricted: (where) => `the workspace's settings do not let apps post in ${where}. Ask a workspace admin.`,
  ekm_access_denied: () => "the workspace's admins have suspended posting (Enterprise Key Management).",
  message_limit_exceeded: () => "the workspace has reached its limit of messages on the free plan.",
  no_permission: (where) => `the token may not do this in ${where}. Reinstall the app with the scopes of docs/slack-manifest.yaml.`,
  access_denied: (where) => `the token has no access to ${where}.`,
  team_access_not_granted: () => "the app is not installed in this workspace. Install it (docs/slack-manifest.yaml).",
  msg_too_long: () => "the message is too long. This is a bug of midwatch's: please report it.",
  msg_blocks_too_long: () => "the message's blocks are too long. This is a bug of midwatch's: please report it.",
  no_text: () => "the message is empty. This is a bug of midwatch's: please report it.",
  invalid_blocks: () => "the message's blocks are not valid. This is a bug of midwatch's: please report it.",
  invalid_blocks_format: () => "the message's blocks are not valid. This is a bug of midwatch's: please report it.",
  cant_update_message: () => "this message was not written by midwatch, so it cannot edit it. Was the bot token changed?",
  edit_window_closed: () => "the workspace's settings forbid to edit a message this old.",
  user_not_found: () => "Slack has no such user.",
};

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 300);

/** Slack's refusal in words: what was asked, what Slack said, what to do. */
export function refusalOf(method: string, refused: Refused, channel: string | null): IntegrationError {
  const { error: code, needed } = refused;
  const messages = refused.response_metadata?.messages ?? [];
  const where = channel === null ? "the channel" : `channel ${oneLine(channel)}`;
  if (badToken.has(code))
    return new ForbiddenError(
      "slack",
      401,
      `${method} (${code})`,
      "Check SLACK_BOT_TOKEN: it must be the bot token (xoxb-) of the installed app.",
    );
  if (code === "missing_scope") {
    const scope = needed === null || needed === undefined ? "a scope that the app lacks" : `the scope ${oneLine(needed)}`;
    return new ForbiddenError(
      "slack",
      403,
      `${method} (missing_scope)`,
      `It needs ${scope}. Add it under “OAuth & Permissions” and reinstall the app (docs/slack-manifest.yaml).`,
    );
  }
  if (gone.has(code)) return new MessageGoneError(code, `slack ${method}: the message is not there any more (${code})`);
  const details = messages.length === 0 ? "" : ` Slack says: ${oneLine(messages.join("; "))}`;
  const say = Object.hasOwn(todo, code) ? todo[code] : undefined;
  const words = say === undefined ? "Slack refused it." : say(where);
  return new SlackRefusalError(code, `slack ${method}: ${words} (${oneLine(code)})${details}`, { retryable: passing.has(code) });
}
