import { type Command, onePositional, text } from "../command.ts";

export const mcpPinCommand: Command = {
  name: "mcp pin",
  summary: "Lists the tools of an MCP server as they are now, for MCP_SERVERS_PATH: to be read, then pasted.",
  positionals: "SERVER",
  options: { tool: { type: "string", hint: "NAME", about: "only this tool" } },
  async run(args) {
    const { pinMcp } = await import("../mcp.ts");
    return pinMcp(onePositional(args, "name of the server"), text(args, "tool"));
  },
};

export const mcpCheckCommand: Command = {
  name: "mcp check",
  summary: "Compares MCP servers with their pins, and shows what differs: such tools are refused.",
  positionals: "[SERVER]",
  options: {},
  async run(args) {
    const { checkMcp } = await import("../mcp.ts");
    return checkMcp(args.positionals.length === 0 ? null : onePositional(args, "name of the server"));
  },
};
