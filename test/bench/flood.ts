import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { freshDatabase, webhookOf } from "../support/bot.ts";
import { leastSettings, startServe } from "../support/command.ts";

/**
 * How `serve` answers while strangers flood it: many connections send bodies of one megabyte with a false signature, each the next at once. Beside
 * them `/healthz` is asked and a signed webhook comes ten times a second.
 *
 * npm run bench -- flood [connections, default 100] [seconds, default 10]
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

if (isMainThread) await measure();
else {
  const { url, until, connections } = workerData as { url: string; until: number; connections: number };
  await Promise.all(Array.from({ length: connections }, () => stranger(url, until)));
}
