import { z } from "zod";
import { counted, outsideLine, outsideLines } from "../../report/tool-view.ts";
import { layOut } from "./json-layout.ts";
import { looksLikeWriting, toPinned } from "./pin.ts";
import type { ToolDefinition } from "./schema.ts";
import type { McpServer } from "./servers.ts";
import { unseenInJson } from "../../guard/unseen.ts";

const argumentsSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ type: z.unknown().optional(), description: z.unknown().optional() })).default({}),
  required: z.array(z.string()).default([]),
});

/** JSON, which YAML reads as it is; what would not be seen is written by its code, so that nothing hides from who reads it. */
const json = (value: unknown, indent: string): string =>
  layOut(value, 2)
    .replaceAll(unseenInJson, (sign) =>
      Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
    )
    .replaceAll("\n", `\n${indent}`);

function argumentLines({ inputSchema }: ToolDefinition): string[] {
  const parsed = argumentsSchema.safeParse(inputSchema);
  if (!parsed.success) return ["        # its schema names no arguments that can be read"];
  const { properties, required } = parsed.data;
  return Object.entries(properties).map(([name, { type, description }]) => {
    const about = [
      typeof type === "string" ? outsideLine(type, 20) : "",
      required.includes(name) ? "needed" : "",
      typeof description === "string" ? outsideLine(description, 120) : "",
    ];
    return `        #  ${outsideLine(name, 64)}: {}   # ${about.filter((part) => part !== "").join(", ")}`;
  });
}

function toolText(tool: ToolDefinition): string {
  const pinned = toPinned(tool);
  const writes = looksLikeWriting(tool.name, pinned);
  return [
    `      ${json(tool.name, "")}:`,
    ...(writes === null ? [] : [`        # MAY WRITE: ${writes}. midwatch only reads: leave it out unless you know that it does, too`]),
    ...outsideLines(pinned.description).map((line) => `        # ${line.trimStart()}`),
    "        pinned:",
    `          description: ${json(pinned.description, "          ")}`,
    `          input: ${json(pinned.input, "            ")}`,
    `          annotations: ${json(pinned.annotations, "            ")}`,
    "        arguments:",
    ...argumentLines(tool),
    "          {}",
  ].join("\n");
}

/** A server's tools as they are now, to be pasted below `tools:` of the server once someone has read them. No argument is allowed yet. */
export function pinText({ name }: McpServer, tools: readonly ToolDefinition[]): string {
  return [
    `# ${name}: ${counted(tools.length, "tool")}. Paste those that incidents need below servers.${name}.tools, after you have read what they say.`,
    "# Under arguments list those that the model may give, each with its rule (docs/mcp.md#the-file); remove the {} when you add some.",
    ...tools.map(toolText),
  ].join("\n");
}
