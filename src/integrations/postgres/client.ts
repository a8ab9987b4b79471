import type { z } from "zod";
import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import { withoutLiterals } from "../../incident/statement.ts";
import * as queries from "./queries.ts";
import {
  columnsSchema,
  type IndexRow,
  indexSchema,
  limitSchema,
  type LockRow,
  lockSchema,
  type ReplicaRow,
  replicaSchema,
  type ReplicationRow,
  maintenanceSchema,
  replicationSchema,
  slotSchema,
  vacuumSchema,
  type SessionRow,
  sessionSchema,
  sqlGrantedSchema,
  sqlRoleSchema,
  type StatementRow,
  statementSchema,
  type TableRow,
  tableSchema,
} from "./schema.ts";
import type { SessionOptions } from "./connection.ts";
import { type Session, withSession } from "./session.ts";
import { beyondReading } from "./sql-grants.ts";
import { shapeOf, type StatementShape, unindexed } from "./statement-shape.ts";
import { unseenRuns } from "../../guard/unseen.ts";

export interface PostgresOptions extends Partial<SessionOptions> {
  /** The catalog's name of each database, and where it is: `postgres://user:password@host:5432/name?sslmode=verify-full`. */
  readonly databases: readonly { readonly name: string; readonly url: string }[];
  readonly now?: (() => number) | undefined;
}

export interface Activity {
  readonly at: number;
  readonly standby: boolean;
  /** Client sessions of the whole server, oldest transaction first; statements without their literals. */
  readonly sessions: readonly SessionRow[];
  /** null: the server does not tell. */
  readonly maxConnections: number | null;
  /** null: this role may not read them, or the server is a standby. */
  readonly replicas: readonly ReplicaRow[] | null;
}

export interface HeavyStatement extends StatementRow {
  readonly shape: StatementShape;
  /** Tables that it filters by columns of which none comes first in an index. */
  readonly unindexed: readonly { readonly table: string; readonly columns: readonly string[] }[];
}

export interface Statements {
  /** false: the extension is not there (or not loaded), so nothing is known. */
  readonly available: boolean;
  readonly statements: readonly HeavyStatement[];
  readonly indexes: readonly IndexRow[];
}

export interface Locks {
  readonly at: number;
  readonly sessions: readonly SessionRow[];
  readonly locks: readonly LockRow[];
}

export interface Maintenance {
  readonly state: z.output<typeof maintenanceSchema>;
  readonly slots: readonly z.output<typeof slotSchema>[];
  readonly vacuums: readonly z.output<typeof vacuumSchema>[];
}

export interface Replication {
  readonly state: ReplicationRow;
  /** null: this role may not read them. */
  readonly replicas: readonly ReplicaRow[] | null;
  /** Writers of the write-ahead log; empty where the extension is not there. */
  readonly writers: readonly StatementRow[];
}

/** What a database's role can read; for `doctor`. */
export interface DatabaseCheck {
  readonly source: string;
  readonly what: string;
  readonly ok: boolean;
  /** What is wrong and what to do; null when it works. */
  readonly problem: string | null;
  /** What the role could do that midwatch never does, for people. */
  readonly excess: { readonly writes: readonly string[]; readonly reads: readonly string[] };
}

const SOURCE = "PostgreSQL";
const none = { writes: [], reads: [] };
const STATEMENTS = 25;
const TABLES = 50;
/** Longest that triage may wait for a connection and for one statement, within its own deadline. */
const LIMITS: SessionOptions = { connectTimeoutMs: 3_000, statementTimeoutMs: 3_000, lockTimeoutMs: 500 };

const clean = <T extends { readonly query: string }>(row: T): T => ({
  ...row,
  query: withoutLiterals(row.query).replaceAll(unseenRuns, " "),
});
const cleanSession = (row: SessionRow): SessionRow => ({
  ...clean(row),
  application: row.application.slice(0, 100).replaceAll(unseenRuns, " "),
  user_name: row.user_name.slice(0, 100).replaceAll(unseenRuns, " "),
});
const isNotLoaded = (error: unknown) => typeof error === "object" && error !== null && "code" in error && error.code === "55000";

async function readActivity(session: Session, at: number): Promise<Activity> {
  return session.read(async (rows) => {
    const sessions = await rows("sessions", queries.SESSIONS, sessionSchema);
    const [limit] = await rows("max_connections", queries.LIMIT, limitSchema);
    const { standby, reads_replication: mayRead } = session.about;
    return {
      at,
      standby,
      sessions: sessions.map(cleanSession),
      maxConnections: limit?.max_connections ?? null,
      replicas: standby || !mayRead ? null : await rows("replicas", queries.REPLICAS, replicaSchema),
    };
  });
}

async function readHeavy(session: Session, most: number): Promise<StatementRow[] | null> {
  const view = session.statementsView;
  if (view === null) return null;
  try {
    return await session.read((rows) => rows("pg_stat_statements", queries.statements(view), statementSchema, [most]));
  } catch (error) {
    // The extension is made in the database but not loaded by the server.
    if (isNotLoaded(error)) return null;
    throw error;
  }
}

async function readStatements(session: Session, most: number): Promise<Statements> {
  const heavy = await readHeavy(session, most);
  if (heavy === null) return { available: false, statements: [], indexes: [] };
  const shaped = heavy.map((row) => ({ row, shape: shapeOf(row.query) }));
  const names = [...new Set(shaped.flatMap(({ shape }) => shape.tables))].slice(0, 200);
  const { columns, indexes } = await session.read(async (rows) => ({
    columns: await rows("columns", queries.COLUMNS, columnsSchema, [names]),
    indexes: await rows("indexes", queries.INDEXES, indexSchema, [names]),
  }));
  const once = columns.filter(({ table }) => columns.filter((other) => other.table === table).length === 1);
  // Of tables that have the same name in two schemas nothing is said: a statement does not tell which it means.
  const schema = once.map(({ table, columns: all }) => ({
    table,
    columns: all,
    leading: indexes.filter((index) => index.table === table && index.valid).map((index) => index.columns[0] ?? ""),
  }));
  return {
    available: true,
    statements: shaped.map(({ row, shape }) => ({ ...clean(row), shape, unindexed: unindexed(shape, schema) })),
    indexes,
  };
}

const readTables = (session: Session, names: readonly string[] | null, most: number): Promise<TableRow[]> =>
  session.read((rows) => rows("tables", queries.TABLES, tableSchema, [names, most]));

const answer = <T>(query: string, value: T, cut: string | null = null) =>
  answerOf(SOURCE, { query, value, raw: JSON.stringify(value), cut });
const activityAnswer = (database: string, value: Activity) =>
  answer(
    `sessions of ${database} (pg_stat_activity)`,
    value,
    value.sessions.length >= queries.MOST_SESSIONS ? `the first ${queries.MOST_SESSIONS} sessions` : null,
  );
const statementsAnswer = (database: string, value: Statements) =>
  answer(
    `statements of ${database} by time and log (pg_stat_statements)`,
    value,
    value.available ? null : `${database} has no pg_stat_statements, so its statements are not known`,
  );
const tablesAnswer = (database: string, value: readonly TableRow[], most: number) =>
  answer(
    `tables of ${database} by rows read in scans (pg_stat_user_tables)`,
    value,
    value.length >= most ? `the ${most} tables with most rows read in scans` : null,
  );

async function readLocks(database: string, session: Session, at: number): Promise<Answer<Locks>> {
  return session.read(async (rows) => {
    const all = (await rows("sessions", queries.SESSIONS, sessionSchema)).map(cleanSession);
    const involved = new Set(all.flatMap(({ pid, wait_type: type, blocked_by: by }) => (type === "Lock" ? [pid, ...(by ?? [])] : [])));
    const sessions = all.filter(({ pid }) => involved.has(pid));
    const locks = await rows("locks", queries.LOCKS, lockSchema, [[...involved]]);
    return answer(`sessions of ${database} that wait for locks (pg_locks, pg_blocking_pids)`, { at, sessions, locks });
  });
}

async function readReplication(database: string, session: Session): Promise<Answer<Replication>> {
  const { standby, reads_replication: mayRead } = session.about;
  const [state, replicas] = await session.read(async (rows) => [
    (await rows("replication", queries.REPLICATION, replicationSchema))[0] ?? { standby, replay_delay_ms: null, wal_position: "" },
    standby || !mayRead ? null : await rows("replicas", queries.REPLICAS, replicaSchema),
  ]);
  const heavy = (await readHeavy(session, STATEMENTS)) ?? [];
  const writers = heavy
    .filter((row) => row.wal_bytes > 0)
    .toSorted((a, b) => b.wal_bytes - a.wal_bytes)
    .slice(0, 10)
    .map(clean);
  return answer(`replication of ${database} (pg_stat_replication, pg_stat_statements)`, { state, replicas, writers });
}

/**
 * Fixed, read-only questions to the catalog's PostgreSQL databases. Each call opens one connection and closes it. Functions throw
 * IntegrationError with words for people, TimedOutError, UnexpectedAnswerError, or the signal's reason.
 */
export function createPostgresClient(options: PostgresOptions) {
  const { databases, now = Date.now } = options;
  const limits: SessionOptions = {
    connectTimeoutMs: options.connectTimeoutMs ?? LIMITS.connectTimeoutMs,
    statementTimeoutMs: options.statementTimeoutMs ?? LIMITS.statementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs ?? LIMITS.lockTimeoutMs,
    ...{ onCall: options.onCall, traffic: options.traffic },
  };
  const urls = new Map(databases.map(({ name, url }) => [name.toLowerCase(), url]));

  function open<T>(database: string, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    const url = urls.get(database.trim().toLowerCase());
    if (url === undefined) {
      const known = databases.map(({ name }) => name).join(", ");
      throw new IntegrationError("postgres", `There is no database "${database.slice(0, 80)}" in DATABASES; there is ${known || "none"}.`);
    }
    return withSession(database, url, limits, signal, work);
  }

  return {
    /** Names of the databases that can be asked. */
    databases: databases.map(({ name }) => name),

    /** Who is connected, since when, waiting for what, blocked by whom. */
    activity: (args: { database: string }, signal: AbortSignal): Promise<Answer<Activity>> =>
      open(args.database, signal, async (session) => activityAnswer(args.database, await readActivity(session, now()))),

    /** Statements that took most time or wrote most of the log since the counters were reset, and which of them lack an index. */
    statements: (args: { database: string; limit?: number }, signal: AbortSignal): Promise<Answer<Statements>> =>
      open(args.database, signal, async (session) =>
        statementsAnswer(args.database, await readStatements(session, args.limit ?? STATEMENTS)),
      ),

    /** Scans, rows, size and last vacuum of tables: those most read by scans, or the named ones. */
    tables: (
      args: { database: string; tables?: readonly string[] | undefined; limit?: number },
      signal: AbortSignal,
    ): Promise<Answer<readonly TableRow[]>> =>
      open(args.database, signal, async (session) => {
        const most = args.limit ?? TABLES;
        return tablesAnswer(args.database, await readTables(session, args.tables ?? null, most), most);
      }),

    /** Indexes of a table. */
    indexes: (args: { database: string; table: string }, signal: AbortSignal): Promise<Answer<{ exists: boolean; indexes: IndexRow[] }>> =>
      open(args.database, signal, (session) =>
        session.read(async (rows) => {
          const columns = await rows("columns", queries.COLUMNS, columnsSchema, [[args.table]]);
          const indexes = await rows("indexes", queries.INDEXES, indexSchema, [[args.table]]);
          return answer(`indexes of ${args.table} in ${args.database}`, { exists: columns.length > 0, indexes });
        }),
      ),

    /** Sessions that wait for locks, those that hold them, and on what. */
    locks: (args: { database: string }, signal: AbortSignal): Promise<Answer<Locks>> =>
      open(args.database, signal, (session) => readLocks(args.database, session, now())),

    /** Whether it is a standby, how far its replicas are behind, and who writes the log. */
    replication: (args: { database: string }, signal: AbortSignal): Promise<Answer<Replication>> =>
      open(args.database, signal, (session) => readReplication(args.database, session)),

    /** WAL, replication slots and vacuum of the whole server. */
    maintenance: (args: { database: string }, signal: AbortSignal): Promise<Answer<Maintenance>> =>
      open(args.database, signal, (session) =>
        session.read(async (rows) => {
          const [state] = await rows("maintenance", queries.MAINTENANCE, maintenanceSchema);
          const slots = await rows("replication slots", queries.SLOTS, slotSchema);
          const vacuums = await rows("vacuums", queries.VACUUMS, vacuumSchema);
          if (state === undefined) throw new UnexpectedAnswerError("postgres", "maintenance", "no row");
          const shown = vacuums.map(clean);
          return answer(`WAL and vacuum of ${args.database} (pg_stat_wal, pg_replication_slots, pg_stat_progress_vacuum)`, {
            state,
            slots,
            vacuums: shown,
          });
        }),
      ),

    /** What triage wants of one database, over one connection; each answer is handed on as it comes. */
    look: (
      database: string,
      take: {
        activity(answer: Answer<Activity>): void;
        statements(answer: Answer<Statements>): void;
        tables(answer: Answer<readonly TableRow[]>): void;
      },
      signal: AbortSignal,
    ): Promise<void> =>
      open(database, signal, async (session) => {
        take.activity(activityAnswer(database, await readActivity(session, now())));
        take.statements(statementsAnswer(database, await readStatements(session, STATEMENTS)));
        take.tables(tablesAnswer(database, await readTables(session, null, TABLES), TABLES));
      }),

    /** Logs in to each database and looks at what its role may read. */
    validate: (_args: Record<string, never>, signal: AbortSignal): Promise<DatabaseCheck[]> =>
      Promise.all(
        databases.map(async ({ name }): Promise<DatabaseCheck> => {
          const source = `${SOURCE} ${name}`;
          try {
            return await open(name, signal, async ({ about, statementsView, read }) => ({
              source,
              excess: await read(async (rows) => {
                const [role] = await rows("the role's powers", queries.SQL_ROLE, sqlRoleSchema);
                return role === undefined
                  ? none
                  : beyondReading(role, await rows("what is granted", queries.SQL_GRANTED, sqlGrantedSchema));
              }),
              what: `sessions${statementsView === null ? " and tables (no pg_stat_statements: heavy statements are not known)" : ", statements and tables"} of PostgreSQL ${about.version}`,
              ok: true,
              problem: null,
            }));
          } catch (error) {
            if (error instanceof IntegrationError) return { source, what: "", ok: false, problem: error.message, excess: none };
            throw error;
          }
        }),
      ),
  };
}

export type PostgresClient = ReturnType<typeof createPostgresClient>;
