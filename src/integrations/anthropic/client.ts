import type Anthropic from "@anthropic-ai/sdk";
import { APIError } from "@anthropic-ai/sdk/core/error";
import { ModelError } from "../../guard/errors.ts";
import { type Caller, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import type { CallModel, Effort, Json, ModelRequest, ModelTurn, ToolUse } from "../../incident/model.ts";
import { vendorClock } from "../../guard/rate-limit.ts";
import { anthropicPolicy } from "./policy.ts";
import { namedWaitMs, toModelError } from "./errors.ts";
import { hasInput, type Message, messageSchema, textBlock, thinkingBlock, toolUseBlock } from "./schema.ts";

export { toToolSchema } from "./tool-schema.ts";

export interface ModelOptions extends Omit<Caller, "timeoutMs"> {
  /** Without `/v1`: https://api.anthropic.com */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** Default "medium". */
  readonly effort?: Effort | undefined;
  /** Longest wait for the first byte of one try. Default 60,000. */
  readonly firstByteMs?: number | undefined;
  /** Longest wait between two pieces of an answer; the API sends pings while it thinks. Default 60,000. */
  readonly stallMs?: number | undefined;
  /** Longest wait for a whole answer, tries and their waits included. Default 300,000. */
  readonly totalMs?: number | undefined;
  /** Tries after the first one, while nothing of an answer has come. Default 2. */
  readonly retries?: number | undefined;
}

export interface Model {
  /** Loads the SDK ahead of the first turn. */
  warm(): Promise<void>;
  /**
   * One turn of the model. However it ends it is data (`stopReason`); an answer that does not come whole is an error. What has begun to come is
   * not asked for again here: it was paid for, and its caller knows whether another is worth it.
   * @throws ModelError
   */
  readonly turn: CallModel;
  /** How many tokens a request would be; costs nothing. @throws ModelError */
  countTokens(request: ModelRequest, signal: AbortSignal): Promise<number>;
}

const MAX_TOKENS = 16_000;
/** A wait that a turn may take; a longer one is reported to the caller, who can let the alarm clock wait. */
const LONGEST_WAIT_MS = 10_000;
/** Ids are kept in logs, and come from any server that answers. */
const LONGEST_ID = 200;
/** The longest answer there can be (128,000 tokens, each in an event of its own) is a third of it. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** A value with every half of a character replaced: a view that was cut within an emoji holds one, and the API takes none. */
function wellFormed<T extends Json>(value: T): T;
function wellFormed(value: Json): Json {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Json) => wellFormed(one));
  return Object.fromEntries(Object.entries(value).map(([key, one]: [string, Json]) => [key.toWellFormed(), wellFormed(one)]));
}

/** A text without a word: models answer with such, and the API refuses to be sent it. */
const isBlank = ({ type, text }: { readonly type: string; readonly text?: Json }) =>
  type === "text" && typeof text === "string" && text.trim() === "";

/**
 * Messages as the API takes them back: what it would refuse would end the investigation. The rest stays as it came. The cast is a vendor type at
 * the edge: ours is what the API sends and takes, with unknown kinds of blocks allowed, which the SDK's closed union has no word for.
 */
function vendorMessages(messages: ModelRequest["messages"]): Anthropic.MessageParam[] {
  const sent = messages.flatMap(({ role, content }) => {
    const blocks = content.filter((block) => !isBlank(block)).map((block) => wellFormed({ ...block }));
    return blocks.length === 0 ? [] : [{ role, content: blocks }];
  });
  return sent as unknown as Anthropic.MessageParam[];
}

interface Settings {
  readonly model: string;
  readonly effort: Effort;
}

type Prefix = Pick<
  Anthropic.MessageCreateParamsNonStreaming,
  "model" | "thinking" | "output_config" | "cache_control" | "tools" | "tool_choice" | "system"
>;

/** The parts of a request before its messages. They stay the same from turn to turn, and are sent first. */
function prefixOf(request: ModelRequest, settings: Settings): Prefix {
  const tools = request.tools.map((tool): Anthropic.Tool => ({ ...tool, input_schema: { ...tool.input_schema } }));
  return {
    model: request.model ?? settings.model,
    thinking: { type: "adaptive", display: "summarized" },
    output_config: { effort: request.effort ?? settings.effort },
    // Moves with the end of the messages, so that each turn reads what the one before it wrote.
    cache_control: { type: "ephemeral" },
    ...(tools.length === 0 ? {} : { tools, tool_choice: { type: "auto" } }),
    // Other incidents have the same tools and system, and come later than in five minutes.
    ...(request.system === ""
      ? {}
      : { system: [{ type: "text", text: request.system.toWellFormed(), cache_control: { type: "ephemeral", ttl: "1h" } }] }),
  };
}

function usageOf({ usage }: Message): ModelTurn["usage"] {
  const fiveMinutes = usage.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return {
    inputTokens: usage.input_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    // The end of a stream corrects the sum, but not its parts. What no part claims was written for the API's own default.
    cacheWrite5mTokens: Math.max(fiveMinutes, usage.cache_creation_input_tokens - hour),
    cacheWrite1hTokens: hour,
    outputTokens: usage.output_tokens,
    thinkingTokens: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

type InputWatch = ReturnType<typeof inputWatch>;

/** Notes which inputs of tools came whole: the SDK silently repairs the others. */
function inputWatch() {
  const texts = new Map<number, string>();
  const stopped = new Set<number>();
  return {
    see(event: Anthropic.RawMessageStreamEvent) {
      if (event.type === "content_block_start" && hasInput(event.content_block.type)) texts.set(event.index, "");
      if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
        texts.set(event.index, (texts.get(event.index) ?? "") + event.delta.partial_json);
      if (event.type === "content_block_stop") stopped.add(event.index);
    },
    whole(index: number): boolean {
      const text = texts.get(index) ?? "";
      return stopped.has(index) && (text === "" || isJson(text));
    },
  };
}

/** 250 modules, which only those load who ask: triage's thread and most commands never do. */
const sdk = async () => (await import("@anthropic-ai/sdk")).default;

/** SDK's own logging would print pieces of answers. What goes wrong is in the error that is thrown. */
const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** The final message as plain JSON, without our key, should someone in between have put it there. */
function plain(message: Anthropic.Message, apiKey: string): Message {
  const text = JSON.stringify(message);
  const parsed = messageSchema.safeParse(JSON.parse(text.includes(apiKey) ? text.replaceAll(apiKey, "<credential>") : text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new ModelError("unexpected-answer", `the model answered in a shape midwatch does not know (${where.slice(0, 100)})`);
}

/** How far a call came: whether any of the answer did, and the id it goes by. */
interface CallState {
  begun: boolean;
  requestId: string | null;
}

/** Asks, and notes in `state` how far the answer came. */
async function streamed(client: Anthropic, request: ModelRequest, settings: Settings, signal: AbortSignal, state: CallState) {
  const stream = client.messages.stream(
    {
      ...prefixOf(request, settings),
      max_tokens: request.maxTokens ?? MAX_TOKENS,
      stream: true,
      // Last, so that what is sent in one turn begins with what was sent in the one before, byte by byte.
      messages: vendorMessages(request.messages),
    },
    { signal },
  );
  const inputs = inputWatch();
  stream.on("connect", () => {
    state.requestId = stream.request_id?.slice(0, LONGEST_ID) ?? null;
  });
  // The reason of its end is the last that an answer says. Where only the mark behind it is lost, nothing is missing.
  let complete: Anthropic.Message | null = null;
  stream.on("streamEvent", (event, snapshot) => {
    state.begun = true;
    inputs.see(event);
    if (event.type === "message_delta" && event.delta.stop_reason !== null) complete = snapshot;
  });
  const message = await stream.finalMessage().catch((error: unknown) => {
    if (complete === null || error instanceof APIError) throw error;
    return complete;
  });
  return { message, inputs };
}

function turnOf(message: Message, inputs: InputWatch): Omit<ModelTurn, "requestId" | "tookMs"> {
  const of = <T>(schema: { safeParse(value: unknown): { data?: T | undefined } }): T[] =>
    message.content.flatMap((block) => schema.safeParse(block).data ?? []);
  const toolUses = message.content.flatMap((block, index): ToolUse[] => {
    const use = toolUseBlock.safeParse(block).data;
    return use === undefined ? [] : [{ id: use.id, name: use.name, input: use.input as Json, whole: inputs.whole(index) }];
  });
  return {
    content: message.content,
    text: of(textBlock)
      .map(({ text }) => text)
      .join("\n\n"),
    thinking: of(thinkingBlock)
      .map(({ thinking }) => thinking)
      .filter((thinking) => thinking !== "")
      .join("\n\n"),
    toolUses,
    stopReason: message.stop_reason ?? null,
    stopDetails: message.stop_details ?? null,
    usage: usageOf(message),
    model: message.model,
  };
}

/**
 * A model of the Messages API. One layer (`guard/outgoing`) limits, retries and audits every call and lets nothing but these two paths out; the
 * SDK speaks the protocol.
 */
export function createModel(options: ModelOptions): Model {
  const { apiKey, now = Date.now, firstByteMs = 60_000, stallMs = 60_000, totalMs = 300_000 } = options;
  const settings: Settings = { model: options.model, effort: options.effort ?? "medium" };
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const guarded = outgoingFetch({
    ...callerOf(options),
    vendor: "anthropic",
    timeoutMs: firstByteMs,
    retries: options.retries ?? 2,
    longestWaitMs: LONGEST_WAIT_MS,
    largestAnswerBytes: LARGEST_ANSWER_BYTES,
    gate: openGate(anthropicPolicy, baseUrl),
    // Others (no wait named, too long a wait) come back as answers: their bodies tell a spent budget from a spent minute.
    rateLimited: ({ status, headers }) => {
      const waitMs = namedWaitMs(headers, vendorClock(headers, now()));
      return status === 429 && headers.get("x-should-retry") !== "false" && waitMs !== null && waitMs <= LONGEST_WAIT_MS;
    },
    retryAfterMs: ({ headers }, at) => namedWaitMs(headers, at),
    streams: { is: ({ ok, headers }) => ok && (headers.get("content-type") ?? "").startsWith("text/event-stream"), stallMs },
  });

  /** Runs one call of the SDK under the total limit and the caller's signal; all that it throws is a ModelError. */
  async function call<T>(
    request: ModelRequest,
    signal: AbortSignal,
    work: (client: Anthropic, both: AbortSignal, state: CallState) => Promise<T>,
  ): Promise<T> {
    const state = { begun: false, requestId: null, fromGuard: undefined as unknown };
    const total = new AbortController();
    const timer = setTimeout(() => total.abort(), totalMs);
    try {
      signal.throwIfAborted();
      // Anything else does not go into a header, and errors about that print the value.
      if (!/^[\x21-\x7e]+$/.test(apiKey))
        throw new ModelError("auth", "ANTHROPIC_API_KEY is empty or holds characters that a key cannot have. Copy it again.");
      const client = new (await sdk())({
        apiKey,
        baseURL: baseUrl,
        fetch: async (input, init) => {
          try {
            return await guarded(input, init);
          } catch (error) {
            state.fromGuard = error;
            throw error;
          }
        },
        maxRetries: 0,
        // The guard's limits end a call before.
        timeout: totalMs + 60_000,
        logLevel: "warn",
        logger: silent,
        openTelemetry: false,
      });
      return await work(client, AbortSignal.any([signal, total.signal]), state);
    } catch (error) {
      throw toModelError({
        ...state,
        error,
        aborted: signal.aborted,
        totalMs,
        totalRanOut: total.signal.aborted,
        now: now(),
        prompt: () => JSON.stringify([request.system, request.messages]),
        apiKey,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    warm: async () => void (await sdk()),

    turn: (request, signal) =>
      call(request, signal, async (client, both, state) => {
        const startedAt = now();
        const { message, inputs } = await streamed(client, request, settings, both, state);
        return { ...turnOf(plain(message, apiKey), inputs), requestId: state.requestId, tookMs: now() - startedAt };
      }),

    countTokens: (request, signal) =>
      call(request, signal, async (client, both) => {
        const counted = await client.messages.countTokens(
          { ...prefixOf(request, settings), messages: vendorMessages(request.messages) },
          { signal: both },
        );
        if (typeof counted.input_tokens !== "number")
          throw new ModelError("unexpected-answer", "the API counted tokens in a shape midwatch does not know");
        return counted.input_tokens;
      }),
  };
}
