import { createEmulator } from "emulate";
import { people } from "../people.ts";

type Json = Record<string, unknown>;

/** Ids of the Slack app as it is installed in the replayed workspace. */
export const slackApp = {
  teamId: "T000000001",
  teamName: "Acme",
  teamDomain: "acme",
  appId: "A0MIDWATCH",
  botId: "B0MIDWATCH",
  botUserId: "U0MIDWATCH",
  botName: "midwatch",
} as const;

/** What an incident bot is given and no more; a method that needs another scope answers `missing_scope`. */
export const botScopes = [
  "app_mentions:read",
  "bookmarks:read",
  "bookmarks:write",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "pins:write",
  "reactions:read",
  "reactions:write",
  "team:read",
  "users:read",
  "users:read.email",
] as const;

/** A Slack workspace in this process. Answers are Slack's, as far as the emulator knows them. */
export interface Workspace {
  /** Base of URLs that the emulator writes into its answers. */
  readonly ownUrl: string;
  readonly channelId: string;
  readonly channelName: string;
  /** Slack user ids by handle. */
  readonly userIds: ReadonlyMap<string, string>;
  /** Calls a Web API method; the answer's JSON, or null where the emulator has no such method. */
  call(method: string, parameters: Readonly<Record<string, string>>, token: string): Promise<Json | null>;
  /** Any other request (file uploads and downloads), passed on as it is. */
  pass(request: Request): Promise<Response>;
  /** The token with which a person acts. */
  tokenOf(handle: string): string;
  close(): Promise<void>;
}

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
export const objectsIn = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/**
 * Starts a workspace with one channel for incidents (the bot is in it), `#general` and `#random` (it is not), and a few people.
 * @param channelName without `#`
 */
export async function startWorkspace(channelName: string, botToken: string): Promise<Workspace> {
  const tokenOf = (handle: string) => `xoxp-replay-${handle}`;
  const emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      slack: {
        team: { name: slackApp.teamName, domain: slackApp.teamDomain },
        strict_scopes: true,
        users: people.map(({ name, realName, email }) => ({ name, real_name: realName, email })),
        channels: [{ name: channelName, topic: "Incidents" }],
        oauth_apps: [
          {
            app_id: slackApp.appId,
            client_id: "replay",
            client_secret: "replay",
            name: slackApp.botName,
            redirect_uris: [],
            scopes: botScopes,
            bot_id: slackApp.botId,
            bot_user_id: slackApp.botUserId,
            bot_name: slackApp.botName,
          },
        ],
        tokens: [
          {
            token: botToken,
            type: "bot",
            user_id: slackApp.botUserId,
            app_id: slackApp.appId,
            bot_id: slackApp.botId,
            bot_user_id: slackApp.botUserId,
            scopes: botScopes,
          },
          ...people.map(({ name }) => ({ token: tokenOf(name), type: "user", user: name, scopes: ["chat:write", "channels:read"] })),
        ],
      },
    },
  });
  const port = new URL(emulator.url).port;
  const inside = `http://127.0.0.1:${port}`;
  const call: Workspace["call"] = async (method, parameters, token) => {
    const response = await fetch(`${inside}/api/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(parameters),
    });
    const text = await response.text();
    if (response.status === 404) return null;
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : null;
  };
  const [listed, users] = await Promise.all([call("conversations.list", { limit: "1000" }, botToken), call("users.list", {}, botToken)]);
  const channelId = objectsIn(listed?.["channels"]).find(({ name }) => name === channelName)?.["id"];
  if (typeof channelId !== "string") throw new Error(`the Slack emulator did not make the channel ${channelName}`);
  const userIds = new Map(objectsIn(users?.["members"]).map(({ name, id }) => [String(name), String(id)]));
  await call("conversations.join", { channel: channelId }, botToken);
  return {
    ownUrl: emulator.url,
    channelId,
    channelName,
    userIds,
    call,
    pass: async (request) => {
      const url = new URL(request.url);
      const headers = new Headers(request.headers);
      for (const name of ["host", "connection", "content-length"]) headers.delete(name);
      const body = request.method === "GET" || request.method === "HEAD" ? null : await request.arrayBuffer();
      return fetch(`${inside}${url.pathname}${url.search}`, { method: request.method, headers, body, redirect: "manual" });
    },
    tokenOf,
    close: () => emulator.close(),
  };
}
