import type { AuditLog } from "../durable/audit.ts";
import { eraseAudit } from "../durable/erase-audit.ts";
import type { Migrations, Sql } from "../durable/sql.ts";

/** How long things are kept, days; 0: for good. */
export interface Retention {
  /** Raw answers of vendors, of incidents without work. Their index stays: what was asked, when, and the link. */
  readonly evidenceDays: number;
  /** Incidents without work, with all that belongs to them but the audit. */
  readonly incidentDays: number;
  /** Personal values that admins can reveal. */
  readonly sealedDays: number;
  /** Entries of the audit: they become tombstones. */
  readonly auditDays: number;
}

export const retentionMigrations: Migrations = {
  name: "retention",
  statements: ["create table retention_mark(name text primary key, value integer not null)"],
};

const DAY_MS = 24 * 3_600_000;
/** Nobody joins an incident that was pinned so long ago. */
const BOARD_DAYS = 30;
/** Incidents that are looked at in one piece of work. */
const AT_ONCE = 4;

/** Tables whose rows belong to one incident by the column `incident`. Its deliveries stay, without content: one that comes again is known. */
const OF_INCIDENT = [
  ...["evidence_part", "evidence", "kept_reading", "hidden_value", "effect", "step_run", "alarm", "address", "claim", "board", "event"],
] as const;

/**
 * Deletes an incident with all that is kept of it. Its entries of the audit become tombstones where `withAudit` says so.
 * @param by who wanted it, for the audit
 * @returns false: there is no such incident
 * @throws StoreNotWritableError and then nothing was deleted
 */
export function deleteIncident(
  sql: Sql,
  audit: AuditLog,
  incident: string,
  { by, withAudit }: { readonly by: string; readonly withAudit: boolean },
): boolean {
  return sql.tx(() => {
    if (sql.all("select 1 from incident where id = ?", incident).length === 0) return false;
    // Incidents that followed it lead themselves again.
    sql.all("update board set named = null, lead = null where lead = ? or named = ?", incident, incident);
    for (const table of OF_INCIDENT) sql.all(`delete from ${table} where incident = ?`, incident);
    sql.all("delete from incident where id = ?", incident);
    sql.all("update delivery set event = null, note = '' where incident = ?", incident);
    if (withAudit) while (eraseAudit(sql, audit, { incident }, { what: incident, by }).entries > 0);
    audit.append({ kind: "access", what: `${incident} was deleted`, by }, null);
    return true;
  });
}

/** Incidents whose last word is older and of which nothing is to be done, oldest first. */
const idleBefore = (sql: Sql, before: number, and: string): string[] =>
  sql
    .all<{ id: string }>(
      `select id from incident where updated_at < ? and not exists (select 1 from alarm where alarm.incident = id) ${and}
      order by updated_at limit ${AT_ONCE}`,
      before,
    )
    .map(({ id }) => id);

const markOf = (sql: Sql, name: string): number =>
  sql.all<{ value: number }>("select value from retention_mark where name = ?", name)[0]?.value ?? 0;

/**
 * Deletes what is kept for too long, in pieces: each time a piece is done it gives way, so that webhooks are answered.
 * @returns what was deleted
 */
export async function applyRetention(
  sql: Sql,
  audit: AuditLog,
  retention: Retention,
  { now, yieldNow, signal }: { readonly now: () => number; readonly yieldNow: () => Promise<void>; readonly signal: AbortSignal },
): Promise<{ incidents: number; evidence: number; sealed: number; audit: number }> {
  const done = { incidents: 0, evidence: 0, sealed: 0, audit: 0 };
  const before = (days: number) => now() - days * DAY_MS;
  /** Does pieces of work until one has nothing to do. */
  const untilNone = async (days: number, piece: (before: number) => number): Promise<number> => {
    let sum = 0;
    for (let more = days > 0 ? 1 : 0; more > 0 && !signal.aborted; sum += more) {
      more = piece(before(days));
      await yieldNow();
    }
    return sum;
  };
  const ofIdle = (table: string) => (limit: number) =>
    sql.tx(() => {
      const idle = idleBefore(sql, limit, `and exists (select 1 from ${table} where ${table}.incident = id)`);
      for (const id of idle) sql.all(`delete from ${table} where incident = ?`, id);
      return idle.length;
    });
  done.incidents = await untilNone(retention.incidentDays, (limit) => {
    const idle = idleBefore(sql, limit, "");
    for (const id of idle) deleteIncident(sql, audit, id, { by: "retention", withAudit: false });
    return idle.length;
  });
  done.evidence = await untilNone(retention.evidenceDays, ofIdle("evidence_part"));
  done.sealed = await untilNone(retention.sealedDays, ofIdle("hidden_value"));
  done.audit = await untilNone(retention.auditDays, (limit) =>
    sql.tx(() => {
      const erased = eraseAudit(
        sql,
        audit,
        { before: limit, behind: markOf(sql, "audit") },
        { what: `older than ${retention.auditDays} days`, by: "retention" },
      );
      if (erased.entries > 0) sql.all("insert or replace into retention_mark values('audit', ?)", erased.last);
      return erased.entries;
    }),
  );
  await untilNone(BOARD_DAYS, (limit) =>
    sql.tx(
      () =>
        sql.all(
          `delete from board where incident in (select incident from board where pinned_at < ? and
          not exists (select 1 from alarm where alarm.incident = board.incident) limit 500) returning 1 one`,
          limit,
        ).length,
    ),
  );
  sql.tx(() => sql.all("delete from claim where claimed_at < ?", before(BOARD_DAYS)));
  return done;
}
