import { describe, expect, test } from "vitest";
import { toStatus } from "../../src/report/status.ts";
import { at, exampleLog, exampleTriage, logOf, logUntil, page } from "../support/example-log.ts";

describe("state", () => {
  test.each([
    ["page-received", "reading"],
    ["status-posted", "reading"],
    ["triage-finished", "brief"],
    ["brief-posted", "brief"],
    ["finding-posted", "finding"],
    ["fix-proposed", "fix"],
  ] as const)("after %s: %s", (type, state) => expect(toStatus(logUntil(type)).state).toBe(state));

  test("a resolve wins, and a reopening takes it back", () => {
    const log = exampleLog();
    expect(toStatus(log).state).toBe("resolved");
    const reopened = {
      type: "pager-event-received",
      eventType: "incident.reopened",
      occurredAt: at("03:40:00"),
      by: null,
      text: "",
      page,
    } as const;
    expect(toStatus([...log, { seq: log.length + 1, at: at("03:40:01"), event: reopened }]).state).toBe("fix");
  });
});

test("before anything is known the headline is the page's title", () => {
  const status = toStatus(logUntil("page-received"));
  expect(status).toMatchObject({
    headline: page.title,
    service: "checkout",
    severity: "P1, high urgency",
    assignees: ["Ana"],
    onset: null,
    topSuspect: null,
  });
  expect(status.since).toBe(page.createdAt);
});

test("after triage the headline says what is wrong, how bad and since when", () => {
  const status = toStatus(logUntil("triage-finished"));
  expect(status.headline).toBe("checkout: errors 0.3 % → 18 % since 03:12");
  expect(status.topSuspect).toMatchObject({ name: "payments, deploy 9f2c1e4", likelihood: "likely", probability: 0.86 });
  expect(status.since).toBe(at("03:11:40"));
});

test("times of words, brief, finding and fix are those of their events", () => {
  const log = exampleLog();
  const when = (type: string) => log.find((logged) => logged.event.type === type)?.at;
  const status = toStatus(log);
  expect(status).toMatchObject({
    firstWordsAt: when("status-posted"),
    briefAt: when("brief-posted"),
    findingAt: when("finding-posted"),
    fixAt: when("fix-proposed"),
    updatedAt: log.at(-1)?.at,
    finished: true,
    by: "Ana",
  });
  expect(status.pullRequest).toMatchObject({ number: 2216, draft: true });
});

test("nothing wrong names no suspect, whatever the list holds", () => {
  const calm = { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "nothing-wrong" as const, onset: null } };
  const status = toStatus(
    logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", calm],
    ]),
  );
  expect(status.headline).toBe(`Nothing looks wrong: ${page.title}`);
  expect(status.topSuspect).toBeNull();
});

test("a title that does not name the page's service is told with it", () => {
  const corner = { ...page, title: "CornerHighLatency", service: { id: "P1", name: "edge-web" } };
  expect(toStatus(logOf([["03:12:20", { type: "page-received", page: corner }]]))).toMatchObject({
    headline: "edge-web: CornerHighLatency",
    title: "CornerHighLatency",
  });
});

test("what is over is headed by since when, and names no suspect", () => {
  const recoveredAt = exampleTriage.analysis.symptoms[0]!.since + 28 * 60_000;
  const symptoms = exampleTriage.analysis.symptoms.map((one) => ({ ...one, until: recoveredAt }));
  const over = { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "recovered" as const, recoveredAt, symptoms } };
  const status = toStatus(
    logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", over],
    ]),
  );
  expect(status.headline).toMatch(/^Over since 03:\d\d: checkout: errors 0\.3 % → 18 % from 03:\d\d to 03:\d\d$/);
  expect(status).toMatchObject({ verdict: "recovered", topSuspect: null });
});

test("an inconclusive answer says so", () => {
  const open = { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "inconclusive" as const } };
  expect(
    toStatus(
      logOf([
        ["03:12:20", { type: "page-received", page }],
        ["03:12:25", open],
      ]),
    ).headline,
  ).toMatch(/^checkout: errors .*, no cause found yet$/);
});

test("a log that holds no page is still told", () => {
  expect(toStatus([])).toMatchObject({ state: "reading", headline: "a page without a title", service: null });
});

test("a model's finding decides what the headline says, not the data alone", () => {
  const finding = {
    verdict: "incident",
    cause: "payments fetches a token for every request",
    service: "payments",
    instance: null,
    fault: "code",
    change: { id: "9f2c1e4d5b6a7988", repository: "acme/shop" },
    confidence: 0.8,
    causal_path: [],
    claims: [],
    ruled_out: [],
    impact: null,
    do_now: [],
    fix: "revert",
    missing: [],
  } as const;
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:25", { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict: "inconclusive" } }],
    ["03:12:26", { type: "investigation-started", round: 1, model: "claude-test", system: "", tools: [], opening: "" }],
    ["03:13:30", { type: "finding-submitted", finding, dropped: [] }],
  ]);
  expect(toStatus(log.slice(0, 3))).toMatchObject({
    headline: expect.stringMatching(/, no cause found yet$/) as string,
    investigation: { working: true, found: false },
  });
  expect(toStatus(log)).toMatchObject({
    headline: "checkout: errors 0.3 % → 18 % since 03:12",
    topSuspect: { name: "payments, deploy 9f2c1e4", likelihood: "likely" },
    investigation: { working: true, found: true, retryAt: null },
  });
});

test("a suspect blamed with another service's change is named with that service, so that nobody reverts the wrong one", () => {
  const [best = expect.fail()] = exampleTriage.analysis.suspects;
  const other = { ...best, service: "checkout" };
  const triage = { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects: [other] } };
  expect(toStatus(logOf([["03:12:25", triage]])).topSuspect?.name).toBe("checkout, deploy 9f2c1e4 of payments");
});
