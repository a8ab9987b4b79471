import { IntegrationError } from "../../guard/errors.ts";
import type { Blocker, DatabaseSessions, SessionGroup, StatementLoad } from "../../incident/database.ts";
import type { Question, Source } from "../../incident/source.ts";
import type { Activity, PostgresClient, Statements } from "./client.ts";
import { blockersOf } from "./blockers.ts";
import type { SessionRow } from "./schema.ts";

/** A database that matters to a page, and the service that its trouble belongs to. */
export interface PagedDatabase {
  readonly name: string;
  readonly service: string;
}

const GROUPS = 50;
/** As many as a page can be about; each is one connection. */
const DATABASES = 6;

const waitOf = (row: SessionRow): string | null => (row.wait_type === null ? null : `${row.wait_type}:${row.wait ?? ""}`);

/** Sessions that share application, user, state, wait and statement, most first. */
export function groupSessions(sessions: readonly SessionRow[]): SessionGroup[] {
  const groups = new Map<string, SessionGroup>();
  for (const row of sessions) {
    const key = JSON.stringify([row.application, row.user_name, row.state, waitOf(row), row.query]);
    const known = groups.get(key);
    const longestMs = row.transaction_ms === null ? (known?.longestMs ?? null) : Math.max(row.transaction_ms, known?.longestMs ?? 0);
    groups.set(key, {
      application: row.application,
      user: row.user_name,
      state: row.state,
      wait: waitOf(row),
      query: row.query,
      sessions: (known?.sessions ?? 0) + 1,
      longestMs,
    });
  }
  return [...groups.values()].toSorted((a, b) => b.sessions - a.sessions || (a.query < b.query ? -1 : 1)).slice(0, GROUPS);
}

type Unnumbered<T> = Omit<T, "evidence">;

/** What analysis sees of a database's sessions. */
export function toSessions(database: PagedDatabase, activity: Activity): Unnumbered<DatabaseSessions> {
  const { sessions } = activity;
  const inState = (test: (state: string) => boolean) => sessions.filter(({ state }) => test(state)).length;
  const blockers: Blocker[] = blockersOf(sessions).map(({ row, behind, waiting }) => ({
    pid: row.pid,
    application: row.application,
    user: row.user_name,
    state: row.state,
    query: row.query,
    transactionMs: row.transaction_ms,
    behind,
    waiting: waiting?.query ?? "",
  }));
  return {
    service: database.service,
    database: database.name,
    at: activity.at,
    sessions: sessions.length,
    active: inState((state) => state === "active"),
    idle: inState((state) => state === "idle"),
    idleInTransaction: inState((state) => state.startsWith("idle in transaction")),
    maxConnections: activity.maxConnections,
    groups: groupSessions(sessions),
    blockers,
    replicas: activity.replicas?.map(({ name, lag_bytes: lagBytes, lag_ms: lagMs }) => ({ name, lagBytes, lagMs })) ?? null,
  };
}

/** What analysis sees of a database's statements. */
export function toStatements(database: PagedDatabase, { statements }: Statements): Unnumbered<StatementLoad>[] {
  return statements.map((row) => ({
    service: database.service,
    database: database.name,
    query: row.query,
    effect: row.shape.effect,
    share: row.all_ms > 0 ? row.total_ms / row.all_ms : 0,
    calls: row.calls,
    totalMs: row.total_ms,
    meanMs: row.mean_ms,
    rows: row.rows,
    blocksHit: row.blocks_hit,
    blocksRead: row.blocks_read,
    walBytes: row.wal_bytes,
    walShare: row.all_wal_bytes > 0 ? row.wal_bytes / row.all_wal_bytes : 0,
    aggregates: row.shape.aggregates,
    unindexed: row.unindexed,
  }));
}

/**
 * PostgreSQL as triage asks it: sessions, heavy statements and tables of the databases of the paged service and of all it ends up calling, one
 * connection each.
 * @param databasesOf the databases that matter to a page of a service, its own first
 */
export function postgresSource(postgres: PostgresClient, databasesOf: (service: string) => readonly PagedDatabase[]): Source {
  return {
    name: "PostgreSQL",
    async ask(question: Question, emit, signal) {
      const asked = databasesOf(question.service).slice(0, DATABASES);
      const settled = await Promise.allSettled(
        asked.map((database) =>
          postgres.look(
            database.name,
            {
              activity: (answer) =>
                emit({ answer, telemetry: (evidence) => ({ sessions: [{ ...toSessions(database, answer.value), evidence }] }) }),
              statements: (answer) =>
                emit({
                  answer,
                  telemetry: (evidence) => ({ statements: toStatements(database, answer.value).map((one) => ({ ...one, evidence })) }),
                }),
              // Kept for people and for the agent; analysis rests on the statements.
              tables: (answer) => emit({ answer, telemetry: () => ({}) }),
            },
            signal,
          ),
        ),
      );
      const failures = settled.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
      const [first] = failures;
      if (first === undefined) return;
      const words = failures.filter((failure) => failure instanceof IntegrationError).map(({ message }) => message);
      // Each database fails for a reason of its own.
      throw words.length === failures.length && failures.length > 1 ? new IntegrationError("postgres", words.join(" ")) : first;
    },
  };
}
