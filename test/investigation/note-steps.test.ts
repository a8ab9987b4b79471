import { expect, test } from "vitest";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { createFixer } from "../../src/fix/fixer.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { NOTE_MARKER } from "../../src/incident/page-notes.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createPagerdutyClient } from "../../src/integrations/pagerduty/client.ts";
import { pagerdutyNotes } from "../../src/integrations/pagerduty/notes.ts";
import { createPlan } from "../../src/plan.ts";
import type { PlanDependencies } from "../../src/plan-steps.ts";
import { noteDue, noteText } from "../../src/report/note-words.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { createPace, NO_LIMITS } from "../../src/slack/pace.ts";
import { evidenceMigrations } from "../../src/store/evidence.ts";
import { hiddenValueMigrations } from "../../src/store/hidden-values.ts";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { keptReadingMigrations } from "../../src/store/kept-reading.ts";
import { freshDatabase } from "../support/bot.ts";
import { at, deploy, exampleTriage, logOf, logUntil, page as examplePage, resolved, story } from "../support/example-log.ts";
import { json, listen } from "../support/loopback.ts";

/** PagerDuty's notes, and nothing else. @param breaks how many writes are kept and never answered */
async function notesServer(breaks: number) {
  const kept: { page: string; content: string }[] = [];
  let left = breaks;
  const server = await listen(({ method, url, headers, body }, response) => {
    const page = /^\/incidents\/(\w+)\/notes$/.exec(url)?.[1] ?? "";
    if (method === "GET") {
      const notes = kept.filter((note) => note.page === page).map(({ content }, index) => ({ id: `N${index}`, content, user: null }));
      return json(response, 200, { notes });
    }
    if (headers["from"] !== "ana@acme.example") return json(response, 400, { error: { message: "Requester User Not Found" } });
    kept.push({ page, content: (JSON.parse(body) as { note: { content: string } }).note.content });
    left -= 1;
    if (left >= 0) return void response.destroy();
    return json(response, 201, { note: { id: "N1" } });
  });
  return Object.assign(server, { kept });
}

const began = Date.now() - 60_000;

/** midwatch with a pager alone: payments fails, and so do all that call it. */
function midwatch(baseUrl: string, notesFrom: string | undefined) {
  const client = createPagerdutyClient({
    baseUrl,
    token: "t",
    notesFrom,
    fetch: (...call) => fetch(...call),
    sleep: async () => undefined,
  });
  const notes = pagerdutyNotes(client);
  const serviceOf = ({ service }: { service: { name: string } | null }) => service?.name ?? "";
  const timelineUrl = (id: string) => `https://m.test/incidents/${id}`;
  const posted = { channel: "C1", ts: "1.0", link: null };
  const deps = {
    ...{ sources: [], unconfigured: [], calls: [], serviceOf, joining: { serviceOf, environment: null }, rollbackOf: () => null },
    speaker: {
      ...{ pace: createPace(NO_LIMITS), channelName: () => "C1", channelOf: async () => "C1" },
      ...{ post: async () => posted, find: async () => posted, edit: async () => undefined },
    },
    messages: { ...createMessages({ timelineUrl, withoutModel: "no key" }), reply: () => ({ text: "", blocks: [] }) },
    fixer: createFixer({ github: null, placeOf: () => null, repositoryOf: () => null, timelineUrl }),
    notes: {
      ...{ pagers: notes === null ? [] : [notes], timelineUrl },
      redactedFor: () => (text: string) => text.replaceAll("hunter2", "<password>"),
    },
    look: async (trigger: { service: { name: string } | null; at: number }) => {
      const since = trigger.at - 60_000;
      const ends = [{ service: "payments", probability: 0.95 }];
      const moved = ["payments", "cart"].map((service) => ({ service, since, fails: true, kinds: ["errors"], ends }));
      const footprint = { asOf: trigger.at, service: serviceOf(trigger), onset: since, stepMs: 60_000, alike: [], culprits: [], moved };
      return { events: [{ ...exampleTriage, footprint }], packed: [], kept: [], hidden: [] };
    },
  } as unknown as PlanDependencies;
  return openNodeHost({
    ...{ path: freshDatabase(), events: incidentEvents, plan: createPlan(deps), onError: () => undefined },
    migrations: [evidenceMigrations, hiddenValueMigrations, keptReadingMigrations],
    ...{ leaseMs: 200, closeGraceMs: 0, settleMs: 1 },
  });
}

const paged = (number: number, service: string) => {
  const about = { ...examplePage, id: `PG${number}`, number, status: "triggered" as const, priority: null };
  const page = { ...about, title: `${service} is down (hunter2)`, createdAt: began + number, service: { id: service, name: service } };
  return {
    ...{ deliveryId: `d${number}`, eventId: `e${number}`, eventType: "incident.triggered", occurredAt: page.createdAt },
    incident: { id: `pd-${number}`, pagerId: page.id, title: page.title, event: { type: "page-received" as const, page } },
  };
};

test.each([0, 1])(
  "where notes are allowed, the page gets its finding and a joined page where it went, once each, also where PagerDuty's answer is lost: %#",
  async (breaks) => {
    await using server = await notesServer(breaks);
    const { kept } = server;
    const host = midwatch(server.url, "ana@acme.example");
    await host.receive(paged(1, "payments"));
    const written = async (id: string) => (await host.read(id)).flatMap(({ event }) => (event.type === "note-written" ? [event] : []));
    await expect.poll(() => written("pd-1"), { interval: 10 }).toHaveLength(1);
    await host.receive(paged(2, "cart"));
    await expect.poll(() => written("pd-2"), { interval: 10 }).toMatchObject([{ about: "joined" }]);
    expect(kept.map(({ page }) => page)).toEqual(["PG1", "PG2"]);
    expect(kept[0]?.content).toMatch(/^midwatch: .*errors 0\.3 % → 18 %/);
    expect(kept[0]?.content).toContain("https://m.test/incidents/pd-1");
    expect(kept[1]?.content).toBe(
      "midwatch: joined to PagerDuty #1 (payments): its failing calls end in payments too. Follow it there: https://m.test/incidents/pd-1",
    );
    expect(kept.map(({ content }) => content).join("\n")).not.toContain("hunter2");
    await host.close();
  },
);

test("without the setting nothing is written on a page", async () => {
  await using server = await notesServer(0);
  const host = midwatch(server.url, undefined);
  await host.receive(paged(1, "payments"));
  await expect.poll(async () => viewOf(await host.read("pd-1")).finished, { interval: 10 }).toBe(true);
  await expect.poll(() => host.health().running, { interval: 10 }).toBe(0);
  expect([server.kept, server.seen.filter(({ method }) => method === "POST")]).toEqual([[], []]);
  await host.close();
});

const read = (state: EventOf<"belief-read">["state"], over: Partial<EventOf<"belief-read">> = {}): IncidentEvent => ({
  type: "belief-read",
  ...{ state, since: at("03:45:00"), asOf: at("03:50:00"), service: "payments", isOut: false, level: null, undoneAt: at("03:41:00") },
  ...{ after: { ...deploy, kind: "rollback", at: at("03:41:00") }, changes: [], evidence: [], calls: 3, ...over },
});
const noted = (about: EventOf<"note-written">["about"]): IncidentEvent => ({ type: "note-written", about, text: "" });
const then = (log: readonly LoggedEvent[], clock: string, ...events: readonly IncidentEvent[]): LoggedEvent[] =>
  [...log, ...logOf(events.map((event) => [clock, event] as const))].map((one, index) => ({ ...one, seq: index + 1 }));
const due = (log: readonly LoggedEvent[]) => noteDue(log, viewOf(log));

test("one note has the finding once it is complete, one the end, and none is written twice", () => {
  const found = logUntil("investigation-finished");
  expect(due(found.slice(0, -1))).toBeNull();
  expect(due(found)).toBe("finding");
  const told = then(found, "03:13:00", noted("finding"));
  expect(due(told)).toBeNull();
  for (const state of ["worse", "withdrawn", "second-fault", "recovering"] as const)
    expect(due(then(told, "03:50:00", read(state, { isOut: true })))).toBeNull();
  const over = then(told, "03:50:00", read("recovered"));
  expect(due(over)).toBe("over");
  expect(due(then(over, "03:51:00", noted("over")))).toBeNull();
});

test("a page that is resolved is over for its note once its signals are not known to be bad and nobody looks again", () => {
  const told = then(logUntil("investigation-finished"), "03:13:00", noted("finding"), resolved[1]);
  // It is looked at once more some minutes after.
  expect(due(told)).toBeNull();
  expect(due(then(told, "03:33:00", read("still-bad", { isOut: true, asOf: at("03:33:00") })))).toBeNull();
  expect(due(then(told, "03:33:00", read("same", { asOf: at("03:33:00") })))).toBe("over");
  // What was resolved before anything was found has nothing to say.
  const early = logOf([...story.slice(0, 7), resolved, ["03:27:00", { type: "investigation-finished", tookMs: 1 }]]);
  expect(due(early)).toBeNull();
});

test("a note is short plain text that people and midwatch know for its own, with what to do, the draft and the incident's page", () => {
  const found = logUntil("investigation-finished");
  const links = { own: "https://m.test/incidents/pd-1", lead: null };
  const finding = noteText("finding", found, viewOf(found), links);
  expect(finding.startsWith(NOTE_MARKER)).toBe(true);
  for (const part of ["03:12 UTC", "payments", "Do now: ", "https://github.com/acme/shop/pull/2216", links.own])
    expect(finding).toContain(part);
  expect(finding).not.toMatch(/[*<>`]/);
  const over = then(found, "03:50:00", read("recovered"));
  const end = noteText("over", over, viewOf(over), { own: null, lead: null });
  expect(end).toContain("have been back in their usual range since 03:45, 4 min after");
  expect(end).not.toContain("is withdrawn as the cause");
  const withdrawn = then(found, "03:40:00", read("withdrawn", { isOut: true }), read("recovered"));
  expect(noteText("over", withdrawn, viewOf(withdrawn), links)).toContain("is withdrawn as the cause");
});

test("a note has no address but those of midwatch and of its draft", () => {
  for (const address of ["https://evil.example/x", "www.evil.example", "evil.com/y"]) {
    const found = logUntil("investigation-finished").map((logged) => {
      const { event } = logged;
      if (event.type !== "triage-finished") return logged;
      const { analysis } = event;
      const symptoms = analysis.symptoms.map((symptom) => ({ ...symptom, what: `${symptom.what} ${address}` }));
      const suspects = analysis.suspects.map((suspect) => ({ ...suspect, service: `${suspect.service} ${address}` }));
      return { ...logged, event: { ...event, analysis: { ...analysis, symptoms, suspects } } };
    });
    const links = { own: "https://m.test/incidents/pd-1", lead: null };
    expect(noteText("finding", found, viewOf(found), links)).not.toContain(address);
    const event: IncidentEvent = {
      ...{ type: "joined", lead: "pd-1", because: { code: "same-end", service: "cart", end: address, fails: true, probability: 0.9 } },
      page: { name: "PagerDuty #1", service: `payments ${address}`, title: "", link: null, createdAt: 0 },
    };
    const joined = logOf([...story.slice(0, 1), ["03:12:21.000", event]]);
    expect(noteText("joined", joined, viewOf(joined), links)).not.toContain(address);
  }
});
