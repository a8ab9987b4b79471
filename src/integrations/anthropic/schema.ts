import { z } from "zod";

const count = z
  .number()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? 0);

/** A piece of an answer, whole: what is not known here is kept. */
const blockSchema = z.object({ type: z.string() }).catchall(z.json());

/** What is read of the SDK's final message. Older gateways leave out most of what the newest API sends, so only the least is required. */
export const messageSchema = z.object({
  model: z.string(),
  content: z.array(blockSchema),
  stop_reason: z.string().nullish(),
  stop_details: z.json().optional(),
  usage: z.object({
    input_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish(),
    output_tokens: count,
    output_tokens_details: z.object({ thinking_tokens: count }).nullish(),
  }),
});

export type Message = z.output<typeof messageSchema>;

export const textBlock = z.object({ type: z.literal("text"), text: z.string() });
export const thinkingBlock = z.object({ type: z.literal("thinking"), thinking: z.string() });
export const toolUseBlock = z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.json().default({}) });

/** An error's body, wherever it came from. */
export const errorBodySchema = z.object({
  error: z.object({
    type: z.string().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
    details: z.object({ error_code: z.string().optional() }).optional().catch(undefined),
  }),
});

/** Kinds of pieces whose input comes as pieces of JSON. */
export const hasInput = (type: string): boolean => type === "tool_use" || type === "server_tool_use";
