import type { SqlTable } from "../../guard/sql-guard.ts";
import type { SqlGranted, SqlRole } from "./schema.ts";
import { type DeclaredTable, SQL_LIMITS } from "./sql-session.ts";
import { unseenRuns } from "../../guard/unseen.ts";

/** The script that makes the login role of `sql_query`, and how what a role may do is compared with the catalog. */

export const DEFAULT_ROLE = "midwatch_sql";

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const fullName = ({ schema, name }: Pick<DeclaredTable, "schema" | "name">): string => `${identifier(schema)}.${identifier(name)}`;
const allColumns = ({ columns, masked }: DeclaredTable): string[] => [...columns, ...Object.keys(masked)];
/** Text of the catalog in a comment: on one line. */
const comment = (text: string): string => text.replaceAll(unseenRuns, " ");

/** Takes away all that the role was ever granted of tables and schemas by name, whether the catalog still has them or not. */
function revocation(role: string): string[] {
  const ofRole = `given.grantee = ${literal(identifier(role))}::pg_catalog.regrole`;
  const revoke = (what: string) =>
    `loop execute pg_catalog.format('revoke all on ${what} from %I', held.name, ${literal(role)}); end loop;`;
  return [
    "do $$ declare held record; begin",
    "  for held in select c.oid::pg_catalog.regclass::text as name from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) given",
    `    where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ofRole}`,
    `    union select a.attrelid::pg_catalog.regclass::text from pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) given where ${ofRole}`,
    `  ${revoke("%s")}`,
    `  for held in select n.nspname as name from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) given where ${ofRole}`,
    `  ${revoke("schema %I")}`,
    "end $$;",
  ];
}

/**
 * SQL for an administrator, for psql or any other client; run again after each change of the catalog, for it takes away first what it grants. It
 * sets no password.
 * @param database the catalog's name, for comments
 */
export function grantScript(database: string, tables: readonly DeclaredTable[], role: string = DEFAULT_ROLE): string {
  const name = identifier(role);
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const { statementTimeoutMs, lockTimeoutMs } = SQL_LIMITS;
  return [
    `-- Role and grants for midwatch's sql_query on ${comment(database)}, from catalog.yaml. midwatch has printed this, and run nothing of it.`,
    "-- Run it as an administrator in that database, on the primary; a standby gets it from there. Run it again after each change of the catalog.",
    "begin;",
    "",
    "-- A login of its own, which is a member of nothing and owns nothing. Roles belong to the whole server.",
    `do $$ begin if not exists (select from pg_catalog.pg_roles where rolname = ${literal(role)}) then create role ${name}; end if; end $$;`,
    `alter role ${name} with login nosuperuser nocreatedb nocreaterole noreplication noinherit connection limit 4;`,
    "",
    "-- Bounds, should all of midwatch's own fail.",
    `alter role ${name} set default_transaction_read_only = on;`,
    `alter role ${name} set statement_timeout = '${statementTimeoutMs}ms';`,
    `alter role ${name} set lock_timeout = '${lockTimeoutMs}ms';`,
    `alter role ${name} set idle_in_transaction_session_timeout = '${statementTimeoutMs * 2}ms';`,
    `alter role ${name} set search_path = pg_catalog;`,
    `-- Where you are a superuser also: alter role ${name} set temp_file_limit = '256MB';`,
    "",
    "-- What it was granted before goes first, also of tables and schemas that the catalog has no more.",
    ...revocation(role),
    "",
    "-- Nothing but what the catalog declares. Columns that are masked are granted too: midwatch masks their values after reading.",
    `do $$ begin execute pg_catalog.format('grant connect on database %I to %I', pg_catalog.current_database(), ${literal(role)}); end $$;`,
    ...schemas.map((schema) => `grant usage on schema ${identifier(schema)} to ${name};`),
    ...tables.map((table) => `grant select (${allColumns(table).map(identifier).join(", ")}) on ${fullName(table)} to ${name};`),
    "",
    "commit;",
    "",
    `-- Then, in psql: \\password ${role.replaceAll(/[^\w]/g, "_") === role ? role : name}`,
    `-- and into .env: SQL_DATABASES="${comment(database)}=postgres://${encodeURIComponent(role)}:<password>@<host of a standby>:5432/<database>?sslmode=verify-full"`,
    "-- This role can do everything that PUBLIC can: npm run midwatch -- doctor lists it. Two rights to revoke from PUBLIC if it has them:",
    "--   revoke create on schema public from public;                             -- before PostgreSQL 15",
    "--   revoke execute on all functions in schema <that of dblink> from public; -- dblink reaches other servers",
    "",
  ].join("\n");
}

const listed = (names: readonly string[], most = 8): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;

/** What the catalog declares and the role cannot read, in words; null when it can read all. */
export function missingOfCatalog(
  declared: readonly DeclaredTable[],
  tables: readonly SqlTable[],
  granted: readonly SqlGranted[],
): string | null {
  const unknown: string[] = [];
  const unread: string[] = [];
  for (const table of declared) {
    const full = `${table.schema}.${table.name}`;
    const known = tables.find((one) => one.schema === table.schema && one.name === table.name);
    const readable = granted.find((one) => one.schema === table.schema && one.table === table.name)?.columns ?? [];
    if (known === undefined) {
      unknown.push(full);
      continue;
    }
    for (const column of allColumns(table)) {
      if (!known.columns.some(({ name }) => name === column)) unknown.push(`${full}.${column}`);
      else if (!readable.includes(column)) unread.push(`${full}.${column}`);
    }
  }
  const problems = [
    ...(unknown.length === 0 ? [] : [`the catalog names what is not there: ${listed(unknown)}. Correct catalog.yaml`]),
    ...(unread.length === 0 ? [] : [`the role may not read ${listed(unread)}. Run the script of "midwatch sql grants" again`]),
  ];
  return problems.length === 0 ? null : problems.join("; ");
}

/** Predefined roles that change something, or reach the server's files and programs. */
const WRITING_ROLES =
  /^pg_(write_|execute_server_program|read_server_files|signal_|maintain|checkpoint|create_subscription|database_owner|use_reserved)/;

/** What a role could change, and which rows it could read, where it is there for the statistics alone. For people. */
export function beyondReading(role: SqlRole, granted: readonly SqlGranted[]): { readonly writes: string[]; readonly reads: string[] } {
  const nameOf = ({ schema, table }: SqlGranted) => `${schema}.${table}`;
  // A superuser can do everything; a list would say nothing.
  if (role.powers.includes("superuser")) return { writes: ["has superuser"], reads: [] };
  const writes = granted.filter((one) => one.writes).map(nameOf);
  // The views of the extension are what the role is there for.
  const rows = granted.filter(({ table, columns }) => columns.length > 0 && !table.startsWith("pg_stat_statements")).map(nameOf);
  const roles = role.member_of.filter((name) => WRITING_ROLES.test(name));
  return {
    writes: [
      ...(role.powers.length === 0 ? [] : [`has ${role.powers.join(", ")}`]),
      ...(roles.length === 0 ? [] : [`is a member of ${listed(roles)}`]),
      ...(role.creates_in.length === 0 ? [] : [`may create in ${listed(role.creates_in)}`]),
      ...(writes.length === 0 ? [] : [`may write to ${listed(writes)}`]),
    ],
    reads: rows.length === 0 ? [] : [`may read rows of ${listed(rows)}`],
  };
}

/** Rights of a role that `sql_query` never needs; each one clause. */
export function beyondCatalog(
  declared: readonly DeclaredTable[],
  role: SqlRole,
  granted: readonly SqlGranted[],
  functions: readonly string[],
): { readonly writes: string[]; readonly reads: string[] } {
  const writes = granted.filter((one) => one.writes).map((one) => `${one.schema}.${one.table}`);
  const reads = granted.flatMap(({ schema, table, columns }) => {
    const known = declared.find((one) => one.schema === schema && one.name === table);
    const more = columns.filter((column) => known === undefined || !allColumns(known).includes(column));
    if (more.length === 0) return [];
    return known === undefined ? [`${schema}.${table}`] : more.map((column) => `${schema}.${table}.${column}`);
  });
  return {
    writes: [
      ...(role.powers.length === 0 ? [] : [`has ${role.powers.join(", ")}`]),
      ...(role.creates_in.length === 0 ? [] : [`may create in ${listed(role.creates_in)}`]),
      ...(writes.length === 0 ? [] : [`may write to ${listed(writes)}`]),
    ],
    reads: [
      ...(role.member_of.length === 0 ? [] : [`is a member of ${listed(role.member_of)}`]),
      ...(reads.length === 0 ? [] : [`may read ${listed(reads)}, which the catalog does not allow`]),
      ...(functions.length === 0 ? [] : [`may call ${listed(functions)}`]),
    ],
  };
}
