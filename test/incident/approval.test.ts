import { expect, test } from "vitest";
import type { ApprovalRequest } from "../../src/incident/approval-request.ts";
import { APPROVE, approvalsOf, buttonValue, judgePress, REFUSE } from "../../src/incident/approval.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";

const request: ApprovalRequest = {
  id: "a1",
  action: "open-fix",
  payload: { incident: "pd-1" },
  hash: "ab".repeat(32),
  summary: "revert of 9f2c1e4",
  requester: "midwatch",
  because: "not sure enough",
  expiresAt: 1_000,
};
const press = (action: string, user: string): IncidentEvent => ({
  type: "slack-action-received",
  action,
  value: buttonValue(request),
  user,
  channel: "C1",
});
const logOf = (...events: readonly (readonly [at: number, event: IncidentEvent])[]): LoggedEvent[] =>
  events.map(([at, event], index) => ({ seq: index + 1, at, event }));
const asked = [0, { type: "approval-requested", request }] as const;

test("a press at the very end of its time, or later, releases nothing, also before anybody has noted that it is over", () => {
  const now = (at: number) => judgePress(logOf(asked), { action: APPROVE, value: buttonValue(request) }, at);
  expect([now(999), now(1_000), now(5_000)]).toEqual(["released", "too-late", "too-late"]);
  const { approvals, outcomes } = approvalsOf(logOf(asked, [1_000, press(APPROVE, "Ana")]));
  expect(outcomes.get(2)).toBe("too-late");
  expect(approvals).toMatchObject([{ state: "waiting", by: null, presses: 0 }]);
});

test("of what is released only a further yes asks for another try; a no takes nothing back", () => {
  const { approvals, outcomes } = approvalsOf(
    logOf(asked, [1, press(APPROVE, "Ana")], [2, press(REFUSE, "Jon")], [3, press(APPROVE, "Mei")]),
  );
  expect([...outcomes.values()]).toEqual(["released", "released-before", "released-before"]);
  expect(approvals).toMatchObject([{ state: "released", by: "Ana", presses: 2 }]);
});
