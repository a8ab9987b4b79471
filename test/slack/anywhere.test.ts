import { afterAll, beforeAll, expect, test } from "vitest";
import { createSlackReplay, type SlackReplay } from "../../src/replay/slack/app.ts";
import { incidentDesk } from "../../src/incident/desk.ts";
import { CONFIRM } from "../../src/slack/proposals.ts";
import { startWorkspaceScene, WORKSPACE_TOKEN } from "../support/workspace-scene.ts";

/** midwatch's own page in Slack, and the entry in a message's menu. */
let slack: SlackReplay;
beforeAll(async () => {
  slack = await createSlackReplay({ botToken: WORKSPACE_TOKEN });
});
afterAll(() => slack.close());

const CATALOG = "services:\n  - { name: search }\n  - { name: mail }\nincident_channels: { join: true }";

test("App Home shows the open incidents and what waits for who looks; a proposal is confirmed there", async () => {
  await using scene = await startWorkspaceScene(slack, CATALOG);
  const me = scene.idOf("ana");
  const home = () => JSON.stringify(slack.views.home(me));
  const opened = () => scene.event({ type: "app_home_opened", user: me, channel: "D0ANA", tab: "home", event_ts: "1.1" });
  await opened();
  expect(home()).toMatch(/Open incidents: 1.*• #4821 Checkout error rate.*#4821: nobody has acknowledged the page/s);
  const by = { user: "mei", userId: scene.idOf("mei") };
  await scene.store.tell(
    "pd-Q1",
    [
      { type: "desk-entry-made", entry: { what: "action", text: "write to support", owner: { user: "ana", userId: me } }, by },
      { type: "desk-entry-made", entry: { what: "action", text: "call the provider", owner: by }, by },
      { type: "desk-entry-proposed", id: "C0:1.1:0", entry: { what: "severity", level: "SEV1" }, by },
      { type: "channel-heard", channel: "C0WAR00", name: "inc-4821-checkout" },
    ],
    "desk",
  );
  await opened();
  expect(home()).toContain("your action 1: write to support");
  expect(home()).toMatch(/• #4821 Checkout error rate[^•]* · <#C0WAR00>/);
  expect(home()).not.toContain("call the provider");
  expect(home()).toContain("severity: SEV1");
  const view = slack.views.home(me) ?? {};
  await scene.inbound.viewAction(scene.address, { user: me, view, actionId: CONFIRM, value: "pd-Q1 C0:1.1:0" });
  expect(incidentDesk(await scene.log()).severity?.value).toBe("SEV1");
  expect(home()).toContain("On the timeline: severity: SEV1");
  expect(home()).toContain("[SEV1] Checkout");
  expect(scene.errors).toEqual([]);
});

test("“Investigate this” looks at the one service that a message names, and says what it could not tell", async () => {
  await using scene = await startWorkspaceScene(slack, CATALOG);
  const choose = async (channel: string, text: string) => {
    const ts = await slack.say("ana", text, undefined, channel);
    await scene.inbound.shortcut(scene.address, {
      ...{ callbackId: "investigate-this", user: scene.idOf("ana"), channel, channelName: "x" },
      message: { ts, text, user: scene.idOf("mei") },
    });
  };
  const told = () => slack.whispers().at(-1)?.text ?? "";
  await choose(slack.channelId, "is search slow for anybody else? p95 looks bad.");
  expect(told()).toMatch(/^midwatch is looking at search/);
  const { incidents } = await scene.store.list({ limit: 5 });
  const begun = incidents.find(({ service }) => service === "search");
  const [first] = await scene.store.read(begun?.id ?? "");
  expect(first?.event).toMatchObject({
    trigger: { kind: "person", by: "Ana Ruiz", details: "is search slow for anybody else? p95 looks bad." },
  });
  await choose(slack.channelId, "everything is slow");
  expect(told()).toMatch(/^That message names no service in the catalog\./);
  await choose(slack.channelId, "search or mail?");
  expect(told()).toMatch(/^That message names search, mail\. Say which one/);
  // Where midwatch is not in the channel, a dialog has the answer.
  const other = await slack.make("ana", "elsewhere");
  await choose(other, "everything is slow");
  expect(JSON.stringify(slack.views.dialogs(scene.idOf("ana")))).toContain("names no service in the catalog");
  expect(scene.errors).toEqual([]);
});
