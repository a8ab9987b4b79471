import { stringify } from "yaml";
import type { ApiMessage, ModelApiRequest } from "./request.ts";

/** A request for a person who plays the model: what a model would see, and nothing else of it. */
export function readableRequest(request: ModelApiRequest): string {
  const { system = "", tools = [], messages } = request;
  const systemText = typeof system === "string" ? system : system.map(({ text }) => text).join("\n\n");
  return [
    "# System",
    systemText === "" ? "(none)" : systemText,
    "# Tools",
    tools.length === 0 ? "(none)" : tools.map(readableTool).join("\n\n"),
    "# Messages",
    readableMessages(messages, 0),
    "",
  ].join("\n\n");
}

function readableTool({ name, description, input_schema: schema }: NonNullable<ModelApiRequest["tools"]>[number]): string {
  return `## ${name}\n\n${description ?? "(no description)"}\n\n${stringify(schema, { lineWidth: 0 }).trimEnd()}`;
}

/** @param from which of the whole conversation's messages the first one is */
export function readableMessages(messages: readonly ApiMessage[], from: number): string {
  return messages
    .map(({ role, content }, index) => `## ${from + index + 1} ${role}\n\n${content.map(readableBlock).join("\n\n")}`)
    .join("\n\n");
}

function readableBlock(block: ApiMessage["content"][number]): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "thinking":
      return `### thinking\n\n${block.thinking}`;
    case "redacted_thinking":
      return "### thinking (redacted)";
    case "tool_use":
      return `### call ${block.id}: ${block.name}\n\n${stringify(block.input, { lineWidth: 0 }).trimEnd()}`;
    case "tool_result": {
      const { content = "" } = block;
      const text =
        typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : `(${part.type})`)).join("\n\n");
      return `### result of ${block.tool_use_id}${block.is_error === true ? " (error)" : ""}\n\n${String(text)}`;
    }
    default:
      return `### ${block.type}`;
  }
}
