import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { type IncidentExport, incidentExportSchema } from "../../src/web/export.ts";
import { viewOf } from "../../src/incident/view.ts";
import { coverageWords } from "../../src/report/coverage-words.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { createWeb } from "../../src/web/web.ts";
import { finding, handedIn, nightWith } from "../support/example-investigation.ts";
import { at, deploy, exampleLog, exampleTriage, logOf, logUntil, memoryIncidents, page } from "../support/example-log.ts";

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const valid = ajv.compile(z.toJSONSchema(incidentExportSchema));
const problems = (exported: unknown) => (valid(exported) ? [] : (valid.errors ?? []));

const webOf = (log: LoggedEvent[], publicUrl?: string) =>
  createWeb({ incidents: memoryIncidents({ Q1: log }), now: () => at("03:30:00"), publicUrl });
const json = async (log: LoggedEvent[], publicUrl?: string) =>
  (await (await webOf(log, publicUrl).request("/incidents/Q1.json")).json()) as IncidentExport;
const markdown = async (log: LoggedEvent[], publicUrl?: string) => (await webOf(log, publicUrl).request("/incidents/Q1.md")).text();

describe("JSON", () => {
  test.each(["page-received", "status-posted", "triage-finished", "finding-posted", "fix-proposed", "investigation-finished"] as const)(
    "follows its schema after %s",
    async (type) => {
      const exported = await json(logUntil(type));
      expect(problems(exported)).toEqual([]);
    },
  );

  test("holds what the page holds", async () => {
    const exported = await json(exampleLog());
    expect(problems(exported)).toEqual([]);
    expect(exported.status).toMatchObject({ state: "resolved", onset: "2026-11-23T03:11:40.000Z", assignees: ["Ana"] });
    expect(exported.finding?.suspects[0]).toMatchObject({
      service: "payments",
      probability: 0.86,
      likelihood: "likely",
      change: { sha: deploy.sha },
    });
    expect(exported.coverage.find((line) => line.source === "Sentry")?.status).toBe("failed");
    expect(exported.pullRequest).toMatchObject({ number: 2216, draft: true, files: ["services/payments/token-cache.ts"] });
    expect(exported.evidence).toHaveLength(14);
    expect(exported.timeline.map((entry) => entry.at)).toEqual(exported.timeline.map((entry) => entry.at).toSorted());
  });

  test("a declined fix and a failed step are in it", async () => {
    const exported = await json(
      logOf([
        ["03:12:20", { type: "page-received", page }],
        ["03:13:00", { type: "fix-declined", because: "changed since" }],
        ["03:13:01", { type: "step-failed", step: "brief", error: "no channel", attempt: 5, final: true }],
      ]),
    );
    expect(problems(exported)).toEqual([]);
    expect(exported.noPullRequestBecause).toBe("changed since");
    expect(exported.failures).toEqual([{ step: "brief", error: "no channel", attempts: 5 }]);
  });

  test("a pull request that was offered and not asked for is in it", async () => {
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:13:00", { type: "fix-offered", request: "a1", kind: "patch", because: "the cause is only possible" }],
    ]);
    const exported = await json(log);
    expect(problems(exported)).toEqual([]);
    expect(exported.offeredPullRequest).toEqual({ kind: "patch", because: "the cause is only possible" });
    expect(await markdown(log)).toContain("- **Fix:** No PR yet: the cause is only possible. The button in Slack starts a draft patch");
  });

  test("nonsense for a time is null, not an error", async () => {
    const [suspect] = exampleTriage.analysis.suspects;
    if (suspect === undefined) throw new Error("no suspect");
    const broken = {
      ...exampleTriage,
      analysis: {
        ...exampleTriage.analysis,
        onset: Number.NaN,
        symptoms: exampleTriage.analysis.symptoms.map((one) => ({ ...one, before: Number.NaN })),
        suspects: [{ ...suspect, onset: 1e300, change: { ...deploy, at: Number.NaN } }],
      },
    };
    const log = logOf([
      ["03:12:20", { type: "page-received", page }],
      ["03:12:25", broken],
    ]);
    const exported = await json(log);
    expect(problems(exported)).toEqual([]);
    expect(exported.finding?.suspects[0]?.onset).toBeNull();
    for (const path of ["/incidents", "/incidents/Q1", "/incidents/Q1.md"]) expect((await webOf(log).request(path)).status).toBe(200);
  });

  test("links point to where people reach midwatch", async () => {
    expect((await json(exampleLog())).url).toBe("http://localhost/incidents/Q1");
    const exported = await json(exampleLog(), "https://midwatch.acme.test/");
    expect(exported.url).toBe("https://midwatch.acme.test/incidents/Q1");
    expect(exported.evidence[2]?.url).toBe("https://midwatch.acme.test/incidents/Q1/evidence/3");
  });
});

/** The parts of a Markdown text, as far as this export uses them. */
function read(text: string) {
  const sections = new Map<string, string[]>();
  let title = "";
  let current: string[] = [];
  for (const line of text.split("\n")) {
    const heading = /^(#{1,2}) (.+)$/.exec(line);
    if (heading?.[1] === "#") title = heading[2] ?? "";
    else if (heading !== null) sections.set(heading[2] ?? "", (current = []));
    else if (line !== "") current.push(line);
  }
  return { title, sections };
}

test("the page, its Markdown and its JSON say that no model took part and why; nothing where one may still be asked", async () => {
  const of = (log: LoggedEvent[], withoutModel: string | null) => async (path: string) =>
    (await createWeb({ incidents: memoryIncidents({ Q1: log }), now: () => at("03:30:00"), withoutModel }).request(path)).text();
  const keyless = of(exampleLog(), "ANTHROPIC_API_KEY is not set");
  expect(await keyless("/incidents/Q1")).toContain("<b>From the data alone:</b> no model took part because ANTHROPIC_API_KEY is not set.");
  expect(await keyless("/incidents/Q1.md")).toContain(
    "- **From the data alone:** no model took part because ANTHROPIC\\_API\\_KEY is not set",
  );
  expect(JSON.parse(await keyless("/incidents/Q1.json"))).toMatchObject({ withoutModel: "ANTHROPIC_API_KEY is not set" });
  expect(await of(exampleLog(), null)("/incidents/Q1")).toContain("no model took part because it was not asked");
  for (const path of ["/incidents/Q1", "/incidents/Q1.md"])
    expect(await of(logUntil("triage-finished"), null)(path)).not.toMatch(/no model took part/);
});

test("what is left open is on the page, in Markdown and in JSON; an older log has none of it", async () => {
  const open = {
    ...exampleTriage,
    analysis: {
      ...exampleTriage.analysis,
      unproven: [{ what: "deploy mail@77aa001", why: "its service shows nothing", evidence: [5] }],
      elsewhere: [{ service: "basic", since: at("02:50:00"), why: "errors 0 % → 40 %", evidence: [7] }],
      unread: ["Datadog logs"],
    },
  };
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:25", open],
  ]);
  const exported = await json(log);
  expect(problems(exported)).toEqual([]);
  expect(exported.finding).toMatchObject({
    unproven: [{ what: "deploy mail@77aa001", why: "its service shows nothing", evidence: [5] }],
    elsewhere: [{ service: "basic", since: "2026-11-23T02:50:00.000Z", why: "errors 0 % → 40 %", evidence: [7] }],
    unread: ["Datadog logs"],
  });
  const { sections } = read(await markdown(log));
  expect(sections.get("Not ruled out")?.[0]).toMatch(/^- \*\*deploy mail@\u200b77aa001\*\*: its service shows nothing/);
  expect(sections.get("Separately")?.[0]).toMatch(
    /^- \*\*basic\*\* has been failing since 02:50 \(errors 0 % → 40 %\); nothing links it to checkout\./,
  );
  expect(sections.get("What was wrong")?.join("\n")).toContain("Until Datadog logs can be read in full, no suspect is called likely");
  const body = (await (await webOf(log).request("/incidents/Q1")).text()).replace(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  for (const words of [
    "Not ruled out deploy mail@77aa001",
    "Separately basic has been failing since",
    "nothing links it to checkout",
    "Until Datadog logs",
  ])
    expect(body).toContain(words);
  const older = await json(exampleLog());
  expect(problems(older)).toEqual([]);
  expect(Object.keys(older.finding ?? {})).not.toContain("unproven");
});

test("a state of the coverage has one name in Slack, on the page and in Markdown", async () => {
  const states = ["failed", "timed-out", "empty", "not-asked", "not-configured"] as const;
  const coverage = states.map((status) => ({ source: `source ${status}`, status, detail: null, tookMs: null, evidence: [] }));
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:25", { ...exampleTriage, coverage }],
  ]);
  const slack = createMessages({ timelineUrl: () => null, withoutModel: null }).brief(viewOf(log), "Q1").text;
  const [body, text] = [await (await webOf(log).request("/incidents/Q1")).text(), await markdown(log)];
  for (const status of states) {
    const name = coverageWords[status];
    // Slack tells what someone must act on; what was empty or not asked is on the page.
    const isTold = status === "failed" || status === "timed-out";
    expect(slack.replaceAll("*", "").includes(`source ${status} ${name}`)).toBe(isTold);
    expect(body).toMatch(new RegExp(`source ${status}</b> <span class="status">${name}`));
    expect(text).toContain(`source ${status}: ${name}`);
  }
});

describe("Markdown", () => {
  test("reads in the order of a postmortem", async () => {
    const response = await webOf(exampleLog()).request("/incidents/Q1.md");
    expect(response.headers.get("content-type")).toContain("text/markdown");
    const { title, sections } = read(await response.text());
    expect(title).toBe("checkout: errors 0.3 % → 18 % since 03:12");
    expect([...sections.keys()]).toEqual([
      "What was wrong",
      "Suspects, best first",
      "Do now",
      "Moved later, as a consequence",
      "Ruled out",
      "What was read",
      "Timeline",
      "Evidence",
    ]);
  });

  test("the timeline is one table with a row for each entry, each row whole", async () => {
    const { sections } = read(await markdown(exampleLog()));
    const rows = sections.get("Timeline") ?? [];
    const exported = await json(exampleLog());
    expect(rows).toHaveLength(exported.timeline.length + 2);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
    expect(rows[2]).toContain("7ab0d2e → 9f2c1e4 deployed");
    expect(rows.at(-2)).toContain("Ana resolved the page");
    expect(rows.at(-1)).toContain("time after the page: ");
    expect(rows.join("\n")).toContain("“rolling payments back now, pipeline 77”");
  });

  test("evidence numbers are links that open", async () => {
    const text = await markdown(exampleLog(), "https://midwatch.acme.test");
    const links = [...text.matchAll(/\[E(\d+)\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(20);
    for (const [, number, url] of links) expect(url).toBe(`https://midwatch.acme.test/incidents/Q1/evidence/${number}`);
  });

  test("an entry of another day says which", async () => {
    const note = { type: "fix-declined", because: "no" } as const;
    const { sections } = read(await markdown([...exampleLog(), { seq: 16, at: at("03:12:00") + 86_400_000, event: note }]));
    expect(sections.get("Timeline")?.at(-1)).toContain("2026-11-24 03:12:00");
  });

  test("before anything was read it says that", async () => {
    const { sections } = read(await markdown(logUntil("page-received")));
    expect(sections.get("What was wrong")?.[0]).toContain("Not known");
    expect(sections.has("Suspects, best first")).toBe(false);
  });

  test("an address in foreign text outside of code is no link", async () => {
    const log = exampleLog().map((logged) =>
      logged.event.type === "pager-event-received"
        ? { ...logged, event: { ...logged.event, text: `${logged.event.text} https://evil.example/x www.evil.example` } }
        : logged,
    );
    const text = (await markdown([...log])).replaceAll(/`[^`\n]*`/g, "");
    expect(text).toContain("evil.example");
    expect(text).not.toMatch(/:\/\/evil|www\.evil/);
  });

  test("foreign text brings no markup, no HTML, no table border, and calls nobody", async () => {
    const evil = "# x | y\n- [a](javascript:alert(1)) <img src=x> `z` **b** @everyone ![i](http://x.test/i.png)";
    const analysis = {
      ...exampleTriage.analysis,
      because: evil,
      suspects: exampleTriage.analysis.suspects.map((suspect) => ({
        ...suspect,
        service: evil,
        reasons: [{ text: evil, evidence: [3], quote: `${evil} \`\`\` ` }],
      })),
    };
    const log = logOf([
      ["03:12:20", { type: "page-received", page: { ...page, title: evil, link: "javascript:alert(1)" } }],
      ["03:12:25", { ...exampleTriage, analysis }],
      ["03:12:30", { type: "slack-message-received", channel: "C1", ts: "1", threadTs: null, user: evil, text: evil }],
    ]);
    const text = await markdown(log);
    // Code spans show what is in them as it is; all else must be escaped.
    const outside = text.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(outside).not.toMatch(/<img/);
    expect(outside).not.toMatch(/(?<!\\)\]\(javascript:/);
    expect(outside).not.toMatch(/(?<!\\)!\[/);
    expect(outside).not.toMatch(/@everyone/);
    const { sections } = read(text);
    const rows = sections.get("Timeline") ?? [];
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(row.replace(/`+[^`]*`+/g, "").match(/(?<!\\)\|/g)).toHaveLength(4);
  });
});

test("what a runbook says not to do is shown with its steps: in Slack, on the page, as Markdown and as data", async () => {
  const [book = expect.fail()] = exampleTriage.runbooks;
  const doNot = "restart the database first: it drops the cache.";
  const log = logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:40", { ...exampleTriage, runbooks: [{ ...book, doNot }] }],
  ]);
  const slack = JSON.stringify(createMessages({ timelineUrl: () => null, withoutModel: null }).status(viewOf(log)));
  expect(slack).toContain("*Do not* restart the database first");
  expect(await (await webOf(log).request("/incidents/Q1")).text()).toContain("<b>Do not</b> restart the database first");
  expect(await markdown(log)).toMatch(/## Do now\n[^#]*1\. Freeze deploys of payments\.[^#]*\*\*Do not\*\* restart the database first/);
  expect((await json(log)).runbooks).toEqual([{ ...book, doNot }]);
  expect(problems(await json(log))).toEqual([]);
});

test.each(["fail over to the replica: it lags behind", "restart pods: each one that goes may not come back."])(
  "what a finding says not to do takes the place of what the runbook says: “%s”",
  async (text) => {
    const [book = expect.fail()] = exampleTriage.runbooks;
    const night = nightWith(handedIn({ ...finding, do_now: [{ step: "Page the owner.", runbook: book.name }], do_not: { text } }));
    const log = night.map((logged) =>
      logged.event.type === "triage-finished"
        ? { ...logged, event: { ...logged.event, runbooks: [{ ...book, doNot: "restart the database first" }] } }
        : logged,
    );
    const slack = createMessages({ timelineUrl: () => null, withoutModel: null }).status(viewOf(log)).text;
    const html = await (await webOf(log).request("/incidents/Q1")).text();
    for (const shown of [slack, html, await markdown(log)]) {
      expect(shown.match(/Do not(?:\*\*?|<\/b>) /g)).toHaveLength(1);
      expect(shown).toContain(text);
      expect(shown).not.toContain("restart the database first");
    }
    expect((await json(log)).investigation?.finding?.doNot).toBe(text);
    expect(problems(await json(log))).toEqual([]);
  },
);
