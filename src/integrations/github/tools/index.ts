import type { Tool } from "../../../incident/tool.ts";
import type { GithubClient } from "../client.ts";
import { changesTool } from "./changes.ts";
import { checksTool } from "./checks.ts";
import { diffTool } from "./diff.ts";
import { fileHistoryTool } from "./file-history.ts";
import { fileTool } from "./file.ts";
import { searchCodeTool } from "./search-code.ts";

/** What the agent may ask GitHub, within the repositories of the incident's services. */
export const githubTools = (github: GithubClient): Tool[] => [
  changesTool(github),
  diffTool(github),
  fileTool(github),
  fileHistoryTool(github),
  searchCodeTool(github),
  checksTool(github),
];
