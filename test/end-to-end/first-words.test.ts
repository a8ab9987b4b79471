import { expect, test } from "vitest";
import { incidentIdOf } from "../../src/incident/page.ts";
import { startReplay } from "../../src/replay/server.ts";
import { eventsOf, ORDERS_TIMEOUT, startBot, untilFinished, webhookOf } from "../support/bot.ts";
import { startProxy } from "./proxy.ts";

test("sources are read while Slack takes its time over the first words, once, and by the time of the page", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const asked = Promise.withResolvers<void>();
  let posts = 0;
  await using proxy = await startProxy(replay.settings, async (call, forward) => {
    if (call.path.includes("/query/timeseries")) asked.resolve();
    // The first message waits until a source was asked: were it the other way round, nobody would ever go on.
    if (call.path.endsWith("/chat.postMessage") && ++posts === 1) await asked.promise;
    return forward();
  });
  await using bot = await startBot(proxy.settings);
  await replay.page(webhookOf(bot.url));
  const log = await untilFinished(bot, incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd"));
  const bodies = proxy.calls.filter(({ path }) => path.includes("/query/timeseries")).map(({ body }) => body);
  expect(new Set(bodies).size).toBe(bodies.length);
  const status = log.find(({ event }) => event.type === "status-posted");
  // What is read ends where the reading began, not where its step did.
  expect(eventsOf(log, "triage-started")[0]?.asOf).toBeLessThanOrEqual(status?.at ?? 0);
  expect(eventsOf(log, "triage-finished")[0]?.analysis.suspects[0]?.service).toBe("orders");
});
