import { describe, expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Intake } from "../../src/intake/intake.ts";
import { pagerduty } from "../../src/intake/pagerduty.ts";
import { keepUnits } from "../../src/web/html.ts";
import { createWeb } from "../../src/web/web.ts";
import {
  HOSTILE,
  at,
  charts,
  deploy,
  exampleEvidence,
  exampleLog,
  exampleTriage,
  hostile,
  logOf,
  logUntil,
  memoryIncidents,
  page,
  story,
} from "../support/example-log.ts";
import { madeUp } from "../intake/made-up/made-up.ts";
import { readable } from "./readable.ts";

const now = () => at("03:16:40");
const webOf = (logs: Record<string, LoggedEvent[]>) => createWeb({ incidents: memoryIncidents(logs), now });
const get = async (logs: Record<string, LoggedEvent[]>, path: string) => {
  const response = await webOf(logs).request(path);
  return { response, body: await response.text() };
};

describe("GET /incidents", () => {
  test("lists what is wrong, where, since when, the best suspect and who has it; open ones first", async () => {
    const { response, body } = await get({ DONE: exampleLog(), OPEN: exampleLog().slice(0, 12) }, "/incidents");
    expect(response.status).toBe(200);
    const text = readable(body);
    for (const words of [
      "checkout: errors 0.3 % → 18 % since 03:12",
      "#4821",
      "payments, deploy 9f2c1e4 (likely)",
      "Ana, acknowledged",
      "5 min ago",
    ])
      expect(text).toContain(words);
    expect(body.indexOf('href="/incidents/OPEN"')).toBeLessThan(body.indexOf('href="/incidents/DONE"'));
    expect(text).toContain("1 open, 1 resolved");
  });

  test("with no incident it says how to get one", async () => {
    const listFor = async (pagers: readonly Intake[]) =>
      (await createWeb({ incidents: memoryIncidents({}), now, pagers }).request("/incidents")).text();
    const one = await listFor([pagerduty]);
    for (const words of [
      "No incidents yet",
      "when PagerDuty pages someone. To connect it:",
      "In PagerDuty open Integrations → Generic Webhooks (v3) and add http://localhost/webhooks/pagerduty for the services to watch.",
      "Put the webhook's secret into PAGERDUTY_WEBHOOK_SECRET.",
      "npm run demo",
    ])
      expect(readable(one)).toContain(words);
    const two = readable(await listFor([pagerduty, madeUp]));
    expect(two).toContain("when PagerDuty or Night Bell pages someone. To connect one of them:");
    expect(two).toContain("In Night Bell open Bells → Wires and add http://localhost/webhooks/made-up");
    expect(two).toContain("MADE_UP_SECRET");
  });
});

test("a suspect blamed with another service's change: the page and its Markdown say whose, and roll back that one", async () => {
  const [best = expect.fail()] = exampleTriage.analysis.suspects;
  const triage = { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects: [{ ...best, service: "checkout" }] } };
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:25", triage],
  ]);
  const text = readable((await get({ Q1: log }, "/incidents/Q1")).body);
  expect(text).toContain("checkout, deploy 9f2c1e4 of payments, likely");
  expect(text).toContain("Roll back payments to 7ab0d2e");
  expect((await get({ Q1: log }, "/incidents/Q1.md")).body).toContain("1. **checkout**, deploy `9f2c1e4` of **payments**: likely");
});

describe("GET /incidents/:id", () => {
  test("says what is wrong, who is to blame and why, what to do, and what was not seen", async () => {
    const { response, body } = await get({ Q1: exampleLog().slice(0, 12) }, "/incidents/Q1");
    expect(response.status).toBe(200);
    const text = readable(body);
    for (const words of [
      "checkout: errors 0.3 % → 18 % since 03:12",
      "Best suspect: payments, deploy 9f2c1e4, likely (86 %)",
      "96 % of checkout's failing traces end here.",
      "token cache miss for merchant 8812, refreshing synchronously",
      "Roll back payments to 7ab0d2e",
      "Run the pipeline “rollback” with the last good version.",
      "#2216 Revert “cache provider tokens per merchant”",
      "Nothing changes until someone merges it",
      "no lock waits",
      "Not read: Sentry",
      "Give the token event:read (docs/sentry.md).",
      "5,000 of about 61,000 lines",
    ])
      expect(text).toContain(words);
    for (const number of [2, 3, 5, 7, 10, 14]) expect(body).toContain(`href="/incidents/Q1/evidence/${number}`);
    // Without a quote, it opens at the service that it is about.
    expect(body).toContain(`href="/incidents/Q1/evidence/7?q=payments"`);
    expect(body).toContain("<code>event:read</code>");
    // A quote's evidence opens at the line that holds it.
    expect(body).toContain("/incidents/Q1/evidence/9?q=token%20cache%20miss");
  });

  test("the timeline stands in the order of what happened", async () => {
    const { body } = await get({ Q1: exampleLog() }, "/incidents/Q1");
    const times = [...body.matchAll(/data-at="(\d+)"/g)].map((match) => Number(match[1]));
    expect(times.length).toBeGreaterThan(10);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBe(deploy.at);
  });

  test("while it reads it says so, and the draft PR is still to come", async () => {
    const { body } = await get({ Q1: logUntil("status-posted") }, "/incidents/Q1");
    const text = readable(body);
    expect(text).toContain("Reading every source");
    expect(text).toContain("not acknowledged");
    expect(text).not.toContain("Do now");
  });

  test("a page that was over before it was read says so, and does not wait for an answer", async () => {
    const over: IncidentEvent = {
      ...{ type: "pager-event-received", kind: "resolved", eventType: "incident.resolved", by: null, text: "" },
      ...{ occurredAt: page.createdAt + 45_000, page: { ...page, status: "resolved" } },
    };
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:13:05", over],
    ]);
    const text = readable((await get({ Q1: log }, "/incidents/Q1")).body);
    expect(text).toContain("Over after 45 s, by itself, before midwatch had read anything: not investigated.");
    expect(text).not.toContain("asking every source");
  });

  test("a triage that was given up is named where the answer would stand", async () => {
    const failed = { type: "step-failed", step: "triage", error: "Datadog: 403", attempt: 3, final: true } as const;
    const { body } = await get(
      {
        Q1: logOf([
          ["03:12:20", { type: "page-received", page }],
          ["03:13:00", failed],
        ]),
      },
      "/incidents/Q1",
    );
    expect(readable(body)).toContain("midwatch gave up on triage after 3 tries: Datadog: 403");
    expect(readable(body)).toContain("No answer");
  });

  test("nothing wrong blames no suspect and gives no order", async () => {
    const calm = {
      ...exampleTriage,
      charts: [],
      analysis: { ...exampleTriage.analysis, verdict: "nothing-wrong" as const, because: "as every night" },
    };
    const { body } = await get(
      {
        Q1: logOf([
          ["03:12:20", { type: "page-received", page }],
          ["03:12:25", calm],
        ]),
      },
      "/incidents/Q1",
    );
    const text = readable(body);
    expect(text).toContain("as every night");
    expect(text).toContain("midwatch read 5 of 6 sources, 1 failed (Sentry), and found nothing that explains the page.");
    expect(text).toContain("Furthest from usual Too weak to blame");
    // The chance of being to blame is no figure for somebody who is not blamed.
    expect(text).not.toMatch(/\d+ %\)? (likely|possible)|likely, \d+ %/);
    expect(text).not.toContain("Best suspect");
    expect(text).not.toContain("Do now");
  });

  test.each([
    ["inconclusive", {}, "No cause found yet.", "Furthest from usual"],
    ["incident", { together: ["checkout", "payments", "mail"] }, "checkout, payments, mail fail alike", "Fail alike"],
  ] as const)("no suspect is the best one where the answer is %s: %o", async (verdict, more, lead, heading) => {
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", { ...exampleTriage, analysis: { ...exampleTriage.analysis, verdict, ...more } }],
    ]);
    const text = readable((await get({ Q1: log }, "/incidents/Q1")).body);
    expect(text).toContain(lead);
    expect(text).toContain(`${heading} payments`);
    expect(text).not.toMatch(/Best suspect|Roll back payments to/);
    expect(readable((await get({ Q1: log }, "/incidents")).body)).not.toContain("payments, deploy");
  });

  test("an unlikely suspect is not rolled back", async () => {
    const weak = exampleTriage.analysis.suspects.map((suspect) => ({ ...suspect, probability: 0.5 }));
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects: weak } }],
    ]);
    const { body } = await get({ Q1: log }, "/incidents/Q1");
    expect(readable(body)).not.toContain("Roll back payments to");
    expect(readable(body)).toContain("Runbook: Roll back payments");
  });

  test("a crowd of weak suspects is folded away, the strong ones are not", async () => {
    const [, second] = exampleTriage.analysis.suspects;
    if (second === undefined) throw new Error("no second suspect");
    const crowd = Array.from({ length: 9 }, (_, index) => ({
      ...second,
      service: `other-${index}`,
      probability: index === 0 ? 0.5 : index < 4 ? 0.05 : 0.01,
    }));
    const suspects = [...exampleTriage.analysis.suspects.slice(0, 1), ...crowd];
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects } }],
    ]);
    const { body } = await get({ Q1: log }, "/incidents/Q1");
    expect(readable(body)).toContain("6 weaker");
    expect(body).toMatch(/<details id="suspect-1"[^>]*\sopen/);
    expect(body).not.toMatch(/<details id="suspect-2"[^>]*\sopen/);
    const folded = body.indexOf('id="more-suspects"');
    expect(body.indexOf('id="suspect-3"')).toBeLessThan(folded);
    expect(body.indexOf('id="suspect-4"')).toBeGreaterThan(folded);
  });

  test("suspects at 0 and 1 % are folded, however few", async () => {
    const [best = expect.fail(), second = expect.fail()] = exampleTriage.analysis.suspects;
    const suspects = [best, { ...second, probability: 0.01 }];
    const triage = { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects } };
    const { body } = await get({ Q1: logOf([["03:12:25", triage]]) }, "/incidents/Q1");
    expect(readable(body)).toContain("Other suspects: 1 weaker");
    const folded = body.indexOf('<details class="card" id="suspects">');
    expect(folded).toBeGreaterThan(0);
    expect(body.indexOf('id="suspect-1"')).toBeGreaterThan(folded);
  });

  test("a rate does not break before its unit, and code in a timeline is no raw backtick", async () => {
    expect(keepUnits("from 1.2 / s to 18 %, 3 / service")).toBe("from 1.2\u00a0/\u00a0s to 18\u00a0%, 3 / service");
    const [best = expect.fail()] = exampleTriage.analysis.suspects;
    const text = `provider stops before the log line \`short\` and \`${"long ".repeat(40)}\`: reached in 0 % of runs`;
    const suspects = [{ ...best, service: "provider", reasons: [{ text, evidence: [3], quote: null }] }];
    const triage = { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects } };
    const { body } = await get({ Q1: logOf([["03:12:25", triage]]) }, "/incidents/Q1");
    const timeline = body.slice(body.indexOf('id="timeline"'));
    const detail = /<summary>why<\/summary>\s*<div class="detail">([\s\S]*?)<\/div>/.exec(timeline)?.[1];
    expect(detail).toContain("<code>short</code>");
    expect(detail).not.toContain("`");
  });

  test("low urgency does not look like high urgency", async () => {
    const calm = { ...page, priority: null, urgency: "low" as const };
    const { body } = await get({ Q1: logOf([["03:12:20", { type: "page-received", page: calm }]]) }, "/incidents/Q1");
    expect(body).toContain('<span class="chip sev low">low urgency</span>');
    expect((await get({ Q1: exampleLog() }, "/incidents/Q1")).body).not.toContain("sev low");
  });

  test("the head leads to the fix and says what CI shows of it", async () => {
    const { body } = await get({ Q1: logUntil("fix-proposed") }, "/incidents/Q1");
    const head = body.slice(body.indexOf('class="headline"'), body.indexOf('data-region="answer"'));
    expect(head).toContain('<a class="chip state s-fix" href="#fix">fix proposed</a>');
    expect(readable(body.slice(body.indexOf('id="fix"')))).toMatch(/^[^A-Z]*Draft revert PR #2216 .*?CI has not started\./);
    const before = (await get({ Q1: logUntil("finding-posted") }, "/incidents/Q1")).body;
    expect(before).not.toContain('href="#fix"');
  });

  test("a declined fix says why", async () => {
    const { body } = await get(
      {
        Q1: logOf([
          ...exampleLog()
            .slice(0, 5)
            .map((one) => [one.at, one.event] as const),
          ["03:12:31", { type: "fix-declined", because: "the file changed since" }],
        ]),
      },
      "/incidents/Q1",
    );
    expect(readable(body)).toContain("No fix PR the file changed since");
  });

  test("each chart says in words what its line says", async () => {
    const { body } = await get({ Q1: exampleLog() }, "/incidents/Q1");
    // The second is beside the claim where there is room, else among the other signals.
    expect(body.match(/<svg height/g)).toHaveLength(charts.length + 1);
    expect(body).toMatch(/aria-label="payments p95 latency: median 2\d\d ms before 03:11, then up to 4\.\d+ s;/);
    expect(body).toMatch(/aria-label="payments CPU: median [^"]* no change seen/);
  });
});

describe("what comes from outside", () => {
  const log = hostile(exampleLog());
  const evidence = hostile(exampleEvidence());
  const joined = { ...hostile({ name: "#2", service: "cart", title: "down", link: "" }), createdAt: 0 };
  const because = { code: "same-end" as const, ...hostile({ service: "cart", end: "db" }), fails: true, probability: 0.9 };
  const moved = { since: now(), asOf: now(), isOut: true, level: null, undoneAt: now(), after: null, changes: [], evidence: [], calls: 1 };
  const later: readonly (readonly [number, IncidentEvent])[] = [
    [now(), { type: "page-joined", incident: HOSTILE, page: joined, because }],
    [now(), { type: "belief-read", state: "second-fault", service: HOSTILE, ...moved }],
    [now(), { type: "note-written", about: "finding", text: HOSTILE }],
    [now(), { type: "fix-shared", incident: HOSTILE, name: HOSTILE, link: "javascript:alert(3)" }],
    [now(), { type: "page-left", incident: HOSTILE, by: HOSTILE }],
  ];
  const storm = [...log.slice(0, -1), ...logOf(later)].map((logged, index) => ({ ...logged, seq: index + 1 }));
  const follows = logOf([
    ...story.slice(0, 1),
    [now(), { type: "joined", lead: HOSTILE, page: joined, because }],
    [now(), { type: "split", by: HOSTILE }],
    [now(), { type: "stayed-apart", because: { code: "other-resource", names: [HOSTILE, HOSTILE] }, isFinal: true }],
  ]);
  const joinedOne = logOf([...story.slice(0, 1), [now(), { type: "joined", lead: HOSTILE, page: joined, because }]]);
  const incidents = memoryIncidents({ Q1: log, "<b>": log, storm, follows, joined: joinedOne }, evidence);
  const web = createWeb({ incidents, now });

  test.each([
    "/incidents",
    "/incidents/Q1",
    "/incidents/%3Cb%3E",
    "/incidents/storm",
    "/incidents/follows",
    "/incidents/joined",
    "/incidents/Q1/evidence/9",
    `/incidents/Q1/evidence/9?q=${encodeURIComponent(HOSTILE)}`,
    "/incidents/Q1/evidence/%3Cscript%3E",
    "/incidents/%3Cscript%3Ealert(4)%3C%2Fscript%3E",
  ])("%s holds it as text only", async (path) => {
    const response = await web.request(path);
    const body = await response.text();
    expect(response.status).toBeLessThan(500);
    expect(body).toContain("<main");
    expect(body).not.toMatch(/<img\b/);
    expect(body.match(/<script\b/g)).toHaveLength(1);
    expect(body).not.toMatch(/href="\s*javascript:/i);
    // No event handler in a real tag: attributes of our own never begin with "on".
    expect(body).not.toMatch(/<[a-z][^<>"']*(?:"[^"]*"|'[^']*'|[^<>"'])*\son\w+\s*=/i);
  });

  test("the page does show it, so that a reader sees what came", async () => {
    const body = await (await web.request("/incidents/Q1")).text();
    expect(body).toContain("&lt;script&gt;alert(2)&lt;/script&gt;");
  });
});

describe("headers", () => {
  test.each([
    "/incidents",
    "/incidents/Q1",
    "/incidents/nope",
    "/incidents/Q1/evidence/3",
    "/incidents/Q1/evidence/3.txt",
    "/incidents/Q1.json",
    "/assets/midwatch.js",
  ])("%s allows our own script and style and nothing else", async (path) => {
    const { response } = await get({ Q1: exampleLog() }, path);
    const policy = new Map(
      (response.headers.get("content-security-policy") ?? "").split(";").map((part) => {
        const [name = "", ...values] = part.trim().split(/\s+/);
        return [name, values.join(" ")];
      }),
    );
    expect(Object.fromEntries(policy)).toMatchObject({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": "'self' data:",
      "connect-src": "'self'",
      "frame-ancestors": "'none'",
    });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
  });

  test("no page holds an inline script or style, which the policy would stop", async () => {
    const { body } = await get({ Q1: exampleLog() }, "/incidents/Q1");
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(body).not.toMatch(/<style\b|\sstyle=/);
  });

  test("pages are asked for anew each time, assets are kept for good under their content's mark", async () => {
    const { response, body } = await get({ Q1: exampleLog() }, "/incidents/Q1");
    expect(response.headers.get("cache-control")).toContain("private");
    for (const path of [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "")) {
      const asset = await webOf({}).request(path);
      expect(asset.status).toBe(200);
      expect(asset.headers.get("cache-control")).toContain("immutable");
      expect(asset.headers.get("content-type")).toMatch(path.includes(".css") ? /^text\/css/ : /^text\/javascript/);
    }
  });
});

describe("what is not there", () => {
  test.each([
    "/incidents/NOPE",
    "/incidents/NOPE.md",
    "/incidents/NOPE/evidence/1",
    "/incidents/Q1/no/such/page",
    "/incidents/Q1/evidence/99",
    "/incidents/Q1/evidence/abc",
    "/incidents/Q1/evidence/0",
    "/incidents/Q1/evidence/-1",
    "/incidents/Q1/evidence/1e3",
  ])("%s: 404, in plain words with a way on", async (path) => {
    const { response, body } = await get({ Q1: exampleLog() }, path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(body).toMatch(/<h1>[^<]{5,}<\/h1>/);
    expect(body).toMatch(/class="button" href="\/incidents/);
  });

  test("programs get JSON or text", async () => {
    const json = await get({}, "/incidents/NOPE.json");
    expect(json.response.status).toBe(404);
    expect(JSON.parse(json.body)).toHaveProperty("error");
    expect((await get({}, "/incidents/NOPE/events")).response.status).toBe(404);
  });

  test("an evidence number out of range is told the range", async () => {
    const { body } = await get({ Q1: exampleLog() }, "/incidents/Q1/evidence/99");
    expect(readable(body)).toContain("E1 to E14");
  });

  test("a store that fails gives a page that says whose fault it is, and is reported", async () => {
    const reported: unknown[] = [];
    const broken = { ...memoryIncidents({}), list: () => Promise.reject(new Error("disk full: /var/secret")) };
    const web = createWeb({ incidents: broken, now, reportError: (error) => void reported.push(error) });
    const response = await web.request("/incidents");
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(readable(body)).toContain("fault in midwatch");
    expect(body).not.toContain("disk full");
    expect(reported).toHaveLength(1);
  });

  test("nothing here can be changed", async () => {
    for (const method of ["POST", "PUT", "DELETE"])
      expect((await webOf({ Q1: exampleLog() }).request("/incidents/Q1", { method })).status).toBe(404);
  });
});

test("an id with odd letters reaches its pages through its links", async () => {
  const id = "a b/c?d#e";
  const web = webOf({ [id]: exampleLog() });
  const found = /href="(\/incidents\/[^"]+)"/.exec(await (await web.request("/incidents")).text())?.[1] ?? "";
  const pageOf = await web.request(found);
  expect(pageOf.status).toBe(200);
  const evidence = /href="(\/incidents\/[^"]+\/evidence\/2)"/.exec(await pageOf.text())?.[1] ?? "";
  expect((await web.request(evidence)).status).toBe(200);
});
