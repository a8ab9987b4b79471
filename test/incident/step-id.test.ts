import { expect, test } from "vitest";
import { EventLog, eventLogMigrations } from "../../src/durable/event-log.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { isModelStep, stepIds } from "../../src/incident/step-id.ts";
import { stepWords } from "../../src/report/step-words.ts";

test("the model's own steps are known from others", () => {
  for (const step of [stepIds.modelTurn(4), stepIds.modelTools(1), stepIds.patchTurn(3), stepIds.patchTools(2)])
    expect(isModelStep(step)).toBe(true);
  expect(["fix", "finding", "triage", "close-investigation"].filter(isModelStep)).toEqual([]);
});

test.each([
  ["triage", "triage"],
  ["first words", "first-words"],
  ["model turn", stepIds.modelTurn(1)],
  ["model turn (round 3)", stepIds.modelTurn(3)],
  ["tools", stepIds.modelTools(1)],
  ["tools of the patch (attempt 2)", stepIds.patchTools(2)],
  ["answer 17", "answer:17"],
  ["fix", "fix"],
  ["fix (asked 2 times)", "fix:2"],
  ["commit 2 of the fix", stepIds.fixCommit(2)],
  ["checks 0123456789ab", stepIds.readChecks("0123456789abcdef")],
  ["tell of the fix: red-after, merged", "tell-fix:red-after:merged"],
  ["tell of the fix: green", "tell-fix:green"],
])("a log that calls a step %s is read as %s", (name, id) => {
  const { sql, close } = openNodeSqlite(":memory:");
  migrate(sql, [eventLogMigrations]);
  const log = new EventLog(sql);
  log.append("pd-1", { type: "step-failed", step: name, error: "down", attempt: 1, final: true }, 0, null);
  expect(log.read("pd-1")).toMatchObject([{ event: { step: id } }]);
  close();
});

test("people read words, not ids", () => {
  expect([stepIds.modelTurn(1), stepIds.modelTurn(2), stepIds.fixCommit(2), "triage", "no-such-step"].map(stepWords)).toEqual([
    "model turn",
    "model turn (round 2)",
    "commit 2 of the fix",
    "triage",
    "no-such-step",
  ]);
});
