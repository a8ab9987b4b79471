import { NO_LIMITS } from "../../src/slack/pace.ts";
import { basename } from "node:path";
import { incidentIdOf } from "../../src/incident/page.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import type { Json } from "../../src/incident/model.ts";
import type { ToolAnswer } from "../../src/incident/tool.ts";
import { parseConfig } from "../../src/config.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type Running, startNode } from "../../src/node/node.ts";
import { type Script, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { startReplay } from "../../src/replay/server.ts";
import { undecided } from "../end-to-end/agent.ts";
import { freshDatabase, untilFinished, webhookOf } from "./bot.ts";

/** One tool call of the model. */
export interface Read {
  readonly tool: string;
  readonly input: { readonly [key: string]: Json };
}

/** A recorded incident after triage and some reads of a model, ready for a hand-in. */
export interface ReplayedCase extends AsyncDisposable {
  readonly running: Running;
  readonly incidentId: string;
  /** The log up to the model's last read; what it handed in to end the run is left out. */
  readonly log: readonly LoggedEvent[];
  /** What each read brought, in order. */
  readonly answers: readonly ToolAnswer[];
}

const CALLS_A_TURN = 4;
const LONGEST_MS = 120_000;

/** Asks for all reads, some a turn, then hands in what says nothing. */
function scriptOf(reads: readonly Read[]): Script {
  return (_request, turn) => {
    const calls = reads.slice(turn * CALLS_A_TURN, (turn + 1) * CALLS_A_TURN);
    if (calls.length === 0) return { blocks: [{ tool: "submit_finding", input: undecided }] };
    return { blocks: calls.map((read, index) => ({ ...read, id: `read-${turn * CALLS_A_TURN + index}` })) };
  };
}

/**
 * Replays a recorded incident at its own time, so that clock times of the recording are those that midwatch sees, and has a model make these reads.
 * @param folder of the recording
 * @throws an Error where a read was not answered, or the run does not end
 */
export async function replayCase(folder: string, reads: readonly Read[]): Promise<ReplayedCase> {
  const { incident } = await loadRecording(folder);
  // The replay is the first to ask, and serves the recording's end as that moment: so times are served as they were recorded.
  let began: number | null = null;
  const now = () => {
    began ??= performance.now();
    return Math.round(incident.window.to + performance.now() - began);
  };
  const replay = await startReplay({ folder, now });
  const model = await startScriptedModel({ script: scriptOf(reads), now });
  const turns = String(2 + 2 * Math.ceil(reads.length / CALLS_A_TURN));
  const config = parseConfig({
    ...replay.settings,
    ...{ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey, MIDWATCH_TURNS: turns, MIDWATCH_DOLLARS: "50" },
    ...{ PORT: "0", DATABASE_PATH: freshDatabase() },
  });
  const running = await startNode({ config, catalog: loadCatalog(config), log: () => undefined, instead: { now, slackLimits: NO_LIMITS } });
  const close = async () => {
    await running.close();
    await model.close();
    await replay.close();
  };
  try {
    await replay.page(webhookOf(running.url));
    const { pages } = replay.recording;
    // Of several pages the incident's own is followed.
    const own = Math.max(
      0,
      pages.findIndex(({ title }) => title === incident.title),
    );
    const incidentId = incidentIdOf(replay.pagerduty.incidentIds[own] ?? "", "pd");
    const whole = await untilFinished(running, incidentId, LONGEST_MS);
    const handedIn = whole.findIndex(
      ({ event }) => event.type === "model-turn" && event.toolUses.some(({ name }) => name === "submit_finding"),
    );
    const log = handedIn < 0 ? whole : whole.slice(0, handedIn);
    const answered = log.flatMap(({ event }) => (event.type === "tools-answered" ? event.answers : []));
    const answers = reads.map((read, index) => {
      const answer = answered.find(({ id }) => id === `read-${index}`);
      if (answer === undefined) throw new Error(`${basename(folder)}: read ${index} (${read.tool}) was not answered`);
      return answer;
    });
    return { running, incidentId, log, answers, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
