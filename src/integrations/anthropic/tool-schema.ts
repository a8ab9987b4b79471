import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import { z } from "zod";
import type { ToolSchema } from "../../incident/model.ts";
import type { Tool } from "../../incident/tool.ts";

const inputSchema = z.custom<ToolSchema["input_schema"]>(
  (value) => typeof value === "object" && value !== null && "type" in value && value.type === "object",
);

/**
 * A tool as the model sees it. Strict schemas know no bounds and patterns: they are moved into descriptions, and the tool's own schema
 * still checks them when it is called. The same tool always gives the same bytes, so the cache holds.
 * @throws Error when the schema holds what JSON Schema or strict tools cannot say (z.any(), dates, transforms)
 */
export function toToolSchema(tool: Pick<Tool, "name" | "description" | "input">): ToolSchema {
  const schema = z.toJSONSchema(tool.input, {
    io: "input",
    override: ({ jsonSchema }) => {
      // What every whole number and every date-time has would only be noise in the description that the model reads.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return {
    name: tool.name,
    description: tool.description,
    strict: true,
    input_schema: inputSchema.parse(transformJSONSchema(schema)),
  };
}
