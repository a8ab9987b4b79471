import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Sql, StoreNotWritableError } from "./sql.ts";
import { WriteAheadLog } from "./node-write-ahead-log.ts";

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
    return { sql: { all, tx: (work) => work(), sync: async () => undefined }, close: () => db.close() };
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/**
 * Opens (and creates, readable by its owner alone) one SQLite file. A commit is in the write-ahead log when `tx` returns, and `sync` flushes that
 * log. `synchronous=NORMAL` keeps log and file in order at checkpoints, so a power cut takes the newest commits and leaves the rest whole.
 * Source: https://sqlite.org/pragma.html#pragma_synchronous
 * @param path file, or ":memory:"
 * @param options.busyTimeoutMs longest wait for another process's lock; the event loop is blocked meanwhile. Default 2,000.
 * @param options.flush see WriteAheadLog
 * @throws StoreNotWritableError when the file can't be opened for writing
 */
export function openNodeSqlite(
  path: string,
  options: { readonly busyTimeoutMs?: number; readonly flush?: ((fd: number) => void) | undefined } = {},
): NodeSqlite {
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
  let log: WriteAheadLog | null;
  try {
    // Of a new file alone: what is deleted later can be given back to the disk a little at a time.
    guarded(() => db.exec("pragma auto_vacuum = incremental"));
    const mode = guarded(() => db.prepare("pragma journal_mode = wal").get())?.["journal_mode"];
    if (mode !== "wal" && path !== ":memory:") {
      throw new StoreNotWritableError(
        `${path} can't have a write-ahead log (journal mode ${String(mode)}). Is it on a network file system?`,
      );
    }
    // Four times SQLite's own 4 MB of log between checkpoints: a page that is written over and over then goes into the file once, and webhooks,
    // which wait for a checkpoint, meet fewer. Measured by `npm run bench -- webhooks`.
    //
    // What a process that ended badly left in the log may be in memory alone: the checkpoint brings it to the disk, whatever became of the log.
    guarded(() =>
      db.exec("pragma synchronous = normal; pragma wal_autocheckpoint = 4000; pragma foreign_keys = on; pragma wal_checkpoint(passive)"),
    );
    // Where SQLite has it: beside the file itself, where `path` is a link to it. Null: in memory.
    const file = db.location();
    log = file === null ? null : new WriteAheadLog(`${file}-wal`, options.flush);
  } catch (error) {
    db.close();
    throw error;
  }
  // Queries are constants of the program, so this holds as many statements as the program has.
  const statements = new Map<string, StatementSync>();
  let depth = 0;
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
    tx: (work) => {
      const savepoint = `nested_${depth}`;
      const outermost = depth === 0;
      log?.check();
      // `immediate` takes the write lock now: a transaction that reads first can otherwise fail half-way.
      guarded(() => db.exec(outermost ? "begin immediate" : `savepoint ${savepoint}`));
      depth++;
      try {
        const result = work();
        guarded(() => db.exec(outermost ? "commit" : `release ${savepoint}`));
        if (outermost) log?.committed();
        return result;
      } catch (error) {
        undo(outermost ? "rollback" : `rollback to ${savepoint}`);
        if (!outermost) undo(`release ${savepoint}`);
        throw error;
      } finally {
        depth--;
      }
    },
    sync: async (patienceMs) => log?.sync(patienceMs),
  };
  return {
    sql,
    close: () => {
      if (!db.isOpen) return;
      statements.clear();
      try {
        // SQLite does so only where it has the file alone: somebody may be reading it.
        log?.flush();
      } finally {
        db.close();
        log?.close();
      }
    },
  };
}
