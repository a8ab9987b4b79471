import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import { z } from "zod";
import type { ToolSchema } from "../../incident/model.ts";
import type { Tool } from "../../incident/tool.ts";

const inputSchema = z.custom<ToolSchema["input_schema"]>(
  (value) => typeof value === "object" && value !== null && "type" in value && value.type === "object",
);

const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "pattern",
  "default",
] as const;

/**
 * A tool as the model sees it. Strict schemas know no bounds and patterns, and the others are no better for them: they are left out, and the tool's own schema still checks them when
 * it is called. The same tool always gives the same bytes, so the cache holds.
 * @throws Error when the schema holds what JSON Schema or strict tools cannot say (z.any(), dates, transforms)
 */
export function toToolSchema(tool: Pick<Tool, "name" | "description" | "input" | "strict">): ToolSchema {
  const schema = z.toJSONSchema(tool.input, {
    io: "input",
    // The SDK would write them into the descriptions, character by character paid for in every turn; those say what the model needs to know.
    override: ({ jsonSchema }) => {
      for (const bound of BOUNDS) delete jsonSchema[bound];
    },
  });
  return {
    name: tool.name,
    description: tool.description,
    strict: tool.strict === true,
    input_schema: inputSchema.parse(transformJSONSchema(schema)),
  };
}
