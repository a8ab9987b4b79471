import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvironment } from "../node/environment.ts";
import { OWN_FOLDER, readOneSkill, readSkillFolder } from "../node/skills.ts";
import { readLibrary, type SkillSource } from "../skills/library.ts";
import { problemLine } from "../skills/problem.ts";
import { skillIndex, skillName } from "../skills/skill.ts";
import type { Runbook } from "../skills/runbook.ts";
import { runbookInSlack } from "../slack/runbook-text.ts";
import { CommandError } from "./command-error.ts";

/** The team's folder, from the environment or `.env`; the other settings need not be there. */
function teamFolder(): string | null {
  const path = readEnvironment()["SKILLS_PATH"]?.trim();
  return path === undefined || path === "" ? null : path;
}

/** What midwatch itself would load here. */
function loadedSources(): SkillSource[] {
  const team = teamFolder();
  return [readSkillFolder(OWN_FOLDER, "midwatch"), ...(team === null ? [] : [readSkillFolder(team)])];
}

/** @throws CommandError when the folder holds neither a skill nor skills/ nor runbooks/ */
function sourceOf(folder: string): SkillSource {
  if (existsSync(join(folder, "SKILL.md"))) return readOneSkill(folder);
  if (existsSync(join(folder, "skills")) || existsSync(join(folder, "runbooks"))) return readSkillFolder(folder);
  throw new CommandError(
    `${folder} holds no skills/, no runbooks/ and no SKILL.md. Name the folder above them, or the folder of one skill.`,
    1,
  );
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** How people see a runbook's steps in Slack: links to hosts that midwatch does not know, mentions and marks are text there. */
const inSlack = ({ title, steps, doNot }: Runbook): string =>
  [
    `\nIn Slack, “${title}”:`,
    ...runbookInSlack({ steps, ...(doNot === undefined ? {} : { doNot }) })
      .split("\n")
      .map((line) => `  ${line}`),
  ].join("\n");

/** `skills check`: every problem with its file and line. Exit code 1 when there is an error; warnings alone are 0. */
export async function checkSkills({ folder, json }: { folder: string | null; json: boolean }): Promise<number> {
  const { skills, runbooks, problems } = readLibrary(folder === null ? loadedSources() : [sourceOf(folder)]);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (json) console.log(JSON.stringify({ ok: errors === 0, skills: skills.length, runbooks: runbooks.length, problems }));
  else {
    for (const problem of problems) console.log(`${problem.severity === "error" ? "✗" : "!"} ${problemLine(problem)}`);
    const good = `${count(skills.length, "skill")} and ${count(runbooks.length, "runbook")} are well formed`;
    console.log(errors === 0 ? `✓ ${good}` : `${count(errors, "error")}; ${good}`);
    if (folder !== null) for (const runbook of runbooks) console.log(inSlack(runbook));
  }
  return errors === 0 ? 0 : 1;
}

const characters = (text: string): string => `${text.length.toLocaleString("en-US")} characters`;

/** `skills list`: what is loaded, from where, how long it is. Exit code as for the check. */
export async function listSkills({ json }: { json: boolean }): Promise<number> {
  const { skills, runbooks, problems } = readLibrary(loadedSources());
  const errors = problems.filter(({ severity }) => severity === "error");
  if (json) {
    console.log(
      JSON.stringify({
        skills: skills.map(({ name, description, origin, file, body, references, allowedTools }) => ({
          name,
          description,
          origin,
          file,
          characters: body.length,
          references: [...references].map(([path, text]) => ({ path, characters: text.length })),
          allowedTools,
        })),
        runbooks: runbooks.map(({ name, title, origin, file, match, steps, text }) => ({
          name,
          title,
          origin,
          file,
          match,
          steps: steps.length,
          characters: text.length,
        })),
        indexCharacters: skillIndex(skills).length,
        problems,
      }),
    );
    return errors.length === 0 ? 0 : 1;
  }
  console.log(`Skills (index for the model: ${characters(skillIndex(skills))})`);
  for (const { name, origin, body, references } of skills) {
    const more = [...references].map(([path, text]) => `${path} ${characters(text)}`).join(", ");
    console.log(`  ${name} (${origin}): ${characters(body)}${more === "" ? "" : `; ${more}`}`);
  }
  console.log("Runbooks");
  for (const { name, origin, match, steps } of runbooks) {
    const fits = Object.entries(match).flatMap(([field, value]) => {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      return [`${field}: ${Array.isArray(value) ? value.join(", ") : String(value)}`];
    });
    console.log(`  ${name} (${origin}): ${count(steps.length, "step")}; ${fits.join("; ")}`);
  }
  for (const problem of errors) console.error(`✗ ${problemLine(problem)}`);
  return errors.length === 0 ? 0 : 1;
}

const skeleton = (name: string): string => `---
name: ${name}
description: "TODO: what this skill is for, and the signs by which one knows that it is needed. The agent sees only this line until it reads the rest."
metadata:
  owner: "your team"
---

# ${name.replaceAll("-", " ")}

## When to use it

- TODO: the signs: words of the page, of a log line, the shape of a metric.
- TODO: not for: what looks alike and is something else. Name the skill for that.

## Steps

1. TODO: what to ask first, of which tool, in which window, and what the answer means.
2. TODO: what separates the two likeliest causes.
3. TODO: what would rule each of them out.

## What to report

- TODO: the claim, with the figures it rests on.
- TODO: what people should do now, the safest first.
- TODO: what could not be checked, and who can.
`;

/** `skills new NAME`: writes a skeleton that the check accepts once it is filled in. @throws CommandError for a name or folder that will not do */
export async function newSkill({ name, folder }: { name: string; folder: string | null }): Promise<number> {
  const parsed = skillName.safeParse(name);
  if (!parsed.success) throw new CommandError(`The name "${name}" ${parsed.error.issues[0]?.message ?? "will not do"}.`);
  const path = join(folder ?? teamFolder() ?? ".", "skills", parsed.data);
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "SKILL.md"), skeleton(parsed.data), { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    if (code === null) throw error;
    throw new CommandError(
      code === "EEXIST"
        ? `${path}/SKILL.md already exists. Choose another name, or edit that one.`
        : `${path} cannot be written (${code}).`,
      1,
    );
  }
  const { skills } = readLibrary([readSkillFolder(OWN_FOLDER, "midwatch")]);
  if (skills.some((one) => one.name === parsed.data))
    console.error(`midwatch brings a skill ${parsed.data} itself; this one will be read in its place.`);
  console.log(`${path}/SKILL.md is written. Fill it in, then: npm run midwatch -- skills check ${folder ?? teamFolder() ?? "."}`);
  return 0;
}
