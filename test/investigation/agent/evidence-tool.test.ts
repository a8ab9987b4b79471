import { expect, test } from "vitest";
import { createEvidenceTool } from "../../../src/investigation/agent/evidence-tool.ts";
import { exampleQuestion } from "../../support/example-question.ts";
import { runTool } from "../../support/run-tool.ts";

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

const toolOver = (text: string, entries = [entry]) =>
  createEvidenceTool({ list: () => entries, read: () => Promise.resolve({ ...entry, length: text.length, raw: text }) });
const viewOf = async (over: ReturnType<typeof toolOver>, input: object) => (await runTool(over, input, exampleQuestion, 0)).view;

test("every page says where the next begins, so that an answer of short lines can be read to its end", async () => {
  const short = Array.from({ length: 4_000 }, (_, index) => `${index % 10}\t`);
  const long = toolOver(short.join("\n"));
  const read: string[] = [];
  for (let offset = 0, pages = 0; ; pages += 1) {
    expect(pages).toBeLessThan(20);
    const shown = await viewOf(long, { evidence: 7, offset });
    expect(shown.length).toBeLessThan(12_000);
    const [, , ...lines] = shown.split("\n");
    const end = lines.pop();
    read.push(...lines.map((line) => line.replace(/^ {2}\| /, "").trim()));
    if (end === "(end)") break;
    offset = Number(/more characters: offset (\d+), or find$/.exec(end ?? "")?.[1]);
  }
  // A line that a page ends in stands on both.
  expect(read.filter((line) => line !== "").join("")).toBe(short.map((line) => line.trim()).join(""));
});

test("places that do not fit are counted, and the same search from there shows them all", async () => {
  const hits = Array.from({ length: 50 }, (_, index) => `hit ${index}:${"\n".repeat(500)}`);
  const many = toolOver(hits.join(""));
  const seen: string[] = [];
  for (let offset = 0, looks = 0; ; looks += 1) {
    expect(looks).toBeLessThan(50);
    const shown = await viewOf(many, { evidence: 7, find: "hit ", offset });
    expect(shown.length).toBeLessThan(12_000);
    seen.push(...[...shown.matchAll(/\| hit (\d+):/g)].map(([, index = ""]) => index));
    const rest = /\n(\d+) more places?: find again with offset (\d+), or a longer text$/.exec(shown);
    expect(seen.length + Number(rest?.[1] ?? 0)).toBe(50);
    if (rest === null) break;
    offset = Number(rest[2]);
  }
  expect(seen).toEqual(hits.map((_, index) => String(index)));
});

test("a list of what is stored that does not fit says how the rest is had, and marks a question that it shortens", async () => {
  const asked = `sum:requests{${"service:shop,".repeat(40)}}`;
  const entries = Array.from({ length: 80 }, (_, index) => ({ ...entry, number: index + 1, query: asked }));
  const list = toolOver("", entries);
  const first = await viewOf(list, {});
  expect(first.length).toBeLessThan(12_000);
  expect(first.split("\n")[0]).toMatch(/^E1 Datadog metrics: sum:requests\{service.*… \(\d/);
  const [, left, offset] = /\n(\d+) more are stored: list them with offset (\d+)$/.exec(first) ?? [];
  expect(Number(left) + Number(offset)).toBe(80);
  const second = await viewOf(list, { offset: Number(offset) });
  expect(second).toMatch(new RegExp(`^E${Number(offset) + 1} `));
  expect(second.split("\n").at(-1)).toMatch(/^E80 /);
});
