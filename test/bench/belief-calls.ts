import { parseConfig } from "../../src/config.ts";
import { beliefOf } from "../../src/incident/belief-log.ts";
import { pageTrigger } from "../../src/incident/trigger.ts";
import { createPagerdutyClient } from "../../src/integrations/pagerduty/client.ts";
import { lookAndPack } from "../../src/investigation/look.ts";
import type { Again } from "../../src/investigation/read-again.ts";
import { triageWindows } from "../../src/investigation/triage.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { startNode } from "../../src/node/node.ts";
import { startReplay } from "../../src/replay/server.ts";
import { startProxy } from "../end-to-end/proxy.ts";
import { freshDatabase, ORDERS_TIMEOUT } from "../support/bot.ts";

/**
 * Calls to vendors of one re-reading against those of a whole triage, on a recorded incident.
 *
 * npm run bench -- belief-calls [FOLDER]
 */
const [folder = ORDERS_TIMEOUT] = process.argv.slice(2);
await using replay = await startReplay({ folder });
await using proxy = await startProxy(replay.settings, (_call, forward) => forward());
const config = parseConfig({ ...proxy.settings, PORT: "0", DATABASE_PATH: freshDatabase() });
const bot = await startNode({ config, catalog: loadCatalog(config), log: () => undefined });
const { PAGERDUTY_API_URL: baseUrl, PAGERDUTY_API_TOKEN: token } = replay.settings;
const pagerduty = createPagerdutyClient({ baseUrl, token, fetch, sleep: async () => undefined });
const { value: page } = await pagerduty.readPage(replay.pagerduty.incidentIds[0] ?? "");
const asOf = Date.now();
const windows = triageWindows(page.createdAt, asOf);
const options = { incidentId: "bench", deadlineMs: 30_000, now: Date.now, signal: AbortSignal.timeout(120_000) };

async function callsOf(again: Again | null) {
  const before = proxy.calls.length;
  const { events } = await lookAndPack(bot.midwatch.parts, pageTrigger(page), windows, 1, again === null ? options : { ...options, again });
  return { events, calls: proxy.calls.slice(before).filter(({ vendor }) => vendor !== "slack") };
}

const whole = await callsOf(null);
const triage = whole.events.find(({ type }) => type === "triage-finished");
if (triage?.type !== "triage-finished") throw new Error("the triage found nothing");
const { analysis, changes } = triage;
const services = analysis.suspects.map(({ service }) => service);
const again = await callsOf({ belief: beliefOf(analysis, asOf), services, changes, changesFrom: asOf - 120_000, resolvedAt: null });
const named = ({ calls }: typeof whole) =>
  [...Map.groupBy(calls, ({ vendor }) => vendor)].map(([vendor, all]) => `${vendor} ${all.length}`).join(", ");
console.log(`triage      ${whole.calls.length} calls (${named(whole)})`);
console.log(`re-reading  ${again.calls.length} calls (${named(again)}), ${((100 * again.calls.length) / whole.calls.length).toFixed(0)} %`);
for (const event of again.events) if (event.type === "belief-read") console.log(`            ${event.state}, out: ${event.isOut}`);
await bot.close();
