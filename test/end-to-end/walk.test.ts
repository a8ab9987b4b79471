import { describe, expect, test } from "vitest";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { startReplay } from "../../src/replay/server.ts";
import { startWorkspacePage } from "../../src/replay/slack/page/server.ts";
import { people } from "../../src/replay/people.ts";
import { ORDERS_TIMEOUT, startBot, webhookOf } from "../support/bot.ts";
import { browserForTests, browserMissing } from "../support/browser.ts";

const browser = browserForTests();

/** The demo, with plain code in a model's place that waits for a word before its first turn. */
async function demo() {
  await using stack = new AsyncDisposableStack();
  const go = Promise.withResolvers<void>();
  const model = stack.use(
    await startScriptedModel({
      script: async (request, turn) => {
        if (turn === 0) await go.promise;
        return scriptedInvestigator(request, turn);
      },
    }),
  );
  const replay = stack.use(await startReplay({ folder: ORDERS_TIMEOUT }));
  const bot = stack.use(
    await startBot({
      ...replay.settings,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
      MIDWATCH_MODEL: "claude-haiku-5-5",
    }),
  );
  const workspace = await startWorkspacePage({ replay, botUrl: `${bot.url}/slack/events` });
  stack.defer(() => workspace.close());
  const kept = stack.move();
  return { replay, bot, model, url: workspace.url, letModelGo: () => go.resolve(), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

describe.skipIf(browserMissing !== null)("a visitor of the demo", () => {
  test("walks from the page that comes to the postmortem, by what the demo's Slack and the pages show", async () => {
    await using scene = await demo();
    await using stack = new AsyncDisposableStack();
    const slack = await browser().newPage({ viewport: { width: 1280, height: 900 } });
    stack.defer(() => slack.close());
    slack.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    slack.on("pageerror", (error) => complaints.push(String(error)));
    await slack.goto(scene.url);
    const type = async (pane: "channel" | "thread", words: string) => {
      await slack.locator(`#${pane} .composer input`).fill(words);
      await slack.keyboard.press("Enter");
    };

    // The page comes; what the data show is in the thread a moment later.
    await scene.replay.page(webhookOf(scene.bot.url));
    const root = slack.locator("#messages article").first();
    await root.locator(".replies").click();
    const thread = slack.locator("#thread");
    const wrong = thread.getByRole("button", { name: /^Wrong/ }).first();

    // "Wrong", with what it was: the run goes on, and the model hears of it.
    await wrong.click();
    const answer = slack.locator("#dialog[open]").or(slack.locator("#thread article.whisper")).first();
    await answer.waitFor();
    if (await slack.locator("#dialog[open]").count()) {
      await slack.locator("#dialog [data-field]").first().fill("The payment provider is slow");
      await slack.locator("#dialog button[type=submit]").click();
      await slack.locator("#dialog[open]").waitFor({ state: "detached" });
    } else await type("thread", "The payment provider is slow");
    scene.letModelGo();

    // The finding names the draft pull request, and the model has read what people said.
    await thread.locator('a[href*="/pull/"]').first().waitFor();
    expect(await root.textContent()).toMatch(/Do now/);
    expect(scene.model.requests.some(({ text }) => text.includes("The payment provider is slow"))).toBe(true);
    const incident = await thread.locator('a[href*="/incidents/"]').last().getAttribute("href");
    const path = new URL(incident ?? "").pathname.split("/").slice(0, 3).join("/");

    // The incident's page, and the evidence behind a claim.
    const page = await browser().newPage({ viewport: { width: 1280, height: 900 } });
    stack.defer(() => page.close());
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${scene.bot.url}${path}`);
    await page.getByText("The payment provider is slow").first().waitFor({ state: "attached" });
    await page.locator("a.ev").first().click();
    await page.waitForURL(/\/evidence\/\d+/);
    expect(await page.locator("main").textContent()).toMatch(/E\d+/);

    // Somebody joins late, and it is over.
    await type("channel", "/midwatch catchup");
    const late = slack.locator("#messages article.whisper").last();
    await late.getByText(/Since: /).waitFor();
    await scene.replay.deliver(webhookOf(scene.bot.url), { kind: "resolved", by: people[0] });
    await type("channel", "/midwatch postmortem canvas");
    await slack.locator("#messages article.whisper", { hasText: "Postmortem draft" }).waitFor();
    // Nothing is written before a person says yes to exactly that.
    const create = thread.getByRole("button", { name: "Create canvas" });
    await create.waitFor();
    expect([...scene.replay.slack.canvases]).toEqual([]);
    await create.click();
    await slack.locator("#places .place", { hasText: "Postmortem draft" }).click();
    await slack.locator("#special", { hasText: "What went well" }).waitFor();
    await page.goto(`${scene.bot.url}${path}/postmortem`);
    await page.getByRole("heading", { name: "What went well" }).waitFor();
    // Every sentence has what it rests on beside it.
    const bare = page.locator("main section li:not(.entry):not(.muted)").filter({ hasNot: page.locator("a.ev") });
    expect(await bare.allTextContents()).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
