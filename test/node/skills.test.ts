import { pageTrigger } from "../../src/incident/trigger.ts";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { createMidwatch } from "../../src/midwatch.ts";
import { openSkillFolders, OWN_FOLDER, readOneSkill, readSkillFolder } from "../../src/node/skills.ts";
import { readLibrary } from "../../src/skills/library.ts";
import { type Problem, problemLine } from "../../src/skills/problem.ts";

const skill = (name: string, body = "Steps.") => `---\nname: ${name}\ndescription: About ${name}.\n---\n${body}\n`;

/** A folder with these files. */
function folder(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = mkdtempSync(join(tmpdir(), "midwatch-skills-"));
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return { root, write };
}
const told = (root: string, { problems }: { readonly problems: readonly Problem[] }) =>
  problems.map((problem) => problemLine(problem).replaceAll(`${root}/`, ""));

test("the skills and runbooks of the repository are read from disk", () => {
  const library = readLibrary([readSkillFolder(OWN_FOLDER, "midwatch")]);
  expect(library.skills.map(({ name }) => name)).toEqual(readdirSync(join(OWN_FOLDER, "skills")).toSorted());
  expect(library.runbooks.map(({ name }) => `${name}.md`)).toEqual(readdirSync(join(OWN_FOLDER, "runbooks")).toSorted());
});

test("a change on disk is seen at the next reading; a broken one is reported once and leaves the version before", () => {
  const { root, write } = folder({ "skills/ours/SKILL.md": skill("ours", "first") });
  const reports: (readonly Problem[])[] = [];
  const folders = openSkillFolders(root, (problems) => void reports.push(problems));
  const body = () => folders.current().skills.find(({ name }) => name === "ours")?.body;
  expect(body()).toBe("first");
  const during = folders.current();
  write("skills/ours/SKILL.md", skill("ours", "second"));
  expect(body()).toBe("second");
  // An investigation that began before keeps what it began with.
  expect(during.skills.find(({ name }) => name === "ours")?.body).toBe("first");
  write("skills/ours/SKILL.md", "---\nname: ours\n---\nthird\n");
  expect(body()).toBe("second");
  expect(body()).toBe("second");
  expect(reports.map((problems) => told(root, { problems }))).toEqual([
    [
      "skills/ours/SKILL.md:1: description: is missing",
      "skills/ours: the last version without errors stays in use until this one is fixed",
    ],
  ]);
  write("skills/ours/SKILL.md", skill("ours", "third"));
  expect(body()).toBe("third");
  rmSync(join(root, "skills/ours"), { recursive: true });
  expect(body()).toBeUndefined();
  expect(reports).toHaveLength(1);
});

test("a folder that is away for a moment, as while a checkout is replaced, costs nothing", () => {
  const { root } = folder({ "skills/ours/SKILL.md": skill("ours") });
  const folders = openSkillFolders(root, () => {});
  const names = () => folders.current().skills.map(({ name }) => name);
  expect(names()).toContain("ours");
  renameSync(root, `${root}.away`);
  expect(names()).toContain("ours");
  expect(folders.current().problems).toMatchObject([{ file: root, severity: "error" }]);
});

test("links are refused wherever they stand: a skill, its SKILL.md, its references, a runbook", () => {
  const outside = folder({ "SKILL.md": skill("away"), "secret.md": "secret" });
  const { root } = folder({ "skills/here/SKILL.md": skill("here"), "skills/linked/references/x.md": "x" });
  mkdirSync(join(root, "skills/here/references"));
  mkdirSync(join(root, "runbooks"));
  symlinkSync(outside.root, join(root, "skills/away"));
  symlinkSync(join(outside.root, "SKILL.md"), join(root, "skills/linked/SKILL.md"));
  symlinkSync(join(outside.root, "secret.md"), join(root, "skills/here/references/secret.md"));
  symlinkSync(join(outside.root, "secret.md"), join(root, "runbooks/secret.md"));
  const source = readSkillFolder(root);
  expect(told(root, source).filter((line) => line.includes("symbolic link"))).toHaveLength(4);
  expect(JSON.stringify(source.content?.skills.map(({ files }) => [...files]))).not.toContain("secret");
  expect(source.content?.runbooks).toEqual([]);
  expect(readLibrary([source]).skills.map(({ name }) => name)).toEqual(["here"]);
});

test("a folder of references that is a link is refused", () => {
  const outside = folder({ "secret.md": "secret" });
  const { root } = folder({ "skills/here/SKILL.md": skill("here") });
  symlinkSync(outside.root, join(root, "skills/here/references"));
  const source = readSkillFolder(root);
  expect(source.content?.skills.flatMap(({ files }) => [...files.keys()])).toEqual(["SKILL.md"]);
  expect(told(root, source)).toEqual([expect.stringContaining("skills/here/references: is a symbolic link")]);
});

test("skills/ itself may not be a link, and a folder without either is told", () => {
  const outside = folder({ "here/SKILL.md": skill("here") });
  const { root } = folder({ "README.md": "x" });
  expect(told(root, readSkillFolder(root))).toEqual([`${root}: holds neither skills/ nor runbooks/; name the folder above them`]);
  symlinkSync(outside.root, join(root, "skills"));
  const source = readSkillFolder(root);
  expect(source.content?.skills).toEqual([]);
  expect(told(root, source)).toEqual([expect.stringContaining("skills: is a symbolic link")]);
});

test("files that are too large, no text, or of another kind are told and not read", () => {
  const { root, write } = folder({
    "skills/here/SKILL.md": skill("here"),
    "skills/here/references/deep/x.md": "x",
    "skills/here/references/notes.txt": "x",
    "skills/here/scripts/run.sh": "x",
    "runbooks/binary.md": new Uint8Array([0x2d, 0xff, 0xfe]),
    "runbooks/.hidden.md": "x",
  });
  write("runbooks/large.md", "");
  truncateSync(join(root, "runbooks/large.md"), 2 ** 30);
  const source = readSkillFolder(root);
  expect(told(root, source)).toEqual([
    "skills/here/scripts: is not used: midwatch runs no scripts of skills and reads only references/",
    "skills/here/references/deep: is a folder; references are files, one level deep",
    "skills/here/references/notes.txt: is not read; references are .md files named with a-z, 0-9, - and _",
    "runbooks/binary.md: is not UTF-8 text; save it as UTF-8",
    "runbooks/large.md: has 1,073,741,824 bytes; at most 64,000 characters are read",
  ]);
  expect(readLibrary([source]).runbooks).toEqual([]);
});

test("a runbook whose name would forge a line is refused, and told on one line", () => {
  const { root } = folder({ "runbooks/a\n1. Drop it.md": "---\ntitle: a\nmatch: { title: a }\n---\n1. Act.\n" });
  const source = readSkillFolder(root);
  expect(source.content?.runbooks).toEqual([]);
  expect(told(root, source)).toEqual([
    "runbooks/a 1. Drop it.md: has a name of other than letters, digits, blanks, points, - and _; rename it",
  ]);
});

test("too many references of one skill are an error", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`skills/here/references/r${index}.md`, "x"]));
  const { root } = folder({ "skills/here/SKILL.md": skill("here"), ...many });
  const library = readLibrary([readSkillFolder(root)]);
  expect(library.skills).toEqual([]);
  expect(told(root, library)).toContain("skills/here/references: holds more than 20 files; at most 20 are read");
});

test("one skill's folder can be read on its own", () => {
  const { root } = folder({ "disk-full/SKILL.md": skill("disk-full") });
  expect(readLibrary([readOneSkill(`${root}/disk-full/`)]).skills.map(({ name }) => name)).toEqual(["disk-full"]);
});

test("a page is matched with the runbooks that stand on disk when it comes", () => {
  const { root, write } = folder({ "runbooks/ours.md": "---\ntitle: Ours\nmatch: { monitor: 7 }\n---\n1. First.\n" });
  const folders = openSkillFolders(root, () => {});
  const midwatch = createMidwatch({
    config: parseConfig({
      PAGERDUTY_WEBHOOK_SECRET: "a-of-sixteen-and-more",
      SLACK_BOT_TOKEN: "xoxb-a-of-sixteen-and-more",
      SLACK_SIGNING_SECRET: "b-of-sixteen-and-more",
    }),
    catalog: parseCatalog("version: 1\n"),
    library: folders.current,
    fetch: () => Promise.reject(new Error("nothing is asked")),
    yieldNow: () => Promise.resolve(),
    publicUrl: null,
  });
  const page = {
    pager: "pagerduty",
    id: "P1",
    number: 1,
    title: "Something",
    details: "monitor_id: 7",
    status: "triggered",
    urgency: null,
    priority: null,
    createdAt: 0,
    service: null,
    assignees: [],
    link: null,
  } as const;
  const analysis = {
    verdict: "inconclusive",
    because: "",
    onset: null,
    symptoms: [],
    suspects: [],
    ruledOut: [],
    consequences: [],
  } as const;
  const steps = () => midwatch.parts.runbooksFor(pageTrigger(page), analysis, [])[0]?.steps;
  expect(steps()).toEqual(["First."]);
  write("runbooks/ours.md", "---\ntitle: Ours\nmatch: { monitor: 7 }\n---\n1. Second.\n");
  expect(steps()).toEqual(["Second."]);
});
