import { z } from "zod";
import { parseFrontMatter } from "./front-matter.ts";
import { type Problem, textProblems } from "./problem.ts";

/** What the open standard (agentskills.io) advises for the text of a SKILL.md. */
const ADVISED_LINES = 500;
const ADVISED_CHARACTERS = 20_000;
/** Most reference files of one skill. */
export const MOST_REFERENCES = 20;

const text = (longest: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? "is missing" : 'must be a text; put it in quotes ("1", "yes")') })
    .trim()
    .min(1, { error: "must not be empty" })
    .max(longest, { error: `may have at most ${longest} characters` });

export const skillName = text(64).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
  error: "must be made of a-z, 0-9 and single hyphens inside, for example database-trouble",
});

/** Fields and limits of the open standard. */
const skillSchema = z.object({
  name: skillName,
  description: text(1024),
  license: text(500).optional(),
  compatibility: text(500).optional(),
  metadata: z.record(z.string(), text(1024), { error: 'must map names to texts, for example owner: "payments"' }).optional(),
  "allowed-tools": z
    .union([text(2000).transform((words) => words.split(/\s+/)), z.array(text(100))], {
      error: "must be one text, the tools' names with blanks between them",
    })
    .optional(),
});

/** Steps for the agent: what to look at, in which order, and what to conclude. */
export interface Skill {
  readonly name: string;
  /** What it is for and when to use it: all that the model sees until it reads the skill. */
  readonly description: string;
  readonly license: string | null;
  readonly compatibility: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of tools that it says it needs; null: it does not say. The model sees them; they grant nothing. */
  readonly allowedTools: readonly string[] | null;
  /** Path of its SKILL.md, as people name it. */
  readonly file: string;
  readonly body: string;
  /** Text by relative path (`references/locks.md`). */
  readonly references: ReadonlyMap<string, string>;
}

/** The files of one skill's folder. */
export interface SkillFiles {
  /** Path of the folder, as people name it; its last part is the skill's name. */
  readonly folder: string;
  /** Text by path inside the folder: `SKILL.md`, `references/locks.md`. */
  readonly files: ReadonlyMap<string, string>;
}

const REFERENCE_PATH = /^references\/[\w-][\w.-]*\.md$/;
/** Mentions of reference files in a text. */
const MENTION = /\breferences\/[\w./-]{1,200}\.md\b/g;

/** Wrong and missing references, with the line that names them. */
function referenceProblems(file: string, body: string, bodyLine: number, references: ReadonlyMap<string, string>): Problem[] {
  const problems: Problem[] = [];
  const named = new Set<string>();
  for (const [index, line] of body.split("\n").entries()) {
    for (const [path] of line.matchAll(MENTION)) {
      if (!named.has(path) && !references.has(path))
        problems.push({
          file,
          line: bodyLine + index,
          severity: "error",
          message: `names ${path}, which is not there; write it, or fix the path`,
        });
      named.add(path);
    }
  }
  for (const path of references.keys()) {
    if (!named.has(path))
      problems.push({ file, line: null, severity: "warning", message: `does not say when to read ${path}; name it where it helps` });
  }
  return problems;
}

/** What `skills new` leaves to be written; a skill that still has it would tell the model nothing. */
const UNWRITTEN = /^(?:\s*(?:[-*]|\d+\.)\s+)?(?:description:\s*"?)?TODO:/;

function unwritten(file: string, source: string): Problem[] {
  const line = source.split("\n").findIndex((one) => UNWRITTEN.test(one));
  return line < 0 ? [] : [{ file, line: line + 1, severity: "error", message: "is still to be written: replace what follows TODO" }];
}

/**
 * Reads one skill's folder by the open standard. Never throws: a skill with an error is null, and each problem has its file and line.
 * Source: agentskills.io, fields and limits of SKILL.md.
 */
export function parseSkill({ folder, files }: SkillFiles): { skill: Skill | null; problems: Problem[] } {
  const file = `${folder}/SKILL.md`;
  const source = files.get("SKILL.md");
  if (source === undefined)
    return {
      skill: null,
      problems: [{ file: folder, line: null, severity: "error", message: "has no SKILL.md; write one (`skills new NAME`)" }],
    };
  const head = parseFrontMatter(file, source, skillSchema, {
    start: "`---`, `name:` and `description:`, then `---`",
    known: Object.keys(skillSchema.shape),
  });
  const { data } = head;
  const problems = [...head.problems, ...unwritten(file, source)];
  const folderName = folder.split("/").at(-1) ?? folder;
  if (data !== null && data.name !== folderName)
    problems.push({
      file,
      line: head.lineOf(["name"]),
      severity: "error",
      message: `name: "${data.name}" is not the folder's name "${folderName}"; rename one of them`,
    });
  const body = head.body.trim();
  const lines = body.split("\n").length;
  if (data !== null && body === "")
    problems.push({ file, line: head.bodyLine, severity: "error", message: "says nothing after its front matter; write the steps" });
  if (lines > ADVISED_LINES || body.length > ADVISED_CHARACTERS)
    problems.push({
      file,
      line: null,
      severity: "warning",
      message: `has ${lines} lines, ${body.length} characters; over ${ADVISED_LINES} lines or ${ADVISED_CHARACTERS} characters cost every reader. Move depth to references/`,
    });
  const references = new Map<string, string>();
  for (const [path, content] of [...files].filter(([name]) => name !== "SKILL.md").toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!REFERENCE_PATH.test(path)) continue;
    problems.push(...textProblems(`${folder}/${path}`, content));
    references.set(path, content.trim());
  }
  if (references.size > MOST_REFERENCES)
    problems.push({
      file: `${folder}/references`,
      line: null,
      severity: "error",
      message: `holds more than ${MOST_REFERENCES} files; at most ${MOST_REFERENCES} are read`,
    });
  if (data !== null) problems.push(...referenceProblems(file, head.body, head.bodyLine, references));
  if (data === null || problems.some(({ severity }) => severity === "error")) return { skill: null, problems };
  return {
    skill: {
      name: data.name,
      description: data.description.replaceAll(/\s+/g, " "),
      license: data.license ?? null,
      compatibility: data.compatibility ?? null,
      metadata: data.metadata ?? {},
      allowedTools: data["allowed-tools"] ?? null,
      file,
      body,
      references,
    },
    problems,
  };
}

/** Longest index, characters: it is part of every request to the model. */
const LONGEST_INDEX = 2_500;

/**
 * The skills as the system prompt names them: one line each, by name. Where the descriptions are too long together each is cut to the same length,
 * and where even names are too many it says how many are left out.
 */
export function skillIndex(skills: readonly Skill[], longest = LONGEST_INDEX): string {
  const sorted = skills.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const cut = (words: string, length: number) =>
    words.length <= length ? words : `${words.slice(0, words.lastIndexOf(" ", length - 1)).replace(/[\s,;:.]+$/, "")} …`;
  for (const length of [1024, 500, 350, 250, 200, 150, 120, 90, 60, 40]) {
    const index = sorted.map(({ name, description }) => `- ${name}: ${cut(description, length)}`).join("\n");
    if (index.length <= longest) return index;
  }
  const names: string[] = [];
  let room = longest - 60;
  for (const { name } of sorted) if ((room -= name.length + 3) > 0) names.push(`- ${name}`);
  const left = sorted.length - names.length;
  return [...names, ...(left === 0 ? [] : [`(${left} more skills do not fit here)`])].join("\n");
}
