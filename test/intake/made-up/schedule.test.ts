import { expect, test } from "vitest";
import { parseCatalog } from "../../../src/catalog.ts";
import { parseConfig } from "../../../src/config.ts";
import { viewOf } from "../../../src/incident/view.ts";
import { type ScheduledTrigger, schedulesOf } from "../../../src/intake/schedule.ts";
import { loadCatalog } from "../../../src/node/environment.ts";
import { startNode } from "../../../src/node/node.ts";
import { NO_LIMITS } from "../../../src/slack/pace.ts";
import { startReplay } from "../../../src/replay/server.ts";
import { toTimeline } from "../../../src/report/timeline.ts";
import { freshDatabase, ORDERS_TIMEOUT, shown, untilFinished } from "../../support/bot.ts";

test("a scheduled trigger that is one entry of the list is rung by the clock and investigated without a page", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const config = parseConfig({ ...replay.settings, PORT: "0", DATABASE_PATH: freshDatabase() });
  const catalog = loadCatalog(config);
  const dues: number[] = [];
  const nightly: ScheduledTrigger = {
    id: "nightly",
    everyMinutes: 1 / 60,
    due: (at, { find }) => {
      const service = find("orders")?.name ?? "";
      return dues.push(at) > 1 ? [] : [{ title: "How is orders?", details: "", service: { id: service, name: service } }];
    },
  };
  const running = await startNode({
    config,
    catalog,
    log: () => undefined,
    fetch: globalThis.fetch,
    scheduled: [nightly],
    instead: { slackLimits: NO_LIMITS },
  });
  await expect.poll(async () => (await running.store.list()).incidents).toHaveLength(1);
  const [at = 0] = dues;
  const incident = `schedule-nightly-${at}-0`;
  const log = await untilFinished(running, incident);
  await running.close();
  const { trigger, page, status, analysis, finding } = viewOf(log);
  expect({ trigger, page, status }).toMatchObject({ trigger: { kind: "schedule", by: "nightly", at }, page: null, status: "triggered" });
  expect(analysis).not.toBeNull();
  expect(finding).not.toBeNull();
  expect(toTimeline(log)).toContainEqual(expect.objectContaining({ at, kind: "page", service: "orders", text: "Scheduled check nightly" }));
  const words = shown(replay).map(({ text }) => text);
  expect(words.length).toBeGreaterThan(1);
  expect(words.join("\n")).toContain("Scheduled check nightly");
  expect(words.join("\n")).not.toContain("without a title");
});

test("a scheduled trigger may be due at an hour of the day", () => {
  const morning: ScheduledTrigger = { id: "morning", everyMinutes: 24 * 60, offsetMinutes: 6 * 60, due: () => [] };
  expect(schedulesOf([morning], parseCatalog("version: 1"))).toMatchObject([{ id: "morning", everyMs: 86_400_000, offsetMs: 21_600_000 }]);
});
