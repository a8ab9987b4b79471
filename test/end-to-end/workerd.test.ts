import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startReplay } from "../../src/replay/server.ts";
import { startWorkerd } from "../workerd.ts";
import { shown, TRAIN_TICKET, webhookOf } from "./bot.ts";

const CONFIG = join(import.meta.dirname, "../../wrangler.toml");

test("the same job runs on Durable Objects: page, first words, brief, finding, draft PR, pages", { timeout: 120_000 }, async () => {
  await using replay = await startReplay({ folder: TRAIN_TICKET });
  const { CATALOG_PATH: catalogPath, ...settings } = replay.settings;
  const folder = mkdtempSync(join(tmpdir(), "midwatch-workerd-"));
  await using worker = await startWorkerd(CONFIG, folder, {
    ...settings,
    CATALOG: readFileSync(catalogPath, "utf8"),
    PUBLIC_URL: "https://midwatch.example",
  });
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  const sent = await replay.page(webhookOf(worker.url));
  expect({ status: sent[0]?.status, output: sent[0]?.status === 202 ? "" : worker.output() }).toEqual({ status: 202, output: "" });

  const incident = `${worker.url}/incidents/pd-${replay.pagerduty.incidentIds[0]}`;
  const stream = await fetch(`${incident}/events`, { signal: AbortSignal.timeout(60_000) });
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    told += decoder.decode(chunk, { stream: true });
    if (/done in [\d.]+ s/.test(told)) break;
  }
  const page = await (await fetch(incident)).text();
  expect(page).toContain("ts-basic-service");
  const [status, brief, finding] = shown(replay);
  expect(status?.text).toContain("ts-basic-service");
  expect(brief?.text).toContain("What changed, what broke");
  expect(finding?.text).toContain("no model was used");
  expect(await replay.pullRequests()).toMatchObject([{ draft: true }]);
  expect((await fetch(`${incident}/evidence/1`)).status).toBe(200);
});
