import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { parseConfig } from "../../src/config.ts";
import type { CoverageLine } from "../../src/incident/finding.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { type Look, lookAndPack } from "../../src/investigation/look.ts";
import { pagerduty } from "../../src/integrations/pagerduty/vendor.ts";
import { postgres, sql } from "../../src/integrations/postgres/vendor.ts";
import { slack } from "../../src/integrations/slack/vendor.ts";
import type { Vendor } from "../../src/integrations/vendor.ts";
import { vendors } from "../../src/integrations/vendors.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type Running, startNode } from "../../src/node/node.ts";
import { type ScriptedModel, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { NO_LIMITS } from "../../src/slack/pace.ts";
import { calls as uses, says, undecided } from "../end-to-end/agent.ts";
import { freshDatabase, ORDERS_TIMEOUT, shown, untilFinished, webhookOf } from "./bot.ts";
import { postgresFaults, startFaultPostgres } from "./fault-postgres.ts";
import { faultNames, type FaultName, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { fileOf } from "./mcp/allowing.ts";
import { says as toolSays, serveMcp, type ServedTool } from "./mcp/mcp-server.ts";
import { createRandom } from "./random.ts";

/** Vendors by their ids; the SQL of the model is PostgreSQL's. */
export const faultyVendors: readonly string[] = vendors.filter(({ id }) => id !== sql.id).map(({ id }) => id);
export type FaultyVendor = string;

/** What a vendor can have of the faults. The model's API has no pages; an answer that ends half way is `cut`. */
export const faultsOf = (vendor: FaultyVendor): readonly FaultName[] =>
  vendor === "postgres" ? postgresFaults : vendor === "anthropic" ? faultNames.filter((fault) => fault !== "pages") : faultNames;

/** Faults that pass: the vendor is to be read all the same. */
const passing: readonly FaultName[] = ["429 soon", "clock"];
/** What is read all the same, or else it is said why not: an answer may be larger than the limit for its vendor, a list longer. */
const bearable: readonly FaultName[] = ["10 MB", "pages"];

/** By what the coverage must say why. */
const reasons: Readonly<Partial<Record<FaultName, RegExp>>> = {
  "429 bare": /limit|429|too many/i,
  "429 late": /limit|429/i,
  "5xx": /50\d|nothing but errors|takes no connections/i,
  hang: /no complete answer|did not answer|has not answered|within|timeout|too long/i,
  drip: /no complete answer|did not answer|has not answered|within|timeout|not an answer|answered/i,
  cut: /broke off|could not be reached|ended|not JSON|closed|shape|not answered|no complete answer/i,
  malformed: /JSON|shape|not an answer|answered|does not know|protocol|broke off|within|no complete answer/i,
  html: /JSON|shape|not an answer|does not know|protocol|answered|within|broke off|connection ended/i,
  "10 MB": /more than .{1,12} bytes|no complete answer|connection/i,
  expired: /401|password|refused/i,
};

/** Without these there is no incident. */
const always: readonly Vendor[] = [pagerduty, slack];

const vendorOf = (id: FaultyVendor): Vendor => {
  const found = (vendors as readonly Vendor[]).find((vendor) => vendor.id === id);
  if (found === undefined) throw new Error(`${id} is no vendor; those are ${faultyVendors.join(", ")}`);
  return found;
};

/** How long one call may take here, ms, and what triage has, where the fault is that an answer takes too long. */
const SHORT_LIMITS = { callMs: 1_500, firstMs: 4_000, readOnMs: 6_000 };
const slow: readonly FaultName[] = ["hang", "drip"];
/** With all other faults nothing waits for these: machines that test are busy, and answers of 10 MB are many. */
const LIMITS = { callMs: 30_000, firstMs: 45_000, readOnMs: 60_000 };
/** Calls of Slack that a fault meets before Slack is back. */
const SLACK_FAULTS = 4;
const LONGEST_MS = 150_000;

export interface Cell {
  readonly vendor: FaultyVendor;
  /** null: none; then `calls` says how many are usual. */
  readonly fault: FaultName | null;
  readonly calls: number;
  /** What does not hold; none: the cell holds. */
  readonly problems: readonly string[];
}

interface Scene {
  readonly replay: Replay;
  readonly proxy: FaultProxy;
  readonly settings: Readonly<Record<string, string>>;
}

const tool: ServedTool = { name: "search", description: "Searches notes.", answer: () => toolSays("none") };

/** A catalog that also names a database. */
function catalogWithDatabase(path: string): string {
  const catalog = parse(readFileSync(path, "utf8")) as { services: { database?: string }[] };
  for (const service of catalog.services) service.database = "shop";
  const written = join(mkdtempSync(join(tmpdir(), "midwatch-faults-")), "catalog.yaml");
  writeFileSync(written, stringify(catalog));
  return written;
}

/** The vendor with its fault, and settings of a midwatch that has no other one to read than the pager. */
async function open(vendor: FaultyVendor, fault: FaultName | null, stack: AsyncDisposableStack): Promise<Scene> {
  const replay = stack.use(await startReplay({ folder: ORDERS_TIMEOUT }));
  const all = replay.settings as Readonly<Record<string, string>>;
  const own = vendor === postgres.id ? [] : [vendorOf(vendor)];
  const wanted = new Set([
    ...["CATALOG_PATH", "PAGERDUTY_WEBHOOK_SECRET"],
    ...[...always, ...own].flatMap(({ settings: names }) => Object.keys(names)),
  ]);
  const settings = Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name)));
  const front = async (target: string) =>
    stack.use(await startFaultProxy(vendor, target, fault, vendor === "slack" && fault !== null ? SLACK_FAULTS : undefined));
  if (vendor === "postgres") {
    const proxy = stack.use(await startFaultPostgres(fault ?? "expired"));
    return {
      replay,
      proxy,
      settings: { ...settings, DATABASES: `shop=${proxy.url}`, CATALOG_PATH: catalogWithDatabase(settings["CATALOG_PATH"] ?? "") },
    };
  }
  if (vendor === "anthropic") {
    const model: ScriptedModel = stack.use(await startScriptedModel({ script: () => says(uses("submit_finding", undecided)) }));
    const proxy = await front(model.url);
    return { replay, proxy, settings: { ...settings, ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: proxy.url } };
  }
  if (vendor === "mcp") {
    // Only a model asks these.
    const model = stack.use(await startScriptedModel({ script: () => says(uses("submit_finding", undecided)) }));
    const server = stack.use(await serveMcp([tool]));
    const proxy = await front(server.url);
    const path = join(mkdtempSync(join(tmpdir(), "midwatch-faults-")), "mcp.yaml");
    writeFileSync(path, fileOf(proxy.url, [tool]));
    return {
      replay,
      proxy,
      settings: { ...settings, MCP_SERVERS_PATH: path, ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.url },
    };
  }
  const url = vendorOf(vendor).addresses.find((name) => name in all);
  if (url === undefined) throw new Error(`the replay serves no ${vendor}`);
  const proxy = await front(all[url] ?? "");
  return { replay, proxy, settings: { ...settings, [url]: proxy.url } };
}

async function start(settings: Readonly<Record<string, string>>, limits: typeof LIMITS): Promise<Running> {
  const config = parseConfig({ ...settings, PORT: "0", DATABASE_PATH: freshDatabase() });
  const look: Look = (trigger, windows, first, options) =>
    lookAndPack(bot.midwatch.parts, trigger, windows, first, {
      ...options,
      deadlineMs: options.earlier === undefined ? limits.firstMs : limits.readOnMs,
    });
  const { callMs } = limits;
  const bot: Running = await startNode({
    config,
    catalog: loadCatalog(config),
    log: () => undefined,
    instead: {
      look,
      timeoutMs: callMs,
      random: createRandom(1).next,
      slackLimits: { ...NO_LIMITS, patienceMs: 3_000 },
      modelWaits: { firstByteMs: callMs, stallMs: callMs, totalMs: 6 * callMs },
    },
  });
  return bot;
}

const isBad = ({ status }: CoverageLine) => status === "failed" || status === "timed-out";

/** What of the coverage is not so. */
function coverageProblems(vendor: FaultyVendor, fault: FaultName, lines: readonly CoverageLine[]): string[] {
  const own = lines.filter(({ source }) => source.startsWith(vendorOf(vendor).title));
  const told = own.map(({ source, status, detail }) => `${source} ${status}: ${detail ?? ""}`).join(" | ");
  if (own.length === 0) return ["the coverage has no line for it"];
  if (passing.includes(fault) && vendor !== "postgres") return own.some(isBad) ? [`it passed, and was not read: ${told}`] : [];
  const problems = own.every(isBad) || bearable.includes(fault) ? [] : [`not all that failed is said to have failed: ${told}`];
  const reason = reasons[fault];
  const bad = own.filter(isBad);
  if (reason !== undefined && bad.some(({ detail, status }) => !reason.test(detail ?? status)))
    problems.push(`the reason is not said: ${told}`);
  return problems;
}

/**
 * One page at a midwatch of which one vendor has one fault.
 * @param usual calls of the vendor without a fault
 */
export async function runCell(vendor: FaultyVendor, fault: FaultName | null, usual: number): Promise<Cell> {
  await using stack = new AsyncDisposableStack();
  const { replay, proxy, settings } = await open(vendor, fault, stack);
  const bot = await start(settings, fault !== null && slow.includes(fault) ? SHORT_LIMITS : LIMITS);
  stack.defer(() => bot.close());
  await replay.page(webhookOf(bot.url));
  const id = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  const problems: string[] = [];
  const log = await untilFinished(bot, id, LONGEST_MS).catch((error: unknown) => {
    problems.push(error instanceof Error ? error.message : String(error));
    return bot.store.read(id);
  });
  const view = viewOf(log);
  const said = shown(replay);
  const roots = said.filter(({ threadTs }) => threadTs === null);
  if (view.triage === null) problems.push("triage gave nothing");
  if (roots.length !== 1) problems.push(`${roots.length} status messages`);
  if (said.length - roots.length < 1) problems.push("no brief in the thread");
  const texts = said.map(({ text }) => text);
  if (new Set(texts).size !== texts.length) problems.push("a message is there twice");
  if (said.length > 3) problems.push(`${said.length} messages`);
  if (fault !== null && vendor !== "slack" && vendor !== "anthropic") problems.push(...coverageProblems(vendor, fault, view.coverage));
  if (fault !== null && vendor === "anthropic") {
    const words = texts.join("\n");
    const noFinding = /No finding from the model/.test(words);
    const submitted = log.some(({ event }) => event.type === "finding-submitted");
    if (passing.includes(fault) && !submitted) problems.push(`it passed, and there is no finding: ${words.slice(0, 300)}`);
    // A turn that is large but whole is read.
    if (submitted && !passing.includes(fault) && !bearable.includes(fault)) problems.push("a turn that did not come whole gave a finding");
    if (submitted === noFinding) problems.push(noFinding ? "a finding is denied" : "that there is no finding is not said");
    if (noFinding && !(reasons[fault]?.test(words) ?? true)) problems.push(`the reason is not said: ${words.slice(0, 300)}`);
  }
  // Each question is asked at the deadline and once more after the brief; the budget of retries is a fifth and 20 (`guard/retry-budget.ts`).
  const most = Math.ceil(2 * usual * 1.2) + 20;
  if (fault !== null && usual > 0 && proxy.calls() > most) problems.push(`${proxy.calls()} calls, of which ${most} are allowed`);
  return { vendor, fault, calls: proxy.calls(), problems };
}
