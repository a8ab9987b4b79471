import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { isChannelDue, madeChannelName } from "../../src/incident/made-channel.ts";
import type { Page } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createSlackReplay, type SlackReplay } from "../../src/replay/slack/app.ts";
import type { SlackClient } from "../../src/integrations/slack/client.ts";
import { makeStep } from "../../src/slack/make-channel.ts";
import type { StepContext } from "../../src/store/incident-store.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { logOf, page } from "../support/example-log.ts";
import { startWorkspaceScene, WORKSPACE_TOKEN } from "../support/workspace-scene.ts";

/** The channel that midwatch makes for an incident, in an emulated workspace. */
let slack: SlackReplay;
let withoutScopes: SlackReplay;
beforeAll(async () => {
  slack = await createSlackReplay({ botToken: WORKSPACE_TOKEN, makesChannels: true });
  withoutScopes = await createSlackReplay({ botToken: WORKSPACE_TOKEN });
});
afterAll(async () => {
  await slack.close();
  await withoutScopes.close();
});

const NAME = "inc-20261123-checkout-4821";
const responders = [{ pager: "pagerduty", email: async (id: string) => (id === "PANA" ? "ana@acme.example" : null) }];
const make = { responders, pageOf: (id: string) => `https://midwatch.example/incidents/${id}`, redactedFor: () => (text: string) => text };
const brief = { type: "brief-posted", ts: "1.1", text: "brief" } as const;
const has = (type: LoggedEvent["event"]["type"]) => (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === type);
const day = new Date(page.createdAt).toISOString().slice(0, 10).replaceAll("-", "");
const name = NAME.replace("20261123", day);

test("an incident gets one channel with topic, bookmark and who was paged, though Slack's answer is lost and another has its name", async () => {
  await slack.make("jonas", name);
  let lost = 0;
  await using scene = await startWorkspaceScene(
    slack,
    "incident_channels: { create: true }",
    async (method, call) => {
      const answer = await call();
      // Of what was made the answer gets lost, once.
      if (method === "conversations.create" && ((await answer.clone().json()) as { ok: boolean }).ok && lost++ === 0)
        throw new TypeError("fetch failed");
      return answer;
    },
    make,
  );
  await scene.store.tell("pd-Q1", [brief], "k1");
  const log = await scene.until(has("channel-heard"));
  expect(lost).toBe(1);
  const made = (await slack.channels()).filter((one) => one.name.startsWith(name));
  expect(made.map((one) => [one.name, one.hasBot])).toEqual([
    [name, false],
    [`${name}-2`, true],
  ]);
  expect(made[1]?.topic).toContain("PagerDuty #4821");
  expect(made[1]?.topic).toContain("https://midwatch.example/incidents/pd-Q1");
  expect(log.find(({ event }) => event.type === "channel-furnished")?.event).toMatchObject({
    invited: [{ user: "Ana", userId: scene.idOf("ana") }],
    missed: [],
  });
  expect(toTimeline(log).map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      `made the channel #${name}-2`,
      "invited Ana to the channel",
      expect.stringContaining("is this incident's channel"),
    ]),
  );
  expect(viewOf(log).channel).not.toBeNull();
  expect(JSON.stringify(log)).not.toContain("ana@acme.example");
  await scene.says(viewOf(log).channel ?? "", "ana", "decision: fail over");
  expect((await scene.log()).at(-1)?.event.type).toMatch(/^slack-message-received|desk-entry-proposed$/);
  expect(scene.errors).toEqual([]);
});

/** The step that makes a channel, where midwatch made the first name's channel for `owner` before. */
async function making(owner: string, open: readonly string[], title = page.title) {
  const asked: string[] = [];
  const topics: string[] = [];
  const claimed: string[] = [];
  const client = {
    createChannel: async (wanted: string) => `C${asked.push(wanted)}`,
    setTopic: async (_channel: string, topic: string) => void topics.push(topic),
    addBookmark: async () => undefined,
  } as unknown as SlackClient;
  const log = logOf([
    [1_000, { type: "page-received", page: { ...page, title, assignees: [] } }],
    [2_000, brief],
  ]);
  const context = {
    ...{ log, incidentId: "P2", now: () => 3_000, signal: new AbortController().signal },
    effects: { deliver: async (_key: string, _kind: string, kept: unknown, { act }: { act: (one: unknown) => unknown }) => act(kept) },
    claim: async (address: string) => void claimed.push(address),
    others: {
      claim: async (key: string) => ({ incidentId: key === "channel:C1" ? owner : "P2", note: null }),
      note: async () => undefined,
      pinned: async () => open.map((incidentId) => ({ incidentId, card: {} })),
    },
  } as unknown as StepContext;
  const deps = { ...make, slack: client };
  const [made] = (await makeStep(deps, log, viewOf(log))?.run(context)) ?? [];
  const later = [...log, { seq: 9, at: 3_000, event: made as LoggedEvent["event"] }];
  await makeStep(deps, later, viewOf(later))?.run({ ...context, log: later });
  return { made, claimed, topics };
}

test("the channel that midwatch made for another incident of the same number stays that one's, open or not", async () => {
  expect(await making("P1", ["P1", "P2"])).toMatchObject({ made: { channel: "C2", name: `${name}-2` }, claimed: ["slack:C2"] });
  expect(await making("P1", ["P2"])).toMatchObject({ claimed: ["slack:C2"] });
  expect(await making("P2", ["P1", "P2"])).toMatchObject({ made: { channel: "C1", name }, claimed: ["slack:C1"] });
});

test("the topic has no link and calls nobody but by midwatch's own page", async () => {
  const { topics } = await making("P2", [], "<!channel> checkout down, sign in at https://evil.example/login or login.evil.dev @here");
  expect(topics).toHaveLength(1);
  expect(topics[0]).toContain("https://midwatch.example/incidents/P2");
  expect(topics[0]?.replaceAll("https://midwatch.example", "")).not.toMatch(/https?:|evil\.|<!|@here/);
});

test("without the scope no channel is made, the timeline says which scope, and nothing is asked again", async () => {
  await using scene = await startWorkspaceScene(withoutScopes, "incident_channels: { create: true }", undefined, make);
  await scene.store.tell("pd-Q1", [brief], "k1");
  const log = await scene.until(has("channel-not-made"));
  expect(toTimeline(log).map(({ text }) => text)).toContainEqual(expect.stringMatching(/^made no channel: .*channels:manage/));
  expect(isChannelDue(log, viewOf(log))).toBe(false);
});

test.each<[string, Partial<Page>, boolean]>([
  ["open", {}, true],
  ["resolved by then", { status: "resolved" }, false],
  ["with a channel in its text", { details: "room: https://acme.slack.com/archives/C0WAR00" }, false],
])("a page that is %s: a channel is due: %s", (_what, change, due) => {
  const log = logOf([
    [1_000, { type: "page-received", page: { ...page, ...change } }],
    [2_000, brief],
  ]);
  expect(isChannelDue(log, viewOf(log))).toBe(due);
});

test.each<[string, Partial<Page>, string]>([
  ["a service and a number", {}, `inc-${day}-checkout-4821`],
  ["a service whose name Slack would not take", { service: { id: "P1", name: "Zahlung & Büro (EU)" } }, `inc-${day}-zahlung-büro-eu-4821`],
  ["no service, no number", { service: null, number: null, title: "Disk full!" }, `inc-${day}-disk-full-ab12cd`],
  ["a name of signs alone", { service: { id: "P1", name: "???" }, title: "!!!" }, `inc-${day}-4821`],
])("the channel of a page with %s", (_what, change, expected) => {
  const log = logOf([[1_000, { type: "page-received", page: { ...page, ...change } }]]);
  expect(madeChannelName("pd-QXAB12CD", viewOf(log), 1)).toBe(expected);
});
