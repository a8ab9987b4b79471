import { expect, test } from "vitest";
import { requestApproval } from "../../src/guard/approval.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleLog, hostile, logOf, memoryIncidents, page as examplePage } from "../support/example-log.ts";
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

const TURNED = "pay\u202egnp.exe\u2066 now\u001b[2K\u0007";

test("exports show what a text hides: Markdown as pages do, JSON by its codes", async () => {
  const request = await requestApproval(
    {
      ...{ action: "open-canvas", summary: "canvas", because: "Ana asked" },
      payload: { incident: "P1", title: TURNED, markdown: `# ${TURNED}` },
    },
    { earlier: 0, now: at("03:14:00") },
  );
  const web = app({
    P1: logOf([
      ["03:12:20", { type: "page-received", page: { ...examplePage, title: TURNED, details: TURNED } }],
      ["03:13:00", { type: "slack-message-received", channel: "C1", ts: "1", threadTs: null, user: TURNED, text: TURNED }],
      ["03:14:00", { type: "approval-requested", request }],
    ]),
  });
  for (const path of [".md", ".json", "/postmortem.md", "/postmortem.json", "/approvals/a1"]) {
    const text = await (await web.request(`/incidents/P1${path}`)).text();
    expect(text).toMatch(/pay.*gnp\.exe/);
    expect(text).not.toMatch(/[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]/u);
    expect(text).toContain(path.endsWith(".json") ? String.raw`pay\u202egnp.exe\u2066 now\u001b[2K` : String.raw`pay\u{202e}gnp.exe`);
  }
  // To programs it is the text that it was.
  const { status } = (await (await web.request("/incidents/P1.json")).json()) as { status: { title: string } };
  expect(status.title).toBe(TURNED);
});
