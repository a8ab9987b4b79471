import { expect, test } from "vitest";
import { fixProposed } from "../support/example-fix.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { ModelFinding } from "../../src/incident/finding.ts";
import { toReport } from "../../src/report/report.ts";

const finding: ModelFinding = {
  verdict: "incident",
  cause: "The token cache never hits.",
  service: "payments",
  instance: "payments-7",
  fault: "code",
  change: { id: "9f2c1e4", repository: "acme/payments" },
  confidence: 0.86,
  causal_path: [
    { service: "payments", what: "asks for a token on every request", evidence: [3] },
    { service: "checkout", what: "times out after 5 s", evidence: [4] },
  ],
  claims: [
    { text: "p95 is 4.8 s", evidence: [3], quotes: [] },
    { text: "It logs each miss", evidence: [5], quotes: [{ text: "token cache miss for merchant 7", evidence: 5 }] },
  ],
  ruled_out: [{ what: "database", why: "no lock waits", evidence: [6] }],
  impact: { text: "18 % of checkouts fail", evidence: [4] },
  do_now: [],
  fix: "revert",
  missing: [{ what: "feature flags", who: "the flags team" }],
};

const started: IncidentEvent = {
  ...{ type: "investigation-started", round: 1, model: "model", system: "", tools: [], opening: "" },
};
const triaged: IncidentEvent = {
  type: "triage-finished",
  analysis: {
    ...{ verdict: "inconclusive", because: "little was read", onset: null, symptoms: [], suspects: [], ruledOut: [], consequences: [] },
  },
  digest: "",
  coverage: [{ source: "Datadog logs", status: "failed", detail: "403 for logs_read_data", tookMs: 1, evidence: [] }],
  ...{ tookMs: 1, calls: 1, links: [], charts: [], runbooks: [], changes: [] },
};
const reported = (...events: readonly IncidentEvent[]) =>
  toReport(events.map((event, index): LoggedEvent => ({ seq: index + 1, at: index, event })));
const submitted = (changed: Partial<ModelFinding> = {}): IncidentEvent[] => [
  triaged,
  started,
  { type: "finding-submitted", finding: { ...finding, ...changed }, dropped: [] },
];

test("what is over is said to be over, and its cause as past", () => {
  expect(reported(...submitted({ verdict: "recovered", cause: "The provider refused payments for 17 minutes." })).cause).toBe(
    "It is over. The provider refused payments for 17 minutes.",
  );
});

test("a model's finding is reported where there is one: cause, path, impact, what was ruled out, a quote each", () => {
  expect(reported(...submitted())).toEqual({
    title: "",
    cause: "likely: payments (payments-7), code, change 9f2c1e4 of acme/payments. The token cache never hits.",
    summary: "payments: asks for a token on every request → checkout: times out after 5 s\nImpact: 18 % of checkouts fail",
    confidence: 0.86,
    ruled_out: ["database: no lock waits"],
    missing: ["feature flags (needs: the flags team)", "Datadog logs (403 for logs_read_data)"],
    evidence: [{ claim: "p95 is 4.8 s" }, { quote: "token cache miss for merchant 7", claim: "It logs each miss" }],
    pr: null,
  });
});

test("a false alarm is called one, and an open end names what could not be read", () => {
  expect(reported(...submitted({ verdict: "nothing-wrong", cause: "The backup ran." })).cause).toBe(
    "No incident: nothing looks wrong. The backup ran.",
  );
  expect(reported(...submitted({ verdict: "inconclusive", cause: "The log is closed." })).cause).toBe(
    "Inconclusive. The log is closed. Could not be read: Datadog logs: 403 for logs_read_data",
  );
});

test("the pull request is reported as it reads now, not as it was opened", () => {
  const proposed = fixProposed({ title: "Key the cache", body: "Only its test is here yet" });
  expect(reported(triaged, proposed).pr).toEqual({ title: "Key the cache", body: "Only its test is here yet", files: [] });
  const told: IncidentEvent = { type: "fix-told", title: "Key the cache by merchant", body: "Its test fails on main", seen: 2 };
  expect(reported(triaged, proposed, told).pr).toEqual({ title: "Key the cache by merchant", body: "Its test fails on main", files: [] });
});

test("a model that came to no finding leaves the analysis to be reported, and why", () => {
  const report = reported(triaged, started, {
    type: "investigation-closed",
    how: "provider",
    because: "the provider answers 529",
    retry: true,
  });
  expect(report.cause).toMatch(/^Inconclusive\. little was read/);
  expect(report.missing).toContain("The model did not finish: the provider answers 529");
});

test("what is neither blamed nor proven innocent is said as that, and trouble elsewhere apart", () => {
  if (triaged.type !== "triage-finished") throw new Error("no triage");
  const { cause, summary, ruled_out, confidence } = reported({
    ...triaged,
    analysis: {
      ...triaged.analysis,
      unproven: [{ what: "deploy mail@77aa001", why: "its service shows nothing", evidence: [5] }],
      elsewhere: [{ service: "basic", since: Date.UTC(2026, 1, 1, 4, 54), why: "errors 0 % → 40 %", evidence: [7] }],
    },
  });
  expect(summary).toBe(
    "little was read Not ruled out: deploy mail@77aa001 (its service shows nothing). Separately, basic has been failing since 04:54 (errors 0 % → 40 %); nothing links it to the page.",
  );
  expect([cause.includes("basic"), ruled_out, confidence]).toEqual([false, [], 0.1]);
});
