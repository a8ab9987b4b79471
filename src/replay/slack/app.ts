import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { limits } from "./block-kit.ts";
import { type Canvas, Canvases, refusalOfView, Views } from "./surfaces.ts";
import { asChannel, decorated, failed, jsonArgument, listed, type Parameters, parametersOf, refusal } from "./wire.ts";
import { type Actor, bot, botScopes, channelScopes, slackApp, startWorkspace, type Workspace } from "./workspace.ts";

/** One state of a message: as posted, or after an edit. */
export interface MessageVersion {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly Json[];
  /** As Slack shows them: `id`, `name`, `mimetype`, … */
  readonly files?: readonly Json[];
}

/** A message of the channel with everything it ever said, first version first. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly user: string;
  readonly byBot: boolean;
  readonly metadata: Json | null;
  readonly versions: readonly MessageVersion[];
  readonly deleted: boolean;
}

/** A channel as people see it. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** Whether the bot is in it: else it hears nothing of it. */
  readonly hasBot: boolean;
}

/** What one person alone sees; it stays nowhere. */
export interface Whisper {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly user: string;
  readonly threadTs: string | null;
  readonly text: string;
  readonly blocks: readonly Json[];
  /** By which its buttons are found; "" where it has none. */
  readonly ts: string;
  /** Where it was said; missing: wherever they are. */
  readonly channel?: string;
}

export interface SlackReplayOptions {
  /** Name of the incidents' channel, without `#`. Default "incidents". */
  readonly channel?: string;
  readonly botToken: string;
  /** Whether the bot has the scopes to make channels. Default false. */
  readonly makesChannels?: boolean;
  readonly now?: () => number;
}

export interface SlackReplay {
  readonly app: Hono;
  readonly channelId: string;
  readonly channelName: string;
  /** Slack user ids by handle (`ana`, …). */
  readonly userIds: ReadonlyMap<string, string>;
  /** Every message of people and the bot, in the order they were posted, with edits. Join notices and the like are left out. */
  messages(): readonly SlackMessage[];
  /** Every message to one person alone, in order. */
  whispers(): readonly Whisper[];
  /** Dialogs and App Home as the bot opened them. */
  readonly views: Views;
  readonly canvases: ReadonlyMap<string, Canvas>;
  /** Channels that people see, the incidents' first. */
  channels(): Promise<readonly Channel[]>;
  /** A person makes a channel. @returns its id, or Slack's word for why not */
  make(handle: string, name: string): Promise<string>;
  /** A person takes the bot into a channel. */
  invite(channel: string): Promise<void>;
  /** What becomes of a dialog whose button was pressed, by what the app answered. @returns what is wrong, by block; null: it was taken */
  submitted(user: string, view: string, answer: Json): Promise<Readonly<Record<string, string>> | null>;
  /** What a file holds; null: there is none. */
  file(id: string): Promise<Response | null>;
  /** See {@link Workspace.trigger}; whose it is stays known, for the dialog that it opens. */
  trigger(user: string, view?: string): Promise<string>;
  /** A person writes into the incidents' channel, or another one; the message is in its history. @returns its ts */
  say(handle: string, text: string, threadTs?: string, channel?: string): Promise<string>;
  close(): Promise<void>;
}

/** Methods that exist but that a bot token may not call, and Slack's word for it. */
const refusedMethods: readonly (readonly [RegExp, string])[] = [
  [/^search\./, "not_allowed_token_type"],
  [/^(admin|apps)\./, "not_allowed_token_type"],
  [/^(usergroups|dnd|reminders|calls)\./, "missing_scope"],
];

interface Entry {
  readonly message: SlackMessage;
  readonly versions: MessageVersion[];
  deleted: boolean;
}

/** Methods of the Web API: those that the emulator answers differently from Slack, and the rest as it answers them. */
class SlackMethods {
  readonly entries = new Map<string, Entry>();
  readonly whispers: Whisper[] = [];
  readonly views = new Views();
  readonly canvases = new Canvases();
  /** Whose trigger ids these are. */
  readonly triggers = new Map<string, string>();
  readonly #members = new Set<string>();
  readonly #workspace: Workspace;
  readonly #botToken: string;
  readonly #scopes: readonly string[];
  readonly #now: () => number;

  constructor(workspace: Workspace, botToken: string, scopes: readonly string[], now: () => number) {
    this.#scopes = scopes;
    this.#workspace = workspace;
    this.#botToken = botToken;
    this.#now = now;
  }

  #remember(channel: string, answer: Json, threadTs: string | undefined) {
    const message = isObject(answer["message"]) ? answer["message"] : {};
    const ts = String(answer["ts"]);
    const user = String(message["user"]);
    const versions = [this.#versionOf(message)];
    this.entries.set(`${channel} ${ts}`, {
      versions,
      deleted: false,
      message: {
        channel,
        ts,
        threadTs: threadTs === undefined || threadTs === ts ? null : threadTs,
        user,
        byBot: user === slackApp.botUserId,
        metadata: isObject(message["metadata"]) ? message["metadata"] : null,
        versions,
        deleted: false,
      },
    });
  }
  #versionOf(message: Json): MessageVersion {
    const files = objectsIn(message["files"]);
    return {
      at: this.#now(),
      text: String(message["text"] ?? ""),
      blocks: objectsIn(message["blocks"]),
      ...(files.length === 0 ? {} : { files }),
    };
  }

  /** A file that was shared is a message of its own. */
  async #shared(parameters: Parameters, answer: Json): Promise<void> {
    const { channel_id: channel, thread_ts: threadTs } = parameters;
    const id = objectsIn(answer["files"])[0]?.["id"];
    if (answer["ok"] !== true || channel === undefined || id === undefined) return;
    const method = threadTs === undefined ? "conversations.history" : "conversations.replies";
    const page = await this.#workspace.call(method, { channel, limit: "1000", ...(threadTs === undefined ? {} : { ts: threadTs }) }, bot);
    const message = objectsIn(page?.["messages"]).find(({ files }) => objectsIn(files).some((file) => file["id"] === id));
    if (message !== undefined) this.#remember(channel, { ts: message["ts"], message }, threadTs);
  }

  /** The channel's id, or why the bot may not write there. */
  async #writable(channel: string, actor: Actor): Promise<string | Json> {
    if (channel === "") return failed("channel_not_found");
    const wanted = channel.replace(/^#/, "");
    if (this.#members.has(wanted)) return wanted;
    let found = await this.#workspace.call("conversations.info", { channel: wanted }, actor);
    if (found?.["ok"] !== true) {
      const all = await this.#workspace.call("conversations.list", { limit: "1000" }, actor);
      const byName = objectsIn(all?.["channels"]).find(({ name }) => name === wanted);
      found = byName === undefined ? found : { ok: true, channel: byName };
    }
    if (!isObject(found?.["channel"])) return failed(String(found?.["error"] ?? "channel_not_found"));
    const id = String(found["channel"]["id"]);
    if (found["channel"]["is_member"] !== true) return failed("not_in_channel");
    this.#members.add(id);
    return id;
  }

  async post(parameters: Parameters, actor: Actor): Promise<Json> {
    const refused = refusal("post", parameters);
    if (refused !== null) return refused;
    const channel = await this.#writable(parameters["channel"] ?? "", actor);
    if (typeof channel !== "string") return channel;
    const { markdown_text: markdown, ...rest } = parameters;
    const answer = await this.#workspace.call(
      "chat.postMessage",
      { ...rest, channel, ...(markdown === undefined ? {} : { text: [...markdown].slice(0, limits.allMarkdownText).join("") }) },
      actor,
    );
    if (answer?.["ok"] !== true) return answer ?? failed("internal_error");
    this.#remember(channel, answer, parameters["thread_ts"]);
    return { ...answer, message: isObject(answer["message"]) ? decorated(answer["message"], true, null) : null };
  }

  async #update(parameters: Parameters, actor: Actor): Promise<Json> {
    const refused = refusal("update", parameters);
    if (refused !== null) return refused;
    const channel = parameters["channel"] ?? "";
    const info = await this.#workspace.call("conversations.info", { channel }, actor);
    if (info?.["ok"] !== true) return failed("channel_not_found");
    const answer = await this.#workspace.call("chat.update", parameters, actor);
    if (answer?.["ok"] !== true) return answer ?? failed("internal_error");
    const message = isObject(answer["message"]) ? answer["message"] : {};
    this.entries.get(`${channel} ${parameters["ts"] ?? ""}`)?.versions.push(this.#versionOf(message));
    // An edit's answer shows the message without its place and its thread.
    const { ts: _ts, thread_ts: _thread, reply_count: _count, reply_users: _users, ...shown } = message;
    return { ...answer, message: decorated(shown, true, null) };
  }

  async #remove(parameters: Parameters, actor: Actor): Promise<Json> {
    const answer = await this.#workspace.call("chat.delete", parameters, actor);
    const entry = this.entries.get(`${parameters["channel"] ?? ""} ${parameters["ts"] ?? ""}`);
    if (answer?.["ok"] === true && entry !== undefined) entry.deleted = true;
    return answer ?? failed("internal_error");
  }

  async #readable(channel: string, actor: Actor): Promise<Json | null> {
    const info = await this.#workspace.call("conversations.info", { channel }, actor);
    if (info?.["ok"] !== true) return failed("channel_not_found");
    return isObject(info["channel"]) && info["channel"]["is_member"] === true ? null : failed("not_in_channel");
  }

  async #history(parameters: Parameters, actor: Actor): Promise<Json> {
    const channel = parameters["channel"] ?? "";
    const refused = await this.#readable(channel, actor);
    if (refused !== null) return refused;
    const messages: Json[] = [];
    let cursor = "";
    do {
      const answer = await this.#workspace.call(
        "conversations.history",
        { channel, limit: "1000", ...(cursor === "" ? {} : { cursor }) },
        actor,
      );
      if (answer?.["ok"] !== true) return answer ?? failed("internal_error");
      messages.push(...objectsIn(answer["messages"]));
      cursor = isObject(answer["response_metadata"]) ? String(answer["response_metadata"]["next_cursor"] ?? "") : "";
    } while (cursor !== "");
    return listed(messages, parameters, 100, null);
  }

  async #replies(parameters: Parameters, actor: Actor): Promise<Json> {
    const { channel = "", ts = "" } = parameters;
    const refused = await this.#readable(channel, actor);
    if (refused !== null) return refused;
    const answer = await this.#workspace.call("conversations.replies", { channel, ts, limit: "1000" }, actor);
    const messages = objectsIn(answer?.["messages"]);
    const parent = messages.find((message) => message["ts"] === ts);
    if (parent === undefined) return failed("thread_not_found");
    return listed(messages, parameters, 1000, String(parent["user"]));
  }

  /** Slack's `response_action`. Source: docs.slack.dev "Modals". */
  async submitted(user: string, view: string, answer: Json): Promise<Readonly<Record<string, string>> | null> {
    const { response_action: action, errors, view: next } = answer;
    if (action === "errors" && isObject(errors))
      return Object.fromEntries(Object.entries(errors).map(([block, problem]) => [block, String(problem)]));
    if (action === "update" || action === "push") {
      const method = `views.${action}`;
      const how = action === "update" ? { view_id: view } : { trigger_id: await this.#workspace.trigger(user, view) };
      this.views.note(method, user, (await this.#workspace.call(method, { ...how, view: JSON.stringify(next) }, bot)) ?? {});
    } else this.views.close(user, action === "clear" ? "all" : "newest");
    return null;
  }

  async answer(method: string, parameters: Parameters, token: string | null): Promise<Json> {
    if (method === "api.test") return { ok: true, args: parameters };
    if (token === null) return failed("not_authed");
    if (token !== this.#botToken) return failed("invalid_auth");
    const refused = refusedMethods.find(([pattern]) => pattern.test(method))?.[1];
    if (refused !== undefined)
      return failed(
        refused,
        refused === "missing_scope" ? { needed: `${method.split(".")[0]}:read`, provided: this.#scopes.join(",") } : {},
      );
    const { token: _token, alt_txt: altText, ...others } = parameters;
    // The emulator knows it by the name that Slack's own library gives it.
    const rest = altText === undefined ? others : { ...others, alt_text: altText };
    if (method === "chat.postMessage") return this.post(rest, bot);
    if (method === "chat.update") return this.#update(rest, bot);
    if (method === "chat.delete") return this.#remove(rest, bot);
    if (method === "conversations.history") return this.#history(rest, bot);
    if (method === "conversations.replies") return this.#replies(rest, bot);
    const ofCanvas = this.canvases.answer(method, rest, this.#scopes);
    if (ofCanvas !== null) return ofCanvas;
    const refusedView = refusalOfView(method, rest);
    if (refusedView !== null) return refusedView;
    if (method === "chat.postEphemeral") {
      const outside = await this.#readable(rest["channel"] ?? "", bot);
      if (outside !== null) return outside;
    }
    const answer = await this.#workspace.call(method, rest, bot);
    if (answer === null) return failed("unknown_method", { req_method: method });
    if (method.startsWith("views.")) this.views.note(method, rest["user_id"] ?? this.triggers.get(rest["trigger_id"] ?? "") ?? "", answer);
    if (method === "files.completeUploadExternal") await this.#shared(rest, answer);
    if (method === "chat.postEphemeral" && answer["ok"] === true)
      this.whispers.push({
        at: this.#now(),
        user: rest["user"] ?? "",
        threadTs: rest["thread_ts"] ?? null,
        text: rest["text"] ?? "",
        blocks: objectsIn(jsonArgument(rest["blocks"])),
        ts: String(answer["message_ts"] ?? ""),
        ...(rest["channel"] === undefined ? {} : { channel: rest["channel"] }),
      });
    return {
      ...answer,
      ...(isObject(answer["channel"]) ? { channel: asChannel(answer["channel"], method) } : {}),
      ...(Array.isArray(answer["channels"]) ? { channels: objectsIn(answer["channels"]).map((one) => asChannel(one, method)) } : {}),
    };
  }
}

/** Where a permalink leads: the channel as plain text, for a person who follows it. */
function channelPage(c: Context, workspace: Workspace, entries: readonly Entry[]): Response | Promise<Response> {
  const names = new Map([...workspace.userIds].map(([handle, id]) => [id, handle]));
  const shown = entries.filter(({ message, deleted }) => message.channel === c.req.param("channel") && !deleted);
  return c.html(
    html`<!doctype html><meta charset="utf-8" /><title>#${workspace.channelName} (replay)</title>
      <style>
        body {
          font: 15px/1.5 system-ui;
          max-width: 50rem;
          margin: 2rem auto;
        }
        pre {
          white-space: pre-wrap;
          font: inherit;
        }
        .reply {
          margin-left: 2rem;
        }
      </style>
      <h1>#${workspace.channelName}</h1>
      ${shown.map(
        ({ message, versions }) =>
          html`<article id="p${message.ts.replace(".", "")}" class="${message.threadTs === null ? "" : "reply"}">
            <b>${names.get(message.user) ?? message.user}</b> <small>${new Date(Number(message.ts) * 1000).toISOString()}</small>
            <pre>${versions.at(-1)?.text ?? ""}</pre>
          </article>`,
      )}`,
  );
}

/**
 * Slack for one replay: an emulated workspace behind a front that adds what the emulator lacks (Block Kit checks, `not_in_channel`, time ranges,
 * metadata on request, `unknown_method`) and remembers every version of every message.
 */
export async function createSlackReplay(options: SlackReplayOptions): Promise<SlackReplay> {
  const { botToken, channel: channelName = "incidents", makesChannels = false, now = Date.now } = options;
  const scopes = makesChannels ? [...botScopes, ...channelScopes] : botScopes;
  const workspace: Workspace = await startWorkspace(channelName, scopes);
  const methods = new SlackMethods(workspace, botToken, scopes, now);
  const app = new Hono();
  app.on(["GET", "POST"], "/api/:method", async (c) => {
    const parameters = await parametersOf(c);
    const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const answer = await methods.answer(c.req.param("method"), parameters, bearer ?? parameters["token"] ?? null);
    c.header("x-oauth-scopes", scopes.join(","));
    return c.body(JSON.stringify(answer).replaceAll(workspace.ownUrl, outsideUrl(c)), 200, {
      "content-type": "application/json; charset=utf-8",
    });
  });
  app.get("/archives/:channel/:message?", (c) => channelPage(c, workspace, [...methods.entries.values()]));
  app.all("/upload/*", (c) => workspace.pass(c.req.raw));
  app.all("/files-pri/*", (c) => workspace.pass(c.req.raw));
  app.notFound((c) => c.text("not found", 404));

  return {
    app,
    channelId: workspace.channelId,
    channelName: workspace.channelName,
    userIds: workspace.userIds,
    messages: () =>
      [...methods.entries.values()].map(({ message, versions, deleted }) => ({ ...message, versions: [...versions], deleted })),
    whispers: () => [...methods.whispers],
    views: methods.views,
    canvases: methods.canvases.all,
    channels: async () => {
      const answer = await workspace.call("conversations.list", { limit: "1000", types: "public_channel,private_channel" }, bot);
      const all = objectsIn(answer?.["channels"]).flatMap(({ id, name, topic, is_archived: archived, is_member: member }) =>
        typeof id === "string" && archived !== true
          ? [{ id, name: String(name), topic: isObject(topic) ? String(topic["value"] ?? "") : "", hasBot: member === true }]
          : [],
      );
      return all.toSorted((one, other) => Number(other.id === workspace.channelId) - Number(one.id === workspace.channelId));
    },
    make: async (handle, name) => {
      const made = await workspace.call("conversations.create", { name }, handle);
      return isObject(made?.["channel"]) ? String(made["channel"]["id"]) : String(made?.["error"] ?? "internal_error");
    },
    invite: (channel) => workspace.invite(channel),
    submitted: (user, view, answer) => methods.submitted(user, view, answer),
    file: (id) => workspace.file(id),
    trigger: async (user, view) => {
      const id = await workspace.trigger(user, view);
      methods.triggers.set(id, user);
      return id;
    },
    say: async (handle, text, threadTs, channel = workspace.channelId) => {
      const answer = await methods.post({ channel, text, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) }, handle);
      if (answer["ok"] !== true) throw new Error(`${handle} could not write to ${channel}: ${String(answer["error"])}`);
      return String(answer["ts"]);
    },
    close: () => workspace.close(),
  };
}
