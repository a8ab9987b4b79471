import type { Sql } from "../durable/sql.ts";

/** Pages that are given back at once: some megabytes, in a few milliseconds. */
const PAGES_AT_ONCE = 500;

/** What a file holds, bytes. */
export function sizeOf(sql: Sql): { readonly bytes: number; readonly free: number } {
  const of = (name: string) => Object.values(sql.all<Record<string, number>>(`select * from pragma_${name}`)[0] ?? {})[0] ?? 0;
  const page = of("page_size");
  return { bytes: of("page_count") * page, free: of("freelist_count") * page };
}

/**
 * Gives the disk back what a store no longer needs, a little at a time. A file of a version that did not prepare for it keeps its size, and uses
 * the room again; `compact` makes it small.
 */
export async function giveBack(sql: Sql, yieldNow: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let { free } = sizeOf(sql); free > 0 && !signal.aborted;) {
    sql.tx(() => sql.all(`pragma incremental_vacuum(${PAGES_AT_ONCE})`));
    await yieldNow();
    const left = sizeOf(sql).free;
    if (left >= free) return;
    free = left;
  }
}

/**
 * Brings the write-ahead log into the file and empties it, so that what was deleted is in neither. While somebody reads the store, as a backup does,
 * it stays until the next time: nothing waits for it.
 */
export function emptyLog(sql: Sql): void {
  const patience = sql.all<{ timeout: number }>("pragma busy_timeout")[0]?.timeout ?? 0;
  sql.all("pragma busy_timeout = 0");
  try {
    sql.all("pragma wal_checkpoint(truncate)");
  } finally {
    sql.all(`pragma busy_timeout = ${patience}`);
  }
}
