import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { button, select, toMessage } from "../../src/integrations/slack/block-kit.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import { escapeText, link } from "../../src/integrations/slack/mrkdwn.ts";
import { listen as serveApp } from "../../src/replay/listen.ts";
import { startReplay } from "../../src/replay/server.ts";
import { startWorkspacePage } from "../../src/replay/slack/page/server.ts";
import { createSlackReceiver, type SlackInbound } from "../../src/slack/receiver.ts";
import { browserForTests, browserMissing } from "../support/browser.ts";
import { incidentJson, recordingFolder } from "../support/recording-folder.ts";
import { Hono } from "hono";

const browser = browserForTests();

/** An emulated workspace with its page, and a bot that hears what Slack sends. */
async function workspace() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await recordingFolder({ "incident.json": incidentJson() }));
  const replay = stack.use(await startReplay({ folder: folder.path }));
  const { settings } = replay;
  const slack = createSlackClient({
    baseUrl: settings.SLACK_API_URL,
    token: settings.SLACK_BOT_TOKEN,
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
  });
  const heard: SlackInbound[] = [];
  const waiting = new Set<() => void>();
  const receive = createSlackReceiver({
    signingSecret: settings.SLACK_SIGNING_SECRET,
    onInbound: async (inbound) => {
      heard.push(inbound);
      for (const wake of waiting) wake();
      return inbound.type === "command" ? "Two incidents are open." : undefined;
    },
    onError: (error) => {
      throw error;
    },
  });
  const app = new Hono();
  app.post("/slack/events", (c) => receive(c.req.raw));
  const bot = await serveApp(app, 0);
  stack.defer(() => bot.close());
  const page = await startWorkspacePage({ replay, botUrl: `${bot.url}/slack/events` });
  stack.defer(() => page.close());
  const kept = stack.move();
  return {
    replay,
    slack,
    heard,
    url: page.url,
    /** The first inbound of a kind, once it is there. */
    hears: async (type: SlackInbound["type"]) => {
      for (;;) {
        const found = heard.find((inbound) => inbound.type === type);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

describe.skipIf(browserMissing !== null)("the page of the emulated workspace", () => {
  test("shows messages as they come, and sends what a person presses, chooses, says and commands, signed as Slack does", async () => {
    await using desk = await workspace();
    const channel = desk.replay.slack.channelId;
    const posted = await desk.slack.postMessage({
      ...toMessage([{ text: `*checkout* fails ${link("https://example.com/1", "PagerDuty #1")} \`E_CONN <1>\`` }]),
      channel,
      key: "P1:status",
    });
    await using stack = new AsyncDisposableStack();
    const page = await browser().newPage({ viewport: { width: 1280, height: 800 } });
    stack.defer(() => page.close());
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(desk.url);
    const first = page.locator("#channel article").first();
    await desk.replay.slack.say("mei", "see https://example.com/a?b=1&c=2, please");
    await page.locator('a[href="https://example.com/a?b=1&c=2"]').waitFor();
    expect(await first.locator("b").textContent()).toBe("checkout");
    expect(await first.locator("a").getAttribute("href")).toBe("https://example.com/1");
    expect(await first.locator("code").textContent()).toBe("E_CONN <1>");

    // An edit shows without a reload, with its controls.
    await desk.slack.updateMessage({
      ...toMessage(
        [{ text: "*checkout* is slow" }],
        [
          button({ actionId: "right", text: "Right", value: "P1" }),
          select("split", "Split …", [
            { text: "payments #2", value: "P2" },
            { text: "mail #3", value: "P3" },
          ]),
        ],
      ),
      channel,
      ts: posted.value.ts,
    });
    await page.getByRole("button", { name: "Right" }).click();
    expect(await desk.hears("action")).toMatchObject({ action: "right", value: "P1", messageTs: posted.value.ts });
    desk.heard.length = 0;
    await page.getByLabel("Split …").selectOption({ label: "mail #3" });
    expect(await desk.hears("action")).toMatchObject({ action: "split", value: "P3", user: desk.replay.slack.userIds.get("ana") });

    await first.getByRole("button", { name: "Reply in thread" }).click();
    await page.locator("#thread input").fill("@midwatch since when?");
    await page.keyboard.press("Enter");
    expect(await desk.hears("message")).toMatchObject({ threadTs: posted.value.ts, toBot: true });
    await page.locator("#thread article", { hasText: "since when?" }).waitFor();

    await page.locator("#channel input").fill("/midwatch status");
    await page.keyboard.press("Enter");
    expect(await desk.hears("command")).toMatchObject({ command: "/midwatch", text: "status", userName: "ana" });
    const answer = page.locator("#channel article.whisper");
    await answer.waitFor();
    expect(await answer.textContent()).toContain("Two incidents are open.");
    // Nobody else sees what was said to one person.
    await page.getByLabel("You are").selectOption("mei");
    await answer.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });
});

test("what a message says stays text: markup from outside draws nothing", async () => {
  await using desk = await workspace();
  const outside = '<script>alert(1)</script> <img src=x onerror="alert(2)"> & <https://evil.example|click>';
  await desk.slack.postMessage({ ...toMessage([{ text: escapeText(outside) }]), channel: desk.replay.slack.channelId, key: "P1:status" });
  await desk.replay.slack.say("ana", "<javascript:alert(3)|look> \uE0000\uE000 *bold _both_*");
  const markup = await (await fetch(desk.url)).text();
  const shown = markup.slice(markup.indexOf('aria-label="Messages of the channel"'), markup.indexOf("<aside"));
  expect(shown).not.toMatch(/<script|<img|javascript:|href="https:\/\/evil/);
  expect(shown).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(shown).toContain("<b>bold <i>both</i></b>");
});

test("another site that names this machine, or posts to it, reads nothing and does nothing, on the page and at the replay", async () => {
  await using desk = await workspace();
  const asked = (url: string, headers: Record<string, string>, body: string | null) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, { method: body === null ? "GET" : "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      sent.end(body ?? undefined);
    });
  const named = (base: string) => `evil.example:${new URL(base).port}`;
  const say = JSON.stringify({ kind: "say", as: "ana", words: "hi" });
  for (const [base, path] of [
    [desk.url, "/messages"],
    [desk.replay.url, "/_replay/settings"],
  ] as const)
    expect(await asked(`${base}${path}`, { host: named(base) }, null)).toBe(421);
  expect(await asked(`${desk.url}/act`, { host: named(desk.url), origin: `http://${named(desk.url)}` }, say)).toBe(421);
  const page = JSON.stringify({ url: `${desk.url}/act` });
  expect(await asked(`${desk.replay.url}/_replay/page`, { "content-type": "text/plain", origin: "https://evil.example" }, page)).toBe(403);
  expect(await asked(`${desk.url}/messages`, { host: `localhost:${new URL(desk.url).port}` }, null)).toBe(200);
  expect(desk.heard).toEqual([]);
});

test("what other pages ask is not done, nor a control that no message has", async () => {
  await using desk = await workspace();
  const posted = await desk.slack.postMessage({
    ...toMessage([{ text: "hello" }]),
    channel: desk.replay.slack.channelId,
    key: "P1:status",
  });
  const act = (origin: string, body: object) =>
    fetch(`${desk.url}/act`, { method: "POST", headers: { origin, "content-type": "application/json" }, body: JSON.stringify(body) });
  expect((await act("https://evil.example", { kind: "say", as: "ana", words: "hi" })).status).toBe(403);
  expect((await act(desk.url, { kind: "control", as: "ana", place: `${posted.value.ts} 0 0` })).status).toBe(409);
  expect((await act(desk.url, { kind: "say", as: "nobody", words: "hi" })).status).toBe(400);
  expect(desk.heard).toEqual([]);
});
