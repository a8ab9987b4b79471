import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { startReplay } from "../../src/replay/server.ts";
import { startWorkerd } from "../workerd.ts";
import { shown, TRAIN_TICKET, webhookOf } from "./bot.ts";
import { investigator, TURNS } from "./investigator.ts";

const CONFIG = join(import.meta.dirname, "../../wrangler.toml");

test("a model investigates on Durable Objects: from a page to its finding, each turn asked once", { timeout: 120_000 }, async () => {
  await using replay = await startReplay({ folder: TRAIN_TICKET });
  await using model = await startScriptedModel({ script: investigator });
  const { CATALOG_PATH: catalogPath, ...settings } = replay.settings;
  await using worker = await startWorkerd(CONFIG, mkdtempSync(join(tmpdir(), "midwatch-workerd-")), {
    ...settings,
    CATALOG: readFileSync(catalogPath, "utf8"),
    PUBLIC_URL: "https://midwatch.example",
    PROXY_LOGIN: "true",
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
  });
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  expect(await replay.page(webhookOf(worker.url))).toMatchObject([{ status: 202 }]);
  const incident = `${worker.url}/incidents/pd-${replay.pagerduty.incidentIds[0]}`;
  const stream = await fetch(`${incident}/events`, { signal: AbortSignal.timeout(100_000) });
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    told += decoder.decode(chunk, { stream: true });
    if (/done in [\d.]+ (?:s|min)/.test(told)) break;
  }
  expect(model.requests.map(({ problem }) => problem)).toEqual(Array.from({ length: TURNS }, () => null));
  const finding = shown(replay).at(-1)?.text;
  expect(finding).toContain("ts-basic-service answers without asking for routes");
  expect(finding).toContain(`${TURNS} turns`);
  expect(await replay.pullRequests()).toMatchObject([{ draft: true }]);
});
