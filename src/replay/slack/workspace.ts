import { createEmulator } from "emulate";
import { isObject, type Json, objectsIn } from "../json.ts";
import { people } from "../people.ts";

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

/** What docs/slack-manifest.yaml asks for and no more; a method that needs another scope answers `missing_scope`. */
export const botScopes = [
  "app_mentions:read",
  "canvases:write",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "commands",
  "files:write",
  "groups:history",
  "groups:read",
  "users:read",
] as const;

/** What the manifest lists beside them, for a workspace in which midwatch makes channels. */
export const channelScopes = ["bookmarks:read", "bookmarks:write", "channels:manage", "users:read.email"] as const;

/** The bot, or a person's handle. */
export type Actor = typeof bot | (string & {});
export const bot = "the bot";

/** The emulator answers 5,000 calls an hour for each token and then refuses, so calls go in turn through many tokens of one account. */
const TOKENS_EACH = 100;
/** Puts the bot into its channel, as a person's invitation does: the bot's own token may not. */
const INVITING = "inside invitation";
/** Reads files for the people who look at them. */
const LOOKING = "inside look";

/** A Slack workspace in this process. Answers are Slack's, as far as the emulator knows them. */
export interface Workspace {
  /** Base of URLs that the emulator writes into its answers. */
  readonly ownUrl: string;
  readonly channelId: string;
  readonly channelName: string;
  /** Slack user ids by handle. */
  readonly userIds: ReadonlyMap<string, string>;
  /** Calls a Web API method as the bot or a person; the answer's JSON, or null where the emulator has no such method. */
  call(method: string, parameters: Readonly<Record<string, string>>, actor: Actor): Promise<Json | null>;
  /** Any other request (file uploads and downloads), passed on as it is. */
  pass(request: Request): Promise<Response>;
  /** An id by which the app may open a dialog for a person, for three seconds. @param view the dialog in which they pressed something */
  trigger(user: string, view?: string): Promise<string>;
  /** Puts the bot into a channel, as a person's invitation does. */
  invite(channel: string): Promise<void>;
  /** What a file holds; null: there is none. */
  file(id: string): Promise<Response | null>;
  close(): Promise<void>;
}

/**
 * Starts a workspace with one channel for incidents (the bot is in it), `#general` and `#random` (it is not), and a few people.
 * @param channelName without `#`
 * @param scopes the bot's
 */
export async function startWorkspace(channelName: string, scopes: readonly string[]): Promise<Workspace> {
  const tokensOf = (actor: Actor) => Array.from({ length: TOKENS_EACH }, (_none, index) => `inside ${actor} ${index}`);
  const { appId: app_id, botId: bot_id, botUserId: bot_user_id } = slackApp;
  const ofBot = { type: "bot", user_id: bot_user_id, app_id, bot_id, bot_user_id } as const;
  const emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      slack: {
        team: { name: slackApp.teamName, domain: slackApp.teamDomain },
        strict_scopes: true,
        users: people.map(({ name, realName, email }) => ({ name, real_name: realName, email, profile: { display_name: realName } })),
        channels: [{ name: channelName, topic: "Incidents" }],
        oauth_apps: [
          {
            app_id: slackApp.appId,
            client_id: "replay",
            client_secret: "replay",
            name: slackApp.botName,
            redirect_uris: [],
            scopes,
            bot_id: slackApp.botId,
            bot_user_id: slackApp.botUserId,
            bot_name: slackApp.botName,
          },
        ],
        tokens: [
          ...tokensOf(bot).map((token) => ({ ...ofBot, token, scopes })),
          { ...ofBot, token: INVITING, scopes: ["channels:join"] },
          { ...ofBot, token: LOOKING, scopes: ["files:read"] },
          ...people.flatMap(({ name }) =>
            tokensOf(name).map((token) => ({
              token,
              type: "user",
              user: name,
              scopes: ["chat:write", "channels:read", "channels:manage"],
            })),
          ),
        ],
      },
    },
  });
  const port = new URL(emulator.url).port;
  const inside = `http://127.0.0.1:${port}`;
  let calls = 0;
  const call: Workspace["call"] = (method, parameters, actor) => callWith(`inside ${actor} ${calls++ % TOKENS_EACH}`, method, parameters);
  const callWith = async (token: string, method: string, parameters: Record<string, string>): Promise<Json | null> => {
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
  const [listed, users] = await Promise.all([call("conversations.list", { limit: "1000" }, bot), call("users.list", {}, bot)]);
  const channelId = objectsIn(listed?.["channels"]).find(({ name }) => name === channelName)?.["id"];
  if (typeof channelId !== "string") throw new Error(`the Slack emulator did not make the channel ${channelName}`);
  const userIds = new Map(objectsIn(users?.["members"]).map(({ name, id }) => [String(name), String(id)]));
  const invite = async (channel: string) => void (await callWith(INVITING, "conversations.join", { channel }));
  await invite(channelId);
  return {
    ownUrl: emulator.url,
    channelId,
    channelName,
    userIds,
    call,
    invite,
    pass: async (request) => {
      const url = new URL(request.url);
      const headers = new Headers(request.headers);
      for (const name of ["host", "connection", "content-length"]) headers.delete(name);
      headers.set("authorization", `Bearer ${tokensOf(bot)[0]}`);
      const body = request.method === "GET" || request.method === "HEAD" ? null : await request.arrayBuffer();
      return fetch(`${inside}${url.pathname}${url.search}`, { method: request.method, headers, body, redirect: "manual" });
    },
    trigger: async (user, view) => {
      const answer = await call("views.generateTriggerId", { user_id: user, ...(view === undefined ? {} : { view_id: view }) }, bot);
      // Of a stranger to the workspace it opens nothing.
      return typeof answer?.["trigger_id"] === "string" ? answer["trigger_id"] : `${Date.now()}.1.${calls}`;
    },
    file: async (id) => {
      const answer = await callWith(LOOKING, "files.info", { file: id });
      const url = isObject(answer?.["file"]) ? answer["file"]["url_private"] : null;
      if (typeof url !== "string") return null;
      const { pathname } = new URL(url);
      return fetch(`${inside}${pathname}`, { headers: { authorization: `Bearer ${LOOKING}` } });
    },
    close: () => emulator.close(),
  };
}
