import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { guarded, warning } from "../doctor-check.ts";
import { textSetting } from "../setting.ts";
import { type Calling, defineVendor, type Settings } from "../vendor.ts";
import { changeLines, createMcpClient, type McpClient } from "./client.ts";
import { checkServer } from "./doctor.ts";
import { mcpPolicy } from "./policy.ts";
import { type McpServer, parseMcpServers } from "./servers.ts";
import { mcpSource } from "./source.ts";
import { mcpTools } from "./tools/index.ts";

const LONGEST_REPORT_MS = 30_000;

/** `name=token`, several with commas. */
const tokenList = z.string().transform((list, context) =>
  list.split(",").flatMap((part) => {
    const entry = part.trim();
    if (entry === "") return [];
    // The message quotes nothing of a wrong entry: all of it may be the token.
    const [, name, token] = /^([a-z][a-z0-9-]{0,39})=([\x21-\x7e]{8,})$/.exec(entry) ?? [];
    if (name !== undefined && token !== undefined) return [{ name, token }];
    context.addIssue({ code: "custom", message: "each entry must be name=token, the token at least 8 characters without blanks" });
    return [];
  }),
);

const settings = {
  MCP_SERVERS_PATH: textSetting().describe(
    "file that names MCP servers and which of their tools the model may use; without it the model has none of them",
  ),
  MCP_TOKENS: tokenList
    .default([])
    .describe(
      "credentials of MCP servers by the names that the file of MCP_SERVERS_PATH gives them: name=token; separate several with commas",
    ),
};

/** One client a server, each with its own token. */
export const mcpClients = (
  servers: readonly McpServer[],
  { MCP_TOKENS: tokens }: Pick<Settings<typeof settings>, "MCP_TOKENS">,
  calling: Calling,
): McpClient[] =>
  servers.map((server) =>
    createMcpClient({ ...calling, server, token: tokens.find(({ name }) => name === server.auth?.token)?.token ?? null }),
  );

/** Servers that the operator names, each with the tools that the operator allowed. */
export const mcp = defineVendor<typeof settings, readonly McpClient[], readonly McpServer[]>({
  id: "mcp",
  title: "MCP",
  settings,
  secrets: ["MCP_TOKENS"],
  secretTexts: ({ MCP_TOKENS: tokens }) => tokens.map(({ token }) => token),
  addresses: [],
  file: {
    setting: "MCP_SERVERS_PATH",
    binding: "MCP_SERVERS",
    about: "the file of MCP servers (docs/mcp.md has an example)",
    parse: (content, { config, place, taken }) =>
      parseMcpServers(
        content,
        config.MCP_TOKENS.map(({ name }) => name),
        place,
        taken,
      ),
    addresses: (servers) => servers.map(({ url }) => url),
  },
  policies: [mcpPolicy],
  connect: (config, { calling, file = [] }) => mcpClients(file, config, calling),
  sources: (clients, { withoutModel }) =>
    clients.map((client) => {
      const { title: name, tools } = client.server;
      if (withoutModel !== null) return { name, missing: "only the model asks it: set ANTHROPIC_API_KEY" };
      return tools.length === 0 ? { name, missing: "none of its tools is allowed" } : mcpSource(client);
    }),
  tools: (clients) => mcpTools(clients),
  // One loads the library for all.
  warm: async (clients) => clients[0]?.warm(),
  async report(clients, log) {
    await Promise.all(
      clients.map(async (client) => {
        try {
          changeLines(client.server, await client.state(AbortSignal.timeout(LONGEST_REPORT_MS))).forEach(log);
        } catch (error) {
          log(`${client.server.title} cannot be asked: ${error instanceof IntegrationError ? error.message : "no answer"}`);
        }
      }),
    );
  },
  async check(clients, { config, signal }) {
    const checks = await Promise.all(clients.map((client) => guarded(client.server.title, () => checkServer(client, signal))));
    const used = new Set(clients.flatMap(({ server }) => server.auth?.token ?? []));
    return [
      ...checks.flat(),
      ...config.MCP_TOKENS.filter(({ name }) => !used.has(name)).map(({ name }) =>
        warning("MCP", `no server uses the token "${name}" of MCP_TOKENS: remove it`),
      ),
    ];
  },
});
