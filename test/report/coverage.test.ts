import { expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import type { CoverageLine } from "../../src/incident/finding.ts";
import { viewOf } from "../../src/incident/view.ts";

const line = (more: Partial<CoverageLine>): CoverageLine => ({
  source: "MCP notes",
  status: "not-asked",
  detail: "ready: 2 tools",
  tookMs: 9,
  evidence: [],
  ...more,
});
const own = line({ tools: ["notes_search", "notes_page"] });
const logs = line({ source: "Datadog logs", status: "read", detail: null, evidence: [1] });

/** The coverage after triage found these lines and the model called these tools; a call's evidence is its place from 10 on. */
function after(lines: readonly CoverageLine[], ...called: readonly (readonly [name: string, failed: boolean])[]): readonly CoverageLine[] {
  const answers = called.map(([name, failed], index) => ({
    ...{ id: `${index}`, name, view: "", tookMs: 1, failed, evidence: failed ? [] : [10 + index] },
    fact: failed ? "could not be read: 503" : "found",
  }));
  const events = [
    { type: "triage-finished", coverage: lines, analysis: null, runbooks: [] },
    { type: "tools-answered", answers, note: null },
  ];
  return viewOf(events.map((event, index) => ({ seq: index + 1, at: index, event }) as unknown as LoggedEvent)).coverage;
}

test("a source that the model alone asks is not asked, read, read in part or failed by how its calls went", () => {
  const seen = (...called: Parameters<typeof after>[1][]) => after([logs, own], ...called)[1];
  expect(seen()).toEqual(own);
  expect(seen(["datadog_logs", false])).toEqual(own);
  expect(seen(["notes_search", false], ["notes_page", false])).toMatchObject({ status: "read", detail: null, evidence: [10, 11] });
  expect(seen(["notes_search", true], ["notes_page", false])).toMatchObject({
    status: "sampled",
    detail: "1 of 2 calls failed",
    evidence: [11],
  });
  expect(seen(["notes_search", true])).toMatchObject({ status: "failed", detail: "could not be read: 503", evidence: [] });
});

test("what was refused at the page stays said beside what the other tools brought", () => {
  const changed = line({ ...own, status: "failed", detail: "notes_page: its description changed" });
  expect(after([changed], ["notes_search", false])[0]).toMatchObject({ status: "sampled", detail: "notes_page: its description changed" });
  expect(after([changed], ["notes_page", true])[0]).toMatchObject({ status: "failed", detail: "notes_page: its description changed" });
});

test("what triage reads itself keeps its line whatever the model calls", () => {
  expect(after([logs], ["datadog_logs", true])).toEqual([logs]);
});
