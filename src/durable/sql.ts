import { SetupError } from "../guard/errors.ts";
/** What a column can hold. Blobs come back as Uint8Array on every runtime. */
export type SqlValue = string | number | null | Uint8Array;

/**
 * The one door to storage: synchronous SQLite, the same on node:sqlite and in a Durable Object. Synchronous is what makes "read the log,
 * decide, append" safe without a lock: nothing else runs in between.
 *
 * To run on both: one statement per call, no `begin`, no pragma, rows under 2 MB, at most 100 parameters.
 * Numbers are bound as doubles; columns of type `integer` turn whole ones back into integers.
 * @throws StoreNotWritableError when the disk, not the statement, is the reason
 */
export interface Sql {
  /** Runs one statement, a write only within `tx`, and returns its rows, an empty list where it has none. `T` is the shape the caller selected. */
  all<T>(query: string, ...params: readonly SqlValue[]): T[];
  /**
   * Runs `work`, which must not be async, whole or not at all. A transaction within a transaction is undone alone. What is committed survives the
   * end of the process at once, a power cut from the next `sync` on: one that comes earlier takes the newest transactions and none before them.
   */
  tx<T>(work: () => T): T;
  /**
   * Fulfilled when all that was committed before is on the disk. For what must not be done before: answering a sender, and
   * sending something out.
   * @param patienceMs how long it may wait for a flush that others need at once. Default 0; a store that is not slowed by flushes passes over it.
   * @throws StoreNotWritableError: what was committed since the last one may be lost, or not
   */
  sync(patienceMs?: number): Promise<void>;
}

/**
 * The store cannot take (or give) anything now: read-only, full, locked by another process, broken, or closed. Of a transaction that throws it
 * nothing was kept; what `sync` could not flush to the disk is unknown. The sender should keep it and try again; a webhook
 * is answered with 503 so that its sender does.
 */
export class StoreNotWritableError extends SetupError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "StoreNotWritableError";
  }
}

/** The tables of one part of the program. Each statement runs once, in order; later versions add to the end and change nothing before it. */
export interface Migrations {
  readonly name: string;
  readonly statements: readonly string[];
  /**
   * So many statements a version must know to use tables on which all of these ran: what came later only adds what it does not miss. So one
   * version back works. Default: all of them.
   */
  readonly oldest?: number;
}

/** How far a part of a store is. `behind`: statements are to run. `ahead`: a newer version wrote it; `usable`, this one may still use it. */
export interface MigrationState {
  readonly name: string;
  readonly done: number;
  readonly known: number;
  readonly state: "current" | "behind" | "ahead";
  readonly usable: boolean;
}

/** How far each part is, without changing anything. */
export function migrationStates(sql: Sql, parts: readonly Migrations[]): MigrationState[] {
  const tables = new Set(sql.all<{ name: string }>("select name from sqlite_master where type = 'table'").map(({ name }) => name));
  const rows = <T>(table: string, query: string): T[] => (tables.has(table) ? sql.all<T>(query) : []);
  const done = new Map(
    rows<{ name: string; done: number }>("migrations", "select name, done from migrations").map((row) => [row.name, row.done]),
  );
  const reach = new Map(
    rows<{ name: string; oldest: number }>("migration_reach", "select name, oldest from migration_reach").map((row) => [
      row.name,
      row.oldest,
    ]),
  );
  return parts.map(({ name, statements }) => {
    const from = done.get(name) ?? 0;
    const known = statements.length;
    const state = from === known ? "current" : from < known ? "behind" : "ahead";
    return { name, done: from, known, state, usable: state !== "ahead" || known >= (reach.get(name) ?? from) };
  });
}

/**
 * Brings the tables of each part up to date, all or nothing; cheap when there is nothing to do.
 * @throws Error when the store was written by a newer version, and by its word this one may not use it
 */
export function migrate(sql: Sql, parts: readonly Migrations[]): void {
  sql.tx(() => {
    sql.all("create table if not exists migrations(name text primary key, done integer not null)");
    sql.all("create table if not exists migration_reach(name text primary key, oldest integer not null)");
    const states = new Map(migrationStates(sql, parts).map((state) => [state.name, state]));
    for (const { name, statements, oldest = statements.length } of parts) {
      const state = states.get(name);
      const from = state?.done ?? 0;
      if (state?.usable === false) {
        throw new Error(
          `The store was written by a newer midwatch (${name} ${from}, known here: ${statements.length}). Start that version, or use another DATABASE_PATH.`,
        );
      }
      if (from >= statements.length) continue;
      for (const statement of statements.slice(from)) sql.all(statement);
      sql.all("insert into migrations values(?1, ?2) on conflict(name) do update set done = ?2", name, statements.length);
      sql.all("insert into migration_reach values(?1, ?2) on conflict(name) do update set oldest = ?2", name, oldest);
    }
  });
}
