import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { bySchema } from "../read-json.ts";
import { connected, hiding, library, type McpOptions, type RequestLimits } from "./connection.ts";
import { changeOf, type ToolChange } from "./pin.ts";
import { definitionSchema, type ToolDefinition } from "./schema.ts";
import type { AllowedTool, McpServer } from "./servers.ts";

const resultSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.json().optional(),
  isError: z.boolean().default(false),
});
/** What a tool answered. `isError`: the tool's own words for what went wrong, as content. */
export type McpResult = z.output<typeof resultSchema>;

/** A server against its pins. */
export interface ServerState {
  /** All that it lists now. */
  readonly listed: readonly ToolDefinition[];
  /** Allowed tools that are refused, and why. */
  readonly changed: readonly { readonly tool: AllowedTool; readonly change: ToolChange }[];
}

/** One MCP server, asked over Streamable HTTP. */
export interface McpClient {
  readonly server: McpServer;
  /** Loads the library ahead of the first page. */
  warm(): Promise<void>;
  /** @throws IntegrationError */
  state(signal: AbortSignal): Promise<ServerState>;
  /**
   * Calls a tool after a look at its pin, over the same connection.
   * @param input what the model gave, parsed by the tool's policy; the operator's fixed values are added here, and win
   * @throws IntegrationError also when the tool is not as it was pinned
   */
  call(tool: AllowedTool, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<McpResult>;
}

/** One line for people and for the model; it holds no word of the server. */
export const changedWords = ({ tool, change }: ServerState["changed"][number]): string => `${tool.shownAs}: ${change.what}`;

/** Every refused tool with what differs, for an operator; none: all is as pinned. */
export const changeLines = ({ title, name }: McpServer, { changed }: ServerState): string[] =>
  changed.flatMap((one) => [
    `${title}: ${changedWords(one)}; it is refused. Read it again, then: npm run midwatch -- mcp pin ${name}`,
    ...one.change.diff().map((line) => `  ${line}`),
  ]);

export function createMcpClient(options: McpOptions): McpClient {
  const { server } = options;
  const hide = hiding(options.token);

  /** Whatever came, without our credential, by our schema. */
  const received = <T>(schema: z.ZodType<T>, value: unknown, what: string): T =>
    bySchema(schema, JSON.parse(hide(JSON.stringify(value))), { vendor: "mcp", what });

  const LIST = "the list of tools";
  const listed = async (client: Parameters<Parameters<typeof connected>[3]>[0], limits: RequestLimits) =>
    received(z.array(definitionSchema), (await client.listTools(undefined, limits)).tools, LIST);
  const changeIn = (tool: AllowedTool, tools: readonly ToolDefinition[]) =>
    changeOf(
      tool.pinned,
      tools.filter(({ name }) => name === tool.name),
    );

  return {
    server,

    warm: async () => void (await library()),

    state: (signal) =>
      connected(options, { what: LIST, ...server }, signal, async (client, limits) => {
        const tools = await listed(client, limits);
        return {
          listed: tools,
          changed: server.tools.flatMap((tool) => {
            const change = changeIn(tool, tools);
            return change === null ? [] : [{ tool, change }];
          }),
        };
      }),

    call: (tool, input, signal) => {
      const what = `a call of ${tool.shownAs}`;
      return connected(
        options,
        { what, timeoutMs: tool.timeoutMs, largestAnswerBytes: tool.largestAnswerBytes },
        signal,
        async (client, limits) => {
          const change = changeIn(tool, await listed(client, limits));
          if (change !== null)
            throw new IntegrationError(
              "mcp",
              `${tool.shownAs} is refused: ${change.what}. It was not asked. An operator must read it again: npm run midwatch -- mcp check ${server.name}`,
            );
          const answer = await client.callTool({ name: tool.name, arguments: { ...input, ...tool.policy.fixed } }, limits);
          return received(resultSchema, answer, what);
        },
      );
    },
  };
}
