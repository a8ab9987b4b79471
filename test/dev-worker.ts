import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { interrupted } from "../src/node/interrupt.ts";
import { startReplay } from "../src/replay/server.ts";
import { startWorkspacePage } from "../src/replay/slack/page/server.ts";
import { incidentExportSchema } from "../src/web/export.ts";
import { webhookOf } from "./support/bot.ts";
import { startWorkerd } from "./support/workerd.ts";

/**
 * npm run dev:worker [-- --once] [--port 8787]
 *
 * The demo's incident on Durable Objects in a local workerd, without a key or a network: wrangler bundles src/worker as a deploy does, vendors are
 * replays on this machine. Stays up until Ctrl-C, or with `--once` ends after the report.
 */
const { values } = parseArgs({ options: { once: { type: "boolean", default: false }, port: { type: "string", default: "8787" } } });
const CONFIG = join(import.meta.dirname, "../wrangler.toml");
const RECORDING = join(import.meta.dirname, "scenarios/train-ticket-early-return");
const LONGEST_MS = 180_000;

const port = Number(values.port);
const url = `http://127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), "midwatch-dev-worker-"));
await using replay = await startReplay({ folder: RECORDING });
const { CATALOG_PATH: catalogPath, ...vendors } = replay.settings;
// The pages open on this machine alone, so they need no sign-in here.
const vars = { ...vendors, CATALOG: readFileSync(catalogPath, "utf8"), PUBLIC_URL: url, PROXY_LOGIN: "true" };
console.log("Bundling src/worker and starting workerd …");
await using worker = await startWorkerd(CONFIG, folder, vars, null, { port });
const workspace = await startWorkspacePage({ replay, botUrl: `${worker.url}/slack/events` });
// The isolate starts with the first request.
await fetch(`${worker.url}/healthz`);
const begun = Date.now();
const [sent] = await replay.page(webhookOf(worker.url));
if (sent?.status !== 202) throw new Error(`The page was answered ${sent?.status}.\n${worker.output()}`);
const incident = `${url}/incidents/pd-${replay.pagerduty.incidentIds[0]}`;
console.log(`Paged. The incident: ${incident}\nThe emulated Slack: ${workspace.url}\n`);

const report = async () => incidentExportSchema.parse(await (await fetch(`${incident}.json`)).json());
let said = "";
for (;;) {
  const { status, finding, pullRequest } = await report();
  if (status.headline !== said) console.log(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(5)} s  ${(said = status.headline)}`);
  if (status.finished) {
    const first = finding?.suspects[0];
    console.log(
      `\nFirst suspect: ${first === undefined ? "none" : `${first.service} (${first.likelihood})`}. Draft PR: ${pullRequest?.title ?? "none"}.`,
    );
    break;
  }
  if (Date.now() - begun > LONGEST_MS) throw new Error(`No report within ${LONGEST_MS / 1_000} s.\n${worker.output()}`);
  await sleep(500);
}
if (!values.once) {
  console.log("Ctrl-C ends it.");
  await interrupted();
}
await workspace.close();
rmSync(folder, { recursive: true, force: true });
