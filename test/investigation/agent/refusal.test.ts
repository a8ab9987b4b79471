import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import { viewOf } from "../../../src/incident/view.ts";
import { createAgent } from "../../../src/investigation/agent/agent.ts";
import type { AgentDependencies } from "../../../src/investigation/agent/agent-parts.ts";
import { DEFAULT_LIMITS, DEFAULT_SHARED_LIMITS } from "../../../src/investigation/agent/budget.ts";
import { exampleTriage, page } from "../../support/example-log.ts";

const minute = 60_000;
const from = page.createdAt;
const agentWith = (parts: Partial<AgentDependencies> = {}) =>
  createAgent({ limits: DEFAULT_LIMITS, shared: DEFAULT_SHARED_LIMITS, prices: {}, ...parts } as unknown as AgentDependencies);
const logOf = (events: readonly IncidentEvent[]): LoggedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, at: from + index, event }));

const pattern = { count: 3, since: from - 40 * minute, until: from - 10 * minute, shortestMs: 2 * minute, longestMs: 4 * minute };
const received: IncidentEvent = { type: "page-received", page };
const flapping: readonly IncidentEvent[] = [
  received,
  { type: "stayed-apart", because: null, isFinal: false, flaps: pattern },
  exampleTriage,
];
const refused: IncidentEvent = { type: "model-refused", because: { code: "flaps", pattern }, again: from + 4 * minute };

test("of an alert that flaps the model waits until the page is open for longer than each before it", async () => {
  const agent = agentWith();
  const step = agent.refuse(viewOf(logOf(flapping)), from + minute);
  expect(await step?.run(undefined as never)).toEqual([refused]);
  expect(agent.refuse(viewOf(logOf(flapping)), from + 5 * minute)).toBeNull();
  const log = logOf([...flapping, refused]);
  expect(agent.refuse(viewOf(log), from + minute)).toBeNull();
  expect(agent.next(log, viewOf(log), from + 3 * minute)).toBeNull();
  expect(agent.retryAt(viewOf(log))).toBe(from + 4 * minute);
  expect(agent.next(log, viewOf(log), from + 4 * minute)?.id).toBe("begin-investigation");
});

test.each([
  ["a press", { type: "slack-action-received", action: "investigate", value: "", user: "Ana", channel: "C1" }],
  ["the word resume", { type: "slack-message-received", channel: "C1", ts: "2", threadTs: "1", user: "U1", text: "resume" }],
] as const)("%s starts the model at once", (_, event) => {
  const log = logOf([...flapping, refused, event]);
  expect(agentWith().next(log, viewOf(log), from + minute)?.id).toBe("begin-investigation");
});

test("a page of which the pager says later that it is urgent has the model that a rule kept from it", () => {
  const leftOut: AgentDependencies["leftOut"] = (view) =>
    view.page?.priority === "P1" ? null : { code: "rule", number: 1, rule: { investigate: false, priorities: ["P4"] }, timeZone: "UTC" };
  const agent = agentWith({ leftOut });
  const low = { ...page, priority: "P4" };
  const begun: readonly IncidentEvent[] = [{ type: "page-received", page: low }, exampleTriage];
  const because = leftOut(viewOf(logOf(begun)))!;
  const told = (priority: string): IncidentEvent => ({
    ...{ type: "pager-event-received", kind: "priority-changed", eventType: "incident.priority_updated", by: "Ana", text: "" },
    ...{ occurredAt: from + minute, page: { ...low, priority } },
  });
  const next = (priority: string) => {
    const log = logOf([...begun, { type: "model-refused", because, again: null }, told(priority)]);
    return agent.next(log, viewOf(log), from + 2 * minute)?.id ?? null;
  };
  expect(next("P3")).toBeNull();
  expect(next("P1")).toBe("begin-investigation");
});

test("an incident that a rule leaves out has the model once a page joins that none does, be it before or after the rule was asked", () => {
  const leftOut = () => ({ code: "rule" as const, number: 1, rule: { investigate: false, urgency: "low" as const }, timeZone: "UTC" });
  const agent = agentWith({ leftOut });
  const joins = (mayHaveModel: boolean): IncidentEvent => ({
    ...{ type: "page-joined", incident: "pd-2", because: { code: "again", service: "checkout", since: from } },
    page: {
      ...{ name: "PagerDuty #2", service: "checkout", title: "", link: null, createdAt: from },
      ...(mayHaveModel ? { mayHaveModel } : {}),
    },
  });
  const begun: readonly IncidentEvent[] = [received, exampleTriage];
  const because: IncidentEvent = { type: "model-refused", because: leftOut(), again: null };
  const next = (...events: IncidentEvent[]) => {
    const log = logOf([...begun, ...events]);
    return (agent.refuse(viewOf(log), from + minute) ?? agent.next(log, viewOf(log), from + minute))?.id ?? null;
  };
  expect(next(joins(true))).toBe("begin-investigation");
  expect(next(because, joins(true))).toBe("begin-investigation");
  expect(next(because, joins(false))).toBeNull();
  // Of a page that is split off again the incident keeps nothing.
  expect(next(because, joins(true), { type: "page-left", incident: "pd-2", by: "Ana" })).toBeNull();
});

test("a page that resolved while the model waited is not investigated by itself", () => {
  const over: IncidentEvent = {
    ...{
      type: "pager-event-received",
      kind: "resolved",
      eventType: "incident.resolved",
      occurredAt: from + 2 * minute,
      by: null,
      text: "",
    },
    page: { ...page, status: "resolved" },
  };
  const log = logOf([...flapping, refused, over]);
  expect(agentWith().next(log, viewOf(log), from + 30 * minute)).toBeNull();
  expect(agentWith().retryAt(viewOf(log))).toBeNull();
});
