import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import { parseConfig } from "../../src/config.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { type Analysis, culpritOf } from "../../src/incident/finding.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { startNode } from "../../src/node/node.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { shortSha } from "../../src/report/words.ts";

/**
 * What is said, and when, where every vendor call takes longer and longer: recorded incidents with known truth, each at each latency, from the webhook
 * to the finding. A suspect is wrong at "likely" or more, or a guilty change ruled out, in the brief or after it; after the late reading the right
 * suspect should be first. Without a model. Times depend on what else the machine does.
 *
 * npm run bench -- latency [all] [FOLDER...]     default: a small sample, some 5 minutes; `all`: every case of ../shared/incidents; or these folders
 *
 * LATENCY_MS=150,1200 plays these latencies alone, and LATENCY_CALLS=1 lists every call with its beginning and end, ms after the webhook.
 */

const LATENCIES_MS = process.env["LATENCY_MS"]?.split(",").map(Number) ?? [150, 1_200, 1_800, 2_500, 5_000];
const AT_ONCE = 3;
const LONGEST_MS = 180_000;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INCIDENTS = join(ROOT, "../shared/incidents");

interface Truth {
  readonly service: string;
  /** "none" where no change is guilty; null where there is none on record. */
  readonly commit: string | null;
}

/** The recordings of this repository, as their READMEs tell. */
const OWN: Readonly<Record<string, Truth>> = {
  "orders-bad-timeout": { service: "orders", commit: "b16454518f823fd9ae471761873c55a3199a1114" },
  "orders-wrong-total": { service: "orders", commit: "8c370d53d7d043c665421c56c1682051aa3b2577" },
  "orders-missing-index": { service: "orders", commit: "8610bea5792eadc3f19e955be2c08e5f21896e2e" },
};
/** Each data set's first cases, by position alone. */
const SAMPLE: Readonly<Record<string, number>> = { "nezha-ob": 1, "nezha-tt": 1, petshop: 1, rcb: 2 };

const truthSchema = z.object({ root_cause: z.object({ service: z.string(), commit: z.string().nullish() }) });

function truthOf(folder: string): Truth | null {
  const own = OWN[basename(folder)];
  const file = join(folder, "truth.json");
  if (own !== undefined || !existsSync(file)) return own ?? null;
  const { service, commit = null } = truthSchema.parse(JSON.parse(readFileSync(file, "utf8"))).root_cause;
  return { service, commit };
}

function sample(): string[] {
  const left = new Map(Object.entries(SAMPLE));
  return caseFolders([INCIDENTS]).filter((folder) => {
    const [set] = [...left].find(([name, n]) => n > 0 && basename(folder).startsWith(name)) ?? [];
    if (set !== undefined) left.set(set, (left.get(set) ?? 0) - 1);
    return set !== undefined;
  });
}

/** Most of these calls that can have waited for each other: the longest row in which each begins when the one before has ended. */
function longestChain(calls: readonly { readonly at: number; readonly endedAt: number }[]): number {
  let free = Number.NEGATIVE_INFINITY;
  let chain = 0;
  for (const { at, endedAt } of calls.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (at < free) continue;
    chain += 1;
    free = endedAt;
  }
  return chain;
}

interface Outcome {
  readonly id: string;
  readonly latencyMs: number;
  readonly firstMs: number | null;
  /** When Slack had it. */
  readonly briefMs: number | null;
  readonly chain: number;
  /** "brief" or "after", where it was wrong. */
  readonly wrongSuspect: readonly string[];
  readonly wrongExoneration: readonly string[];
  /** Whether late sources were read. */
  readonly isLate: boolean;
  readonly rightFirst: boolean;
  /** Of the suspect that is first in the end. */
  readonly suspect: string;
  /** Sources that were not read in full in the end. */
  readonly unread: readonly string[];
}

function isWrong(analysis: Analysis, { service, commit }: Truth): boolean {
  const best = culpritOf(analysis);
  if (best === null || best.probability < LIKELY) return false;
  const sha = best.change?.sha ?? null;
  if (commit !== null && sha !== null) return sha !== commit;
  return best.service !== service;
}

const clears = ({ ruledOut }: Analysis, { commit }: Truth) =>
  commit !== null && commit !== "none" && ruledOut.some(({ what }) => what.includes(shortSha(commit)));

type Triage = EventOf<"triage-finished">;

function judge(id: string, latencyMs: number, truth: Truth, log: readonly LoggedEvent[], replay: Replay, sentAt: number): Outcome {
  const of = <T extends IncidentEvent["type"]>(type: T) => log.find(({ event }) => event.type === type) ?? null;
  const triages = log.flatMap(({ event }) => (event.type === "triage-finished" ? [event as Triage] : []));
  const [first, last] = [triages[0]?.analysis, triages.at(-1)?.analysis];
  const ended = replay.requests.flatMap((call) => (call.endedAt === null ? [] : [{ ...call, endedAt: call.endedAt }]));
  const posts = ended.filter(({ path }) => path.endsWith("/chat.postMessage"));
  const briefAt = posts[1]?.endedAt ?? null;
  const both = [
    ["brief", first],
    ["after", last],
  ] as const;
  const where = (test: (analysis: Analysis, truth: Truth) => boolean) =>
    both.flatMap(([when, analysis]) => (analysis !== undefined && test(analysis, truth) ? [when] : []));
  const firstAt = of("status-posted")?.at ?? null;
  const best = last?.suspects[0];
  if (process.env["LATENCY_CALLS"] !== undefined) {
    for (const { at, endedAt, vendor, method, path, status } of replay.requests)
      console.log(
        `${String(at - sentAt).padStart(6)} ${String(endedAt === null ? "" : endedAt - sentAt).padStart(6)}  ${vendor} ${status} ${method} ${path.slice(0, 150)}`,
      );
    for (const { at, event } of log) console.log(`${String(at - sentAt).padStart(6)} event ${event.type}`);
  }
  return {
    ...{ id, latencyMs },
    firstMs: posts[0] === undefined ? (firstAt === null ? null : firstAt - sentAt) : posts[0].endedAt - sentAt,
    briefMs: briefAt === null ? null : briefAt - sentAt,
    // Nothing waits for an edit that shows progress, and no page for what was looked up before it.
    chain: longestChain(
      ended.filter(({ at, endedAt, path }) => at >= sentAt && briefAt !== null && endedAt <= briefAt && !path.endsWith("/chat.update")),
    ),
    ...{ wrongSuspect: where(isWrong), wrongExoneration: where(clears) },
    isLate: triages.length > 1,
    rightFirst: best?.service === truth.service || (truth.commit !== null && best?.change?.sha === truth.commit),
    unread: last?.unread ?? [],
    suspect: best === undefined ? "none" : `${best.service} ${best.probability.toFixed(2)}`,
  };
}

async function run(folder: string, latencyMs: number, truth: Truth): Promise<Outcome> {
  const scratch = mkdtempSync(join(tmpdir(), "midwatch-latency-"));
  try {
    await using replay = await startReplay({ folder, latencyMs });
    const config = parseConfig({ ...replay.settings, PORT: "0", DATABASE_PATH: join(scratch, "midwatch.db") });
    const bot = await startNode({ config, catalog: loadCatalog(config), log: () => undefined, triageThread: true });
    try {
      await bot.warm();
      const sentAt = Date.now();
      await replay.page(`${bot.url}/webhooks/pagerduty`);
      const { pages, incident } = replay.recording;
      const own = Math.max(
        0,
        pages.findIndex(({ title }) => title === incident.title),
      );
      const log: LoggedEvent[] = [];
      const id = incidentIdOf(replay.pagerduty.incidentIds[own] ?? "", "pd");
      for await (const logged of bot.store.follow(id, 0, AbortSignal.timeout(LONGEST_MS))) {
        log.push(logged);
        if (logged.event.type === "finding-posted") break;
      }
      return judge(basename(folder), latencyMs, truth, log, replay, sentAt);
    } finally {
      await bot.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const seconds = (ms: number | null) => (ms === null ? "none" : (ms / 1000).toFixed(2));
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

const given = process.argv.slice(2);
if (given.length === 0 && !existsSync(INCIDENTS))
  console.error(`${INCIDENTS} is not there: only this repository's own recordings are played.`);
const own = Object.keys(OWN).map((name) => join(ROOT, "test/scenarios", name));
const folders =
  given.length === 0 ? [...own, ...sample()] : given[0] === "all" ? [...own, ...caseFolders([INCIDENTS])] : caseFolders(given);
const jobs = LATENCIES_MS.flatMap((latencyMs) =>
  folders.flatMap((folder) => {
    const truth = truthOf(folder);
    return truth === null ? [] : [{ folder, latencyMs, truth }];
  }),
);
const outcomes: Outcome[] = [];
const queue = [...jobs];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const outcome = await run(job.folder, job.latencyMs, job.truth);
      outcomes.push(outcome);
      const { id, latencyMs, firstMs, briefMs, chain, suspect, isLate, rightFirst, unread } = outcome;
      const short = unread.length === 0 ? "" : `, never read in full: ${unread.join(", ")}`;
      const wrong = [
        ...outcome.wrongSuspect.map((when) => `WRONG SUSPECT (${when})`),
        ...outcome.wrongExoneration.map((when) => `WRONG EXONERATION (${when})`),
      ];
      console.log(
        `${id.padEnd(26)} ${String(latencyMs).padStart(5)} ms  first words ${seconds(firstMs)} s, brief ${seconds(briefMs)} s, chain ${chain}, ${isLate ? "late sources" : "all in time "}, ${suspect}${rightFirst ? "" : " (not the true one)"}${short} ${wrong.join(", ")}`,
      );
    }
  }),
);
console.log(
  "\nlatency   n  first words, brief: median (worst) s   chain  wrong suspects at likely+  wrong exonerations  late  right first",
);
for (const latencyMs of LATENCIES_MS) {
  const rows = outcomes.filter((one) => one.latencyMs === latencyMs);
  const times = (pick: (one: Outcome) => number | null) => rows.map(pick).filter((ms) => ms !== null);
  const shown = (values: readonly number[]) => `${seconds(median(values))} (${seconds(Math.max(...values))})`;
  const sum = (pick: (one: Outcome) => boolean) => rows.filter(pick).length;
  console.log(
    `${String(latencyMs).padStart(5)} ms ${String(rows.length).padStart(3)}  ${shown(times((one) => one.firstMs))}, ${shown(times((one) => one.briefMs))}   ${String(Math.max(...rows.map(({ chain }) => chain))).padStart(5)}  ${String(sum((one) => one.wrongSuspect.length > 0)).padStart(25)}  ${String(sum((one) => one.wrongExoneration.length > 0)).padStart(18)}  ${String(sum((one) => one.isLate)).padStart(4)}  ${sum((one) => one.rightFirst)} of ${rows.length}`,
  );
}
const isGood = outcomes.every(({ wrongSuspect, wrongExoneration }) => wrongSuspect.length + wrongExoneration.length === 0);
process.exitCode = isGood && outcomes.length > 0 ? 0 : 1;
