import { afterAll, beforeAll, expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { APPROVE } from "../../src/incident/approval.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { apiError, type Script } from "../../src/replay/anthropic/server.ts";
import { people } from "../../src/replay/people.ts";
import { signSlack } from "../../src/replay/slack/inbound.ts";
import { type Desk, type Incident, openScene, type Scene } from "./agent.ts";
import { eventsOf, freshDatabase } from "../support/bot.ts";
import { patchOf, SHOP, SOON, writer } from "./patch-writer.ts";

// What people do with a fix: its button, its pull request, the incident. CI is real.

const folder = SHOP("orders-bad-timeout");
const good = patchOf(folder);
const [ana] = people;
/** Looks at pull requests as often as a test needs. */
const WAITS = { ...SOON, look: 300 };
const MINUTE_MS = 60_000;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(folder, { ci: true });
}, 120_000);
afterAll(() => scene?.[Symbol.asyncDispose]());

const ofType =
  <T extends IncidentEvent["type"]>(type: T, fits: (event: Extract<IncidentEvent, { type: T }>) => boolean = () => true) =>
  ({ event }: LoggedEvent) =>
    event.type === type && fits(event as Extract<IncidentEvent, { type: T }>);
const changed = (what: string) => ofType("fix-changed-by-people", (event) => event.what === what);
const told = (wanted: RegExp) => ofType("fix-told", ({ body }) => wanted.test(body));
const timelineOf = (log: readonly LoggedEvent[]) => toTimeline(log).map(({ text }) => text);

async function opened(incident: Incident) {
  const [fix] = eventsOf(await incident.until(ofType("fix-proposed")), "fix-proposed");
  if (fix === undefined) throw new Error("no pull request");
  return fix;
}

/** What the finding's button sends back, as Slack shows it. */
async function buttonValue(incident: Incident): Promise<string> {
  for (const { blocks } of await incident.slack()) {
    const value = new RegExp(`"action_id":"${APPROVE}".*?"value":"([^"]+)"`).exec(blocks)?.[1];
    if (value !== undefined) return value;
  }
  throw new Error("no message has the button");
}

/** A click on the finding's button, as Slack sends it. */
async function click(desk: Desk, incident: Incident, value: string, about: { readonly messageTs?: string; readonly team?: string } = {}) {
  const view = await incident.view();
  const { slack, settings } = scene.replay;
  const threadTs = view.statusMessage?.ts ?? "";
  const said = {
    user: [...slack.userIds.values()][0] ?? "",
    channel: slack.channelId,
    messageTs: about.messageTs ?? view.finding?.ts ?? "",
    ...(about.messageTs === undefined ? { threadTs } : {}),
    actionId: APPROVE,
    value,
  };
  const url = `${desk.bot.url}/slack/events`;
  if (about.team === undefined) return (await slack.inbound.action(url, said)).status;
  // The same click by somebody of another organisation, in a channel that is shared with it.
  const body = new URLSearchParams({
    payload: JSON.stringify({
      type: "block_actions",
      trigger_id: "1.2.3",
      team: { id: "T0HOME" },
      user: { id: said.user, username: "guest", name: "guest", team_id: about.team },
      channel: { id: said.channel },
      container: { type: "message", message_ts: said.messageTs, channel_id: said.channel, thread_ts: threadTs },
      actions: [{ type: "button", action_id: APPROVE, action_ts: "1.000001", value }],
    }),
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", ...signSlack(settings.SLACK_SIGNING_SECRET, body, Date.now()) };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

test("a cause that is not sure enough waits for its button: one click of a responder opens the draft, no other click does anything, and a resolve leaves it open", async () => {
  await using desk = await scene.start({ script: writer([good], { finding: { confidence: 0.55 } }), instead: { ciWaits: WAITS } });
  const incident = await desk.page();
  const log = await incident.finished();
  expect(eventsOf(log, "fix-offered")).toMatchObject([{ kind: "patch" }]);
  expect(timelineOf(log)).toContainEqual(expect.stringMatching(/^draft patch PR waits for approval: the cause is only possible/));
  expect(await incident.pullRequests()).toEqual([]);
  const buttons = async () => (await incident.slack()).filter(({ blocks }) => blocks.includes(`"action_id":"${APPROVE}"`)).length;
  expect(await buttons()).toBeGreaterThan(0);
  const value = await buttonValue(incident);

  // Somebody of another organisation, and a message of another thread; then a word in the thread, which all comes after them.
  expect(await click(desk, incident, value, { team: "T0OTHER" })).toBe(200);
  expect(await click(desk, incident, value, { messageTs: "1700000000.000001" })).toBe(200);
  await incident.reply("looking at it");
  const quiet = await incident.until(ofType("slack-message-received"));
  expect(eventsOf(quiet, "slack-action-received")).toEqual([]);
  expect(eventsOf(quiet, "slack-action-refused")).toMatchObject([{ because: "belongs to another organisation" }]);
  expect(await incident.pullRequests()).toEqual([]);

  expect(await click(desk, incident, value)).toBe(200);
  await opened(incident);
  expect(await click(desk, incident, value)).toBe(200);
  const end = await incident.until(told(/passes with the fix/));
  expect(eventsOf(end, "slack-action-received").length).toBe(2);
  expect(eventsOf(end, "fix-proposed")).toHaveLength(1);
  expect(await incident.pullRequests()).toHaveLength(1);
  expect(timelineOf(end)).toContainEqual(expect.stringMatching(/asked for the draft PR$/));
  expect(await incident.report()).toMatch(/passes with the fix/);
  expect(await buttons()).toBe(0);

  await incident.pager({ kind: "resolved", by: ana });
  await incident.until(told(/The incident was resolved before this was merged/));
  const [pull] = await incident.pullRequests();
  expect(pull).toMatchObject({ state: "open", draft: true });
  expect(pull?.body).toMatch(/passes with the fix[\s\S]*The incident was resolved before this was merged/);
  expect((await incident.slack())[0]?.text).toContain("Resolved");
});

test("people who push between the test and the fix have the branch for themselves, and it is said", async () => {
  // CI on the test is looked at late enough for a person to be quicker.
  await using desk = await scene.start({
    script: writer([good]),
    instead: { ciWaits: { ...WAITS, first: 6_000, longest: 6_000, look: MINUTE_MS } },
  });
  const incident = await desk.page();
  const { branch, number } = await opened(incident);
  await scene.replay.github.people.push(branch, { "orders/NOTES.md": "Ours.\n" }, "notes");
  const log = await incident.until(changed("pushed"));
  expect(timelineOf(log)).toContainEqual("draft PR: Someone pushed to its branch");
  const seq = log.at(-1)?.seq ?? 0;
  await incident.until((logged) => logged.seq > seq && logged.event.type === "fix-told");
  expect(await incident.report()).toContain("Someone pushed to its branch");
  // Their commit is the head: on the test alone, and nothing of midwatch after it.
  const [pull] = await incident.pullRequests();
  expect(pull?.number).toBe(number);
  expect(pull?.files.map(({ path }) => path).toSorted()).toEqual(["orders/NOTES.md", "orders/test/config.test.ts"]);
  expect(eventsOf(await incident.log(), "fix-committed")).toEqual([]);
});

test("a revert of the deploy that the data blame, without a model: the repository's CI passes on it", async () => {
  await using desk = await scene.start({ script: () => ({ blocks: [] }), withoutKey: true, instead: { ciWaits: WAITS } });
  const incident = await desk.page();
  const log = await incident.until(told(/CI passes: /));
  expect(eventsOf(log, "fix-proposed")).toMatchObject([{ kind: "revert", draft: true }]);
  const [pull] = await incident.pullRequests();
  expect(pull?.files).toMatchObject([
    { path: "orders/config/production.json", after: expect.stringContaining('"timeoutMs": 4000') as unknown },
  ]);
  expect(await incident.report()).toMatch(/\*Draft revert PR\* .*CI passes: 1 check passed\./);
  expect(timelineOf(log)).toContainEqual(expect.stringMatching(/^CI passes: 1 check passed \([0-9a-f]{7}\)$/));
});

test("a better idea stands on the branch of the revert that came before it: one pull request, proven", async () => {
  const database = freshDatabase();
  const overloaded: Script = () => ({ status: 529, body: apiError("overloaded_error", "Overloaded") });
  const before = await scene.run({ database, script: overloaded, instead: { ciWaits: WAITS } });
  const { id } = before.incident;
  const first = await opened(before.incident);
  expect(first.kind).toBe("revert");
  await before.desk.close();

  // The alarm is kept, so a new process some minutes later is the same as one that has waited.
  await using desk = await scene.start({
    database,
    script: writer([good]),
    instead: { now: () => Date.now() + 10 * MINUTE_MS, ciWaits: WAITS },
  });
  const incident = desk.incident(id);
  const log = await incident.until(told(/passes with the fix/));
  expect(eventsOf(log, "fix-proposed").map(({ kind, number, branch }) => ({ kind, number, branch }))).toEqual([
    { kind: "revert", number: first.number, branch: first.branch },
    { kind: "patch", number: first.number, branch: first.branch },
  ]);
  const [pull, ...others] = await incident.pullRequests();
  expect(others).toEqual([]);
  expect(pull).toMatchObject({ number: first.number, draft: true, state: "open", head: first.branch });
  // Of the revert nothing is left in the sum of the branch.
  expect(pull?.files.map(({ path }) => path)).toEqual(["orders/config/production.json", "orders/test/config.test.ts"]);
  expect(pull?.files[0]?.after).toContain('"timeoutMs": 2000');
  expect(pull?.title).toContain("wait two seconds for payments");
  expect(pull?.body).toContain("This pull request was a revert of b164545.");
  // The words of the patch, which took the place of the revert's, are not taken for a person's.
  expect(eventsOf(log, "fix-changed-by-people")).toEqual([]);
  expect((await incident.view()).proof?.commits.map(({ role }) => role)).toEqual(["fix", "test", "fix"]);
  expect(await incident.report()).toMatch(new RegExp(`\\*Draft patch PR\\* .*#${first.number}.*passes with the fix`));
  expect(new Set(eventsOf(log, "finding-posted").map(({ ts }) => ts)).size).toBe(1);
});

// The last one: what is merged is merged for all.
test("what people do with the pull request is seen, told in Slack and put on the timeline: edited, ready, closed, reopened, merged", async () => {
  await using desk = await scene.start({ script: writer([good]), instead: { ciWaits: WAITS } });
  const incident = await desk.page();
  await incident.until(told(/passes with the fix/));
  const { number } = await opened(incident);
  const act = scene.replay.github.people;
  const [pull] = await incident.pullRequests();
  const steps: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ["edited", "edited it", () => act.edit(number, { body: `${pull?.body}\nSeen by me.` })],
    ["ready-for-review", "marked it ready for review", () => act.ready(number)],
    ["closed", "closed it", () => act.close(number)],
    ["reopened", "opened it again", () => act.reopen(number)],
    ["merged", "merged it", () => act.merge(number)],
  ];
  for (const [what, words, deed] of steps) {
    await deed();
    const log = await incident.until(changed(what));
    expect(timelineOf(log)).toContainEqual(expect.stringMatching(new RegExp(`^draft PR: \\S+ ${words}$`)));
    const seq = log.at(-1)?.seq ?? 0;
    await incident.until((logged) => logged.seq > seq && logged.event.type === "fix-told");
    expect(await incident.report()).toContain(words);
  }
  const log = await incident.log();
  expect(eventsOf(log, "fix-changed-by-people").map(({ what }) => what)).toEqual(steps.map(([what]) => what));
  expect(eventsOf(log, "fix-changed-by-people").at(-1)?.by).toBe(ana.name);
  // What a person added to the words stays through all that was told after it.
  expect((await incident.pullRequests())[0]?.body).toContain("Seen by me.");
  // Merged is the end: nobody looks any more.
  const looks = eventsOf(log, "fix-looked-at").length;
  await incident.reply("thanks");
  const end = await incident.until(({ event }) => event.type === "slack-message-received");
  expect(eventsOf(end, "fix-looked-at")).toHaveLength(looks);
});
