import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { LONGEST_VIEW } from "../../src/incident/tool.ts";
import { HYPOTHESES } from "../../src/investigation/agent/hypotheses.ts";
import { PROPOSE } from "../../src/investigation/agent/propose-fix.ts";
import { SUBMIT } from "../../src/investigation/agent/rounds.ts";
import { bundledSource, readLibrary, type SkillSource } from "../../src/skills/library.ts";
import { skillIndex } from "../../src/skills/skill.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const skill = (name: string, body: string) => `---\nname: ${name}\ndescription: About ${name}.\n---\n${body}\n`;
const runbook = (title: string) => `---\ntitle: ${title}\nmatch: { service: cart }\n---\n1. Act.\n`;
const source = (
  skills: Readonly<Record<string, string>>,
  runbooks: Readonly<Record<string, string>> = {},
  origin = "midwatch",
): SkillSource => ({
  ...bundledSource(skills, runbooks),
  origin,
});
const files = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .toSorted();
const onDisk = (folder: string) => Object.fromEntries(files(folder).map((file) => [file, readFileSync(join(ROOT, folder, file), "utf8")]));

const shipped = readLibrary([bundledSource(onDisk("skills"), onDisk("runbooks"))]);

test("what comes with midwatch is well formed, and its index fits uncut", () => {
  expect(shipped.problems).toEqual([]);
  expect(shipped.skills.length).toBeGreaterThanOrEqual(12);
  expect(skillIndex(shipped.skills)).not.toContain("…");
  expect(skillIndex(shipped.skills).length).toBeLessThanOrEqual(2_500);
});

test("each skill that comes with midwatch is of a length that one view holds, and says when to use it and what to report", () => {
  const wrong = shipped.skills.filter(
    ({ name, body }) =>
      body.length > LONGEST_VIEW - 2_000 ||
      body.split("\n").length < 45 ||
      !body.includes("## When to use it") ||
      // The one about reporting is all about it.
      (name !== "reporting" && !body.includes("## What to report")),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("tools and skills that texts name exist", () => {
  // As their files name them: `name: "vendor_what"`.
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?:^|\/)tools(?:\/.+)?\.ts$|^investigation\/agent\/.+\.ts$/.test(file),
  );
  const tools = [
    ...sources.flatMap((file) =>
      [...readFileSync(join(ROOT, "src", file), "utf8").matchAll(/\bname: "([a-z]+_[a-z_]+)"/g)].map(([, name]) => name),
    ),
    HYPOTHESES,
    SUBMIT,
    PROPOSE,
  ];
  const texts = shipped.skills.flatMap(({ body, references }) => [body, ...references.values()]);
  const words = texts.flatMap((text) => [
    ...text.matchAll(/`((?:datadog|sentry|github|pagerduty|slack|postgres|read|propose|submit)_[a-z_]+)`/g),
  ]);
  expect(words.length).toBeGreaterThan(20);
  expect(words.map(([, name]) => name).filter((name) => !tools.includes(name))).toEqual([]);
  const mentions = texts.flatMap((text) => [...text.matchAll(/(?:[Ss]kill|Read|go to|:) `([a-z]+(?:-[a-z]+)+)`/g)]).map(([, name]) => name);
  expect(mentions.length).toBeGreaterThan(5);
  expect(mentions.filter((name) => !shipped.skills.some((one) => one.name === name))).toEqual([]);
});

test("the Worker carries every file of skills/", () => {
  const text = readFileSync(join(ROOT, "src/worker/skills.ts"), "utf8");
  const imports = new Map([...text.matchAll(/^import (\w+) from "\.\.\/\.\.\/skills\/([^"]+)";$/gm)].map(([, name, file]) => [file, name]));
  const entries = new Map([...text.matchAll(/^ {2}"([^"]+)": (\w+),$/gm)].map(([, file, name]) => [file, name]));
  expect([...imports.keys()].toSorted()).toEqual(files("skills"));
  expect(entries).toEqual(imports);
});

test("a skill of the team stands in for one of the same name", () => {
  const { skills } = readLibrary([
    source({ "a/SKILL.md": skill("a", "ours") }),
    source({ "a/SKILL.md": skill("a", "theirs") }, {}, "team"),
  ]);
  expect(skills).toMatchObject([{ body: "theirs", origin: "team" }]);
});

test("a broken edit leaves the version before and is told; mended, it is taken", () => {
  const first = readLibrary([source({ "a/SKILL.md": skill("a", "first") }, { "b.md": runbook("first") })]);
  const broken = readLibrary([source({ "a/SKILL.md": "no head" }, { "b.md": "no head" })], first);
  expect(broken.skills).toMatchObject([{ body: "first" }]);
  expect(broken.runbooks).toMatchObject([{ title: "first" }]);
  expect(broken.problems.filter(({ severity }) => severity === "error")).toHaveLength(2);
  expect(broken.problems.filter(({ message }) => message.includes("the last version without errors stays"))).toHaveLength(2);
  const mended = readLibrary([source({ "a/SKILL.md": skill("a", "second") }, { "b.md": runbook("second") })], broken);
  expect(mended.skills).toMatchObject([{ body: "second" }]);
  expect(mended.runbooks).toMatchObject([{ title: "second" }]);
  expect(mended.problems).toEqual([]);
});

test("what is deleted is gone, and what never was good is left out", () => {
  const first = readLibrary([source({ "a/SKILL.md": skill("a", "a"), "b/SKILL.md": "no head" })]);
  expect(first.skills.map(({ name }) => name)).toEqual(["a"]);
  expect(readLibrary([source({ "b/SKILL.md": skill("b", "b") })], first).skills.map(({ name }) => name)).toEqual(["b"]);
});

test("a place that cannot be read for a moment keeps what was read from it", () => {
  const team = source({ "a/SKILL.md": skill("a", "a") }, { "b.md": runbook("b") }, "team");
  const gone: SkillSource = {
    origin: "team",
    content: null,
    problems: [{ file: "team", line: null, severity: "error", message: "cannot be read" }],
  };
  const library = readLibrary([gone], readLibrary([team]));
  expect(library.skills).toHaveLength(1);
  expect(library.runbooks).toHaveLength(1);
  expect(library.problems).toEqual(gone.problems);
});
