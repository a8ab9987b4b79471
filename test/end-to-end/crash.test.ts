import { expect, test } from "vitest";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { ORDERS_TIMEOUT, pictures, shown } from "../support/bot.ts";
import { createRandom } from "../support/random.ts";
import { essence, live, type Moment, said, type Story, type StoryPlan } from "./story.ts";

async function branchesOf(replay: Replay): Promise<string[]> {
  const answer = await fetch(`${replay.settings.GITHUB_API_URL}/repos/${replay.repository}/branches`, {
    headers: { authorization: `Bearer ${replay.settings.GITHUB_TOKEN}` },
  });
  return ((await answer.json()) as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith("midwatch/"));
}

async function expectOnce(replay: Replay, story: Story) {
  expect(story.left, "moments that never came").toEqual([]);
  const [status, ...thread] = shown(replay);
  expect(status?.threadTs).toBeNull();
  expect(thread.map(({ threadTs }) => threadTs)).toEqual([status?.ts]);
  expect(thread[0]?.text).toContain("*Why*");
  expect(pictures(replay).map(({ threadTs }) => threadTs)).toEqual([status?.ts]);
  expect(story.incidents).toBe(1);
  const { timeline, pullRequest } = story.exported;
  expect(timeline.filter(({ kind }) => kind === "page")).toHaveLength(1);
  const opened = await replay.pullRequests();
  expect(opened.map(({ draft }) => draft)).toEqual([true]);
  expect(await branchesOf(replay)).toEqual([pullRequest?.branch]);
  // People read the last state, not the one that a cut run left.
  expect(status?.text).not.toContain("reading");
  for (const message of [status, thread[0]]) expect(message?.text).toContain(`#${pullRequest?.number}`);
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
  // The brief becomes the finding, and what is edited after it.
  edit("unanswered"),
  edit("late"),
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
/**
 * One of each part of the run that no other test kills, in its order: writes to GitHub are cut one and all in fix-crash and open-revert.
 * `npm run bench -- crashes` takes all of both lists, and random moments.
 */
const FEW: readonly Moment[] = [post("unsent"), { vendor: "datadog", call: /search/, when: "unanswered", nth: 3 }, edit("late")];
const { MIDWATCH_CRASH_SEED: seed, MIDWATCH_CRASH_KILLS: randomKills } = process.env;
const PLANS: readonly StoryPlan[] =
  randomKills === undefined
    ? [{ moments: FEW }]
    : [{ moments: WORDS }, { moments: WORK }, { randomKills: Number(randomKills), random: createRandom(Number(seed ?? 1)).next }];

test("killed at any moment, the next start goes on: nothing is said or opened twice, same finding", { timeout: 600_000 }, async () => {
  // All replays map the recording to the same moment, so that no window is cut elsewhere.
  let frozen: number | null = Date.now();
  const now = () => frozen ?? Date.now();
  const start = () => startReplay({ folder: ORDERS_TIMEOUT, now });
  await using quiet = await start();
  await using stack = new AsyncDisposableStack();
  const replays: Replay[] = [];
  for (const _ of PLANS) replays.push(stack.use(await start()));
  frozen = null;
  const undisturbed = await live(quiet, {});
  await expectOnce(quiet, undisturbed);
  // One after the other: on a busy machine a source would run out of its time, and less were read.
  for (const [index, replay] of replays.entries()) {
    const plan = PLANS[index] ?? {};
    const story = await live(replay, plan);
    await expectOnce(replay, story);
    expect(story.kills.underWay, "kills before the investigation had ended").toBeGreaterThan(0);
    expect(story.kills.underWay + story.kills.atRest).toBe(plan.moments?.length ?? plan.randomKills);
    expect(essence(story)).toEqual(essence(undisturbed));
    expect(said(replay)).toEqual(said(quiet));
    console.log(`crash test: killed ${story.kills.underWay} times under way, ${story.kills.atRest} at rest`);
  }
});
