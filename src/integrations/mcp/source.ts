import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { Source } from "../../incident/source.ts";
import { changedWords, type McpClient } from "./client.ts";

/** Longest wait for a server at a page, ms: triage needs nothing of it, so it must not wait for it. */
const CHECK_MS = 3_000;

/** Where to is the server's word too. */
const isRedirect = ({ status }: IntegrationError): boolean => status !== null && status >= 300 && status < 400;

/**
 * A server in the coverage: whether it answers and its tools are as pinned. It brings triage nothing; what the model asks of it later is counted to
 * the same line.
 */
export const mcpSource = (client: McpClient): Source => ({
  name: client.server.title,
  tools: client.server.tools.map(({ shownAs }) => shownAs),
  async ask(_question, _emit, signal) {
    const limit = AbortSignal.timeout(CHECK_MS);
    try {
      const { changed } = await client.state(AbortSignal.any([signal, limit]));
      if (changed.length === 0) return;
      const others = client.server.tools.length - changed.length;
      throw new IntegrationError(
        "mcp",
        `${changed.map(changedWords).join("; ")}; refused until an operator has read it again (npm run midwatch -- mcp check ${client.server.name})` +
          (others === 0 ? "" : `; its other tools work (${others})`),
      );
    } catch (error) {
      if (limit.aborted && !signal.aborted)
        throw new IntegrationError("mcp", `no answer within ${CHECK_MS / 1_000} s; its tools may answer the model later`);
      // What the model reads of the coverage holds no word of a server: it is not asked for any yet.
      if (error instanceof UnexpectedAnswerError || (error instanceof IntegrationError && isRedirect(error)))
        throw new IntegrationError(
          "mcp",
          `its answer is none of the protocol (npm run midwatch -- mcp check ${client.server.name} shows it)`,
        );
      throw error;
    }
  },
});
