import { readFileSync } from "node:fs";
import type { Config } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { McpClient } from "../integrations/mcp/client.ts";
import { changeLines } from "../integrations/mcp/client.ts";
import { type McpServer, McpServersError, parseMcpServers } from "../integrations/mcp/servers.ts";

/** @throws McpServersError, also when the file is not there */
export function loadMcpServers({ MCP_SERVERS_PATH: path, MCP_TOKENS: tokens }: Config): McpServer[] {
  if (path === undefined) return [];
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new McpServersError([
      `${path} cannot be read. Write the file of MCP servers (docs/mcp.md has an example) or unset MCP_SERVERS_PATH.`,
    ]);
  }
  return parseMcpServers(
    text,
    tokens.map(({ name }) => name),
    path,
  );
}

const LONGEST_CHECK_MS = 30_000;

/** Tells the operator at the start which tools are refused, and why: a page is too late for it. */
export async function reportMcp(clients: readonly McpClient[], log: (line: string) => void): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      try {
        changeLines(client.server, await client.state(AbortSignal.timeout(LONGEST_CHECK_MS))).forEach(log);
      } catch (error) {
        log(`${client.server.title} cannot be asked: ${error instanceof IntegrationError ? error.message : "no answer"}`);
      }
    }),
  );
}
