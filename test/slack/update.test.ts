import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { approvalsOf, buttonValue } from "../../src/incident/approval.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { stakeholderUpdate } from "../../src/report/for-people.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { runCommand } from "../../src/slack/commands.ts";
import type { IncidentThread } from "../../src/slack/thread.ts";
import { nextUpdateStep, RELEASE } from "../../src/slack/update-steps.ts";
import type { StepContext } from "../../src/store/incident-store.ts";
import { freshStore, INCIDENT, openApprovalDesk, THREAD } from "../approval/desk.ts";
import { CHANNEL, everybody, type FakeSlack, startSlackPeople } from "../support/slack-people.ts";

/** The text for people outside the team goes out only by a person's click, exactly as it was shown. */
let slack: FakeSlack;
beforeAll(async () => {
  slack = await startSlackPeople();
});
afterAll(() => slack[Symbol.asyncDispose]());
const people = { ...everybody, U0ANA: { ...everybody["U0ANA"], profile: { display_name: "Ana Ruiz" } } };
beforeEach(() => slack.set({ people, channel: {}, home: {}, down: false }));

const CATALOG = "version: 1\ndefaults: { responders: [U0ANA] }\nservices:\n  - name: checkout\n";

async function startScene(catalog = "version: 1") {
  const desk = openApprovalDesk({ slackUrl: slack.url, vendorUrl: slack.url, database: freshStore(), catalog });
  await desk.begin();
  await desk.button();
  await desk.store.tell(INCIDENT, [{ type: "status-posted", channel: CHANNEL, ts: THREAD, link: null, text: "status" }], "status");
  /** The newest one. @throws where none was made */
  const request = async () => {
    const found = approvalsOf(await desk.log()).approvals.findLast(({ request: { action } }) => action === "post-update");
    if (found === undefined) throw new Error("nothing was asked");
    return found.request;
  };
  /** What is posted in the channel now: its text, or null. */
  const posts = async (): Promise<string | null> => {
    const log = await desk.log();
    const said: string[] = [];
    const thread = {
      postInChannel: async (_context: unknown, _view: unknown, _key: string, message: { text: string }) => {
        said.push(message.text);
        return { ts: "1.1" };
      },
    } as unknown as IncidentThread;
    const step = nextUpdateStep(thread, log);
    const events = step === null ? [] : await step.run({ log, incidentId: INCIDENT } as unknown as StepContext);
    if (events.length > 0) await desk.store.tell(INCIDENT, events, `posted-${log.length}`);
    return said[0] ?? null;
  };
  return {
    ...{ desk, request, posts },
    release: async (user: string, value: string) => {
      expect(
        await desk.click(user, `${INCIDENT} ${value}`, {
          action: RELEASE,
          payload: { container: { type: "message", message_ts: "9.9", channel_id: "C0ELSE" } },
        }),
      ).toBe(200);
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
const lines = (log: readonly LoggedEvent[]) => toTimeline(log).map(({ text }) => text);

test("who asks sees it with a button; until somebody presses that, nothing is posted", async () => {
  await using scene = await startScene();
  expect(await scene.desk.command("U0BEN", { text: "update" })).toBe("The update is in a message that only you see. Its button posts it.");
  const [to, said] = slack.whispers.at(-1) ?? [];
  const text = String((await scene.request()).payload["text"]);
  expect(to).toBe("U0BEN");
  expect(said).toContain(text);
  expect(await scene.posts()).toBeNull();
});

test("it is posted once, word for word as it was shown, whatever was learned since", async () => {
  await using scene = await startScene();
  await scene.desk.command("U0BEN", { text: "update" });
  const asked = await scene.request();
  await scene.desk.command("U0BEN", { text: "impact nobody can pay by card" });
  await scene.release("U0ANA", buttonValue(asked));
  const text = await scene.posts();
  expect(text).toBe(asked.payload["text"]);
  expect(text).not.toContain("by card");
  expect(stakeholderUpdate(await scene.desk.log(), Date.now()).join(" ")).toContain("by card");
  await scene.release("U0BEN", buttonValue(asked));
  expect(await scene.posts()).toBeNull();
  expect(lines(await scene.desk.log())).toEqual(
    expect.arrayContaining(["Ana Ruiz released the update", "update for people outside the team posted"]),
  );
});

test("a newer text takes the place of an older one, and a forged press counts for nothing", async () => {
  await using scene = await startScene();
  await scene.desk.command("U0BEN", { text: "update" });
  const older = await scene.request();
  await scene.desk.command("U0BEN", { text: "update" });
  await scene.release("U0BEN", buttonValue(older));
  expect(slack.whispers.at(-1)?.[1]).toContain("belongs to an older proposal that was replaced");
  await scene.release("U0BEN", `${older.id}:${"0".repeat(64)}`);
  await scene.release("U0BEN", "a1");
  expect(await scene.posts()).toBeNull();
});

test("guests and, where the catalog names responders, others release nothing", async () => {
  await using scene = await startScene(CATALOG);
  await scene.desk.command("U0BEN", { text: "update" });
  const asked = await scene.request();
  for (const user of ["U0GUEST", "U0BEN"]) await scene.release(user, buttonValue(asked));
  expect(await scene.posts()).toBeNull();
  await scene.release("U0ANA", buttonValue(asked));
  expect(await scene.posts()).toBe(asked.payload["text"]);
});

test("where the message cannot be shown, the answer is the text itself", async () => {
  await using scene = await startScene();
  const { store } = scene.desk;
  const context = {
    ...{
      store,
      catalog: parseCatalog("version: 1"),
      user: "U0BEN",
      userName: "ben",
      here: null,
      channel: "C0ELSE",
      publicUrl: null,
      links: null,
    },
    ...{ nameOf: async () => "Ben", now: Date.now },
  };
  const shown = (message: boolean) => runCommand("update", { ...context, key: `update-${message}`, show: async () => message });
  expect(await shown(false)).toMatch(/^\d\d:\d\d UTC\. checkout has had a problem since .*A likely cause is known\./);
  expect(await shown(true)).not.toContain("checkout has had");
});
