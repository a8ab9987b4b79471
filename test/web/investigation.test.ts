import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { type IncidentExport, incidentExportSchema } from "../../src/web/export.ts";
import { createWeb } from "../../src/web/web.ts";
import {
  answered,
  calm,
  closed,
  finding,
  firstCalls,
  handedIn,
  inconclusive,
  looked,
  nightWith,
  providerFailed,
  started,
  submitted,
  turn,
} from "../support/example-investigation.ts";
import { HOSTILE, at, hostile, logUntil, memoryIncidents, resolved } from "../support/example-log.ts";
import { readable } from "./readable.ts";

const webOf = (log: LoggedEvent[]) => createWeb({ incidents: memoryIncidents({ Q1: log }), now: () => at("03:13:20") });
const get = async (log: LoggedEvent[], path = "/incidents/Q1") => (await webOf(log).request(path)).text();
/** Markup of one part of the page, from its id to the next region. */
const part = (body: string, id: string) => {
  const from = body.indexOf(`id="${id}"`);
  return from < 0 ? "" : body.slice(from, body.indexOf("data-region=", from));
};

function present<T>(value: T | null | undefined): T {
  if (value == null) throw new Error("it is not there");
  return value;
}

describe("a finding", () => {
  test("is the answer: cause with likelihood, how it spread, claims with quotes, impact, steps, what it is not and what was not seen", async () => {
    const body = await get(nightWith(handedIn()));
    const order = [
      // The head has whom it hurts; then what to do, and what is so.
      "Impact 18 % of checkouts fail",
      "Do now Roll back payments to 7ab0d2e. runbook payments-rollback",
      "Cause payments code likely, 86 %",
      "TokenCache.get keys by merchant and request id",
      "payments 7ab0d2e → 9f2c1e4 deployed (#2210) by kim at 03:10:55: cache provider tokens per merchant",
      "How it spread payments token cache hits fell to 0 %",
      "What it rests on The diff of #2210",
      "const key = `${merchant}:${requestId}` E11",
      "Ruled out provider outage: its own latency is flat E14",
      "Could not check feature flags of payments (not configured; needs: the payments team)",
      "From the data alone: best suspect payments, deploy 9f2c1e4 (likely, 0.86)",
    ];
    const text = readable(body);
    const places = order.map((words) => text.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(text).toContain("Cause: payments, deploy 9f2c1e4, likely (86 %)");
  });

  test("opens each piece of evidence, a quote's at the line that holds it", async () => {
    const body = await get(nightWith(handedIn()));
    for (const number of [3, 13, 2, 8, 14, 10]) expect(body).toContain(`href="/incidents/Q1/evidence/${number}"`);
    expect(body).toContain("/incidents/Q1/evidence/9?q=token%20cache%20miss%20for%20merchant%208812");
  });

  test("folds what the data alone say, without an order that the finding did not give", async () => {
    const body = await get(nightWith(handedIn({ ...finding, service: "orders-db", change: null, do_now: [] })));
    expect(body).toMatch(/<details class="card" id="from-data"\s*>/);
    expect(readable(part(body, "from-data"))).toContain("96 % of checkout's failing traces end here.");
    // The deploy that triage blames is not what the finding blames.
    expect(readable(body)).not.toContain("Roll back payments to");
    expect(readable(body)).toContain("Runbook: Roll back payments");
  });

  test("lists what the checks cut, with why, and marks what is in no evidence", async () => {
    const cuts = ["claims[2].quotes[0]: “…” is not word for word in E13", "claims[0]: “4.8 ms” has another unit in E3: 4.8 (time)"];
    const text = readable(await get(nightWith(handedIn({ ...finding, cause_unverified: ["#2210"] }, cuts))));
    expect(text).toContain("Cut by the checks claim 3, quote 1: “…” is not word for word in E13. claim 1: “4.8 ms” has another unit in E3");
    expect(text).toContain("waits for a token call. (unverified: #2210)");
  });

  test("says what it took, with the share that came from the cache", async () => {
    const text = readable(await get(nightWith(handedIn())));
    expect(text).toContain("41 s · 3 turns · 7 tool calls · $0.06 · 62k tokens, 90 % from the cache · claude-example.");
  });

  test("inconclusive blames nobody with a figure", async () => {
    const body = await get(nightWith(handedIn(inconclusive)));
    const text = readable(body.slice(body.indexOf('id="finding"'), body.indexOf('id="from-data"')));
    expect(text).toContain("No cause found yet Search errors began at 11:02");
    expect(text).not.toMatch(/40 %|86 %|How it spread/);
    // Then the data's own ranking is all there is, so it is not folded away.
    expect(body).toMatch(/<details class="card" id="from-data" open\s*>/);
  });

  test("nothing wrong gives the model's steps and none of an incident's", async () => {
    const text = readable(await get(nightWith(handedIn(calm))));
    expect(text).toContain("Nothing looks wrong: Checkout error rate");
    expect(text).toContain("Do now Raise the monitor's window to 5 min.");
    expect(text).not.toContain("Freeze deploys");
  });
});

describe("while a model works", () => {
  test("the page tells its turn, its hypotheses and what it looked at last", async () => {
    const body = await get(nightWith(looked));
    const text = readable(part(body, "at-work"));
    expect(text).toContain("claude-example is at turn 3, begun 54 s ago, 6 tool calls so far.");
    expect(text).toContain("supported the deploy 9f2c1e4 broke the token cache the key holds the request id E11");
    expect(text).toContain("ruled out the provider is slow 96 % of failing traces end in payments E7");
    expect(text).toMatch(/Looked at last datadog metrics provider latency 38 ms → 39 ms E14 .* sentry issues Sentry could not be read/);
    expect(readable(body)).toContain("investigating, turn 3");
  });

  test("a turn whose answers are awaited is the turn it is at", async () => {
    expect(readable(await get(nightWith(looked.slice(0, 2))))).toContain("is at turn 1,");
    expect(readable(await get(nightWith(looked.slice(0, 1))))).toContain("is at turn 1,");
  });

  test("a second round is named as such, beside what the first had found", async () => {
    const log = nightWith([
      ...looked,
      ["03:12:56", submitted()],
      ["03:12:57", closed("stopped", "a person stopped it")],
      ["03:13:00", started(2)],
    ]);
    const text = readable(await get(log));
    expect(text).toContain("is at turn 1 of round 2");
    expect(text).toContain("Cause payments code");
  });

  test("each event of the stream carries the parts that changed", async () => {
    const log = nightWith(looked);
    const incidents = memoryIncidents({ Q1: log.slice(0, -1) });
    const web = createWeb({ incidents, now: () => at("03:13:20") });
    const stop = new AbortController();
    const response = await web.request(`/incidents/Q1/events?after=${log.length - 1}`, { signal: stop.signal });
    const reader = present(response.body).pipeThrough(new TextDecoderStream()).getReader();
    const last = present(log.at(-1));
    let text = (await reader.read()).value ?? "";
    incidents.append("Q1", last);
    while (!text.includes("event: news") || !text.endsWith("\n\n")) text += (await reader.read()).value ?? "";
    await reader.cancel();
    const data = /event: news\ndata: (.*)\n/.exec(text)?.[1] ?? "{}";
    const news = JSON.parse(data) as { regions: Record<string, string> };
    expect(readable(news.regions.answer ?? "")).toContain("provider latency 38 ms → 39 ms");
    expect(readable(news.regions.work ?? "")).toContain("What the model did: 2 turns, 6 tool calls");
  });
});

describe("work that ended without a finding", () => {
  test("a provider that failed: why, when it is asked again, and what the data alone say", async () => {
    const body = await get(nightWith(providerFailed(true)));
    const text = readable(body);
    expect(text).toContain("No finding from the model: Claude is overloaded (529). Next try at 03:17 UTC.");
    expect(text).toContain("Best suspect 1 payments");
    // Told once, as the end of the model's work.
    expect(body).not.toContain('id="failures"');
    expect(readable(await get(nightWith(providerFailed(true)), "/incidents"))).toContain(
      "payments, deploy 9f2c1e4 (likely), the model tries again at 03:17",
    );
  });

  test("a provider that refuses is not said to be asked again", async () => {
    const text = readable(await get(nightWith(providerFailed(false))));
    expect(text).toContain("No finding from the model: the API key is not accepted (401).");
    expect(text).not.toContain("Next try");
    expect(text).toContain("Reply “resume” in the Slack thread");
  });

  test("a limit with a finding by then shows the finding and the limit", async () => {
    const text = readable(
      await get(nightWith([...looked, ["03:17:26", submitted()], ["03:17:27", closed("limit", "time budget of 5 min is used up")]])),
    );
    expect(text).toContain("The model ended early: time budget of 5 min is used up. This is what it had found by then.");
    expect(text).toContain("Cause payments code");
  });

  test("a failure that is not the model's own is still told where it belongs", async () => {
    const body = await get(
      nightWith([
        ...providerFailed(true),
        ["03:12:55", { type: "step-failed", step: "fix", error: "GitHub: 500", attempt: 5, final: true }],
      ]),
    );
    expect(readable(part(body, "failures"))).toContain("midwatch gave up on fix after 5 tries: GitHub: 500");
    expect(body.match(/529/g)?.length).toBe((await get(nightWith(providerFailed(true)))).match(/529/g)?.length);
  });
});

describe("how it was found", () => {
  test("is folded, and tells turn by turn what was asked and what that brought", async () => {
    const body = await get(nightWith(handedIn()));
    expect(body).toContain('<details class="card" id="work">');
    const text = readable(part(body, "work"));
    for (const words of [
      "How it was found: 3 turns, 7 tool calls, $0.06",
      "Model claude-example",
      "03:12:26 to 03:13:07, 41 s",
      "60,000 read (90 % from the cache), 2,100 written",
      "Turn 1 03:12:38",
      "github diff #2210 changes 4 files, token-cache.ts most (+12 -3) E11",
      "Turn 3 03:13:06 submit finding finding accepted",
    ])
      expect(text).toContain(words);
  });

  test("an incident that no model was asked about has no such part", async () => {
    expect(part(await get(logUntil("fix-proposed")), "work")).toBe("");
  });
});

describe("the list", () => {
  test("says whether a cause was found or only suspected, and that a model is at work", async () => {
    const logs = { FOUND: nightWith(handedIn()), WORK: nightWith(looked) };
    const web = createWeb({ incidents: memoryIncidents(logs), now: () => at("03:13:20") });
    const text = readable(await (await web.request("/incidents")).text());
    expect(text).toContain("Cause payments, deploy 9f2c1e4 (likely)");
    expect(text).toContain("Best suspect payments, deploy 9f2c1e4 (likely)");
    expect(text).toContain("investigating, turn 3");
  });
});

describe("exports", () => {
  const ajv = new Ajv2020({ allErrors: true });
  addFormats.default(ajv);
  const valid = ajv.compile(z.toJSONSchema(incidentExportSchema));
  const json = async (log: LoggedEvent[]) => JSON.parse(await get(log, "/incidents/Q1.json")) as IncidentExport;

  test.each([
    ["at work", looked],
    ["found", handedIn(finding, ["claims[2]: no such figure"])],
    ["inconclusive", handedIn(inconclusive)],
    ["nothing wrong", handedIn(calm)],
    ["failed", providerFailed(true)],
  ] as const)("JSON follows its schema: %s", async (_, events) => {
    valid(await json(nightWith(events)));
    expect(valid.errors ?? []).toEqual([]);
  });

  test("JSON holds the finding, what it rests on, the work and what it took", async () => {
    const { investigation } = await json(nightWith(handedIn(finding, ["claims[2]: no such figure"])));
    expect(investigation).toMatchObject({
      model: "claude-example",
      round: 1,
      ended: { how: "submitted", retryAt: null },
      turns: 3,
      toolCalls: 7,
      tokens: { read: 60_000, cached: 54_000, written: 2_100 },
      dropped: ["claim 3"],
      finding: { verdict: "incident", likelihood: "likely", change: { repository: "acme/shop" }, missing: [{ who: "the payments team" }] },
      hypotheses: [{ status: "supported", evidence: [11] }, { status: "ruled-out" }],
    });
    expect(investigation?.dollars).toBeCloseTo(0.06);
    expect(investigation?.work.map(({ calls }) => calls.length)).toEqual([3, 3, 1]);
    expect((await json(nightWith(providerFailed(true)))).investigation?.ended).toEqual({
      how: "provider",
      because: "Claude is overloaded (529).",
      retryAt: "2026-11-23T03:17:50.100Z",
    });
    expect((await json(logUntil("fix-proposed"))).investigation).toBeNull();
  });

  test("Markdown puts the finding first and the data's own ranking after it", async () => {
    const text = await get(nightWith(handedIn()), "/incidents/Q1.md");
    const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      "Cause",
      "How it spread",
      "What it rests on",
      "Impact",
      "Do now",
      "Ruled out",
      "Could not check",
      "From the data alone",
      "Suspects, best first",
      "Moved later, as a consequence",
      "Ruled out by the data alone",
      "What was read",
      "How it was investigated",
      "Timeline",
      "Evidence",
    ]);
    expect(text).toContain("likely (0.86): **payments**, deploy `9f2c1e4`, kind of fault: code");
    expect(text).toMatch(/- 1,140 cache misses a minute, before none\. \[E9\]\(http/);
    expect(text).toContain("   - `token cache miss for merchant 8812, refreshing synchronously` [E9](");
    expect(await get(nightWith(providerFailed(true)), "/incidents/Q1.md")).toContain(
      "- **No finding from the model:** Claude is overloaded (529). Next try at 03:17 UTC.",
    );
  });
});

describe("a model's words", () => {
  const claims = firstCalls.map((call) =>
    call.name === "hypotheses"
      ? { ...call, input: { changes: [{ id: null, claim: HOSTILE, status: "open", evidence: [], because: HOSTILE }] } }
      : { ...call, name: HOSTILE, fact: HOSTILE },
  );
  const evil = [
    ...nightWith([
      ["03:12:26", { ...started(), model: HOSTILE }],
      ["03:12:30", turn(claims)],
      ["03:12:31", answered(claims)],
    ]),
  ];
  const logs = {
    "at work": evil,
    found: hostile(nightWith(handedIn(finding, [HOSTILE]))),
    inconclusive: hostile(nightWith(handedIn({ ...inconclusive, causal_path: finding.causal_path }))),
    failed: hostile(nightWith(providerFailed(true))),
    stopped: hostile(nightWith([...looked, ["03:12:56", submitted()], ["03:12:57", closed("stopped", HOSTILE)]])),
  };
  test.each(Object.entries(logs))("are text only: %s", async (_, log) => {
    for (const path of ["/incidents", "/incidents/Q1"]) {
      const body = await get(log, path);
      expect(body).toContain("<main");
      expect(/<img\b/.exec(body)).toBeNull();
      expect(body.match(/<script\b/g)).toHaveLength(1);
      expect(/href="\s*javascript:/i.exec(body)).toBeNull();
      expect(/<[a-z][^<>"']*(?:"[^"]*"|'[^']*'|[^<>"'])*\son\w+\s*=/i.exec(body)).toBeNull();
    }
    const text = await get(log, "/incidents/Q1.md");
    const outside = text.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(/<(?:img|script)/.exec(outside)).toBeNull();
  });

  test("become no link, and carry no control characters", async () => {
    const words = "see https://evil.example/x \u001b[31m\u202e[here](https://evil.example) `code`";
    const nasty = {
      ...finding,
      cause: words,
      claims: finding.claims.map((claim) => ({ ...claim, text: words })),
      do_now: [{ step: words, runbook: words }],
      missing: [{ what: words, who: words }],
    };
    const body = await get(nightWith(handedIn(nasty, [words])));
    expect(/href="https:\/\/evil/.exec(body)).toBeNull();
    // oxlint-disable-next-line no-control-regex
    expect(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]/.exec(part(body, "finding"))).toBeNull();
  });
});

test("while the incident is resolved nobody is told to resume", async () => {
  const text = readable(await get(nightWith([...providerFailed(true), resolved])));
  expect(text).toContain("No finding from the model");
  expect(text).not.toMatch(/resume|Next try/);
});
