import type { Policy } from "../../guard/policy.ts";

/** The servers of the operator's file: each by a gate of its own, to exactly its URL. midwatch never opens a server's stream for unasked messages (GET). */
export const mcpPolicy: Policy = {
  vendor: "mcp",
  setting: "MCP_SERVERS_PATH",
  usual: null,
  rules: [
    // One that calls a tool too: only tools that the operator allowed as reads are called.
    { method: "POST", path: "", effect: "read", purpose: "a message to a server of the file: its tools, a call of one that is allowed" },
    { method: "DELETE", path: "", effect: "read", purpose: "the end of a session that the server began" },
  ],
};
