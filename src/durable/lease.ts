import { type Migrations, type Sql, StoreNotWritableError } from "./sql.ts";
import { SetupError } from "../guard/errors.ts";

/** Who owns a store: one process at a time. */
export interface Owner {
  /** Unique for each opening of the store. */
  readonly id: string;
  readonly pid: number;
  readonly machine: string;
}

export const leaseMigrations: Migrations = {
  name: "lease",
  statements: [
    `create table lease(
      one integer primary key check(one = 1), owner text not null, pid integer not null, machine text not null, beat_at integer not null)`,
  ],
};

/** Another process owns the store. */
export class StoreInUseError extends SetupError {
  constructor(path: string, holder: { pid: number; machine: string }, beatAgoMs: number, leaseMs: number) {
    super(
      `${path} is in use by process ${holder.pid} on ${holder.machine} (heard of ${(beatAgoMs / 1000).toFixed(1)} s ago). ` +
        `One process owns the file: stop that one, or set DATABASE_PATH to another file. A silent owner is replaced after ${leaseMs / 1000} s.`,
    );
    this.name = "StoreInUseError";
  }
}

export interface Lease {
  /** Says "still here". False when another process has taken over since. */
  beat(): boolean;
  /** @throws StoreNotWritableError when another process has taken over. For the start of each transaction. */
  check(): void;
  /** Lets the next process in at once. */
  release(): void;
}

interface LeaseRow {
  owner: string;
  pid: number;
  machine: string;
  beat_at: number;
}

/**
 * Takes the store's one lease: a free one, a silent one, or one whose process is gone.
 * @param options.leaseMs how long an owner may be silent
 * @param options.isGone whether an owner is known to be dead, which saves the wait after a crash
 * @throws StoreInUseError
 */
export function takeLease(
  sql: Sql,
  self: Owner,
  options: {
    readonly path: string;
    readonly leaseMs: number;
    readonly now: () => number;
    readonly isGone: (owner: Owner) => boolean;
  },
): Lease {
  const { path, leaseMs, now } = options;
  sql.tx(() => {
    const row = sql.all<LeaseRow>("select owner, pid, machine, beat_at from lease")[0];
    if (row !== undefined) {
      const beatAgoMs = now() - row.beat_at;
      const isSilent = beatAgoMs > leaseMs;
      if (!isSilent && !options.isGone({ id: row.owner, pid: row.pid, machine: row.machine })) {
        throw new StoreInUseError(path, row, beatAgoMs, leaseMs);
      }
    }
    sql.all("insert or replace into lease values(1, ?, ?, ?, ?)", self.id, self.pid, self.machine, now());
  });
  return {
    beat: () => sql.tx(() => sql.all("update lease set beat_at = ? where owner = ? returning 1 as one", now(), self.id).length > 0),
    check: () => {
      if (sql.all("select 1 from lease where owner = ?", self.id).length === 0) {
        throw new StoreNotWritableError(`${path} was taken over by another process. This one has stopped writing.`);
      }
    },
    release: () => void sql.tx(() => sql.all("delete from lease where owner = ?", self.id)),
  };
}
