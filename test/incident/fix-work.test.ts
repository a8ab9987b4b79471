import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { PatchDraft } from "../../src/incident/fix.ts";
import { fixWorkOf } from "../../src/incident/fix-work.ts";

const draft = (title: string): PatchDraft => ({
  repository: "acme/shop",
  base: { branch: "main", sha: "a", tree: "b" },
  service: "payments",
  title,
  ...{ cause: "", change: "", notChanged: "", risk: "", rollBack: "", notChecked: "" },
  ...{ test: null, noTestBecause: "a value", files: [], lines: 0, evidence: [] },
});
const started = (attempt: number): IncidentEvent => ({ type: "fix-work-started", attempt, text: "" });
const drafted = (attempt: number, title: string): IncidentEvent => ({ type: "fix-drafted", attempt, draft: draft(title) });
const closed = (attempt: number): IncidentEvent & { type: "fix-work-closed" } => ({
  ...{ type: "fix-work-closed", attempt, how: "drafted", because: "" },
});
const refused: IncidentEvent = { type: "fix-refused", because: ["no"] };
const logOf = (...events: readonly IncidentEvent[]): LoggedEvent[] => events.map((event, seq) => ({ seq, at: seq * 1_000, event }));

test("no patch was asked for: there is no work on one", () => {
  expect(fixWorkOf(logOf(refused))).toBeNull();
});

test("work under way has its attempt, its begin and its refusals, and no end", () => {
  expect(fixWorkOf(logOf(refused, started(1), refused, refused))).toEqual({
    ...{ attempt: 1, startedAt: 1_000, closed: null, draft: null, earlier: null, refused: 2 },
  });
});

test("a further attempt begins anew, and knows what stands on the branch from those before", () => {
  const log = logOf(started(1), refused, drafted(1, "first"), closed(1), refused);
  expect(fixWorkOf(log)).toMatchObject({ attempt: 1, closed: closed(1), draft: { title: "first" }, earlier: null, refused: 1 });
  expect(fixWorkOf([...log, ...logOf(started(2))])).toMatchObject({
    ...{ attempt: 2, closed: null, draft: null, earlier: { title: "first" }, refused: 0 },
  });
  // One that brought nothing leaves what was there.
  const third = [...log, ...logOf(started(2), closed(2), started(3), drafted(3, "third"))];
  expect(fixWorkOf(third)).toMatchObject({ attempt: 3, draft: { title: "third" }, earlier: { title: "first" } });
});
