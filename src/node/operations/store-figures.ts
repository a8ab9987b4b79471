import { outboxBacklog } from "../../durable/measuring.ts";
import type { NodeHost } from "../../durable/node-host.ts";
import type { StoreFigures } from "../../operations/metrics.ts";

/** Rows that are counted in one look: a store of years is counted over several. */
const ROWS_AT_ONCE = 5_000;

type Measured = Pick<NodeHost<never>, "sql" | "health" | "queue">;

/** Bytes of kept evidence. Rows are counted once, for there may be a million; `reset`, after something was deleted, has them counted again. */
export function evidenceCounter({ sql }: Pick<Measured, "sql">): { bytes(): number; reset(): void } {
  let [counted, bytes] = [0, 0];
  return {
    bytes() {
      const [part] = sql.all<{ last: number | null; bytes: number | null }>(
        "select max(row) last, sum(bytes) bytes from (select rowid row, length(gzip) bytes from evidence_part where rowid > ? order by rowid limit ?)",
        ...[counted, ROWS_AT_ONCE],
      );
      counted = part?.last ?? counted;
      bytes += part?.bytes ?? 0;
      return bytes;
    },
    reset() {
      [counted, bytes] = [0, 0];
    },
  };
}

/** What waits, and since when. */
export function backlogOf(store: Pick<Measured, "queue">, now: number) {
  return store.queue().map(({ rank, waiting, since }) => ({ rank, waiting, oldestSeconds: Math.max(0, now - since) / 1_000 }));
}

export function storeFigures(store: Measured, evidence: { bytes(): number }, now: number): StoreFigures {
  const { sql } = store;
  const { writable, running } = store.health();
  const outbox = outboxBacklog(sql);
  const [pages] = sql.all<{ page_count: number }>("select page_count from pragma_page_count");
  const [size] = sql.all<{ page_size: number }>("select page_size from pragma_page_size");
  return {
    ...{ writable, running },
    queue: backlogOf(store, now),
    outbox: {
      waiting: outbox.waiting,
      oldestSeconds: outbox.since === null ? 0 : Math.max(0, now - outbox.since) / 1_000,
    },
    evidenceBytes: evidence.bytes(),
    databaseBytes: (pages?.page_count ?? 0) * (size?.page_size ?? 0),
  };
}
