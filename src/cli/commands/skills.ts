import { type Command, flag, onePositional, text } from "../command.ts";

export const skillsCheckCommand: Command = {
  name: "skills check",
  summary: "Checks skills and runbooks: each problem with its file and line, and how to fix it.",
  positionals: "[DIR]",
  options: { json: { type: "boolean", about: "prints one JSON object" } },
  notes:
    "DIR holds skills/ and runbooks/, or is the folder of one skill. Without it: what midwatch would load here, with the folder of SKILLS_PATH.",
  async run(args) {
    const { checkSkills } = await import("../skills.ts");
    return checkSkills({
      folder: args.positionals.length === 0 ? null : onePositional(args, "folder"),
      json: flag(args, "json"),
    });
  },
};

export const skillsListCommand: Command = {
  name: "skills list",
  summary: "Lists the skills and runbooks that are loaded: from where, how long, what they fit.",
  options: { json: { type: "boolean", about: "prints one JSON object" } },
  async run(args) {
    const { listSkills } = await import("../skills.ts");
    return listSkills({ json: flag(args, "json") });
  },
};

export const skillsNewCommand: Command = {
  name: "skills new",
  summary: "Writes the skeleton of a skill, skills/NAME/SKILL.md.",
  positionals: "NAME",
  options: { dir: { type: "string", hint: "DIR", about: "folder that holds skills/; default: SKILLS_PATH, or this folder" } },
  async run(args) {
    const { newSkill } = await import("../skills.ts");
    return newSkill({ name: onePositional(args, "name of the skill"), folder: text(args, "dir") });
  },
};
