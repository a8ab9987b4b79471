import type { Json } from "../../incident/model.ts";
import type { ModelApiRequest } from "./request.ts";

/** One piece of what the model says. `redacted` is thinking that nobody may read. */
export type ScriptedBlock =
  | { readonly thinking: string }
  | { readonly redacted: string }
  | { readonly text: string }
  | { readonly tool: string; readonly input: { readonly [key: string]: Json }; readonly id?: string };

/**
 * What happens to an answer on its way. `cut` breaks the connection, `stall` sends nothing more and leaves it open; both after so many bytes of
 * the body. `error` is an error event inside of a stream, after the blocks.
 */
export type Fault =
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "stall"; readonly afterBytes: number }
  | { readonly kind: "error"; readonly type: string; readonly message: string };

export interface Spoken {
  readonly blocks: readonly ScriptedBlock[];
  /** Default: `tool_use` when a tool is called, else `end_turn`. */
  readonly stopReason?: string;
  readonly stopDetails?: Json;
  /** Before the first byte, milliseconds; Infinity: never. */
  readonly delayMs?: number;
  readonly fault?: Fault;
}

/** An answer as it is: an error, a page of a proxy, nothing at all, a recorded stream. */
export interface Raw {
  readonly status: number;
  /** A text as it is, anything else as JSON. */
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  readonly fault?: Exclude<Fault, { kind: "error" }>;
}

export type ScriptedAnswer = Spoken | Raw;

export interface ScriptedRequest {
  /** How many requests came before this one. */
  readonly index: number;
  readonly body: ModelApiRequest;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** @param turnIndex how many answers the request's own conversation holds */
export type Script = (request: ScriptedRequest, turnIndex: number) => ScriptedAnswer | Promise<ScriptedAnswer>;

/** An error as the API words it. */
export const apiError = (type: string, message: string, details?: Json): Json => ({
  type: "error",
  error: { type, message, ...(details === undefined ? {} : { details }) },
});

/** The answers one after the other, for all conversations; then the last one for ever. */
export const inOrder =
  (answers: readonly [ScriptedAnswer, ...ScriptedAnswer[]]): Script =>
  ({ index }) =>
    answers[Math.min(index, answers.length - 1)] ?? answers[0];
