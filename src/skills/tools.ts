import { z } from "zod";
import { defineTool, LONGEST_VIEW, type Tool, type ToolResult } from "../incident/tool.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { Library } from "./library.ts";

/** Room for path, part and what else there is to read, beside the text. */
const PART = LONGEST_VIEW - 2_000;
const MOST_NAMED = 60;

/** A text in parts that a view can hold, cut at line ends. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > PART) {
    const end = rest.lastIndexOf("\n", PART);
    const cut = end > PART / 2 ? end : PART;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut).replace(/^\n/, "");
  }
  return [...parts, rest];
}

const told = (text: string, fact: string): ToolResult => ({ answers: [], view: () => text.slice(0, LONGEST_VIEW), fact });

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? "none"
    : `${names.slice(0, MOST_NAMED).join(", ")}${names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : ""}`;

/** @param tail what is said after the text: what else can be read. @param of what the text is of */
function page(call: string, path: string, text: string, part: number, tail: string, of: Pick<ToolResult, "runbook"> = {}): ToolResult {
  const parts = partsOf(text);
  const chosen = parts[part - 1];
  if (chosen === undefined) return told(`${path} has ${parts.length} part(s); there is no part ${part}.`, `${path}: no part ${part}`);
  const more = part < parts.length ? `\n\n(part ${part} of ${parts.length}; next: ${call} with part ${part + 1})` : "";
  const fact = `read ${path}${parts.length > 1 ? `, part ${part}` : ""}`;
  return { ...told(`${path}\n\n${chosen}${more}${tail === "" ? "" : `\n\n${tail}`}`, fact), ...of };
}

const part = z.number().int().min(1).max(100).default(1).describe("which part of a long text; the answer says when there are more");

/**
 * `read_skill` and `read_runbook`. They ask nobody, so they have no answers for the ledger, and a name that is not there is reported with the existing names.
 * No view repeats what the model wrote: views count as the team's own words (`incident/trusted-texts.ts`).
 * @param library the one that this investigation began with
 */
export function createSkillTools(library: () => Pick<Library, "skills" | "runbooks">): Tool[] {
  return [
    defineTool({
      name: "read_skill",
      source: "skills",
      description:
        "Reads one of the skills listed in your instructions: how to investigate a kind of trouble, step by step. Read the one that fits before you ask its systems. With `reference` it reads a file that the skill names.",
      input: z.object({
        name: z.string().min(1).max(64).describe("name of the skill, as listed"),
        reference: z.string().min(1).max(200).optional().describe("path inside the skill, as the skill names it: references/locks.md"),
        part,
      }),
      run: async ({ name, reference, part: wanted }) => {
        const { skills } = library();
        const skill = skills.find((one) => one.name === name.trim());
        if (skill === undefined)
          return told(`There is no skill of that name. Skills: ${listed(skills.map((one) => one.name))}.`, `no skill ${outsideLine(name)}`);
        const others = [...skill.references.keys()];
        if (reference === undefined)
          return page(
            `read_skill ${skill.name}`,
            skill.file,
            skill.body,
            wanted,
            [
              ...(skill.allowedTools === null ? [] : [`Tools for this skill: ${listed(skill.allowedTools)}; of these only what you have.`]),
              ...(others.length === 0 ? [] : [`More on demand (read_skill with reference): ${listed(others)}`]),
            ].join("\n"),
          );
        // Looked up among the files that were loaded: a path can't lead anywhere else.
        const text = skill.references.get(reference.trim().replace(/^\.\//, ""));
        if (text === undefined)
          return told(
            `The skill ${skill.name} has no such reference. It has: ${listed(others)}.`,
            `no reference ${outsideLine(reference)} in skill ${skill.name}`,
          );
        return page(
          `read_skill ${skill.name} ${outsideLine(reference)}`,
          `${skill.file.replace(/SKILL\.md$/, "")}${outsideLine(reference)}`,
          text,
          wanted,
          "",
        );
      },
    }),
    defineTool({
      name: "read_runbook",
      source: "runbooks",
      description:
        "Reads a runbook: steps that people take for a kind of page. You take none of them; use it to see what the team expects and to name the step that helps now.",
      input: z.object({ name: z.string().min(1).max(200).describe("name of the runbook, without .md"), part }),
      run: async ({ name, part: wanted }) => {
        const { runbooks } = library();
        const runbook = runbooks.find((one) => one.name === name.trim().replace(/\.md$/, ""));
        if (runbook === undefined)
          return told(
            `There is no runbook of that name. Runbooks: ${listed(runbooks.map((one) => one.name))}.`,
            `no runbook ${outsideLine(name)}`,
          );
        return page(`read_runbook ${runbook.name}`, runbook.file, `${runbook.title}\n\n${runbook.text}`, wanted, "", {
          runbook: runbook.name,
        });
      },
    }),
  ];
}
