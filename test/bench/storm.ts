import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { SPLIT } from "../../src/incident/joining-state.ts";
import { viewOf } from "../../src/incident/view.ts";
import { serviceId } from "../../src/replay/pagerduty/account.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { startReplay } from "../../src/replay/server.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { parseConfig } from "../../src/config.ts";
import { startNode } from "../../src/node/node.ts";
import { freshDatabase, ORDERS_TIMEOUT, SHOP_STORM, shown, webhookOf } from "../support/bot.ts";
import { startStrictSlack } from "../support/strict-slack.ts";

/**
 * What many pages at once, or a Slack that does not answer, cost the one incident that counts. Without a model; vendors are replayed, and before Slack is
 * one that keeps its limits. Times depend on what else the machine does.
 *
 * npm run bench -- storm [--pages 60] [--down 60] [--outage 200] [--split 19]
 */
const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "60" },
    down: { type: "string", default: "60" },
    outage: { type: "string", default: "200" },
    split: { type: "string", default: "19" },
  },
});
const pages = Number(values.pages);
const downMs = Number(values.down) * 1_000;
const LONGEST_MS = 20 * 60_000;

interface About {
  /** The page's PagerDuty service. Default: the recording's. */
  readonly service?: string;
  readonly priority?: string;
  readonly title?: string;
}

const isBrief = ({ event: { type } }: LoggedEvent) => type === "brief-posted";

/** @param startsAt seconds after its first page from which on the recording is played; default: its end */
async function openScene(folder = ORDERS_TIMEOUT, startsAt?: number) {
  const stack = new AsyncDisposableStack();
  const replay = stack.use(await startReplay({ folder, ...(startsAt === undefined ? {} : { startsAt }) }));
  const slack = stack.use(await startStrictSlack(replay.settings["SLACK_API_URL"] ?? ""));
  const config = parseConfig({ ...replay.settings, SLACK_API_URL: slack.url, PORT: "0", DATABASE_PATH: freshDatabase() });
  const bot = await startNode({ config, catalog: loadCatalog(config), log: () => undefined, triageThread: true });
  stack.defer(() => bot.close());
  await bot.warm();
  const secret = replay.settings["PAGERDUTY_WEBHOOK_SECRET"] ?? "";
  const sample = replay.pagerduty.event(replay.settings["PAGERDUTY_API_URL"] ?? "", { kind: "triggered" });
  let count = 0;
  return {
    slack,
    replay,
    store: bot.store,
    slackUrl: `${bot.url}/slack/events`,
    /** Sends a page. @returns its incident's id */
    async page({ service, priority, title }: About = {}): Promise<string> {
      const id = `QSTORM${++count}`;
      const { event } = structuredClone(sample.body) as unknown as { event: { id: string; data: Record<string, unknown> } };
      event.id = `storm-event-${count}`;
      event.data = {
        ...event.data,
        ...{ id, number: 9_000 + count, title: title ?? `${String(event.data["title"])} (${id})`, incident_key: id },
        ...(title === undefined ? {} : { created_at: new Date().toISOString() }),
        ...(service === undefined ? {} : { service: { id: serviceId(service), type: "service_reference", summary: service } }),
        ...(priority === undefined ? {} : { priority: { id: priority, type: "priority_reference", summary: priority } }),
      };
      const body = JSON.stringify({ event });
      const headers = {
        "content-type": "application/json",
        "x-webhook-id": `storm-${count}`,
        "x-pagerduty-signature": signPagerduty([secret], body),
      };
      const { status } = await fetch(webhookOf(bot.url), { method: "POST", headers, body });
      if (status !== 202) throw new Error(`the page was answered ${status}`);
      return `pd-${id}`;
    },
    /** s from `since` until the log holds such an event. */
    async until(id: string, since: number, fits: (logged: LoggedEvent) => boolean): Promise<number> {
      for await (const logged of bot.store.follow(id, 0, AbortSignal.timeout(LONGEST_MS)))
        if (fits(logged)) return (performance.now() - since) / 1_000;
      return Number.NaN;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const inSeconds = (seconds: number) => `${seconds.toFixed(1)} s`;

/** Slack is away from before the page until `downMs` later. */
async function whileSlackIs(state: "down" | "hangs"): Promise<void> {
  await using scene = await openScene();
  scene.slack.be(state);
  const since = performance.now();
  const id = await scene.page();
  const proposed = await scene.until(id, since, ({ event }) => event.type === "fix-proposed");
  await sleep(Math.max(0, downMs - (performance.now() - since)));
  scene.slack.be("up");
  const back = performance.now();
  const said = await scene.until(id, back, ({ event }) => event.type === "investigation-finished");
  const texts = shown(scene.replay).map(({ text }) => text);
  const posted = scene.slack.taken().posts;
  console.log(
    `Slack ${state} for ${downMs / 1_000} s: draft PR ${inSeconds(proposed)} after the page; all said ${inSeconds(said)} after Slack was back, in ${posted} messages (${texts.filter((text) => text.includes("#")).length} name the PR), ${scene.slack.refused()} refused`,
  );
}

/** Pages of one cause over a few services, and then one that is urgent. */
async function behind(services: number): Promise<void> {
  await using scene = await openScene();
  const since = performance.now();
  const first = await scene.page({ service: "storm-0" });
  const brief = scene.until(first, since, isBrief);
  for (let n = 1; n < pages; n++) await scene.page({ service: `storm-${n % services}` });
  const urgentSince = performance.now();
  const urgent = await scene.page({ priority: "P1" });
  const urgentBrief = await scene.until(urgent, urgentSince, isBrief);
  console.log(
    `${pages} pages of ${services} service${services === 1 ? "" : "s"}: first brief ${inSeconds(await brief)}; brief of a P1 behind them ${inSeconds(urgentBrief)}; ${scene.slack.refused()} of ${scene.slack.taken().posts + scene.slack.taken().edits + scene.slack.refused()} calls refused by Slack's limits`,
  );
}

/** One outage: how much is investigated and said, and whether a page is lost. Then people split some pages off, which blame the same change. */
async function outage(most: number, split: number): Promise<void> {
  const { incident, pages: recorded } = await loadRecording(SHOP_STORM);
  await using scene = await openScene(SHOP_STORM, incident.detectedAt + 120_000);
  const services = [...new Set(recorded.slice(0, 12).map(({ service }) => service))];
  const ids: string[] = [];
  for (let n = 0; n < most; n++) {
    const service = services[n % services.length] ?? "";
    ids.push(await scene.page({ service, title: `${service}: failing requests above 5 %` }));
  }
  const isDone = ({ event: { type } }: LoggedEvent) => type === "investigation-finished" || type === "joined";
  await Promise.all(ids.map((id) => scene.until(id, performance.now(), isDone)));
  const settled = async () => {
    const { store } = scene;
    while (store.health().running > 0 || (store.nextAt() ?? Infinity) <= Date.now() + 5_000) await sleep(100);
  };
  await settled();
  const views = async () => Promise.all(ids.map(async (id) => ({ id, log: await scene.store.read(id) })));
  const all = (await views()).map(({ id, log }) => ({ id, log, view: viewOf(log) }));
  const investigated = all.filter(({ log }) => log.some(({ event }) => event.type === "triage-started"));
  const named = new Set(all.flatMap(({ view }) => view.joining.pages.map((one) => one.incident)));
  const lost = all.filter(({ id, view }) => !named.has(id) && view.statusMessage === null);
  const said = shown(scene.replay).length;
  console.log(
    `one outage, ${most} pages over ${services.length} services: ${investigated.length} investigations, ${said} messages in the channel, ${lost.length} pages not named, ${(await scene.replay.pullRequests()).length} draft PRs`,
  );
  const [lead] = all.filter(({ view }) => view.joining.pages.length > 0);
  const status = lead?.view.statusMessage;
  if (lead === undefined || status == null) return;
  const [user = ""] = scene.replay.slack.userIds.values();
  const apart = lead.view.joining.pages.slice(0, split).map((one) => one.incident);
  for (const value of apart) {
    const click = { user, channel: status.channel, messageTs: status.ts, threadTs: status.ts, actionId: SPLIT, value };
    const { status: answered } = await scene.replay.slack.inbound.action(scene.slackUrl, click);
    if (answered !== 200) throw new Error(`the split was answered ${answered}`);
  }
  await Promise.all(apart.map((id) => scene.until(id, performance.now(), ({ event: { type } }) => type === "investigation-finished")));
  await settled();
  const shared = (await views()).filter(({ log }) => log.some(({ event }) => event.type === "fix-declined" && event.shared !== undefined));
  console.log(
    `${apart.length} of them split off, each with an investigation of its own: ${(await scene.replay.pullRequests()).length} draft PRs in all, ${shared.length} of them link the first one's`,
  );
}

await outage(Number(values.outage), Number(values.split));
if (downMs > 0) await whileSlackIs("down");
if (downMs > 0) await whileSlackIs("hangs");
if (pages > 0) await behind(1);
if (pages > 0) await behind(12);
