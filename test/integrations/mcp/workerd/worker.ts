import { IntegrationError } from "../../../../src/guard/errors.ts";
import { createMcpClient } from "../../../../src/integrations/mcp/client.ts";
import { parseMcpServers } from "../../../../src/integrations/mcp/servers.ts";

interface Env {
  readonly MCP_SERVERS: string;
  readonly TOKEN: string;
}

/** Calls every tool that the file allows, each with its `q` of the query string; answers or errors as JSON. `/environment`: what libraries see of it. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname === "/environment") return Response.json({ ...process.env });
    const [server] = parseMcpServers(env.MCP_SERVERS, ["notes"]);
    if (server === undefined) throw new Error("no server");
    const client = createMcpClient({ server, token: env.TOKEN, fetch: (input, init) => globalThis.fetch(input, init) });
    const input = { q: new URL(request.url).searchParams.get("q") ?? "" };
    const told = server.tools.map(async (tool) => {
      try {
        return (await client.call(tool, tool.policy.input.parse(input), request.signal)).content;
      } catch (error) {
        if (error instanceof IntegrationError) return error.message;
        throw error;
      }
    });
    return Response.json(await Promise.all(told));
  },
};
