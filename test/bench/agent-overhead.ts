import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { incidentIdOf } from "../../src/incident/page.ts";
import { type Script, type ScriptedBlock, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { startReplay } from "../../src/replay/server.ts";
import { undecided } from "../end-to-end/agent.ts";
import { startBot, TRAIN_TICKET, webhookOf } from "../support/bot.ts";

/**
 * What midwatch itself spends on the turns of a model: CPU time of this process, in which nothing but midwatch runs. Vendors and model are a
 * process of their own, and waiting for them costs none.
 *
 * npm run bench -- agent-overhead [--incident DIR] [--turns 12,25]
 *
 * `turn`: from what tools brought to the stored answer of the model. `tools`: one round of them, with the reading of what vendors answer.
 */
const { values } = parseArgs({
  options: {
    incident: { type: "string", default: TRAIN_TICKET },
    turns: { type: "string", default: "12,25" },
    /** Set for the process that plays vendors and model. */
    world: { type: "boolean", default: false },
  },
});
const MEDIAN_BAR_MS = 50;

const worldSchema = z.object({ settings: z.record(z.string(), z.string()), page: z.string() });

/** Two to three questions a turn, about one service after the other; the last turn hands in. */
function scriptOf(turns: number, services: readonly string[]): Script {
  return (_request, turn) => {
    const service = services[turn % services.length] ?? "";
    const rounds: readonly ScriptedBlock[][] = [
      [
        { tool: "datadog_logs", input: { service } },
        { tool: "github_changes", input: { service } },
      ],
      [
        { tool: "datadog_spans", input: { service } },
        { tool: "datadog_metrics", input: { service } },
      ],
      [
        { tool: "datadog_log_lines", input: { service } },
        { tool: "read_evidence", input: { evidence: 2, find: service } },
        { tool: "sentry_issues", input: { service } },
      ],
      [
        { tool: "datadog_trace", input: { service } },
        { tool: "read_evidence", input: { evidence: 1 + (turn % 9), offset: turn * 1_000 } },
      ],
    ];
    const handIn = { ...undecided, service };
    return {
      blocks: [
        { thinking: `Turn ${turn + 1}: ${"what tells the causes apart is what moved first. ".repeat(10)}` },
        ...(turn < turns - 1 ? (rounds[turn % rounds.length] ?? []) : [{ tool: "submit_finding", input: handIn }]),
      ],
    };
  };
}

async function playWorld(): Promise<void> {
  const turns = Number(values.turns);
  const replay = await startReplay({ folder: values.incident });
  const services = [...new Set(replay.recording.logs.flatMap(({ service }) => service ?? []))].slice(0, 8);
  const model = await startScriptedModel({ script: scriptOf(turns, services) });
  process.on("message", (url: string) => void replay.page(url));
  process.send?.({
    settings: { ...replay.settings, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey },
    page: incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd"),
  });
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;

function line(name: string, spent: readonly number[]): string {
  const sorted = spent.toSorted((one, other) => one - other);
  const [median, worst] = [quantile(sorted, 0.5), quantile(sorted, 1)].map((ms) => ms.toFixed(1).padStart(6));
  return `  ${name.padEnd(6)} median ${median} ms, worst ${worst} ms: ${spent.map((ms) => ms.toFixed(0)).join(" ")}`;
}

/** Runs one investigation of so many turns. @returns CPU time of each turn and of each round of tools, ms */
async function measure(turns: number): Promise<{ readonly turn: readonly number[]; readonly tools: readonly number[] }> {
  const world = fork(fileURLToPath(import.meta.url), ["--world", "--incident", values.incident, "--turns", String(turns)]);
  try {
    const [message] = (await once(world, "message")) as unknown[];
    const { settings, page } = worldSchema.parse(message);
    const limits = { MIDWATCH_TURNS: String(2 * turns), MIDWATCH_MINUTES: "60", MIDWATCH_DOLLARS: "50" };
    await using bot = await startBot({ ...settings, ...limits });
    await bot.warm();
    world.send(webhookOf(bot.url));
    const spent = { turn: [] as number[], tools: [] as number[] };
    while (bot.store.health().running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    let since = process.cpuUsage();
    for await (const { event } of bot.store.follow(page, 0, AbortSignal.timeout(300_000))) {
      const { user, system } = process.cpuUsage(since);
      if (event.type === "model-turn") spent.turn.push((user + system) / 1_000);
      if (event.type === "tools-answered") spent.tools.push((user + system) / 1_000);
      if (event.type === "investigation-finished") break;
      since = process.cpuUsage();
    }
    return spent;
  } finally {
    world.kill();
  }
}

if (values.world) await playWorld();
else {
  let worstMedian = 0;
  for (const turns of values.turns.split(",").map(Number)) {
    const { turn, tools } = await measure(turns);
    worstMedian = Math.max(
      worstMedian,
      quantile(
        turn.toSorted((one, other) => one - other),
        0.5,
      ),
    );
    console.log([`${turns} turns, CPU of each:`, line("turn", turn), line("tools", tools)].join("\n"));
  }
  if (worstMedian > MEDIAN_BAR_MS) process.exitCode = 1;
}
