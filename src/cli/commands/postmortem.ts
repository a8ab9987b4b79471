import { type Command, onePositional, text } from "../command.ts";

export const postmortemCommand: Command = {
  name: "postmortem",
  summary: "Prints an incident's postmortem draft as Markdown. Each sentence links to what it rests on.",
  positionals: "INCIDENT",
  options: {
    origin: { type: "string", hint: "URL", about: "where people reach midwatch, for its links; default: PUBLIC_URL" },
  },
  notes: "The store is that of DATABASE_PATH; midwatch may be running. INCIDENT is the id in the page's address (pd-…).",
  async run(args) {
    const { postmortem } = await import("../postmortem.ts");
    const { readEnvironment } = await import("../../node/environment.ts");
    const origin = text(args, "origin") ?? readEnvironment()["PUBLIC_URL"] ?? "http://localhost:3000";
    return postmortem({ incident: onePositional(args, "incident"), origin: origin.replace(/\/+$/, "") });
  },
};
