import { describe, expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { stepIds } from "../../src/incident/step-id.ts";
import { suspectName, verdictText } from "../../src/report/suspect-words.ts";
import { type TimelineEntry, toTimeline } from "../../src/report/timeline.ts";
import { stylesheet } from "../../src/web/stylesheet.ts";
import { at, deploy, exampleLog, exampleTriage, logOf, page } from "../support/example-log.ts";

const of = (...events: (readonly [string | number, IncidentEvent])[]): TimelineEntry[] => toTimeline(logOf(events));
const only = (entries: readonly TimelineEntry[]): TimelineEntry => {
  expect(entries).toHaveLength(1);
  return entries[0] as TimelineEntry;
};
const paged: readonly [string, IncidentEvent] = ["03:12:20", { type: "page-received", page }];
const pager = (
  eventType: string,
  more: Partial<Extract<IncidentEvent, { type: "pager-event-received" }>> = {},
): readonly [string, IncidentEvent] => [
  "03:14:03",
  { type: "pager-event-received", eventType, occurredAt: at("03:14:02"), by: "Ana", text: "", page: null, ...more },
];
const last = (entries: readonly TimelineEntry[]): TimelineEntry => entries.toSorted((a, b) => a.seq - b.seq).at(-1) as TimelineEntry;

describe("order", () => {
  test("what happened earlier comes first, however late it was learned", () => {
    const entries = toTimeline(exampleLog());
    const times = entries.map((entry) => entry.at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const change = entries.findIndex((entry) => entry.kind === "change");
    const pageAt = entries.findIndex((entry) => entry.kind === "page");
    expect(change).toBeLessThan(pageAt);
    expect(entries[change]?.seq).toBeGreaterThan(entries[pageAt]?.seq ?? Number.POSITIVE_INFINITY);
    expect(entries[change]?.learnedAt).toBeGreaterThan(entries[change]?.at ?? 0);
  });

  test("of two at one instant the one learned first stays first", () => {
    const entries = of(["03:00:00", { type: "fix-declined", because: "first" }], ["03:00:00", { type: "fix-declined", because: "second" }]);
    expect(entries.map((entry) => entry.text)).toEqual(["no fix PR: first", "no fix PR: second"]);
  });

  test("an entry keeps its key and words when the log grows", () => {
    const log = exampleLog();
    const whole = new Map(toTimeline(log).map((entry) => [entry.key, entry]));
    for (let length = 1; length < log.length; length += 1) {
      for (const entry of toTimeline(log.slice(0, length))) expect(whole.get(entry.key)).toEqual(entry);
    }
    expect(whole.size).toBe(toTimeline(log).length);
  });

  test("a source's nonsense for a time falls back to when it was learned", () => {
    const entry = only(of(pager("incident.acknowledged", { occurredAt: Number.NaN })));
    expect(entry.at).toBe(at("03:14:03"));
  });

  test("an empty log has no entries", () => expect(toTimeline([])).toEqual([]));
});

describe("pages", () => {
  test("the first page says who it called and how urgent it is", () => {
    const entry = only(of(paged));
    expect(entry).toMatchObject({ kind: "page", service: "checkout", text: "PagerDuty #4821 → Ana", at: page.createdAt, tone: "bad" });
    expect(entry.detail).toContain("Checkout error rate above 5 %");
    expect(entry.detail).toContain("P1");
    expect(entry.links).toEqual([{ title: "PagerDuty", url: page.link }]);
  });

  test("a repeat of the page and another page that joins are told apart", () => {
    const [, again, other] = of(
      paged,
      ["03:15:00", { type: "page-received", page }],
      ["03:16:00", { type: "page-received", page: { ...page, id: "QOTHER", number: 4822, createdAt: at("03:15:30") } }],
    );
    expect(again).toMatchObject({ at: at("03:15:00"), text: "PagerDuty #4821 paged again → Ana" });
    expect(other).toMatchObject({ at: at("03:15:30"), text: "PagerDuty #4822 joined this incident → Ana" });
  });

  test("a page without number, assignee or link is told with what there is", () => {
    const bare = { ...page, number: null, assignees: [], link: null, service: null, priority: null, urgency: null };
    expect(only(of(["03:12:20", { type: "page-received", page: bare }]))).toMatchObject({ text: "PagerDuty", service: null, links: [] });
  });
});

describe("pager events", () => {
  test.each([
    ["incident.acknowledged", "person", "good"],
    ["incident.resolved", "person", "good"],
    ["incident.reopened", "person", "bad"],
    ["incident.unacknowledged", "person", "bad"],
    ["incident.escalated", "person", null],
    ["incident.priority_updated", "person", null],
    ["incident.annotated", "note", null],
    ["incident.status_update_published", "note", null],
    ["constructor", "person", null],
  ])("%s is told in the pager's words, as %s", (eventType, kind, tone) => {
    // The time that it all took follows a page that is resolved.
    const entry = last(of(paged, pager(eventType, { text: "Ana did\nsomething: $& $1" })).filter((one) => one.kind !== "midwatch"));
    expect(entry).toMatchObject({ kind, tone, text: "Ana did something: $& $1", at: at("03:14:02") });
    expect(entry.links).toEqual([{ title: "PagerDuty", url: page.link }]);
  });

  test("what nobody did is the pager's own doing", () => {
    const entries = of(paged, pager("incident.resolved", { by: null, text: "PagerDuty resolved the page" }));
    expect(entries.find(({ text }) => text === "PagerDuty resolved the page")).toMatchObject({ kind: "page" });
  });

  test("an event that came without words is named by its type", () => {
    expect(last(of(pager("incident.workflow.started", { by: null }))).text).toBe("Pager: workflow started");
    expect(last(of(pager("incident.role.assigned"))).text).toBe("Ana: role assigned");
  });
});

describe("triage", () => {
  const triaged = (analysis: Partial<typeof exampleTriage.analysis> = {}): readonly [string, IncidentEvent] => [
    "03:12:25",
    { ...exampleTriage, analysis: { ...exampleTriage.analysis, ...analysis } },
  ];

  test("a suspect's deploy is a change with its commits, pull request and author", () => {
    const change = of(paged, triaged()).find((entry) => entry.kind === "change");
    expect(change).toMatchObject({ at: deploy.at, service: "payments", text: "7ab0d2e → 9f2c1e4 deployed (#2210) by kim", evidence: [5] });
    expect(change?.links.map((link) => link.url)).toEqual([deploy.pullRequest?.url, deploy.link]);
  });

  test.each([
    [{ kind: "rollback" as const }, "rolled back to 9f2c1e4 (#2210) by kim"],
    [{ previousSha: null, pullRequest: null, author: null }, "9f2c1e4 deployed"],
    [{ sha: null, previousSha: null, pullRequest: null, author: null, version: "v42" }, "v42 deployed"],
    [{ kind: "flag" as const, title: "new-checkout 0 % → 50 %", pullRequest: null, author: null }, "flag: new-checkout 0 % → 50 %"],
    [{ kind: "config" as const, title: "pool size 20 → 2", pullRequest: null, author: "kim" }, "configuration: pool size 20 → 2 by kim"],
  ])("other changes: %j", (change, text) => {
    const [suspect] = exampleTriage.analysis.suspects;
    const suspects = [{ ...suspect, change: { ...deploy, ...change } } as (typeof exampleTriage.analysis.suspects)[number]];
    expect(of(triaged({ suspects })).find((entry) => entry.kind === "change")?.text).toBe(text);
  });

  test("one change of two suspects is listed once, also when triage is told twice", () => {
    const suspects = exampleTriage.analysis.suspects.map((suspect) => ({ ...suspect, change: deploy }));
    const entries = of(paged, triaged({ suspects }), triaged({ suspects }));
    expect(entries.filter((entry) => entry.kind === "change")).toHaveLength(1);
    expect(new Set(entries.map((entry) => entry.key)).size).toBe(entries.length);
    expect(entries.filter((entry) => entry.kind === "signal" && entry.service === "payments")).toHaveLength(1);
  });

  test("signals say how bad, and which service moved first; a service is not told twice for one moment", () => {
    const signals = of(paged, triaged()).filter((entry) => entry.kind === "signal");
    expect(signals.map((entry) => [entry.service, entry.at])).toEqual([
      ["payments", at("03:11:40")],
      ["checkout", at("03:12:05")],
      ["provider-gateway", at("03:12:30")],
      ["cart", at("03:12:40")],
    ]);
    expect(signals[0]?.text).toBe("p95 latency 210 ms → 4.8 s, first to move");
    expect(signals[1]?.text).toBe("errors 0.3 % → 18 %");
    expect(signals[3]?.text).toContain("consequence");
  });

  test("a suspect that left its baseline at another time than its symptom has its own entry", () => {
    const symptoms = exampleTriage.analysis.symptoms.map((symptom) => ({ ...symptom, since: at("03:20:00") }));
    const signals = of(triaged({ symptoms, consequences: [] })).filter((entry) => entry.service === "payments" && entry.kind === "signal");
    expect(signals.map((entry) => entry.at)).toEqual([at("03:11:40"), at("03:20:00")]);
  });

  test("a suspect that hardly counts has no entry, the best one always has", () => {
    const weak = exampleTriage.analysis.suspects.map((suspect) => ({ ...suspect, probability: 0.05, onset: at("03:05:00") }));
    const signals = of(triaged({ suspects: weak, symptoms: [], consequences: [] })).filter((entry) => entry.kind === "signal");
    expect(signals.map((entry) => entry.service)).toEqual(["payments"]);
  });

  test("only the best suspect is called the first to move, and only when nothing moved before it", () => {
    const early = [{ service: "cart", onset: at("03:00:00") }];
    const signals = of(triaged({ consequences: early })).filter((entry) => entry.kind === "signal");
    expect(signals.filter((entry) => entry.text.includes("first to move"))).toEqual([]);
  });

  test("what was read, what failed and the verdict stand in one line", () => {
    const entry = of(paged, triaged()).find((one) => one.kind === "midwatch");
    expect(entry?.text).toBe("read 5 of 6 sources in 4.1 s, 1 failed (Sentry): best suspect payments, deploy 9f2c1e4 (likely, 0.86)");
  });

  test("verdicts that name no culprit say so", () => {
    const { analysis } = exampleTriage;
    expect(verdictText({ ...analysis, verdict: "nothing-wrong", suspects: [] })).toBe("nothing looks wrong");
    expect(verdictText({ ...analysis, verdict: "inconclusive", suspects: [] })).toBe("no cause found yet");
    expect(verdictText({ ...analysis, suspects: [] })).toContain("no clear suspect");
    const [, , cart] = analysis.suspects;
    expect(cart === undefined ? "" : suspectName(cart)).toBe("cart (cart-5c6d-9qz)");
    // A change is live on all instances.
    expect(cart === undefined ? "" : suspectName({ ...cart, change: deploy })).toBe("cart, deploy 9f2c1e4 of payments");
  });
});

describe("what midwatch did", () => {
  const posted = exampleLog()[1]?.event as Extract<IncidentEvent, { type: "status-posted" }>;

  test("first words say how long they took, counted from the page's arrival", () => {
    const entries = of(["03:12:20.400", paged[1]], ["03:12:21.200", posted], ["03:13:00", posted]);
    expect(entries.slice(1).map((entry) => entry.text)).toEqual([
      "first message in Slack (0.8 s after the webhook)",
      "posted the status message again",
    ]);
  });

  test("Slack's markup is read as a person reads it", () => {
    const text = "*bold* <https://x.test/a|label> &lt;b&gt; 2 * 3 * 4 _it_";
    const [, entry] = of(paged, ["03:12:21", { ...posted, text }]);
    expect(entry?.detail).toBe("bold label <b> 2 * 3 * 4 it");
  });

  test("brief and finding link to their own message in the thread", () => {
    const entries = of(
      paged,
      ["03:12:21", posted],
      ["03:12:25", exampleTriage],
      ["03:12:26", { type: "brief-posted", ts: "1795403545.000100", text: "b" }],
    );
    const brief = last(entries);
    const url = new URL(brief.links[0]?.url ?? "");
    expect(url.pathname).toBe("/archives/C0INCIDENTS/p1795403545000100");
    expect(url.searchParams.get("thread_ts")).toBe(posted.ts);
    const finding = last(of(paged, ["03:12:25", exampleTriage], ["03:12:28", { type: "finding-posted", ts: "x", text: "f" }]));
    expect(finding.text).toBe("finding: best suspect payments, deploy 9f2c1e4 (likely, 0.86) (8.0 s after the webhook)");
    expect(finding.links).toEqual([]);
  });

  test("a fix is told with its draft state, a fix declined with its reason", () => {
    const proposed = exampleLog().find((logged) => logged.event.type === "fix-proposed")?.event as Extract<
      IncidentEvent,
      { type: "fix-proposed" }
    >;
    expect(only(of(["03:12:31", proposed]))).toMatchObject({
      kind: "fix",
      text: "draft revert PR #2216 in acme/shop: Revert “cache provider tokens per merchant”",
      links: [{ title: "PR #2216", url: proposed.url }],
    });
    expect(only(of(["03:12:31", { ...proposed, draft: false }])).text).toMatch(/^revert PR/);
    expect(only(of(["03:12:31", { type: "fix-declined", because: "the file changed since" }])).text).toBe(
      "no fix PR: the file changed since",
    );
  });

  test("a failed step says whether it is tried again", () => {
    const failed = { type: "step-failed", step: "brief", error: "Slack: channel_not_found", attempt: 2 } as const;
    expect(only(of(["03:13:00", { ...failed, final: false }]))).toMatchObject({
      text: "brief failed, retrying",
      detail: failed.error,
      tone: "bad",
    });
    expect(only(of(["03:13:00", { ...failed, final: true }])).text).toBe("brief failed 2 times, given up");
  });

  test("steps that people need not see are not told", () => {
    const quiet = exampleLog().filter(({ event }) => ["page-read", "triage-started", "status-edited"].includes(event.type));
    expect(quiet.length).toBeGreaterThan(2);
    expect(toTimeline(quiet)).toEqual([]);
  });

  test("the end says how long it took", () => {
    expect(only(of(["03:12:31", { type: "investigation-finished", tookMs: 190_000 }])).text).toBe("investigation done in 3 min 10 s");
  });
});

describe("people in Slack", () => {
  test("a reply is placed at the time of its message", () => {
    const reply = {
      type: "slack-message-received",
      channel: "C1",
      ts: "1795403740.000200",
      threadTs: null,
      user: "Ana",
      text: "rolling <https://ci.test/7|back>",
    } as const;
    const entry = only(of(["03:15:45", reply]));
    expect(entry).toMatchObject({ kind: "person", text: "Ana wrote in Slack", detail: "rolling back", at: at("03:15:40") });
    expect(only(of(["03:15:45", { ...reply, ts: "garbage" }])).at).toBe(at("03:15:45"));
  });

  test("buttons are told in words, unknown ones by their name", () => {
    const pressed = (action: string, value = "") =>
      only(of(["03:16:02", { type: "slack-action-received", action, value, user: "Ana", channel: "C1" }]));
    expect(pressed("right").text).toBe("Ana said the answer is right");
    expect(pressed("wrong", "it was the provider")).toMatchObject({ text: "Ana said the answer is wrong", detail: "it was the provider" });
    expect(pressed("toString").text).toBe("Ana pressed “toString”");
    expect(pressed("brew_coffee").text).toBe("Ana pressed “brew_coffee”");
  });
});

test("only http(s) addresses become links, whoever sent them", () => {
  const bad = "javascript:alert(1)";
  const entries = of(
    ["03:12:20", { type: "page-received", page: { ...page, link: bad } }],
    [
      "03:12:25",
      {
        ...exampleTriage,
        analysis: {
          ...exampleTriage.analysis,
          suspects: exampleTriage.analysis.suspects.map((one) => ({ ...one, change: { ...deploy, link: bad } })),
        },
      },
    ],
  );
  expect(entries.flatMap((entry) => entry.links.map((link) => link.url))).toEqual([deploy.pullRequest?.url]);
});

test("a text made to be slow to read is not", () => {
  const text = ` *a${" *a".repeat(200_000)}`;
  const entry = only(of(["03:15:45", { type: "slack-message-received", channel: "C1", ts: "x", threadTs: null, user: "Ana", text }]));
  expect(entry.detail?.length).toBeGreaterThan(30_000);
});

describe("a fix", () => {
  const [revert = expect.fail()] = exampleLog().flatMap(({ event }) => (event.type === "fix-proposed" ? [event] : []));
  const sha = (letter: string) => letter.repeat(40);
  const read = (letter: string, role: "base" | "test" | "fix" | "improvement", state: "passed" | "failed" | "running"): IncidentEvent => ({
    type: "checks-read",
    read: { sha: sha(letter), role, state, checks: [{ name: "unit", state, link: null }], failure: null, namesTest: true },
  });
  const committed = (letter: string, role: "fix" | "improvement"): IncidentEvent => ({
    type: "fix-committed",
    commit: { sha: sha(letter), role },
    files: [],
  });
  const patch: IncidentEvent = {
    ...revert,
    kind: "patch",
    base: { branch: "main", sha: sha("0") },
    commits: [{ sha: sha("a"), role: "test" }],
  };
  const told = (...events: IncidentEvent[]) =>
    of(...events.map((event) => ["03:13:00", event] as const)).map(({ text, tone }) => `${tone ?? ""}: ${text}`);

  test("is told by what CI shows of it, once each time that this changes; only what is proven is good news", () => {
    const events = [
      ...[patch, read("0", "base", "running"), read("0", "base", "passed"), read("a", "test", "running"), read("a", "test", "failed")],
      ...[committed("b", "fix"), read("b", "fix", "running"), read("b", "fix", "failed"), read("b", "fix", "failed")],
      { type: "fix-work-started", attempt: 2, text: "" } as const,
      ...[committed("c", "improvement"), read("c", "improvement", "running"), read("c", "improvement", "passed")],
    ];
    expect(told(...events).slice(1)).toEqual([
      ": the test fails without the fix, as it should (aaaaaaa)",
      ": the fix pushed as bbbbbbb",
      'bad: CI is red: check "unit" fails; it passes on main (bbbbbbb)',
      ": CI is red: tries again (2 of 3)",
      ": 2nd try pushed as ccccccc",
      "good: Its test fails on main and passes with the fix (CI: 1 check passed). The first try was red; this is the second (ccccccc)",
    ]);
    const log = logOf(events.map((event) => ["03:13:00", event] as const));
    const whole = new Map(toTimeline(log).map((entry) => [entry.key, entry]));
    for (let length = 1; length < log.length; length += 1)
      for (const entry of toTimeline(log.slice(0, length))) expect(whole.get(entry.key)).toEqual(entry);
  });

  test("is not told as proven while main may fail at the same; where reading that was given up, it is told then", () => {
    const events = [
      ...[patch, read("0", "base", "running"), read("a", "test", "failed"), committed("b", "fix"), read("b", "fix", "passed")],
      { type: "step-failed", step: stepIds.readChecks(sha("0")), error: "down", attempt: 8, final: true } as const,
    ];
    expect(told(...events).slice(1)).toEqual([
      ": the test fails without the fix (aaaaaaa); CI of main is still running",
      ": the fix pushed as bbbbbbb",
      "bad: checks 000000000000 failed 8 times, given up",
      "good: Its test fails on main and passes with the fix (CI: 1 check passed). The result on main without the test is unknown (bbbbbbb)",
    ]);
    expect(told(patch, read("0", "base", "failed"), read("a", "test", "failed")).at(-1)).toBe(
      ": CI fails on the test alone (aaaaaaa), but the same check fails on main without the test",
    );
  });

  test("without a test that can fail is good news when green; the opening itself is none", () => {
    const fix = revert.commits[0]?.sha ?? "";
    const green: IncidentEvent = {
      type: "checks-read",
      read: { sha: fix, role: "fix", state: "passed", checks: [], failure: null, namesTest: null },
    };
    expect(told(revert, green).map((one) => one.split(":")[0])).toEqual(["", "good"]);
  });

  test("a red default branch is told, a green one is not", () => {
    expect(told(patch, read("0", "base", "failed"))[1]).toBe(": CI on main (0000000) fails: 1 failed (unit)");
    expect(told(patch, read("0", "base", "passed"))).toHaveLength(1);
  });

  test("that could not take the place of a revert leaves it standing, and this is what is told", () => {
    const kept: IncidentEvent = { type: "fix-declined", because: "The patch could not be put on its branch. github: 403.", stays: 7 };
    expect(told(revert, kept).at(-1)).toBe(": PR #7 stays a revert: The patch could not be put on its branch. github: 403.");
    expect(told({ type: "fix-declined", because: "Nothing is left to put back." })).toEqual([": no fix PR: Nothing is left to put back."]);
  });

  test("is painted by its tone", () => {
    expect(stylesheet).toMatch(/\.k-fix\.good::after \{[^}]*--good/);
    expect(stylesheet).toMatch(/\.k-fix\.bad::after \{[^}]*--bad/);
    expect(stylesheet).not.toMatch(/\.k-fix::after \{[^}]*--good/);
  });
});

test("why a page stays an incident of its own is said once, however often it was looked at, and a new reason again", () => {
  const apart = (minutes: number, isFinal: boolean): IncidentEvent => ({
    type: "stayed-apart",
    because: { code: "other-onset", minutes },
    isFinal,
  });
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:21", apart(14, false)],
    ["03:12:25", apart(14, true)],
    ["03:12:40", apart(25, true)],
  ]);
  const texts = toTimeline(log).flatMap(({ text }) => (text.startsWith("stays") ? [text] : []));
  expect(texts.map((text) => /\d+ min/.exec(text)?.[0])).toEqual(["14 min", "25 min"]);
});

test("late answers say once more that a service moved only where it was not known", () => {
  const signals = (analysis: typeof exampleTriage.analysis, late: typeof exampleTriage.analysis) =>
    toTimeline(
      logOf([
        ["03:13:00", { ...exampleTriage, analysis }],
        ["03:13:20", { ...exampleTriage, analysis: late, late: ["Datadog logs"] }],
      ]),
    ).filter(({ kind }) => kind === "signal");
  const { analysis } = exampleTriage;
  const [suspect] = analysis.suspects;
  if (suspect?.onset == null) throw new Error("the example blames something that moved");
  const once = { ...analysis, symptoms: [], suspects: [suspect], consequences: [{ service: "cart", onset: suspect.onset + 60_000 }] };
  const more = {
    ...once,
    suspects: [{ ...suspect, onset: suspect.onset + 20_000 }],
    consequences: [...once.consequences, { service: "search", onset: suspect.onset }],
  };
  expect(signals(once, more).map(({ service }) => service)).toEqual(expect.arrayContaining([suspect.service, "cart", "search"]));
  expect(signals(once, more).map(({ service, seq }) => `${seq} ${service}`)).toHaveLength(3);
});
