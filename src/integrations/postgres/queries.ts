/**
 * Every statement that midwatch sends. They are fixed: nothing from a page, a log or a model becomes a part of them, values travel as
 * parameters. Names are found by the search path; `session.ts` sees to it that it leads to the system's own views.
 * Sources: PostgreSQL 14 to 18, chapters "The Cumulative Statistics System", "pg_stat_statements", "System Catalogs". None takes a lock that
 * waits behind a table's own (sizes come from `pg_class.relpages`, not from `pg_relation_size`, and `pg_get_indexdef` is not asked).
 */

const ms = (age: string) => `(pg_catalog.date_part('epoch', ${age}) * 1000)::float8`;

/** Who we are and what may be read. Each name is the system's own, whatever the search path. */
export const ABOUT = `select pg_catalog.current_database()::text as database, current_user::text as role,
  pg_catalog.current_setting('server_version') as version, pg_catalog.pg_is_in_recovery() as standby,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as reads_all,
  pg_catalog.current_schemas(true)::text[] as path,
  (select n.nspname::text from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements') as statements_schema,
  pg_catalog.to_regclass('pg_stat_statements') is not null as statements_on_path,
  pg_catalog.has_table_privilege('pg_catalog.pg_stat_replication', 'select') as reads_replication`;

export const MOST_SESSIONS = 5_000;

export const SESSIONS = `select pid, datname::text as database, usename::text as user_name, application_name as application,
  client_addr::text as address, state, wait_event_type as wait_type, wait_event as wait,
  ${ms("clock_timestamp() - xact_start")} as transaction_ms, ${ms("clock_timestamp() - query_start")} as query_ms,
  ${ms("clock_timestamp() - state_change")} as state_ms,
  case when wait_event_type = 'Lock' then pg_blocking_pids(pid) end as blocked_by,
  left(query, 8000) as query
from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()
order by xact_start nulls last, pid limit ${MOST_SESSIONS}`;

export const LIMIT = `select max(setting)::float8 as max_connections from pg_settings where name = 'max_connections'`;

export const REPLICAS = `select application_name as name, client_addr::text as address, state, sync_state,
  pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 as lag_bytes, ${ms("replay_lag")} as lag_ms
from pg_stat_replication order by replay_lsn nulls first limit 50`;

export const REPLICATION = `select pg_is_in_recovery() as standby,
  case when pg_is_in_recovery() then ${ms("clock_timestamp() - pg_last_xact_replay_timestamp()")} end as replay_delay_ms,
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as wal_position`;

/** WAL and vacuum of the whole server; counters are since their reset. */
export const MAINTENANCE = `select w.wal_bytes::float8, w.wal_buffers_full::float8, w.stats_reset::text as wal_since,
  (select setting::float8 * 1048576 from pg_settings where name = 'max_wal_size') as max_wal_bytes,
  a.failed_count::float8 as archive_failures, a.last_failed_time::text as archive_failed_at,
  coalesce(a.last_failed_time > a.last_archived_time, a.last_failed_time is not null) as archive_failing,
  current_setting('autovacuum') as autovacuum, current_setting('autovacuum_max_workers')::float8 as vacuum_workers,
  current_setting('autovacuum_freeze_max_age')::float8 as freeze_max_age,
  (select max(age(datfrozenxid))::float8 from pg_database) as xid_age
from pg_stat_wal w, pg_stat_archiver a`;

export const SLOTS = `select slot_name::text as name, slot_type::text as kind, active, wal_status,
  pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn)::float8 as kept_bytes
from pg_replication_slots order by restart_lsn nulls last limit 50`;

/** Workers of autovacuum and vacuums by hand. */
export const VACUUMS = `select coalesce(p.relid::regclass::text, '') as "table", ${ms("clock_timestamp() - a.xact_start")} as running_ms, p.phase,
  p.heap_blks_scanned::float8 as blocks_done, p.heap_blks_total::float8 as blocks_total, left(a.query, 1000) as query
from pg_stat_activity a left join pg_stat_progress_vacuum p on p.pid = a.pid
where a.backend_type = 'autovacuum worker' or p.pid is not null order by a.xact_start nulls last limit 50`;

/** Statements of this database that took most of its time or wrote most of its log. @param view the extension's view, quoted */
export const statements = (view: string): string => `select queryid::text as id, left(query, 8000) as query, calls::float8,
  total_exec_time::float8 as total_ms, mean_exec_time::float8 as mean_ms, max_exec_time::float8 as max_ms, rows::float8,
  shared_blks_hit::float8 as blocks_hit, shared_blks_read::float8 as blocks_read, temp_blks_written::float8 as temp_blocks,
  wal_bytes::float8, (sum(total_exec_time) over ())::float8 as all_ms, (sum(wal_bytes) over ())::float8 as all_wal_bytes
from ${view}
where dbid = (select oid from pg_database where datname = current_database())
order by greatest(total_exec_time / nullif(sum(total_exec_time) over (), 0), wal_bytes::float8 / nullif(sum(wal_bytes::float8) over (), 0))
  desc nulls last limit $1`;

const BYTES = "c.relpages::float8 * current_setting('block_size')::float8";

export const TABLES = `select s.schemaname::text as schema, s.relname::text as table, s.seq_scan::float8 as seq_scans, s.seq_tup_read::float8 as seq_rows,
  s.idx_scan::float8 as index_scans, s.n_live_tup::float8 as rows, s.n_dead_tup::float8 as dead_rows, ${BYTES} as bytes,
  greatest(s.last_vacuum, s.last_autovacuum)::text as last_vacuum, greatest(s.last_analyze, s.last_autoanalyze)::text as last_analyze
from pg_stat_user_tables s left join pg_class c on c.oid = s.relid
where $1::text[] is null or s.relname::text = any($1)
order by s.seq_tup_read desc nulls last, s.schemaname, s.relname limit $2`;

const USERS_SCHEMAS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'";

export const INDEXES = `select n.nspname::text as schema, t.relname::text as table, c.relname::text as index, m.amname::text as method,
  x.indisvalid as valid, x.indisunique as unique, x.indpred is not null as partial,
  array(select coalesce(a.attname::text, '') from unnest(x.indkey) with ordinality k(number, place)
    left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number and k.number > 0 order by k.place) as columns,
  s.idx_scan::float8 as scans, ${BYTES} as bytes
from pg_index x join pg_class c on c.oid = x.indexrelid join pg_am m on m.oid = c.relam join pg_class t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace
  left join pg_stat_user_indexes s on s.indexrelid = x.indexrelid
where ${USERS_SCHEMAS} and t.relname::text = any($1)
order by n.nspname, t.relname, c.relname limit 500`;

export const COLUMNS = `select n.nspname::text as schema, t.relname::text as table, array_agg(a.attname::text order by a.attnum) as columns
from pg_class t join pg_namespace n on n.oid = t.relnamespace join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
where ${USERS_SCHEMAS} and t.relkind in ('r', 'p', 'm') and t.relname::text = any($1)
group by n.nspname, t.relname order by n.nspname, t.relname limit 200`;

export const LOCKS = `select l.pid, l.locktype as kind, l.mode, coalesce(l.relation::regclass::text, '') as relation, l.granted
from pg_locks l
where l.pid = any($1) and (not l.granted or l.locktype = 'relation') and l.pid <> pg_backend_pid()
order by l.granted, l.pid limit 500`;

/** Who runs the model's statements, and whether anything could be written. */
export const SQL_ABOUT = `select current_user::text as role, pg_catalog.pg_is_in_recovery() as standby,
  pg_catalog.current_setting('default_transaction_read_only') = 'on' as reads_only,
  (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) as superuser`;

/** All columns of named tables and views, in order. $1 schemas, $2 names beside them */
export const SQL_COLUMNS = `select n.nspname::text as schema, c.relname::text as table, array_agg(a.attname::text order by a.attnum) as columns,
  coalesce(array_agg(a.attname::text) filter (where exists (
    with recursive made_of(type) as (
      select a.atttypid
      union
      select case t.typtype when 'd' then t.typbasetype when 'r' then r.rngsubtype else t.typelem end
      from made_of m join pg_catalog.pg_type t on t.oid = m.type left join pg_catalog.pg_range r on r.rngtypid = t.oid
      where t.typtype in ('d', 'r') or t.typcategory = 'A')
    select from made_of m join pg_catalog.pg_type t on t.oid = m.type
    where t.typtype = 'c' or t.typname in ('record', 'tsvector') or (t.typtype = 'm' and t.typnamespace <> 'pg_catalog'::regnamespace))), '{}') as several
from unnest($1::text[], $2::text[]) as d(schema, name)
  join pg_catalog.pg_namespace n on n.nspname = d.schema join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = d.name
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm', 'f')
group by n.nspname, c.relname order by n.nspname, c.relname`;

/** What a role may do beyond reading, whatever it reads. */
export const SQL_ROLE = `select current_user::text as role,
  array_remove(array[case when r.rolsuper then 'superuser' end, case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
    case when r.rolreplication then 'replication' end, case when r.rolbypassrls then 'bypassrls' end,
    case when pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') then 'create in the database' end], null)::text[] as powers,
  array(select g.rolname::text from pg_catalog.pg_roles g where g.rolname <> current_user and pg_catalog.pg_has_role(current_user, g.oid, 'member') and not r.rolsuper order by 1) as member_of,
  array(select n.nspname::text from pg_catalog.pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and pg_catalog.has_schema_privilege(n.oid, 'create') order by 1) as creates_in
from pg_catalog.pg_roles r where r.rolname = current_user`;

const MOST_RELATIONS = 5_000;

/** Relations that the role may read or write at all, with the columns that it may read. */
export const SQL_GRANTED = `select n.nspname::text as schema, c.relname::text as table,
  array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select') order by a.attnum) as columns,
  (pg_catalog.has_table_privilege(c.oid, 'insert, update, delete, truncate, references, trigger')
    or pg_catalog.has_any_column_privilege(c.oid, 'insert, update, references')) as writes
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and (pg_catalog.has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
    or pg_catalog.has_any_column_privilege(c.oid, 'select, insert, update, references'))
order by n.nspname, c.relname limit ${MOST_RELATIONS}`;

/** Functions outside of PostgreSQL itself that run with their owner's rights, or reach other servers, and that the role may call. */
export const SQL_FUNCTIONS = `select distinct p.pronamespace::pg_catalog.regnamespace::text || '.' || p.proname as function
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname <> 'pg_catalog' and n.nspname <> 'information_schema' and (p.prosecdef or p.proname ~ '^dblink')
  and pg_catalog.has_function_privilege(p.oid, 'execute') and pg_catalog.has_schema_privilege(n.oid, 'usage')
order by 1 limit 50`;
