import { expect, test } from "vitest";
import { readAudit } from "../../src/durable/audit.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import type { MovedService } from "../../src/incident/footprint.ts";
import type { Page } from "../../src/incident/page.ts";
import { SPLIT } from "../../src/incident/joining-state.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createPlan } from "../../src/plan.ts";
import type { PlanDependencies } from "../../src/plan-steps.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { createPace, NO_LIMITS } from "../../src/slack/pace.ts";
import { evidenceMigrations } from "../../src/store/evidence.ts";
import { hiddenValueMigrations } from "../../src/store/hidden-values.ts";
import { type Delivery, incidentEvents } from "../../src/store/incident-store.ts";
import { keptReadingMigrations } from "../../src/store/kept-reading.ts";
import { freshDatabase } from "../support/bot.ts";
import { createRandom } from "../support/random.ts";
import { exampleTriage, page as examplePage } from "../support/example-log.ts";

const SERVICES = ["payments", ...Array.from({ length: 11 }, (_, index) => `caller-${index}`)];

/** Slack as the plan speaks to it: what was posted, by its key once, and what each message says now. */
function slackDouble() {
  const posts = new Map<string, { ts: string; text: string; blocks: string }>();
  const say = ({ text, blocks }: { text: string; blocks: unknown }) => ({ text, blocks: JSON.stringify(blocks) });
  return {
    posts,
    texts: () => [...posts.values()].map(({ text }) => text),
    speaker: {
      pace: createPace(NO_LIMITS),
      channelName: () => "C1",
      channelOf: async () => "C1",
      post: async (message: { text: string; blocks: unknown }, { key }: { key: string }) => {
        const posted = { ts: `${posts.size + 1}.0`, ...say(message) };
        posts.set(key, posted);
        return { channel: "C1", ts: posted.ts, link: null };
      },
      find: async ({ key }: { key: string }) => {
        const known = posts.get(key);
        return known === undefined ? null : { channel: "C1", ts: known.ts, link: null };
      },
      edit: async (message: { text: string; blocks: unknown }, { ts }: { ts: string }) => {
        for (const posted of posts.values()) if (posted.ts === ts) Object.assign(posted, say(message));
      },
    },
  };
}

const moved = (service: string, since: number): MovedService => ({
  ...{ service, since, fails: true, kinds: ["errors"], ends: [{ service: "payments", probability: 0.95 }] },
});

interface Team {
  readonly database?: string;
  readonly slack?: ReturnType<typeof slackDouble>;
  readonly mayHaveModel?: NonNullable<PlanDependencies["joining"]>["mayHaveModel"];
  /** So long a triage goes on. */
  readonly read?: Promise<unknown>;
}

/** midwatch without vendors: every triage sees that payments fails, and all that call it. */
function team({ database = freshDatabase(), slack = slackDouble(), mayHaveModel, read }: Team = {}) {
  const looks: string[] = [];
  const deps = {
    ...{ sources: [], unconfigured: [], calls: [], speaker: slack.speaker },
    messages: {
      ...createMessages({ timelineUrl: (id) => `https://m.test/${id}`, withoutModel: "no key" }),
      reply: () => ({ text: "", blocks: [] }),
    },
    serviceOf: ({ service }: { service: { name: string } | null }) => service?.name ?? "",
    joining: { serviceOf: ({ service }: { service: { name: string } | null }) => service?.name ?? "", environment: null, mayHaveModel },
    rollbackOf: () => null,
    look: async (trigger: { service: { name: string } | null; at: number }) => {
      looks.push(trigger.service?.name ?? "");
      await read;
      const since = trigger.at - 60_000;
      const footprint = {
        ...{ asOf: trigger.at, service: trigger.service?.name ?? "", onset: since, stepMs: 60_000, alike: [], culprits: [] },
        moved: SERVICES.map((service) => moved(service, since)),
      };
      const analysis = { ...exampleTriage.analysis, verdict: "nothing-wrong" as const };
      return { events: [{ ...exampleTriage, analysis, footprint }], packed: [], kept: [], hidden: [] };
    },
  } as unknown as PlanDependencies;
  const host = openNodeHost({
    ...{ path: database, events: incidentEvents, plan: createPlan(deps), onError: () => undefined },
    migrations: [evidenceMigrations, hiddenValueMigrations, keptReadingMigrations],
    leaseMs: 200,
    closeGraceMs: 0,
  });
  const quiet = async () => {
    await expect.poll(() => [host.health().running, host.health().waiting], { interval: 20 }).toEqual([0, 0]);
  };
  const view = async (id: string) => viewOf(await host.read(id));
  return { host, slack, looks, quiet, view, database };
}

const began = Date.now() - 60_000;

function paged(number: number, service: string, over: Partial<Page> = {}): Delivery {
  const page: Page = {
    ...examplePage,
    ...{ id: `P${number}`, number, title: `${service} fails requests`, details: "", status: "triggered", priority: null },
    ...{ createdAt: began + number, service: { id: service, name: service }, link: `https://pd.test/${number}` },
    ...over,
  };
  return {
    ...{ deliveryId: `d${number}`, eventId: `e${number}`, eventType: "incident.triggered", occurredAt: page.createdAt },
    incident: { id: `pd-${number}`, pagerId: page.id, title: page.title, event: { type: "page-received", page } },
  };
}

test("200 pages over 12 services of one outage are one investigation and a few messages, and each page is named", async () => {
  const { host, slack, looks, quiet, view } = team();
  await host.receive(paged(1, "payments"));
  for (let number = 2; number <= 200; number += 1) await host.receive(paged(number, SERVICES[number % SERVICES.length] ?? ""));
  await quiet();
  expect(looks.length).toBeLessThanOrEqual(3);
  expect(slack.posts.size).toBeLessThanOrEqual(12);
  const leads = [];
  for (let number = 1; number <= 200; number += 1) {
    const { joining } = await view(`pd-${number}`);
    if (joining.lead === null) leads.push(...joining.pages.map(({ incident }) => incident), `pd-${number}`);
  }
  expect(new Set(leads)).toEqual(new Set(Array.from({ length: 200 }, (_, index) => `pd-${index + 1}`)));
  expect(slack.texts().join("\n")).toMatch(/Joined: 1\d\d pages/);
  expect(slack.texts().join("\n")).toContain("its failing calls end in payments too");
  await host.close();
});

test("a page that waits for a triage under way is named at once where that incident is read, and says nothing itself", async () => {
  const { promise: read, resolve: end } = Promise.withResolvers<void>();
  const { host, slack, quiet, view } = team({ read });
  const status = () => slack.posts.get("pd-1:status")?.text ?? "";
  await host.receive(paged(1, "payments"));
  for (let number = 2; number <= 8; number += 1) await host.receive(paged(number, `caller-${number}`));
  await expect.poll(status, { interval: 20 }).toContain("and 2 more");
  expect(status()).toContain("*Also paged:* caller-2 <https://pd.test/2|PagerDuty #2>");
  expect([...slack.posts.keys()]).toEqual(["pd-1:status"]);
  end();
  await quiet();
  expect(status()).not.toContain("Also paged");
  expect((await view("pd-1")).joining).toMatchObject({ awaiting: [], pages: { length: 7 } });
  await host.close();
});

test("a page that comes after an incident was read and nothing was wrong has a look of its own, also where it is of the same service", async () => {
  const { host, looks, quiet, view } = team();
  await host.receive(paged(1, "payments"));
  await quiet();
  await host.receive(paged(2, "payments", { createdAt: Date.now() + 1_000 }));
  await host.receive(paged(3, "caller-1", { createdAt: Date.now() + 1_000 }));
  await quiet();
  expect(looks.slice(0, 2)).toEqual(["payments", "payments"]);
  expect((await view("pd-2")).joining).toMatchObject({ lead: null, apart: { code: "nothing-found" } });
  // The third belongs to the second, whose triage covers it, and not to the first.
  expect((await view("pd-1")).joining.pages).toEqual([]);
  await host.close();
});

test("a page that joins says whether the catalog's rules let it have a model", async () => {
  const { host, quiet, view } = team({ mayHaveModel: ({ page }) => page?.urgency === "high" });
  await host.receive(paged(1, "payments", { urgency: "low" }));
  await quiet();
  await host.receive(paged(2, "payments", { urgency: "high" }));
  await host.receive(paged(3, "payments", { urgency: "low" }));
  await quiet();
  const { pages } = (await view("pd-1")).joining;
  expect(pages.map(({ incident, page }) => [incident, page.mayHaveModel === true])).toEqual([
    ["pd-2", true],
    ["pd-3", false],
  ]);
  await host.close();
});

test("a person splits a page off: it goes on by itself, the list no longer has it, and it does not join again", async () => {
  const { host, slack, looks, quiet, view } = team();
  await host.receive(paged(1, "payments"));
  await quiet();
  await host.receive(paged(2, "caller-1"));
  await quiet();
  expect((await view("pd-2")).joining.lead).toMatchObject({ incident: "pd-1", because: { code: "same-end" } });
  expect(looks).toEqual(["payments"]);
  const click: IncidentEvent = { type: "slack-action-received", action: SPLIT, value: "pd-2", user: "ana", channel: "C1" };
  await host.tell("pd-1", [click], "click:1");
  await quiet();
  expect((await view("pd-1")).joining.pages).toEqual([]);
  expect((await view("pd-2")).joining).toMatchObject({ lead: null, split: { by: "ana" } });
  expect(looks).toEqual(["payments", "caller-1"]);
  expect(slack.posts.has("pd-2:status")).toBe(true);
  expect((await host.read("pd-1")).some(({ event }) => event.type === "page-left" && event.incident === "pd-2")).toBe(true);
  // The click of somebody who saw an older message changes nothing.
  await host.tell("pd-1", [click], "click:2");
  await quiet();
  expect((await host.read("pd-1")).filter(({ event }) => event.type === "page-left")).toHaveLength(1);
  const decided = [...readAudit(host.sql)].flatMap(({ record }) => (record.kind === "approval" ? [[record.what, record.decision]] : []));
  expect(decided).toEqual([["a split of pd-2", "approved"], ["a split", "void"]]); // prettier-ignore
  await host.close();
});

test("a P1 that comes later leads: the lower one joins it with all that had joined, and says so in its own thread", async () => {
  const { host, slack, quiet, view } = team();
  await host.receive(paged(1, "caller-1", { priority: "P3" }));
  await quiet();
  await host.receive(paged(2, "caller-2", { priority: "P3" }));
  await quiet();
  await host.receive(paged(3, "payments", { priority: "P1" }));
  await quiet();
  const { joining } = await view("pd-3");
  expect(joining.lead).toBeNull();
  expect(joining.pages.map(({ incident }) => incident).toSorted()).toEqual(["pd-1", "pd-2"]);
  for (const id of ["pd-1", "pd-2"]) expect((await view(id)).joining.lead?.incident).toBe("pd-3");
  expect(slack.posts.get("pd-1:status")?.text).toContain(
    "*Joined to* <https://pd.test/3|PagerDuty #3> (payments): its failing calls end in payments too",
  );
  await host.close();
});

test("where the first page is over before its triage, what has joined it is looked into all the same", async () => {
  const { host, slack, looks, quiet, view } = team();
  await host.receive(paged(1, "payments"));
  await host.receive(paged(2, "payments"));
  const { page } = await view("pd-1");
  if (page === null) throw new Error("the page is there");
  const over: IncidentEvent = {
    ...{ type: "pager-event-received", kind: "resolved", eventType: "incident.resolved", occurredAt: Date.now(), by: null, text: "" },
    page: { ...page, status: "resolved" },
  };
  await expect.poll(async () => (await view("pd-2")).joining.isDecided, { interval: 1 }).toBe(true);
  await host.tell("pd-1", [over], "over");
  await quiet();
  expect(looks.length).toBeGreaterThan(0);
  expect(slack.texts().join("\n")).not.toContain("*Resolved*");
  await host.close();
});

test("a page that people merge into another one in the pager joins it, even when each has its own investigation", async () => {
  const { host, slack, quiet, view } = team();
  await host.receive(paged(1, "payments"));
  await host.receive(paged(2, "unrelated"));
  await quiet();
  expect((await view("pd-2")).joining.lead).toBeNull();
  const merged = (await view("pd-2")).page;
  if (merged === null) throw new Error("the page is there");
  const event: IncidentEvent = {
    ...{ type: "pager-event-received", kind: "resolved", eventType: "incident.resolved", occurredAt: Date.now(), by: "Ana", text: "" },
    page: { ...merged, status: "resolved", mergedInto: "P1" },
  };
  await host.tell("pd-2", [event], "merge");
  await quiet();
  expect((await view("pd-2")).joining.lead).toMatchObject({ incident: "pd-1", because: { code: "merged" } });
  expect((await view("pd-1")).joining.pages.map(({ incident }) => incident)).toEqual(["pd-2"]);
  expect(slack.posts.get("pd-2:status")?.text).toContain("*Joined to* <https://pd.test/1|PagerDuty #1> (payments): merged in the pager");
  await host.close();
});

test("a process that ends anywhere, also while a page is split off and a P1 takes over, loses no page and joins none twice", async () => {
  const { next } = createRandom(7);
  const database = freshDatabase();
  const slack = slackDouble();
  const pages = 13;
  let sent = 0;
  // The page may have moved to another lead meanwhile: people click again.
  const split = async ({ host, view }: Pick<ReturnType<typeof team>, "host" | "view">, click: number) => {
    const { lead } = (await view("pd-3")).joining;
    const event: IncidentEvent = { type: "slack-action-received", action: SPLIT, value: "pd-3", user: "ana", channel: "C1" };
    if (lead !== null) await host.tell(lead.incident, [event], `click:${click}`);
  };
  for (let kill = 0; kill < 30; kill += 1) {
    const { host, view } = team({ database, slack });
    if (sent < pages - 1) await host.receive(paged((sent += 1), SERVICES[sent % SERVICES.length] ?? ""));
    if (kill >= 14) await split({ host, view }, kill);
    if (kill === 18) await host.receive(paged((sent += 1), "payments", { priority: "P1" }));
    for (let turns = Math.floor(next() * 40); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    await host.close();
  }
  const { host, quiet, view } = team({ database, slack });
  await quiet();
  await split({ host, view }, 30);
  await quiet();
  const owners: string[] = [];
  const leadsOfLeads: unknown[] = [];
  for (let number = 1; number <= pages; number += 1) {
    const { joining } = await view(`pd-${number}`);
    if (joining.lead === null) owners.push(`pd-${number}`, ...joining.pages.map(({ incident }) => incident));
    else leadsOfLeads.push((await view(joining.lead.incident)).joining.lead);
    const received = (await host.read(`pd-${number}`)).flatMap(({ event }) => (event.type === "page-joined" ? [event.incident] : []));
    expect(new Set(received).size).toBe(received.length);
  }
  expect(leadsOfLeads.every((lead) => lead === null)).toBe(true);
  expect(owners.toSorted()).toEqual(Array.from({ length: pages }, (_, index) => `pd-${index + 1}`).toSorted());
  expect((await view("pd-3")).joining).toMatchObject({ lead: null, split: { by: "ana" } });
  expect((await view("pd-13")).joining.lead).toBeNull();
  await host.close();
});

/** The monitor resolves a page so many milliseconds after it came. */
const resolvedAfter = (page: Page, ms: number): IncidentEvent => ({
  ...{
    type: "pager-event-received",
    kind: "resolved",
    eventType: "incident.resolved",
    occurredAt: page.createdAt + ms,
    by: null,
    text: "",
  },
  page: { ...page, status: "resolved" },
});

/** The monitor resolves a page. */
async function resolvedByItself({ host }: ReturnType<typeof team>, number: number, service: string, over: Partial<Page> = {}) {
  const received = paged(number, service, over).incident?.event;
  if (received?.type !== "page-received") throw new Error("a page was expected");
  const { page } = received;
  const event = resolvedAfter(page, 120_000);
  await host.tell(`pd-${number}`, [event], `resolved:${number}`);
}

test("an alert that resolves by itself again and again is named once, in the third page's thread, and that line is edited", async () => {
  const midwatch = team();
  const { slack, quiet, view } = midwatch;
  // Ten minutes apart; the first ones hours ago by the clock of the pager.
  const flap = async (number: number) => {
    const over = { createdAt: began - 10_000_000 + number * 600_000, title: "caller-1 answers slowly", alertKey: "monitor-1" };
    await midwatch.host.receive(paged(number, "caller-1", over));
    await quiet();
    await resolvedByItself(midwatch, number, "caller-1", over);
    await quiet();
  };
  const lines = () => slack.texts().filter((text) => text.includes("that this alert has resolved by itself"));
  await flap(1);
  await flap(2);
  expect(lines()).toEqual([]);
  await flap(3);
  expect(lines()).toEqual([
    expect.stringContaining("*caller-1:* third time in 22 min that this alert has resolved by itself, each time after 2 min. First at "),
  ]);
  expect(slack.posts.get("pd-3:flaps")?.text).toBe(lines()[0]);
  const posted = slack.posts.size;
  await flap(4);
  await flap(5);
  expect(lines()).toEqual([expect.stringContaining("5th time in 42 min")]);
  expect((await view("pd-3")).flaps.named).toMatchObject({ count: 5, shortestMs: 120_000, longestMs: 120_000 });
  expect((await view("pd-5")).flaps).toMatchObject({ before: { count: 4 }, home: "pd-3", named: null });
  // Each page's own words, and no further line of the pattern.
  expect([...slack.posts.keys()].slice(posted).some((key) => key.endsWith(":flaps"))).toBe(false);
  await midwatch.host.close();
});

test("a page that is over before it was read says one line with a button, and nothing is read until a person presses it", async () => {
  const { host, slack, looks, quiet, view } = team();
  const triggered = paged(1, "caller-1");
  const { incident } = triggered;
  if (incident?.event.type !== "page-received") throw new Error("a page was expected");
  const { page } = incident.event;
  const event = resolvedAfter(page, 20_000);
  const over: Delivery = {
    ...triggered,
    deliveryId: "d1r",
    eventId: "e1r",
    eventType: "incident.resolved",
    incident: { ...incident, event },
  };
  // Both are there before anything is done.
  await Promise.all([host.receive(triggered), host.receive(over)]);
  await quiet();
  expect(looks).toEqual([]);
  expect(slack.texts()).toEqual([
    expect.stringContaining("Over after 20 s, by itself, before midwatch had read anything: not investigated."),
  ]);
  expect([...slack.posts.values()][0]?.blocks).toContain('"action_id":"investigate"');
  await host.tell("pd-1", [{ type: "slack-action-received", action: "investigate", value: "", user: "Ana", channel: "C1" }], "click:1");
  await quiet();
  expect(looks).toEqual(["caller-1"]);
  expect((await view("pd-1")).brief).not.toBeNull();
  await host.close();
});
