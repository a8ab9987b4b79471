import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Durability, type Sql, StoreNotWritableError } from "./sql.ts";

export interface NodeSqlite {
  readonly sql: Sql;
  close(): void;
}

/**
 * SQLite's result codes that speak of the file and not of the statement: PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN,
 * PROTOCOL, NOTADB. Source: https://sqlite.org/rescode.html; the low byte of an extended code is its primary code.
 */
const STORE_CODES = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26]);

function toStoreError(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  if (code === "ERR_INVALID_STATE") return new StoreNotWritableError(`${path} is closed.`, { cause: error });
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number" || !STORE_CODES.has(errcode & 0xff)) return error;
  return new StoreNotWritableError(`${path}: ${error.message}. Nothing was stored; check the disk and the file's permissions.`, {
    cause: error,
  });
}

/**
 * Opens an existing file to read it, beside the process that owns it.
 * @throws StoreNotWritableError when it cannot be opened
 */
export function readNodeSqlite(path: string): NodeSqlite {
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    const all = <T>(query: string, ...params: readonly (string | number | null | Uint8Array)[]) => db.prepare(query).all(...params) as T[];
    return { sql: { all, tx: (work) => work() }, close: () => db.close() };
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/**
 * Opens (and creates, readable by its owner alone) one SQLite file: WAL, and `synchronous=FULL`, so what was committed survives a power cut.
 * @param path file, or ":memory:"
 * @param options.busyTimeoutMs longest wait for another process's lock; the event loop stands still meanwhile. Default 2,000.
 * @throws StoreNotWritableError when the file can't be opened for writing
 */
export function openNodeSqlite(path: string, options: { readonly busyTimeoutMs?: number } = {}): NodeSqlite {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };
  if (path !== ":memory:") {
    try {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, "a", 0o600));
    } catch (cause) {
      throw new StoreNotWritableError(`${path} can't be opened for writing: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  const db = guarded(() => new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? 2_000 }));
  try {
    guarded(() => db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on"));
  } catch (error) {
    db.close();
    throw error;
  }
  // Queries are constants of the program, so this holds as many statements as the program has.
  const statements = new Map<string, StatementSync>();
  let depth = 0;
  // In WAL mode FULL waits for the disk at each commit, NORMAL leaves that to the next one that is FULL.
  let synced: Durability = "now";
  const undo = (query: string) => {
    try {
      if (db.isTransaction) db.exec(query);
    } catch {
      // SQLite has undone it by itself (disk full, I/O error). The error that brought us here is the one to tell.
    }
  };
  const sql: Sql = {
    all: <T>(query: string, ...params: readonly (string | number | null | Uint8Array)[]) =>
      guarded(() => {
        let statement = statements.get(query);
        if (statement === undefined) statements.set(query, (statement = db.prepare(query)));
        return statement.all(...params) as T[];
      }),
    tx: (work, durability = "now") => {
      const savepoint = `nested_${depth}`;
      const outermost = depth === 0;
      if (outermost && durability !== synced) {
        guarded(() => db.exec(durability === "now" ? "pragma synchronous = full" : "pragma synchronous = normal"));
        synced = durability;
      }
      // `immediate` takes the write lock now: a transaction that reads first can otherwise fail half-way.
      guarded(() => db.exec(outermost ? "begin immediate" : `savepoint ${savepoint}`));
      depth++;
      try {
        const result = work();
        guarded(() => db.exec(outermost ? "commit" : `release ${savepoint}`));
        return result;
      } catch (error) {
        undo(outermost ? "rollback" : `rollback to ${savepoint}`);
        if (!outermost) undo(`release ${savepoint}`);
        throw error;
      } finally {
        depth--;
      }
    },
  };
  return {
    sql,
    close: () => {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}
