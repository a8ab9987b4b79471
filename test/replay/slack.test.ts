import { WebAPIPlatformError, WebClient } from "@slack/web-api";
import { verifySlackRequest } from "@slack/bolt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSlackReplay, type SlackReplay } from "../../src/replay/slack/app.ts";
import { createSlackInbound } from "../../src/replay/slack/inbound.ts";
import { listen } from "../support/loopback.ts";
import { type Serving, serving } from "../support/serving.ts";

let replay: SlackReplay;
let server: Serving;
let slack: WebClient;

const clientOf = (token: string) => new WebClient(token, { slackApiUrl: `${server.url}/api`, retryConfig: { retries: 0 }, logger: quiet });
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error" as never, setName() {} };

beforeAll(async () => {
  replay = await createSlackReplay({ botToken: "xoxb-test" });
  server = await serving(replay.app);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await replay.close();
});
beforeEach(() => {
  slack = clientOf("xoxb-test");
});

const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
    return "no error";
  } catch (error) {
    return error instanceof WebAPIPlatformError ? error.data.error : error;
  }
};
const channel = () => replay.channelId;

describe("the workspace", () => {
  test("the token is the bot's, and the channel is known by id and name", async () => {
    expect(await slack.auth.test()).toMatchObject({ ok: true, user: "midwatch", bot_id: "B0MIDWATCH", user_id: "U0MIDWATCH" });
    const { channels = [] } = await slack.conversations.list();
    expect(channels.find(({ id }) => id === channel())).toMatchObject({ name: "incidents", is_member: true });
    expect((await slack.chat.postMessage({ channel: "#incidents", text: "by name" })).channel).toBe(channel());
  });
  test("a wrong token and none are told apart", async () => {
    expect(await errorOf(clientOf("xoxb-other").auth.test())).toBe("invalid_auth");
    expect(await errorOf(new WebClient(undefined, { slackApiUrl: `${server.url}/api`, logger: quiet }).auth.test())).toBe("not_authed");
  });
  test("people are there, without addresses, for the app does not ask for them", async () => {
    const ana = replay.userIds.get("ana") ?? "";
    const { user } = await slack.users.info({ user: ana });
    expect([user?.id, user?.name, user?.profile?.email]).toEqual([ana, "ana", undefined]);
    expect(await errorOf(slack.users.lookupByEmail({ email: "ana@acme.example" }))).toBe("missing_scope");
  });
  test("methods that a bot may not call, and ones that do not exist", async () => {
    expect(await errorOf(slack.search.messages({ query: "x" }))).toBe("not_allowed_token_type");
    expect(await errorOf(slack.usergroups.list())).toBe("missing_scope");
    expect(await errorOf(slack.apiCall("chat.shout"))).toBe("unknown_method");
  });
});

describe("messages", () => {
  test("metadata comes back only when asked for, and stays over an edit", async () => {
    const metadata = { event_type: "midwatch_outbox", event_payload: { key: "first-words" } };
    const posted = await slack.chat.postMessage({ channel: channel(), text: "one", metadata });
    const ts = posted.ts ?? "";
    await slack.chat.update({ channel: channel(), ts, text: "two" });
    const plain = await slack.conversations.history({ channel: channel(), oldest: ts, inclusive: true });
    expect(plain.messages).toHaveLength(1);
    expect(plain.messages?.[0]).not.toHaveProperty("metadata");
    const full = await slack.conversations.history({ channel: channel(), oldest: ts, inclusive: true, include_all_metadata: true });
    expect(full.messages?.[0]).toMatchObject({ text: "two", metadata, bot_id: "B0MIDWATCH", edited: { user: "U0MIDWATCH" } });
  });
  test("a thread has its parent first; history leaves its replies out", async () => {
    const parent = (await slack.chat.postMessage({ channel: channel(), text: "parent" })).ts ?? "";
    const metadata = { event_type: "midwatch_outbox", event_payload: { key: "brief" } };
    await slack.chat.postMessage({ channel: channel(), text: "brief", thread_ts: parent, metadata });
    await replay.say("ana", "is it the cache?", parent);
    const { messages = [] } = await slack.conversations.replies({ channel: channel(), ts: parent, include_all_metadata: true });
    expect(messages.map(({ text }) => text)).toEqual(["parent", "brief", "is it the cache?"]);
    expect(messages[0]).toMatchObject({ thread_ts: parent, reply_count: 2 });
    expect(messages[1]).toMatchObject({ metadata, parent_user_id: "U0MIDWATCH" });
    expect(messages[2]?.user).toBe(replay.userIds.get("ana"));
    const history = await slack.conversations.history({ channel: channel(), oldest: parent, inclusive: true });
    expect(history.messages?.map(({ text }) => text)).toEqual(["parent"]);
  });
  test("history goes page by page through a cursor", async () => {
    const first = (await slack.chat.postMessage({ channel: channel(), text: "p0" })).ts ?? "";
    for (const text of ["p1", "p2", "p3", "p4"]) await slack.chat.postMessage({ channel: channel(), text });
    const seen: (string | undefined)[] = [];
    for await (const page of slack.paginate("conversations.history", { channel: channel(), oldest: first, inclusive: true, limit: 2 })) {
      const { messages } = page as { messages?: { text?: string }[] };
      seen.push(...(messages ?? []).map(({ text }) => text));
    }
    expect(seen).toEqual(["p4", "p3", "p2", "p1", "p0"]);
  });
  test("what Slack refuses", async () => {
    const ts = (await slack.chat.postMessage({ channel: channel(), text: "x" })).ts ?? "";
    expect(await errorOf(slack.chat.postMessage({ channel: "C0NOWHERE", text: "x" }))).toBe("channel_not_found");
    expect(await errorOf(slack.chat.postMessage({ channel: channel(), text: "" }))).toBe("no_text");
    expect(await errorOf(slack.chat.update({ channel: channel(), ts: "1.000001", text: "x" }))).toBe("message_not_found");
    expect(await errorOf(slack.chat.update({ channel: channel(), ts, text: "y".repeat(4001) }))).toBe("msg_too_long");
    expect(await errorOf(slack.conversations.replies({ channel: channel(), ts: "1.000001" }))).toBe("thread_not_found");
    const theirs = await replay.say("jonas", "mine");
    expect(await errorOf(slack.chat.update({ channel: channel(), ts: theirs, text: "x" }))).toBe("cant_update_message");
    expect(await errorOf(slack.conversations.history({ channel: channel(), oldest: "yesterday" }))).toBe("invalid_ts_oldest");
  });
  test("refused blocks say where", async () => {
    const call = slack.chat.postMessage({
      channel: channel(),
      text: "x",
      blocks: [{ type: "divider" }, { type: "header", text: { type: "plain_text", text: "h".repeat(151) } }],
    });
    await expect(call).rejects.toMatchObject({
      data: {
        error: "invalid_blocks",
        response_metadata: { messages: ["[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]"] },
      },
    });
  });
  test("a channel must be joined before it is written to", async () => {
    const { channels = [] } = await slack.conversations.list();
    const random = channels.find(({ name }) => name === "random")?.id ?? "";
    expect(await errorOf(slack.chat.postMessage({ channel: random, text: "x" }))).toBe("not_in_channel");
    expect(await errorOf(slack.chat.postEphemeral({ channel: random, user: "U1", text: "x" }))).toBe("not_in_channel");
    await slack.conversations.join({ channel: random });
    expect(await errorOf(slack.chat.postMessage({ channel: random, text: "x" }))).toBe("no error");
  });
  test("a permalink leads to a page of this server, under the host that was asked", async () => {
    const ts = (await slack.chat.postMessage({ channel: channel(), text: "<b>hi</b>" })).ts ?? "";
    const { permalink = "" } = await slack.chat.getPermalink({ channel: channel(), message_ts: ts });
    expect(permalink.startsWith(server.url)).toBe(true);
    const page = await (await fetch(permalink)).text();
    expect(page).toContain("&lt;b&gt;hi&lt;/b&gt;");
    const proxied = await fetch(`${server.url}/api/chat.getPermalink?channel=${channel()}&message_ts=${ts}`, {
      headers: { authorization: "Bearer xoxb-test", "x-forwarded-host": "proxy.test:8443", "x-forwarded-proto": "https" },
    });
    expect(await proxied.json()).toMatchObject({ ok: true, permalink: permalink.replace(server.url, "https://proxy.test:8443") });
  });
  test("what the app's manifest does not ask for is refused: reactions", async () => {
    expect(await errorOf(slack.reactions.add({ channel: channel(), timestamp: "1.1", name: "eyes" }))).toBe("missing_scope");
  });
});

test("every version of every message is kept, in order", async () => {
  const own = await createSlackReplay({ botToken: "xoxb-own", channel: "fire" });
  await using ownServer = await serving(own.app);
  const client = new WebClient("xoxb-own", { slackApiUrl: `${ownServer.url}/api`, logger: quiet });
  const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*b*" } }];
  const status = (await client.chat.postMessage({ channel: "fire", text: "reading", blocks })).ts ?? "";
  await own.say("ana", "hello", status);
  await client.chat.update({ channel: own.channelId, ts: status, text: "done" });
  const gone = (await client.chat.postMessage({ channel: "fire", text: "oops" })).ts ?? "";
  await client.chat.delete({ channel: own.channelId, ts: gone });
  expect(own.messages()).toMatchObject([
    {
      ts: status,
      threadTs: null,
      byBot: true,
      versions: [
        { text: "reading", blocks },
        { text: "done", blocks: [] },
      ],
    },
    { threadTs: status, byBot: false, versions: [{ text: "hello" }] },
    { ts: gone, deleted: true },
  ]);
  await own.close();
});

describe("what Slack sends to the bot", () => {
  const secret = "shh";
  const checked = (seen: { headers: Record<string, unknown>; body: string }) =>
    verifySlackRequest({
      signingSecret: secret,
      body: seen.body,
      headers: {
        "x-slack-signature": String(seen.headers["x-slack-signature"]),
        "x-slack-request-timestamp": Number(seen.headers["x-slack-request-timestamp"]),
      },
    });

  test("events, clicks, commands and the handshake are signed so that Bolt takes them", async () => {
    await using bot = await listen((_request, response) => void response.end("ok"));
    const inbound = createSlackInbound({ signingSecret: secret });
    await inbound.event(bot.url, { type: "message", channel: "C1", user: "U1", text: "hi", ts: "1.1" }, { eventId: "Ev1", retryNum: 1 });
    await inbound.action(bot.url, { user: "U1", channel: "C1", messageTs: "1.1", actionId: "stop", value: "inc-1" });
    await inbound.command(bot.url, {
      user: "U1",
      userName: "ana",
      channel: "C1",
      channelName: "incidents",
      command: "/midwatch",
      text: "status",
    });
    await inbound.urlVerification(bot.url, "abc");
    for (const seen of bot.seen) expect(() => checked(seen)).not.toThrow();
    const [event, action, command, handshake] = bot.seen;
    expect(event?.headers["x-slack-retry-num"]).toBe("1");
    expect(JSON.parse(event?.body ?? "")).toMatchObject({
      type: "event_callback",
      event_id: "Ev1",
      event: { type: "message", text: "hi" },
    });
    const payload = JSON.parse(new URLSearchParams(action?.body).get("payload") ?? "") as unknown;
    expect(payload).toMatchObject({ type: "block_actions", user: { id: "U1" }, actions: [{ action_id: "stop", value: "inc-1" }] });
    expect(Object.fromEntries(new URLSearchParams(command?.body))).toMatchObject({ command: "/midwatch", text: "status", user_id: "U1" });
    expect(JSON.parse(handshake?.body ?? "")).toMatchObject({ type: "url_verification", challenge: "abc" });
  });
});
