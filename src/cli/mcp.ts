import { parseGiven } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import { changeLines, type McpClient } from "../integrations/mcp/client.ts";
import { pinText } from "../integrations/mcp/pin-text.ts";
import type { McpServer } from "../integrations/mcp/servers.ts";
import { mcp, mcpClients } from "../integrations/mcp/vendor.ts";
import { loadVendorFiles } from "../node/vendor-files.ts";
import { networkOf, readEnvironment } from "../node/environment.ts";
import { counted } from "../report/tool-view.ts";
import { CommandError } from "./command-error.ts";

const LONGEST_CHECK_MS = 30_000;

/** @param only a server's name; null: all of them */
function clientsOf(only: string | null): McpClient[] {
  const config = parseGiven(readEnvironment());
  const files = loadVendorFiles(config);
  const servers = (files[mcp.id] ?? []) as readonly McpServer[];
  if (servers.length === 0)
    throw new CommandError("No MCP server is named: set MCP_SERVERS_PATH to a file that names some (docs/mcp.md).", 1);
  const chosen = servers.filter(({ name }) => only === null || name === only);
  if (chosen.length === 0)
    throw new CommandError(
      `There is no server "${only}" in ${config.MCP_SERVERS_PATH}. There are: ${servers.map(({ name }) => name).join(", ")}.`,
      1,
    );
  return mcpClients(chosen, config, { fetch: networkOf(config, files).fetch });
}

/** `mcp pin`: prints what a server's tools are now, to be read and pasted into the file. */
export async function pinMcp(name: string, tool: string | null): Promise<number> {
  const [client] = clientsOf(name);
  if (client === undefined) return 1;
  const { listed } = await client.state(AbortSignal.timeout(LONGEST_CHECK_MS));
  const chosen = listed.filter((one) => tool === null || one.name === tool);
  if (chosen.length === 0 && tool !== null) throw new CommandError(`${name} lists no tool "${tool}".`, 1);
  console.log(pinText(client.server, chosen));
  return 0;
}

/** `mcp check`: compares the servers with their pins. Exit code 1 when a tool is refused or a server cannot be asked. */
export async function checkMcp(name: string | null): Promise<number> {
  const outcomes = await Promise.all(
    clientsOf(name).map(async (client) => {
      const { server } = client;
      try {
        const state = await client.state(AbortSignal.timeout(LONGEST_CHECK_MS));
        const lines = changeLines(server, state);
        return {
          ok: lines.length === 0,
          lines: lines.length > 0 ? lines : [`${server.title}: ${counted(server.tools.length, "tool")} as pinned`],
        };
      } catch (error) {
        if (!(error instanceof IntegrationError)) throw error;
        return { ok: false, lines: [`${server.title}: ${error.message}`] };
      }
    }),
  );
  for (const { lines } of outcomes) for (const line of lines) console.log(line);
  return outcomes.every(({ ok }) => ok) ? 0 : 1;
}
