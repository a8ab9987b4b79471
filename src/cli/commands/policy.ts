import { type Command, flag } from "../command.ts";

export const policyCommand: Command = {
  name: "policy",
  summary: "Prints everything that midwatch may call, as a table for a security review. Reads no settings.",
  options: { json: { type: "boolean", about: "prints the rules as JSON" } },
  async run(args) {
    const { printPolicy } = await import("../policy.ts");
    return printPolicy({ json: flag(args, "json") });
  },
};
