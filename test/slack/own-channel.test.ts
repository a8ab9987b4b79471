import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { channelClue, linkedIn, ownChannels } from "../../src/incident/own-channel.ts";
import { ordersSinceEnd } from "../../src/investigation/agent/people-orders.ts";
import type { SlackChannel } from "../../src/integrations/slack/channels.ts";
import type { SlackClient } from "../../src/integrations/slack/client.ts";
import { createSlackReplay, type SlackReplay } from "../../src/replay/slack/app.ts";
import { slackApp } from "../../src/replay/slack/workspace.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createChannels } from "../../src/slack/channel-handlers.ts";
import { hearStep } from "../../src/slack/hear-channel.ts";
import type { IncidentStore, StepContext } from "../../src/store/incident-store.ts";
import { logOf, page } from "../support/example-log.ts";
import { startWorkspaceScene, WORKSPACE_TOKEN } from "../support/workspace-scene.ts";

/** Channels of one incident, in an emulated workspace. */
let slack: SlackReplay;
beforeAll(async () => {
  slack = await createSlackReplay({ botToken: WORKSPACE_TOKEN });
});
afterAll(() => slack.close());

const startScene = (rule: string) => startWorkspaceScene(slack, `incident_channels: ${rule}`);

const has = (type: LoggedEvent["event"]["type"]) => (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === type);
const said = (log: readonly LoggedEvent[]) =>
  toTimeline(log).flatMap(({ kind, text, detail }) => (kind === "person" ? [`${text}: ${detail ?? "-"}`] : []));

test("a channel with the page's number in its name is joined, what was said before is read, and what follows is heard, also edits and deletions", async () => {
  await using scene = await startScene('{ name: "inc-*", join: true }');
  const channel = await slack.make("ana", "inc-4821-checkout");
  const first = await slack.say("ana", `<@${scene.idOf("jonas")}> is on the rollback`, undefined, channel);
  await slack.say("jonas", "rolling back now", first, channel);
  await scene.event({
    type: "channel_created",
    channel: { id: channel, name: "inc-4821-checkout", creator: scene.idOf("ana"), created: 1 },
  });
  await scene.until(has("channel-heard"));
  expect((await slack.channels()).find(({ id }) => id === channel)?.hasBot).toBe(true);
  const ts = await scene.says(channel, "mei", "customers in EU cannot pay");
  const oops = await scene.says(channel, "mei", "wrong window, ignore: hunter2");
  const edit = { message: { type: "message", user: scene.idOf("mei"), ts, text: "customers in EU and UK cannot pay" } };
  const before = { previous_message: { type: "message", user: scene.idOf("mei"), ts, text: "customers in EU cannot pay" } };
  await scene.event({ type: "message", subtype: "message_changed", channel, ts: "1.1", event_ts: "1.1", ...edit, ...before });
  await scene.event({
    ...{ type: "message", subtype: "message_deleted", channel, ts: "1.2", event_ts: "1.2", deleted_ts: oops },
    previous_message: { type: "message", user: scene.idOf("mei"), ts: oops, text: "wrong window, ignore: hunter2" },
  });
  const log = await scene.log();
  const lines = said(log);
  expect(lines.map((line) => line.replace(/\d\d:\d\d/, "hh:mm"))).toEqual([
    "Ana Ruiz wrote in Slack: @Jonas Berg is on the rollback",
    "Jonas Berg wrote in Slack: rolling back now",
    "Mei Tanaka wrote in Slack: customers in EU cannot pay",
    "Mei Tanaka wrote in Slack: -",
    "Mei Tanaka edited the message from hh:mm: customers in EU and UK cannot pay",
  ]);
  expect(JSON.stringify(toTimeline(log))).not.toMatch(/hunter2|"U0/);
  expect(scene.errors).toEqual([]);
});

test("a link that Slack unfolds in a message is no edit, and an app's own words are nobody's", async () => {
  await using scene = await startScene('{ name: "inc-*", join: true }');
  const channel = await slack.make("ana", "inc-4821-unfold");
  await scene.event({ type: "channel_created", channel: { id: channel, name: "inc-4821-unfold", creator: "", created: 1 } });
  await scene.until(has("channel-heard"));
  const ts = await scene.says(channel, "ana", "see https://x.example");
  const message = { type: "message", user: scene.idOf("ana"), ts, text: "see https://x.example" };
  await scene.event({ type: "message", subtype: "message_changed", channel, event_ts: "1.3", message, previous_message: message });
  expect((await scene.log()).filter(({ event }) => event.type === "slack-message-edited")).toEqual([]);
});

test("where the catalog does not let it join, nothing is read until it is invited", async () => {
  await using scene = await startScene('{ name: "inc-*" }');
  const channel = await slack.make("ana", "inc-4821-invited");
  await slack.say("ana", "nobody can pay", undefined, channel);
  await scene.event({ type: "channel_created", channel: { id: channel, name: "inc-4821-invited", creator: "", created: 1 } });
  const log = await scene.until(has("channel-refused"));
  expect(log.at(-1)?.event).toMatchObject({ because: expect.stringContaining("/invite @midwatch") });
  expect(said(log)).toEqual([]);
  await slack.invite(channel);
  await scene.event({ type: "member_joined_channel", user: slackApp.botUserId, channel, inviter: scene.idOf("ana") });
  await scene.until(has("channel-heard"));
  expect(said(await scene.log())).toEqual(["Ana Ruiz wrote in Slack: nobody can pay"]);
});

test("a channel of which nothing says whose it is waits for a person, who links it", async () => {
  await using scene = await startScene('{ name: "inc-*", join: true }');
  const channel = await slack.make("ana", "inc-checkout-down");
  await slack.invite(channel);
  await scene.event({ type: "member_joined_channel", user: slackApp.botUserId, channel, inviter: scene.idOf("ana") });
  expect(slack.whispers().at(-1)?.text).toMatch(
    /^Which incident is this channel for\?.*\/midwatch link #4821\n• #4821 Checkout error rate/s,
  );
  expect(ownChannels(await scene.log())).toEqual([]);
  expect(await scene.command(channel, "link #4821")).toContain("go on the timeline of #4821");
  await scene.until(has("channel-heard"));
  await scene.says(channel, "ana", "decision: fail over");
  expect(said(await scene.log()).at(-1)).toBe("Ana Ruiz wrote in Slack: decision: fail over");
  // There, commands mean this incident.
  expect(await scene.command(channel, "decision stay in EU")).toBe("#4821: Set and on the timeline: decision: stay in EU");
});

test("the channel of many incidents is nobody's own, and channels of other names or others' numbers are passed over", async () => {
  await using scene = await startScene('{ name: "inc-*", join: true }');
  await scene.command(slack.channelId, "link #4821");
  const log = await scene.until(has("channel-refused"));
  expect(log.at(-1)?.event).toMatchObject({ because: "the catalog names it for many incidents" });
  for (const name of ["team-4821", "inc-48210-other", "inc-14821"]) {
    const channel = await slack.make("ana", name);
    await scene.event({ type: "channel_created", channel: { id: channel, name, creator: "", created: 1 } });
  }
  expect(ownChannels(await scene.log()).map(({ channel }) => channel)).toEqual([slack.channelId]);
});

describe("whose a channel is", () => {
  const link = "https://acme.pagerduty.com/incidents/Q4821CHECKOUT";
  const about = { number: 4821, link, id: "Q4821CHECKOUT" };
  test.each([
    ["inc-4821", "", "name"],
    ["inc_2026-11-23_4821_checkout", "", "name"],
    ["inc-checkout", `War room: ${link}`, "topic"],
    ["inc-checkout", "PagerDuty #4821", "topic"],
    ["inc-checkout", "PagerDuty #48210", null],
    ["inc-482", "", null],
    ["inc-checkout", "4821 users", null],
  ])("%s, “%s”: %s", (name, topic, clue) => expect(channelClue({ name, about: topic }, about)).toBe(clue));

  test("addresses of channels in the page's text, two at most", () => {
    const at = (id: string) => `https://acme.slack.com/archives/${id}`;
    expect(
      linkedIn({ title: "down", details: `room ${at("C0AAAAAA")}, ${at("C0AAAAAA")} and https://evil.example/archives/C0BBBBBB` }),
    ).toEqual(["C0AAAAAA"]);
    expect(linkedIn({ title: "", details: ["C0AAAAAA", "C0BBBBBB", "C0CCCCCC"].map(at).join(" ") })).toHaveLength(2);
  });
});

test("what people say to each other in their channel orders midwatch nothing; said to midwatch it does", () => {
  const order = (more: object) =>
    ordersSinceEnd(
      logOf([[1_000, { type: "slack-message-received", channel: "C0INC", ts: "1.1", threadTs: null, user: "Ana", text: "stop", ...more }]]),
    );
  expect(order({ inChannel: true })).toBeNull();
  expect(order({ inChannel: true, text: "midwatch stop" })).toBe("stop");
  expect(order({})).toBe("stop");
});

const war: SlackChannel = { name: "inc-war", about: "", shared: false, archived: false, private: false, member: true, id: "C0WAR00" };
const oneChannel = {
  channelInfo: async () => ({ value: war }),
  channelHistory: async () => ({ value: [] }),
} as unknown as SlackClient;
const anyRule = { name: "inc-*", join: true, create: false };

test.each([
  ["a member", null, 1],
  ["a guest", "guest", 0],
  ["somebody of another workspace", "other-workspace", 0],
] as const)("%s who brings midwatch into a channel is told what is open: %s", async (_who, code, whispers) => {
  const told: string[] = [];
  const channels = createChannels({
    slack: oneChannel,
    catalog: { incidentChannels: anyRule },
    gate: { refusal: async () => code },
    store: {
      incidentAt: async () => null,
      list: async () => ({ incidents: [{ id: "P1", status: "triggered" }], next: null }),
      read: async () => logOf([[1_000, { type: "page-received", page }]]),
    } as unknown as IncidentStore,
    whisper: async (_to, words) => void told.push(String(words)),
  });
  const envelope = { key: "k", eventId: "E1", teamId: "T1", enterpriseId: null, fromOutside: false, retry: null };
  await channels.seen({ ...envelope, type: "channel", channel: "C0WAR00", name: null, inviter: "U0SOMEBODY" });
  expect(told).toHaveLength(whispers);
});

/** What becomes of a channel that a page names and that another incident claimed first. */
async function hearing(owner: string, open: readonly string[], clue: "page-link" | "person") {
  const log = logOf([[1_000, { type: "page-received", page: { ...page, details: "room: https://acme.slack.com/archives/C0WAR00" } }]]);
  if (clue === "person") log.push({ seq: 2, at: 2_000, event: { type: "channel-linked", channel: "C0WAR00", clue } });
  const claimed: string[] = [];
  const context = {
    ...{ log, incidentId: "P2", now: () => 3_000, signal: new AbortController().signal },
    claim: async (address: string) => void claimed.push(address),
    others: {
      claim: async () => ({ incidentId: owner, note: null }),
      note: async () => undefined,
      pinned: async () => open.map((incidentId) => ({ incidentId, card: {} })),
    },
  } as unknown as StepContext;
  const events = await hearStep({ slack: oneChannel, rule: anyRule, shared: [] }, log, viewOf(log))?.run(context);
  return { claimed, types: events?.map(({ type }) => type).at(-1) };
}

test("a page that names the channel of another open incident takes its words away from nobody; a person may move them", async () => {
  expect(await hearing("P1", ["P1", "P3"], "page-link")).toEqual({ claimed: [], types: "channel-refused" });
  const heard = { claimed: ["slack:C0WAR00"], types: "channel-heard" };
  expect(await hearing("P1", ["P3"], "page-link")).toEqual(heard);
  expect(await hearing("P2", ["P1", "P2"], "page-link")).toEqual(heard);
  expect(await hearing("P1", ["P1"], "person")).toEqual(heard);
});
