import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus, loadavg } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { freshDatabase, TRAIN_TICKET, webhookOf } from "../support/bot.ts";
import { command, startServe } from "../support/command.ts";

/**
 * How soon a webhook is answered while pages pour in: `serve` and the replayed vendors run as processes of their own, this one sends new pages at
 * an even rate, whether the earlier ones were answered or not. Every page is a new incident, so triage runs all the while.
 *
 * npm run bench -- webhooks [--rate 50] [--seconds 20] [--incident DIR] [--idle] [--kill]
 *
 * `--idle` leaves out the vendors: each step fails at once, which shows what the webhook costs by itself. `--kill`: in the middle serve is killed and
 * started again at once; what was not answered is sent again, as a pager does. Such a page counts as late and not in the times.
 */
const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "50" },
    seconds: { type: "string", default: "20" },
    incident: { type: "string", default: TRAIN_TICKET },
    idle: { type: "boolean", default: false },
    kill: { type: "boolean", default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const MEDIAN_BAR_MS = 10;
const P99_BAR_MS = 100;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
const shown = (ms: number) => ms.toFixed(1);

await using replay = command(["replay", values.incident, "--json"]);
const [, control = ""] = await replay.said("stderr", / at (http:\/\/\S+);/);
const settings = JSON.parse(replay.stdout()) as Record<string, string>;
const nowhere = (name: string) => (name.endsWith("_API_URL") ? "http://127.0.0.1:9/api" : null);
const given = values.idle ? Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, nowhere(name) ?? value])) : settings;
const databasePath = freshDatabase();
// Below the ports that the system hands out: while serve is down, no connection of the sender may get its port.
const port = values.kill ? { PORT: String(20_000 + (process.pid % 10_000)) } : {};
const start = () => startServe({ ...given, ...port }, databasePath);
let serve = await start();
await using stack = new AsyncDisposableStack();
stack.defer(() => serve[Symbol.asyncDispose]());

/** One delivery as the replayed PagerDuty sends it, to make others of. */
async function sample(): Promise<{ body: string; headers: Record<string, string> }> {
  const caught = Promise.withResolvers<{ body: string; headers: Record<string, string> }>();
  const server = createServer((incoming, outgoing) => {
    outgoing.writeHead(202).end();
    const { headers } = incoming;
    void text(incoming).then((body) => caught.resolve({ body, headers: headers as Record<string, string> }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await fetch(`${control}/_replay/page`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url }),
  });
  server.close();
  server.closeAllConnections();
  return caught.promise;
}
const { body: sampleBody, headers: sampleHeaders } = await sample();
const pagerId = (JSON.parse(sampleBody) as { event: { data: { id: string } } }).event.data.id;

/** Another page: other ids, all else the same. */
function page(index: number): { body: string; headers: Record<string, string> } {
  const parsed = JSON.parse(sampleBody.replaceAll(pagerId, `QBENCH${index}`)) as { event: { id: string; data: { number: number } } };
  parsed.event.id = `bench-event-${index}`;
  parsed.event.data.number += index;
  const body = JSON.stringify(parsed);
  const signature = signPagerduty([settings["PAGERDUTY_WEBHOOK_SECRET"] ?? ""], body);
  return {
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": sampleHeaders["user-agent"] ?? "",
      "x-webhook-id": `bench-delivery-${index}`,
      "x-pagerduty-signature": signature,
      "content-length": String(Buffer.byteLength(body)),
    },
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const url = new URL(webhookOf(serve.url));

/** @returns ms from when it was due, so that what waits behind a stall counts with its wait; or the error */
function send(index: number, dueAt: number): Promise<{ tookMs: number; status: number | string }> {
  const { body, headers } = page(index);
  return new Promise((resolve) => {
    const end = (status: number | string) => resolve({ tookMs: performance.now() - dueAt, status });
    const sent = request(url, { method: "POST", agent, headers, timeout: 5_000 }, (answer) => {
      answer.resume();
      answer.on("end", () => end(answer.statusCode ?? 0));
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 5 s")));
    sent.on("error", (error) => end(error.message));
    sent.end(body);
  });
}

const AGAIN_MS = 250;
const LONGEST_LATE_MS = 60_000;
/** As `send`, until it is answered; `late`: not the first time. */
async function sendUntilAnswered(index: number, dueAt: number): Promise<{ tookMs: number; status: number | string; late: boolean }> {
  for (let late = false; ; late = true) {
    const answer = await send(index, dueAt);
    if (!values.kill || answer.status === 202 || answer.tookMs > LONGEST_LATE_MS) return { ...answer, late };
    await sleep(AGAIN_MS);
  }
}
/** The most memory that serve has used, MB; null elsewhere than on Linux. */
const peakMb = (): number | null =>
  process.platform === "linux" ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${serve.pid}/status`, "utf8"))?.[1] ?? 0) / 1_024 : null;

/** Processor time so far, hundredths of a second, as Linux counts it: of all, of the measured processes. null elsewhere. */
function processorTime(): { all: number; serve: number; ours: number } | null {
  if (process.platform !== "linux") return null;
  const of = (pid: number) => {
    // The name in brackets may hold spaces; user and system time are the 12th and 13th field behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "")
    .split(" ")
    .map(Number);
  return { all: user + nice + system + irq + softirq, serve: of(serve.pid), ours: of(serve.pid) + of(replay.pid) + of(process.pid) };
}

// As on a bot that has been up for a while, and has had a page or two.
const WARM_UP = 5;
for (let index = 0; index < WARM_UP; index++) await send(-1 - index, performance.now());
await sleep(5_000);
const loadBefore = loadavg()[0] ?? 0;
const timeBefore = processorTime();
const startedAt = performance.now();
const sending: ReturnType<typeof sendUntilAnswered>[] = [];
let peakBefore: number | null = 0;
let restarted: Promise<unknown> = Promise.resolve();
for (let index = 0; index < rate * seconds; index++) {
  if (values.kill && index === Math.floor((rate * seconds) / 2)) {
    peakBefore = peakMb();
    serve.signal("SIGKILL");
    restarted = serve.ended.then(async () => (serve = await start()));
  }
  const dueAt = startedAt + (index * 1_000) / rate;
  const waitMs = dueAt - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  sending.push(sendUntilAnswered(index, dueAt));
}
const answers = await Promise.all(sending);
await restarted;
const tookS = (performance.now() - startedAt) / 1_000;
const timeAfter = processorTime();
const used = (pick: (time: { all: number; serve: number; ours: number }) => number): string =>
  timeBefore === null || timeAfter === null ? "?" : `${Math.round((pick(timeAfter) - pick(timeBefore)) / tookS)} %`;

const db = new DatabaseSync(databasePath, { readOnly: true });
const count = (query: string): number => Number(Object.values(db.prepare(query).get() ?? {})[0] ?? 0);
const stored = count("select count(*) from incident") - WARM_UP;
const of = (type: string) => count(`select count(distinct incident) from event where json_extract(body, '$.type') = '${type}'`);
const late = answers.filter((answer) => answer.late);
const sorted = answers
  .filter((answer) => !answer.late)
  .map(({ tookMs }) => tookMs)
  .toSorted((a, b) => a - b);
const errors = answers.filter(({ status }) => status !== 202);
const median = quantile(sorted, 0.5);
const p99 = quantile(sorted, 0.99);
const met = errors.length === 0 && stored === answers.length && median <= MEDIAN_BAR_MS && p99 <= P99_BAR_MS;
console.log(
  [
    `${answers.length} pages in ${tookS.toFixed(1)} s (${rate} a second), ${cpus().length} cores, load average ${loadBefore.toFixed(2)} before`,
    `of one processor: serve ${used(({ serve: own }) => own)}, replayed vendors and sender ${used((time) => time.ours - time.serve)}, other work on this machine ${used((time) => time.all - time.ours)}`,
    `answered: median ${shown(median)} ms, p95 ${shown(quantile(sorted, 0.95))} ms, p99 ${shown(p99)} ms, longest ${shown(sorted.at(-1) ?? 0)} ms`,
    ...(values.kill
      ? [
          `killed in the middle: ${late.length} were answered late, the last ${shown(Math.max(0, ...late.map(({ tookMs }) => tookMs)))} ms after it was due`,
        ]
      : []),
    `peak memory of serve: ${Math.max(peakBefore ?? 0, peakMb() ?? 0).toFixed(0)} MB`,
    `errors: ${errors.length}${errors.length === 0 ? "" : ` (${[...new Set(errors.map(({ status }) => status))].join(", ")})`}`,
    `stored: ${stored} incidents; meanwhile first words for ${of("status-posted")}, triage of ${of("triage-finished")}, findings for ${of("finding-posted")}`,
    `bar (${MEDIAN_BAR_MS} / ${P99_BAR_MS} ms, nothing lost): ${met ? "met" : "missed"}`,
  ].join("\n"),
);
agent.destroy();
process.exitCode = met ? 0 : 1;
