import { createHash } from "node:crypto";
import type { ModelApiRequest } from "./request.ts";

/** Four bytes a token: near enough for English and JSON, and the same every time. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);

export interface InputUsage {
  readonly input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_creation: { readonly ephemeral_5m_input_tokens: number; readonly ephemeral_1h_input_tokens: number };
}

type Ttl = "5m" | "1h";
const ttlMs: Readonly<Record<Ttl, number>> = { "5m": 300_000, "1h": 3_600_000 };
/** How many blocks before a mark a cached beginning is looked for. Source: the vendor's documentation of prompt caching. */
const LOOKBACK = 20;

interface Segment {
  readonly text: string;
  readonly mark: Ttl | null;
}

/** The prompt in the order of the cache: tools, system, messages. */
function segmentsOf(request: ModelApiRequest): Segment[] {
  const segment = (part: object, about = ""): Segment => {
    const control = "cache_control" in part ? (part.cache_control as { ttl?: Ttl } | null | undefined) : null;
    return { text: about + JSON.stringify({ ...part, cache_control: undefined }), mark: control == null ? null : (control.ttl ?? "5m") };
  };
  const { system = [], tools = [], messages } = request;
  const segments = [
    ...tools.map((tool) => segment(tool)),
    ...(typeof system === "string" ? [{ type: "text", text: system }] : system).map((block) => segment(block)),
    ...messages.flatMap(({ role, content }) => content.map((block) => segment(block, role))),
  ];
  const last = segments.at(-1);
  if (request.cache_control != null && last !== undefined && last.mark === null)
    segments[segments.length - 1] = { ...last, mark: request.cache_control.ttl ?? "5m" };
  return segments;
}

export const inputTokens = (request: ModelApiRequest): number =>
  segmentsOf(request).reduce((sum, { text }) => sum + estimateTokens(text), 0);

/**
 * The API's prompt cache: a marked beginning is kept, and read by a later request of the same model that begins the same.
 * @param minimumTokens shorter beginnings are not kept
 */
export function createPromptCache(
  options: { minimumTokens?: number | undefined; now?: (() => number) | undefined } = {},
): (request: ModelApiRequest) => InputUsage {
  const { minimumTokens = 1024, now = Date.now } = options;
  const kept = new Map<string, { until: number; readonly ttl: Ttl }>();

  return (request) => {
    const segments = segmentsOf(request);
    const firstMessage = segments.length - request.messages.reduce((sum, { content }) => sum + content.length, 0);
    const hash = createHash("sha256").update(request.model);
    let tokens = 0;
    const beginnings = segments.map(({ text, mark }, index) => {
      // Other settings of thinking or tools make other messages of the same text.
      if (index === firstMessage) hash.update(JSON.stringify([request.thinking, request.tool_choice, request.output_config]));
      hash.update(text).update("\n");
      tokens += estimateTokens(text);
      return { key: hash.copy().digest("base64"), tokens, mark };
    });
    const marks = beginnings.flatMap(({ mark, tokens: size }, index) => (mark !== null && size >= minimumTokens ? [{ index, mark }] : []));
    const at = now();
    let hit = -1;
    for (const { index } of marks) {
      for (let before = index; before > hit && index - before <= LOOKBACK; before--) {
        const entry = kept.get(beginnings[before]?.key ?? "");
        if (entry === undefined || entry.until < at) continue;
        entry.until = at + ttlMs[entry.ttl];
        hit = before;
      }
    }
    const sizeAt = (index: number) => beginnings[index]?.tokens ?? 0;
    const lastMark = marks.at(-1)?.index ?? -1;
    const lastHour = marks.findLast(({ mark }) => mark === "1h")?.index ?? -1;
    const read = sizeAt(hit);
    const hour = Math.max(0, sizeAt(lastHour) - read);
    const fiveMinutes = Math.max(0, sizeAt(lastMark) - read - hour);
    for (const { index, mark } of marks) kept.set(beginnings[index]?.key ?? "", { until: at + ttlMs[mark], ttl: mark });
    return {
      input_tokens: tokens - read - hour - fiveMinutes,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: hour + fiveMinutes,
      cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: hour },
    };
  };
}
