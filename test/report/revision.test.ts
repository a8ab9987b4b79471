import { expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import type { Analysis } from "../../src/incident/finding.ts";
import { viewOf } from "../../src/incident/view.ts";
import { revisionOf } from "../../src/report/correction.ts";
import { plain } from "../../src/report/text.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleTriage, logOf, memoryIncidents, page } from "../support/example-log.ts";

/** The story's analysis comes late: payments, with its deploy. */
const whole = exampleTriage.analysis;
const guess = (service: string, probability: number): Analysis => ({
  ...whole,
  suspects: whole.suspects.slice(0, 1).map((one) => ({ ...one, service, change: null, probability })),
});
const open: Analysis = { ...whole, verdict: "inconclusive", because: "nothing is known yet", suspects: [] };

const logFrom = (before: Analysis, after: Analysis = whole) =>
  logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:29", { ...exampleTriage, analysis: before }],
    ["03:12:30", { type: "brief-posted", ts: "1.1", text: "" }],
    ["03:12:41", { ...exampleTriage, analysis: after, late: ["Datadog logs", "GitHub"] }],
  ] satisfies [string, IncidentEvent][]);
const words = (before: Analysis, after?: Analysis) => plain(revisionOf(viewOf(logFrom(before, after))));

test("what late answers change is said with who answered, when, and what was believed before", () => {
  const said = "Corrected at 03:12:41: Datadog logs and GitHub answered late. Before that,";
  expect(words(guess("cart", 0.45))).toBe(`${said} the best suspect was cart (possible, 0.45).`);
  expect(words(open)).toBe(`${said} no cause had been found.`);
  expect(words({ ...open, verdict: "nothing-wrong" })).toBe(`${said} nothing looked wrong.`);
  expect(words({ ...whole, together: ["cart", "mail", "search"] })).toBe(`${said} cart, mail, search failed alike.`);
});

test("of the same suspect only how sure it was is said, and that is no correction", () => {
  const less: Analysis = { ...whole, suspects: whole.suspects.map((one, index) => (index === 0 ? { ...one, probability: 0.6 } : one)) };
  expect(words(less)).toBe("Updated at 03:12:41: Datadog logs and GitHub answered late. Before that, it was possible, 0.60.");
  const other = { ...whole, elsewhere: [{ service: "mail", since: null, why: "", evidence: [] }] };
  expect(words(other)).toBe("Updated at 03:12:41: Datadog logs and GitHub answered late.");
});

test("what is not ruled out any more is named, also where the suspect stays", () => {
  const cleared = { what: "deploy payments@9f2c1e4", why: "went live after the onset", evidence: [5] };
  expect(words({ ...whole, ruledOut: [...whole.ruledOut, cleared] })).toBe(
    "Corrected at 03:12:41: Datadog logs and GitHub answered late. No longer ruled out: deploy payments@9f2c1e4.",
  );
});

test("late answers that change no belief are no correction", () => {
  expect(words(whole)).toBe("");
  expect(revisionOf(viewOf(logFrom(guess("cart", 0.45)).slice(0, 3)))).toEqual([]);
});

test("the correction is in Slack's brief, on the page, in Markdown and in JSON", async () => {
  const log = logFrom(guess("cart", 0.45));
  const { brief } = createMessages({ timelineUrl: () => null, withoutModel: null });
  expect(brief(viewOf(log), "Q1").text).toContain("Before that, the best suspect was *cart* (possible, 0.45).");
  const web = createWeb({ incidents: memoryIncidents({ Q1: log }), now: () => at("03:30:00") });
  const shown = async (path: string) => (await web.request(path)).text();
  const body = (await shown("/incidents/Q1")).replace(/<[^>]+>/g, "").replaceAll(/\s+/g, " ");
  expect(body).toContain("answered late. Before that, the best suspect was cart (possible, 0.45).");
  expect(await shown("/incidents/Q1.md")).toContain("Before that, the best suspect was **cart**");
  expect(JSON.parse(await shown("/incidents/Q1.json"))).toMatchObject({
    finding: { corrected: expect.stringContaining("Before that, the best suspect was cart (possible, 0.45).") },
  });
});
