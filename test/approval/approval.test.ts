import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { APPROVAL_LIFE_MS } from "../../src/guard/approval.ts";
import { REFUSE } from "../../src/incident/approval.ts";
import { readAudit, verifyAudit } from "../../src/durable/audit.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { viewOf } from "../../src/incident/view.ts";
import { command } from "../support/command.ts";
import { json, listen, type Loopback } from "../support/loopback.ts";
import { type DeskOptions, freshStore, openApprovalDesk } from "./desk.ts";
import { CHANNEL, everybody, type FakeSlack, HOME, startSlackPeople } from "../support/slack-people.ts";

/** Where pull requests are opened: every POST makes one, whatever it holds. */
let opened: string[] = [];
let onOpen: () => void = () => undefined;
let vendor: Loopback;
let slack: FakeSlack;
beforeAll(async () => {
  slack = await startSlackPeople();
  vendor = await listen(({ method, body }, response) => {
    if (method === "POST") {
      opened.push(body);
      onOpen();
    }
    json(response, 200, { number: opened.length === 0 ? null : opened.length });
  });
});
afterAll(async () => {
  await vendor[Symbol.asyncDispose]();
  await slack[Symbol.asyncDispose]();
});
beforeEach(() => {
  opened = [];
  onOpen = () => undefined;
  slack.set({ people: everybody, channel: {}, home: {}, down: false });
});

async function asked(options: Partial<DeskOptions> = {}) {
  const desk = openApprovalDesk({ slackUrl: slack.url, vendorUrl: vendor.url, database: freshStore(), ...options });
  await desk.begin();
  return { desk, value: await desk.button(), [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() };
}
const has =
  (type: IncidentEvent["type"], times = 1) =>
  (log: readonly LoggedEvent[]) =>
    log.filter(({ event }) => event.type === type).length >= times;
const timelineOf = (log: readonly LoggedEvent[]) => toTimeline(log).map(({ text }) => text);
const refusals = (log: readonly LoggedEvent[]) =>
  log.flatMap(({ event }) => (event.type === "slack-action-refused" ? [[event.userId, event.because]] : []));
/** A word in the thread comes after all that was sent before it: the plan has seen those by then. */
async function quiet(desk: Awaited<ReturnType<typeof asked>>["desk"]) {
  const before = (await desk.log()).length;
  await desk.store.tell(
    "pd-Q1",
    [{ type: "slack-message-received", channel: CHANNEL, ts: "1.1", threadTs: null, user: "x", text: "x" }],
    `${before}`,
  );
  await desk.until((log) => log.length > before);
  return desk.log();
}

test("a full member of the workspace releases exactly what was shown, once; the timeline tells who, what and when", async () => {
  await using one = await asked();
  expect(await one.desk.click("U0ANA", one.value)).toBe(200);
  const log = await one.desk.until(has("fix-proposed"));
  expect(opened).toEqual(['{"incident":"pd-Q1","kind":"revert","repository":"acme/shop","files":[{"path":"a.ts","becomes":"good"}]}']);
  expect(timelineOf(log)).toEqual(
    expect.arrayContaining(["asks for approval: revert of 9f2c1e4 in acme/shop: a.ts", "u0ana asked for the draft PR"]),
  );
  const pressed = log.flatMap(({ event }) => (event.type === "slack-action-received" ? [event] : []));
  expect(pressed).toMatchObject([{ userId: "U0ANA", user: "u0ana" }]);
});

describe("nobody else releases anything", () => {
  test.each([
    ["U0GUEST", "is a guest of the workspace", "you are a guest of the workspace"],
    ["U0SINGLE", "is a guest of the workspace", "you are a guest of the workspace"],
    ["U0GONE", "is deactivated", "you are deactivated"],
    ["U0STRANGER", "belongs to another organisation", "you belong to another organisation"],
    ["U0OTHER", "belongs to another workspace", "you belong to another workspace"],
    ["U0APP", "is a bot", "you are a bot"],
    ["U0FLOW", "is a bot", "you are a bot"],
    ["U0BOT", "is midwatch itself", "you are midwatch itself"],
    ["U0INVITED", "has not joined yet", "you have not joined yet"],
  ])("%s, who %s", async (user, because, told) => {
    await using one = await asked();
    expect(await one.desk.click(user, one.value)).toBe(200);
    const log = await quiet(one.desk);
    expect(refusals(log)).toEqual([[user, because]]);
    expect([opened, viewOf(log).fix]).toEqual([[], null]);
    expect(timelineOf(log)).toContainEqual(`${user.toLowerCase()} pressed “approve”, without effect: ${because}`);
    expect(slack.whispers.at(-1)).toEqual([user, `That click had no effect: ${told}.`]);
  });

  test("somebody of another organisation, whatever the payload says beside", async () => {
    await using one = await asked();
    const whispers = slack.whispers.length;
    const user = (team: string) => ({ user: { id: "U0ANA", username: "ana", team_id: team } });
    for (const payload of [user("T0OTHER"), { ...user("T0OTHER"), team: { id: "T0OTHER" } }, { team: { id: "T0OTHER" } }])
      expect(await one.desk.click("U0ANA", one.value, { payload })).toBe(200);
    const log = await quiet(one.desk);
    expect(refusals(log).map(([, because]) => because)).toEqual([
      "belongs to another organisation",
      "belongs to another workspace",
      "belongs to another organisation",
    ]);
    expect(opened).toEqual([]);
    // To those who are surely of another organisation nothing is said.
    expect(slack.whispers.length - whispers).toBe(1);
  });

  test("anybody at all in a channel that another organisation shares, or is about to", async () => {
    for (const channel of [{ is_ext_shared: true }, { is_pending_ext_shared: true }, { is_shared: true }]) {
      await using one = await asked();
      slack.set({ channel });
      await one.desk.click("U0ANA", one.value);
      expect(refusals(await quiet(one.desk))).toEqual([["U0ANA", "is in a channel that is shared with another organisation"]]);
      slack.set({ channel: {} });
    }
    expect(opened).toEqual([]);
  });

  test("while Slack cannot say who clicked: the click fails, and works once Slack answers again", async () => {
    await using one = await asked();
    slack.set({ down: true });
    expect(await one.desk.click("U0ANA", one.value)).toBe(500);
    slack.set({ down: false, people: {} });
    expect(await one.desk.click("U0ANA", one.value)).toBe(500);
    const log = await quiet(one.desk);
    expect([opened, log.filter(({ event }) => event.type === "slack-action-received")]).toEqual([[], []]);
    slack.set({ people: everybody });
    expect(await one.desk.click("U0ANA", one.value)).toBe(200);
    await one.desk.until(has("fix-proposed"));
  });

  test("who is not among the catalog's responders of the service; a user group counts, and the service's own list goes first", async () => {
    const catalog = `
version: 1
defaults: { responders: [U0ANA] }
services:
  - { name: checkout, responders: [S0SRE] }
`;
    await using one = await asked({ catalog });
    await one.desk.click("U0ANA", one.value);
    await one.desk.click("U0ANA", one.value, { action: REFUSE });
    expect(refusals(await quiet(one.desk))).toEqual([
      ["U0ANA", "is not among the catalog's responders of this service"],
      ["U0ANA", "is not among the catalog's responders of this service"],
    ]);
    expect(opened).toEqual([]);
    await one.desk.click("U0BEN", one.value);
    await one.desk.until(has("fix-proposed"));
  });

  test("refused clicks without end do not fill the incident's log", async () => {
    await using one = await asked();
    for (let times = 0; times < 25; times++) await one.desk.click("U0GUEST", one.value);
    expect(refusals(await quiet(one.desk))).toHaveLength(20);
  });
});

describe("Enterprise Grid", () => {
  const grid = { enterprise_id: "E0ACME" };
  const colleague = (teams: readonly string[], more: object = {}) => ({
    id: "U0ANA",
    name: "ana",
    team_id: "T0SECOND",
    enterprise_user: { enterprise_id: "E0ACME", teams },
    ...more,
  });
  const payload = { enterprise: { id: "E0ACME" }, team: { id: HOME.team_id }, user: { id: "U0ANA", username: "ana", team_id: "T0SECOND" } };

  test.each([
    ["a colleague who belongs to this workspace too", colleague(["T0SECOND", "T0HOME"]), null],
    ["a colleague whose team is the organisation itself", colleague(["T0HOME"], { team_id: "E0ACME" }), null],
    ["a colleague of another workspace alone", colleague(["T0SECOND"]), "belongs to another workspace"],
    ["a guest of the organisation", colleague(["T0HOME"], { is_restricted: true }), "is a guest of the workspace"],
    [
      "somebody of another organisation that has such a workspace",
      { ...colleague(["T0HOME"]), enterprise_user: { enterprise_id: "E0EVIL", teams: ["T0HOME"] } },
      "belongs to another workspace",
    ],
    ["a stranger from another organisation", colleague(["T0SECOND"], { is_stranger: true }), "belongs to another organisation"],
  ])("%s", async (_what, person, because) => {
    await using one = await asked();
    slack.set({ home: grid, people: { U0ANA: person } });
    await one.desk.click("U0ANA", one.value, { payload });
    if (because === null) {
      await one.desk.until(has("fix-proposed"));
      return;
    }
    expect(refusals(await quiet(one.desk))).toEqual([["U0ANA", because]]);
    expect(opened).toEqual([]);
  });

  test("a payload that claims an organisation does not make a workspace without one part of it", async () => {
    await using one = await asked();
    await one.desk.click("U0ANA", one.value, { payload: { ...payload, team: { id: "T0OTHER" } } });
    expect(refusals(await quiet(one.desk))).toEqual([["U0ANA", "belongs to another workspace"]]);
  });
});

describe("a button releases what it showed, and nothing else", () => {
  test("a wrong hash, another request, an old version's value, another thread", async () => {
    await using one = await asked();
    const [id = "", hash = ""] = one.value.split(":");
    const flipped = `${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}`;
    const values = [`${id}:${flipped}`, `a2:${hash}`, `${id}:`, id, hash, "open-fix", "revert abc", `${one.value}:`, ""];
    for (const value of values) expect(await one.desk.click("U0ANA", value)).toBe(200);
    await one.desk.click("U0ANA", one.value, { threadTs: "1700000000.000999" });
    await one.desk.click("U0ANA", one.value, { action: "open-fix" });
    const log = await quiet(one.desk);
    expect(opened).toEqual([]);
    expect(timelineOf(log).filter((text) => text.includes("matches no request of this incident"))).toHaveLength(values.length);
    expect(slack.whispers.at(-1)).toEqual(["U0ANA", "That click had no effect: it matches no request of this incident."]);
  });

  test("a forged, an old and a repeated request", async () => {
    await using one = await asked();
    const body = one.desk.bodyOf("U0ANA", one.value);
    const old = String(Math.floor(Date.now() / 1000) - 301);
    expect(await one.desk.send(body, { "x-slack-signature": `v0=${"0".repeat(64)}` })).toBe(401);
    expect(await one.desk.send(body, { "x-slack-request-timestamp": old })).toBe(401);
    expect([opened, await quiet(one.desk).then((log) => log.filter(({ event }) => event.type === "slack-action-received"))]).toEqual([
      [],
      [],
    ]);
    expect([await one.desk.send(body), await one.desk.send(body)]).toEqual([200, 200]);
    const log = await one.desk.until(has("fix-proposed"));
    expect(log.filter(({ event }) => event.type === "slack-action-received")).toHaveLength(1);
  });

  test("ten clicks at once by two people open one", async () => {
    await using one = await asked();
    const people = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? "U0ANA" : "U0BEN"));
    await Promise.all(people.map((user) => one.desk.click(user, one.value)));
    await one.desk.until((log) => has("fix-proposed")(log) && has("slack-action-received", 10)(log));
    const log = await quiet(one.desk);
    expect(opened).toHaveLength(1);
    expect(log.filter(({ event }) => event.type === "fix-proposed")).toHaveLength(1);
    expect(timelineOf(log).filter((text) => text.endsWith("asked for the draft PR"))).toHaveLength(1);
    expect(timelineOf(log).filter((text) => text.endsWith("which was already approved"))).toHaveLength(9);
  });

  test("a click after its time: nothing is opened, and that it was over is told", async () => {
    let ahead = 0;
    await using one = await asked({ now: () => Date.now() + ahead });
    ahead = APPROVAL_LIFE_MS + 1;
    await one.desk.click("U0ANA", one.value);
    const log = await one.desk.until((seen) => has("fix-declined")(seen) && has("slack-action-received")(seen));
    expect(opened).toEqual([]);
    expect(timelineOf(log)).toEqual(
      expect.arrayContaining([
        "u0ana pressed “approve”, which came too late: the offer had expired",
        "the request for approval expired: nobody answered it",
        "no fix PR: Nobody asked for it in time (revert of 9f2c1e4 in acme/shop: a.ts).",
      ]),
    );
    expect(slack.whispers.at(-1)).toEqual(["U0ANA", expect.stringContaining("it came too late")]);
  });

  test("a no ends it, by whoever may say yes; a yes after that opens nothing", async () => {
    await using one = await asked();
    await one.desk.click("U0GUEST", one.value, { action: REFUSE });
    expect(viewOf(await quiet(one.desk)).fix).toBeNull();
    await one.desk.click("U0BEN", one.value, { action: REFUSE });
    await one.desk.until(has("fix-declined"));
    await one.desk.click("U0ANA", one.value);
    const log = await quiet(one.desk);
    expect(opened).toEqual([]);
    expect(timelineOf(log)).toEqual(
      expect.arrayContaining([
        "u0ben refused the draft PR",
        "no fix PR: u0ben refused it in Slack (revert of 9f2c1e4 in acme/shop: a.ts).",
        "u0ana pressed “approve”, which was already refused",
      ]),
    );
  });

  test("a proposal that came to another content after it was shown gets a button of its own; the old one releases nothing", async () => {
    let content = "good";
    await using one = await asked({ content: () => content });
    content = "evil";
    await one.desk.click("U0ANA", one.value);
    const second = await one.desk.button(2);
    expect(second).not.toBe(one.value);
    await one.desk.click("U0BEN", one.value);
    const log = await quiet(one.desk);
    expect(opened).toEqual([]);
    expect(timelineOf(log)).toContainEqual("u0ben pressed “approve”, which belongs to an older proposal that was replaced");
    await one.desk.click("U0ANA", second);
    await one.desk.until(has("fix-proposed"));
    expect(opened).toEqual([expect.stringContaining("evil")]);
  });
});

describe("the audit tells who decided what, and which payload it was", () => {
  const decisionsOf = (one: Awaited<ReturnType<typeof asked>>) =>
    [...readAudit(one.desk.store.sql, { incident: "pd-Q1" })].flatMap(({ record }) => (record.kind === "approval" ? [record] : []));

  test("asked, a guest's yes, a forged one, the yes that counted and one after it", async () => {
    const database = freshStore();
    await using one = await asked({ database });
    const payload = one.value.split(":")[1];
    expect(payload).toMatch(/^[0-9a-f]{64}$/);
    await one.desk.click("U0GUEST", one.value);
    await one.desk.click("U0ANA", `a1:${"0".repeat(64)}`);
    await one.desk.click("U0ANA", "mail mia.customer@acme.example");
    await one.desk.click("U0ANA", one.value);
    await one.desk.until(has("fix-proposed"));
    await one.desk.click("U0BEN", one.value);
    // Slack's repeats of one click are one decision.
    const body = one.desk.bodyOf("U0BEN", one.value, { action: REFUSE });
    await Promise.all([one.desk.send(body), one.desk.send(body)]);
    const voided = (by: string, hash: string | null | undefined, because: string) => ({
      ...{ kind: "approval", what: "a yes", decision: "void", by: `slack:${by}`, payload: hash, because },
    });
    expect(decisionsOf(one)).toEqual([
      { kind: "approval", what: "open-fix, request a1", payload, decision: "asked", by: "midwatch", because: null },
      voided("U0GUEST", payload, "is a guest of the workspace"),
      voided("U0ANA", "0".repeat(64), "matches no request of this incident"),
      voided("U0ANA", null, "matches no request of this incident"),
      { kind: "approval", what: "a yes", payload, decision: "approved", by: "slack:U0ANA", because: null },
      voided("U0BEN", payload, "was already approved"),
      { ...voided("U0BEN", payload, "was already approved"), what: "a no" },
    ]);
    expect(verifyAudit(one.desk.store.sql).broken).toBeNull();

    await using exported = command(["audit", "export", "--incident", "pd-Q1"], { DATABASE_PATH: database });
    expect((await exported.ended).code).toBe(0);
    const yes = exported
      .stdout()
      .split("\n")
      .find((line) => line.includes('"approved"'));
    expect(JSON.parse(yes ?? "{}")).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      record: { by: "slack:U0ANA", payload },
    });
    // Neither what a forged button carried nor anybody's name.
    expect(exported.stdout()).not.toMatch(/customer|u0ana/);
  });

  test("a no, and an offer that nobody answered", async () => {
    await using refused = await asked();
    await refused.desk.click("U0ANA", refused.value, { action: REFUSE });
    expect(decisionsOf(refused).at(-1)).toMatchObject({ decision: "refused", by: "slack:U0ANA", payload: refused.value.split(":")[1] });

    let late = 0;
    await using expired = await asked({ now: () => Date.now() + late });
    late = APPROVAL_LIFE_MS;
    await expired.desk.store.tell(
      "pd-Q1",
      [{ type: "slack-message-received", channel: CHANNEL, ts: "1.1", threadTs: null, user: "x", text: "x" }],
      "late",
    );
    await expired.desk.until(has("approval-expired"));
    expect(decisionsOf(expired).at(-1)).toMatchObject({ decision: "expired", payload: expired.value.split(":")[1] });
  });
});

describe("/midwatch", () => {
  test("answers full members of the workspace, and nobody else, with the latest incidents", async () => {
    await using one = await asked();
    expect(await one.desk.command("U0ANA")).toBe(
      "Latest incidents:\n• triggered: Checkout error rate above 5 % for 1 min https://midwatch.example/incidents/pd-Q1",
    );
    for (const user of ["U0GUEST", "U0STRANGER", "U0OTHER", "U0GONE", "U0APP", "U0NOBODY"])
      expect([user, await one.desk.command(user)]).toEqual([user, expect.not.stringContaining("pd-Q1")]);
    expect(await one.desk.command("U0ANA", { team_id: "T0OTHER" })).not.toContain("pd-Q1");
    slack.set({ channel: { is_ext_shared: true } });
    await using shared = await asked();
    expect(await shared.desk.command("U0ANA")).not.toContain("pd-Q1");
  });

  test("makes no link, line or call of what a title says", async () => {
    await using one = await asked({ title: "Down\n• resolved: see https://evil.example/a <!channel> @here www.evil.example" });
    const told = await one.desk.command("U0ANA");
    expect(told.split("\n")).toHaveLength(2);
    expect(told.replace("https://midwatch.example/", "")).not.toMatch(/:\/\/|www\.|<!|@here/);
    expect(told).toContain("Down • resolved: see");
  });

  test("tells what it can do to full members alone", async () => {
    await using one = await asked();
    const help = await one.desk.command("U0ANA", { text: "help" });
    expect(help).toContain("/midwatch incidents");
    expect(await one.desk.command("U0ANA", { text: "<!channel>" })).not.toContain("<!channel>");
    expect(await one.desk.command("U0GUEST", { text: "help" })).not.toContain(help);
  });

  test("with links that work without a sign-in: each for the one who asked, in an answer that nobody else sees", async () => {
    const links = { url: async (incident: string, by: string) => `https://midwatch.example/link/${incident}-for-${by}` };
    await using one = await asked({ links });
    expect(await one.desk.command("U0BEN")).toContain(" https://midwatch.example/link/pd-Q1-for-U0BEN");
    expect(await one.desk.command("U0GUEST")).not.toContain("/link/");
  });
});

test("killed while what was released is being opened, the next start finds it and opens no second one", async () => {
  let child: ChildProcess | null = null;
  onOpen = () => void child?.kill("SIGKILL");
  const given = { slackUrl: slack.url, vendorUrl: vendor.url, database: freshStore() };
  const ends: (number | string | null)[] = [];
  for (let starts = 0; starts < 5 && ends.at(-1) !== 0; starts++) {
    child = spawn(process.execPath, [fileURLToPath(new URL("./child.ts", import.meta.url)), JSON.stringify(given)], {
      stdio: "ignore",
      env: { PATH: process.env["PATH"] ?? "" },
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    ends.push(code ?? signal);
  }
  expect(ends).toEqual(["SIGKILL", 0]);
  expect(opened).toHaveLength(1);
});
