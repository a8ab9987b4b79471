import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { startReplay } from "../../src/replay/server.ts";
import { incidentExportSchema } from "../../src/web/export.ts";
import { freshDatabase, ORDERS_TIMEOUT, TRAIN_TICKET, webhookOf } from "../support/bot.ts";
import { startServe } from "../support/command.ts";

/**
 * Many pages at once on `serve`: memory idle and at most, its time on the processor, the last report, and how many first suspects are alike. Without
 * a model. Vendors are a replay in this process. Where the machine is busy, only memory and time on the processor say something.
 *
 * npm run bench -- memory [--pages 20] [--memory MB] [--small]
 */
const { values } = parseArgs({
  options: { pages: { type: "string", default: "20" }, memory: { type: "string" }, small: { type: "boolean", default: false } },
});
const pages = Number(values.pages);
const LONGEST_MS = 5 * 60_000;
/** A page that joined another has no finding of its own. */
const QUIET_MS = 90_000;
/** Until what starting took is given back. */
const IDLE_MS = 10_000;
/** Of Linux's clock ticks. */
const TICKS = 100;

await using replay = await startReplay({ folder: values.small ? ORDERS_TIMEOUT : TRAIN_TICKET });
// As `npm start` does, and with the memory that is given.
const given = { NODE_OPTIONS: "--max-semi-space-size=16", ...(values.memory === undefined ? {} : { MEMORY_MB: values.memory }) };
await using serve = await startServe({ ...replay.settings, ...given }, freshDatabase());
const memory = (name: "VmRSS" | "VmHWM") =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${serve.pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
/** Seconds of all processors that it has used. */
const cpuSeconds = () => {
  const fields = readFileSync(`/proc/${serve.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};
await sleep(IDLE_MS);
const idle = memory("VmRSS");
const started = cpuSeconds();

const secret = replay.settings["PAGERDUTY_WEBHOOK_SECRET"] ?? "";
const sample = replay.pagerduty.event(replay.settings["PAGERDUTY_API_URL"] ?? "", { kind: "triggered" });
const begun = Date.now();
const ids = await Promise.all(
  Array.from({ length: pages }, async (_, index) => {
    const id = `QMEMORY${index}`;
    const { event } = structuredClone(sample.body) as unknown as { event: { id: string; data: Record<string, unknown> } };
    event.id = `memory-event-${index}`;
    event.data = { ...event.data, id, number: 9_000 + index, incident_key: id, title: `${String(event.data["title"])} on host-${index}` };
    const body = JSON.stringify({ event });
    const headers = {
      "content-type": "application/json",
      "x-webhook-id": `memory-${index}`,
      "x-pagerduty-signature": signPagerduty([secret], body),
    };
    const { status } = await fetch(webhookOf(serve.url), { method: "POST", headers, body });
    if (status !== 202) throw new Error(`the page was answered ${status}`);
    return `pd-${id}`;
  }),
);

const suspects = new Map<string, string>();
let last = begun;
while (suspects.size < pages && Date.now() - last < QUIET_MS && Date.now() - begun < LONGEST_MS) {
  await sleep(1_000);
  for (const id of ids.filter((one) => !suspects.has(one))) {
    const { finding } = incidentExportSchema.parse(await (await fetch(`${serve.url}/incidents/${id}.json`)).json());
    if (finding === null) continue;
    const [first] = finding.suspects;
    suspects.set(id, first === undefined ? "no suspect" : `${first.service} ${first.change?.sha?.slice(0, 7) ?? "no change"}`);
    last = Date.now();
  }
}
console.log(`${pages} pages: ${suspects.size} findings, the last after ${((last - begun) / 1_000).toFixed(0)} s (goal: 25)`);
console.log(`processor: ${started.toFixed(1)} s to start, ${((cpuSeconds() - started) / Math.max(1, pages)).toFixed(2)} s a page`);
console.log(
  `memory: ${idle.toFixed(0)} MB idle (goal: 200), ${memory("VmHWM").toFixed(0)} MB at most (goal: ${values.memory ?? 700}), ${memory("VmRSS").toFixed(0)} MB at the end`,
);
for (const one of new Set(suspects.values())) console.log(`${[...suspects.values()].filter((other) => other === one).length} × ${one}`);
