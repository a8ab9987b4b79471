import type { Config } from "../config.ts";
import { counted, outsideLine } from "../report/tool-view.ts";
import { changedWords, type McpClient } from "../integrations/mcp/client.ts";
import { looksLikeWriting } from "../integrations/mcp/pin.ts";
import { type Check, guarded } from "./doctor-check.ts";

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** Of a diff what fits on a line; `mcp check` shows all of it. */
const firstOf = (diff: readonly string[]): string => outsideLine(diff.slice(0, 3).join(" "), 300);

async function checkServer({ server, state }: McpClient, signal: AbortSignal): Promise<Check[]> {
  const { title: name, tools } = server;
  const { listed, changed } = await state(signal);
  const asPinned = tools.length - changed.length;
  const unlisted = listed.filter((one) => !tools.some((tool) => tool.name === one.name)).length;
  const told = `answers; ${counted(asPinned, "tool")} as pinned, ${counted(unlisted, "other")} not allowed`;
  const warn = (detail: string): Check => ({ name, state: "warning", detail });
  return [
    tools.length === 0
      ? warn(`answers, and none of its tools is allowed: npm run midwatch -- mcp pin ${server.name}`)
      : { name, state: "ok", detail: told },
    ...changed.map((one): Check => ({
      name,
      state: "problem",
      detail:
        `${changedWords(one)}, so it is refused (npm run midwatch -- mcp check ${server.name}) ${firstOf(one.change.diff())}`.trimEnd(),
    })),
    ...tools.flatMap((tool) => {
      const why = looksLikeWriting(tool.name, tool.pinned);
      return why === null ? [] : [warn(`${tool.shownAs} may write: ${why}. Allow only what reads, and give the token no right to write`)];
    }),
    ...(server.auth !== null && server.url.protocol === "http:" && !LOOPBACK.includes(server.url.hostname)
      ? [warn("its credential goes over the network unencrypted: use https")]
      : []),
  ];
}

/** Every MCP server: whether it answers, its tools are as pinned, and none looks as if it wrote. */
export async function checkMcpServers(clients: readonly McpClient[], config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  const checks = await Promise.all(clients.map((client) => guarded(client.server.title, () => checkServer(client, signal))));
  const used = new Set(clients.flatMap(({ server }) => server.auth?.token ?? []));
  const unused = config.MCP_TOKENS.filter(({ name }) => !used.has(name)).map(({ name }): Check => ({
    name: "MCP",
    state: "warning",
    detail: `no server uses the token "${name}" of MCP_TOKENS: take it away`,
  }));
  return [...checks.flat(), ...unused];
}
