import { stringify } from "yaml";
import type { OnCall } from "../../../src/guard/outgoing.ts";
import type { Question } from "../../../src/incident/source.ts";
import { createMcpClient, type McpClient } from "../../../src/integrations/mcp/client.ts";
import { type McpServer, parseMcpServers } from "../../../src/integrations/mcp/servers.ts";
import { mcpTools } from "../../../src/integrations/mcp/tools/index.ts";
import { exampleQuestion } from "../example-question.ts";
import { type Ran, runTool } from "../run-tool.ts";
import type { ServedMcp, ServedTool } from "./mcp-server.ts";

export const TOKEN = 'mcp-canary-"4f6b8d\\20';

/** A tool as far as the operator's file knows it. */
export type PinnedTool = Omit<ServedTool, "answer">;

export interface Allowing {
  /** Rules by tool and argument. */
  readonly arguments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly tool?: Readonly<Record<string, unknown>>;
}

/** The file of an operator who pinned all these tools as they are. */
export const fileOf = (
  url: string,
  tools: readonly PinnedTool[],
  { arguments: rules = {}, server = {}, tool = {} }: Allowing = {},
): string =>
  stringify(
    {
      version: 1,
      servers: {
        notes: {
          url,
          ...server,
          tools: Object.fromEntries(
            tools.map(({ name, description = "", input = { type: "object", properties: {} }, annotations = { readOnlyHint: true } }) => [
              name,
              { pinned: { description, input, annotations }, arguments: rules[name] ?? {}, ...tool },
            ]),
          ),
        },
      },
    },
    // The operator writes everything out.
    { aliasDuplicateObjects: false },
  );

export const allow = (url: string, tools: readonly PinnedTool[], allowing?: Allowing): McpServer => {
  const [server] = parseMcpServers(fileOf(url, tools, allowing), ["notes"]);
  if (server === undefined) throw new Error("the file names no server");
  return server;
};

export const clientOf = (server: McpServer, onCall?: OnCall): McpClient =>
  createMcpClient({
    server,
    token: server.auth === null ? null : TOKEN,
    fetch: (input, init) => fetch(input, init),
    sleep: async () => {},
    onCall,
  });

/** Asks a tool of a server whose tools are all allowed, as the agent does. */
export function asking(mcp: ServedMcp, allowing?: Allowing, tools = mcp.tools) {
  const client = clientOf(allow(mcp.url, tools, allowing));
  const question: Question = exampleQuestion;
  return (name: string, input: object = {}): Promise<Ran> =>
    runTool(
      mcpTools([client]).find((tool) => tool.name === name),
      input,
      question,
      0,
    );
}
