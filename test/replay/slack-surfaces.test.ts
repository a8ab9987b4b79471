import { Hono } from "hono";
import { expect, test } from "vitest";
import { isObject, type Json } from "../../src/replay/json.ts";
import { listen } from "../../src/replay/listen.ts";
import { startReplay } from "../../src/replay/server.ts";
import { startWorkspacePage } from "../../src/replay/slack/page/server.ts";
import { incidentJson, recordingFolder } from "../support/recording-folder.ts";

/** An emulated workspace with its page, and a bot of a few lines: what it hears, and how it answers. */
async function workspace(answer: (heard: Json, call: (method: string, parameters: Json) => Promise<Json>) => Promise<Json | null>) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await recordingFolder({ "incident.json": incidentJson() }));
  const replay = stack.use(await startReplay({ folder: folder.path }));
  const { settings, slack } = replay;
  const call = async (method: string, parameters: Json): Promise<Json> => {
    const fields = Object.entries(parameters).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
    const response = await fetch(`${settings.SLACK_API_URL}/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${settings.SLACK_BOT_TOKEN}` },
      body: new URLSearchParams(fields),
    });
    return (await response.json()) as Json;
  };
  const heard: Json[] = [];
  const app = new Hono();
  app.post("/slack/events", async (c) => {
    expect(c.req.header("x-slack-signature")).toMatch(/^v0=[0-9a-f]{64}$/);
    const raw = await c.req.text();
    const payload = new URLSearchParams(raw).get("payload");
    const body = (
      payload === null ? (raw.startsWith("{") ? JSON.parse(raw) : Object.fromEntries(new URLSearchParams(raw))) : JSON.parse(payload)
    ) as Json;
    heard.push(body);
    const said = await answer(body, call);
    return said === null ? c.body("") : c.json(said);
  });
  const bot = await listen(app, 0);
  stack.defer(() => bot.close());
  const page = await startWorkspacePage({ replay, botUrl: `${bot.url}/slack/events` });
  stack.defer(() => page.close());
  const kept = stack.move();
  return {
    ...{ call, heard, slack, replay, url: page.url },
    act: async (what: Json) =>
      fetch(`${page.url}/act`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: new URL(page.url).origin },
        body: JSON.stringify({ as: "ana", ...what }),
      }),
    shown: async (at = slack.channelId, as = "ana") =>
      (await (await fetch(`${page.url}/messages?${new URLSearchParams({ at, as })}`)).json()) as Record<
        "channel" | "special" | "dialog" | "places",
        string
      >,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const plain = (text: string) => ({ type: "plain_text", text });
const dialog = (more: Json = {}) => ({
  ...{ type: "modal", callback_id: "verdict", title: plain("What was it?"), submit: plain("Send"), private_metadata: "P1" },
  blocks: [
    { type: "input", block_id: "what", label: plain("Cause"), element: { type: "plain_text_input", action_id: "words", multiline: true } },
    {
      ...{ type: "input", block_id: "where", label: plain("Area"), optional: true },
      element: { type: "radio_buttons", action_id: "area", options: ["code", "data"].map((value) => ({ text: plain(value), value })) },
    },
    { type: "input", block_id: "who", optional: true, label: plain("Who"), element: { type: "users_select", action_id: "person" } },
  ],
  ...more,
});

test("a dialog opens for who pressed, says what is wrong, keeps what was filled in, and closes once it is taken", async () => {
  let wrong = true;
  const opened: Json[] = [];
  await using desk = await workspace(async (body, call) => {
    if (body["type"] === "block_actions") opened.push(await call("views.open", { trigger_id: body["trigger_id"], view: dialog() }));
    if (body["type"] !== "view_submission" || !wrong) return null;
    return { response_action: "errors", errors: { what: "More than one word, please" } };
  });
  const posted = await desk.call("chat.postMessage", {
    ...{ channel: desk.slack.channelId, text: "done" },
    blocks: [{ type: "actions", elements: [{ type: "button", action_id: "wrong", text: plain("Wrong …"), value: "P1" }] }],
  });
  await desk.act({ kind: "control", place: `${String(posted["ts"])} 0 0` });
  expect((await desk.shown(undefined, "mei")).dialog).toBe("");
  const open = (await desk.shown()).dialog;
  expect(opened).toMatchObject([{ ok: true }]);
  expect(open).toContain("What was it?");
  expect(open).toContain("Jonas Berg");
  const view = /data-view="([^"]+)"/.exec(open)?.[1] ?? "";
  const filled = { "0 0": ["DNS"], "1 0": ["data"], "2 0": [desk.slack.userIds.get("mei")] };
  await desk.act({ kind: "submit", view, filled });
  expect((await desk.shown()).dialog).toContain("More than one word, please");
  expect(desk.heard.at(-1)).toMatchObject({
    type: "view_submission",
    user: { id: desk.slack.userIds.get("ana") },
    view: {
      ...{ id: view, callback_id: "verdict", private_metadata: "P1" },
      state: {
        values: {
          what: { words: { type: "plain_text_input", value: "DNS" } },
          where: { area: { selected_option: { value: "data" } } },
          who: { person: { selected_user: desk.slack.userIds.get("mei") } },
        },
      },
    },
  });
  wrong = false;
  await desk.act({ kind: "submit", view, filled });
  expect((await desk.shown()).dialog).toBe("");
});

test("a dialog that Slack would refuse is refused, and so is a trigger id that was used", async () => {
  const answers: Json[] = [];
  await using desk = await workspace(async (body, call) => {
    const open = (view: Json) => call("views.open", { trigger_id: body["trigger_id"], view });
    answers.push(await open(dialog({ title: plain("A title of more than 24 signs") })), await open(dialog({ submit: undefined })));
    answers.push(await open(dialog()), await open(dialog()));
    return null;
  });
  await desk.act({ kind: "say", at: desk.slack.channelId, words: "/midwatch help" });
  expect(answers.map(({ ok, error }) => (ok === true ? "ok" : error))).toEqual([
    "invalid_arguments",
    "invalid_arguments",
    "ok",
    "exchanged_trigger_id",
  ]);
});

test("App Home shows what was published for who looks, and a shortcut sends the message that it was chosen on", async () => {
  await using desk = await workspace(async (body, call) => {
    const event = isObject(body["event"]) ? body["event"] : {};
    if (event["type"] === "app_home_opened")
      await call("views.publish", {
        user_id: event["user"],
        view: { type: "home", blocks: [{ type: "header", text: plain("Open incidents") }] },
      });
    return null;
  });
  await desk.act({ kind: "home" });
  expect((await desk.shown("home")).special).toContain("Open incidents");
  expect((await desk.shown("home", "mei")).special).not.toContain("Open incidents");
  const ts = await desk.slack.say("mei", "checkout is slow");
  await desk.act({ kind: "shortcut", callback: "investigate", ts });
  expect(desk.heard.at(-1)).toMatchObject({
    type: "message_action",
    callback_id: "investigate",
    message: { ts, text: "checkout is slow" },
  });
});

test("in a channel that midwatch is not in it hears nothing; once invited, it does", async () => {
  await using desk = await workspace(async () => null);
  const { at } = (await (await desk.act({ kind: "make", name: "inc-1201-checkout" })).json()) as { at: string };
  await desk.act({ kind: "say", at, words: "is anyone on it?" });
  expect(desk.heard).toEqual([]);
  await desk.act({ kind: "say", at, words: "/invite @midwatch" });
  await desk.act({ kind: "say", at, words: "@midwatch since when? cc @Mei Tanaka" });
  const events = desk.heard.map(({ event }) => (isObject(event) ? event : {}));
  expect(events.map(({ type, channel }) => [type, channel])).toEqual([
    ["member_joined_channel", at],
    ["app_mention", at],
    ["message", at],
  ]);
  expect(events[2]?.["text"]).toContain(`<@${desk.slack.userIds.get("mei")}>`);
  // Each channel shows its own messages.
  expect((await desk.shown(at)).channel).toContain("since when?");
  expect((await desk.shown()).channel).not.toContain("since when?");
});
