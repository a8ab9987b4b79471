import { IntegrationError } from "../../guard/errors.ts";
import { checkSelect, isAggregateAlone, parseSelect, type SqlTable } from "../../guard/sql-guard.ts";
import { type SqlParser, SqlRefusedError } from "../../guard/sql-tree.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import { outsideLine } from "../../report/tool-view.ts";
import type { DatabaseCheck } from "./client.ts";
import type { SessionOptions } from "./connection.ts";
import { SQL_FUNCTIONS, SQL_GRANTED, SQL_ROLE } from "./queries.ts";
import { sqlFunctionSchema, sqlGrantedSchema, sqlRoleSchema } from "./schema.ts";
import { beyondCatalog, missingOfCatalog } from "./sql-grants.ts";
import { type DeclaredTable, readTables, runChecked, SQL_LIMITS, type SqlRows, withSqlTransaction } from "./sql-session.ts";

/** A database that the model may write SQL for. */
export interface SqlDatabase {
  /** The catalog's name of it. */
  readonly name: string;
  /** `postgres://user:password@host:5432/name`, of a standby or with a role that only reads. */
  readonly url: string;
  readonly tables: readonly DeclaredTable[];
}

export interface SqlOptions extends Partial<SessionOptions> {
  readonly databases: readonly SqlDatabase[];
  readonly parse: SqlParser;
  readonly now?: (() => number) | undefined;
}

/** What the role of a database could do beyond what the catalog allows, or cannot do of it. */
export interface SqlCheck extends DatabaseCheck {
  /** Rights that should be taken away; each one clause. */
  readonly excess: { readonly writes: readonly string[]; readonly reads: readonly string[] };
}

const SOURCE = "PostgreSQL";
/** How long columns that were read refuse a statement before a connection is made; one that runs is checked again. */
const SEEN_MS = 60_000;

/** A refusal as the tool's own error. @throws IntegrationError in its place */
async function orRefused<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SqlRefusedError)
      throw new IntegrationError("postgres", `The statement was not run: ${outsideLine(error.message, 900)}.`);
    throw error;
  }
}

/**
 * Statements that a model wrote, one at a time: checked by their tree, run by a login role of their own in a read-only transaction on a connection
 * that is closed afterwards, with personal data masked. Functions throw IntegrationError with words for the model, TimedOutError,
 * UnexpectedAnswerError, or the signal's reason.
 */
export function createSqlClient(options: SqlOptions) {
  const { databases, parse, now = Date.now } = options;
  const limits: SessionOptions = {
    connectTimeoutMs: options.connectTimeoutMs ?? SQL_LIMITS.connectTimeoutMs,
    statementTimeoutMs: options.statementTimeoutMs ?? SQL_LIMITS.statementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs ?? SQL_LIMITS.lockTimeoutMs,
    ...{ onCall: options.onCall, traffic: options.traffic },
  };

  const seen = new Map<string, { readonly tables: readonly SqlTable[]; readonly at: number }>();

  /** @throws IntegrationError that names those that there are */
  function find(name: string): SqlDatabase {
    const found = databases.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new IntegrationError(
      "postgres",
      `There is no database ${outsideLine(name, 80)} for SQL. Give one of: ${databases.map((one) => one.name).join(", ") || "none"}.`,
    );
  }

  async function checkRole(database: SqlDatabase, signal: AbortSignal): Promise<SqlCheck> {
    const source = `SQL ${database.name}`;
    const check = { source, what: "", ok: false, problem: null, excess: { writes: [], reads: [] } };
    try {
      return await withSqlTransaction(database.name, database.url, limits, signal, async (connection) => {
        const [role] = await connection.ask("the role's powers", SQL_ROLE, sqlRoleSchema);
        const granted = await connection.ask("what is granted", SQL_GRANTED, sqlGrantedSchema);
        const functions = await connection.ask("functions", SQL_FUNCTIONS, sqlFunctionSchema);
        const tables = await readTables(connection, database.tables);
        const missing = missingOfCatalog(database.tables, tables, granted);
        return {
          ...check,
          what: `${database.tables.length} ${database.tables.length === 1 ? "table" : "tables"} of the catalog`,
          ok: missing === null,
          problem: missing,
          excess:
            role === undefined
              ? check.excess
              : beyondCatalog(
                  database.tables,
                  role,
                  granted,
                  functions.map((one) => one.function),
                ),
        };
      });
    } catch (error) {
      if (error instanceof IntegrationError) return { ...check, problem: error.message };
      throw error;
    }
  }

  return {
    /** Names of the databases that can be asked. */
    databases: databases.map(({ name }) => name),

    /** What the catalog opens of a database. */
    tables: (database: string): readonly DeclaredTable[] => find(database).tables,

    /** Whether a statement is one row with one computed number, such as `select count(*) …`. @throws IntegrationError for what is no SELECT */
    isOneValue: async (sql: string): Promise<boolean> => orRefused(async () => isAggregateAlone(await parseSelect(parse, sql))),

    /** Checks and runs one statement. */
    query: async (args: { database: string; sql: string }, signal: AbortSignal): Promise<Answer<SqlRows>> => {
      const { name, url, tables } = find(args.database);
      const parsed = await orRefused(() => parseSelect(parse, args.sql));
      // What is refused anyway costs the database no connection.
      const last = seen.get(name);
      if (last !== undefined && now() - last.at < SEEN_MS) await orRefused(() => checkSelect(parsed, last.tables, now()));
      const value = await withSqlTransaction(name, url, limits, signal, async (connection) => {
        const current = await readTables(connection, tables);
        seen.set(name, { tables: current, at: now() });
        return runChecked(connection, name, await orRefused(() => checkSelect(parsed, current, now())));
      });
      return answerOf(SOURCE, {
        query: `SQL on ${name}: ${outsideLine(args.sql, 2_000)}`,
        value,
        raw: JSON.stringify({ columns: value.columns.map((column) => column.name), rows: value.rows }),
        cut: value.cut,
      });
    },

    /** Logs in to each database and compares what its role may do with the catalog. For `doctor`. */
    validate: (_args: Record<string, never>, signal: AbortSignal): Promise<SqlCheck[]> =>
      Promise.all(databases.map((database) => checkRole(database, signal))),
  };
}

export type SqlClient = ReturnType<typeof createSqlClient>;
