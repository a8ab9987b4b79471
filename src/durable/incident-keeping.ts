import type { AuditLog } from "./audit.ts";
import { eraseAudit, LATE_MS } from "./erase-audit.ts";
import { DELIVERED } from "./directory.ts";
import type { KeptIncident, Keeping } from "./keeping.ts";
import type { Migrations, Sql } from "./sql.ts";

export const incidentKeepingMigrations: Migrations = {
  name: "incident-keeping",
  statements: [
    // Somebody wants the incident deleted, or has: `done_at`.
    "create table wanted_deletion(one integer primary key check(one = 1), incident text not null, by_whom text not null, done_at integer)",
  ],
};

export interface IncidentKeepingHost {
  /** The incident's own. */
  readonly sql: Sql;
  readonly audit: AuditLog;
  readonly keeping: Keeping;
  now(): number;
  /**
   * Deletes what the directory has of it.
   * @param before not where a delivery came since then, epoch milliseconds; null: whatever came
   * @returns false: not now, for a delivery came or is on its way
   */
  forget(incident: string, before: number | null): Promise<boolean>;
}

/** The directory is asked again after this, where a delivery is on its way or it did not answer. */
const AGAIN_MS = 5_000;
/** The same where a delivery keeps an incident that is old enough. */
const REFUSED_MS = 3_600_000;

interface Wanted {
  readonly incident: string;
  readonly by: string;
  readonly done_at: number | null;
}

/**
 * When an incident that has a store of its own is deleted, whole or in parts. The directory forgets it first, then its log goes: an end in between
 * is made up for by the next alarm. Its audit stays where it is.
 */
export class IncidentKeeping {
  readonly #host: IncidentKeepingHost;

  constructor(host: IncidentKeepingHost) {
    this.#host = host;
  }

  /** Somebody wants it deleted: the next `look` does it. */
  want(by: string): void {
    const { sql } = this.#host;
    sql.tx(() => sql.all("insert or replace into wanted_deletion values(1, ?, ?, null)", this.#kept().incident, by));
  }

  /** Somebody wants it deleted, and it is not yet. */
  isWanted(): boolean {
    return this.#wanted()?.done_at === null;
  }

  /** When to look at an incident at rest, epoch milliseconds; null: no more. */
  dueAt(): number | null {
    const { sql, keeping } = this.#host;
    const late = this.#wanted()?.done_at ?? null;
    const due = keeping.rule === "" ? null : keeping.dueAt(sql, this.#kept());
    return late === null ? due : Math.min(late + LATE_MS, due ?? Infinity);
  }

  /**
   * Deletes what is due. For an alarm, while no step is under way.
   * @param isAtRest nothing is to be done for the incident
   * @returns when to look again; null: no more, or not before it is at rest
   * @throws what the directory threw
   */
  async look(isAtRest: boolean): Promise<number | null> {
    const { sql, audit, keeping } = this.#host;
    const now = this.#host.now();
    const wanted = this.#wanted();
    if (wanted?.done_at === null) return (await this.#delete(wanted.by, null)) ? this.dueAt() : now + AGAIN_MS;
    if (wanted !== null) this.#eraseLate(wanted);
    if (!isAtRest) return null;
    if (keeping.rule === "") return this.dueAt();
    const kept = this.#kept();
    const due = keeping.dueAt(sql, kept);
    if (due === null || due > now) return due;
    const { wholeMs } = keeping;
    const isOver = wholeMs !== null && kept.lastWordAt !== null && kept.lastWordAt + wholeMs <= now;
    // So long must nothing have come.
    if (isOver && !(await this.#delete(null, now - wholeMs))) return now + REFUSED_MS;
    keeping.retain(sql, audit, this.#kept(), now);
    return this.dueAt();
  }

  /** @returns false: not now */
  async #delete(by: string | null, before: number | null): Promise<boolean> {
    const { sql, audit, keeping, now } = this.#host;
    for (;;) {
      const { incident } = this.#kept();
      const newest = this.#newest();
      if (newest > 0 && !(await this.#host.forget(incident, before))) return false;
      // What came while the directory was asked may have made it list the incident again.
      if (this.#newest() !== newest) {
        if (by === null) return false;
        continue;
      }
      sql.tx(() => {
        if (newest > 0) keeping.deleteLog(sql, audit, incident, by);
        sql.all("update wanted_deletion set done_at = ?", now());
      });
      return true;
    }
  }

  /** Erases what calls wrote into the audit after the deletion, once. One that a delivery opened again has an audit of its own. */
  #eraseLate({ incident, by, done_at }: Wanted): void {
    const { sql, audit } = this.#host;
    const isBack = this.#newest() > 0;
    if (!isBack && this.#host.now() < (done_at ?? 0) + LATE_MS) return;
    sql.tx(() => {
      if (!isBack) while (eraseAudit(sql, audit, { incident }, { what: incident, by }).entries > 0);
      sql.all("delete from wanted_deletion");
    });
  }

  #wanted(): Wanted | null {
    return this.#host.sql.all<Wanted>("select incident, by_whom by, done_at from wanted_deletion")[0] ?? null;
  }

  #newest(): number {
    return this.#host.sql.all<{ seq: number | null }>("select max(seq) seq from event")[0]?.seq ?? 0;
  }

  #kept(): KeptIncident {
    const { sql } = this.#host;
    const first = sql.all<{ incident: string; at: number }>("select incident, at from event order by seq limit 1")[0];
    if (first === undefined) return { incident: "", lastWordAt: null };
    const last = sql.all<{ at: number | null }>(
      "select max(at) at from event where source_key >= ? and source_key < ?",
      DELIVERED,
      `${DELIVERED}~`,
    )[0];
    return { incident: first.incident, lastWordAt: last?.at ?? first.at };
  }
}
