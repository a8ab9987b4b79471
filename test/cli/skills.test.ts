import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { CommandError } from "../../src/cli/command-error.ts";
import { newSkill } from "../../src/cli/skills.ts";
import { leastSettings, run, runHere, startServe } from "../support/command.ts";

/** A team's folder with one skill that is right, one that is not, and a runbook that is not. */
function teamFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "midwatch-team-"));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("skills/good/SKILL.md", "---\nname: good\ndescription: A good one.\n---\nSteps.\n");
  write("skills/bad/SKILL.md", "---\nname: worse\ndescription: Use when: full\n---\nSteps.\n");
  write("runbooks/bad.md", "---\ntitle: Bad\nmatch:\n  servce: cart\n---\n1. Act.\n");
  return root;
}

test("skills check without a folder checks what comes with midwatch", async () => {
  const { code, stdout } = await run(["skills", "check"]);
  expect(stdout).toMatch(/^✓ \d+ skills and \d+ runbooks are well formed\n$/);
  expect(code).toBe(0);
});

test("skills check of a folder shows each runbook's steps as Slack would", async () => {
  const root = mkdtempSync(join(tmpdir(), "midwatch-team-"));
  mkdirSync(join(root, "runbooks"));
  const steps =
    "1. Tell support, and say exactly which routes are slow.\n2. Ask <!channel> *now*, see [the page](https://wiki.example/x).\n";
  const head = "---\ntitle: Slow routes\ndoNot: restart all of it.\nmatch:\n  service: cart\n---\n";
  writeFileSync(join(root, "runbooks/slow.md"), `${head}${steps}`);
  const { code, stdout } = await runHere(["skills", "check", root]);
  expect(code).toBe(0);
  expect(stdout).toContain("In Slack, “Slow routes”:\n  1. Tell support, and say exactly which routes are slow.\n  2. Ask ");
  expect(stdout).not.toContain("<!channel>");
  expect(stdout).toContain("*Do not* restart all of it.");
});

test("skills check tells each problem with file and line, and ends with 1", async () => {
  const root = teamFolder();
  const { code, stdout } = await run(["skills", "check", root]);
  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`✗ ${root}/skills/bad/SKILL\\.md:3: is not YAML: .* in quotes\n`));
  expect(stdout).toContain(`✗ ${root}/runbooks/bad.md:4: match.servce: there is no such field; is it spelled right?\n`);
  expect(stdout).toContain("1 skill and 0 runbooks are well formed");
});

test("skills check takes the folder of one skill, and the team's folder from SKILLS_PATH", async () => {
  const root = teamFolder();
  expect((await runHere(["skills", "check", join(root, "skills/good")])).code).toBe(0);
  const { code, stdout } = await runHere(["skills", "check", "--json"], { SKILLS_PATH: root });
  expect(code).toBe(1);
  const { problems } = z
    .object({ problems: z.array(z.object({ file: z.string(), line: z.number().nullable() })) })
    .parse(JSON.parse(stdout));
  expect(problems.map(({ file, line }) => `${file.slice(root.length + 1)}:${line}`)).toContain("runbooks/bad.md:4");
});

test("a folder that holds no skills is one clear line", async () => {
  const { code, stderr } = await runHere(["skills", "check", "nowhere"]);
  expect(code).toBe(1);
  expect(stderr).toBe("nowhere holds no skills/, no runbooks/ and no SKILL.md. Name the folder above them, or the folder of one skill.\n");
});

test("skills new writes a skeleton that the check accepts once it is filled in, and never writes over a file", async () => {
  const root = mkdtempSync(join(tmpdir(), "midwatch-new-"));
  const { code, stdout } = await runHere(["skills", "new", "search-index", "--dir", root]);
  expect(code).toBe(0);
  expect(stdout).toContain(`${root}/skills/search-index/SKILL.md is written`);
  const path = join(root, "skills/search-index/SKILL.md");
  const empty = await runHere(["skills", "check", root]);
  expect(empty.code).toBe(1);
  expect(empty.stdout).toContain(`✗ ${path}:3: is still to be written`);
  const written = readFileSync(path, "utf8").replaceAll("TODO: ", "");
  writeFileSync(path, written.replace("- the signs", "- TODO: the signs"));
  expect((await runHere(["skills", "check", root])).stdout).toMatch(/:12: is still to be written/);
  writeFileSync(path, written);
  expect((await runHere(["skills", "check", root])).stdout).toBe("✓ 1 skill and 0 runbooks are well formed\n");
  writeFileSync(path, "mine");
  const again = await runHere(["skills", "new", "search-index"], { SKILLS_PATH: root });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("already exists");
  expect(readFileSync(path, "utf8")).toBe("mine");
});

test("skills new says that a skill of midwatch's own will be replaced", async () => {
  const root = mkdtempSync(join(tmpdir(), "midwatch-new-"));
  expect((await runHere(["skills", "new", "triage-method", "--dir", root])).stderr).toContain(
    "midwatch brings a skill triage-method itself",
  );
  expect((await runHere(["skills", "new", "search-index", "--dir", root])).stderr).toBe("");
});

test.each(["Search", "../search", "a--b", "a/b", "", "a".repeat(65)])("skills new refuses the name %j", async (name) => {
  const root = mkdtempSync(join(tmpdir(), "midwatch-new-"));
  await expect(newSkill({ name, folder: root })).rejects.toThrow(CommandError);
  expect(readdirSync(root)).toEqual([]);
});

test("skills list tells what is loaded and from where", async () => {
  const root = teamFolder();
  const { code, stdout, stderr } = await runHere(["skills", "list"], { SKILLS_PATH: root });
  expect(stdout).toContain(`  good (${root}): 6 characters\n`);
  expect(stdout).toMatch(/ {2}triage-method \(midwatch\): [\d,]+ characters\n/);
  expect(stdout).toMatch(/ {2}roll-back-a-deploy \(midwatch\): \d steps; change: deploy\n/);
  expect(stderr).toContain("bad.md:4");
  expect(code).toBe(1);
  const json = await runHere(["skills", "list", "--json"]);
  expect(json.code).toBe(0);
  const { indexCharacters, skills } = z
    .object({ indexCharacters: z.number(), skills: z.array(z.object({ origin: z.string() })) })
    .parse(JSON.parse(json.stdout));
  expect(indexCharacters).toBeLessThanOrEqual(2_500);
  expect(new Set(skills.map(({ origin }) => origin))).toEqual(new Set(["midwatch"]));
});

test("skills alone tells its commands", async () => {
  const { code, stdout } = await runHere(["skills", "--help"]);
  expect(code).toBe(0);
  for (const name of ["check [DIR]", "list", "new NAME"]) expect(stdout).toContain(`npm run midwatch -- skills ${name}`);
});

test("serve starts in spite of a broken skill of the team, and says once what is wrong with it", async () => {
  const root = teamFolder();
  await using serve = await startServe({ ...leastSettings(), SKILLS_PATH: root }, join(root, "midwatch.db"));
  await serve.said("stderr", /skills: \S+\/runbooks\/bad\.md:4: match\.servce/);
  expect(serve.stderr().match(/skills\/bad\/SKILL\.md:3: is not YAML/g)).toHaveLength(1);
});
