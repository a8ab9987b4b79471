import { type Command, flag } from "../command.ts";

export const statsCommand: Command = {
  name: "stats",
  summary: "Shows what people said of midwatch's answers (Right, Right area, Wrong), how long they took and what they cost.",
  options: { json: { type: "boolean", about: "prints one JSON object" } },
  notes: "The store is that of DATABASE_PATH; midwatch may be running.",
  async run(args) {
    const { stats } = await import("../stats.ts");
    return stats({ json: flag(args, "json") });
  },
};
