import type { JSONSchema } from "zod/v4/core";

/** What the agent asks a model and what it gets back, as plain JSON: a transcript of it can be kept in the event log and sent again byte by byte. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A tool as the model sees it. */
export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  /** The model's input always fits the schema. */
  readonly strict: boolean;
  readonly input_schema: JSONSchema.BaseSchema & { readonly type: "object" };
}

/**
 * One piece of a model's answer (text, thinking, redacted_thinking, tool_use, or a kind of tomorrow). Code that sends a transcript again sends
 * these back as they came: thinking is signed, and bound to its model and to everything before it.
 */
export type AnswerBlock = { readonly type: string } & { readonly [key: string]: Json };

export type UserBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_result"; readonly tool_use_id: string; readonly content: string; readonly is_error?: boolean };

export type ModelMessage =
  | { readonly role: "user"; readonly content: readonly UserBlock[] }
  | { readonly role: "assistant"; readonly content: readonly AnswerBlock[] };

export const efforts = ["low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof efforts)[number];

/** One turn. What stays the same from turn to turn (model, effort, system, tools, earlier messages) is read from the cache at a tenth of its price. */
export interface ModelRequest {
  /** Default: the client's. */
  readonly model?: string;
  readonly effort?: Effort;
  readonly system: string;
  readonly tools: readonly ToolSchema[];
  readonly messages: readonly ModelMessage[];
  /** Most that the answer may hold, thinking included, tokens. Default 16,000. */
  readonly maxTokens?: number;
}

/** Tokens. All that was read is the sum of the first four. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** Thinking included. */
  readonly outputTokens: number;
  readonly thinkingTokens: number;
}

/** A tool call that the model asks for. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  /** False when the answer ended in the middle of the input: it must not be run. */
  readonly whole: boolean;
}

/** One answer of the model, whole. */
export interface ModelTurn {
  /** As it came, to be sent back as it is. Empty is possible. */
  readonly content: readonly AnswerBlock[];
  /** The same by kind, for reading. */
  readonly text: string;
  /** The model's summary of its thinking. */
  readonly thinking: string;
  readonly toolUses: readonly ToolUse[];
  /** `end_turn`, `tool_use`, `max_tokens`, `refusal`, `pause_turn`, `stop_sequence`, `model_context_window_exceeded`, or a word of tomorrow. */
  readonly stopReason: string | null;
  /** Of a refusal: category and explanation, where the vendor gives them. */
  readonly stopDetails: Json;
  readonly usage: ModelUsage;
  /** The model that answered. */
  readonly model: string;
  readonly requestId: string | null;
  readonly tookMs: number;
}

/** Asks the model for one turn. @throws ModelError */
export type CallModel = (request: ModelRequest, signal: AbortSignal) => Promise<ModelTurn>;
