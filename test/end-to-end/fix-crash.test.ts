import { afterAll, beforeAll, expect, test } from "vitest";
import { viewOf } from "../../src/incident/view.ts";
import { apiError, type Script, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { type Desk, MODEL_KEY, openScene, type Scene } from "./agent.ts";
import { copyOf, eventsOf, freshDatabase } from "../support/bot.ts";
import { type Attempt, patchOf, SHOP, SOON, writer } from "./patch-writer.ts";
import { strays } from "./closed-outputs.ts";
import { type PassedCall, startProxy } from "./proxy.ts";

/**
 * Killed at any call to GitHub, the next start goes on. A process is killed by leaving its call unanswered for ever, taking the store as it is on
 * the disk at that instant, and starting another one on that copy: what the dead one does after it reaches nobody.
 */

const folder = SHOP("orders-wrong-total");
const good = patchOf(folder);
const [goodTest = {}, goodFix = {}] = good.edits;
const fixedBy = (replace: string, tests: readonly Attempt[]): Attempt => ({ ...good, edits: [...tests, { ...goodFix, replace }] });
/** Wrong at first, so that a better commit is pushed too. */
const PATCHES = [fixedBy("  return 0;", [goodTest]), fixedBy(String(goodFix["replace"]), [])];

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(folder, { ci: true });
}, 120_000);
afterAll(() => scene?.[Symbol.asyncDispose]());

const SETTLE_MS = 2_000;

/** "sent": GitHub has done it, and nobody was told. */
type Cut = "unsent" | "sent";
interface Passed {
  readonly call: string;
  /** Calls to GitHub since the process was started. */
  readonly sinceStart: number;
  /** How many processes were killed before. */
  readonly kills: number;
}

const bare = ({ method, path }: Pick<PassedCall, "method" | "path">) =>
  `${method} ${path
    .replace(/^\/repos\/[^/]+\/[^/]+/, "")
    .replace(/\?.*$/, "")
    .replace(/\/\d+$/, "/N")
    .replace(/heads(?:%2F|\/).*$/, "heads/B")}`;

interface Life {
  readonly at: Scene;
  readonly script: Script;
  /** What the pull request and Slack say at last. */
  readonly end: RegExp;
  /** An incident of an earlier process, for whose next try so much time has passed, ms. Default: one that is paged now. */
  readonly from?: { readonly database: string; readonly id: string; readonly passedMs: number };
}

/** Lives through one incident, killed wherever `cutAt` says so. */
async function live({ at, script, end, from }: Life, cutAt: (passed: Passed) => Cut | null) {
  await using model = await startScriptedModel({ script, apiKey: MODEL_KEY });
  let database = from?.database ?? freshDatabase();
  let sinceStart = 0;
  let cut = Promise.withResolvers<string>();
  let dead = false;
  const cuts: string[] = [];
  const never = new Promise<void>(() => undefined);
  await using proxy = await startProxy(at.replay.settings, async (call, forward) => {
    if (call.vendor !== "github") return dead ? never : forward();
    if (dead) return never;
    sinceStart += 1;
    const how = cutAt({ call: bare(call), sinceStart, kills: cuts.length });
    if (how === null) return forward();
    dead = true;
    cuts.push(`${how} ${bare(call)}`);
    if (how === "sent") await forward({ bytes: 0 });
    cut.resolve(copyOf(database));
    return never;
  });
  const start = (): Promise<Desk> => {
    dead = false;
    sinceStart = 0;
    cut = Promise.withResolvers();
    const { GITHUB_API_URL = "", SLACK_API_URL = "" } = proxy.settings;
    const settings = { GITHUB_API_URL, SLACK_API_URL, ANTHROPIC_BASE_URL: model.url, PUBLIC_URL: "https://midwatch.example" };
    // Whoever finds an effect half done waits for what may still be on its way: here nothing is, so each start comes that much later.
    const later = (from?.passedMs ?? 0) + cuts.length * SETTLE_MS;
    const instead = { now: () => Date.now() + later, ciWaits: { ...SOON, before: 600_000, after: 600_000 } };
    return at.start({ script, database, settings, instead });
  };
  let desk = await start();
  const { id } = from ?? (await desk.page());
  for (;;) {
    const told = desk
      .incident(id)
      .until(({ event }) => event.type === "fix-told" && end.test(event.body))
      .then(() => null);
    told.catch(() => undefined);
    const copy = await Promise.race([cut.promise, told]);
    if (copy === null) break;
    await desk.close();
    database = copy;
    desk = await start();
  }
  await using _ = { [Symbol.asyncDispose]: () => desk.close() };
  const incident = desk.incident(id);
  const log = await incident.until(({ event }) => event.type === "status-edited" && event.text.includes("passes with it"));
  expect(strays(proxy.calls, { channel: at.replay.slack.channelId, repository: at.replay.repository })).toEqual([]);
  return { id, log, cuts, ...(await outcomeOf(at, id)), slack: await incident.slack(), pulls: await incident.pullRequests() };
}

async function ask({ replay: { settings, repository } }: Scene, path: string): Promise<unknown> {
  const answer = await fetch(`${settings.GITHUB_API_URL}/repos/${repository}${path}`, {
    headers: { authorization: `Bearer ${settings.GITHUB_TOKEN}` },
  });
  return answer.json();
}

/** What stands at GitHub, asked past the bot. */
async function outcomeOf(at: Scene, id: string) {
  const branches = ((await ask(at, "/branches?per_page=100")) as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name.includes(id));
  const compared = (await ask(at, `/compare/main...${branches[0]}`)) as { commits: { sha: string; commit: { message: string } }[] };
  return {
    branches,
    commits: compared.commits.map(({ sha }) => sha),
    subjects: compared.commits.map(({ commit }) => commit.message.split("\n")[0]),
    trailers: compared.commits.map(({ commit }) => /^Midwatch-Commit: (\d)$/m.exec(commit.message)?.[1]),
  };
}

/** One branch with midwatch's own commits and nothing astray, one draft, nobody taken for a person, nothing said twice. */
function expectOnce(
  { id, log, branches, commits, trailers, slack, pulls }: Awaited<ReturnType<typeof live>>,
  roles: readonly string[],
  end: RegExp,
) {
  expect(branches).toEqual([eventsOf(log, "fix-proposed")[0]?.branch]);
  expect(branches[0]).toContain(id);
  expect(pulls).toMatchObject([{ draft: true, state: "open", head: branches[0] }]);
  expect(pulls[0]?.body).toMatch(end);
  const known = viewOf(log).proof?.commits ?? [];
  expect(known.map(({ role }) => role)).toEqual(roles);
  expect(known.map(({ sha }) => sha)).toEqual(commits);
  expect(trailers.slice(1)).toEqual(roles.map((_, index) => String(index + 1)).slice(1));
  expect(eventsOf(log, "fix-changed-by-people")).toEqual([]);
  expect(eventsOf(log, "fix-told").filter(({ byPeople }) => byPeople === true)).toEqual([]);
  expect(eventsOf(log, "fix-refused")).toEqual([]);
  // The status, and the brief whose place the finding takes.
  expect(slack).toHaveLength(2);
  expect(slack.at(-1)?.text).toMatch(end);
  expect(new Set(eventsOf(log, "finding-posted").map(({ ts }) => ts)).size).toBe(1);
}

/** Every call that changes something, in the order of an undisturbed run. */
const OPENING = ["POST /git/trees", "POST /git/commits", "POST /git/refs", "POST /pulls", "PATCH /pulls/N"];
const NEXT = ["POST /git/trees", "POST /git/commits", "PATCH /git/refs/heads/B", "PATCH /pulls/N"];

const IMPROVED = /The first try was red; this is the second/;
const improved = (): Life => ({ at: scene, script: writer(PATCHES), end: IMPROVED });
/** The first process is killed at its first call, the next one at its second, and so on. */
const laterAndLater = ({ sinceStart, kills }: Passed): Cut | null => (sinceStart <= kills ? null : kills % 2 === 0 ? "unsent" : "sent");

test("killed before and after each call that changes something: one branch, one pull request, three commits", async () => {
  const both = [...OPENING, ...NEXT].flatMap((call) => (["unsent", "sent"] as const).map((how) => ({ call, how })));
  // The improvement is pushed as the fix was: only what nobody was told of is new to it, for it looks like a commit of the branch.
  const planned = [...both, ...NEXT.map((call) => ({ call, how: "sent" as const }))];
  const left = [...planned];
  const run = await live(improved(), ({ call }) => (call === left[0]?.call ? (left.shift()?.how ?? null) : null));
  expect(left, "calls that never came").toEqual([]);
  expect(run.cuts).toEqual(planned.map(({ call, how }) => `${how} ${call}`));
  expectOnce(run, ["test", "fix", "improvement"], IMPROVED);
  expect(run.subjects.map((subject) => /\((?:2nd|3rd) try\)$/.exec(subject ?? "")?.[0] ?? null)).toEqual([null, null, "(2nd try)"]);
  expect(eventsOf(run.log, "fix-drafted").map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test("killed over and over while a patch takes over a revert's branch: still one branch and one pull request", async () => {
  const timeout = SHOP("orders-bad-timeout");
  await using at = await openScene(timeout, { ci: true });
  const database = freshDatabase();
  const down: Script = () => ({ status: 529, body: apiError("overloaded_error", "Overloaded") });
  const before = await at.run({ database, script: down, instead: { ciWaits: SOON } });
  const { id } = before.incident;
  await before.desk.close();
  const end = /passes with the fix/;
  const from = { database, id, passedMs: 600_000 };
  const run = await live({ at, script: writer([patchOf(timeout)]), end, from }, laterAndLater);
  expect(run.cuts.length).toBeGreaterThan(8);
  expectOnce(run, ["fix", "test", "fix"], end);
  expect(eventsOf(run.log, "fix-proposed").map(({ kind }) => kind)).toEqual(["revert", "patch"]);
});
