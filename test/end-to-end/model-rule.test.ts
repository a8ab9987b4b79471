import { readFileSync, writeFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toTimeline } from "../../src/report/timeline.ts";
import { eventsOf, freshDatabase, ORDERS_TIMEOUT } from "../support/bot.ts";
import { calls, openScene, pressInvestigate, says, type Scene, trueFinding } from "./agent.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

/** The scene's catalog with rules of which pages get a model. */
function catalogWith(rules: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "midwatch-rules-")), "catalog.yaml");
  writeFileSync(path, `${readFileSync(scene.replay.settings.CATALOG_PATH ?? "", "utf8")}\nmodel:\n  rules:\n    - ${rules}\n`);
  return path;
}

test("a page that the catalog's rule leaves out has its brief, says why no model looked, and one press starts the model once", async () => {
  const database = freshDatabase();
  const about = {
    script: () => says(calls("submit_finding", {})),
    settings: { CATALOG_PATH: catalogWith("{ urgency: high, investigate: false }") },
    database,
  };
  const before = await scene.start(about);
  const page = await before.page();
  await page.finished();
  expect(before.model.requests).toEqual([]);
  const view = await page.view();
  expect(view.brief).not.toBeNull();
  const [status] = await page.slack();
  expect(status?.text).toContain("*Not investigated by the model:* rule 1 of the catalog excludes this page (high urgency).");
  expect(status?.versions.filter((text) => text.includes("A model is investigating"))).toEqual([]);
  await pressInvestigate(scene, before, page);
  // The process ends before, or while, the model is asked.
  await before.close();
  await using after = await scene.start({ ...about, script: (request) => says(calls("submit_finding", trueFinding(request.body))) });
  const again = after.incident(page.id);
  const log = await again.until(({ event }) => event.type === "investigation-closed" && event.how === "submitted");
  expect(eventsOf(log, "investigation-started").filter(({ askedBy }) => askedBy !== undefined)).toHaveLength(1);
  await again.until(({ event }) => event.type === "finding-posted" && !event.text.includes("From the data alone"));
  await expect(pressInvestigate(scene, after, again)).rejects.toThrow("no such button");
  expect(toTimeline(await again.log()).map(({ text }) => text)).toContain(
    "model not asked: rule 1 of the catalog excludes this page (high urgency)",
  );
});
