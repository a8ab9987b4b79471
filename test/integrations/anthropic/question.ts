import { z } from "zod";
import type { ModelRequest } from "../../../src/incident/model.ts";
import { toToolSchema } from "../../../src/integrations/anthropic/tool-schema.ts";

export const logsTool = toToolSchema({
  name: "datadog_logs",
  description: "Log lines of one service in a window.",
  strict: true,
  input: z.object({
    service: z.string().describe("as named in the page"),
    from: z.iso.datetime().describe("start of the window"),
    limit: z.number().int().min(1).max(50).default(20).describe("most lines"),
  }),
});

export const question: ModelRequest = {
  system: "You find out why checkout fails.",
  tools: [logsTool],
  messages: [{ role: "user", content: [{ type: "text", text: "Errors of checkout rose from 0.3 % to 18 % at 03:12." }] }],
};
