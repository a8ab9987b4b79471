import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { matchRunbooks, parseRunbook, RunbookError } from "../../src/skills/runbook.ts";

const make = (name: string, match: string, steps = "1. Look.\n2. Act.") =>
  parseRunbook(`runbooks/${name}.md`, `---\ntitle: ${name}\nmatch:\n${match}\n---\nWhy.\n\n${steps}\n`);
const page = { services: ["payments"], title: "Payments p95 is high", details: "monitor 4 alerts", fault: "code" as const, change: false };

test("the runbooks of the repository are well formed", () => {
  const folder = new URL("../../runbooks/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".md"));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(parseRunbook(file, readFileSync(new URL(file, folder), "utf8")).steps.length).toBeGreaterThan(1);
});

test("the numbered list is what people do first", () => {
  expect(make("a", "  service: payments").steps).toEqual(["Look.", "Act."]);
});

test("a runbook for the service comes before one for the title, and that before one for the fault", () => {
  const found = matchRunbooks(
    [make("by-fault", "  fault: code"), make("by-title", "  title: [p95]"), make("by-service", "  service: pay*")].map(
      (runbook) => runbook,
    ),
    page,
  );
  expect(found.map((runbook) => runbook.name)).toEqual(["by-service", "by-title", "by-fault"]);
});

test("every criterion that is named must hold", () => {
  expect(matchRunbooks([make("other", "  service: cart\n  title: [p95]")], page)).toEqual([]);
  expect(matchRunbooks([make("dots", '  service: "pay.ents"')], page)).toEqual([]);
});

test("steps for a change are for a change only", () => {
  const both = [make("roll-back", "  change: true"), make("look", "  fault: code\n  change: false")];
  expect(matchRunbooks(both, page).map(({ name }) => name)).toEqual(["look"]);
  expect(matchRunbooks(both, { ...page, change: true }).map(({ name }) => name)).toEqual(["roll-back"]);
});

test.each([
  ["no front matter", "1. Act."],
  ["no steps", "---\ntitle: a\nmatch: { service: b }\n---\nJust text.\n"],
  ["nothing to match", "---\ntitle: a\nmatch: {}\n---\n1. Act.\n"],
  ["an unknown key", "---\ntitle: a\nmatch: { servce: b }\n---\n1. Act.\n"],
])("a runbook with %s is refused by name", (_what, text) => {
  expect(() => parseRunbook("runbooks/a.md", text)).toThrow(RunbookError);
  expect(() => parseRunbook("runbooks/a.md", text)).toThrow(/^runbooks\/a\.md: /);
});
