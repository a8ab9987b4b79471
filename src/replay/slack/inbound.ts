import { createHmac, randomUUID } from "node:crypto";
import type { Fetch } from "../../guard/outgoing.ts";
import { slackApp } from "./workspace.ts";

/** `x-slack-signature` and its timestamp, as Slack signs what it sends to an app. `at`: epoch milliseconds. */
export function signSlack(signingSecret: string, body: string, at: number): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${signature}` };
}

export interface InboundOptions {
  readonly signingSecret: string;
  readonly fetch?: Fetch;
  readonly now?: () => number;
  /** Makes the id by which the app may open a dialog for a person. Default: one that opens none. */
  readonly trigger?: (user: string, view?: string) => Promise<string>;
}

/** Slack sends an event again when the app was slow or failed; the envelope is the same. */
export interface Redelivery {
  readonly eventId?: string;
  readonly retryNum?: number;
  readonly retryReason?: string;
}

export interface Click {
  readonly user: string;
  readonly channel: string;
  readonly messageTs: string;
  readonly threadTs?: string;
  readonly actionId: string;
  /** Of a button. */
  readonly value: string;
  /** Words of the line chosen in a menu; the control is one then, and `value` the line's. */
  readonly chosen?: string;
  /** Of any other control: its own fields of the action, such as `type` and `selected_user`. */
  readonly control?: Readonly<Record<string, unknown>>;
  readonly blockId?: string;
  /** A message that this person alone sees. */
  readonly ephemeral?: boolean;
  /** The message as posted, where the handler reads it. */
  readonly message?: Readonly<Record<string, unknown>>;
}

/** A press in a dialog or in App Home, where no message is. */
export interface ViewClick extends Pick<Click, "user" | "actionId" | "value" | "chosen" | "control" | "blockId"> {
  readonly view: Readonly<Record<string, unknown>>;
  readonly state?: ViewState;
}

/** What people filled in, by block and action: as Slack sends it. */
export type ViewState = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A message shortcut, chosen from the menu of a message. */
export interface Shortcut {
  readonly callbackId: string;
  readonly user: string;
  readonly channel: string;
  readonly channelName: string;
  readonly message: Readonly<Record<string, unknown>> & { readonly ts: string };
}

export interface Command {
  readonly user: string;
  readonly userName: string;
  readonly channel: string;
  readonly channelName: string;
  /** With its slash. */
  readonly command: string;
  readonly text: string;
}

/** What Slack sends to an app when a person has written in a channel. */
export const messageEvent = (said: {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly ts: string;
  readonly threadTs?: string | undefined;
}) => ({
  ...{ type: "message", channel: said.channel, channel_type: "channel", user: said.user, text: said.text, ts: said.ts, event_ts: said.ts },
  ...(said.threadTs === undefined ? {} : { thread_ts: said.threadTs }),
});

/** Sends what Slack would send to an app's one request URL. Each function answers what the app answered. */
export interface SlackInbound {
  /** An Events API delivery. `event` is the inner event with its `type`. */
  event(url: string, event: Readonly<Record<string, unknown>>, again?: Redelivery): Promise<Response>;
  /** A click on a button, or a choice in a menu (`block_actions`). */
  action(url: string, click: Click): Promise<Response>;
  /** The same in a dialog or in App Home. */
  viewAction(url: string, click: ViewClick): Promise<Response>;
  /** The button of a dialog. Answered with what is wrong, with another view, or with nothing: then it closes. */
  viewSubmission(url: string, sent: { user: string; view: Readonly<Record<string, unknown>>; state: ViewState }): Promise<Response>;
  /** A dialog was closed without its button, where it asks to hear that. */
  viewClosed(url: string, closed: { user: string; view: Readonly<Record<string, unknown>> }): Promise<Response>;
  shortcut(url: string, shortcut: Shortcut): Promise<Response>;
  command(url: string, command: Command): Promise<Response>;
  /** The handshake when a request URL is entered. */
  urlVerification(url: string, challenge: string): Promise<Response>;
}

const plain = (text: string) => ({ type: "plain_text", text, emoji: true });

const controlOf = ({ actionId, value, chosen, control }: Pick<Click, "actionId" | "value" | "chosen" | "control">) =>
  control !== undefined
    ? control
    : chosen === undefined
      ? { type: "button", text: plain(actionId), value }
      : { type: "static_select", placeholder: plain(actionId), selected_option: { text: plain(chosen), value } };

/** Sources: Slack's event envelope and payload samples (slackapi/java-slack-sdk json-logs), signing rule of "Verifying requests from Slack". */
export function createSlackInbound(options: InboundOptions): SlackInbound {
  const { signingSecret, fetch: send = fetch, now = Date.now } = options;
  const post = (url: string, contentType: string, body: string, headers: Record<string, string> = {}) =>
    send(url, {
      method: "POST",
      headers: {
        "content-type": contentType,
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        ...signSlack(signingSecret, body, now()),
        ...headers,
      },
      body,
    });
  const json = (url: string, value: unknown, headers?: Record<string, string>) =>
    post(url, "application/json", JSON.stringify(value), headers);
  const form = (url: string, fields: Record<string, string>) =>
    post(url, "application/x-www-form-urlencoded", new URLSearchParams(fields).toString());
  const { teamId: team, teamDomain: domain, appId, botUserId } = slackApp;
  const { trigger = async () => `${Math.floor(now())}.1.${randomUUID().replaceAll("-", "")}` } = options;
  const interaction = (url: string, user: string, fields: Record<string, unknown>) =>
    form(url, {
      payload: JSON.stringify({
        user: { id: user, username: user, name: user, team_id: team },
        api_app_id: appId,
        token: "replay",
        team: { id: team, domain },
        enterprise: null,
        is_enterprise_install: false,
        ...fields,
      }),
    });
  const pressed = (click: Pick<Click, "actionId" | "value" | "chosen" | "control" | "blockId">) => [
    { ...controlOf(click), action_id: click.actionId, block_id: click.blockId ?? "actions", action_ts: (now() / 1000).toFixed(6) },
  ];
  return {
    event: (url, event, again = {}) =>
      json(
        url,
        {
          token: "replay",
          team_id: team,
          api_app_id: appId,
          event,
          type: "event_callback",
          event_id: again.eventId ?? `Ev${randomUUID().replaceAll("-", "").slice(0, 11).toUpperCase()}`,
          event_time: Math.floor(now() / 1000),
          authorizations: [{ enterprise_id: null, team_id: team, user_id: botUserId, is_bot: true, is_enterprise_install: false }],
          is_ext_shared_channel: false,
          event_context: "4-replay",
        },
        again.retryNum === undefined
          ? {}
          : { "x-slack-retry-num": String(again.retryNum), "x-slack-retry-reason": again.retryReason ?? "http_timeout" },
      ),
    action: async (url, click) => {
      const thread = click.threadTs === undefined ? {} : { thread_ts: click.threadTs };
      return interaction(url, click.user, {
        type: "block_actions",
        container: {
          type: "message",
          message_ts: click.messageTs,
          channel_id: click.channel,
          is_ephemeral: click.ephemeral === true,
          ...thread,
        },
        trigger_id: await trigger(click.user),
        channel: { id: click.channel, name: click.channel },
        message: { type: "message", user: botUserId, ts: click.messageTs, ...thread, ...click.message },
        state: { values: {} },
        response_url: "https://hooks.slack.invalid/actions/replay",
        actions: pressed(click),
      });
    },
    viewAction: async (url, click) =>
      interaction(url, click.user, {
        type: "block_actions",
        container: { type: "view", view_id: click.view["id"] },
        trigger_id: await trigger(click.user, String(click.view["id"])),
        view: { ...click.view, state: { values: click.state ?? {} } },
        actions: pressed(click),
      }),
    viewSubmission: async (url, { user, view, state }) =>
      interaction(url, user, {
        type: "view_submission",
        trigger_id: await trigger(user, String(view["id"])),
        view: { ...view, state: { values: state } },
        response_urls: [],
      }),
    viewClosed: (url, { user, view }) => interaction(url, user, { type: "view_closed", view, is_cleared: false }),
    shortcut: async (url, { callbackId, user, channel, channelName, message }) =>
      interaction(url, user, {
        type: "message_action",
        callback_id: callbackId,
        action_ts: (now() / 1000).toFixed(6),
        trigger_id: await trigger(user),
        response_url: "https://hooks.slack.invalid/shortcuts/replay",
        message_ts: message.ts,
        channel: { id: channel, name: channelName },
        message: { type: "message", ...message },
      }),
    command: async (url, { user, userName, channel, channelName, command, text }) =>
      form(url, {
        token: "replay",
        team_id: team,
        team_domain: domain,
        channel_id: channel,
        channel_name: channelName,
        user_id: user,
        user_name: userName,
        command,
        text,
        api_app_id: appId,
        is_enterprise_install: "false",
        response_url: "https://hooks.slack.invalid/commands/replay",
        trigger_id: await trigger(user),
      }),
    urlVerification: (url, challenge) => json(url, { token: "replay", challenge, type: "url_verification" }),
  };
}
