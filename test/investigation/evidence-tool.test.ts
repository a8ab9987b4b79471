import { expect, test } from "vitest";
import type { Question } from "../../src/incident/source.ts";
import { createEvidenceTool } from "../../src/investigation/evidence-tool.ts";

const raw = `{"series":[{"query_index":0,"values":[18.33,91.2]}],"note":"${"x".repeat(9_000)}","last":"disk full"}`;
const query = "avg:cpu{service:shop} ; avg:memory{service:shop}";
const entry = { number: 7, source: "Datadog metrics", query, from: 0, to: 1, link: null, cut: null, length: raw.length, at: 0 };
const tool = createEvidenceTool({
  list: () => [entry],
  read: (number) => Promise.resolve(number === 7 ? { ...entry, raw } : null),
});

const window = { from: 0, to: 1 };
const question: Question = {
  page: {
    ...{ pager: "pagerduty", id: "P1", number: 1, title: "cpu", details: "", status: "triggered", urgency: null, priority: null },
    ...{ createdAt: 0, service: null, assignees: [], link: null },
  },
  service: "shop",
  services: [],
  nameOf: (name) => name,
  kindOf: () => "other",
  environment: null,
  datadogEnv: null,
  signals: [],
  window,
  baseline: window,
  changesFrom: 0,
};

async function view(input: object): Promise<string> {
  const context = { question, signal: AbortSignal.timeout(5_000), now: () => 0 };
  return (await tool.run(tool.input.parse(input) as never, context)).view([]);
}

test("a page of a raw answer says what was asked, which the vendor does not repeat", async () => {
  const [head, from, page] = (await view({ evidence: 7 })).split("\n");
  expect(head).toBe(`E7: Datadog metrics, ${raw.length.toLocaleString("en-US")} characters, asked for: ${query}`);
  expect(from).toBe("From 0:");
  expect(page).toContain('"values":[18.33,91.2]');
});

test("a text is shown with its surroundings; one that only the question has is told to be there", async () => {
  expect(await view({ evidence: 7, find: "DISK FULL" })).toMatch(/\nPlaces:\nat \d+:\n {2}\| x+","last":"disk full"/);
  expect(await view({ evidence: 7, find: "avg:memory" })).toContain('"avg:memory" does not occur in the answer, only in what was asked.');
  expect(await view({ evidence: 7, find: "swap" })).toMatch(/"swap" does not occur in the answer\.$/);
});
