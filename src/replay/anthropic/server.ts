import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { Json } from "../../incident/model.ts";
import { createPromptCache, inputTokens } from "./cache.ts";
import { blocksOf, event, messageOf, type MessageParts, ping, restEvents, startEvents } from "./message.ts";
import { countSchema, type ModelApiRequest, problemOf, requestSchema, ruleProblem } from "./request.ts";
import { apiError, type Fault, type Raw, type Script, type ScriptedAnswer, type Spoken } from "./script.ts";
import { createSigner } from "./signing.ts";

export { apiError, type Script, type ScriptedAnswer, type ScriptedBlock } from "./script.ts";
export type { ModelApiRequest } from "./request.ts";

export interface ScriptedModelOptions {
  readonly script: Script;
  /** Default: a free one. */
  readonly port?: number;
  readonly apiKey?: string;
  /** Shorter beginnings of prompts are not cached. Default 1024. */
  readonly minimumCacheTokens?: number;
  /** Begins to answer a stream at once and sends pings until the script has made up its mind: for a person who needs minutes. */
  readonly pingEveryMs?: number;
  readonly now?: () => number;
}

/** One request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte by byte. */
  readonly text: string;
  /** The body when the API would have taken it; null otherwise. */
  readonly body: ModelApiRequest | null;
  /** What was wrong with it; null: nothing. */
  readonly problem: string | null;
}

/** A Messages API on loopback whose model is a script. */
export interface ScriptedModel extends AsyncDisposable {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly apiKey: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  close(): Promise<void>;
}

const API_VERSION = "2026-10-21";
const LARGEST_BODY = 32 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= LARGEST_BODY) parts.push(part);
  }
  return bytes > LARGEST_BODY ? null : Buffer.concat(parts).toString("utf8");
}

class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const waiting = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Sends a body in pieces, up to what the fault leaves of it. */
function send(response: ServerResponse, pieces: readonly string[], fault: Fault | undefined): void {
  if (fault === undefined || fault.kind === "error") {
    for (const piece of pieces) response.write(piece);
    response.end();
    return;
  }
  const part = Buffer.from(pieces.join("")).subarray(0, fault.afterBytes);
  response.flushHeaders();
  const end = () => (fault.kind === "cut" ? response.socket?.end() : undefined);
  if (part.length === 0) end();
  else response.write(part, end);
}

/**
 * Serves a script as a Messages API on 127.0.0.1. Requests that the API would refuse are refused in its words: unknown fields, forced tools,
 * calls without results, thinking that was changed. Usage says what a prompt cache would have read and written, in estimated tokens.
 * @throws an Error of the system when the port is taken
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const { script, apiKey = "scripted-model-key", pingEveryMs } = options;
  const requests: RecordedRequest[] = [];
  const signer = createSigner();
  const cached = createPromptCache({ minimumTokens: options.minimumCacheTokens, now: options.now });
  let answers = 0;
  let toolUses = 0;
  let asked = 0;
  const newToolUseId = () => `toolu_scripted${String(++toolUses).padStart(6, "0")}`;

  function checked(path: string, headers: IncomingHttpHeaders, text: string | null): ModelApiRequest {
    const key = headers.authorization?.replace(/^Bearer\s+/i, "") ?? headers["x-api-key"];
    if (key !== apiKey) throw new Refusal(401, "authentication_error", "invalid x-api-key");
    if (headers["anthropic-version"] !== API_VERSION)
      throw new Refusal(400, "invalid_request_error", `anthropic-version: "${API_VERSION}" is the only version here`);
    if (text === null) throw new Refusal(413, "request_too_large", "Request exceeds the maximum size");
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw new Refusal(400, "invalid_request_error", "The request body is not valid JSON");
    }
    const parsed = (path === "/v1/messages" ? requestSchema : countSchema).safeParse(json);
    if (!parsed.success) throw new Refusal(400, "invalid_request_error", problemOf(parsed.error));
    const problem = ruleProblem(parsed.data) ?? signer.problem(parsed.data);
    if (problem !== null) throw new Refusal(400, "invalid_request_error", problem);
    return parsed.data;
  }

  function answerRaw(response: ServerResponse, { status, body, headers = {}, fault }: Raw): void {
    const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    response.writeHead(status, { "content-type": type, "request-id": `req_scripted${asked}`, ...given });
    send(response, [typeof body === "string" ? body : JSON.stringify(body)], fault);
  }

  async function answerMessage(response: ServerResponse, body: ModelApiRequest, signal: AbortSignal): Promise<void> {
    const index = asked++;
    const turnIndex = body.messages.filter(({ role }) => role === "assistant").length;
    const head = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "request-id": `req_scripted${asked}` };
    const parts = (): MessageParts => ({ id: `msg_scripted${String(++answers).padStart(6, "0")}`, request: body, usage: cached(body) });
    const early = pingEveryMs !== undefined && body.stream === true ? parts() : null;
    const pings =
      early === null
        ? undefined
        : setInterval(() => {
            response.write(ping);
          }, pingEveryMs);
    let answer: ScriptedAnswer;
    try {
      if (early !== null) response.writeHead(200, head).write(startEvents(early));
      answer = await script({ index, body, signal }, turnIndex);
    } finally {
      clearInterval(pings);
    }
    if (answer.delayMs !== undefined) await waiting(answer.delayMs, signal);
    if (signal.aborted) return;
    if ("status" in answer) {
      if (early === null) return answerRaw(response, answer);
      const error = JSON.stringify(answer.body);
      response.end(event({ type: "error", error: { type: "api_error", message: `${answer.status} ${error}` } }));
      return;
    }
    const own = early ?? parts();
    const blocks = blocksOf(answer, body, signer, newToolUseId);
    if (body.stream !== true) return answerPlain(response, own, answer, blocks);
    if (early === null) response.writeHead(200, head);
    send(response, [...(early === null ? [startEvents(own)] : []), ...restEvents(own, answer, blocks)], answer.fault);
  }

  function answerPlain(response: ServerResponse, parts: MessageParts, spoken: Spoken, blocks: ReturnType<typeof blocksOf>): void {
    if (spoken.fault?.kind === "error") {
      return answerRaw(response, { status: 500, body: apiError(spoken.fault.type, spoken.fault.message) });
    }
    const raw: Raw = { status: 200, body: messageOf(parts, spoken, blocks) };
    return answerRaw(response, spoken.fault === undefined ? raw : { ...raw, fault: spoken.fault });
  }

  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const path = new URL(request.url ?? "/", "http://loopback").pathname;
    const work = async (): Promise<void> => {
      const text = await bodyOf(request);
      const record = (body: ModelApiRequest | null, problem: string | null) =>
        requests.push({ method: request.method ?? "", path, headers: request.headers, text: text ?? "", body, problem });
      try {
        if (request.method !== "POST" || !["/v1/messages", "/v1/messages/count_tokens"].includes(path))
          throw new Refusal(404, "not_found_error", "Not found");
        const body = checked(path, request.headers, text);
        record(body, null);
        if (path === "/v1/messages") await answerMessage(response, body, gone.signal);
        else answerRaw(response, { status: 200, body: { input_tokens: inputTokens(body) } });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        record(null, error.message);
        answerRaw(response, { status: error.status, body: apiError(error.type, error.message) });
      }
    };
    void work().catch((error: unknown) => {
      // The script's own mistake: its author should see it, and the client an error of the API.
      const message: Json = apiError("api_error", `the script failed: ${error instanceof Error ? error.message : String(error)}`);
      if (response.headersSent) response.destroy();
      else answerRaw(response, { status: 500, body: message });
    });
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${address.port}`, apiKey, requests, close, [Symbol.asyncDispose]: close };
}
