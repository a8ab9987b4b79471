/** One statement of a database, by the counters that the database keeps since they were last reset. Its text holds no values. */
export interface StatementLoad {
  /** The database itself where it is a service of its own, else the service that owns it. */
  readonly service: string;
  /** The catalog's name. */
  readonly database: string;
  /** Literals replaced by `?`; at most some hundred characters. */
  readonly query: string;
  readonly effect: "reads" | "writes" | "other";
  /** Its part of the execution time of all statements of this database, 0..1. */
  readonly share: number;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  /** Rows given back or changed, of all calls. */
  readonly rows: number;
  /** Pages found in the buffers and pages that were not, of all calls. */
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly walBytes: number;
  /** Its part of the write-ahead log of all statements of this database, 0..1. */
  readonly walShare: number;
  /** Many rows make one: blocks per row then say nothing. */
  readonly aggregates: boolean;
  /** Tables that it filters by columns of which none leads an index. */
  readonly unindexed: readonly { readonly table: string; readonly columns: readonly string[] }[];
  readonly evidence: number;
}

/** Sessions that are alike. */
export interface SessionGroup {
  readonly application: string;
  readonly user: string;
  /** As the database names it: "active", "idle", "idle in transaction", … */
  readonly state: string;
  /** `Lock:transactionid`, `IO:DataFileRead`, …; null: on the processor, or not waiting. */
  readonly wait: string | null;
  /** What it runs, or ran last; literals replaced. */
  readonly query: string;
  readonly sessions: number;
  /** Since the oldest transaction of them began, milliseconds; null outside of one. */
  readonly longestMs: number | null;
}

/** A session that others wait for and that waits for none itself. */
export interface Blocker {
  readonly pid: number;
  readonly application: string;
  readonly user: string;
  readonly state: string;
  readonly query: string;
  readonly transactionMs: number | null;
  /** Sessions behind it, those behind them included. */
  readonly behind: number;
  /** What one of those runs that wait for it. */
  readonly waiting: string;
}

/** Who is connected to a database server and what they do, at one moment. */
export interface DatabaseSessions {
  readonly service: string;
  readonly database: string;
  readonly at: number;
  /** Of clients, in all databases of the server. */
  readonly sessions: number;
  readonly active: number;
  readonly idle: number;
  readonly idleInTransaction: number;
  /** null: not reported. */
  readonly maxConnections: number | null;
  /** Most sessions first. */
  readonly groups: readonly SessionGroup[];
  /** Most sessions behind it first. */
  readonly blockers: readonly Blocker[];
  /** null: not reported. */
  readonly replicas: readonly { readonly name: string; readonly lagBytes: number | null; readonly lagMs: number | null }[] | null;
  readonly evidence: number;
}
