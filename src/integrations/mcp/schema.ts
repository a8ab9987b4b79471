import { z } from "zod";

/** What a server says about one of its tools: everything that a pin fixes. Fields that midwatch does not use are dropped. */
export const definitionSchema = z.object({
  name: z.string(),
  description: z.string().default(""),
  inputSchema: z.record(z.string(), z.json()),
  annotations: z.record(z.string(), z.json()).default({}),
});
export type ToolDefinition = z.output<typeof definitionSchema>;

/** The same as the operator keeps it. */
const pinnedSchema = z.strictObject({
  description: z.string(),
  input: z.record(z.string(), z.json()),
  annotations: z.record(z.string(), z.json()).default({}),
});
export type PinnedDefinition = z.output<typeof pinnedSchema>;

const limit = z.number().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const scalar = z.union([z.string().max(1_000), limit]);

/** What the model may give for one argument; `fixed`: nothing, the operator gives it. */
const argumentSchema = z.union(
  [
    z.strictObject({ fixed: z.json() }),
    z
      .strictObject({
        one_of: z.array(scalar).min(1).max(100).optional(),
        /** Of the whole value, in the syntax of RE2. */
        pattern: z.string().min(1).max(1_000).optional(),
        max_length: z.int().min(1).max(4_000).optional(),
        min: limit.optional(),
        max: limit.optional(),
        max_items: z.int().min(1).max(100).optional(),
      })
      .nullable()
      .transform((rule) => rule ?? {}),
  ],
  { error: "must be {} or hold one_of, pattern, max_length, min, max, max_items; or fixed alone" },
);
export type ArgumentRule = z.output<typeof argumentSchema>;

/** Also a name of a property in what the model sees, whose signs are limited. */
const argumentName = z.string().regex(/^[\w.-]{1,64}$/, { error: "an argument's name has at most 64 of A-Z a-z 0-9 _ . -" });

const timeoutSeconds = z.number().min(1).max(40);
const answerKilobytes = z.int().min(1).max(8_192);

const toolSchema = z.strictObject({
  /** Its part of the name that the model sees, where the server's own does not serve. */
  as: z
    .string()
    .regex(/^[a-z0-9_]{1,50}$/, { error: "must be at most 50 of a-z 0-9 _" })
    .optional(),
  /** The operator's own words for the model, in place of the server's. */
  description: z.string().trim().min(1).max(1_500).optional(),
  pinned: pinnedSchema,
  arguments: z.record(argumentName, argumentSchema).default({}),
  timeout_seconds: timeoutSeconds.optional(),
  largest_answer_kb: answerKilobytes.optional(),
});

const serverSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }),
  /** Without it nothing is sent that says who asks. */
  auth: z
    .strictObject({
      /** Its name in MCP_TOKENS. */
      token: z.string().min(1),
      header: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,60}$/i, { error: "must be the name of a header" })
        .default("authorization"),
      /** What precedes the token in the header: "Bearer", "Basic", or "" for none. Default: Bearer in `authorization`, else none. */
      scheme: z
        .string()
        .regex(/^[A-Za-z]{0,20}$/, { error: "must be one word, or empty" })
        .optional(),
    })
    .optional(),
  timeout_seconds: timeoutSeconds.default(15),
  largest_answer_kb: answerKilobytes.default(1_024),
  tools: z.record(z.string().min(1).max(200), toolSchema).default({}),
});

/** Its tools' names begin with it, so it has no underscore: `notion_search` can be of one server alone. */
const serverName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,19}$/, { error: "a server's name begins with a letter and has at most 20 of a-z 0-9" });

export const serversSchema = z.strictObject({
  version: z.literal(1),
  servers: z.record(serverName, serverSchema).default({}),
});
