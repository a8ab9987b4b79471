import accessAndAuditQuestions from "../../skills/access-and-audit-questions/SKILL.md";
import certificatesAndDns from "../../skills/certificates-and-dns/SKILL.md";
import databaseTrouble from "../../skills/database-trouble/SKILL.md";
import databaseTroublePostgresqlReplicationAndWal from "../../skills/database-trouble/references/postgresql-replication-and-wal.md";
import databaseTroublePostgresqlSessionsAndLocks from "../../skills/database-trouble/references/postgresql-sessions-and-locks.md";
import databaseTroublePostgresqlStatementsAndIndexes from "../../skills/database-trouble/references/postgresql-statements-and-indexes.md";
import datadogMetricsLogsTraces from "../../skills/datadog-metrics-logs-traces/SKILL.md";
import dependencyOrVendorOutage from "../../skills/dependency-or-vendor-outage/SKILL.md";
import deployAndChangeCorrelation from "../../skills/deploy-and-change-correlation/SKILL.md";
import falseAlarms from "../../skills/false-alarms/SKILL.md";
import queueBacklog from "../../skills/queue-backlog/SKILL.md";
import reporting from "../../skills/reporting/SKILL.md";
import saturationAndMemory from "../../skills/saturation-and-memory/SKILL.md";
import triageMethod from "../../skills/triage-method/SKILL.md";
import writingAFix from "../../skills/writing-a-fix/SKILL.md";

/** Every file of skills/, for a host without a disk. A test holds that none is missing. */
export const bundledSkills: Readonly<Record<string, string>> = {
  "access-and-audit-questions/SKILL.md": accessAndAuditQuestions,
  "certificates-and-dns/SKILL.md": certificatesAndDns,
  "database-trouble/SKILL.md": databaseTrouble,
  "database-trouble/references/postgresql-replication-and-wal.md": databaseTroublePostgresqlReplicationAndWal,
  "database-trouble/references/postgresql-sessions-and-locks.md": databaseTroublePostgresqlSessionsAndLocks,
  "database-trouble/references/postgresql-statements-and-indexes.md": databaseTroublePostgresqlStatementsAndIndexes,
  "datadog-metrics-logs-traces/SKILL.md": datadogMetricsLogsTraces,
  "dependency-or-vendor-outage/SKILL.md": dependencyOrVendorOutage,
  "deploy-and-change-correlation/SKILL.md": deployAndChangeCorrelation,
  "false-alarms/SKILL.md": falseAlarms,
  "queue-backlog/SKILL.md": queueBacklog,
  "reporting/SKILL.md": reporting,
  "saturation-and-memory/SKILL.md": saturationAndMemory,
  "triage-method/SKILL.md": triageMethod,
  "writing-a-fix/SKILL.md": writingAFix,
};
