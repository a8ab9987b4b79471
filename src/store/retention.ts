import type { AuditLog } from "../durable/audit.ts";
import { eraseAudit, oldestNotErased } from "../durable/erase-audit.ts";
import type { Keeping } from "../durable/keeping.ts";
import type { Migrations, Sql } from "../durable/sql.ts";
import { deleteIncident, deleteLog, forgetIncident } from "./delete-incident.ts";

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

export const retentionOf = (config: {
  readonly RETENTION_EVIDENCE_DAYS: number;
  readonly RETENTION_INCIDENT_DAYS: number;
  readonly RETENTION_SEALED_DAYS: number;
  readonly RETENTION_AUDIT_DAYS: number;
}): Retention => ({
  evidenceDays: config.RETENTION_EVIDENCE_DAYS,
  incidentDays: config.RETENTION_INCIDENT_DAYS,
  sealedDays: config.RETENTION_SEALED_DAYS,
  auditDays: config.RETENTION_AUDIT_DAYS,
});

export const retentionMigrations: Migrations = {
  name: "retention",
  statements: ["create table retention_mark(name text primary key, value integer not null)"],
};

const DAY_MS = 24 * 3_600_000;
/** Nobody joins an incident that was pinned so long ago. */
const BOARD_DAYS = 30;
/** Incidents that are looked at in one piece of work. */
const AT_ONCE = 4;

/** What of an incident at rest has days of its own. */
const PARTS = [
  { days: "evidenceDays", table: "evidence_part", done: "evidence" },
  { days: "sealedDays", table: "hidden_value", done: "sealed" },
] as const;

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

/** Erases entries of the audit before an instant, some at a time. @returns how many */
function eraseOld(sql: Sql, audit: AuditLog, days: number, before: number): number {
  return sql.tx(() => {
    const which = { before, behind: markOf(sql, "audit") };
    const erased = eraseAudit(sql, audit, which, { what: `older than ${days} days`, by: "retention" });
    if (erased.entries > 0) sql.all("insert or replace into retention_mark values('audit', ?)", erased.last);
    return erased.entries;
  });
}

/** Takes from the board and the claims what is too old for anybody. @param isUsed SQL that is true of a row whose incident still needs it */
function forgetOldBoard(sql: Sql, before: number, isUsed: string): number {
  return sql.tx(() => {
    sql.all("delete from claim where claimed_at < ?", before);
    return sql.all(
      `delete from board where incident in (select incident from board where pinned_at < ?1 and not exists (${isUsed}) limit 500) returning 1 one`,
      before,
    ).length;
  });
}

/**
 * Deletes what is kept for too long, in pieces: each time a piece is done it gives way, so that webhooks are answered. For a store that holds all
 * incidents.
 * @returns what was deleted
 */
export async function applyRetention(
  sql: Sql,
  audit: AuditLog,
  retention: Retention,
  { now, yieldNow, signal }: { readonly now: () => number; readonly yieldNow: () => Promise<void>; readonly signal: AbortSignal },
): Promise<{ incidents: number; evidence: number; sealed: number; audit: number }> {
  const done = { incidents: 0, evidence: 0, sealed: 0, audit: 0 };
  /** Does pieces of work until one has nothing to do. */
  const untilNone = async (days: number, piece: (before: number) => number): Promise<number> => {
    let sum = 0;
    for (let more = days > 0 ? 1 : 0; more > 0 && !signal.aborted; sum += more) {
      more = piece(now() - days * DAY_MS);
      await yieldNow();
    }
    return sum;
  };
  done.incidents = await untilNone(retention.incidentDays, (before) => {
    const idle = idleBefore(sql, before, "");
    for (const id of idle) deleteIncident(sql, audit, id, { by: "retention", withAudit: false });
    return idle.length;
  });
  for (const { days, table, done: what } of PARTS)
    done[what] = await untilNone(retention[days], (before) =>
      sql.tx(() => {
        const idle = idleBefore(sql, before, `and exists (select 1 from ${table} where ${table}.incident = id)`);
        for (const id of idle) sql.all(`delete from ${table} where incident = ?`, id);
        return idle.length;
      }),
    );
  done.audit = await untilNone(retention.auditDays, (before) => eraseOld(sql, audit, retention.auditDays, before));
  await untilNone(BOARD_DAYS, (before) => forgetOldBoard(sql, before, "select 1 from alarm where alarm.incident = board.incident"));
  return done;
}

/** The same for a host that keeps each incident by itself, and the directory apart. */
export function keepingOf(retention: Retention): Keeping {
  const { incidentDays, auditDays } = retention;
  const has = (sql: Sql, table: string, incident: string) =>
    sql.all(`select 1 from ${table} where incident = ? limit 1`, incident).length > 0;
  return {
    rule: Object.values(retention).some((days: number) => days > 0) ? JSON.stringify(retention) : "",
    wholeMs: incidentDays > 0 ? incidentDays * DAY_MS : null,
    dueAt(sql, { incident, lastWordAt }) {
      const oldest = auditDays > 0 ? oldestNotErased(sql, markOf(sql, "audit")) : null;
      const parts = PARTS.map(({ days, table }) =>
        retention[days] > 0 && lastWordAt !== null && has(sql, table, incident) ? lastWordAt + retention[days] * DAY_MS : null,
      );
      const whole = incidentDays > 0 && lastWordAt !== null ? lastWordAt + incidentDays * DAY_MS : null;
      const all = [whole, oldest === null ? null : oldest + auditDays * DAY_MS, ...parts].filter((at) => at !== null);
      return all.length === 0 ? null : Math.min(...all);
    },
    retain(sql, audit, { incident, lastWordAt }, now) {
      const isOld = (days: number) => days > 0 && lastWordAt !== null && lastWordAt <= now - days * DAY_MS;
      sql.tx(() => {
        for (const { days, table } of PARTS) if (isOld(retention[days])) sql.all(`delete from ${table} where incident = ?`, incident);
      });
      if (auditDays > 0) eraseOld(sql, audit, auditDays, now - auditDays * DAY_MS);
    },
    deleteLog: (sql, audit, incident, by) =>
      deleteLog(sql, audit, incident, by === null ? { by: "retention", withAudit: false } : { by, withAudit: true }),
    forget: forgetIncident,
    forgetOldBoard: (sql, now) =>
      forgetOldBoard(
        sql,
        now - BOARD_DAYS * DAY_MS,
        "select 1 from incident where incident.id = board.incident and incident.updated_at >= ?1",
      ),
  };
}
