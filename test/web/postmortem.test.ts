import { expect, test } from "vitest";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleLog, hostile, memoryIncidents } from "../support/example-log.ts";
import { readable } from "./readable.ts";

const app = (logs: Parameters<typeof memoryIncidents>[0]) =>
  createWeb({ incidents: memoryIncidents(logs), now: () => at("03:30:00"), publicUrl: "https://midwatch.test" });

test("the postmortem draft is a page, Markdown and JSON, marked as a draft, each sentence with a link", async () => {
  const web = app({ P1: exampleLog() });
  const page = await (await web.request("/incidents/P1/postmortem")).text();
  expect(readable(page)).toContain("Check it before you share it");
  const markdown = await (await web.request("/incidents/P1/postmortem.md")).text();
  expect(markdown).toMatch(/^# Postmortem: checkout: .*\n\n> Draft, made by midwatch from the incident's log at 2026-11-23 03:30 UTC/);
  const [, sections = ""] = markdown.split("> Draft");
  const sentences = sections.split("\n").filter((line) => line.startsWith("- ") && !line.startsWith("- **To fill in:**"));
  expect(sentences.length).toBeGreaterThan(8);
  for (const line of sentences) expect(line).toMatch(/\]\(https:\/\/midwatch\.test\/incidents\/P1(?:\/evidence\/\d+|#t-\d+\.\d+)\)$/);
  expect(await (await web.request("/incidents/P1/postmortem.json")).json()).toMatchObject({ isDraft: true, isOver: true });
  expect((await web.request("/incidents/P2/postmortem")).status).toBe(404);
});

test("text from outside is text in the draft, and no link", async () => {
  const web = app({ P1: hostile(exampleLog()) });
  const page = await (await web.request("/incidents/P1/postmortem")).text();
  expect(page).not.toMatch(/<img|<script>|href="javascript/);
  const markdown = await (await web.request("/incidents/P1/postmortem.md")).text();
  expect(markdown).not.toMatch(/<img|<script>|\]\(javascript/);
});
