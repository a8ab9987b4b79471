import type { Config } from "../config.ts";
import { hostMigrations } from "../durable/node-host.ts";
import { evidenceMigrations } from "../store/evidence.ts";
import { hiddenValueMigrations } from "../store/hidden-values.ts";
import { keptReadingMigrations } from "../store/kept-reading.ts";
import { deletionMigrations } from "../store/deletion.ts";
import { type Retention, retentionMigrations } from "../store/retention.ts";

/** Tables of the store on Node beside the host's own. */
export const incidentTables = [evidenceMigrations, keptReadingMigrations, hiddenValueMigrations, retentionMigrations, deletionMigrations];

/** Every table of the store on Node. */
export const allTables = [...hostMigrations, ...incidentTables];

export const retentionOf = (config: Config): Retention => ({
  evidenceDays: config.RETENTION_EVIDENCE_DAYS,
  incidentDays: config.RETENTION_INCIDENT_DAYS,
  sealedDays: config.RETENTION_SEALED_DAYS,
  auditDays: config.RETENTION_AUDIT_DAYS,
});
