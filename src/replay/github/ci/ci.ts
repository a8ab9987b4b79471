import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedCi } from "../../recorded.ts";
import type { Ci, CiAnnotation, CiJob, CiRun } from "./ci-run.ts";
import { checkOut } from "./checkout.ts";
import { type CommandEnd, homeBeside, runCommand } from "./command.ts";
import type { GithubRepository } from "../repository.ts";
import { countsText, testSummary } from "./test-summary.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Job = Mutable<CiJob> & { log: { at: number; text: string }[]; readonly timeoutMs: number; readonly stop: AbortController };

/** Jobs at once; the others are queued, as where runners are few. */
const MOST_AT_ONCE = 2;
const MOST_OUTPUT = 1_000_000;
/** GitHub shows ten errors of a step. */
const MOST_ANNOTATIONS = 10;
const LINES_OF_MESSAGE = 30;
const FIRST_RUN = 18_000_000_001;
const FIRST_SUITE = 45_000_000_001;
const FIRST_JOB = 51_000_000_001;

/**
 * Runs the checks of a recording for each pushed commit, as GitHub Actions would: a real child process on a checkout of the commit's tree, with
 * its log, outcome and annotations. The code that runs is the recording's and whatever was pushed, so it is only made where somebody asked for it.
 */
export function createCi(config: RecordedCi, repository: GithubRepository): Ci {
  const { now } = repository;
  const runs: (Mutable<CiRun> & { jobs: Job[] })[] = [];
  const waiting: (() => Promise<void>)[] = [];
  const underWay = new Set<Promise<void>>();
  let jobs = 0;
  let closed = false;

  const next = () => {
    if (closed || underWay.size >= MOST_AT_ONCE) return;
    const begin = waiting.shift();
    if (begin === undefined) return;
    const begun: Promise<void> = begin().finally(() => {
      underWay.delete(begun);
      next();
    });
    underWay.add(begun);
    next();
  };

  const cancel = (job: Job) => {
    if (job.status === "completed") return;
    job.stop.abort();
    if (job.status === "queued") Object.assign(job, { status: "completed", conclusion: "cancelled", completedAt: now() });
  };

  return {
    runs,
    names: config.checks.map(({ name }) => name),
    pushed(branch, sha) {
      if (closed || runs.some((run) => run.sha === sha)) return;
      if (config.cancelInProgress) for (const run of runs) if (run.branch === branch) run.jobs.forEach(cancel);
      const run = {
        id: FIRST_RUN + runs.length,
        suiteId: FIRST_SUITE + runs.length,
        number: runs.length + 1,
        sha,
        branch,
        createdAt: now(),
        jobs: config.checks.map(({ name, command, timeoutMs }): Job => ({
          id: FIRST_JOB + jobs++,
          name,
          command,
          timeoutMs,
          stop: new AbortController(),
          status: "queued",
          conclusion: null,
          startedAt: null,
          completedAt: null,
          title: null,
          summary: null,
          annotations: [],
          log: [],
        })),
      };
      runs.push(run);
      waiting.push(...run.jobs.map((job) => () => perform(repository, run, job)));
      next();
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      closed = true;
      for (const run of runs) run.jobs.forEach(cancel);
      await Promise.all(underWay);
    },
  };
}

/** Runs one job in a folder of its own, and notes in it what became of it. */
async function perform(repository: GithubRepository, run: CiRun, job: Job): Promise<void> {
  const { name, now, shas } = repository;
  if (job.status === "completed") return;
  Object.assign(job, { status: "in_progress", startedAt: now() });
  // GitHub's runners work there; where ours do is nobody's affair.
  const own = name.split("/")[1] ?? "";
  const shownPlaces: [string, string][] = [];
  const say = (text: string) => {
    const shown = shownPlaces.reduce((told, [real, instead]) => told.replaceAll(real, instead), text);
    job.log.push({ at: now(), text: shown });
  };
  let place: string | null = null;
  const output: string[] = [];
  let end: CommandEnd;
  try {
    place = await realpath(await mkdtemp(join(tmpdir(), "midwatch-ci-")));
    const folder = join(place, "checkout");
    shownPlaces.push([folder, `/home/runner/work/${own}/${own}`], [place, "/home/runner"]);
    await mkdir(folder);
    say(`Checking out ${shas.toOutside(run.sha)} of ${name}`);
    await checkOut((path) => repository.get(path), run.sha, folder);
    const shown = job.command.join(" ");
    say(`##[group]Run ${shown}`);
    say(`\u001b[36;1m${shown}\u001b[0m`);
    say("##[endgroup]");
    end = await runCommand({
      command: job.command,
      folder,
      home: homeBeside(folder),
      environment: { CI: "true", GITHUB_ACTIONS: "true", GITHUB_SHA: shas.toOutside(run.sha), GITHUB_REF: `refs/heads/${run.branch}` },
      timeoutMs: job.timeoutMs,
      mostOutput: MOST_OUTPUT,
      onLine: (line) => {
        output.push(line.replaceAll(`${folder}/`, ""));
        say(line);
      },
      signal: job.stop.signal,
    });
  } catch (error) {
    end = { how: "not-started", code: null, because: error instanceof Error ? error.message : String(error) };
  } finally {
    if (place !== null) await rm(place, { recursive: true, force: true, maxRetries: 3 });
  }
  const trouble = troubleOf(end, job.timeoutMs);
  if (trouble !== null) say(`##[error]${trouble}`);
  say("Cleaning up orphan processes");
  Object.assign(job, { status: "completed", completedAt: now(), ...outcome(end, trouble, output) });
}

function outcome(
  end: CommandEnd,
  trouble: string | null,
  output: readonly string[],
): Pick<CiJob, "conclusion" | "title" | "summary" | "annotations"> {
  const tests = testSummary(output);
  const failed = (tests?.failures ?? []).slice(0, MOST_ANNOTATIONS - 1);
  const annotations: CiAnnotation[] = [
    ...failed.map(({ name, path, line, message }): CiAnnotation => {
      const told = message.split("\n").slice(0, LINES_OF_MESSAGE).join("\n");
      return { path: path ?? ".github", line: line ?? 1, level: "failure", title: name, message: told === "" ? "failed" : told };
    }),
    ...(trouble === null ? [] : [{ path: ".github", line: 1, level: "failure" as const, title: "", message: trouble }]),
  ];
  return {
    // GitHub cancels what takes too long.
    conclusion: end.how === "stopped" || end.how === "timed-out" ? "cancelled" : trouble === null ? "success" : "failure",
    title: tests === null ? null : countsText(tests),
    summary:
      tests === null
        ? null
        : [
            `${tests.total} tests: ${countsText(tests)}`,
            ...(failed.length === 0 ? [] : ["", "Failed:"]),
            ...failed.map(({ name, path, line }) => `- ${name}${path === null ? "" : ` (${path}:${line})`}`),
          ].join("\n"),
    annotations,
  };
}

function troubleOf({ how, code, because }: CommandEnd, timeoutMs: number): string | null {
  if (how === "timed-out") return `The job has exceeded the maximum execution time of ${Math.round(timeoutMs / 1000)}s`;
  if (how === "stopped") return "The operation was canceled.";
  if (how === "not-started") return `The job could not be started: ${because ?? "no reason given"}`;
  return code === 0 ? null : code === null ? `Process ${because ?? "was killed"}.` : `Process completed with exit code ${code}.`;
}
