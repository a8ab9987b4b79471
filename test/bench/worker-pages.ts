import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { startReplay } from "../../src/replay/server.ts";
import { incidentExportSchema } from "../../src/web/export.ts";
import { ORDERS_TIMEOUT, webhookOf } from "../support/bot.ts";
import { type HeapMb, startWorkerd } from "../support/workerd.ts";

/**
 * Many pages at once on Durable Objects in a real workerd, where all objects share one isolate: first suspects, the time of the last report, and the
 * most memory of the isolate and of the process around it. Without a model. Pages of one cause join; `--apart` sends each as another host's, which
 * does not. `--heap` limits V8's heap, as Cloudflare limits an isolate's; workerd has no limit of its own and collects late.
 *
 * npm run bench -- worker-pages [--pages 20] [--apart] [--heap MB]
 */
const { values } = parseArgs({
  options: { pages: { type: "string", default: "20" }, apart: { type: "boolean", default: false }, heap: { type: "string" } },
});
const pages = Number(values.pages);
const LONGEST_MS = 15 * 60_000;
const CONFIG = join(import.meta.dirname, "../../wrangler.toml");
const PUBLIC_URL = "https://midwatch.example";

/** The most memory that the workerd of a process group ever had, MB. */
function peakOf(group: number): number {
  let peak = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const ofGroup = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) === group;
      if (!ofGroup || !stat.includes("(workerd)")) continue;
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024);
    } catch {
      // It ended meanwhile.
    }
  }
  return peak;
}

await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
const { CATALOG_PATH: catalogPath, ...vendors } = replay.settings;
const folder = mkdtempSync(join(tmpdir(), "midwatch-worker-pages-"));
const vars = { ...vendors, CATALOG: readFileSync(catalogPath, "utf8"), PUBLIC_URL, PROXY_LOGIN: "true" };
const v8Flags = values.heap === undefined ? [] : [`--max-heap-size=${values.heap}`];
await using worker = await startWorkerd(CONFIG, folder, vars, null, { inspect: true, v8Flags });
await fetch(`${worker.url}/healthz`);
const idle = peakOf(worker.group);
const idleHeap = await worker.heap();
/** Of the isolate: heap and buffers at one moment. */
let most = idleHeap;
const look = async () => {
  const now = await worker.heap();
  if (now.total + now.buffers > most.total + most.buffers) most = now;
};
const inMb = ({ used, total, buffers }: HeapMb) =>
  `${total.toFixed(0)} MB of heap (${used.toFixed(0)} used) and ${buffers.toFixed(0)} of buffers`;

const secret = replay.settings["PAGERDUTY_WEBHOOK_SECRET"] ?? "";
const sample = replay.pagerduty.event(replay.settings["PAGERDUTY_API_URL"] ?? "", { kind: "triggered" });
const begun = Date.now();
const ids = await Promise.all(
  Array.from({ length: pages }, async (_, index) => {
    const id = `QWORKER${index}`;
    const { event } = structuredClone(sample.body) as unknown as { event: { id: string; data: Record<string, unknown> } };
    event.id = `worker-event-${index}`;
    const title = String(event.data["title"]);
    event.data = { ...event.data, id, number: 9_000 + index, incident_key: id, title: values.apart ? `${title} on host-${index}` : title };
    const body = JSON.stringify({ event });
    const headers = {
      "content-type": "application/json",
      "x-webhook-id": `worker-${index}`,
      "x-pagerduty-signature": signPagerduty([secret], body),
    };
    const { status } = await fetch(webhookOf(worker.url), { method: "POST", headers, body });
    if (status !== 202) throw new Error(`the page was answered ${status}`);
    return `pd-${id}`;
  }),
);

const exportOf = async (id: string) => incidentExportSchema.parse(await (await fetch(`${worker.url}/incidents/${id}.json`)).json());
/** A page that joined another has no report of its own, and does not end before that one. */
const QUIET_MS = 60_000;
const reports = new Map<string, string>();
let lastNews = Date.now();
while (reports.size < pages && Date.now() - lastNews < QUIET_MS && Date.now() - begun < LONGEST_MS) {
  await sleep(1_000);
  await look();
  for (const id of ids.filter((one) => !reports.has(one))) {
    const { status, finding } = await exportOf(id);
    if (finding === null || !status.finished) continue;
    const [first] = finding.suspects;
    reports.set(
      id,
      first === undefined ? finding.verdict : `${first.service} ${first.change?.sha?.slice(0, 7) ?? "no change"}, ${first.likelihood}`,
    );
    lastNews = Date.now();
    console.log(`  ${((lastNews - begun) / 1_000).toFixed(0)} s: ${reports.size} reports, ${inMb(most)} at most`);
  }
}
console.log(`${pages} pages: ${reports.size} reports of their own, the last after ${((lastNews - begun) / 1_000).toFixed(0)} s`);
console.log(`memory of the isolate: ${inMb(idleHeap)} idle, ${inMb(most)} at most`);
console.log(`memory of workerd: ${idle.toFixed(0)} MB idle, ${peakOf(worker.group).toFixed(0)} MB at most`);
for (const one of new Set(reports.values())) console.log(`${[...reports.values()].filter((other) => other === one).length} × ${one}`);
