import { expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { lastWordOf } from "../../src/report/last-word.ts";
import { incidentPage } from "../../src/web/incident-page.ts";
import { at, logOf, story } from "../support/example-log.ts";

type Clocked = readonly [string, IncidentEvent];
const says = (clock: string, ts: string, user: string, text: string, toBot = false): Clocked => [
  clock,
  { type: "slack-message-received", channel: "C1", ts, threadTs: null, user, userId: "U0", text, ...(toBot ? { toBot } : {}) },
];
const open = story.slice(0, -1);
const last = (...more: readonly Clocked[]) => {
  const log = logOf([...open, ...more]);
  return lastWordOf(log, viewOf(log))?.text ?? null;
};
const deploying = says("03:28:00", "1.7", "Jonas", "deploying the revert, live in 4 minutes");

test("what a person wrote last is as they left it, and nothing that they asked of midwatch or took back", () => {
  expect(last(deploying)).toBe("deploying the revert, live in 4 minutes");
  expect(last(deploying, says("03:29:00", "1.8", "Mei", "what changed?", true))).toBe("deploying the revert, live in 4 minutes");
  const edited = {
    type: "slack-message-edited",
    channel: "C1",
    ts: "1.7",
    user: "Jonas",
    userId: "U0",
    text: "live in 10 minutes",
  } as const;
  expect(last(deploying, ["03:29:00", edited])).toBe("live in 10 minutes");
  const later = says("03:29:00", "1.8", "Mei", "wrong channel, sorry");
  expect(last(deploying, later, ["03:29:30", { type: "slack-message-deleted", channel: "C1", ts: "1.8" }])).toBe(
    "deploying the revert, live in 4 minutes",
  );
});

test("nothing is a last word once the page is resolved", () => {
  const log = logOf([...open, deploying, ...story.slice(-1)]);
  expect(viewOf(log).status).toBe("resolved");
  expect(lastWordOf(log, viewOf(log))).toBeNull();
});

test("the page says it under what people decided, and folds midwatch's own advice there", () => {
  const decision = {
    type: "desk-entry-made",
    entry: { what: "decision", text: "fail over" },
    by: { user: "Mei", userId: "U1" },
  } as const;
  const page = (...more: readonly Clocked[]) =>
    String(incidentPage({ id: "1", log: logOf([...open, ...more]), evidence: [], now: at("03:30:00"), withoutModel: null }));
  expect(page(deploying)).toMatch(/id="last-word">Last word \S+, Jonas: “deploying the revert, live in 4 minutes”/);
  expect(page(deploying)).not.toContain('id="own-advice"');
  expect(page(deploying, ["03:29:00", decision])).toMatch(/id="decided">[\s\S]*id="last-word">[\s\S]*<details id="own-advice">/);
});
