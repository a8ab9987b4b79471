import type { QueryArrayConfig } from "pg";
import type { CheckedSql, SqlTable } from "../../guard/sql-guard.ts";
import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Connection, type Purpose, type SessionOptions, withConnection } from "./connection.ts";
import { sqlPolicy } from "./policy.ts";
import { SQL_ABOUT, SQL_COLUMNS } from "./queries.ts";
import { planSchema, sqlAboutSchema, sqlColumnsSchema, sqlRowsSchema } from "./schema.ts";

/** A table or view that the catalog opens to `sql_query`. */
export interface DeclaredTable {
  readonly schema: string;
  readonly name: string;
  /** Columns that may be read. */
  readonly columns: readonly string[];
  /** Columns with personal data, by its kind: their values are shown as `[kind 1]`. */
  readonly masked: Readonly<Record<string, string>>;
}

const SQL_SETUP = "docs/setup.md#sql-of-the-model";
const PURPOSE: Purpose = {
  policy: sqlPolicy,
  audited: "SQL of the model in a read-only session",
  grant: `run the script of "midwatch sql grants" again (${SQL_SETUP})`,
};

export const SQL_LIMITS: SessionOptions = { connectTimeoutMs: 3_000, statementTimeoutMs: 5_000, lockTimeoutMs: 500 };
/** Dearest plan that is run, in the planner's units: reading a page of 8 kB in order is 1. */
const DEAREST = 200_000;
export const MOST_ROWS = 200;
/** Longest value, characters. */
const LONGEST_VALUE = 1_000;
/** Longest result, characters of all its values. */
const LONGEST_RESULT = 60_000;

export interface SqlRows {
  readonly columns: CheckedSql["columns"];
  /** Values as PostgreSQL writes them, null for NULL; those of masked columns as `[email 1]`, the same number for the same value. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Why there may be more than is here; null when this is all. */
  readonly cut: string | null;
}

/**
 * Settings of the session. Names of functions, operators and types are looked up in pg_catalog alone; strings are read as the check read them. Whether
 * writes are off is left to the role or the server, so that it can be looked at.
 */
const SETTINGS = [
  "search_path=pg_catalog,pg_temp",
  "standard_conforming_strings=on",
  "timezone=UTC",
  "datestyle=ISO",
  "intervalstyle=postgres",
  "jit=off",
  "max_parallel_workers_per_gather=0",
];

/**
 * A read-only transaction in which a checked statement may run: on a standby, or with a role or server whose transactions read only by default.
 * @throws IntegrationError for a superuser or a server that could be written to, and for what `withConnection` throws
 */
export function withSqlTransaction<T>(
  database: string,
  url: string,
  options: SessionOptions,
  signal: AbortSignal,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const about = { options, settings: SETTINGS, purpose: PURPOSE, keepsPath: false };
  return withConnection(database, url, about, signal, (connection) =>
    connection.readOnly(async () => {
      const [told] = await connection.ask("what the role may do", SQL_ABOUT, sqlAboutSchema);
      if (told === undefined) throw new UnexpectedAnswerError("postgres", database, "no row");
      const fail = (words: string) => new IntegrationError("postgres", `PostgreSQL ${database}: ${words} (${SQL_SETUP}).`);
      if (told.superuser)
        throw fail(
          `role ${told.role} of SQL_DATABASES is a superuser, which no statement of a model may run as. Make one with "midwatch sql grants"`,
        );
      if (!told.standby && !told.reads_only)
        throw fail(
          `SQL_DATABASES must name a standby, or a role or server with default_transaction_read_only = on. As an administrator: alter role ${told.role} set default_transaction_read_only = on`,
        );
      return work(connection);
    }),
  );
}

/**
 * The declared tables as the database has them: what is not declared of them is hidden, and what PostgreSQL may make several columns of (composite
 * values, lists of them, text search vectors): names and places of columns would be others there than here. Tables that are not there are left out.
 */
export async function readTables(connection: Connection, declared: readonly DeclaredTable[]): Promise<SqlTable[]> {
  const rows = await connection.ask("columns", SQL_COLUMNS, sqlColumnsSchema, [
    declared.map(({ schema }) => schema),
    declared.map(({ name }) => name),
  ]);
  return rows.map(({ schema, table, columns, several }) => {
    const known = declared.find((one) => one.schema === schema && one.name === table);
    return {
      schema,
      name: table,
      columns: columns.map((name) => {
        const mask = known !== undefined && Object.hasOwn(known.masked, name) ? known.masked[name] : undefined;
        if (several.includes(name)) return { name, access: "hidden" };
        return { name, access: mask !== undefined ? { masked: mask } : known?.columns.includes(name) === true ? "read" : "hidden" };
      }),
    };
  });
}

const sqlState = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

/** Classes of SQLSTATE of which the statement is the cause: wrong names and types, data that does not fit, limits. */
const OWN_FAULT = /^(?:21|22|42(?!501)|54|0A|2F)/;

/** Of which the words quote what stood in a row or in the statement: `invalid input syntax for type integer: "Jo Doe"`. */
const QUOTES_DATA = /^2[12]/;
/** PostgreSQL's own words for what is wrong with data, without the data: it may have quotes of its own. */
const withoutData = (words: string): string => words.replace(/".*"/s, "…");

/** One statement by the extended protocol, in which a second one is an error. */
async function run(connection: Connection, database: string, text: string): Promise<{ rows: unknown[][]; width: number }> {
  connection.begins("the statement");
  try {
    const config: QueryArrayConfig & { queryMode: "extended" } = { text, rowMode: "array", queryMode: "extended" };
    const { rows, fields } = await connection.client.query<unknown[]>(config);
    return { rows, width: fields.length };
  } catch (error) {
    if (!OWN_FAULT.test(sqlState(error)) || !(error instanceof Error)) throw error;
    const words = QUOTES_DATA.test(sqlState(error)) ? withoutData(error.message) : error.message;
    throw new IntegrationError(
      "postgres",
      `PostgreSQL ${database} does not take the statement: ${words.replaceAll(/\s+/g, " ").slice(0, 300)}`,
    );
  }
}

/** Each value of a masked column as `[kind number]`, numbered as they come. */
function masking(columns: CheckedSql["columns"]): (row: readonly (string | null)[]) => (string | null)[] {
  const seen = new Map<string, Map<string, number>>();
  return (row) =>
    row.map((value, index) => {
      const mask = columns[index]?.mask ?? null;
      if (mask === null || value === null) return value;
      const known = seen.get(mask) ?? new Map<string, number>();
      seen.set(mask, known);
      const number = known.get(value) ?? known.size + 1;
      known.set(value, number);
      return `[${mask} ${number}]`;
    });
}

/**
 * Runs a checked statement: looks at the cost of its plan first, then reads at most {@link MOST_ROWS} rows of values cut to {@link LONGEST_VALUE}.
 * The server does the cutting, so that no more comes over the wire.
 * @throws IntegrationError for a plan that is too dear and for what the server does not take
 */
export async function runChecked(connection: Connection, database: string, { sql, columns }: CheckedSql): Promise<SqlRows> {
  const names = columns.map((_column, index) => `c${index + 1}`);
  const values = names.map((name) => `left(q.${name}::text, ${LONGEST_VALUE + 1})`);
  // A line of its own for the bracket: the statement may end in a comment.
  const text = `select ${values.join(", ")} from (\n${sql}\n) as q(${names.join(", ")}) limit ${MOST_ROWS + 1}`;
  const [explained] = planSchema.parse((await run(connection, database, `explain (format json) ${text}`)).rows);
  const cost = explained?.[0][0]?.Plan["Total Cost"] ?? Number.POSITIVE_INFINITY;
  if (cost > DEAREST)
    throw new IntegrationError(
      "postgres",
      `PostgreSQL ${database}: the plan costs ${Math.round(cost)}, at most ${DEAREST} is run. Narrow it: filter by an indexed column (see postgres_diagnostics, indexes), a shorter time, fewer joins.`,
    );
  // Masks go by places: what the check counted otherwise than PostgreSQL would move them.
  const { width } = await run(connection, database, `select * from (\n${sql}\n) as q limit 0`);
  if (width !== columns.length)
    throw new IntegrationError("postgres", `PostgreSQL ${database} sees other columns in the statement than the check. Name each column.`);
  const all = sqlRowsSchema.parse((await run(connection, database, text)).rows);
  const mask = masking(columns);
  const rows: (string | null)[][] = [];
  let room = LONGEST_RESULT;
  let cutValues = 0;
  for (const raw of all.slice(0, MOST_ROWS)) {
    const row = mask(raw).map((value) => {
      if (value === null || value.length <= LONGEST_VALUE) return value;
      cutValues++;
      return `${value.slice(0, LONGEST_VALUE).toWellFormed()}…`;
    });
    room -= row.reduce((sum, value) => sum + (value?.length ?? 4) + 4, 0);
    if (room < 0) break;
    rows.push(row);
  }
  const notes = [
    ...(rows.length < Math.min(all.length, MOST_ROWS) ? [`only the first ${rows.length} rows fit into ${LONGEST_RESULT} characters`] : []),
    ...(all.length > MOST_ROWS ? [`only the first ${MOST_ROWS} rows were read; aggregate, or narrow the WHERE`] : []),
    ...(cutValues > 0 ? [`${cutValues} ${cutValues === 1 ? "value was" : "values were"} cut at ${LONGEST_VALUE} characters`] : []),
  ];
  return { columns, rows, cut: notes.length === 0 ? null : notes.join("; ") };
}
