import type { Tool } from "../../../incident/tool.ts";
import { activityTool } from "./activity.ts";
import { indexesTool } from "./indexes.ts";
import { locksTool } from "./locks.ts";
import { replicationTool } from "./replication.ts";
import { statementsTool } from "./statements.ts";
import { tablesTool } from "./tables.ts";
import type { DatabaseTools } from "./tool-words.ts";

/** What the agent may ask PostgreSQL: fixed questions, no SQL of its own. */
export const postgresTools = (tools: DatabaseTools): Tool[] => [
  activityTool(tools),
  locksTool(tools),
  statementsTool(tools),
  tablesTool(tools),
  indexesTool(tools),
  replicationTool(tools),
];
