import type { Command } from "../command.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "Runs midwatch: webhooks in, Slack and pages out. Settings come from the environment and .env.",
  options: {},
  async run() {
    const { main } = await import("../../node/node.ts");
    return main();
  },
};
