import type { z } from "zod";
import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Purpose, type SessionOptions, withConnection } from "./connection.ts";
import { postgresPolicy } from "./policy.ts";
import { ABOUT } from "./queries.ts";
import { type About, aboutSchema } from "./schema.ts";

const SETUP = "docs/setup.md#postgresql";
const PURPOSE: Purpose = { policy: postgresPolicy, audited: "read-only session", grant: `grant pg_monitor (${SETUP})` };

/** One connection, all of it read only. */
export interface Session {
  readonly about: About;
  /** Quoted name of the view of statements, or null where the extension is not there. */
  readonly statementsView: string | null;
  /** Runs fixed queries as one read-only transaction. */
  read<T>(
    work: (rows: <R>(what: string, query: string, schema: z.ZodType<R>, values?: readonly unknown[]) => Promise<R[]>) => Promise<T>,
  ): Promise<T>;
}

/**
 * Opens a connection for fixed questions, does some reading over it and closes it, however that ends.
 * @throws IntegrationError, TimedOutError, UnexpectedAnswerError, or the signal's reason
 */
export function withSession<T>(
  database: string,
  url: string,
  options: SessionOptions,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const about = { options, settings: ["default_transaction_read_only=on"], purpose: PURPOSE, keepsPath: true };
  return withConnection(database, url, about, signal, async ({ client, searchPath, ask, readOnly }) => {
    const read: Session["read"] = (inside) => readOnly(() => inside(ask));
    const [told] = await read((rows) => rows("what may be read", ABOUT, aboutSchema));
    if (told === undefined) throw new UnexpectedAnswerError("postgres", database, "no row");
    const first = told.path.find((schema) => !/^pg_(toast_)?temp/.test(schema));
    if (searchPath === null && first !== "pg_catalog") {
      throw new IntegrationError(
        "postgres",
        `PostgreSQL ${database}: the search_path of role ${told.role} puts ${first ?? "nothing"} before pg_catalog, so views of the same names could pose for the system's own. alter role ${told.role} set search_path = pg_catalog, public; or name the path in DATABASES (${SETUP}).`,
      );
    }
    if (!told.reads_all) {
      throw new IntegrationError(
        "postgres",
        `PostgreSQL ${database}: role ${told.role} may not read other sessions and statements. As an administrator: grant pg_monitor to ${told.role}; (${SETUP}).`,
      );
    }
    // The operator's own path is taken at its word; else the view is that of the extension, wherever that lives.
    const statementsView =
      searchPath !== null && told.statements_on_path
        ? "pg_stat_statements"
        : told.statements_schema === null
          ? null
          : `${client.escapeIdentifier(told.statements_schema)}.pg_stat_statements`;
    return work({ about: told, statementsView, read });
  });
}
