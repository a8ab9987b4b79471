import type { SessionRow } from "./schema.ts";

export interface BlockingTree {
  readonly row: SessionRow;
  /** Sessions behind it, those behind them included. */
  readonly behind: number;
  /** One that waits for it directly. */
  readonly waiting: SessionRow | null;
  readonly waiters: readonly SessionRow[];
}

/** Sessions that others wait for and that wait for none: where a queue of locks begins. Most sessions behind it first. */
export function blockersOf(sessions: readonly SessionRow[]): BlockingTree[] {
  const byPid = new Map(sessions.map((row) => [row.pid, row]));
  const waiters = new Map<number, SessionRow[]>();
  for (const row of sessions) {
    // Prepared transactions have no session: their pid is 0.
    for (const pid of new Set(row.blocked_by ?? [])) {
      const list = waiters.get(pid);
      if (list === undefined) waiters.set(pid, [row]);
      else list.push(row);
    }
  }
  const trees: BlockingTree[] = [];
  for (const [pid, direct] of waiters) {
    const row = byPid.get(pid);
    if (row === undefined || (row.blocked_by ?? []).length > 0) continue;
    const seen = new Set<number>();
    const all: SessionRow[] = [];
    const queue = [...direct];
    // Grows while it is walked.
    for (const next of queue) {
      if (seen.has(next.pid)) continue;
      seen.add(next.pid);
      all.push(next);
      queue.push(...(waiters.get(next.pid) ?? []));
    }
    trees.push({ row, behind: all.length, waiting: direct[0] ?? null, waiters: all });
  }
  return trees.toSorted((a, b) => b.behind - a.behind || a.row.pid - b.row.pid);
}
