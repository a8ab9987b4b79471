import { describe, expect, test } from "vitest";
import { ORDER_LEFT_OUT } from "../../src/guard/untrusted.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import type { SlackMessage } from "../../src/integrations/slack/block-kit.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { isNewBelief } from "../../src/report/correction.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import {
  calm,
  closed,
  finding,
  handedIn,
  inconclusive,
  looked,
  nightWith,
  providerFailed,
  started,
  submitted,
} from "../support/example-investigation.ts";
import { hostile, logUntil, page } from "../support/example-log.ts";
import { visibleLength } from "../../src/slack/visible.ts";
import { withinLimits } from "./within-limits.ts";

const messages = createMessages({ timelineUrl: (id) => `https://midwatch.example/incidents/${id}`, withoutModel: null });
const found = (...events: Parameters<typeof nightWith>) => plainText(messages.finding(viewOf(nightWith(...events)), "pd-1").text);
const status = (...events: Parameters<typeof nightWith>) => plainText(messages.status(viewOf(nightWith(...events))).text);
/** Both messages, as people read them. */
const both = (...events: Parameters<typeof nightWith>) => `${status(...events)}\n${found(...events)}`;
const places = (text: string, words: readonly string[]) => words.map((word) => text.indexOf(word));

describe("a finding", () => {
  test("reads in the order of a reader in a hurry: the cause, why, what to do, what it is not, what was not seen", () => {
    const order = [
      "*Cause (likely, 0.86):*",
      "*Do now:*",
      "*Why*",
      "• The diff of #2210",
      "*Impact:*",
      "*Then:*",
      "*Ruled out:*",
      "*Could not check:*",
      "Evidence and timeline",
    ];
    const text = both(handedIn());
    const at = places(text, order);
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((one, other) => one - other));
  });

  test.each([
    [
      "Roll payments back to the build before 9f2c1e4, so that each request stops asking for a token. ",
      "restart payments before the token cache is back, as each start asks for a token of every merchant",
    ],
    [
      "Put the token cache back into PaymentClient, or roll payments back to 7ab0d2e, which also takes back the new retry",
      "raise the retries of checkout or switch off its time-out, since each retry asks the provider for one more token",
    ],
    [
      "Ask the payments team to warm the token cache of all merchants again, and watch the calls to the provider fall.",
      "empty the queue of the webhooks, for nobody could send these payments' results to the merchants again",
    ],
  ])("has at most 400 characters in the first message, however long step and warning are: %s", (step, not) => {
    const cause = `payments asks the provider for a token at each request since 9f2c1e4; ${"each of these calls takes 900 ms more, ".repeat(2)}so checkouts end late.`;
    const long = { ...finding, cause, do_now: [{ step, runbook: null, evidence: [] }], do_not: { text: not } };
    const shown = messages.status(viewOf(nightWith(handedIn(long)))).text;
    expect(visibleLength(shown)).toBeLessThanOrEqual(400);
    expect(shown).toContain("token");
    // Both are said from their beginning on.
    expect(shown).toContain(`*Do now:* ${step.slice(0, 40)}`);
    expect(shown).toContain(`*Do not* ${not.slice(0, 30)}`);
  });

  test("says nothing of its work: turns and cost are on the page", () => {
    expect(found(handedIn())).not.toMatch(/\$\d|turns|tokens|claude-example/);
  });

  test("is not followed by whom the data alone blame, where it says otherwise: the brief has that struck out", () => {
    for (const other of [calm, { ...finding, service: "orders-db2", change: null }]) {
      for (const text of [found(handedIn(other)), status(handedIn(other))]) expect(text).not.toContain("The data alone point to");
      expect(plainText(messages.brief(viewOf(nightWith(handedIn(other))), "pd-1").text)).toContain(
        "~Best suspect *payments*, deploy `9f2c1e4` (likely, 0.86)~",
      );
    }
  });

  test("names the service, the change in short and the services on the path", () => {
    const [first = expect.fail()] = finding.claims;
    const short = { ...finding, claims: [first], ruled_out: [], missing: [] };
    expect(found(handedIn(short))).toContain("*payments*, deploy `9f2c1e4` · *Path:* payments → checkout");
  });

  test("gives each fact with the line that shows it and links to its evidence", () => {
    const text = found(handedIn());
    expect(text).toContain(
      "• 1,140 cache misses a minute, before none. `token cache miss for merchant 8812, refreshing synchronously` E9 (https://midwatch.example/incidents/pd-1/evidence/9?q=token%20cache%20miss%20for%20merchant%208812%2C%20refreshing%20synchronously)",
    );
  });

  test("opens no search for a quote from which an order to software was left out, nor for more of a long one than finds its line", () => {
    const [claim = expect.fail()] = finding.claims;
    const withQuote = (text: string) => found(handedIn({ ...finding, claims: [{ ...claim, quotes: [{ text, evidence: 9 }] }] }));
    expect(withQuote(`coupon ${ORDER_LEFT_OUT}`)).toMatch(/\/evidence\/9\)/);
    expect(withQuote("x".repeat(300))).toContain(`/evidence/9?q=${"x".repeat(80)})`);
  });

  test("orders steps, with the runbook that has the details", () => {
    expect(status(handedIn())).toContain("*Do now:* Roll back payments to 7ab0d2e.");
    expect(found(handedIn())).toMatch(/^\*Then:\*\n2\. Do not restart the database: it is idle\.\n\*Runbook:\* payments-rollback/m);
    expect(found(handedIn())).not.toContain("Roll back payments");
  });

  test("names a runbook with a link to its steps, which are on the page", () => {
    const [first = expect.fail()] = finding.do_now;
    const text = withBook(handedIn({ ...finding, do_now: [first] }));
    expect(text).toContain("*Runbook:* payments-rollback (https://midwatch.example/incidents/pd-1#next)");
    expect(text).not.toContain("Open the console.");
  });

  const withBook = (...events: Parameters<typeof nightWith>) => {
    const log = nightWith(...events);
    const shown = log.map((logged) =>
      logged.event.type === "triage-finished"
        ? {
            ...logged,
            event: {
              ...logged.event,
              runbooks: [{ name: "payments-rollback", title: "Roll back", steps: ["Open the console.", "Pick the release."] }],
            },
          }
        : logged,
    );
    return plainText(messages.finding(viewOf(shown), "pd-1").text);
  };

  test("keeps who is hit and what to do however long the rest is, and ends each sentence at a clause", () => {
    const long = (head: string) => `${head} 4.8 s at 03:14, and every payment waits for it; ${"so do its callers, and theirs; ".repeat(6)}`;
    const text = found(
      handedIn({
        ...finding,
        claims: ["First", "Second", "Third"].map((head) => ({ text: long(head), evidence: [3], quotes: [] })),
        ruled_out: ["traffic", "the database", "the provider"].map((what) => ({ what, why: long("flat at"), evidence: [3] })),
        impact: { text: long("Checkouts take"), evidence: [2] },
        missing: [1, 2, 3].map(() => ({ what: long("Why it took"), who: null, evidence: [] })),
      }),
    );
    expect(text).toMatch(/^\*Impact:\* Checkouts take 4.8 s at 03:14, and every payment waits for it; .*[a-z](?: …)? E2/m);
    expect(text).toContain("2. Do not restart the database: it is idle.");
    expect(text).toContain("*Ruled out:* traffic; the database; the provider");
    // A word in the midst of a clause is never the last one shown.
    for (const line of text.split("\n").filter((one) => one.includes(" …"))) expect(line).toMatch(/(?:it|callers|theirs|03:14) …/);
  });

  test.each([
    [
      "Look at the cache behind 10.0.0.7: do its pods run? Restart each one that does not answer, one after the other, and wait until its callers are back.",
      "1. … Restart each one that does not answer",
    ],
    [
      "Roll back payments to the version before. Rolling back only search leaves the query in, so both callers and the page stay as they are now.",
      "1. … Rolling back only search leaves the query in",
    ],
  ])("says of a step what the status has no room for, and not what it has: %s", (step, left) => {
    const of = { ...finding, cause: `${finding.cause.slice(0, -1)}, ${"and its callers wait, ".repeat(4)}as seen.`, do_now: [{ step, runbook: null, evidence: [] }] }; // prettier-ignore
    const shown = status(handedIn(of));
    const text = found(handedIn(of));
    expect(text).toContain(`*Then:*\n${left}`);
    expect(shown).toContain(`*Do now:* ${step.slice(0, 25)}`);
    expect(text).not.toContain(step.slice(0, 25));
  });

  test("code between backticks is code in its words and in the steps of a runbook", () => {
    const coded = {
      ...finding,
      cause: "`TokenCache.get` keys by merchant *and `request id`*",
      do_now: [{ step: "Run `kubectl rollout undo deploy/payments`, then ```look", runbook: null }],
    };
    const text = both(handedIn(coded));
    expect(text).toContain("*Cause (likely, 0.86):* deploy `9f2c1e4`: `TokenCache.get` keys by merchant *\u200band `request id`*");
    expect(text).toContain("*Do now:* Run `kubectl rollout undo deploy/payments`, then ˋˋˋlook");
  });

  test.each([
    ["Payments answer late.", "deploy `9f2c1e4`: Payments answer late."],
    ["Payments answer late since 9f2c1e4.", "Payments answer late since 9f2c1e4."],
    ["#2210 makes payments answer late.", "#2210 makes payments answer late."],
  ])("whoever reads one line sees what changed: %s", (cause, said) => {
    expect(both(handedIn({ ...finding, cause }))).toContain(`*Cause (likely, 0.86):* ${said}`);
  });

  test("what could not be checked is what the model missed and what was never read, each said once with why", () => {
    const text = found(handedIn());
    expect(text).toMatch(
      /^\*Could not check:\*\n• feature flags of payments \(not configured; needs: the payments team\)\n• Sentry \(403 [^;]*\)$/m,
    );
    const known = { ...finding, missing: [{ what: "Feature flags: not configured", who: null }] };
    expect(found(handedIn(known))).toMatch(/^\*Could not check:\*\n• Feature flags: not configured\n• Sentry \(/m);
  });

  test("says where the checks cut something, and marks what is in no evidence", () => {
    expect(found(handedIn(finding, ["claims[1]: no such quote"]))).toContain("*Cut by the checks:* claim 2.");
    expect(found(handedIn())).not.toMatch(/Cut by|unverified/);
    const marked = both(
      handedIn({
        ...finding,
        cause_unverified: ["#2210"],
        claims: finding.claims.map((claim) => ({ ...claim, unverified: [claim.text] })),
        ruled_out: finding.ruled_out.map((one) => ({ ...one, unverified: ["flat"] })),
        impact: { text: "18 % of checkouts fail", evidence: [2], unverified: ["18 %"] },
        do_now: [{ step: "Roll back payments to 7ab0d2e.", runbook: null, unverified: ["7ab0d2e"] }],
      }),
    );
    expect(marked).toContain("waits for a token call. (unverified: #2210)");
    expect(marked).toContain("1,140 cache misses a minute, before none. (unverified)");
    expect(marked).toContain("its own latency is flat (unverified: flat)");
    expect(marked).toContain("18 % of checkouts fail (unverified: 18 %)");
    expect(marked).toContain("Roll back payments to 7ab0d2e. (unverified: 7ab0d2e)");
  });

  test("marks no value whose sentence it has no room for", () => {
    const shown = (impact: string) => found(handedIn({ ...finding, impact: { text: impact, evidence: [2], unverified: ["63 %"] } }));
    const long = `Payments wait for a token since 03:12, ${"and those who call them wait as well, ".repeat(5)}as seen.`;
    expect(shown(`63 % of checkouts fail. ${long} It stays so.`)).toContain("*Impact:* 63 % of checkouts fail. (unverified: 63 %)");
    expect(shown(`${long} At the end 63 % failed.`)).not.toContain("63 %");
  });

  test("takes as the status message's second line", () => {
    const [first, second] = status(handedIn()).split("\n");
    expect(first).toContain("*checkout: errors 0.3 % → 18 % since 03:12*");
    expect(second).toMatch(/^\*Cause \(likely, 0\.86\):\* TokenCache\.get keys/);
  });

  test("without an address of the incident's page the numbers stand alone", () => {
    const bare = createMessages({ timelineUrl: () => null, withoutModel: null });
    const { text } = bare.finding(viewOf(nightWith(handedIn())), "pd-1");
    expect(text).toContain("`E9`");
    expect(text).not.toContain("evidence and timeline");
  });
});

test.each([
  "All three invoice pods can no longer resolve their database host pgmain.storage.svc.cluster.local (ENOTFOUND), so requests that need it fail with 500",
  "Which secrets changed at 14:15 and who changed them is not known because Datadog refused the audit logs of the cluster and its events with 403 since then",
  "The pool of orders-api was cut from fifty to five connections so that each request waits for one while invoices-worker-long-name-of-a-job holds four of them",
])("a cause in the status takes all the room that is left, and ends with a whole word: %s", (cause) => {
  const step = "Ask the owners of the cluster whether the service and its endpoints are there, and put them back";
  const doNot = "restart the pods while no resolver of this cluster knows the name";
  const said = { ...finding, change: null, cause: `${cause}.`, do_now: [{ step, runbook: null, evidence: [] }], do_not: { text: doNot } };
  const text = messages.status(viewOf(nightWith(handedIn(said)))).text;
  const shown = /\*Cause \([^)]*\):\* (.*?) …\n/.exec(text)?.[1] ?? "";
  const plainCause = cause.replace(/ \([^)]*\)/, "");
  // Ten characters more would have been shown, were there room for them.
  expect(visibleLength(text)).toBeGreaterThan(370);
  expect(shown).toBe(plainCause.slice(0, shown.length));
  expect(plainCause[shown.length]).toMatch(/[ ,]/);
});

describe("a brief that a finding contradicts", () => {
  const brief = (...events: Parameters<typeof nightWith>) => plainText(messages.brief(viewOf(nightWith(...events)), "pd-1").text);

  test("is corrected where it is: one line, with what it takes back struck out", () => {
    expect(brief(handedIn({ ...finding, service: "orders-db2", change: null }))).toBe(
      "*Corrected:* see the finding below. · ~Best suspect *payments*, deploy `9f2c1e4` (likely, 0.86)~ · Evidence and timeline (https://midwatch.example/incidents/pd-1)",
    );
    expect(brief(handedIn(calm))).toContain("*Corrected:*");
  });

  test("is not corrected where the same deploy is blamed, whichever of its services is named", () => {
    const view = viewOf(nightWith(handedIn({ ...finding, service: "checkout" })));
    expect(isNewBelief(view)).toBe(false);
    expect(plainText(messages.brief(view, "pd-1").text)).not.toMatch(/Corrected|~/);
  });

  test("is superseded, not corrected, by one that leaves the cause open", () => {
    for (const text of [brief(handedIn(inconclusive))])
      expect(text).toBe("Superseded by the finding below. · Evidence and timeline (https://midwatch.example/incidents/pd-1)");
  });

  test("no longer lists as innocent what the finding blames", () => {
    const blamed = { what: 'deploy payments@9f2c1e4 "deploy payments"', why: "it went live after the onset", evidence: [5] };
    const log = nightWith(handedIn()).map((logged) =>
      logged.event.type === "triage-finished"
        ? {
            ...logged,
            event: {
              ...logged.event,
              analysis: {
                ...logged.event.analysis,
                suspects: logged.event.analysis.suspects.map((one) => ({ ...one, change: null })),
                ruledOut: [blamed, ...logged.event.analysis.ruledOut],
              },
            },
          }
        : logged,
    );
    const text = plainText(messages.brief(viewOf(log), "pd-1").text);
    expect(text).toContain("*Corrected:*");
    expect(text).not.toContain("it went live after the onset");
  });
});

describe("other endings", () => {
  test("inconclusive says so once, blames nobody with a figure, and keeps what is left", () => {
    const text = both(handedIn(inconclusive));
    expect(text).toMatch(/^\*No cause found yet\.\* Search errors began/m);
    expect(text.match(/no cause found|inconclusive/gi)).toHaveLength(1);
    expect(text).not.toMatch(/0\.40|Path:/);
  });

  test("inconclusive leaves the data's best suspect in sight, unless the finding rules it out", () => {
    const line = "The data alone point to *payments*, deploy `9f2c1e4` (likely, 0.86)";
    expect(status(handedIn(inconclusive))).toContain(line);
    const ruled = { ...inconclusive, ruled_out: [{ what: "deploy 9f2c1e4", why: "it was rolled back, errors stay", evidence: [5] }] };
    expect(both(handedIn(ruled))).not.toContain(line);
    expect(both(handedIn())).not.toContain("The data alone point to");
  });

  test("nothing wrong says so once, without a figure and without the steps of an incident", () => {
    const text = both(handedIn(calm));
    expect(text).toMatch(/^\*Nothing looks wrong\.\* CPU of orders-db/m);
    expect(text).toContain("*Do now:* Raise the monitor's window to 5 min.");
    expect(text).not.toMatch(/Cause|Freeze deploys/);
    const twice = both(handedIn({ ...calm, cause: "Nothing looks wrong with checkout." }));
    expect(twice.match(/nothing looks wrong/gi)).toHaveLength(1);
  });

  test("a limit is named, with the finding that was there by then", () => {
    const text = both([...looked, ["03:17:26", submitted()], ["03:17:27", closed("limit", "time budget of 5 min is used up")]]);
    expect(text).toContain("*The model ended early:* time budget of 5 min is used up. This is what it had found by then.");
    expect(text).toContain("*Cause (likely, 0.86):*");
  });

  test("a limit without a finding leaves the data's best suspect and says how to go on", () => {
    const ended = [...looked, ["03:17:27", closed("limit", "time budget of 5 min is used up")]] as const;
    expect(found(ended)).toContain("From the data alone");
    expect(status(ended)).toContain("*Cause (likely, 0.86):* *payments*");
    expect(status(ended)).toContain("*No finding from the model:* time budget of 5 min is used up. Reply “resume”");
  });

  test("a provider that failed is named with the time at which it will be asked again", () => {
    expect(status(providerFailed(true))).toContain("*No finding from the model:* Claude is overloaded (529). Next try at 03:17 UTC.");
  });

  test("a provider that refuses is not said to be asked again by itself", () => {
    const text = status(providerFailed(false));
    expect(text).toContain("No finding from the model:* the API key is not accepted (401)");
    expect(text).not.toContain("Next try");
    expect(text).toContain("Reply “resume”");
  });

  test("the last try promises no other", () => {
    const tries = [1, 2, 3, 4].flatMap((round) => [
      [`03:2${round}:00`, started(round)] as const,
      [`03:2${round}:30`, closed("provider", "Claude is overloaded (529)", true)] as const,
    ]);
    expect(status(tries.slice(0, 6))).toContain("Next try at 03:38 UTC.");
    expect(status(tries)).not.toContain("Next try");
  });

  test("a resolved incident promises nothing more", () => {
    const resolved: IncidentEvent = {
      type: "pager-event-received",
      eventType: "incident.resolved",
      occurredAt: page.createdAt + 600_000,
      by: "Ana",
      text: "Ana resolved the page",
      page: { ...page, status: "resolved" },
    };
    const text = status([...providerFailed(true), ["03:22:21", resolved]]);
    expect(text).toContain("No finding from the model");
    expect(text).not.toMatch(/Next try|resume/);
  });

  test("the failure of a model's own step is told once, as the end of its work", () => {
    expect(status(providerFailed(true)).match(/529/g)).toHaveLength(1);
    const other: IncidentEvent = { type: "step-failed", step: "fix", error: "GitHub: 500", attempt: 5, final: true };
    expect(status([...providerFailed(true), ["03:12:55", other]])).toContain("midwatch gave up on *fix* after 5 tries: GitHub: 500");
  });
});

describe("while it is at work", () => {
  test("the status message says who investigates, and that it is asked again", () => {
    expect(status(looked)).toMatch(
      /Cause \(likely, 0\.86\):\* \*payments\*, deploy `9f2c1e4` at 03:10\n.*\n\*Do now:\* .*\nclaude-example is investigating …/,
    );
    expect(status([...providerFailed(true), ["03:17:51", started(2)]])).toContain("claude-example is investigating again (round 2) …");
  });

  test("once the brief is out people know that a model comes next, and how to steer it", () => {
    const view = viewOf(logUntil("triage-finished"));
    expect(messages.status(view).text).toContain("A model is investigating");
    expect(messages.brief(view, "pd-1").text).toContain("Reply here to steer the investigation; “stop” ends it.");
    const without = createMessages({ timelineUrl: () => null, withoutModel: "ANTHROPIC_API_KEY is not set" });
    expect(without.status(view).text).not.toContain("model");
    expect(without.brief(view, "pd-1").text).not.toContain("steer");
  });

  test("a look from the command line, of which Slack knows nothing, promises no model", () => {
    const unsaid = viewOf(logUntil("triage-finished").filter(({ event }) => event.type !== "status-posted"));
    expect(messages.status(unsaid).text).not.toContain("investigating");
    for (const withoutModel of [null, "ANTHROPIC_API_KEY is not set"])
      expect(createMessages({ timelineUrl: () => null, withoutModel }).brief(unsaid, "pd-1").text).not.toMatch(/repl(?:y|ies) here/i);
  });
});

describe("a model's words", () => {
  const nasty =
    "<!channel> <@U1> *bold* `code` ```fence``` [a](https://evil.example) <https://evil.example|open> & \u0007\u001b[31m\u202e“@here”\nline two ".repeat(
      30,
    );
  const many = <T>(one: T, count: number): T[] => Array.from({ length: count }, () => one);
  const monster = {
    ...hostile(finding, nasty),
    cause: nasty,
    change: { id: nasty, repository: nasty },
    causal_path: many({ service: nasty, what: nasty, evidence: [1, 2, 3, 4, 5] }, 8),
    claims: many({ text: nasty, evidence: [1, 2, 3, 4, 5], quotes: many({ text: `${nasty}x`, evidence: 6 }, 4) }, 12),
    ruled_out: many({ what: nasty, why: nasty, evidence: [1, 2, 3, 4, 5] }, 10),
    do_now: many({ step: nasty, runbook: nasty }, 6),
    missing: many({ what: nasty, who: nasty }, 6),
  };
  const all = (log: ReturnType<typeof nightWith>): SlackMessage[] => {
    const view = viewOf(log);
    return [messages.status(view), messages.finding(view, "pd-1")];
  };
  const said = [
    ...all(nightWith(handedIn(monster, many(nasty, 30)))),
    ...all(nightWith(handedIn({ ...monster, verdict: "inconclusive" }))),
    ...all(nightWith(handedIn({ ...monster, verdict: "nothing-wrong" }))),
    ...all(
      nightWith([
        ["03:12:26", { ...started(), model: nasty }],
        ["03:12:27", closed("provider", nasty, true)],
      ]),
    ),
    ...all(nightWith([["03:12:26", { ...started(), model: nasty }]])),
  ];

  test("mention nobody, link nowhere and carry no control characters", () => {
    for (const { text, blocks } of said) {
      const shown = [
        text,
        ...blocks.flatMap((block) =>
          "text" in block
            ? [block.text.text]
            : "elements" in block
              ? block.elements.flatMap((one) => (one.type === "mrkdwn" ? [one.text] : []))
              : [],
        ),
      ].join("\n");
      expect(/<[!@#]|<https?:\/\/(?!midwatch\.example|acme\.)/.exec(shown)).toBeNull();
      // Code calls nobody.
      expect(/@(?:here|channel)/.exec(shown.replaceAll(/`[^`\n]*`/g, ""))).toBeNull();
      // oxlint-disable-next-line no-control-regex
      expect(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/.exec(shown)).toBeNull();
      // Every backtick is one of our own: they come in pairs within a line.
      expect(shown.split("\n").filter((line) => (line.match(/`/g) ?? []).length % 2 === 1)).toEqual([]);
    }
  });

  test("keep to Slack's limits, and the last line with its link is not what is cut", () => {
    expect(said.filter((one) => !withinLimits(one))).toEqual([]);
    const [, message] = said;
    // Its buttons come after it.
    expect(JSON.stringify(message?.blocks.at(-2))).toContain("Evidence and timeline");
  });

  test("a long finding says how much more there is on the page", () => {
    const long = {
      ...finding,
      claims: finding.claims.flatMap((claim) => many(claim, 4)),
      ruled_out: finding.ruled_out.flatMap((one) => many(one, 4)),
    };
    const text = JSON.stringify(messages.finding(viewOf(nightWith(handedIn(long))), "pd-1").blocks);
    expect(text).toContain("More on the incident's page");
  });
});
