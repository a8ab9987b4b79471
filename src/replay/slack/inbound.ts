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
  readonly blockId?: string;
  /** The message as posted, where the handler reads it. */
  readonly message?: Readonly<Record<string, unknown>>;
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
  command(url: string, command: Command): Promise<Response>;
  /** The handshake when a request URL is entered. */
  urlVerification(url: string, challenge: string): Promise<Response>;
}

const plain = (text: string) => ({ type: "plain_text", text, emoji: true });

const controlOf = ({ actionId, value, chosen }: Click) =>
  chosen === undefined
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
    action: (url, click) => {
      const actionTs = (now() / 1000).toFixed(6);
      return form(url, {
        payload: JSON.stringify({
          type: "block_actions",
          user: { id: click.user, username: click.user, name: click.user, team_id: team },
          api_app_id: appId,
          token: "replay",
          container: {
            type: "message",
            message_ts: click.messageTs,
            channel_id: click.channel,
            is_ephemeral: false,
            ...(click.threadTs === undefined ? {} : { thread_ts: click.threadTs }),
          },
          trigger_id: `${Math.floor(now())}.1.${randomUUID().replaceAll("-", "")}`,
          team: { id: team, domain },
          enterprise: null,
          is_enterprise_install: false,
          channel: { id: click.channel, name: click.channel },
          message: {
            type: "message",
            user: botUserId,
            ts: click.messageTs,
            ...(click.threadTs === undefined ? {} : { thread_ts: click.threadTs }),
            ...click.message,
          },
          state: { values: {} },
          response_url: "https://hooks.slack.invalid/actions/replay",
          actions: [
            {
              ...controlOf(click),
              action_id: click.actionId,
              block_id: click.blockId ?? "actions",
              action_ts: actionTs,
            },
          ],
        }),
      });
    },
    command: (url, { user, userName, channel, channelName, command, text }) =>
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
        trigger_id: `${Math.floor(now())}.1.${randomUUID().replaceAll("-", "")}`,
      }),
    urlVerification: (url, challenge) => json(url, { token: "replay", challenge, type: "url_verification" }),
  };
}
