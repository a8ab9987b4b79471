import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { incidentIdOf } from "../../src/incident/directory.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import type { IncidentExport } from "../../src/web/export.ts";
import { freshDatabase, shown, TRAIN_TICKET, webhookOf } from "./bot.ts";
import { readExport, startServe } from "./command.ts";
import { type PassedCall, startProxy } from "./proxy.ts";

const SEED = Number(process.env["MIDWATCH_CRASH_SEED"] ?? Math.floor(Math.random() * 1e9));

/** Mulberry32: small, and the same everywhere for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A moment at which the process is killed: when a call comes, before the vendor has it (`unsent`), when the vendor has done it and nobody was
 * told (`unanswered`), or when it is on its way and reaches the vendor after the process is dead (`late`).
 */
interface Moment {
  readonly vendor: string;
  readonly call: RegExp;
  readonly when: "unsent" | "unanswered" | "late";
  /** Which of the calls that fit, counted since the last kill. Default 1. */
  readonly nth?: number;
}

/** How long a late call is on its way, ms: less than the outbox waits before it believes that an effect is not there. */
const LATE_MS = 700;

interface Story {
  readonly exported: IncidentExport;
  /** Kills before the investigation had ended, and after. */
  readonly kills: { underWay: number; atRest: number };
  readonly incidents: number;
}

interface StoryPlan {
  readonly moments?: readonly Moment[];
  /** How many kills at random moments, drawn from `random`. */
  readonly randomKills?: number;
  readonly random?: () => number;
}

/** Calls of one undisturbed run, about; and how long it takes, ms, about. Random moments are spread over both. */
const RUN_CALLS = 90;
const RUN_MS = 2_500;

/** Runs one page through `serve`, killing it at the moments in their order, or at random ones, and starting it again until the end. */
async function live(replay: Replay, plan: StoryPlan): Promise<Story> {
  const { random = Math.random } = plan;
  const moments = [...(plan.moments ?? [])];
  const kills = { underWay: 0, atRest: 0 };
  let randomLeft = plan.randomKills ?? 0;
  let counted = 0;
  let serve: Awaited<ReturnType<typeof startServe>> | null = null;
  let finished = false;
  const kill = () => {
    if (serve === null) return;
    kills[finished ? "atRest" : "underWay"]++;
    serve.signal("SIGKILL");
    serve = null;
  };
  await using proxy = await startProxy(replay.settings, async (call: PassedCall, forward) => {
    const [next] = moments;
    if (
      next === undefined ||
      serve === null ||
      (next.vendor !== "any" && call.vendor !== next.vendor) ||
      !next.call.test(`${call.method} ${call.path}`)
    )
      return forward();
    if (++counted < (next.nth ?? 1)) return forward();
    moments.shift();
    counted = 0;
    if (next.when === "unanswered") await forward({ answer: false });
    const ended = serve?.ended;
    kill();
    await ended;
    if (next.when === "late") await sleep(LATE_MS).then(() => forward({ answer: false }));
    return undefined;
  });
  const database = freshDatabase();
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "");
  let told = false;
  for (;;) {
    const running = await startServe(proxy.settings, database);
    serve = running;
    let timer: NodeJS.Timeout | null = null;
    if (randomLeft > 0) {
      randomLeft--;
      if (random() < 0.5 && !finished) {
        const when = (["unsent", "unanswered", "late"] as const)[Math.floor(random() * 3)] ?? "unsent";
        moments.push({ vendor: "any", call: /./, when, nth: Math.ceil(RUN_CALLS * random() ** 2) });
      } else timer = setTimeout(kill, random() * (finished ? 300 : RUN_MS));
    }
    const isDead = () => serve !== running;
    // PagerDuty sends again what was not answered.
    while (!isDead() && !told) told = (await replay.page(webhookOf(running.url)))[0]?.status === 202;
    let exported: IncidentExport | null = null;
    while (!isDead() && exported?.status.finished !== true) {
      await Promise.race([sleep(100), running.ended]);
      exported = await readExport(`${running.url}/incidents/${incident}.json`);
    }
    finished = exported?.status.finished === true;
    // What was to be cut is over: a process at rest is killed instead, and its successor must find nothing to do.
    if (finished && !isDead() && plan.randomKills !== undefined && moments.length > 0) kill();
    if (plan.randomKills !== undefined && isDead()) moments.length = 0;
    if (timer !== null && !isDead()) await running.ended;
    if (isDead() || exported === null) {
      await running.ended;
      continue;
    }
    const list = await (await fetch(`${running.url}/incidents`)).text();
    serve = null;
    running.signal("SIGTERM");
    await running.ended;
    expect(moments, "moments that never came").toEqual([]);
    return { exported, kills, incidents: new Set(list.match(/\/incidents\/pd-\w+/g)).size };
  }
}

/** What must be alike between runs: not the times, and not the ports of this run's servers. */
function essence({ exported }: Story) {
  const { finding, pullRequest } = exported;
  return {
    verdict: finding?.verdict,
    suspects: finding?.suspects.map(({ service, instance, fault, probability, change, reasons }) => ({
      service,
      instance,
      fault,
      probability,
      sha: change?.sha ?? null,
      reasons: reasons.map(({ text, evidence }) => ({ text, evidence })),
    })),
    ruledOut: finding?.ruledOut,
    // Queries end when triage first ran, which is a matter of milliseconds.
    evidence: exported.evidence.map(({ number, source, from }) => ({ number, source, from })),
    pullRequest: pullRequest === null ? null : { branch: pullRequest.branch, title: pullRequest.title, files: pullRequest.files },
    failures: exported.failures,
  };
}

/** What Slack shows, without the ports of this run's servers and the time that reading took. */
const said = (replay: Replay): string[] =>
  shown(replay).map(({ text }) =>
    text.replaceAll(/127\.0\.0\.1:\d+/g, "host").replaceAll(/read in [\d.]+ (ms|s|min)/g, "read in a moment"),
  );

async function branchesOf(replay: Replay): Promise<string[]> {
  const answer = await fetch(`${replay.settings.GITHUB_API_URL}/repos/${replay.repository}/branches`, {
    headers: { authorization: `Bearer ${replay.settings.GITHUB_TOKEN}` },
  });
  return ((await answer.json()) as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith("midwatch/"));
}

async function expectOnce(replay: Replay, story: Story) {
  const [status, ...thread] = shown(replay);
  expect(status?.threadTs).toBeNull();
  expect(thread.map(({ threadTs }) => threadTs)).toEqual([status?.ts, status?.ts]);
  expect(thread[0]?.text).toContain("What changed, what broke");
  expect(thread[1]?.text).toContain("no model was used");
  expect(story.incidents).toBe(1);
  const { timeline, pullRequest } = story.exported;
  expect(timeline.filter(({ kind }) => kind === "page")).toHaveLength(1);
  const opened = await replay.pullRequests();
  expect(opened.map(({ draft }) => draft)).toEqual([true]);
  expect(await branchesOf(replay)).toEqual([pullRequest?.branch]);
  // People read the last state, not the one that a cut run left.
  expect(status?.text).not.toContain("reading");
  expect(thread[1]?.text).toContain(`#${pullRequest?.number}`);
}

const post = (when: Moment["when"], nth = 1): Moment => ({ vendor: "slack", call: /POST .*chat\.postMessage/, when, nth });
const edit = (when: Moment["when"], nth = 1): Moment => ({ vendor: "slack", call: /POST .*chat\.update/, when, nth });
const github = (call: RegExp, when: Moment["when"], nth = 1): Moment => ({ vendor: "github", call, when, nth });

/** In the order of the run. After a kill the cut step runs again, so the same call comes again. */
const WORDS: readonly Moment[] = [
  // First words.
  post("unsent"),
  post("late"),
  { vendor: "slack", call: /conversations\.(history|list)/, when: "unanswered" },
  post("unanswered", 1),
  // Finding, and what is edited after it.
  edit("unanswered"),
  post("late"),
  edit("late"),
  edit("unsent"),
  edit("unanswered"),
];
const WORK: readonly Moment[] = [
  // Triage.
  { vendor: "datadog", call: /timeseries/, when: "unsent" },
  { vendor: "datadog", call: /search/, when: "unanswered", nth: 3 },
  { vendor: "pagerduty", call: /GET .*alerts/, when: "late" },
  { vendor: "github", call: /GET .*compare/, when: "unanswered" },
  // The draft pull request.
  github(/GET .*git\/(trees|blobs)/, "unanswered", 2),
  github(/POST .*git\/trees/, "unanswered"),
  github(/POST .*git\/commits/, "unanswered"),
  github(/POST .*git\/refs/, "late"),
  github(/GET .*\/pulls\?/, "unsent"),
  github(/POST .*\/pulls$/, "unsent"),
  github(/POST .*\/pulls$/, "unanswered"),
];
/** Of each of two stories. */
const RANDOM_KILLS = Number(process.env["MIDWATCH_CRASH_KILLS"] ?? 10);

test("killed at any moment, the next start goes on: nothing is said or opened twice, same finding", { timeout: 180_000 }, async () => {
  console.log(`crash test: seed ${SEED} (MIDWATCH_CRASH_SEED repeats it)`);
  // All replays map the recording to the same moment, so that no window is cut elsewhere.
  let frozen: number | null = Date.now();
  const now = () => frozen ?? Date.now();
  const start = () => startReplay({ folder: TRAIN_TICKET, now });
  await using quiet = await start();
  await using words = await start();
  await using work = await start();
  await using shaken = await start();
  await using shakenToo = await start();
  frozen = null;
  const undisturbed = await live(quiet, {});
  await expectOnce(quiet, undisturbed);
  const stories = await Promise.all([
    live(words, { moments: WORDS }),
    live(work, { moments: WORK }),
    live(shaken, { randomKills: RANDOM_KILLS, random: randomOf(SEED) }),
    live(shakenToo, { randomKills: RANDOM_KILLS, random: randomOf(SEED + 1) }),
  ]);
  for (const [index, replay] of [words, work, shaken, shakenToo].entries()) {
    const story = stories[index];
    if (story === undefined) throw new Error("a replay without a story");
    await expectOnce(replay, story);
    expect(essence(story)).toEqual(essence(undisturbed));
    expect(said(replay)).toEqual(said(quiet));
  }
  expect(stories.map(({ kills }) => kills.underWay + kills.atRest)).toEqual([WORDS.length, WORK.length, RANDOM_KILLS, RANDOM_KILLS]);
  expect(stories.reduce((sum, { kills }) => sum + kills.underWay, 0)).toBeGreaterThanOrEqual(20);
});
