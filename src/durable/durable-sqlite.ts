import { type Sql, type SqlValue, StoreNotWritableError } from "./sql.ts";

/** The part of a Durable Object's `ctx.storage` that midwatch uses. */
export interface DurableStorage {
  readonly sql: {
    exec(query: string, ...bindings: unknown[]): { toArray(): Record<string, unknown>[] };
    /** Bytes. */
    readonly databaseSize: number;
  };
  transactionSync<T>(work: () => T): T;
  sync(): Promise<void>;
  setAlarm(at: number): Promise<void>;
  deleteAlarm(): Promise<void>;
}

// workerd ends the message of a failed statement with SQLite's own name for the failure.
const STORE_FAILURE = /SQLITE_(?:FULL|IOERR|READONLY|BUSY|LOCKED|CORRUPT|CANTOPEN|NOMEM)|storage limit/i;

const storeError = (cause: unknown): unknown =>
  cause instanceof Error && STORE_FAILURE.test(cause.message)
    ? new StoreNotWritableError(`The Durable Object's storage: ${cause.message}. Nothing was stored.`, { cause })
    : cause;

const guarded = <T>(work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    throw storeError(cause);
  }
};

// An ArrayBuffer is taken and given there, where node:sqlite has Uint8Array.
const toBinding = (value: SqlValue): unknown => (value instanceof Uint8Array ? value.slice().buffer : value);
const toValue = (value: unknown): unknown => (value instanceof ArrayBuffer ? new Uint8Array(value) : value);

/** The SQLite of one Durable Object. Transactions nest there as they do on Node. */
export function durableSqlite(storage: DurableStorage): Sql {
  return {
    all: <T>(query: string, ...params: readonly SqlValue[]) =>
      guarded(() => storage.sql.exec(query, ...params.map(toBinding)).toArray()).map(
        (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)])) as T,
      ),
    tx: (work) => guarded(() => storage.transactionSync(work)),
    sync: async () => {
      try {
        await storage.sync();
      } catch (cause) {
        throw storeError(cause);
      }
    },
  };
}
