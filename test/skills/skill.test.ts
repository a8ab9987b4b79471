import { expect, test } from "vitest";
import { problemLine } from "../../src/skills/problem.ts";
import { parseSkill, type Skill, skillIndex } from "../../src/skills/skill.ts";

const parse = (text: string, references: Readonly<Record<string, string>> = {}, folder = "skills/disk-full") =>
  parseSkill({ folder, files: new Map(Object.entries({ "SKILL.md": text, ...references })) });
const head = (fields: string) => `---\nname: disk-full\n${fields}\n---\n\n# Disk full\n\nLook.\n`;
const lines = (text: string, references: Readonly<Record<string, string>> = {}) => parse(text, references).problems.map(problemLine);

test("a skill has the fields of the open standard", () => {
  const { skill, problems } = parse(
    head(
      'description: |\n  Disks that are full.\n  Read it for ENOSPC.\nlicense: Apache-2.0\ncompatibility: midwatch\nmetadata:\n  owner: "storage"\nallowed-tools: datadog_metrics  datadog_logs',
    ),
  );
  expect(problems).toEqual([]);
  expect(skill).toEqual({
    name: "disk-full",
    description: "Disks that are full. Read it for ENOSPC.",
    license: "Apache-2.0",
    compatibility: "midwatch",
    metadata: { owner: "storage" },
    allowedTools: ["datadog_metrics", "datadog_logs"],
    file: "skills/disk-full/SKILL.md",
    body: "# Disk full\n\nLook.",
    references: new Map(),
  });
});

test("line ends of Windows and a byte order mark are no problem", () => {
  expect(parse(`\uFEFF${head("description: Full disks.")}`.replaceAll("\n", "\r\n")).skill?.body).toBe("# Disk full\n\nLook.");
});

test.each([
  ["no front matter", "# Disk full\n", /^skills\/disk-full\/SKILL\.md:1: has no front matter; start it with/],
  ["an end that is missing", "---\nname: disk-full\n", /SKILL\.md:1: its front matter does not end/],
  ["no description", head("license: MIT"), /SKILL\.md:1: description: is missing$/],
  ["another folder's name", "---\nname: disk\ndescription: a\n---\nb\n", /SKILL\.md:2: name: "disk" is not the folder's name "disk-full"/],
  ["a name with a double hyphen", "---\nname: disk--full\ndescription: a\n---\nb\n", /SKILL\.md:2: name: must be made of a-z/],
  ["too long a description", head(`description: ${"a".repeat(1025)}`), /SKILL\.md:3: description: may have at most 1024 characters$/],
  [
    "too long a compatibility",
    head(`description: a\ncompatibility: ${"a".repeat(501)}`),
    /SKILL\.md:4: compatibility: may have at most 500/,
  ],
  [
    "a number in the metadata",
    head("description: a\nmetadata:\n  version: 1"),
    /SKILL\.md:5: metadata\.version: must be a text; put it in quotes/,
  ],
  ["a colon without quotes", head("description: Use when: full"), /SKILL\.md:3: is not YAML: .*put a value that holds ": " in quotes$/],
  ["a key twice", head("description: a\ndescription: b"), /SKILL\.md:4: is not YAML: /],
  ["anchors", head("description: &a b\nlicense: *a"), /SKILL\.md:1: uses YAML anchors/],
  ["nothing to say", "---\nname: disk-full\ndescription: a\n---\n\n", /SKILL\.md:5: says nothing after its front matter/],
  [
    "an invisible character",
    head("description: a").replace("Look.", "Look.\u202E"),
    /SKILL\.md:8: holds an invisible character \(U\+202E\)/,
  ],
  ["letters that only a model sees", head("description: a").replace("Look.", "Look.\u{E0041}"), /\(U\+E0041\)/],
  ["too many characters", head("description: a") + "a".repeat(64_000), /SKILL\.md: has 64,0\d\d characters; at most 64,000 are read/],
  [
    "a reference that is not there",
    head("description: a").replace("Look.", "See references/a.md"),
    /SKILL\.md:8: names references\/a\.md, which is not/,
  ],
])("a skill with %s is refused with its file and line", (_what, text, says) => {
  const { skill, problems } = parse(text);
  expect(skill).toBeNull();
  expect(problems.map(problemLine)).toEqual([expect.stringMatching(says)]);
});

test("a path out of the skill that its text names is a reference that is not there", () => {
  expect(lines(head("description: a").replace("Look.", "See references/../../b.md"))[0]).toContain(
    "names references/../../b.md, which is not there",
  );
});

test("all problems are told at once", () => {
  expect(parse("---\nname: Disk\ndescription: 1\nmetadata: x\n---\nb\n").problems.map(({ line }) => line)).toEqual([2, 3, 4]);
});

test("a field that other programs know costs a warning and not the skill", () => {
  const { skill, problems } = parse(head("description: a\nmodel: fast"));
  expect(skill).not.toBeNull();
  expect(problems).toMatchObject([{ severity: "warning", line: 4 }]);
});

test("an aliased list does not blow up, and deep nesting is a problem like any other", () => {
  expect(parse(head(`description: ${"[".repeat(3_000)}`)).skill).toBeNull();
  expect(parse(head(`description: ${"[".repeat(3_000)}${"]".repeat(3_000)}`)).skill).toBeNull();
});

test("references are read with the skill, and one that nothing leads to is a warning", () => {
  const text = head("description: a").replace("Look.", "See references/a.md");
  const { skill, problems } = parse(text, { "references/a.md": "A", "references/b.md": "B", "scripts/run.sh": "rm" });
  expect(skill?.references).toEqual(
    new Map([
      ["references/a.md", "A"],
      ["references/b.md", "B"],
    ]),
  );
  expect(problems.map(problemLine)).toEqual([
    "skills/disk-full/SKILL.md: does not say when to read references/b.md; name it where it helps",
  ]);
});

const named = (name: string, description: string): Skill => ({
  name,
  description,
  license: null,
  compatibility: null,
  metadata: {},
  allowedTools: null,
  file: "",
  body: "secret of the body",
  references: new Map(),
});

test("the index is one line a skill, by name, without their texts", () => {
  expect(skillIndex([named("b", "Second."), named("a", "First.")])).toBe("- a: First.\n- b: Second.");
});

test("an index that would be too long is cut, evenly at first", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => named(`skill-${index}`, "many words ".repeat(50)));
  const twenty = skillIndex(many(20));
  expect(twenty.length).toBeLessThanOrEqual(2_500);
  expect(twenty.split("\n")).toHaveLength(20);
  expect(new Set(twenty.split("\n").map((line) => line.slice(line.indexOf(":")))).size).toBe(1);
  const hundreds = skillIndex(many(300));
  expect(hundreds.length).toBeLessThanOrEqual(2_500);
  expect(hundreds).toMatch(/\(\d+ more skills do not fit here\)$/);
});
