import type { AuditLog } from "./audit.ts";
import type { Sql } from "./sql.ts";

/** An incident's own store, and when a delivery last came for it, epoch milliseconds; null: nothing but its audit is left. */
export interface KeptIncident {
  readonly incident: string;
  readonly lastWordAt: number | null;
}

/** What is deleted when, for hosts that keep each incident by itself and the directory apart. */
export interface Keeping {
  /** Another text where other things are due; empty: nothing ever is. */
  readonly rule: string;
  /** How long after its last word a whole incident at rest is due, ms; null: never. */
  readonly wholeMs: number | null;
  /** When the next thing of an incident at rest is due, the whole of it included; null: nothing is. */
  dueAt(sql: Sql, kept: KeptIncident): number | null;
  /** Deletes what is due, but not the whole incident. Some at a time: more may be due after it. */
  retain(sql: Sql, audit: AuditLog, kept: KeptIncident, now: number): void;
  /** Deletes all but the audit. @param by a person, for whom the audit's entries become tombstones too; null: its days are over */
  deleteLog(sql: Sql, audit: AuditLog, incident: string, by: string | null): void;
  /** Deletes what the directory has of an incident. */
  forget(sql: Sql, incident: string): void;
  /** Takes from the directory's board what is too old for anybody, some at a time. @returns how many */
  forgetOldBoard(sql: Sql, now: number): number;
}
