import { describe, expect, test } from "vitest";
import type { BeliefState } from "../../src/incident/belief.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { isDecisionUnshown } from "../../src/incident/unshown.ts";
import { viewOf } from "../../src/incident/view.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { catchUp, handOver, standing } from "../../src/report/for-people.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { visibleLength } from "../../src/slack/visible.ts";
import { incidentPage } from "../../src/web/incident-page.ts";
import { closed, finding, started, submitted } from "../support/example-investigation.ts";
import { at, logOf, story } from "../support/example-log.ts";

/** What people decided comes before what midwatch would do, on every surface. */
type Clocked = readonly [string, IncidentEvent];
const MEI = { user: "Mei", userId: "U0MEI" };
const decides = (text: string, clock = "03:18:00"): Clocked => [
  clock,
  { type: "desk-entry-made", entry: { what: "decision", text }, by: MEI },
];
const open = story.slice(0, -1);
const withModel: readonly Clocked[] = [
  ...open.slice(0, 6),
  ["03:12:26", started()],
  ["03:12:50", submitted(finding)],
  ["03:12:51", closed("submitted", "handed in")],
  ...open.slice(6),
];
const reads = (state: BeliefState, asOf: string): Clocked => [
  asOf,
  {
    ...{ type: "belief-read", state, since: at("03:21:10"), asOf: at(asOf), service: "payments", isOut: state !== "recovered" },
    ...{ level: null, undoneAt: at("03:21:10"), after: null, changes: [], evidence: [2], calls: 6 },
  },
];
const NOW = at("03:30:00");
const messages = createMessages({ timelineUrl: () => "https://midwatch.test/incidents/1", withoutModel: null });
const root = (log: readonly LoggedEvent[]) => plainText(messages.status(viewOf(log)).text);
const pageText = (log: readonly LoggedEvent[]) =>
  String(incidentPage({ id: "1", log, evidence: [], now: NOW, withoutModel: null }))
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(" :", ":");
const line = (lines: readonly string[], title: string) => lines.find((one) => one.startsWith(title)) ?? "";

const DECISIONS = [
  "create the index by hand, concurrently, no rollback",
  "wir schalten den Anbieter um, payments bleibt wie es ist",
  "fail over to eu-west-1",
];

describe.each([
  ["from the data alone", open],
  ["with a model", withModel],
] as const)("%s", (_name, before) => {
  test.each(DECISIONS)("“%s” is what to do, with who and when; midwatch's advice is marked as its own", (text) => {
    const log = logOf([...before, decides(text)]);
    const words = `Decided by Mei at 03:18: ${text}`;
    for (const said of [root(log), pageText(log), line(catchUp(log, NOW), "Next:"), line(handOver(log, NOW), "Next:")]) {
      expect(said).toContain(words);
      const advice = said.indexOf("midwatch’s own advice");
      expect(advice === -1 || advice > said.indexOf(words)).toBe(true);
      expect(said.slice(0, said.indexOf(words))).not.toMatch(/roll back payments/i);
    }
    expect(root(log)).toContain("#2216");
    expect(line(catchUp(log, NOW), "Next:")).not.toMatch(/roll back payments/i);
    expect(standing(log, NOW)).toContain(`Next: ${words}`);
    expect(visibleLength(messages.status(viewOf(log)).text)).toBeLessThanOrEqual(400);
  });
});

test("of several the newest counts, and the status message shows it once it is edited", () => {
  const log = logOf([...open, decides("wait", "03:16:00"), decides("fail over", "03:19:00")]);
  expect(root(log)).toContain("Decided by Mei at 03:19: fail over");
  expect(root(log)).not.toContain("wait");
  expect(isDecisionUnshown(log, viewOf(log))).toBe(true);
  const shown = [...log, { seq: log.length + 1, at: NOW, event: { type: "status-edited", text: "", seen: log.length } } as const];
  expect(isDecisionUnshown(shown, viewOf(shown))).toBe(false);
});

test("a decision of before the suspect was withdrawn, or of an incident that is over, is no next step", () => {
  const next = (...more: readonly Clocked[]) => line(catchUp(logOf([...open, ...more]), NOW), "Next:");
  expect(next(decides("roll payments back"), reads("withdrawn", "03:24:00"))).toBe("");
  expect(next(reads("withdrawn", "03:24:00"), decides("fail over", "03:25:00"))).toContain("Decided by Mei at 03:25: fail over");
  const withdrawn = logOf([...open, reads("withdrawn", "03:24:00"), decides("fail over", "03:25:00")]);
  expect(root(withdrawn)).toContain("Decided by Mei at 03:25: fail over");
  expect(next(decides("roll payments back"), reads("recovered", "03:24:00"))).toBe("");
});

describe("who leads by a message that nobody has confirmed", () => {
  const says = (text: string, isAnswered: readonly Clocked[] = []): readonly Clocked[] => [
    ["03:15:30", { type: "slack-message-received", channel: "C1", ts: "1.5", threadTs: null, user: "Mei", userId: "U0MEI", text }],
    ["03:15:30", { type: "desk-entry-proposed", id: "C1:1.5:0", entry: { what: "commander", person: MEI }, by: MEI }],
    ...isAnswered,
  ];
  const who = (...more: readonly Clocked[]) => line(catchUp(logOf([...open, ...more]), NOW), "Who:");

  test("is said in their words, and as not confirmed", () => {
    for (const text of ["I have this", "I’ll lead this one, Ana please look at the queue"])
      expect(who(...says(text))).toMatch(new RegExp(`Mei wrote “${text}” \\(not confirmed\\)`));
    expect(who(...says("I have this"))).not.toContain("nobody is named");
  });

  test("and counts no more once it was confirmed or dropped", () => {
    const made: Clocked = [
      "03:16:00",
      { type: "desk-entry-made", entry: { what: "commander", person: MEI }, by: MEI, proposal: "C1:1.5:0" },
    ];
    expect(who(...says("I have this", [made]))).toMatch(/commander Mei$/);
    const dropped: Clocked = ["03:16:00", { type: "desk-entry-dropped", proposal: "C1:1.5:0", by: MEI }];
    expect(who(...says("I have this", [dropped]))).toContain("nobody is named commander");
  });
});

test("a model's cause is headed once, and the status message names the draft PR beside its step", () => {
  const log = logOf(withModel);
  expect(catchUp(log, NOW).filter((one) => one.startsWith("Cause"))).toEqual([expect.stringMatching(/^Cause \([^)]*0\.86\): TokenCache/)]);
  expect(root(log)).toContain("#2216");
  const wordy = { ...finding, cause: `${finding.cause} ${"It asks the provider for each of them. ".repeat(4)}` };
  const long = withModel.map(([clock, event]): Clocked => [clock, event.type === "model-turn" ? submitted(wordy) : event]);
  expect(root(logOf(long))).toContain("#2216");
});

test("the page's head has what was counted, with its evidence, where nobody has said whom it hurts", () => {
  const requests = {
    ...{ service: "checkout", from: at("03:12:00"), to: at("03:26:00"), failed: 2_317, all: 12_900, share: 0.1796, usualShare: 0.003 },
    ...{ metrics: ["http.errors", "http.requests"] as const, evidence: [21] },
  };
  const [clock, event] = reads("still-bad", "03:26:08");
  const counted: Clocked = [clock, { ...event, impact: { requests } } as IncidentEvent];
  expect(pageText(logOf([...open, counted]))).toContain("Impact about 2,300 of about 13,000 requests to checkout failed");
  expect(pageText(logOf([...withModel, counted]))).toContain("(18 %; before: 0.3 %) (E21)");
});
