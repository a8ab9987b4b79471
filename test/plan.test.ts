import { expect, test } from "vitest";
import type { EventOf, IncidentEvent, LoggedEvent } from "../src/incident/event.ts";
import { viewOf } from "../src/incident/view.ts";
import { migrate } from "../src/durable/sql.ts";
import { openNodeSqlite } from "../src/durable/node-sqlite.ts";
import type { Step, StepContext } from "../src/store/incident-store.ts";
import { keepReading, keptReadingMigrations, readKept } from "../src/store/kept-reading.ts";
import type { Agent } from "../src/investigation/agent/agent.ts";
import { createPace } from "../src/slack/pace.ts";
import { createPlan } from "../src/plan.ts";
import type { PlanDependencies } from "../src/plan-steps.ts";
import { at, exampleTriage, page } from "./support/example-log.ts";

/** What the plan decides needs no vendor: each part that is not named here would throw when it is asked. */
const planWith = (parts: Partial<PlanDependencies> = {}) =>
  createPlan({ sources: [], unconfigured: [], calls: [], speaker: { pace: createPace() }, ...parts } as unknown as PlanDependencies);

const logOf = (events: readonly IncidentEvent[]): LoggedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, at: at("03:13:00") + index, event }));

const nextOf = (events: readonly IncidentEvent[], parts: Partial<PlanDependencies> = {}, now = at("04:00:00")) => {
  const next = planWith(parts)(logOf(events), now);
  if (next === null || "run" in next) return next?.id ?? null;
  return next.steps?.[0]?.id ?? { waitMs: next.waitMs };
};

const received: IncidentEvent = { type: "page-received", page };
const status: IncidentEvent = { type: "status-posted", channel: "C1", ts: "1.1", link: null, text: "" };
const heard = (what: "acknowledged" | "resolved"): IncidentEvent => ({
  type: "pager-event-received",
  eventType: `incident.${what}`,
  occurredAt: page.createdAt + 60_000,
  by: "Ana",
  text: `Ana ${what}`,
  page: { ...page, status: what },
});
const read: readonly IncidentEvent[] = [
  received,
  status,
  { type: "triage-started", asOf: 0, window: { from: 0, to: 1 }, baseline: { from: 0, to: 0 } },
  { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "nothing-wrong" } },
  { type: "brief-posted", ts: "1.2", text: "" },
  { type: "finding-posted", ts: "1.3", text: "" },
];
const finished: IncidentEvent = { type: "investigation-finished", tookMs: 1 };
const edited = (seen: number): IncidentEvent => ({ type: "status-edited", text: "", seen });
const failed = (step: string): IncidentEvent => ({ type: "step-failed", step, error: "down", attempt: 5, final: true });

test("an ack that came while the status message was edited is told after it", () => {
  // The edit began when the log had seven events; the ack came before the edit was kept.
  const log = [...read, finished, edited(7), heard("acknowledged"), edited(7)];
  expect(nextOf(log)).toBe("status");
  expect(nextOf([...log, edited(log.length)])).toBeNull();
});

test("a resolve right after the first words is told in the status message, and nothing is investigated", () => {
  expect(nextOf([received, status, heard("resolved")])).toBe("status");
  expect(nextOf([received, status, heard("resolved"), edited(3)])).toBeNull();
});

test("a page that is over before its first words is named once; one that began before midwatch knew of it is not", () => {
  expect(nextOf([received, heard("resolved")])).toBe("first-words");
  expect(nextOf([received, heard("resolved"), status])).toBeNull();
  expect(nextOf([heard("resolved")])).toBeNull();
});

test("a page that was over before its triage was done gets no brief, unless a person asks for one", () => {
  const [triggered, said, begun, triage] = [received, status, read[2]!, exampleTriage];
  const passed = [triggered, said, begun, heard("resolved"), triage];
  expect(nextOf(passed)).toBe("status");
  expect(nextOf([...passed, edited(5)])).toBeNull();
  const press: IncidentEvent = { type: "slack-action-received", action: "investigate", value: "", user: "Ana", channel: "C1" };
  expect(nextOf([...passed, edited(5), press])).toBe("brief");
  expect(nextOf([triggered, said, begun, triage, heard("resolved")])).toBe("brief");
});

const idsOf = (events: readonly IncidentEvent[], parts: Partial<PlanDependencies> = {}) => {
  const next = planWith(parts)(logOf(events), at("04:00:00"));
  return next === null || "run" in next ? [] : (next.steps ?? []).map(({ id }) => id);
};

test("beside a message that cannot be said yet is the work that does not wait for it, from the first words to the fix", () => {
  const begin: Step = { id: "begin-investigation", run: async () => [] };
  const agent = { next: () => begin, refuse: () => null, readPeople: () => null, retryAt: () => null, fix: null } as unknown as Agent;
  const [, , started, triaged] = read;
  if (started === undefined || triaged === undefined) throw new Error("the log has both");
  expect(idsOf([received])).toEqual(["first-words", "start-triage"]);
  expect(idsOf([received, started])).toEqual(["first-words", "triage"]);
  expect(idsOf([received, started, triaged], { agent })).toEqual(["first-words", "begin-investigation"]);
  expect(idsOf([received, status, started, triaged], { agent })).toEqual(["brief", "begin-investigation"]);
  const blames: IncidentEvent = { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "incident" } };
  expect(idsOf([received, status, started, blames])).toEqual(["brief", "fix"]);
});

test("a page that is resolved while it waits for its triage is not investigated, and its first words say that it is over", () => {
  const [, , started] = read;
  if (started === undefined) throw new Error("the log has it");
  expect(idsOf([received, status, started, heard("resolved")])).toEqual(["status"]);
  expect(idsOf([received, status, started, heard("resolved"), edited(4)])).toEqual([]);
});

test("after a triage that failed for good, acks and resolves are told all the same", () => {
  const log = [...read.slice(0, 3), failed("triage"), edited(4), finished];
  expect(nextOf(log)).toBeNull();
  expect(nextOf([...log, heard("resolved")])).toBe("status");
});

test("a model's step that was given up is not waited for again and again", () => {
  const begin: Step = { id: "begin-investigation", run: async () => [] };
  const agent = {
    next: () => begin,
    refuse: () => null,
    retryAt: () => at("03:20:00"),
    fix: null,
    wordPostmortem: () => null,
    readPeople: () => null,
  } as unknown as Agent;
  expect(nextOf([...read, finished, edited(7)], { agent })).toBe(begin.id);
  expect(nextOf([...read, finished, edited(7), failed(begin.id)], { agent })).toBeNull();
});

test("a question is looked up once and told in a step of its own", () => {
  const lookForAnswer: Agent["lookForAnswer"] = ({ seq }) => ({ id: `look-for-answer:${seq}`, run: async () => [] });
  const agent: Agent = {
    next: () => null,
    refuse: () => null,
    retryAt: () => null,
    fix: null,
    lookForAnswer,
    wordPostmortem: () => null,
    readPeople: () => null,
  };
  const asked: IncidentEvent = {
    type: "slack-message-received",
    channel: "C1",
    ts: "2.1",
    threadTs: "1.1",
    user: "U1",
    text: "midwatch what was it?",
    toBot: true,
  };
  const log = [...read, finished, edited(7), asked];
  const made: IncidentEvent = { type: "reply-made", question: log.length, claims: [], unknown: null, instead: "nobody knows", cost: 0.1 };
  const told: IncidentEvent = { type: "question-answered", question: log.length, ts: "2.2", text: "nobody knows" };
  expect(nextOf(log, { agent })).toBe(`look-for-answer:${log.length}`);
  expect(nextOf([...log, made], { agent })).toBe(`answer:${log.length}`);
  expect(nextOf([...log, made, told], { agent })).toBeNull();
  // Nothing is asked of a model anew while Slack is down, nor once it was given up.
  expect(nextOf([...log, made, failed(`answer:${log.length}`)], { agent })).toBeNull();
});

test("words come first, then late sources are read on and the brief is corrected, and then the model begins", () => {
  const begin: Step = { id: "begin-investigation", run: async () => [] };
  const agent = { next: () => begin, refuse: () => null, readPeople: () => null, retryAt: () => null, fix: null } as unknown as Agent;
  const [line] = exampleTriage.coverage;
  if (line === undefined) throw new Error("the story has a coverage");
  const first: IncidentEvent = { ...exampleTriage, coverage: [{ ...line, status: "timed-out", pending: true }] };
  const brief: IncidentEvent = { type: "brief-posted", ts: "1.2", text: "" };
  const begun = [...read.slice(0, 3), first];
  const late: IncidentEvent = { ...exampleTriage, late: [line.source] };
  const revised: IncidentEvent = { type: "brief-revised", ts: "1.2", text: "", changed: true };
  expect(nextOf(begun, { agent })).toBe("brief");
  expect(nextOf([...begun, brief], { agent })).toBe("read-on");
  expect(nextOf([...begun, brief, late], { agent })).toBe("revised-brief");
  expect(nextOf([...begun, brief, late, revised], { agent })).toBe(begin.id);
  // What cannot be read, or said, holds nothing up.
  const gaveUp = [...begun, brief, failed("read-on")];
  expect(nextOf(gaveUp, { agent })).toBe(begin.id);
  expect(viewOf(logOf(gaveUp)).coverage.some(({ pending }) => pending === true)).toBe(false);
  expect(nextOf([...begun, failed("brief")], { agent })).toBe("read-on");
  expect(nextOf([...begun, failed("brief"), late], { agent })).toBe(begin.id);
  expect(nextOf([...begun, brief, late, failed("revised-brief")], { agent })).toBe(begin.id);
});

test("the end of an investigation leaves nothing of the first reading behind, also where reading on was given up", async () => {
  const store = openNodeSqlite(":memory:");
  migrate(store.sql, [keptReadingMigrations]);
  for (const id of ["pd-1", "pd-2"]) keepReading(store.sql, id, [new Uint8Array([1])]);
  const next = planWith()(logOf([...read, failed("read-on")]), at("04:00:00"));
  const finish = next === null || "run" in next ? next : next.steps?.[0];
  if (finish == null) throw new Error("there is a step to come");
  const atEnd: StepContext["atEnd"] = (write) => write(store.sql);
  // What it says needs a Slack, which is not there; what it keeps does not.
  await finish.run({ incidentId: "pd-1", log: logOf(read), now: () => 0, atEnd } as unknown as StepContext).catch(() => undefined);
  expect([finish.id, readKept(store.sql, "pd-1").length, readKept(store.sql, "pd-2").length]).toEqual(["finish", 0, 1]);
  store.close();
});

const declined: IncidentEvent = { type: "fix-declined", because: "there is none" };
const incident: readonly IncidentEvent[] = [...read.slice(0, 3), exampleTriage, ...read.slice(4), declined, finished, edited(8)];
const reading = (over: Partial<EventOf<"belief-read">> = {}): EventOf<"belief-read"> => ({
  ...{
    type: "belief-read",
    state: "same",
    since: 0,
    asOf: at("03:15:05"),
    service: null,
    isOut: true,
    level: null,
    undoneAt: null,
    after: null,
  },
  ...{ changes: [], evidence: [], calls: 3, ...over },
});
const saidOf = (place: number): IncidentEvent => ({ type: "belief-said", reading: place, ts: "1.9", text: "" });

test("an incident whose investigation has ended is read again when it is due, once for each time", () => {
  expect(nextOf(incident, {}, at("03:13:30"))).toEqual({ waitMs: 90_003 });
  expect(nextOf(incident, {}, at("03:15:01"))).toBe("read-again:1");
  expect(nextOf([...incident, reading()], {}, at("03:15:06"))).toEqual({ waitMs: expect.any(Number) as number });
  expect(nextOf([...incident, reading()], {}, at("03:18:01"))).toBe("read-again:2");
  expect(nextOf([...incident, reading(), failed("read-again:2")], {}, at("03:13:00"))).toEqual({ waitMs: expect.any(Number) as number });
  expect(nextOf(incident.slice(0, -2), {}, at("03:15:01"))).toBe("finish");
});

test("a change, a page that joins and one that comes again are read at once, and so is nothing else; a merge waits for its deploy", () => {
  const before = [...incident, reading({ asOf: at("03:13:00") })];
  const later = at("03:14:30");
  const joined = { name: "PagerDuty #2", service: "cart", title: "", link: null, createdAt: 0 };
  const calls: readonly IncidentEvent[] = [
    { type: "changes-looked-for", asOf: later, changed: [later], lost: 0 },
    { type: "page-joined", incident: "pd-2", page: joined, because: { code: "merged" } },
    { ...heard("acknowledged"), eventType: "incident.reopened" } as IncidentEvent,
  ];
  for (const event of calls) {
    const place = before.length + 1;
    const log = [...before, event, { type: "joined-said", ts: "1.8", text: "", seen: place } as const, edited(place)];
    expect(nextOf(log, {}, later)).toBe("read-again:2");
  }
  const silent: readonly IncidentEvent[] = [
    { type: "changes-looked-for", asOf: later, changed: [], lost: 0 },
    { type: "fix-changed-by-people", what: "merged", by: "Ana", when: later },
  ];
  for (const event of silent) expect(nextOf([...before, event], {}, later)).toEqual({ waitMs: expect.any(Number) as number });
});

test("it is looked for changes while the incident is read again, where a source tells of them", () => {
  const sources = [{ name: "deploys", ask: async () => undefined, changedAt: async () => [] }];
  const log = [...incident, reading({ asOf: at("03:15:05") })];
  expect(nextOf(log, { sources }, at("03:15:06"))).toBe("look-for-changes:1");
  const looked: IncidentEvent = { type: "changes-looked-for", asOf: at("03:15:06"), changed: [], lost: 0 };
  expect(nextOf([...log, looked], { sources }, at("03:15:30"))).toEqual({ waitMs: 36_000 });
  expect(
    nextOf([...log, heard("resolved"), edited(11), reading({ state: "recovered", isOut: false }), saidOf(13)], { sources }),
  ).toBeNull();
});

test("people hear of what changed, at most three times an hour, and then of the newest alone", () => {
  const news = reading({ state: "worse" });
  const told = [...incident, news, saidOf(10), news, saidOf(12), news, saidOf(14), news, reading({ state: "recovered" })];
  expect(nextOf([...incident, news], {}, at("03:15:06"))).toBe("belief:10");
  expect(nextOf(told, {}, at("03:15:06"))).toEqual({ waitMs: expect.any(Number) as number });
  expect(nextOf(told, {}, at("04:13:01"))).toBe("belief:17");
});

test("a resolved page is followed until its signals are back", () => {
  const log = [...incident, heard("resolved"), edited(10)];
  expect(nextOf(log, {}, at("03:15:01"))).toBe("read-again:1");
  expect(nextOf([...log, reading({ state: "recovered", isOut: false }), saidOf(12)], {}, at("05:00:00"))).toBeNull();
  expect(nextOf([...log, reading({ isOut: false })], {}, at("05:00:00"))).toBeNull();
});
