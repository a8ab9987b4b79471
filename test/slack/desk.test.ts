import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { incidentDesk } from "../../src/incident/desk.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { CONFIRM, DROP } from "../../src/slack/proposals.ts";
import { freshStore, INCIDENT, openApprovalDesk, THREAD } from "../approval/desk.ts";
import { CHANNEL, everybody, type FakeSlack, HOME, startSlackPeople } from "../support/slack-people.ts";

/** People run the incident from Slack: by commands, and by one click on what a message proposes. */
let slack: FakeSlack;
const named = { ...everybody, U0ANA: { ...everybody["U0ANA"], profile: { display_name: "Ana Ruiz" } } };
beforeAll(async () => {
  slack = await startSlackPeople();
});
afterAll(() => slack[Symbol.asyncDispose]());
beforeEach(() => slack.set({ people: named, channel: {}, home: {}, down: false }));

let posts = 0;
async function startScene() {
  const desk = openApprovalDesk({ slackUrl: slack.url, vendorUrl: slack.url, database: freshStore() });
  await desk.begin();
  await desk.button();
  const ts = () => `1700000200.${String(++posts).padStart(6, "0")}`;
  return {
    desk,
    known: async () => incidentDesk(await desk.log()),
    type: (user: string, text: string) => desk.command(user, { text }),
    /** Writes in the incident's thread. @returns the message's ts */
    async says(user: string, text: string, more: object = {}): Promise<string> {
      const at = ts();
      const event = { type: "message", user, channel: CHANNEL, ts: at, thread_ts: THREAD, text, ...more };
      const body = JSON.stringify({ type: "event_callback", event_id: `Ev9${posts}`, team_id: HOME.team_id, event });
      expect(await desk.send(body, { "content-type": "application/json" })).toBe(200);
      return at;
    },
    press: (user: string, action: string, proposal: string) => desk.click(user, `${INCIDENT} ${proposal}`, { action }),
    lastWhisper: () => slack.whispers.at(-1),
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}

test("a command sets it, with names for ids, and it is on the timeline with who and when", async () => {
  await using scene = await startScene();
  expect(await scene.type("U0BEN", "commander <@U0ANA|ana>")).toBe("#4821: Set and on the timeline: commander: Ana Ruiz");
  expect(await scene.type("U0BEN", "severity #4821 1")).toContain("severity: SEV1");
  expect(await scene.type("U0BEN", "status mitigated")).toContain("status: mitigated");
  expect(await scene.type("U0BEN", "action <@U0ANA> write to <https://x.example|support>")).toMatch(
    /Mark it as done with \/midwatch done 1$/,
  );
  expect(await scene.type("U0BEN", "done 1")).toContain("action 1 is done");
  expect(await scene.type("U0BEN", "done 1")).toContain("already marked as done by u0ben");
  expect(await scene.type("U0BEN", "done 7")).toContain("There is no action 7. No action is open.");
  const { commander, severity, phase, actions } = await scene.known();
  expect([commander?.value, severity?.value, phase?.value]).toEqual([{ user: "Ana Ruiz", userId: "U0ANA" }, "SEV1", "mitigated"]);
  expect(actions).toMatchObject([{ owner: { user: "Ana Ruiz" }, done: { by: { userId: "U0BEN" } } }]);
  const lines = toTimeline(await scene.desk.log()).map(({ text }) => text);
  expect(lines).toContain("commander: Ana Ruiz (set by u0ben)");
  // Alone it still shows how it is.
  expect(await scene.type("U0BEN", "status")).toMatch(/^Open incidents: 1\n• #4821 \[SEV1, mitigated\] /);
});

test("a guest sets nothing, and a second delivery of a command counts once", async () => {
  await using scene = await startScene();
  expect(await scene.type("U0GUEST", "commander me")).toBe("Only full members of this workspace can use midwatch.");
  for (let again = 0; again < 2; again += 1) await scene.desk.command("U0ANA", { text: "decision roll back", trigger_id: "7.7.7" });
  expect((await scene.known()).decisions.map(({ value }) => value)).toEqual(["roll back"]);
});

test("midwatch called by name in the thread sets it too", async () => {
  await using scene = await startScene();
  await scene.says("U0ANA", `<@${HOME.user_id}> decision: fail over to eu-west`, { type: "app_mention" });
  expect((await scene.known()).decisions.map(({ value, by }) => [value, by.user])).toEqual([["fail over to eu-west", "Ana Ruiz"]]);
  expect((await scene.known()).proposals).toEqual([]);
});

test("what a message proposes counts once somebody confirms it, and of two clicks the first counts", async () => {
  await using scene = await startScene();
  const ts = await scene.says("U0ANA", "I'm IC\ndecision: drain node 7");
  expect(slack.whispers.slice(-2).map(([to, text]) => [to, text])).toEqual([
    ["U0ANA", expect.stringContaining("commander: Ana Ruiz")],
    ["U0ANA", expect.stringContaining("decision: drain node 7")],
  ]);
  expect((await scene.known()).commander).toBeNull();
  await scene.press("U0BEN", CONFIRM, `${CHANNEL}:${ts}:0`);
  await scene.press("U0BEN", DROP, `${CHANNEL}:${ts}:1`);
  await scene.press("U0ANA", CONFIRM, `${CHANNEL}:${ts}:1`);
  expect(scene.lastWhisper()).toEqual(["U0ANA", expect.stringContaining("u0ben already dropped")]);
  const { commander, decisions, proposals } = await scene.known();
  expect([commander?.value.user, commander?.by.userId, decisions, proposals]).toEqual(["Ana Ruiz", "U0BEN", [], []]);
});

test("guests propose nothing and confirm nothing, and a made-up proposal has no effect", async () => {
  await using scene = await startScene();
  await scene.says("U0GUEST", "I'm IC");
  expect((await scene.known()).proposals).toEqual([]);
  const ts = await scene.says("U0ANA", "severity: 1");
  await scene.press("U0GUEST", CONFIRM, `${CHANNEL}:${ts}:0`);
  await scene.press("U0ANA", CONFIRM, "nothing of the kind");
  await scene.press("U0ANA", CONFIRM, `${CHANNEL}:1.1:0`);
  expect(scene.lastWhisper()).toEqual(["U0ANA", expect.stringContaining("That click had no effect")]);
  expect((await scene.known()).severity).toBeNull();
});
