import { expect, test } from "vitest";
import { createEvidenceTool } from "../../src/investigation/evidence-tool.ts";
import { exampleQuestion } from "../example-question.ts";
import { runTool } from "../integrations/run-tool.ts";

const raw = `{"series":[{"query_index":0,"values":[18.33,91.2]}],"note":"${"x".repeat(9_000)}","last":"disk full"}`;
const query = "avg:cpu{service:shop} ; avg:memory{service:shop}";
const entry = { number: 7, source: "Datadog metrics", query, from: 0, to: 1, link: null, cut: null, length: raw.length, at: 0 };
const tool = createEvidenceTool({
  list: () => [entry],
  read: (number) => Promise.resolve(number === 7 ? { ...entry, raw } : null),
});

const view = async (input: object) => (await runTool(tool, input, exampleQuestion, 0)).view;

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
