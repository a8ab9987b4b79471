import type { Client, jsonSchemaValidator } from "@modelcontextprotocol/client";
import { ForbiddenError, IntegrationError, TimedOutError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Caller, type Fetch, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { type Gate, openGate } from "../../guard/policy.ts";
import { outsideLine } from "../../report/tool-view.ts";
import { mcpPolicy } from "./policy.ts";
import type { McpServer } from "./servers.ts";

export interface McpOptions extends Omit<Caller, "timeoutMs"> {
  readonly server: McpServer;
  /** Its credential, or null where it has none. */
  readonly token: string | null;
}

/** Heavy, so it is loaded with the first call, or ahead of it. */
export const library = () => import("@modelcontextprotocol/client");

/** The policy in force for one server: its URL to the letter, query string included. */
export function gateOf({ url: { href } }: McpServer): Gate {
  const gate = openGate(mcpPolicy, href);
  return (call) => (call.url.href === href ? gate(call) : { refused: "it is not the server's URL" });
}

/** Requests of one connection. A server that asks back gets an answer, and must not be able to have thousands sent. */
const MOST_REQUESTS = 60;
/** Longest wait for the end of a session, ms. */
const GOODBYE_MS = 500;
/** Pages of the list of tools. */
const MOST_PAGES = 20;

/** The text without the credential, as it is and as JSON writes it. */
export const hiding =
  (token: string | null) =>
  (text: string): string =>
    token === null ? text : text.replaceAll(token, "<credential>").replaceAll(JSON.stringify(token).slice(1, -1), "<credential>");

/** Foreign schemas of answers are not compiled: their patterns are not ours, and answers are read by our own schema. */
const anyAnswer: jsonSchemaValidator = {
  getValidator: <T>() => {
    return (data: unknown) => ({ valid: true, data: data as T & {}, errorMessage: undefined });
  },
};

interface Limits {
  /** In words, for errors: "the list of tools". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly largestAnswerBytes: number;
}

export interface RequestLimits {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

/**
 * Connects, works, and leaves nothing open: each piece of work has a connection of its own, so that nothing is held that a server could speak
 * into later. The client offers nothing: a server that wants sampling, elicitation or roots is refused, and its instructions are not read.
 * @throws IntegrationError (ForbiddenError, TimedOutError, UnexpectedAnswerError …) or the signal's reason
 */
export async function connected<T>(
  options: McpOptions,
  { what, timeoutMs, largestAnswerBytes }: Limits,
  signal: AbortSignal,
  work: (client: Client, limits: RequestLimits) => Promise<T>,
): Promise<T> {
  const { server, token } = options;
  const { Client: McpClient, StreamableHTTPClientTransport } = await library();
  const outgoing = outgoingFetch({
    vendor: "mcp",
    ...callerOf(options),
    timeoutMs,
    largestAnswerBytes,
    gate: gateOf(server),
  });
  // The library wraps what a call threw in words of its own; ours say more.
  let failure: IntegrationError | null = null;
  let requests = 0;
  const ask: Fetch = async (input, init) => {
    if (init?.method === "GET") return new Response(null, { status: 405 });
    try {
      if (++requests > MOST_REQUESTS)
        throw new IntegrationError("mcp", `mcp has midwatch send more than ${MOST_REQUESTS} requests for ${what}; it was left.`);
      const response = await outgoing(input, init);
      const { status } = response;
      if (status === 401 || status === 403) {
        const todo =
          server.auth === null
            ? "It wants a credential: name one in auth, in the file of MCP_SERVERS_PATH."
            : `Check the token "${server.auth.token}" in MCP_TOKENS and its rights.`;
        throw new ForbiddenError("mcp", status, what, todo);
      }
      return response;
    } catch (error) {
      if (error instanceof IntegrationError) failure ??= error;
      throw error;
    }
  };
  const limit = AbortSignal.timeout(timeoutMs);
  const both = AbortSignal.any([signal, limit]);
  const headers = server.auth === null || token === null ? {} : { [server.auth.header]: `${server.auth.scheme} ${token}`.trimStart() };
  const transport = new StreamableHTTPClientTransport(server.url, {
    fetch: ask,
    requestInit: { headers },
    reconnectionOptions: { maxRetries: 0, initialReconnectionDelay: 1, maxReconnectionDelay: 1, reconnectionDelayGrowFactor: 1 },
  });
  const client = new McpClient(
    { name: "midwatch", version: "0.1.0" },
    {
      capabilities: {},
      versionNegotiation: { mode: "auto" },
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: anyAnswer,
      listMaxPages: MOST_PAGES,
    },
  );
  const limits = { signal: both, timeout: timeoutMs };
  // The library's first question, which protocol the server speaks, heeds no signal.
  const cut = Promise.withResolvers<never>();
  const stop = () => cut.reject(both.reason);
  both.addEventListener("abort", stop, { once: true });
  cut.promise.catch(() => undefined);
  const all = async () => {
    await client.connect(transport, limits);
    return work(client, limits);
  };
  try {
    both.throwIfAborted();
    const result = await Promise.race([all(), cut.promise]);
    // Where the server keeps a session, it need not keep it any longer. What it says to that is its own affair, and not waited for long.
    if (transport.sessionId !== undefined) await atMost(GOODBYE_MS, transport.terminateSession());
    return result;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof IntegrationError) throw error;
    if (failure !== null) throw failure as IntegrationError;
    if (limit.aborted) throw new TimedOutError("mcp", what, timeoutMs);
    throw toError(error, what, hiding(token));
  } finally {
    both.removeEventListener("abort", stop);
    await client.close().catch(() => undefined);
  }
}

/** Waits for a piece of work whose outcome nobody needs. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}

/** What the library or the server says is wrong, in one line. */
function toError(error: unknown, what: string, hide: (text: string) => string): IntegrationError {
  if (!(error instanceof Error)) return new UnexpectedAnswerError("mcp", what, "no reason given");
  const status = "status" in error && typeof error.status === "number" ? error.status : null;
  if (status !== null) return new IntegrationError("mcp", `mcp answered ${status} for ${what}. Check the url of the server.`, { status });
  return new UnexpectedAnswerError("mcp", what, outsideLine(hide(error.message), 300) || error.name);
}
