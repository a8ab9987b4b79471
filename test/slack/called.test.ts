import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openAsk } from "../../src/investigation/agent/follow-up.ts";
import { feedbackOf } from "../../src/incident/feedback.ts";
import { freshStore, openApprovalDesk, THREAD } from "../approval/desk.ts";
import { CHANNEL, everybody, type FakeSlack, HOME, startSlackPeople } from "../support/slack-people.ts";

/** Whoever calls midwatch by name, or asks it for a look at a service, gets an answer. */
let slack: FakeSlack;
beforeAll(async () => {
  slack = await startSlackPeople();
});
afterAll(() => slack[Symbol.asyncDispose]());
beforeEach(() => slack.set({ people: everybody, channel: {}, home: {}, down: false }));

const CATALOG = "version: 1\nservices:\n  - name: checkout\n  - name: search\n";
let posts = 0;

async function startDesk() {
  const desk = openApprovalDesk({ slackUrl: slack.url, vendorUrl: slack.url, database: freshStore(), catalog: CATALOG });
  await desk.begin();
  await desk.button();
  return {
    desk,
    /** Writes a message that names midwatch; what it answered to its author alone since then. */
    async calls(user: string, text: string, more: object = {}, envelope: object = {}): Promise<readonly string[]> {
      const before = slack.whispers.length;
      const ts = `1700000100.${String(++posts).padStart(6, "0")}`;
      const body = JSON.stringify({
        type: "event_callback",
        event_id: `Ev${posts}`,
        team_id: HOME.team_id,
        event: { type: "app_mention", user, channel: CHANNEL, ts, text: `<@${HOME.user_id}> ${text}`, ...more },
        ...envelope,
      });
      expect(await desk.send(body, { "content-type": "application/json" })).toBe(200);
      const heard = slack.whispers.slice(before);
      expect(heard.every(([to]) => to === user)).toBe(true);
      return heard.map(([, said]) => said);
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}

test("a question in the incident's thread is answered with what the data show where no model is configured, and kept", async () => {
  await using scene = await startDesk();
  const [answer, ...more] = await scene.calls("U0ANA", "why is checkout slow?", { thread_ts: THREAD });
  expect(more).toEqual([]);
  expect(answer).toMatch(/^No model is configured, so midwatch cannot answer questions\. What the data show:\n/);
  expect(answer).toContain("Who: PagerDuty #4821");
  const log = await scene.desk.log();
  expect(log.map(({ event }) => (event.type === "slack-message-received" ? event.text : ""))).toContain("@u0bot why is checkout slow?");
});

test("what people wrote in the thread is no link in the answer to somebody else", async () => {
  await using scene = await startDesk();
  await scene.calls("U0GUEST", "see <https://evil.example/login> or www.evil.example", {
    ...{ thread_ts: THREAD, ts: `${Math.floor(Date.now() / 1000)}.000001` },
  });
  const [answer] = await scene.calls("U0ANA", "what was done?", { thread_ts: THREAD });
  expect(answer).toContain("evil[.]example");
  expect(answer).not.toMatch(/evil\.example/);
});

test("elsewhere a command is run, and any other words are answered with the commands", async () => {
  await using scene = await startDesk();
  expect((await scene.calls("U0ANA", "status"))[0]).toMatch(/^Open incidents: 1\n• #4821 /);
  expect((await scene.calls("U0ANA", "what changed in the last hour?"))[0]).toMatch(
    /in the thread of an incident.*\nCommands:\n• \/midwatch incidents/s,
  );
});

test("only full members are answered, and people of other organisations not at all", async () => {
  await using scene = await startDesk();
  expect(await scene.calls("U0GUEST", "status")).toEqual(["Only full members of this workspace can use midwatch."]);
  expect(await scene.calls("U0STRANGER", "status", { user_team: "T0OTHER" }, { is_ext_shared_channel: true })).toEqual([]);
});

test("what a guest asks, or anyone in a channel shared with others, is kept as words and is no question to a model", async () => {
  const withFinding = async () => {
    const scene = await startDesk();
    await scene.desk.store.tell("pd-Q1", [{ type: "finding-posted", ts: "1700000001.000001", text: "a finding" }], "finding");
    const asks = async (user: string, text: string) => {
      await scene.calls(user, text, { thread_ts: THREAD });
      const log = await scene.desk.log();
      expect(log.some(({ event }) => event.type === "slack-message-received" && event.userId === user)).toBe(true);
      return openAsk(log)?.event.userId ?? null;
    };
    return Object.assign(scene, { asks });
  };
  const question = "which customers fail, and with what?";
  await using scene = await withFinding();
  expect(await scene.asks("U0GUEST", question)).toBeNull();
  expect(await scene.asks("U0SINGLE", `midwatch ${question}`)).toBeNull();
  expect(await scene.asks("U0ANA", question)).toBe("U0ANA");
  slack.set({ channel: { is_ext_shared: true } });
  await using shared = await withFinding();
  expect(await shared.asks("U0BEN", question)).toBeNull();
});

test("investigate begins a look at a service of the catalog once, or shows the incident that is open", async () => {
  await using scene = await startDesk();
  const ask = (text: string) => scene.desk.command("U0ANA", { text });
  const first = await ask("investigate search");
  expect(first).toMatch(
    /^midwatch is looking at search and reports in its incident channel\. https:\/\/midwatch\.example\/incidents\/\S+$/,
  );
  const id = decodeURIComponent(first.split("/").at(-1) ?? "");
  const [begun] = await scene.desk.store.read(id);
  expect(begun?.event).toMatchObject({ type: "trigger-received", trigger: { kind: "person", by: "U0ANA", service: { name: "search" } } });
  // The one that was begun is open now.
  expect(await ask("investigate SEARCH")).toMatch(/^An incident is open: How is search doing\? /);
  expect(await ask("investigate checkout")).toMatch(/^An incident is open: .*pd-Q1$/s);
  expect(await ask("investigate basket")).toBe("The catalog has no service “basket”: checkout, search.");
  expect(await ask("investigate")).toBe("Name a service: checkout, search.");
});

test("who says that an answer is wrong is asked what it was, and it is kept with who said it", async () => {
  await using scene = await startDesk();
  const before = slack.whispers.length;
  expect(await scene.desk.click("U0ANA", "the answer from the data", { action: "wrong" })).toBe(200);
  expect(slack.whispers.slice(before)).toEqual([["U0ANA", expect.stringContaining("What was the cause?")]]);
  expect(await scene.desk.click("U0BEN", "the answer from the data", { action: "right" })).toBe(200);
  expect(feedbackOf(await scene.desk.log()).map(({ user, verdict }) => [user, verdict])).toEqual([
    ["u0ana", "wrong"],
    ["u0ben", "right"],
  ]);
  // Guests do not judge.
  await scene.desk.click("U0GUEST", "the answer from the data", { action: "right" });
  expect(feedbackOf(await scene.desk.log())).toHaveLength(2);
});

test("the same word again, or endless changes of mind, are not kept: the last that is kept counts", async () => {
  await using scene = await startDesk();
  const press = (action: string) => scene.desk.click("U0ANA", "the answer from the data", { action });
  const kept = async () => (await scene.desk.log()).filter(({ event }) => event.type === "slack-action-received").length;
  const before = await kept();
  for (let number = 0; number < 3; number += 1) await press("right");
  expect((await kept()) - before).toBe(1);
  for (let number = 0; number < 30; number += 1) await press(number % 2 === 0 ? "wrong" : "right");
  expect((await kept()) - before).toBe(10);
  expect(await scene.desk.click("U0BEN", "the answer from the data", { action: "wrong" })).toBe(200);
  expect(feedbackOf(await scene.desk.log())).toHaveLength(2);
});

test("people are kept by name, also those whom a message names; whom Slack does not know is somebody", async () => {
  slack.set({ people: { ...everybody, U0ANA: { ...everybody["U0ANA"], profile: { display_name: "Ana Ruiz" } } } });
  await using scene = await startDesk();
  await scene.calls("U0ANA", "ask <@U0BEN> and <@U0NOBODY> why", { thread_ts: THREAD });
  const kept = (await scene.desk.log()).flatMap(({ event }) => (event.type === "slack-message-received" ? [event] : []));
  expect(kept).toEqual([
    expect.objectContaining({ user: "Ana Ruiz", userId: "U0ANA", text: "@u0bot ask @u0ben and @somebody why", toBot: true }),
  ]);
});
