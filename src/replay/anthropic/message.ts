import type { Json } from "../../incident/model.ts";
import { estimateTokens, type InputUsage } from "./cache.ts";
import type { ModelApiRequest } from "./request.ts";
import type { Spoken } from "./script.ts";
import type { Signer } from "./signing.ts";

/** Characters of one delta. */
const PIECE = 32;

type Block = { readonly type: string } & { readonly [key: string]: Json };

export interface MessageParts {
  readonly id: string;
  readonly request: ModelApiRequest;
  readonly usage: InputUsage;
}

const usageOf = (usage: InputUsage, outputTokens: number, thinkingTokens: number): { [key: string]: Json } => ({
  ...usage,
  cache_creation: { ...usage.cache_creation },
  output_tokens: outputTokens,
  output_tokens_details: { thinking_tokens: thinkingTokens },
  server_tool_use: null,
  service_tier: "standard",
  inference_geo: "global",
  speed: "standard",
});

const emptyMessage = ({ id, request, usage }: MessageParts): { [key: string]: Json } => ({
  id,
  type: "message",
  role: "assistant",
  model: request.model,
  content: [],
  container: null,
  diagnostics: null,
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  usage: usageOf(usage, 1, 0),
});

/** An answer's blocks as the API sends them, thinking signed. */
export function blocksOf(spoken: Spoken, request: ModelApiRequest, signer: Signer, newToolUseId: () => string): Block[] {
  // Without a wish for a summary, only its proof is sent.
  const shown = request.thinking !== undefined && "display" in request.thinking && request.thinking.display === "summarized";
  const blocks = spoken.blocks.map((block): Block => {
    if ("thinking" in block) return signer.thinking(request, shown ? block.thinking : "");
    if ("redacted" in block) return signer.redacted(request, block.redacted);
    if ("text" in block) return { type: "text", text: block.text, citations: null };
    return { type: "tool_use", id: block.id ?? newToolUseId(), name: block.tool, input: block.input, caller: { type: "direct" } };
  });
  signer.issued(
    blocks.flatMap(({ type, id }) => (type === "tool_use" && typeof id === "string" ? [id] : [])),
    blocks.filter(({ type }) => type === "thinking" || type === "redacted_thinking"),
  );
  return blocks;
}

function ending(spoken: Spoken, blocks: readonly Block[]) {
  const calls = blocks.some(({ type }) => type === "tool_use");
  const thinking = spoken.blocks
    .map((block) => ("thinking" in block ? block.thinking : "redacted" in block ? block.redacted : ""))
    .join("");
  const rest = blocks.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
  const thinkingTokens = estimateTokens(thinking);
  return {
    stopReason: spoken.stopReason ?? (calls ? "tool_use" : "end_turn"),
    stopDetails: spoken.stopDetails ?? null,
    thinkingTokens,
    outputTokens: thinkingTokens + estimateTokens(rest.length === 0 ? "" : JSON.stringify(rest)),
  };
}

/** A plain answer. */
export function messageOf(parts: MessageParts, spoken: Spoken, blocks: readonly Block[]): Json {
  const { stopReason, stopDetails, outputTokens, thinkingTokens } = ending(spoken, blocks);
  const usage = usageOf(parts.usage, outputTokens, thinkingTokens);
  return { ...emptyMessage(parts), content: blocks, stop_reason: stopReason, stop_details: stopDetails, usage };
}

export const event = (data: { readonly type: string } & { readonly [key: string]: Json }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

export const ping = event({ type: "ping" });

/** The beginning of a stream: all that is known before the model has said a word. */
export const startEvents = (parts: MessageParts): string => event({ type: "message_start", message: emptyMessage(parts) }) + ping;

/** In pieces that never part the two halves of a character. */
function pieces(text: string): string[] {
  const characters = Array.from(text);
  const cut: string[] = [];
  for (let at = 0; at < characters.length; at += PIECE) cut.push(characters.slice(at, at + PIECE).join(""));
  return cut;
}

function blockEvents(block: Block, index: number): string[] {
  const delta = (body: { [key: string]: Json }) => event({ type: "content_block_delta", index, delta: body });
  const start = (body: { [key: string]: Json }) => event({ type: "content_block_start", index, content_block: body });
  const stop = event({ type: "content_block_stop", index });
  switch (block.type) {
    case "text":
      return [start({ ...block, text: "" }), ...pieces(String(block["text"])).map((text) => delta({ type: "text_delta", text })), stop];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...pieces(String(block["thinking"])).map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: block["signature"] ?? "" }),
        stop,
      ];
    case "tool_use":
      return [
        start({ ...block, input: {} }),
        ...["", ...pieces(JSON.stringify(block["input"]))].map((text) => delta({ type: "input_json_delta", partial_json: text })),
        stop,
      ];
    default:
      return [start(block), stop];
  }
}

/** The rest of a stream, event by event. */
export function restEvents(parts: MessageParts, spoken: Spoken, blocks: readonly Block[]): string[] {
  const said = blocks.flatMap(blockEvents);
  if (spoken.fault?.kind === "error") {
    return [...said, event({ type: "error", error: { type: spoken.fault.type, message: spoken.fault.message } })];
  }
  const { stopReason, stopDetails, outputTokens, thinkingTokens } = ending(spoken, blocks);
  const { cache_creation: _parts, ...input } = parts.usage;
  return [
    ...said,
    event({
      type: "message_delta",
      delta: { stop_reason: stopReason, stop_sequence: null, stop_details: stopDetails, container: null },
      usage: { ...input, output_tokens: outputTokens, output_tokens_details: { thinking_tokens: thinkingTokens }, server_tool_use: null },
    }),
    event({ type: "message_stop" }),
  ];
}
