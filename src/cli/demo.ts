import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../config.ts";
import { incidentIdOf } from "../incident/page.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { viewOf } from "../incident/view.ts";
import { proofWords } from "../report/proof-words.ts";
import { duration } from "../report/words.ts";
import { plainText } from "../integrations/slack/mrkdwn.ts";
import { CI_WAITS, type CiWaits } from "../fix/ci-watch.ts";
import { toReport } from "../report/report.ts";
import { plain } from "../report/text.ts";
import { tookWords } from "../report/work-words.ts";
import { loadCatalog, readEnvironment } from "../node/environment.ts";
import { startNode } from "../node/node.ts";
import { scriptedPatch, type WrittenPatch, writtenPatchSchema } from "../replay/anthropic/scripted-patch.ts";
import { startScriptedModel } from "../replay/anthropic/server.ts";
import { startReplay } from "../replay/server.ts";
import { startWorkspacePage } from "../replay/slack/page/server.ts";
import { CommandError } from "./command-error.ts";
import { parseConditions } from "./conditions.ts";
import { storyLine } from "./story-line.ts";
import { interrupted } from "../node/interrupt.ts";

export interface DemoArguments {
  /** Folder of a recording; null: the one of this repository. */
  readonly incident: string | null;
  /** Whether the model of the settings investigates too: it costs, and what is recorded goes to it. */
  readonly model: boolean;
  /** Whether plain code takes a model's place. */
  readonly scripted: boolean;
  readonly once: boolean;
  readonly json: boolean;
  readonly port: number;
  readonly latencyMs: number;
  readonly rateLimit: number | null;
  readonly fault: string | null;
  /** Whether the recording's CI runs: its code, and what is pushed, on this machine. */
  readonly ci: boolean;
}

const OWN_RECORDING = fileURLToPath(new URL("../../test/scenarios/train-ticket-early-return", import.meta.url));
/** A demo that has not ended by then has failed; a model's own time comes on top. */
const LONGEST_MS = 180_000;
/** Checks of a recording run on this machine, and begin at once. */
const CI_HERE: CiWaits = { ...CI_WAITS, first: 300, longest: 2_000, appear: 5_000, settle: 1_000 };

/** Named in what people read, so that nobody takes it for a model's work. */
const SCRIPTED_MODEL = "scripted";
const FREE = JSON.stringify({ [SCRIPTED_MODEL]: { input: 0, output: 0 } });

/** The model's settings, and none of a vendor. */
const modelSettings = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(readEnvironment()).filter(([name]) => /^(?:ANTHROPIC_|MIDWATCH_)/.test(name)));

/** What `--json` prints. Times are milliseconds from the moment the webhook is sent; null where it did not come to that. */
export interface DemoSummary {
  readonly incident: string;
  readonly ackMs: number;
  readonly firstSlackMs: number | null;
  readonly briefMs: number | null;
  readonly findingMs: number | null;
  readonly verdict: string | null;
  readonly suspects: readonly {
    readonly service: string;
    readonly fault: string | null;
    readonly commit: string | null;
    readonly probability: number;
  }[];
  /** `proof`: what the repository's own CI shows by then, in words. */
  readonly pullRequest: { readonly url: string; readonly draft: boolean; readonly proof: string | null } | null;
  readonly coverage: readonly { readonly source: string; readonly status: string; readonly detail: string | null }[];
  readonly slackMessages: readonly unknown[];
  readonly timelineUrl: string;
  readonly report: ReturnType<typeof toReport>;
}

/** The patch that lies beside a recording, or null. Never part of what is served. */
function patchBeside(folder: string): WrittenPatch | null {
  const path = join(folder, "patch.json");
  if (!existsSync(path)) return null;
  const parsed = writtenPatchSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new CommandError(`${path} does not hold a patch: ${parsed.error.issues[0]?.message ?? "see its fields"}`, 1);
  return parsed.data;
}

/** What CI shows of the fix by now. */
function proofLine(log: readonly LoggedEvent[]): string | null {
  const { proof, fix } = viewOf(log);
  return proof === null || fix?.type !== "fix-proposed" ? null : proofWords(proof, fix.base.branch);
}

/** Whether there is nothing more to watch: the report is out and, where the recording's own checks run, they are done and reported. */
function isOver(log: readonly LoggedEvent[], ci: boolean): boolean {
  const { finished, fix, proof } = viewOf(log);
  if (!finished || !ci || fix?.type !== "fix-proposed") return finished;
  return proof !== null && proof.verdict !== "running" && log.at(-1)?.event.type === "status-edited";
}

/** Plays a recorded incident through midwatch on this machine: replay, bot, webhook, and what came of it. */
export async function demo(args: DemoArguments): Promise<number> {
  const folder = args.incident ?? OWN_RECORDING;
  if (!existsSync(folder)) throw new CommandError(`There is no folder ${folder}. Give the folder of a recorded incident: --incident DIR.`);
  const ofModel = modelSettings();
  const hasKey = (ofModel["ANTHROPIC_API_KEY"] ?? "") !== "";
  if (args.model && !hasKey) throw new CommandError("--model needs ANTHROPIC_API_KEY, in the environment or in .env.", 1);
  if (args.model && args.scripted) throw new CommandError("--model and --scripted exclude each other: one takes the other's place.", 1);
  const tell = (line: string) => (args.json ? console.error(line) : console.log(line));
  const scratch = mkdtempSync(join(tmpdir(), "midwatch-demo-"));
  try {
    await using replay = await startReplay({ folder, ...parseConditions(args) }).catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error), 1);
    });
    await using scripted = args.scripted ? await startScriptedModel({ script: scriptedPatch(patchBeside(folder)) }) : null;
    const config = parseConfig({
      ...(args.model ? ofModel : {}),
      ...(scripted === null
        ? {}
        : { ANTHROPIC_API_KEY: scripted.apiKey, ANTHROPIC_BASE_URL: scripted.url, MIDWATCH_MODEL: SCRIPTED_MODEL, MIDWATCH_PRICES: FREE }),
      ...replay.settings,
      PORT: args.port,
      DATABASE_PATH: join(scratch, "midwatch.db"),
    });
    const running = await startNode({
      config,
      catalog: loadCatalog(config),
      // The story above has the incident already; the operator's line about it would follow its end.
      log: (line, about) => (about?.facts === undefined ? console.error(line) : undefined),
      triageThread: true,
      instead: { ciWaits: CI_HERE },
    });
    const workspace = await startWorkspacePage({ replay, botUrl: `${running.url}/slack/events` });
    try {
      // The heavy libraries are there before a page comes, as on a bot that has been up for a while.
      await running.warm();
      const asked = args.model
        ? `Every vendor is a replay on this machine; ${config.MIDWATCH_MODEL} is asked for real, for at most $${config.MIDWATCH_DOLLARS.toFixed(2)} and ${duration(config.MIDWATCH_MINUTES * 60_000)}.`
        : args.scripted
          ? "No key, no network: every vendor is a replay on this machine, and plain code takes a model's place. It proves the code, not a model."
          : `No key, no network: every vendor is a replay on this machine.${hasKey ? " ANTHROPIC_API_KEY is left alone; with --model the model investigates too." : ""}`;
      tell(
        args.incident === null
          ? `midwatch demo: a real recording of the Train Ticket benchmark (Nezha, MIT), played as if it happened now.\nIts repository and deploys were made for the demo. ${asked}\n`
          : `midwatch demo: ${folder}, played as if it happened now.\n${asked}\n`,
      );
      if (!args.once) tell(`Slack, emulated: ${workspace.url} (read, press, reply, /midwatch)\n`);
      return await play(args, replay, running, tell, LONGEST_MS + (args.model ? config.MIDWATCH_MINUTES * 60_000 : 0));
    } finally {
      await workspace.close();
      await running.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function play(
  args: DemoArguments,
  replay: Awaited<ReturnType<typeof startReplay>>,
  running: Awaited<ReturnType<typeof startNode>>,
  tell: (line: string) => void,
  longestMs: number,
): Promise<number> {
  const sentAt = Date.now();
  const deliveries = await replay.page(`${running.url}/webhooks/pagerduty`);
  // Of several pages the incident's own is followed; the others are incidents beside it.
  const { pages, incident } = replay.recording;
  const own = Math.max(
    0,
    pages.findIndex((page) => page.title === incident.title),
  );
  const delivery = deliveries[own];
  const pagerId = replay.pagerduty.incidentIds[own];
  if (delivery === undefined || pagerId === undefined) throw new CommandError("The recording has no page to send.", 1);
  const ackMs = Math.round(delivery.tookMs * 10) / 10;
  const since = (at: number) => `${((at - sentAt) / 1000).toFixed(1).padStart(5)} s  `;
  tell(`${since(sentAt)}webhook   signed and sent to ${running.url}/webhooks/pagerduty`);
  tell(`${since(sentAt + ackMs)}ack       ${delivery.status ?? "no answer"} after ${ackMs} ms`);
  const limit = AbortSignal.timeout(longestMs);
  let id = incidentIdOf(pagerId, "pd");
  let log: LoggedEvent[] = [];
  let proof = "";
  // A page that joins another one is read on there.
  for (let next: string | null = id; next !== null;) {
    [id, log, next] = [next, [], null];
    for await (const logged of running.store.follow(id, 0, limit)) {
      log.push(logged);
      const line = storyLine(logged.event);
      if (line !== null) tell(since(logged.at) + line);
      const told = logged.event.type === "fix-told" ? proofLine(log) : null;
      if (told !== null && told !== proof) tell(`${since(logged.at)}proof     ${told}`);
      proof = told ?? proof;
      if (logged.event.type === "lead-told") next = logged.event.lead;
      if (next !== null || isOver(log, args.ci)) break;
    }
  }
  const view = viewOf(log);
  const timelineUrl = `${running.url}/incidents/${encodeURIComponent(id)}`;
  const messages = replay.messages().filter((message) => !message.deleted);
  const slackMessages = messages.map(({ channel, ts, threadTs, versions }) => ({
    channel,
    ts,
    threadTs,
    text: versions.at(-1)?.text ?? "",
    blocks: versions.at(-1)?.blocks ?? [],
    edits: versions.length - 1,
  }));
  const ended = view.finished && view.finding !== null;
  if (args.json) {
    const from = (at: number | null) => (at === null ? null : at - sentAt);
    const { analysis, fix } = view;
    const summary: DemoSummary = {
      incident: id,
      ackMs,
      firstSlackMs: from(view.statusPostedAt),
      briefMs: from(view.briefAt),
      findingMs: from(view.findingAt),
      verdict: analysis?.verdict ?? null,
      suspects: (analysis?.suspects ?? []).map(({ service, fault, change, probability }) => ({
        service,
        fault,
        commit: change?.sha ?? null,
        probability,
      })),
      pullRequest: fix?.type === "fix-proposed" ? { url: fix.url, draft: fix.draft, proof: proofLine(log) } : null,
      coverage: view.coverage.map(({ source, status, detail }) => ({ source, status, detail })),
      slackMessages,
      timelineUrl,
      report: toReport(log),
    };
    console.log(JSON.stringify(summary));
    return ended ? 0 : 1;
  }
  tell("\nWhat Slack shows now:\n");
  for (const { threadTs, text } of slackMessages) {
    const indent = threadTs === null ? "" : "    ";
    tell(
      `${(text === "" ? "(an image)" : plainText(text))
        .split("\n")
        .map((line) => indent + line)
        .join("\n")}\n`,
    );
  }
  if (view.investigation !== null) tell(`The model: ${plain(tookWords(view.investigation))}`);
  tell(`Timeline: ${timelineUrl}${args.once ? " (gone when this ends)" : ""}`);
  if (!ended) tell(`The demo did not come to a finding within ${duration(longestMs)}.`);
  if (!args.once) {
    tell("It stays up; Ctrl-C ends it.");
    await interrupted();
  }
  return ended ? 0 : 1;
}
