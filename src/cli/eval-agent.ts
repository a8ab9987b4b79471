import { NO_LIMITS } from "../slack/pace.ts";
import { type AgentRun, type DoneCase, doneSchema } from "./done-case.ts";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Config, parseConfig } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import { incidentIdOf } from "../incident/page.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { viewOf } from "../incident/view.ts";
import { type Report, toReport } from "../report/report.ts";
import { teamSkills as skillsOfTeam } from "../look-parts.ts";
import { loadCatalog, networkOf } from "../node/environment.ts";
import { startNode } from "../node/node.ts";
import { openSkillFolders } from "../node/skills.ts";
import { startReplay } from "../replay/server.ts";
import { joinLibraries } from "../skills/skill-repository.ts";
import type { Library } from "../skills/library.ts";
import { type AgentScore, judge, scoreLine, scoreTotals } from "./agent-score.ts";
import { CommandError } from "./command-error.ts";
import { caseFolders } from "./eval-incidents.ts";

/** Arguments of `eval agent`. */
export interface EvalAgent {
  /** Folders of single cases, or folders that hold such (directly or under `cases/`). */
  readonly folders: readonly string[];
  /** Where the reports go, one file a case. A case whose report is there already is only judged. */
  readonly out: string;
  /** Cases under way at once. */
  readonly concurrency: number;
  /** Prints one JSON object instead of lines. */
  readonly json: boolean;
  /** The environment: what it says of the model and of skills counts, vendors are those of the replay. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  /** Progress, for the person who waits. */
  readonly tell: (line: string) => void;
  /** Ends what is under way; what is done is judged all the same. */
  readonly signal: AbortSignal;
}

/** Of the environment only these reach a run: a case is replayed with its own vendors, whatever the rest says. */
const PASSED_ON = /^(?:ANTHROPIC_|MIDWATCH_|SKILLS_PATH$)/;
/** What the team's repository of skills is read with, once and before any case: a case's own GitHub is the replay's. */
const READS_SKILLS = /^(?:SKILLS_REPOSITORY$|GITHUB_)/;
const SKILLS_MS = 60_000;
/** Time for triage, messages and the PR, beside the model's own. */
const BESIDE_MS = 3 * 60_000;

/** What a log says of the model's work. */
function agentRun(log: readonly LoggedEvent[]): AgentRun {
  const { investigation, analysis, triage } = viewOf(log);
  const finding = investigation?.finding ?? null;
  const first = analysis?.verdict === "nothing-wrong" ? undefined : analysis?.suspects[0];
  const answers = log.flatMap(({ event }) => (event.type === "tools-answered" ? event.answers : []));
  const id = finding === null ? (first?.change?.sha ?? first?.change?.version ?? null) : (finding.change?.id ?? null);
  const change = triage?.changes.find(({ sha, version }) => id !== null && (sha?.startsWith(id) === true || version === id));
  const lengths = answers.map(({ view }) => view.length);
  const [opened, last] = [log[0]?.at ?? 0, log.at(-1)?.at ?? 0];
  return {
    verdict: finding?.verdict ?? analysis?.verdict ?? null,
    service: finding?.service ?? first?.service ?? null,
    fault: finding === null ? (first?.fault ?? null) : finding.fault,
    change: change?.sha ?? id,
    path: finding?.causal_path.map(({ service }) => service) ?? [],
    found: finding !== null,
    ended: investigation?.closed == null ? "not asked" : `${investigation.closed.how}: ${investigation.closed.because}`,
    retry: investigation?.closed == null || investigation.closed.how === "provider",
    dropped: [...(investigation?.dropped ?? [])],
    sentBack: answers.filter(({ name, failed }) => name === "submit_finding" && failed).length,
    dollars: investigation?.cost ?? 0,
    tokens: investigation?.tokens ?? { read: 0, cached: 0, written: 0 },
    turns: investigation?.turns ?? 0,
    toolCalls: investigation?.toolCalls ?? 0,
    failedCalls: answers.filter(({ failed }) => failed).length,
    seconds: (last - opened) / 1000,
    characters: {
      digest: triage?.digest.length ?? 0,
      tools: lengths.reduce((sum, length) => sum + length, 0),
      longest: Math.max(0, ...lengths),
    },
  };
}

/** The team's repository of skills as it is now, or null where none is set. @throws CommandError when it cannot be read */
async function teamSkills({ settings, signal }: Pick<EvalAgent, "settings" | "signal">): Promise<Library | null> {
  const own = Object.fromEntries(Object.entries(settings).filter(([name]) => READS_SKILLS.test(name)));
  // The rest is what any settings need; nothing of it is called.
  const config = parseConfig({
    ...own,
    PAGERDUTY_WEBHOOK_SECRET: "unused-by-this-command",
    SLACK_BOT_TOKEN: "xoxb-unused-by-this-command",
    SLACK_SIGNING_SECRET: "unused-by-this-command",
  });
  if (config.SKILLS_REPOSITORY === undefined) return null;
  const team = skillsOfTeam(config, { fetch: networkOf(config).fetch });
  if (team === null) throw new CommandError("SKILLS_REPOSITORY is set, and no GitHub credential to read it with.", 1);
  try {
    return await team.read(AbortSignal.any([signal, AbortSignal.timeout(SKILLS_MS)]));
  } catch (error) {
    if (error instanceof IntegrationError) throw new CommandError(`SKILLS_REPOSITORY: ${error.message}`, 1);
    throw error;
  }
}

/** Runs one case: replay, bot, page, and what came of it. @throws an Error when it does not come to an end */
async function runCase(
  folder: string,
  { settings, tell, signal }: EvalAgent,
  team: Library | null,
): Promise<Report & { readonly run: AgentRun }> {
  const scratch = mkdtempSync(join(tmpdir(), "midwatch-eval-"));
  try {
    await using replay = await startReplay({ folder });
    const config: Config = parseConfig({ ...settings, ...replay.settings, PORT: "0", DATABASE_PATH: join(scratch, "midwatch.db") });
    const log = (line: string) => tell(`${basename(folder)}: ${line}`);
    const folders = openSkillFolders(config.SKILLS_PATH ?? null, () => {});
    const running = await startNode({
      ...{ config, catalog: loadCatalog(config), log },
      // The workspace is an emulated one.
      instead: { slackLimits: NO_LIMITS, ...(team === null ? {} : { library: () => joinLibraries(folders.current(), team) }) },
    });
    try {
      await running.warm();
      await replay.page(`${running.url}/webhooks/pagerduty`);
      // Of several pages the incident's own is followed.
      const { pages, incident } = replay.recording;
      const own = Math.max(
        0,
        pages.findIndex(({ title }) => title === incident.title),
      );
      const id = incidentIdOf(replay.pagerduty.incidentIds[own] ?? "", "pd");
      const limitMs = config.MIDWATCH_MINUTES * 60_000 + BESIDE_MS;
      const seen: LoggedEvent[] = [];
      for await (const logged of running.store.follow(id, 0, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))) {
        seen.push(logged);
        if (logged.event.type === "investigation-finished") return { ...toReport(seen), run: agentRun(seen) };
      }
      throw new Error(`no end within ${Math.round(limitMs / 60_000)} min`);
    } finally {
      await running.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What an earlier call wrote, or null where it must be run (again). */
function readDone(file: string): DoneCase | null {
  if (!existsSync(file)) return null;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
  const done = doneSchema.safeParse(json);
  return done.success ? done.data : null;
}

/**
 * `eval agent`: runs the agent over recorded incidents, then judges its reports by the truth beside each.
 * @returns the exit code: 0; 1 where a case failed to run, came to no finding of the model or holds an invented quote; 130 where it was broken off
 * @throws CommandError without a key or a case
 */
export async function evalAgent(args: EvalAgent): Promise<number> {
  const { folders, out, concurrency, json, print, tell, signal } = args;
  const settings = Object.fromEntries(Object.entries(args.settings).filter(([name]) => PASSED_ON.test(name)));
  if ((settings["ANTHROPIC_API_KEY"] ?? "") === "")
    throw new CommandError("ANTHROPIC_API_KEY is missing: without it no model is asked. ANTHROPIC_BASE_URL names another Messages API.", 1);
  const cases = caseFolders(folders).map((folder) => ({ folder, file: join(out, `${basename(folder)}.json`) }));
  if (cases.length === 0)
    throw new CommandError(
      `No recorded incident under ${folders.join(", ") || "(no folder given)"}: a case is a folder with incident.json.`,
    );
  const twice = cases.find(({ file }, index) => cases.findIndex((other) => other.file === file) !== index);
  if (twice !== undefined) throw new CommandError(`Two cases are named ${basename(twice.folder)}; each needs a name of its own.`);
  mkdirSync(out, { recursive: true });
  const team = await teamSkills(args);

  const failures = new Map<string, string>();
  const waiting = cases.filter(({ file }) => readDone(file)?.run.retry !== false);
  if (waiting.length < cases.length) tell(`${cases.length - waiting.length} of ${cases.length} cases have their report in ${out} already`);
  let done = cases.length - waiting.length;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const name = basename(next.folder);
      try {
        const report = await runCase(next.folder, { ...args, settings }, team);
        // Whole or not there: a file that was broken off would count as done.
        writeFileSync(`${next.file}.part`, `${JSON.stringify(report, null, 1)}\n`);
        renameSync(`${next.file}.part`, next.file);
        const { run } = report;
        tell(
          `${++done} of ${cases.length}  ${name}: ${run.verdict ?? "no verdict"} after ${run.seconds.toFixed(1)} s, ${run.turns} turns, $${run.dollars.toFixed(2)} (${run.ended})`,
        );
      } catch (error) {
        if (signal.aborted) return;
        const words = error instanceof Error ? error.message : String(error);
        failures.set(next.folder, words);
        tell(`${++done} of ${cases.length}  ${name}: failed: ${words}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));

  const scores = cases.flatMap(({ folder, file }): AgentScore[] => {
    const report = readDone(file);
    return report === null ? [] : [judge(folder, report)];
  });
  const failed = [...failures].map(([folder, error]) => ({ case: basename(folder), error }));
  if (json) print(JSON.stringify({ cases: scores, failed, totals: scoreTotals(scores) }));
  else {
    for (const score of scores) print(scoreLine(score));
    for (const one of failed) print(`${one.case}  did not run: ${one.error}`);
    for (const line of totalLines(scores)) print(line);
  }
  if (signal.aborted) {
    tell(`Stopped with ${scores.length} of ${cases.length} cases done; the same command continues.`);
    return 130;
  }
  // A provider that never answered, or words that nobody said, must not pass for a result.
  const bad = scores.some(({ run, invented }) => !run.found || invented.length > 0);
  return failed.length === 0 && !bad ? 0 : 1;
}

/** The table of totals, by data set. */
function totalLines(scores: readonly AgentScore[]): string[] {
  const rows = scoreTotals(scores).map((row) => Object.entries(row));
  const head = rows[0]?.map(([name]) => name) ?? [];
  const cells = rows.map((row) => row.map(([, value]) => String(value)));
  const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return rows.length === 0 ? ["Nothing to score."] : ["", line(head), ...cells.map(line)];
}
