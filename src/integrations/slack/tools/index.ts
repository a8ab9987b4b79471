import type { Tool } from "../../../incident/tool.ts";
import type { SlackClient } from "../client.ts";
import { channelHistoryTool } from "./channel-history.ts";
import type { PlaceOf } from "./place.ts";
import { threadTool } from "./thread.ts";

export type { SlackPlace } from "./place.ts";

/** What the agent may ask Slack: the incident's own channel and thread, which the caller names and the model cannot. */
export const slackTools = (slack: SlackClient, placeOf: PlaceOf): Tool[] => [
  threadTool(slack, placeOf),
  channelHistoryTool(slack, placeOf),
];
