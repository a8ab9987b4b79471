import type { Command } from "./command.ts";
import { auditExportCommand, auditVerifyCommand } from "./commands/audit.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalAgentCommand, evalHealthyCommand, evalIncidentsCommand, evalLogsCommand } from "./commands/eval.ts";
import { investigateCommand } from "./commands/investigate.ts";
import { mcpCheckCommand, mcpPinCommand } from "./commands/mcp.ts";
import { policyCommand } from "./commands/policy.ts";
import { postmortemCommand } from "./commands/postmortem.ts";
import { replayCommand } from "./commands/replay.ts";
import { replayModelCommand } from "./commands/replay-model.ts";
import { serveCommand } from "./commands/serve.ts";
import { skillsCheckCommand, skillsListCommand, skillsNewCommand } from "./commands/skills.ts";
import { backupCommand, compactCommand, deleteCommand, migrateCommand, restoreCommand } from "./commands/store.ts";
import { statsCommand } from "./commands/stats.ts";
import { sqlGrantsCommand } from "./commands/sql.ts";

/** Every command, in the order of `--help`. */
export const commands: readonly Command[] = [
  serveCommand,
  demoCommand,
  replayCommand,
  replayModelCommand,
  investigateCommand,
  doctorCommand,
  mcpPinCommand,
  mcpCheckCommand,
  statsCommand,
  postmortemCommand,
  policyCommand,
  auditVerifyCommand,
  auditExportCommand,
  backupCommand,
  restoreCommand,
  migrateCommand,
  deleteCommand,
  compactCommand,
  sqlGrantsCommand,
  skillsCheckCommand,
  skillsListCommand,
  skillsNewCommand,
  evalIncidentsCommand,
  evalAgentCommand,
  evalLogsCommand,
  evalHealthyCommand,
];
