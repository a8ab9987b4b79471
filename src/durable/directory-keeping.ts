import type { Keeping } from "./keeping.ts";
import type { Migrations, Sql } from "./sql.ts";

export const directoryKeepingMigrations: Migrations = {
  name: "directory-keeping",
  statements: [
    "create index delivery_incident on delivery(incident) where incident is not null",
    // Incidents that were deleted: their stores still hold their audit.
    "create table forgotten(incident text primary key)",
    // `rule`: by which all incidents were looked at; `after`: the last one that was, while they are; null: all were.
    "create table sweep(one integer primary key check(one = 1), rule text not null, after text, board_at integer not null)",
  ],
};

export interface DirectoryKeepingHost {
  readonly sql: Sql;
  readonly keeping: Keeping;
  now(): number;
  /** Has an incident look at once whether anything of it is due. @throws where it was not reached */
  look(incident: string): Promise<void>;
}

/** Incidents that are asked at once. */
const AT_ONCE = 20;
const BOARD_EVERY_MS = 24 * 3_600_000;
const AGAIN_MS = 60_000;

interface Sweep {
  readonly rule: string;
  readonly after: string | null;
  readonly board_at: number;
}

/**
 * What the directory keeps, where each incident keeps itself. An incident sets its own alarm for what is due of it; where the rule was changed, those
 * at rest do not know of it, so they are asked, one after the other.
 */
export class DirectoryKeeping {
  readonly #host: DirectoryKeepingHost;

  constructor(host: DirectoryKeepingHost) {
    this.#host = host;
  }

  /** See `IncidentKeepingHost`. */
  forget(incident: string, before: number | null): boolean {
    const { sql, keeping } = this.#host;
    return sql.tx(() => {
      const since = "select 1 from delivery where incident = ? and (event is not null or received_at >= ?) limit 1";
      if (sql.all(since, incident, before ?? Number.MAX_SAFE_INTEGER).length > 0) return false;
      keeping.forget(sql, incident);
      sql.all("insert or ignore into forgotten values(?)", incident);
      return true;
    });
  }

  /** Every incident that has an audit, deleted ones too, by their ids. */
  chains(after: string, limit: number): readonly string[] {
    return this.#host.sql
      .all<{ id: string }>(
        "select id from (select id from incident union select incident from forgotten) where id > ? order by id limit ?",
        after,
        limit,
      )
      .map(({ id }) => id);
  }

  /** When `alarm` has something to do, epoch milliseconds; null: it has not. */
  dueAt(): number | null {
    const { sql, keeping } = this.#host;
    const { rule, after, board_at } = this.#sweep();
    if (rule !== keeping.rule || after !== null) return this.#host.now();
    return sql.all("select 1 from board limit 1").length > 0 ? board_at : null;
  }

  /** Does what is due. */
  async alarm(): Promise<void> {
    const { sql, keeping, now } = this.#host;
    const known = this.#sweep();
    if (known.board_at <= now())
      this.#keep({ ...known, board_at: now() + (keeping.forgetOldBoard(sql, now()) > 0 ? AGAIN_MS : BOARD_EVERY_MS) });
    const { rule, after, ...rest } = this.#sweep();
    const from = rule === keeping.rule ? after : "";
    if (from === null) return;
    const ids = this.chains(from, AT_ONCE);
    // Who is not reached keeps the place: all of them are asked again, which does no harm.
    await Promise.all(ids.map((id) => this.#host.look(id)));
    this.#keep({ ...rest, rule: keeping.rule, after: ids.length < AT_ONCE ? null : (ids.at(-1) ?? null) });
  }

  #sweep(): Sweep {
    return this.#host.sql.all<Sweep>("select rule, after, board_at from sweep")[0] ?? { rule: "", after: null, board_at: 0 };
  }

  #keep({ rule, after, board_at }: Sweep): void {
    const { sql } = this.#host;
    sql.tx(() => sql.all("insert or replace into sweep values(1, ?, ?, ?)", rule, after, board_at));
  }
}
