import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import type { RecordedSql, Recording } from "../recorded.ts";
import { RecordingError } from "../recording-files.ts";
import { type EmbeddedPostgres, NoPostgresError, startEmbeddedPostgres } from "./embedded.ts";
import { refusalOf, startRefusingPostgres } from "./refusing.ts";

/** A recording's database, as a client reaches it. */
export interface PostgresReplay {
  /** The catalog's name. */
  readonly database: string;
  /** The service it belongs to. */
  readonly service: string;
  /** null: it is on record, but there is no PostgreSQL on this machine to serve it. */
  readonly url: string | null;
  close(): Promise<void>;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What most rows say, or null. */
function mostOf(rows: readonly Readonly<Record<string, unknown>>[], column: string): string | null {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = row[column];
    if (typeof value !== "string" && typeof value !== "number") continue;
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

const ACTIVITY_COLUMNS =
  "datid bigint, datname text, pid int, usename text, application_name text, client_addr inet, backend_start timestamptz, xact_start timestamptz, query_start timestamptz, state_change timestamptz, wait_event_type text, wait_event text, state text, backend_type text, query text";
const STATEMENT_COLUMNS =
  "userid bigint, dbid bigint, toplevel bool, queryid bigint, query text, calls bigint, total_exec_time float8, min_exec_time float8, max_exec_time float8, mean_exec_time float8, stddev_exec_time float8, rows bigint, shared_blks_hit bigint, shared_blks_read bigint, shared_blks_dirtied bigint, temp_blks_written bigint, wal_records bigint, wal_bytes numeric";

const ACTIVITY_TIMES = ["backend_start", "xact_start", "query_start", "state_change"] as const;

/**
 * What was recorded comes before the system's own. What was not recorded is unknown: the sizes, scans and settings of this throw-away server
 * are not those of the incident. Sessions are one sample: whenever it is read, each is as old as it was then, or every short statement of it would
 * pass for one that hangs.
 */
const RECORDED = `
create schema recorded;
create table recorded.sampled_activity (${ACTIVITY_COLUMNS}, sampled_at timestamptz);
create view recorded.pg_stat_activity as select datid, datname, pid, usename, application_name, client_addr,
  ${ACTIVITY_TIMES.map((column) => `${column} + (clock_timestamp() - sampled_at) as ${column}`).join(", ")},
  wait_event_type, wait_event, state, backend_type, query from recorded.sampled_activity;
create table recorded.pg_stat_statements (${STATEMENT_COLUMNS});
create view recorded.pg_settings as select * from pg_catalog.pg_settings where name not in ('max_connections', 'superuser_reserved_connections', 'reserved_connections');
create view recorded.pg_class as select oid, relname, relnamespace, relkind, relam, null::int4 as relpages from pg_catalog.pg_class;
create view recorded.pg_stat_user_tables as select relid, schemaname, relname, null::bigint as seq_scan, null::bigint as seq_tup_read,
  null::bigint as idx_scan, null::bigint as n_live_tup, null::bigint as n_dead_tup, null::timestamptz as last_vacuum,
  null::timestamptz as last_autovacuum, null::timestamptz as last_analyze, null::timestamptz as last_autoanalyze
  from pg_catalog.pg_stat_user_tables where schemaname <> 'recorded';
create view recorded.pg_stat_user_indexes as select relid, indexrelid, null::bigint as idx_scan from pg_catalog.pg_stat_user_indexes;
revoke select on pg_catalog.pg_stat_replication from public;
`;

const SEARCH_PATH = "recorded,pg_catalog,public";

async function connect(server: EmbeddedPostgres, role: { name: string; password: string }, database: string): Promise<Client> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: server.url(role, database) });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function withClient<T>(
  server: EmbeddedPostgres,
  role: { name: string; password: string },
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(server, role, database);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Fills an empty server with what was recorded; gives the role that reads it.
 * @param pagedAt recorded instant at which the sessions were sampled at the earliest, epoch milliseconds
 */
async function load(server: EmbeddedPostgres, folder: string, database: string, sql: RecordedSql, pagedAt: number) {
  const owner = { name: "recording", password: randomBytes(12).toString("hex") };
  const reader = { name: "midwatch", password: randomBytes(12).toString("hex") };
  await withClient(server, server.superuser, "postgres", async (client) => {
    for (const { name, password } of [owner, reader])
      await client.query(`create role ${client.escapeIdentifier(name)} login password ${client.escapeLiteral(password)}`);
    await client.query(`grant pg_monitor to ${client.escapeIdentifier(reader.name)}`);
    await client.query(`create database ${client.escapeIdentifier(database)} owner ${client.escapeIdentifier(owner.name)}`);
  });
  // The seed comes from a recording: it runs as an owner of one empty database, not as a superuser.
  const { seed } = sql;
  if (seed !== null) {
    await withClient(server, owner, database, async (client) => {
      await client.query("set statement_timeout = '30s'");
      await client.query(seed);
    }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new RecordingError(
        `${folder}/sql/seed.sql`,
        null,
        `cannot be loaded (${why})`,
        "It must create its tables in an empty PostgreSQL",
        error,
      );
    });
  }
  await withClient(server, server.superuser, database, async (client) => {
    await client.query(RECORDED);
    const { rows } = await client.query<{ oid: string }>(
      "select oid::text from pg_catalog.pg_database where datname = pg_catalog.current_database()",
    );
    const own = rows[0]?.oid ?? "";
    // The recorded database is this one now.
    const main = mostOf(sql.statements, "dbid") ?? mostOf(sql.activity, "datid");
    const latest = `greatest(to_timestamp($2::float8 / 1000), ${ACTIVITY_TIMES.map((column) => `max(${column}) over ()`).join(", ")})`;
    try {
      await client.query(
        `insert into recorded.sampled_activity select case when datid::text = $3 then $4::bigint else datid end, datname, pid, usename, application_name, client_addr,
          ${ACTIVITY_TIMES.join(", ")}, wait_event_type, wait_event, state, backend_type, query, ${latest}
        from jsonb_to_recordset($1::jsonb) as row(${ACTIVITY_COLUMNS})`,
        [JSON.stringify(sql.activity), pagedAt, main, own],
      );
      await client.query(
        `insert into recorded.pg_stat_statements select * from jsonb_to_recordset($1::jsonb) as row(${STATEMENT_COLUMNS})`,
        [JSON.stringify(sql.statements)],
      );
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RecordingError(
        `${folder}/sql`,
        null,
        `statements.json or activity.json has a row that PostgreSQL does not take (${why})`,
        "Rows must be as pg_stat_statements and pg_stat_activity give them",
        error,
      );
    }
    await client.query("update recorded.pg_stat_statements set dbid = $2::bigint where dbid::text = $1", [main, own]);
    await client.query(`grant usage on schema recorded to ${client.escapeIdentifier(reader.name)}`);
    await client.query(`grant select on all tables in schema recorded to ${client.escapeIdentifier(reader.name)}`);
  });
  return reader;
}

/**
 * The database of a recording, served by a real PostgreSQL; null when it has none. `access.json` is kept to: forbidden is a login without
 * rights, an error a server that refuses, empty a database without anything in it.
 * @throws RecordingError when its files cannot be loaded
 */
export async function startPostgresReplay(
  recording: Recording,
  tell: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<PostgresReplay | null> {
  const { sql, incident } = recording;
  const access = recording.access["sql"];
  if (sql === null && (access === undefined || access.kind === "empty")) return null;
  const named = text(mostOf(sql?.activity ?? [], "datname"));
  const service = incident.services.find((name) => name.toLowerCase() === named.toLowerCase()) ?? incident.entryService;
  // A name is one of the settings, which list several with commas.
  const database = (named || service).replaceAll(/[^\w.-]+/g, "-").slice(0, 60) || "recorded";
  if (access?.kind === "forbidden" || access?.kind === "error") {
    const refusing = await startRefusingPostgres(refusalOf(access.kind === "error" ? access.status : 403, database));
    return {
      database,
      service,
      url: `postgres://midwatch:replay-on-this-machine@127.0.0.1:${refusing.port}/${database}`,
      close: () => refusing.close(),
    };
  }
  let server: EmbeddedPostgres;
  try {
    server = await startEmbeddedPostgres();
  } catch (error) {
    if (!(error instanceof NoPostgresError)) throw error;
    tell(`replay: ${error.message}; PostgreSQL is not configured.`);
    return { database, service, url: null, close: async () => undefined };
  }
  try {
    const content = access?.kind === "empty" || sql === null ? { seed: null, statements: [], activity: [] } : sql;
    const reader = await load(server, recording.folder, database, content, incident.detectedAt);
    return { database, service, url: server.url(reader, database, `-csearch_path=${SEARCH_PATH}`), close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
