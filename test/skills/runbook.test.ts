import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunbookFacts } from "../../src/incident/trouble.ts";
import { firstSteps, matchRunbooks, readRunbook, runbookReading } from "../../src/skills/runbook.ts";

const parsed = (file: string, text: string) => readRunbook(file, text).runbook ?? expect.fail();
const make = (name: string, match: string, steps = "1. Look.\n2. Act.") =>
  parsed(`runbooks/${name}.md`, `---\ntitle: ${name}\nmatch:\n${match}\n---\nWhy.\n\n${steps}\n`);
const facts: RunbookFacts = { trouble: [], change: null, mayBeChange: false, isOwn: true };
const page = { services: ["payments"], title: "Payments p95 is high", details: "monitor 4 alerts", fault: "code" as const, facts };

test("the runbooks of the repository are well formed", () => {
  const folder = new URL("../../runbooks/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".md"));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(parsed(file, readFileSync(new URL(file, folder), "utf8")).steps.length).toBeGreaterThan(1);
});

test("the numbered list is what people do first", () => {
  expect(make("a", "  service: payments").steps).toEqual(["Look.", "Act."]);
});

test("a runbook for the service comes before one for the title, and that before one for the trouble", () => {
  const runbooks = [make("by-trouble", "  trouble: dns"), make("by-title", "  title: [p95]"), make("by-service", "  service: pay*")];
  const found = matchRunbooks(runbooks, { ...page, facts: { ...facts, trouble: ["dns"] } });
  expect(found.map((runbook) => runbook.name)).toEqual(["by-service", "by-title", "by-trouble"]);
});

test("one that knows the fault alone is left out where another knows more", () => {
  const runbooks = [make("by-fault", "  fault: code"), make("by-trouble", "  trouble: dns")];
  const names = (trouble: RunbookFacts["trouble"]) =>
    matchRunbooks(runbooks, { ...page, facts: { ...facts, trouble } }).map(({ name }) => name);
  expect(names(["dns"])).toEqual(["by-trouble"]);
  expect(names(["disk"])).toEqual(["by-fault"]);
});

test("of two troubles the stronger fact comes first", () => {
  const runbooks = [make("a-disk", "  trouble: disk"), make("b-dns", "  trouble: [dns, cpu]")];
  expect(matchRunbooks(runbooks, { ...page, facts: { ...facts, trouble: ["dns", "disk"] } }).map(({ name }) => name)).toEqual([
    "b-dns",
    "a-disk",
  ]);
});

test("steps for another's fault are not for the paged service's own", () => {
  const runbooks = [make("other", "  suspect: other"), make("own", "  suspect: paged")];
  const names = (isOwn: boolean | null) => matchRunbooks(runbooks, { ...page, facts: { ...facts, isOwn } }).map(({ name }) => name);
  expect([names(true), names(false), names(null)]).toEqual([["own"], ["other"], []]);
});

test("words of a title are found in the suspect's reasons too, and weigh less there", () => {
  const runbooks = [make("certificate", "  title: [certificate]"), make("by-title", "  title: [p95]"), make("by-fault", "  fault: code")];
  const names = (reasons: readonly string[]) => matchRunbooks(runbooks, { ...page, reasons }).map(({ name }) => name);
  expect(names([])).toEqual(["by-title"]);
  expect(names(["new log pattern\nCertificate has expired"])).toEqual(["by-title", "certificate"]);
});

test("overload alone is no lack of CPU", () => {
  const text = readFileSync(new URL("../../runbooks/cpu-saturation.md", import.meta.url), "utf8");
  const cpu = parsed("runbooks/cpu-saturation.md", text);
  expect(matchRunbooks([cpu], { ...page, fault: "overload" })).toEqual([]);
  expect(matchRunbooks([cpu], { ...page, fault: "cpu", facts: { ...facts, trouble: ["cpu"] } })).toEqual([cpu]);
});

test("every criterion that is named must hold", () => {
  expect(matchRunbooks([make("other", "  service: cart\n  title: [p95]")], page)).toEqual([]);
  expect(matchRunbooks([make("dots", '  service: "pay.ents"')], page)).toEqual([]);
});

test("steps for a change are for such a change only, and steps without one only where none may be the cause", () => {
  const books = [
    make("any", "  change: true"),
    make("settings", "  change: [config, flag]"),
    make("deploy", "  change: deploy"),
    make("look", "  fault: code\n  change: false"),
  ];
  const names = (own: Partial<RunbookFacts>) => matchRunbooks(books, { ...page, facts: { ...facts, ...own } }).map(({ name }) => name);
  expect(names({})).toEqual(["look"]);
  expect(names({ mayBeChange: true })).toEqual([]);
  expect(names({ change: "deploy", mayBeChange: true })).toEqual(["any", "deploy"]);
  expect(names({ change: "flag", mayBeChange: true })).toEqual(["any", "settings"]);
  expect(names({ change: "migration", mayBeChange: true })).toEqual(["any"]);
});

test.each([
  ["not words", "doNot: 4", "must be words"],
  ["empty", 'doNot: " "', "must not be empty"],
  ["of two lines", 'doNot: "a\\nb"', "must be one line"],
  ["with the words that come before it", 'doNot: "Do not restart"', "leave these words out"],
  ["too long", `doNot: "${"a ".repeat(150)}"`, "at most 200 characters"],
  ["an unknown trouble", "trouble: fire", "must be one or more of out-of-memory"],
  ["an unknown change", "change: [release]", "must be true, false, or one or more of deploy"],
  ["an unknown suspect", "suspect: me", "must be paged or other"],
])("a field that is %s is refused with its line", (_, line, message) => {
  const isDoNot = line.startsWith("doNot");
  const text = `---\ntitle: a\n${isDoNot ? `${line}\n` : ""}match:\n  service: b\n${isDoNot ? "" : `  ${line}\n`}---\n1. Act.\n`;
  const { runbook, problems } = readRunbook("runbooks/a.md", text);
  expect(runbook).toBeNull();
  expect(problems).toEqual([expect.objectContaining({ line: isDoNot ? 3 : 5, message: expect.stringContaining(message) })]);
});

test.each([
  ["no front matter", "1. Act."],
  ["no steps", "---\ntitle: a\nmatch: { service: b }\n---\nJust text.\n"],
  ["nothing to match", "---\ntitle: a\nmatch: {}\n---\n1. Act.\n"],
  ["an unknown key", "---\ntitle: a\nmatch: { servce: b }\n---\n1. Act.\n"],
])("a runbook with %s is refused by name", (_what, text) => {
  const { runbook, problems } = readRunbook("runbooks/a.md", text);
  expect(runbook).toBeNull();
  expect(problems).toEqual([expect.objectContaining({ file: "runbooks/a.md", severity: "error" })]);
});

test("only the first numbered list is steps: not later lists, sub-steps or numbers inside code", () => {
  const text = [
    "Why, in 3 parts.",
    "",
    "```",
    "1. not a step",
    "```",
    "1. Look at the",
    "   dashboard.",
    "   - a detail",
    "",
    "   1. a sub-step",
    "2) Act.",
    "",
    "Afterwards:",
    "",
    "1. Write it down.",
  ].join("\n");
  expect(firstSteps(text)).toEqual(["Look at the dashboard.", "Act."]);
});

test("a monitor is matched by its id or by words of its name, wherever the alert tells them", () => {
  const byId = make("by-id", "  monitor: 4711");
  const byName = make("by-name", '  monitor: "orders * disk"');
  const matched = (title: string, details: string) => matchRunbooks([byId, byName], { ...page, title, details }).map(({ name }) => name);
  expect(matched("Something", "monitor_id: 4711\nstate: Alert")).toEqual(["by-id"]);
  expect(matched("Something", "details.link: https://app.datadoghq.com/monitors/4711?group=x")).toEqual(["by-id"]);
  expect(matched("[P2] [Triggered] Orders db disk is nearly full", "")).toEqual(["by-name"]);
  // A number of something else is no monitor.
  expect(matched("4711 requests", "count: 4711")).toEqual([]);
});

test("tags are matched whole, with * for any run of characters", () => {
  const team = make("team", '  tags: ["team:pay*"]');
  const matched = (details: string) => matchRunbooks([team], { ...page, details }).length;
  expect(matched("details.tags: env:prod, team:payments")).toBe(1);
  expect(matched("details.tags: subteam:payments")).toBe(0);
  expect(matchRunbooks([team], { ...page, tags: ["team:pay"] })).toHaveLength(1);
});

test("a runbook for the very monitor comes before one for the service", () => {
  const books = [make("service", "  service: payments"), make("monitor", "  monitor: [p95]")];
  expect(matchRunbooks(books, page).map(({ name }) => name)).toEqual(["monitor", "service"]);
});

test("a * in the words of a title does not reach over lines of the details", () => {
  const book = make("cpu", '  title: "database*cpu"');
  expect(matchRunbooks([book], { ...page, title: "Database orders: CPU high" })).toHaveLength(1);
  expect(matchRunbooks([book], { ...page, title: "Database is slow", details: "hint: look at cpu" })).toEqual([]);
});

test("patterns made to be slow are not, on the longest details that a page may have", () => {
  const book = make("slow", `  title: "${"a*".repeat(90)}b"`);
  expect(matchRunbooks([book], { ...page, details: "a".repeat(20_000) })).toEqual([]);
});

test("every problem of a runbook is told at once, each with its line", () => {
  const text = "---\ntitle: a\nmatch:\n  fault: fire\n  servce: cart\n  change: maybe\n---\nText.\n";
  expect(
    readRunbook("runbooks/a.md", text)
      .problems.map(({ line }) => line)
      .toSorted(),
  ).toEqual([4, 5, 6]);
});

test("the agent is given the best matches whole and the others by name", () => {
  const books = ["a", "b", "c", "d", "e"].map((name) => make(name, "  service: payments"));
  const reading = runbookReading(matchRunbooks(books, page));
  expect(reading).toContain("Runbook a: a (runbooks/a.md)\nWhy.\n\n1. Look.\n2. Act.");
  expect(reading).toContain("- d: d\n- e: e");
  expect(runbookReading([])).toBe("");
  const long = make("long", "  service: payments", `1. Look.\n\n${"word ".repeat(5_000)}`);
  expect(runbookReading([long]).length).toBeLessThan(10_000);
  expect(runbookReading([long])).toContain("read_runbook long");
});
