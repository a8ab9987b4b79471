import { expect, test } from "vitest";
import { eventLogMigrations } from "../../src/durable/event-log.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { stepIds } from "../../src/incident/step-id.ts";

/** The event as the log gives it back. */
function kept(event: IncidentEvent): IncidentEvent | undefined {
  const { sql, close } = openNodeSqlite(":memory:");
  migrate(sql, [eventLogMigrations]);
  const log = incidentLog(sql);
  log.append("pd-1", event, 0, null);
  const [read] = log.read("pd-1");
  close();
  return read?.event;
}

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
  expect(kept({ type: "step-failed", step: name, error: "down", attempt: 1, final: true })).toMatchObject({ step: id });
});

test("calls that older logs tell by their facts have codes", () => {
  const call = (name: string, fact: string, failed = true) => ({ id: "u", name, evidence: [], view: "", fact, failed, tookMs: 1 });
  const read = kept({
    type: "tools-answered",
    note: null,
    answers: [
      call("github_merge", "there is no tool github_merge"),
      call("propose_fix", "a patch of the model: it came before the finding"),
      call("read_runbook", "read runbooks/payments/rollback.md, part 2", false),
      call("read_runbook", "no runbook disc", false),
      call("datadog_logs", "there is no tool datadog_logs", false),
    ],
  });
  expect(read?.type === "tools-answered" && read.answers.map(({ code, runbook }) => code ?? runbook ?? null)).toEqual([
    ...["no-such-tool", "patch-not-taken", "rollback", null, null],
  ]);
});

test.each(["No patch was written: code refused it.", "No draft PR was opened. code refused it.", "code refused it."])(
  "why there is no pull request is said once: %s",
  (because) => {
    expect(kept({ type: "fix-declined", because })).toMatchObject({ because: "code refused it." });
  },
);
