import type { Tool } from "../../../incident/tool.ts";
import type { SentryClient } from "../client.ts";
import { eventTool } from "./event.ts";
import { issuesTool } from "./issues.ts";

/** What the agent may ask Sentry; all of it reads. */
export const sentryTools = (sentry: SentryClient): Tool[] => [issuesTool(sentry), eventTool(sentry)];
