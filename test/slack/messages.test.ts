import { describe, expect, test } from "vitest";
import type { Analysis, CoverageLine } from "../../src/incident/finding.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { page } from "../support/telling.ts";
import { deploy, exampleLog } from "../support/example-log.ts";
import { withinLimits } from "./within-limits.ts";

const AT = Date.UTC(2026, 10, 3, 3, 12);
const messages = createMessages({
  timelineUrl: (id) => `https://midwatch.example/incidents/${id}`,
  withoutModel: "ANTHROPIC_API_KEY is not set",
});

const analysis: Analysis = {
  verdict: "incident",
  because: "payments left its usual range at 03:11:40",
  onset: AT - 20_000,
  symptoms: [{ service: "checkout", what: "errors", before: 0.003, now: 0.18, unit: "fraction", since: AT, evidence: [2] }],
  suspects: [
    {
      service: "payments",
      instance: null,
      fault: "code",
      change: null,
      probability: 0.86,
      onset: AT - 20_000,
      reasons: [
        {
          text: "new log pattern in payments, 0 → 1,140/min: `token cache miss <*>`",
          evidence: [3, 7],
          quote: "token cache miss for merchant 77",
        },
      ],
    },
    { service: "cart", instance: null, fault: null, change: null, probability: 0.01, onset: null, reasons: [] },
  ],
  ruledOut: [{ what: "provider outage", why: "its latency is flat", evidence: [14] }],
  consequences: [{ service: "cart", onset: AT + 40_000 }],
};
const coverage: CoverageLine[] = [
  { source: "Datadog metrics", status: "read", detail: null, tookMs: 900, evidence: [1] },
  { source: "Datadog logs", status: "failed", detail: "403 for logs_read_data. Add the scope.", tookMs: 80, evidence: [] },
  { source: "Sentry", status: "not-configured", detail: "set SENTRY_AUTH_TOKEN", tookMs: null, evidence: [] },
];

const finished = (over: Partial<Analysis> = {}, lines = coverage): IncidentEvent => ({
  type: "triage-finished",
  analysis: { ...analysis, ...over },
  digest: "",
  changes: [],
  coverage: lines,
  tookMs: 4_100,
  calls: 9,
  links: [],
  charts: [],
  runbooks: [{ name: "slow-dependency", title: "A dependency is slow", steps: ["Open the slowest trace.", "Drain the node."] }],
});
const view = (...events: IncidentEvent[]) =>
  viewOf([{ type: "page-received", page } as const, ...events].map((event, index): LoggedEvent => ({ seq: index + 1, at: AT, event })));

describe("the status message", () => {
  test("says what is read before anything is known, and counts answers", () => {
    const { text } = messages.status(view(), { answered: 4, of: 6, sources: ["Datadog logs", "Datadog metrics", "GitHub"] });
    expect(plainText(text)).toBe(
      "*checkout errors above 5 %* · P1 · PagerDuty #4821 (https://acme.pagerduty.com/incidents/PINC1) · Ana\nReading Datadog, GitHub … (4 of 6)",
    );
  });

  test("then says what is wrong since when and how bad, and the best suspect with its likelihood in words and figures", () => {
    const { text } = messages.status(view(finished()));
    expect(text).toContain("*checkout: errors 0.3 % → 18 % since 03:12*");
    expect(text).toContain("*Cause (likely, 0.86):* *payments*");
  });

  test("gives the one reason that decides, for a service without a why is not believed", () => {
    const [, second, third] = plainText(messages.status(view(finished())).text).split("\n");
    expect(second).toBe("*Cause (likely, 0.86):* *payments*");
    expect(third).toBe("new log pattern in payments, 0 → 1,140/min: `token cache miss <*>`");
  });

  test("shortens a long log pattern in that reason, so that what it did is still said", () => {
    const [best = expect.fail()] = analysis.suspects;
    const text = `payments stops before the log line \`f.m.s.BasicServiceImpl#418 [getRoutesByRouteIds] [Get Route By Ids] [Success]\`: 100 % → 0 % of its runs reach it`;
    const [, , why] = messages
      .status(view(finished({ suspects: [{ ...best, reasons: [{ text, evidence: [1], quote: null }] }] })))
      .text.split("\n");
    expect(why).toBe("payments stops before the log line `f.m.s.BasicServiceImpl#418 [getRoutesBy…`: 100 % → 0 % of its runs reach it");
  });

  test("an answer that blames nobody for sure says why, and what could not be read", () => {
    const unsure = plainText(messages.status(view(finished({ verdict: "inconclusive", because: "checkout shows nothing unusual" }))).text);
    expect(unsure).toContain(
      [
        "*No cause found yet.* checkout shows nothing unusual",
        "*Furthest from usual:* *payments*: new log pattern in payments, 0 → 1,140/min: `token cache miss <*>`",
        "Not read: Datadog logs",
      ].join("\n"),
    );
    const calm = plainText(messages.status(view(finished({ verdict: "nothing-wrong", because: "errors stayed at 0.3 %" }))).text);
    expect(calm).toContain("errors stayed at 0.3 %\nNot read: Datadog logs");
    const known = finished({ verdict: "inconclusive", because: "Datadog logs could not be read; what was read shows nothing wrong" });
    expect(messages.status(view(known)).text).not.toContain("Not read");
    expect(calm).not.toContain("token cache miss");
  });

  test("keeps the page's own title beside what is measured", () => {
    expect(plainText(messages.status(view(finished())).text).split("\n")[0]).toBe(
      "*checkout: errors 0.3 % → 18 % since 03:12* · P1 · PagerDuty #4821 (https://acme.pagerduty.com/incidents/PINC1) “checkout errors above 5 %” · Ana",
    );
  });

  test("names the page's service where nothing is measured and the title does not name it", () => {
    const corner: IncidentEvent = {
      type: "page-read",
      page: { ...page, title: "CornerHighLatency", service: { id: "P1", name: "edge-web" } },
    };
    const log = [corner, finished({ symptoms: [] })].map((event, index): LoggedEvent => ({ seq: index + 1, at: AT, event }));
    const [first] = messages.status(viewOf(log)).text.split("\n");
    expect(first).toContain("*edge-web: CornerHighLatency*");
    expect(first?.match(/CornerHighLatency/g)).toHaveLength(1);
  });

  test("names who resolved it", () => {
    const resolved = { ...page, status: "resolved" as const };
    const event: IncidentEvent = {
      type: "pager-event-received",
      eventType: "incident.resolved",
      occurredAt: page.createdAt + 60_000,
      by: "Ana",
      text: "Ana resolved",
      page: resolved,
    };
    const { text } = messages.status(view(finished(), event));
    expect(text).toContain("*Resolved*");
    expect(text).toContain("resolved by Ana");
    // Of several pages one is over: its number and who resolved it are said once, and the incident is not called resolved.
    const other = { name: "PagerDuty #4822", service: "cart", title: "t", link: null, createdAt: page.createdAt };
    const because = { code: "again", service: "cart", since: page.createdAt } as const;
    const joined: IncidentEvent = { type: "page-joined", incident: "pd-2", page: other, because };
    const [head = ""] = messages.status(view(finished(), joined, event)).text.split("\n");
    expect(head).not.toContain("Resolved");
    expect([head.match(/#4821/g), head.match(/resolved/g)]).toEqual([["#4821"], ["resolved"]]);
  });

  test("is never silent when triage failed", () => {
    const failed: IncidentEvent = { type: "step-failed", step: "triage", error: "the disk is full", attempt: 3, final: true };
    expect(messages.status(view(failed)).text).toContain("the disk is full");
  });
});

describe("brief and finding", () => {
  test("a quote that a reason already begins to tell is not told again", () => {
    const [best = expect.fail()] = analysis.suspects;
    const quote = `Error creating: pods "edge-fc49l" is forbidden: exceeded quota: team-budget, ${"used: limits.cpu=8, ".repeat(4)}`;
    const reason = { text: `Kubernetes event at 20:21:07: FailedCreate: ${quote.slice(0, 90)} …`, evidence: [6], quote };
    const told = view(finished({ suspects: [{ ...best, change: null, reasons: [reason] }] }));
    const both = `${messages.status(told).text}\n${plainText(messages.brief(told, "pd-1").text)}`;
    expect(both.match(/Error creating/g)).toHaveLength(1);
  });

  test("nor one of which a reason has the first sentence", () => {
    const [best = expect.fail()] = analysis.suspects;
    const fact = "DB instance shop-db is approaching its connection limit";
    const reason = { text: `RDS event at 20:21:07: ${fact}`, evidence: [6], quote: `${fact}. Current connections: 469 of 500.` };
    const text = plainText(messages.brief(view(finished({ suspects: [{ ...best, cause: "is busy", reasons: [reason] }] })), "pd-1").text);
    expect(text.match(/DB instance/g)).toHaveLength(1);
  });

  test("a level that the headline has is not told again: only what the reason adds", () => {
    const [best = expect.fail()] = analysis.suspects;
    const below = (service: string) => {
      const reason = { text: "errors 0.3 % → 18 % at 03:12:00, not explained by its dependencies", evidence: [2], quote: null };
      const suspects = [{ ...best, service, cause: "waits for a token", reasons: [reason] }];
      return plainText(messages.brief(view(finished({ suspects })), "pd-1").text);
    };
    expect(below("checkout")).toContain("• errors: not explained by its dependencies E2 (");
    expect(below("payments")).toContain("• errors 0.3 % → 18 % at 03:12:00, not explained by its dependencies E2 (");
  });

  test("a cause that is open is said in the status; below it what failed to be read", () => {
    const open = view(finished({ verdict: "inconclusive", because: "nothing was found", suspects: [], ruledOut: [], consequences: [] }));
    expect(plainText(messages.status(open).text)).toContain("*No cause found yet.* nothing was found");
    expect(plainText(messages.brief(open, "pd-1").text).split("\n").slice(0, 2)).toEqual([
      "• Datadog logs *failed*: 403 for logs_read_data. Add the scope.",
      "Not configured: Sentry",
    ]);
  });

  test("the brief gives reasons with evidence that opens, what was ruled out, and failed sources on lines of their own", () => {
    const text = plainText(messages.brief(view(finished()), "pd-1").text);
    // The status has the reason itself.
    expect(text).toMatch(
      /^\*Why\*\n• `token cache miss for merchant 77` E3 \(https:\/\/midwatch\.example\/incidents\/pd-1\/evidence\/3\?q=token%20cache%20miss%20for%20merchant%2077\) E7 \(/,
    );
    expect(text).not.toContain("*cart*");
    // What moved later proves nothing, and nobody acts on it.
    expect(text).not.toContain("Moved later");
    expect(text).toContain("provider outage (its latency is flat)");
    expect(text).toContain("• Datadog logs *failed*: 403 for logs_read_data. Add the scope.");
    expect(text).toContain("Not configured: Sentry");
    expect(text).toContain("*Runbook:* slow-dependency (https://midwatch.example/incidents/pd-1#next)");
  });

  test("a reason tells only what the cause above it does not", () => {
    const [best = expect.fail()] = analysis.suspects;
    const below = (cause: string, text: string) =>
      plainText(
        messages.brief(view(finished({ suspects: [{ ...best, cause, reasons: [{ text, evidence: [3], quote: null }] }] })), "pd-1").text,
      );
    const cause = "494 of 500 connections are taken";
    expect(below(cause, cause)).toMatch(/^\*Why\* E3 \(/);
    expect(below(cause, `${cause}; most belong to "app"`)).toMatch(/^\*Why\*\n• most belong to "app" E3 \(/);
    expect(below("stopped logging `paid`: 97 % → 0 %", "payments stopped logging `paid`: 97 % → 0 %")).toMatch(/^\*Why\* E3 \(/);
    const quoted = "has logged `PaymentTimeoutError: no answer within 2 ms` since 03:11";
    expect(below(quoted, "new error, 234 times: PaymentTimeoutError: no answer within 2 ms")).toContain("• new error, 234 times E3 (");
    const operation = "`payments.Authorize/HandleRequest`";
    const early = `${operation} of payments ends early: 13 % → 55 %`;
    expect(below(`${operation} of payments makes 7 → 2 calls per run`, early)).toContain(
      "• `payments.Authorize/HandleRequest` of payments ends early",
    );
    expect(below("waits for a token", "errors 0 → 64 at 03:12")).toContain("• errors 0 → 64 at 03:12 E3 (");
  });

  test("where all was read and no cause is missing, what was read is no line", () => {
    const calm = finished(
      {},
      coverage.filter(({ status }) => status !== "failed"),
    );
    expect(messages.brief(view(calm), "pd-1").text).not.toMatch(/Datadog|Sentry|✓|usual range|\$/);
  });

  test("without a model brief and finding are one text, which does not say the status again", () => {
    for (const events of [[finished()], [finished({ verdict: "inconclusive", because: "two causes are left" })]])
      expect(messages.finding(view(...events), "pd-1")).toEqual(messages.brief(view(...events), "pd-1"));
    const text = plainText(messages.finding(view(finished()), "pd-1").text);
    expect(text).not.toMatch(/Best suspect|0\.86|no model|Open the slowest trace/);
  });

  test("the way back from a deploy that is the likely cause comes first, else the first step of the runbook", () => {
    const [best = expect.fail()] = analysis.suspects;
    const blaming = (probability: number) => finished({ suspects: [{ ...best, change: deploy, probability }] });
    const [pull = expect.fail()] = exampleLog().flatMap(({ event }) => (event.type === "fix-proposed" ? [event] : []));
    const told = (...events: IncidentEvent[]) => plainText(messages.status(view(...events)).text);
    expect(told(blaming(0.86))).toContain("*Do now:* roll back *payments* to `7ab0d2e`.");
    expect(told(blaming(0.86))).not.toContain("Open the slowest trace.");
    expect(told(blaming(0.86), pull)).toContain(
      "to `7ab0d2e`, or merge #2216 (https://github.com/acme/shop/pull/2216) once its checks pass, and deploy.",
    );
    expect(told(blaming(0.5))).toContain("*Do now:* Open the slowest trace.");
    expect(told(blaming(0.5))).not.toContain("roll back");
  });

  test("nothing wrong and inconclusive are answers of their own, without steps for an incident that is none", () => {
    const calm = view(finished({ verdict: "nothing-wrong", because: "errors stayed at 0.3 %", suspects: [], symptoms: [] }));
    expect(messages.status(calm).text).toContain("*Nothing looks wrong.* errors stayed at 0.3 %");
    for (const { text } of [messages.status(calm), messages.finding(calm, "pd-1")]) expect(text).not.toMatch(/Do now|Furthest from usual/);
    const unsure = view(finished({ verdict: "inconclusive", because: "two causes are left", suspects: [] }));
    expect(messages.status(unsure).text).toContain("*No cause found yet.* two causes are left");
  });
});

describe("what the status says is not said again below it", () => {
  const [best = expect.fail()] = analysis.suspects;
  const statement = `UPDATE signal_log SET processed = TRUE WHERE signal_id IN (SELECT signal_id FROM batch ${"OR x ".repeat(30)})`;
  const event = "DB instance shop-db is approaching its connection limit";
  test.each([
    [
      "a statement that is cut at another place",
      `\`${statement.slice(0, 80)} …\` writes all of the log`,
      `\`${statement.slice(0, 160)} …\` writes all of the log`,
      /^\*Why\* E3 \(/,
    ],
    [
      "an event of which the cause is the text",
      `${event}. Current connections: 469 of 500.`,
      `RDS event at 14:35:39: ${event}`,
      /^\*Why\*\n• RDS event at 14:35:39 E3 \(/,
    ],
    [
      "an alarm on the level that the headline has",
      "sessions are idle in transaction",
      "errors 18 %, over its alarm threshold of 5 %",
      /^\*Why\* E3 \(/,
    ],
    [
      "a quota, behind the event's own names",
      "cannot start pods: exceeded quota: team-budget, requested: cpu=2",
      "Kubernetes event at 14:24:11: ReplicaSet/edge-9bc0: exceeded quota: team-budget, requested: cpu=2",
      /^\*Why\*\n• Kubernetes event at 14:24:11: ReplicaSet\/edge-9bc0 E3 \(/,
    ],
    [
      "code of which the end differs",
      "stopped logging `[getRoutesByRouteIds][Get Route By Ids][Success]`",
      "new log pattern: `[getRoutesByRouteIds][Get Route By Ids][Failed for want of a connection]`",
      /^\*Why\*\n• new log pattern: `\[getRoutes/,
    ],
  ])("%s", (_, cause, text, expected) => {
    const suspects = [{ ...best, service: "checkout", cause, reasons: [{ text, evidence: [3], quote: null }] }];
    expect(plainText(messages.brief(view(finished({ suspects })), "pd-1").text)).toMatch(expected);
  });

  test("what changed, of which only when it went live is left", () => {
    const changed = "`payments.timeoutMs` 4000 → 2";
    const live = {
      code: "change-live",
      text: `deploy payments@9f2c1e4 went live at 03:10:55, 45 s before the onset: ${changed}`,
      short: changed,
      evidence: [5],
      quote: null,
    };
    const shown = { text: "new error, 234 times", evidence: [3], quote: null };
    const told = view(finished({ suspects: [{ ...best, change: deploy, cause: "has logged `timeout`", reasons: [shown, live] }] }));
    expect(messages.status(told).text).toContain("deploy `9f2c1e4` at 03:10 (`payments.timeoutMs` 4000 → 2): has logged `timeout`");
    const brief = plainText(messages.brief(told, "pd-1").text);
    expect(brief).toContain("• deploy payments@9f2c1e4 went live at 03:10:55, 45 s before the onset E5 (");
    expect(brief).not.toContain("timeoutMs");
  });

  test("one log line that two reasons show", () => {
    const quote = "getaddrinfo ENOTFOUND pgmain.storage.svc.cluster.local";
    const reasons = [
      { text: "new error, 2 times", evidence: [3], quote },
      { text: `payments logs \`Error: ${quote}\``, evidence: [4], quote: `Error: ${quote}` },
    ];
    const brief = plainText(
      messages.brief(view(finished({ suspects: [{ ...best, cause: `has logged \`${quote}\``, reasons }] })), "pd-1").text,
    );
    expect(brief.replaceAll(/\(https[^)]*\)/g, "")).not.toContain("ENOTFOUND");
    expect(brief).toMatch(/^\*Why\* E4 .*\n• new error, 2 times E3 /);
  });
});

describe("while the cause is open, what the status names is furthest from usual, and nothing else", () => {
  const [best = expect.fail()] = analysis.suspects;
  const lead = { ...best, probability: 0.18, reasons: [{ text: "new error, 12 times", evidence: [7], quote: null }] };
  test.each([
    ["another one", "furthest from usual: a new error in orders", "*Weaker leads:*\n• *payments* (0.18): new error, 12 times"],
    ["it", "furthest from usual: new error, 12 times", "*Furthest from usual:*\n• *payments* (0.18) E7"],
  ])("%s", (_, because, expected) => {
    const open = view(finished({ verdict: "inconclusive", because, suspects: [lead] }));
    expect(plainText(messages.brief(open, "pd-1").text)).toContain(expected);
  });
});

test("a pull request that the step names is not named again in the status; in the thread it is whole", () => {
  const [best = expect.fail()] = analysis.suspects;
  const [pull = expect.fail()] = exampleLog().flatMap(({ event }) => (event.type === "fix-proposed" ? [event] : []));
  const told = (probability: number) => view(finished({ suspects: [{ ...best, change: deploy, probability }] }), pull);
  expect(messages.status(told(0.86)).text.match(/#2216/g)).toHaveLength(1);
  expect(messages.status(told(0.5)).text).toContain("*Draft revert PR*");
  expect(messages.brief(told(0.86), "pd-1").text).toContain("*Draft revert PR*");
});

test("what was read in part is named below an answer that blames; what failed has a line of its own", () => {
  const sampled: CoverageLine = {
    ...{
      source: "Datadog logs",
      status: "sampled",
      detail: "sampled 5,000 of about 43,711 lines",
      tookMs: 1,
      evidence: [],
      unread: ["logs"],
    },
  };
  const lost: CoverageLine = {
    source: "Datadog events",
    status: "failed",
    detail: "datadog: 403 for `events_read`.",
    tookMs: 1,
    evidence: [],
  };
  const told = view(finished({ unread: ["Datadog logs"] }, [sampled, lost]));
  expect(messages.status(told).text).not.toContain("Read in part");
  const brief = messages.brief(told, "pd-1").text;
  expect(brief).toContain("Read in part: Datadog logs. That limits how sure this is.");
  expect(brief).not.toContain("43,711");
  expect(brief).toContain("• Datadog events *failed*: 403 for `events_read`.");
});

test("of what failed the first says what to do about it, the others only what happened", () => {
  const todo = "Add this scope to the application key in DD_APP_KEY, and check that both keys are of one organisation and of this site.";
  const lost = ["logs", "events"].map((what): CoverageLine => ({
    ...{ source: `Datadog ${what}`, status: "failed", detail: `datadog: 403 for \`${what}_read\`. ${todo}`, tookMs: 1, evidence: [] },
  }));
  const open = view(finished({ verdict: "inconclusive", because: "nothing was found", suspects: [], ruledOut: [] }, lost));
  const lines = messages.brief(open, "pd-1").text.split("\n");
  expect(lines[0]).toBe(`• Datadog logs *failed*: 403 for \`logs_read\`. ${todo}`);
  expect(lines[1]).toBe("• Datadog events *failed*: 403 for `events_read`.");
});

test("what is over is said with its time and the cause of then, without blame, steps or a roll-back", () => {
  const recoveredAt = analysis.symptoms[0]!.since + 28 * 60_000;
  const symptoms = analysis.symptoms.map((one) => ({ ...one, until: recoveredAt }));
  const over = view(finished({ verdict: "recovered", recoveredAt, because: "18 % of checkouts failed", symptoms }));
  const told = plainText(messages.status(over).text);
  expect(told).toMatch(/^\*checkout: errors 0\.3 % → 18 % from 03:12 to 03:40\*/);
  expect(told).toContain("*Over since 03:40.* 18 % of checkouts failed");
  expect(plainText(messages.brief(over, "pd-1").text)).toContain("*Likeliest cause then:*\n• *payments*");
  for (const { text } of [messages.status(over), messages.brief(over, "pd-1"), messages.finding(over, "pd-1")])
    expect(text).not.toMatch(/Best suspect|Do now|roll back/);
});

test("while nothing is wrong, what is furthest from usual is told without blame", () => {
  const calm = view(finished({ verdict: "nothing-wrong", because: "errors stayed at 0.3 %", symptoms: [] }));
  for (const { text } of [messages.finding(calm, "pd-1"), messages.brief(calm, "pd-1")]) {
    expect(text).toContain("*Furthest from usual*, too weak to blame: *payments*");
    expect(text).not.toMatch(/suspect|Do now|0\.86/);
  }
});

test("a change of another service than the suspect's is told with whose it is, and that one is what to roll back", () => {
  const change = { ...deploy, service: "catalogservice", sha: "c62e9de0000000000000000000000000000000ab" };
  const [best = expect.fail()] = analysis.suspects;
  const other = view(finished({ suspects: [{ ...best, change }] }));
  expect(messages.status(other).text).toContain("*payments*, deploy `c62e9de` of *catalogservice*");
});

describe("what is neither blamed nor proven innocent", () => {
  const unproven = ["a", "b", "c", "d", "e"].map((name, index) => ({
    what: `deploy ${name}@1`,
    why: "nothing in it relates",
    evidence: [20 + index],
  }));
  const elsewhere = [{ service: "basic", since: AT, why: "errors 0 % → 40 %", evidence: [31] }];
  const open = finished({ unproven, elsewhere });

  test("is in the brief after the suspects: at most two changes, and trouble that nothing links to the page", () => {
    const lines = plainText(messages.brief(view(open), "pd-1").text).split("\n");
    const at = lines.findIndex((line) => line.startsWith("*Not ruled out:* deploy a@1 (nothing in it relates) E20 ("));
    expect(at).toBeGreaterThan(lines.findIndex((line) => line.startsWith("*Why*")));
    expect(lines[at]).toContain("deploy b@1");
    expect(lines[at]).not.toContain("deploy c@1");
    expect(lines[at]).toMatch(/; and 3 more$/);
    expect(lines[at + 1]).toMatch(
      /^\*Separately:\* \*basic\* has been failing since 03:12 \(errors 0 % → 40 %\); nothing links it to checkout\. E31 /,
    );
    expect(lines.find((line) => line.startsWith("*Ruled out:*")) ?? "").not.toContain("deploy");
  });

  test("brings no way back and no blame with it", () => {
    const only = view(
      finished({ elsewhere, suspects: [], symptoms: [], verdict: "inconclusive", because: "nothing is known of checkout" }),
    );
    for (const { text } of [messages.status(only), messages.brief(only, "pd-1"), messages.finding(only, "pd-1")])
      expect(text).not.toMatch(/roll back|suspect|likely|\*Cause/i);
  });
});

describe("without a cause", () => {
  test("of a service of which nothing is known it gives the page's own title, that, and trouble elsewhere", () => {
    const because = "nothing is known of checkout: no metrics, logs or traces under that name";
    const elsewhere = [{ service: "basic", since: AT, why: "errors 0 % → 40 %", evidence: [31] }];
    const nothing = finished({ verdict: "inconclusive", because, elsewhere, suspects: [], symptoms: [], onset: null }, []);
    expect(plainText(messages.status(view(nothing)).text).split("\n")).toEqual([
      expect.stringMatching(/^\*checkout errors above 5 %\* · P1 · PagerDuty #4821/),
      `*No cause found yet.* ${because}`,
      "*Separately:* *basic* has been failing since 03:12 (errors 0 % → 40 %); nothing links it to checkout.",
    ]);
  });

  test("what is furthest from usual is said once, wherever it is said", () => {
    const [best = expect.fail()] = analysis.suspects;
    const text = "CPU of node-7 1.3 % → 92 % at 11:01";
    const suspects = [{ ...best, probability: 0.4, reasons: [{ text, evidence: [6], quote: null }] }];
    const open = view(finished({ verdict: "inconclusive", because: `no cause is proven; furthest from usual: ${text}`, suspects }));
    expect(messages.status(open).text.split(text)).toHaveLength(2);
    expect(plainText(messages.brief(open, "pd-1").text)).toContain("*Furthest from usual:*\n• *payments* (0.40) E6 (");
    expect(messages.brief(open, "pd-1").text).not.toContain(text);
    const quiet = view(
      finished({ verdict: "inconclusive", because: "nothing stands out", suspects: suspects.map((one) => ({ ...one, probability: 0.1 })) }),
    );
    expect(messages.status(quiet).text).not.toContain(text);
  });

  test("several services that fail alike lead the message, and none of them is the best suspect or rolled back", () => {
    const [best = expect.fail()] = analysis.suspects;
    const because = "checkout, payments and mail have failed alike since 03:11:40. Check what they share first, not one of them";
    const suspects = [
      { ...best, change: deploy, probability: 0.6 },
      { ...best, service: "gateway", probability: 0.3 },
    ];
    const alike = view(finished({ because, suspects, together: ["checkout", "payments", "mail"] }));
    const [, second] = plainText(messages.status(alike).text).split("\n");
    expect(second).toBe(`*No single suspect:* ${because}`);
    const brief = plainText(messages.brief(alike, "pd-1").text);
    expect(brief).toContain("*Fail alike:*\n• *payments*: new log pattern");
    for (const { text } of [messages.status(alike), messages.brief(alike, "pd-1"), messages.finding(alike, "pd-1")])
      expect(text).not.toMatch(/Best suspect|roll back|9f2c1e4|gateway/);
  });

  test("what was not read is why the answer is no surer", () => {
    const [best = expect.fail()] = analysis.suspects;
    const partial = view(finished({ suspects: [{ ...best, probability: 0.6 }], unread: ["Datadog logs"] }));
    expect(messages.brief(partial, "pd-1").text).toContain("Not read: Datadog logs. That limits how sure this is.");
    expect(messages.brief(view(finished()), "pd-1").text).not.toContain("how sure this is");
  });
});

describe("text from outside", () => {
  const nasty = "<!channel> <@U1> *x* `code` <https://evil.example|open> & “\u202e”".repeat(40);
  const everywhere = view(
    { type: "page-read", page: { ...page, title: nasty, assignees: [{ id: "U1", name: nasty }], link: "javascript:alert(1)" } },
    finished(
      {
        because: nasty,
        symptoms: [{ service: nasty, what: nasty, before: 1, now: 2, unit: nasty, since: AT, evidence: [1] }],
        suspects: [{ ...(analysis.suspects[0] ?? expect.fail()), service: nasty, reasons: [{ text: nasty, evidence: [1], quote: nasty }] }],
        ruledOut: [{ what: nasty, why: nasty, evidence: [] }],
        unproven: [{ what: nasty, why: nasty, evidence: [] }],
        elsewhere: [{ service: nasty, since: AT, why: nasty, evidence: [] }],
        unread: [nasty],
      },
      [{ source: nasty, status: "failed", detail: nasty, tookMs: 1, evidence: [] }],
    ),
  );
  const all = [messages.status(everywhere), messages.brief(everywhere, "pd-1"), messages.finding(everywhere, "pd-1")];

  test("mentions nobody and links nowhere", () => {
    for (const { text, blocks } of all) {
      const said = `${text}\n${JSON.stringify(blocks)}`;
      expect(said).not.toMatch(/<[!@#]|<https:\/\/evil|<javascript/);
    }
  });

  test("keeps to Slack's limits, however long", () => {
    expect(all.filter((one) => !withinLimits(one))).toEqual([]);
  });
});
