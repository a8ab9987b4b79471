import { describe, expect, test } from "vitest";
import { type DeskEntry, incidentDesk, type Person } from "../../src/incident/desk.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { deskVerbs, entriesIn, withNames } from "../../src/slack/desk-entry.ts";
import { logOf } from "../support/example-log.ts";

const me: Person = { user: "Mei", userId: "U0MEI" };
const ana: Person = { user: "U0ANA", userId: "U0ANA" };
const typed = (name: string, words: string) => deskVerbs.find((verb) => verb.name === name)?.parse(words, me);

describe("what is typed after /midwatch", () => {
  test.each<readonly [string, string, DeskEntry]>([
    ["commander", "@U0ANA", { what: "commander", person: ana }],
    ["commander", "me", { what: "commander", person: me }],
    ["commander", "@ana.ruiz", { what: "commander", person: { user: "ana.ruiz", userId: null } }],
    ["assign", "@U0ANA the rollback", { what: "role", person: ana, task: "the rollback" }],
    ["severity", "1", { what: "severity", level: "SEV1" }],
    ["severity", "sev-2", { what: "severity", level: "SEV2" }],
    ["severity", "P1", { what: "severity", level: "P1" }],
    ["status", "Mitigated", { what: "phase", phase: "mitigated" }],
    ["decision", "roll  back\npayments", { what: "decision", text: "roll back payments" }],
    ["action", "@U0ANA: page the provider", { what: "action", text: "page the provider", owner: ana }],
    ["action", "write to support", { what: "action", text: "write to support", owner: null }],
    ["done", "#2", { what: "action-done", action: 2 }],
    ["impact", "nobody can log in", { what: "impact", text: "nobody can log in" }],
  ])("%s %s", (name, words, entry) => expect(typed(name, words)).toEqual(entry));

  test.each([
    ["commander", ""],
    ["commander", "Ana"],
    ["commander", "@U0ANA and @U0BEN"],
    ["assign", "@U0ANA"],
    ["severity", "very bad"],
    ["severity", "SEV12"],
    ["status", "identifed"],
    ["decision", "  "],
    ["action", "@U0ANA"],
    ["done", "the first"],
    ["impact", ""],
  ])("%s “%s” sets nothing and is answered with what to type", (name, words) => {
    expect(typed(name, words)).toMatch(/\/midwatch|A status is one of/);
  });
});

describe("what a message proposes", () => {
  test.each<readonly [string, DeskEntry]>([
    ["I'm IC", { what: "commander", person: me }],
    ["I’m the incident commander now.", { what: "commander", person: me }],
    ["@U0ANA is incident commander", { what: "commander", person: ana }],
    ["IC: @U0ANA", { what: "commander", person: ana }],
    ["Commander is @U0ANA.", { what: "commander", person: ana }],
    ["commander: @U0ANA", { what: "commander", person: ana }],
    ["Decision: fail over to eu-west", { what: "decision", text: "fail over to eu-west" }],
    ["ok\n- action: @U0ANA drain node 7", { what: "action", text: "drain node 7", owner: ana }],
    ["Impact: 40 merchants cannot print labels", { what: "impact", text: "40 merchants cannot print labels" }],
    ["severity: 2", { what: "severity", level: "SEV2" }],
    ["status: monitoring", { what: "phase", phase: "monitoring" }],
    ["I have this. looks like the queue is full", { what: "commander", person: me }],
    ["I've got this", { what: "commander", person: me }],
    ["I’ll take this one!", { what: "commander", person: me }],
    ["I'm leading this incident", { what: "commander", person: me }],
    ["I lead this one, Ana please look at the queue", { what: "commander", person: me }],
  ])("%s", (message, entry) => expect(entriesIn(message, me)).toEqual([entry]));

  test.each([
    "who is IC?",
    "is @U0ANA the commander?",
    "> IC: @U0ANA",
    "I'm not IC",
    "the commander asked @U0ANA to look at the queue",
    "we should take a decision: soon or never?",
    "the IC of the last one was great",
    "status: 503",
    "I have this error too",
    "I have this graph open",
    "I have this in my logs as well",
    "got it",
    "I'll take this ticket tomorrow",
    "do I have this?",
    "severity: error",
    "I'm in the commander meeting",
    "https://x.example/decision:1",
  ])("“%s” proposes nothing", (message) => expect(entriesIn(message, me)).toEqual([]));

  test("has at most three entries, however long it is", () => {
    expect(entriesIn(Array.from({ length: 50 }, (_none, index) => `decision: step ${index}`).join("\n"), me)).toHaveLength(3);
  });
});

test("people are kept by name, also inside what is to do", async () => {
  const entry = await withNames({ what: "action", text: "ask @U0BEN first", owner: ana }, async (id) => `name of ${id}`);
  expect(entry).toEqual({ what: "action", text: "ask @name of U0BEN first", owner: { user: "name of U0ANA", userId: "U0ANA" } });
});

describe("the desk of an incident", () => {
  const made = (entry: DeskEntry, proposal?: string): IncidentEvent => ({
    type: "desk-entry-made",
    entry,
    by: me,
    ...(proposal === undefined ? {} : { proposal }),
  });
  const desk = (...events: IncidentEvent[]) => incidentDesk(logOf(events.map((event, index) => [index * 1_000, event] as const)));

  test("is empty where nobody has set anything", () => {
    expect(desk()).toEqual({
      phase: null,
      severity: null,
      commander: null,
      impact: null,
      roles: [],
      decisions: [],
      actions: [],
      proposals: [],
    });
  });

  test("has the newest of what can be one, each person's newest task, and all decisions", () => {
    const known = desk(
      made({ what: "phase", phase: "investigating" }),
      made({ what: "role", person: ana, task: "the database" }),
      made({ what: "role", person: me, task: "customers" }),
      made({ what: "decision", text: "first" }),
      made({ what: "phase", phase: "mitigated" }),
      made({ what: "role", person: { ...ana, user: "Ana" }, task: "the rollback" }),
      made({ what: "decision", text: "second" }),
    );
    expect(known.phase).toEqual({ value: "mitigated", by: me, at: 4_000, seq: 5 });
    expect(known.roles.map(({ value }) => value.task)).toEqual(["customers", "the rollback"]);
    expect(known.decisions.map(({ value }) => value)).toEqual(["first", "second"]);
  });

  test("marks an action as done once, and knows no action that was never added", () => {
    const known = desk(
      made({ what: "action", text: "one", owner: null }),
      made({ what: "action", text: "two", owner: ana }),
      made({ what: "action-done", action: 2 }),
      made({ what: "action-done", action: 2 }),
      made({ what: "action-done", action: 9 }),
    );
    expect(known.actions.map(({ number, done }) => [number, done?.at ?? null])).toEqual([
      [1, null],
      [2, 2_000],
    ]);
  });

  test("counts a proposal only once it is confirmed, and of two answers the first", () => {
    const entry: DeskEntry = { what: "decision", text: "fail over" };
    const proposed = (id: string): IncidentEvent => ({ type: "desk-entry-proposed", id, entry, by: ana });
    expect(desk(proposed("a")).decisions).toEqual([]);
    expect(desk(proposed("a")).proposals.map(({ id }) => id)).toEqual(["a"]);
    expect(desk(proposed("a"), made(entry, "a"), made(entry, "a")).decisions).toHaveLength(1);
    const dropped = desk(proposed("a"), { type: "desk-entry-dropped", proposal: "a", by: me }, made(entry, "a"));
    expect([dropped.decisions, dropped.proposals]).toEqual([[], []]);
  });
});
