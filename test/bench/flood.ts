import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { startReplay } from "../../src/replay/server.ts";
import { freshDatabase, ORDERS_TIMEOUT, webhookOf } from "../support/bot.ts";
import { leastSettings, startServe, untilExported } from "../support/command.ts";

/**
 * How `serve` answers while strangers flood it: many connections send bodies of one megabyte with a false signature, each the next at once. Beside
 * them `/healthz` is asked and a signed webhook comes ten times a second.
 *
 * Then people: many live pages of one incident are open at once.
 *
 * npm run bench -- flood [connections, default 100] [seconds, default 10] [live pages, default 1000]
 */
/** Milliseconds to the answer and its status; 0 where the connection was cut. */
const asked = (url: string, options: { method: string; headers?: Record<string, string>; agent?: Agent }, body: string | Buffer = "") =>
  new Promise<{ status: number; took: number }>((resolve) => {
    const from = performance.now();
    const end = (status: number) => resolve({ status, took: performance.now() - from });
    const sending = request(url, options, (answer) => answer.resume().on("end", () => end(answer.statusCode ?? 0)));
    sending.on("error", () => end(0));
    sending.end(body);
  });

const large = Buffer.alloc(1_048_576, "x");

async function stranger(url: string, until: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (Date.now() < until) {
    const headers = { "x-pagerduty-signature": `v1=${"0".repeat(64)}`, "content-length": String(large.length) };
    await asked(url, { method: "POST", headers, agent }, large);
  }
  agent.destroy();
}

const at = (times: readonly number[], share: number) =>
  (times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0);

async function measure(): Promise<void> {
  const [connections = 100, seconds = 10] = process.argv.slice(2).map(Number);
  const settings = leastSettings();
  await using serve = await startServe({ ...settings, SLACK_API_URL: "http://127.0.0.1:9/api" }, freshDatabase());
  // Starting is no part of it.
  await asked(`${serve.url}/healthz`, { method: "GET" });
  await sleep(3_000);
  const until = Date.now() + seconds * 1_000;
  // Strangers in a thread of their own: the watch must not wait for their writing.
  const flood = new Worker(new URL(import.meta.url), { workerData: { url: webhookOf(serve.url), until, connections } });
  const flooded = new Promise<void>((resolve) => flood.once("exit", () => resolve()));
  const health: number[] = [];
  const signed: { status: number; took: number }[] = [];
  for (let index = 0; Date.now() < until; index++) {
    const body = JSON.stringify({
      event: {
        id: `E${index}`,
        event_type: "service.updated",
        occurred_at: new Date(0).toISOString(),
        data: { id: "P1", type: "service" },
      },
    });
    const headers = { "x-pagerduty-signature": signPagerduty([settings.PAGERDUTY_WEBHOOK_SECRET], body) };
    health.push((await asked(`${serve.url}/healthz`, { method: "GET" })).took);
    signed.push(await asked(webhookOf(serve.url), { method: "POST", headers }, body));
    await sleep(100);
  }
  await flooded;
  const webhooks = signed.map(({ took }) => took);
  console.log(
    `${connections} connections for ${seconds} s: /healthz p50 ${at(health, 0.5)} ms, max ${at(health, 1)} ms (goal: 50, 500); ` +
      `signed webhooks ${signed.filter(({ status }) => status === 202).length} of ${signed.length} answered, max ${at(webhooks, 1)} ms (goal: all, 1,000)`,
  );
}

/** An open stream, as far as it matters here. */
const opened = (url: string, from: string, agent: Agent) =>
  new Promise<boolean>((resolve) => {
    const headers = { "x-forwarded-for": from };
    const asking = request(url, { headers, agent }, (answer) => {
      answer.on("error", () => undefined).resume();
      resolve(answer.statusCode === 200);
    });
    asking.on("error", () => resolve(false));
    asking.end();
  });

/** Each address may have 300 of them. */
const PAGES_OF_ONE = 250;

async function measurePages(pages: number): Promise<void> {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  await using serve = await startServe(replay.settings, freshDatabase());
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serve.pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
  const pager = replay.settings["PAGERDUTY_API_URL"] ?? "";
  await replay.deliver(webhookOf(serve.url), { kind: "triggered" });
  const { event } = replay.pagerduty.event(pager, { kind: "triggered" }).body as unknown as { event: { data: { id: string } } };
  const id = `pd-${event.data.id}`;
  await untilExported(`${serve.url}/incidents/${id}.json`, 120_000);
  await sleep(10_000);
  const before = memory();
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const states = await Promise.all(
    Array.from({ length: pages }, (_, index) =>
      opened(`${serve.url}/incidents/${id}/events`, `192.0.2.${Math.floor(index / PAGES_OF_ONE)}`, agent),
    ),
  );
  await sleep(10_000);
  const open = states.filter(Boolean).length;
  const health = await asked(`${serve.url}/healthz`, { method: "GET" });
  console.log(
    `live pages: ${open} of ${pages} open, ${(((memory() - before) * 1_024) / Math.max(1, open)).toFixed(0)} kB each, /healthz beside them ${health.took.toFixed(0)} ms`,
  );
  agent.destroy();
}

if (isMainThread) {
  await measure();
  await measurePages(Number(process.argv[4] ?? 1_000));
} else {
  const { url, until, connections } = workerData as { url: string; until: number; connections: number };
  await Promise.all(Array.from({ length: connections }, () => stranger(url, until)));
}
