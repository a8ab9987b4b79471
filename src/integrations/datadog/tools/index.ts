import type { Tool } from "../../../incident/tool.ts";
import type { DatadogClient } from "../client.ts";
import { eventsTool } from "./events.ts";
import { logLinesTool } from "./log-lines.ts";
import { logValuesTool } from "./log-values.ts";
import { logsTool } from "./logs.ts";
import { metricsTool } from "./metrics.ts";
import { monitorsTool } from "./monitors.ts";
import { spansTool } from "./spans.ts";
import { traceTool } from "./trace.ts";

/** What the agent may ask Datadog; all of it reads. */
export const datadogTools = (datadog: DatadogClient): Tool[] => [
  metricsTool(datadog),
  logsTool(datadog),
  logLinesTool(datadog),
  logValuesTool(datadog),
  spansTool(datadog),
  traceTool(datadog),
  monitorsTool(datadog),
  eventsTool(datadog),
];
