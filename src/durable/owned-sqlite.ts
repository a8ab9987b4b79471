import { hostname } from "node:os";
import { type Lease, leaseMigrations, type Owner, takeLease } from "./lease.ts";
import { openNodeSqlite } from "./node-sqlite.ts";
import { type Migrations, migrate, type Sql } from "./sql.ts";

/** A SQLite file that this process alone writes. */
export interface OwnedSqlite {
  readonly sql: Sql;
  readonly lease: Lease;
  /** The next owner may come at once. */
  close(): void;
}

/** Leases held by this process: one whose pid is ours and which is not here belongs to an earlier process, as in a container where all are 1. */
const heldHere = new Set<string>();

function isGone(owner: Owner): boolean {
  if (owner.machine !== hostname()) return false;
  if (owner.pid === process.pid) return !heldHere.has(owner.id);
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ESRCH";
  }
}

/**
 * Opens the file, takes its lease and brings its tables up to date.
 * @throws StoreInUseError when another process owns the file; StoreNotWritableError when it can't be opened for writing
 */
export function openOwnedSqlite(options: {
  readonly path: string;
  readonly leaseMs: number;
  readonly now: () => number;
  readonly migrations: readonly Migrations[];
  readonly flush: ((fd: number) => void) | undefined;
}): OwnedSqlite {
  const { path, leaseMs, now } = options;
  const self: Owner = { id: crypto.randomUUID(), pid: process.pid, machine: hostname() };
  const db = openNodeSqlite(path, { flush: options.flush });
  let lease: Lease;
  try {
    migrate(db.sql, [leaseMigrations]);
    lease = takeLease(db.sql, self, { path, leaseMs, now, isGone });
    heldHere.add(self.id);
    migrate(db.sql, options.migrations);
  } catch (error) {
    heldHere.delete(self.id);
    db.close();
    throw error;
  }
  let depth = 0;
  // A process that was stopped for longer than its lease must not go on writing into what another one now owns.
  const tx: Sql["tx"] = (work) =>
    db.sql.tx(() => {
      if (depth === 0) lease.check();
      depth++;
      try {
        return work();
      } finally {
        depth--;
      }
    });
  return {
    sql: { all: db.sql.all, tx, sync: db.sql.sync },
    lease,
    close: () => {
      heldHere.delete(self.id);
      db.close();
    },
  };
}
