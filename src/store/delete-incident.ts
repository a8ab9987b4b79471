import type { AuditLog } from "../durable/audit.ts";
import { eraseAudit } from "../durable/erase-audit.ts";
import type { Sql } from "../durable/sql.ts";

/** Where an incident's log is: tables whose rows belong to one incident by the column `incident`. */
const OF_LOG = ["evidence_part", "evidence", "kept_reading", "hidden_value", "effect", "step_run", "event"] as const;
/** Where the directory is. The incident's deliveries stay, without content: one that comes again is known. */
const OF_DIRECTORY = ["address", "claim", "board"] as const;

export interface Deletion {
  /** Who wanted it, for the audit. */
  readonly by: string;
  /** Whether the incident's entries of the audit become tombstones. */
  readonly withAudit: boolean;
}

/** Deletes what an incident's own store keeps of it, and says so in its audit. @throws StoreNotWritableError and then nothing was deleted */
export function deleteLog(sql: Sql, audit: AuditLog, incident: string, { by, withAudit }: Deletion): void {
  sql.tx(() => {
    for (const table of OF_LOG) sql.all(`delete from ${table} where incident = ?`, incident);
    if (withAudit) while (eraseAudit(sql, audit, { incident }, { what: incident, by }).entries > 0);
    audit.append({ kind: "access", what: `${incident} was deleted`, by }, null);
  });
}

/** Deletes what the directory keeps of an incident. */
export function forgetIncident(sql: Sql, incident: string): void {
  sql.tx(() => {
    // Incidents that followed it lead themselves again.
    sql.all("update board set named = null, lead = null where lead = ? or named = ?", incident, incident);
    for (const table of OF_DIRECTORY) sql.all(`delete from ${table} where incident = ?`, incident);
    sql.all("delete from incident where id = ?", incident);
    sql.all("update delivery set event = null, note = '' where incident = ?", incident);
  });
}

/**
 * Deletes an incident where its log and the directory share one store.
 * @returns false: there is no such incident
 * @throws StoreNotWritableError and then nothing was deleted
 */
export function deleteIncident(sql: Sql, audit: AuditLog, incident: string, deletion: Deletion): boolean {
  return sql.tx(() => {
    if (sql.all("select 1 from incident where id = ?", incident).length === 0) return false;
    forgetIncident(sql, incident);
    sql.all("delete from alarm where incident = ?", incident);
    deleteLog(sql, audit, incident, deletion);
    return true;
  });
}
