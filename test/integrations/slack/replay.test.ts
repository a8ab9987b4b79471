import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { button, toMessage } from "../../../src/integrations/slack/block-kit.ts";
import { createBolt } from "../../../src/slack/bolt.ts";
import { createSlackClient, type SlackClient } from "../../../src/integrations/slack/client.ts";
import { escapeText } from "../../../src/integrations/slack/mrkdwn.ts";
import { createSlackReceiver, type SlackInbound } from "../../../src/slack/receiver.ts";
import { type Replay, startReplay } from "../../../src/replay/server.ts";
import { outsideText } from "./outside-text.ts";
import { TRAIN_TICKET } from "../../support/bot.ts";

let replay: Replay;
let client: SlackClient;
let receiver: ReturnType<typeof serve>;
let url = "";
const heard: SlackInbound[] = [];

beforeAll(async () => {
  replay = await startReplay({ folder: TRAIN_TICKET });
  const connection = {
    baseUrl: replay.settings.SLACK_API_URL,
    token: replay.settings.SLACK_BOT_TOKEN,
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
  };
  client = createSlackClient(connection);
  const handler = {
    onInbound: (inbound: SlackInbound) =>
      Promise.resolve(heard.push(inbound) > 0 && inbound.type === "command" ? "nothing is open" : undefined),
    onError: (error: unknown) => {
      throw error;
    },
  };
  const receive = createSlackReceiver({
    ...handler,
    signingSecret: replay.settings.SLACK_SIGNING_SECRET,
    bolt: createBolt(connection, handler).dispatch,
  });
  receiver = serve({ fetch: receive, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => receiver.once("listening", () => resolve()));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/slack/events`;
});
afterAll(async () => {
  receiver.close();
  await replay.close();
});

test("an incident's message is posted once, edited in place, answered in its thread and found by its key", async () => {
  const { botUserId, scopes } = (await client.authTest()).value;
  expect(scopes).toContain("chat:write");
  const channel = (await client.resolveChannel(`#${replay.slack.channelName}`)).value;
  expect(channel).toMatchObject({ id: replay.slack.channelId, shared: false, archived: false, member: true });
  const since = Date.now();
  const status = (await client.postMessage({ ...toMessage([{ text: "*checkout* is slow" }]), channel: channel.id, key: "P1:status" }))
    .value;
  expect(status.link).toMatch(/^http/);
  await client.updateMessage({
    ...toMessage([{ text: "*checkout* is well again" }], [button({ actionId: "right", text: "Right", value: "P1" })]),
    channel: channel.id,
    ts: status.ts,
  });
  // Whatever the outside says, Slack's own checks let the message pass.
  for (let seed = 1; seed <= 5; seed++) {
    const message = toMessage(
      Array.from({ length: 4 }, (_, index) => ({ text: escapeText(outsideText(seed * 10 + index, 300)), small: index === 3 })),
    );
    await client.postMessage({ ...message, channel: channel.id, threadTs: status.ts, key: `P1:${seed}` });
  }
  await replay.slack.say("ana", "is it <db> & cache?", status.ts);
  expect((await client.findByKey({ channel: channel.id, key: "P1:status", since })).value?.ts).toBe(status.ts);
  expect((await client.findByKey({ channel: channel.id, threadTs: status.ts, key: "P1:4", since })).value).not.toBeNull();
  expect((await client.findByKey({ channel: channel.id, key: "P1:other", since })).value).toBeNull();
  const thread = (await client.threadReplies({ channel: channel.id, threadTs: status.ts })).value;
  expect(thread.map(({ key }) => key)).toEqual(["P1:status", "P1:1", "P1:2", "P1:3", "P1:4", "P1:5", null]);
  expect(thread.map(({ byBot }) => byBot)).toEqual([true, true, true, true, true, true, false]);
  expect(thread[0]).toMatchObject({ user: botUserId, text: "*checkout* is well again" });
  expect(await client.userName(thread.at(-1)?.user ?? "")).not.toBe("");
  const [posted] = replay.messages().filter(({ ts }) => ts === status.ts);
  expect(posted?.versions.map(({ text }) => text)).toEqual(["*checkout* is slow", "*checkout* is well again"]);
});

test("what people do there is heard", async () => {
  const { inbound, channelId } = replay.slack;
  const user = replay.slack.userIds.get("ana") ?? "";
  const messageTs = "1760000000.000100";
  const answers = [
    await inbound.urlVerification(url, "3eZbrw"),
    await inbound.event(url, { type: "message", channel: channelId, user, ts: messageTs, text: "look at the cache" }),
    await inbound.action(url, { user, channel: channelId, messageTs, actionId: "right", value: "P1" }),
    await inbound.command(url, { user, userName: "ana", channel: channelId, channelName: "incidents", command: "/midwatch", text: "" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await answers[0]?.json()).toEqual({ challenge: "3eZbrw" });
  expect(await answers[3]?.json()).toMatchObject({ text: "nothing is open" });
  expect(heard).toMatchObject([
    { type: "message", user, text: "look at the cache" },
    { type: "action", action: "right", value: "P1", messageTs },
    { type: "command", command: "/midwatch" },
  ]);
});
