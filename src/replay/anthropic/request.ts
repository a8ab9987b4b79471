import { z } from "zod";

/**
 * What the Messages API takes, as strict as the API: unknown fields are refused.
 * Source: types of @anthropic-ai/sdk 1.12.0 (API version 2026-10-21); wording of errors after the API's own.
 */
const cacheControl = z.strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() }).nullish();

const text = z.strictObject({
  type: z.literal("text"),
  text: z.string().min(1, "text content blocks must be non-empty"),
  citations: z.array(z.json()).nullish(),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z
    .union([z.string(), z.array(z.union([text, z.looseObject({ type: z.enum(["image", "document", "search_result"]) })]))])
    .optional(),
  is_error: z.boolean().optional(),
  toolset_name: z.string().nullish(),
  cache_control: cacheControl,
});
const toolUse = z.strictObject({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.json()),
  caller: z.json().optional(),
  toolset_name: z.string().nullish(),
  cache_control: cacheControl,
});
const thinking = z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });
/** Kinds that midwatch does not use are not looked into. */
const other = z.looseObject({ type: z.enum(["image", "document", "search_result", "server_tool_use", "web_search_tool_result"]) });

const contentOf = <T extends z.ZodType>(block: T) =>
  z.preprocess((value) => (typeof value === "string" ? [{ type: "text", text: value }] : value), z.array(block));

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), content: contentOf(z.discriminatedUnion("type", [text, toolResult, other])) }),
  z.strictObject({
    role: z.literal("assistant"),
    content: contentOf(z.discriminatedUnion("type", [text, thinking, redacted, toolUse, other])),
  }),
  z.strictObject({ role: z.literal("system"), content: contentOf(text) }),
]);

const customTool = z.strictObject({
  type: z.literal("custom").nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().optional(),
  cache_control: cacheControl,
  allowed_callers: z.array(z.string()).optional(),
  defer_loading: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  input_examples: z.array(z.json()).optional(),
});

const counted = {
  model: z.string().min(1),
  messages: z.array(message).min(1, "at least one message is required"),
  cache_control: cacheControl,
  output_config: z
    .strictObject({ effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(), format: z.json().optional() })
    .optional(),
  speed: z.enum(["standard", "fast"]).nullish(),
  system: z.union([z.string(), z.array(text)]).optional(),
  thinking: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("adaptive"), display: z.enum(["summarized", "omitted"]).nullish() }),
      z.strictObject({
        type: z.literal("enabled"),
        budget_tokens: z.number().int().min(1024),
        display: z.enum(["summarized", "omitted"]).nullish(),
      }),
      z.strictObject({ type: z.literal("disabled") }),
      z.looseObject({ type: z.literal("between_tools") }),
    ])
    .optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(["auto", "any", "tool", "none"]),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  tools: z.array(customTool).optional(),
  user_profile_id: z.string().optional(),
  workspace_id: z.string().optional(),
};

export const countSchema = z.strictObject(counted);
export const requestSchema = z.strictObject({
  ...counted,
  max_tokens: z.number().int().min(1).max(128_000),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(["auto", "standard_only"]).optional(),
  container: z.json().optional(),
  diagnostics: z.json().optional(),
  inference_geo: z.string().nullish(),
});

/** A request that the API would take. `content` is always a list of blocks. */
export type ModelApiRequest = z.output<typeof countSchema> & Partial<Pick<z.output<typeof requestSchema>, "max_tokens" | "stream">>;
export type ApiMessage = ModelApiRequest["messages"][number];

/** The first thing that is wrong, as the API words it: `messages.0.content.1.foo: Extra inputs are not permitted`. */
export function problemOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "invalid request";
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") return `${[path, issue.keys[0]].filter(Boolean).join(".")}: Extra inputs are not permitted`;
  const missing = issue.code === "invalid_type" && issue.input === undefined && /received undefined/.test(issue.message);
  return `${path}: ${missing ? "Field required" : issue.message}`;
}

/** Models that always think and choose their tools themselves. */
const thinksAlways = /^claude-(?:opus-5-5|fable-5)/;

/** What strict tools cannot be held to. Source: the SDK's transformJSONSchema, which moves these into descriptions. */
const unsupported = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "maxItems",
];

function strictProblem(schema: unknown, path: string): string | null {
  if (Array.isArray(schema)) {
    for (const [index, part] of schema.entries()) {
      const problem = strictProblem(part, `${path}.${index}`);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (typeof schema !== "object" || schema === null) return null;
  const node = new Map<string, unknown>(Object.entries(schema));
  const bad = unsupported.find((keyword) => node.has(keyword));
  if (bad !== undefined) return `${path}: For '${String(node.get("type"))}' type, property '${bad}' is not supported`;
  if (node.get("type") === "object" && node.get("additionalProperties") !== false)
    return `${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`;
  for (const name of ["properties", "$defs"]) {
    for (const [key, part] of Object.entries(node.get(name) ?? {})) {
      const problem = strictProblem(part, `${path}.${name}.${key}`);
      if (problem !== null) return problem;
    }
  }
  for (const name of ["items", "anyOf", "allOf"]) {
    const problem = strictProblem(node.get(name), `${path}.${name}`);
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * What one request may hold of strict tools: users of the API report these refusals (anthropic-sdk-typescript issue 885, genkit issue 5230,
 * eliza issue 16499). The size of the compiled grammar is limited too, by a figure that nobody knows.
 */
const STRICT = { tools: 20, optional: 24, unions: 16 } as const;

function strictLimitProblem(tools: NonNullable<ModelApiRequest["tools"]>): string | null {
  const strict = tools.filter((tool) => tool.strict === true);
  if (strict.length > STRICT.tools)
    return `tools: Too many strict tools (${strict.length}); the maximum number of strict tools is ${STRICT.tools}.`;
  let [optional, unions] = [0, 0];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties, required, anyOf, type } = node as Record<string, unknown>;
    if (typeof properties === "object" && properties !== null)
      optional += Object.keys(properties).filter((name) => !(Array.isArray(required) && required.includes(name))).length;
    if (Array.isArray(anyOf) || Array.isArray(type)) unions += 1;
    for (const part of Object.values(node)) walk(part);
  };
  for (const { input_schema: schema } of strict) walk(schema);
  if (optional > STRICT.optional)
    return `Schemas contains too many optional parameters (${optional}), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: ${STRICT.optional}).`;
  if (unions > STRICT.unions)
    return `Schemas contains too many parameters with union types (${unions}), which would make grammar compilation inefficient (limit: ${STRICT.unions}).`;
  return null;
}

/** Rules beside the shape. @returns the API's words, or null */
export function ruleProblem(request: ModelApiRequest): string | null {
  const { model, messages, tools = [] } = request;
  if (thinksAlways.test(model)) {
    if (request.thinking?.type === "disabled") return "thinking: thinking cannot be disabled for this model";
    if (request.tool_choice?.type === "any" || request.tool_choice?.type === "tool")
      return 'tool_choice: this model does not support forced tool use; use "auto"';
  }
  const names = tools.map(({ name }) => name);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  for (const [index, tool] of tools.entries()) {
    const problem = tool.strict === true ? strictProblem(tool.input_schema, `tools.${index}.custom.input_schema`) : null;
    if (problem !== null) return problem;
  }
  const tooStrict = strictLimitProblem(tools);
  if (tooStrict !== null) return tooStrict;
  const blocks: object[] = [...tools, ...(Array.isArray(request.system) ? request.system : [])];
  for (const { content } of messages) blocks.push(...content);
  const marks = blocks.filter((block) => "cache_control" in block && block.cache_control != null).length;
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
  return conversationProblem(messages, tools.length > 0);
}

function conversationProblem(messages: readonly ApiMessage[], hasTools: boolean): string | null {
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role === "assistant") return "messages: this model does not support a prefilled assistant message";
  const seen = new Set<string>();
  for (const [index, { role, content }] of messages.entries()) {
    if (content.length === 0) return `messages.${index}: ${role} messages must have non-empty content`;
    const uses = content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
    const results = content.flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
    if (!hasTools && uses.length + results.length > 0)
      return "tools: Requests which include `tool_use` or `tool_result` blocks must define tools";
    for (const id of uses) {
      if (seen.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`;
      seen.add(id);
    }
    const before = messages[index - 1];
    const asked = before?.role === "assistant" ? before.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])) : [];
    const unasked = results.find((id) => !asked.includes(id));
    if (unasked !== undefined) {
      return `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unasked}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const twice = results.find((id, at) => results.indexOf(id) !== at);
    if (twice !== undefined)
      return `messages.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${twice}`;
    const open = asked.filter((id) => !results.includes(id));
    // Text before a result separates a call from its result, which the API counts as no result.
    const late = content.findIndex((block) => block.type === "tool_result") > 0 && content[0]?.type !== "tool_result" && asked.length > 0;
    if (open.length > 0 || late) {
      return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${(late ? asked : open).join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
  }
  return null;
}
