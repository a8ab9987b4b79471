import type { Tool } from "../../../incident/tool.ts";
import type { PagerdutyClient } from "../client.ts";
import { pagerdutyChangesTool } from "./changes.ts";
import { incidentTool } from "./incident.ts";
import { relatedTool } from "./related.ts";

/** What the agent may ask PagerDuty. */
export const pagerdutyTools = (pagerduty: PagerdutyClient): Tool[] => [
  incidentTool(pagerduty),
  relatedTool(pagerduty),
  pagerdutyChangesTool(pagerduty),
];
