import { describe, expect, test } from "vitest";
import type { BeliefState } from "../../src/incident/belief.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Postmortem } from "../../src/report/postmortem.ts";
import { postmortemOf } from "../../src/report/postmortem-worded.ts";
import { postmortemLines } from "../../src/report/postmortem-lines.ts";
import { plain } from "../../src/report/text.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { at, exampleEvidence, exampleLog, exampleTriage, HOSTILE, hostile, logOf, logUntil, page, story } from "../support/example-log.ts";
import { closed, finding, started, submitted } from "../support/example-investigation.ts";

type Clocked = readonly [string, IncidentEvent];
const ANA = { user: "Ana", userId: "U0ANA" };
const JONAS = { user: "Jonas", userId: "U0JONAS" };

const belief = (state: BeliefState, since: string, evidence: readonly number[] = [2, 3]): Clocked => [
  "03:24:00",
  {
    ...{ type: "belief-read", state, since: at(since), asOf: at("03:24:00"), service: "payments", isOut: state !== "recovered" },
    ...{ level: null, undoneAt: at("03:21:10"), after: null, changes: [], evidence, calls: 6 },
  },
];
const people: readonly Clocked[] = [
  ["03:15:00", { type: "desk-entry-made", entry: { what: "commander", person: ANA }, by: ANA }],
  ["03:15:10", { type: "desk-entry-made", entry: { what: "severity", level: "SEV1" }, by: ANA }],
  ["03:16:00", { type: "desk-entry-made", entry: { what: "decision", text: "roll payments back" }, by: ANA }],
  ["03:16:20", { type: "desk-entry-made", entry: { what: "impact", text: "customers cannot pay" }, by: JONAS }],
  ["03:17:00", { type: "desk-entry-made", entry: { what: "action", text: "write a test for the cache key", owner: JONAS }, by: ANA }],
  ["03:22:00", { type: "desk-entry-made", entry: { what: "phase", phase: "mitigated" }, by: ANA }],
];
const before = story.slice(0, -1);
const withModel: readonly Clocked[] = [
  ...before.slice(0, 6),
  ["03:12:26", started()],
  ["03:12:50", submitted(finding)],
  ["03:12:51", closed("submitted", "handed in")],
  ...before.slice(6),
];

/** Nights that end in different ways. */
const nights: Readonly<Record<string, readonly LoggedEvent[]>> = {
  "from the data alone, resolved in the pager": exampleLog(),
  "with people who run it, recovered": logOf([...before, ...people, belief("recovered", "03:23:00")]),
  "with a model": logOf([...withModel, ...people, belief("recovered", "03:23:00")]),
  "a rollback that changed nothing": logOf([...before, belief("withdrawn", "03:21:10")]),
  "nothing found": logOf(
    before.map(([when, event]): Clocked =>
      event.type === "triage-finished"
        ? [when, { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "inconclusive", suspects: [], symptoms: [] } }]
        : [when, event],
    ),
  ),
  "only a page": logUntil("page-received"),
  "resolved, and still bad": logOf([...story, belief("still-bad", "03:26:08", [])]),
};

const sentencesOf = ({ sections, open }: Postmortem) => [...sections.flatMap(({ sentences }) => sentences), ...open];
const textOf = ({ sections }: Postmortem, wanted: string) =>
  sections.flatMap(({ id, sentences }) => (id === wanted ? sentences.map(({ words }) => plain(words)) : [])).join("\n");

describe.each(Object.entries(nights))("the draft of a night %s", (_name, log) => {
  test("has no sentence without evidence, and none that names what is not there", () => {
    const draft = postmortemOf(log);
    const keys = new Set(toTimeline(log).map(({ key }) => key));
    const numbers = new Set(exampleEvidence().map(({ number }) => number));
    const unshown = sentencesOf(draft).filter(
      ({ evidence, entries }) =>
        evidence.length + entries.length === 0 ||
        !evidence.every((number) => numbers.has(number)) ||
        !entries.every((key) => keys.has(key)),
    );
    expect(unshown.map(({ words }) => plain(words))).toEqual([]);
  });

  test("has on its timeline people and changes, and not what midwatch read and said", () => {
    const draft = postmortemOf(log);
    const all = toTimeline(log);
    expect(draft.timeline.map(({ key }) => key)).toEqual(
      all.filter(({ kind, tone }) => kind !== "midwatch" && !(kind === "note" && tone === "bad")).map(({ key }) => key),
    );
  });
});

describe("a postmortem draft", () => {
  test("has who led it, what was decided, who does what, and times after the page", () => {
    const draft = postmortemOf(nights["with people who run it, recovered"] ?? []);
    expect(draft.isOver).toBe(true);
    expect(textOf(draft, "summary")).toContain("Ana led it.");
    expect(textOf(draft, "summary")).toContain("back in their usual range since 03:23:00, 11 min after it began");
    expect(textOf(draft, "impact")).toContain("customers cannot pay (Jonas)");
    expect(textOf(draft, "decisions")).toBe("03:16:00 roll payments back (Ana).");
    expect(textOf(draft, "actions")).toContain("Jonas: write a test for the cache key");
    // Paged 03:12:20, acknowledged 03:14:02, mitigated 03:22:00.
    expect(textOf(draft, "well")).toContain("Ana acknowledged the page 102 s after the page.");
    expect(textOf(draft, "well")).toContain("It was mitigated 9 min 40 s after the page.");
    // Out of range at 03:11:40.
    expect(textOf(draft, "badly")).toContain("The page came 40 s after the signals left their usual range.");
    expect(textOf(draft, "badly")).toMatch(/Sentry failed: .*event:read/);
  });

  test("holds midwatch's own times against when the page reached it, where that was held up on its way", () => {
    const paged = (clock: string) =>
      story.map(([when, event]): Clocked =>
        event.type === "page-received" || event.type === "pager-event-received"
          ? [when, { ...event, page: { ...page, ...event.page, createdAt: at(clock) } }]
          : [when, event],
      );
    // Received at 03:12:20.400, the first message at 03:12:21.200.
    const late = postmortemOf(logOf(paged("03:10:17")));
    expect(textOf(late, "well")).toContain("The first message was in Slack 0.8 s after midwatch received the page.");
    expect(textOf(late, "badly")).toContain("The page reached midwatch 2 min 3 s after it was triggered.");
    expect(
      toTimeline(logOf(paged("03:10:17")))
        .map(({ text }) => text)
        .join("\n"),
    ).toContain("time after the page: received 2 min 3 s");
    // People are measured from the page itself.
    expect(textOf(late, "well")).toMatch(/Ana acknowledged the page .* after the page\./);
    const prompt = postmortemOf(logOf(paged("03:12:20")));
    expect(textOf(prompt, "well")).toContain("The first message was in Slack 1.2 s after the page.");
    expect(textOf(prompt, "badly")).not.toContain("reached midwatch");
  });

  test("does not say that it is over while it is not, nor by the pager where the signals are still bad", () => {
    expect(postmortemOf(logUntil("finding-posted")).isOver).toBe(false);
    const still = postmortemOf(nights["resolved, and still bad"] ?? []);
    expect(still.isOver).toBe(false);
    expect(textOf(still, "summary")).not.toContain("resolved at");
  });

  test("says what is withdrawn as such, and asks people for what no log holds", () => {
    const draft = postmortemOf(nights["a rollback that changed nothing"] ?? []);
    expect(textOf(draft, "summary")).toContain("withdrawn as the cause");
    expect(textOf(draft, "badly")).toContain("Rolling back payments changed nothing.");
    const asked = draft.sections.flatMap(({ toFillIn }) => toFillIn).join("\n");
    expect(asked).toContain("How many customers were affected");
  });

  test("is told to who asks as a draft, with its summary and what to fill in", () => {
    const lines = postmortemLines(nights["with people who run it, recovered"] ?? []);
    expect(lines[0]).toMatch(/^Postmortem draft.*Check it before you share it\.$/);
    expect(lines.join("\n")).toContain("Ana led it.");
    expect(postmortemLines(logUntil("finding-posted"))[0]).toContain("The incident is still open");
  });

  test("is made of hostile text without a fault", () => {
    const draft = postmortemOf(hostile(nights["with people who run it, recovered"] ?? [], HOSTILE));
    expect(sentencesOf(draft).length).toBeGreaterThan(3);
  });
});

test("who called the answer wrong is in the draft with what they say it was", () => {
  const wrong: readonly Clocked[] = [
    ["03:16:10", { type: "slack-action-received", action: "wrong", value: "wrong", user: "Ana", userId: "U0ANA", channel: "C1" }],
    [
      "03:16:40",
      { type: "feedback-explained", user: "Ana", userId: "U0ANA", was: "the provider’s DNS", service: "provider-gateway", link: null },
    ],
    ["03:17:10", { type: "slack-action-received", action: "wrong", value: "wrong", user: "Jonas", userId: "U0JONAS", channel: "C1" }],
  ];
  const badly = textOf(postmortemOf(logOf([...before, ...wrong])), "badly");
  expect(badly).toContain("Ana, Jonas said that midwatch's answer is wrong.");
  expect(badly).toContain("Ana says it was: “the provider’s DNS” (provider-gateway).");
  expect(badly).not.toContain("says Jonas");
});

test("a draft PR was not tried; one that people merged was", () => {
  const night = exampleLog();
  expect(night.some(({ event }) => event.type === "fix-proposed")).toBe(true);
  const tried = (log: readonly LoggedEvent[]) => textOf(postmortemOf(log), "tried");
  expect(tried(night)).not.toMatch(/draft/);
  const merge: Clocked = ["03:30:00", { type: "fix-changed-by-people", what: "merged", by: "jonas", when: at("03:30:00") }];
  expect(tried(logOf([...before, merge]))).toMatch(/03:30.*merged/);
});
