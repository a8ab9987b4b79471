import type { Client } from "pg";
import type { z } from "zod";
import { refusalOf } from "../../guard/connecting.ts";
import { IntegrationError, TimedOutError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { OnCall } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { postgresPolicy } from "./policy.ts";
import { ABOUT } from "./queries.ts";
import { type About, aboutSchema } from "./schema.ts";

export interface SessionOptions {
  /** Longest that the connection may take to stand, ms. */
  readonly connectTimeoutMs: number;
  /** Longest that a statement may run, ms; the server ends it. */
  readonly statementTimeoutMs: number;
  /** Longest wait for a lock, ms. */
  readonly lockTimeoutMs: number;
  readonly onCall?: OnCall | undefined;
}

const SETUP = "docs/setup.md#postgresql";
const USUAL_PORT = "5432";
/** What is under way until the first question. */
const CONNECTION = "the connection";

/** Parameters of the URL that reach the driver; all others could undo what is set here. */
const KEPT = ["sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation", "uselibpqcompat"];
/** A search path that the operator wrote into the URL: `options=-c search_path=a,b`. */
const SEARCH_PATH = /(?:^|\s)(?:-c\s*|--)search_path=([\w$",]{1,200})(?:\s|$)/;

interface Target {
  readonly url: string;
  /** Host and port, the only ones that may be connected to. */
  readonly address: string;
  readonly searchPath: string | null;
}

function targetOf(name: string, text: string): Target {
  if (!URL.canParse(text))
    throw new IntegrationError("postgres", `The URL of ${name} in DATABASES is none: write postgres://user:password@host:5432/database.`);
  const url = new URL(text);
  const searchPath = SEARCH_PATH.exec(url.searchParams.get("options") ?? "")?.[1] ?? null;
  for (const parameter of [...url.searchParams.keys()]) if (!KEPT.includes(parameter)) url.searchParams.delete(parameter);
  return { url: url.href, address: `${url.hostname}:${url.port === "" ? USUAL_PORT : url.port}`, searchPath };
}

/** The driver's stream, which connects to the target and nowhere else, whatever the driver made of the URL. */
function bindTo(address: string, stream: Connectable, onCall: OnCall | undefined): void {
  const gate = openGate(postgresPolicy, `http://${address}`);
  const connect = stream.connect.bind(stream);
  stream.connect = (port, host) => {
    const refused = refusalOf({ vendor: "postgres", gate, onCall }, host ?? "", port);
    return refused === null ? connect(port, host) : stream.destroy(refused);
  };
}

/** What is in common of a socket of Node's and one of Workers. */
interface Connectable {
  connect(port: number | string, host?: string): unknown;
  destroy(error: Error): unknown;
  readonly bytesWritten?: number;
  readonly bytesRead?: number;
}

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

const property = (error: unknown, key: string): string => {
  const value = typeof error === "object" && error !== null && key in error ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === "string" ? value : "";
};

/** The server's own words, one line; its messages name roles and tables, never a password. */
const serverWords = (error: unknown): string => property(error, "message").replaceAll(/\s+/g, " ").slice(0, 200) || "no reason given";

/**
 * What went wrong, in words for people, by the SQLSTATE or the system's code. The driver's own error is not kept as a cause: it may hold the
 * connection's settings.
 */
function inWords(error: unknown, database: string, what: string, options: SessionOptions): IntegrationError {
  if (error instanceof IntegrationError) return error;
  const code = property(error, "code");
  const fail = (words: string, retryable = false) => new IntegrationError("postgres", `PostgreSQL ${database}: ${words}`, { retryable });
  switch (code) {
    case "28P01":
      return fail("wrong user or password. Put the right ones into DATABASES.");
    case "28000":
      return fail(
        `the server refuses this login (${serverWords(error)}). Check the user and the sslmode in DATABASES, and the server's pg_hba.conf.`,
      );
    case "3D000":
      return fail("the server has no database of the name in DATABASES.");
    case "42501":
      return fail(
        `${what}: ${serverWords(error)}. Grant what is missing to the role of DATABASES: ${what === CONNECTION ? "grant connect on the database, then " : ""}grant pg_monitor (${SETUP}).`,
      );
    case "53300":
      return fail("no connection is left, not even for midwatch (too many clients). The server's connections are used up.", true);
    case "57P03":
      return fail(`the server takes no connections now (${serverWords(error)}).`, true);
    case "57014":
      return fail(`${what} took longer than the statement timeout of ${options.statementTimeoutMs} ms and was ended.`, true);
    case "55P03":
      return fail(`${what} waited longer than ${options.lockTimeoutMs} ms for a lock and was ended.`, true);
    case "42703":
      return fail(
        `${what}: ${serverWords(error)}. midwatch reads PostgreSQL 14 or later; where pg_stat_statements is older than its server: alter extension pg_stat_statements update.`,
      );
    case "ECONNREFUSED":
      return fail("nothing listens at the address in DATABASES.", true);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail("the host in DATABASES is not known here.", true);
    case "ECONNRESET":
    case "EPIPE":
      return fail("the connection broke.", true);
    default: {
      const message = property(error, "message");
      if (/timeout expired|timed? ?out/i.test(message))
        return new TimedOutError("postgres", `${database}, ${what},`, options.connectTimeoutMs);
      if (/does not support SSL/i.test(message)) return fail("the server has no TLS, and the sslmode in DATABASES asks for it.");
      if (/certificate|self[- ]signed|SSL|TLS/i.test(message))
        return fail(
          `TLS failed (${code === "" ? serverWords(error) : code}). Name the authority's file with sslrootcert in DATABASES, or start with NODE_EXTRA_CA_CERTS.`,
        );
      // Another SQLSTATE comes from the server; words of the driver or the system may hold anything.
      if (/^[0-9A-Z]{5}$/.test(code)) return fail(`${what}: ${code}, ${serverWords(error)}.`);
      return fail(`${what} failed (${code === "" ? "the connection ended" : code.slice(0, 40)}).`, true);
    }
  }
}

/**
 * Opens a connection, does some reading over it and closes it, however that ends.
 * @throws IntegrationError, TimedOutError, UnexpectedAnswerError, or the signal's reason
 */
export async function withSession<T>(
  database: string,
  url: string,
  options: SessionOptions,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const target = targetOf(database, url);
  const limits = [
    "-c default_transaction_read_only=on",
    `-c statement_timeout=${options.statementTimeoutMs}`,
    `-c lock_timeout=${options.lockTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=${options.statementTimeoutMs * 2}`,
    ...(target.searchPath === null ? [] : [`-c search_path=${target.searchPath}`]),
  ];
  // Loaded with the first question: starts without a database, and Workers, stay light.
  const { default: pg } = await import("pg");
  let client: Client;
  try {
    client = new pg.Client({
      connectionString: target.url,
      application_name: "midwatch",
      connectionTimeoutMillis: options.connectTimeoutMs,
      // The server's own timeout comes first; this one is for a server that says nothing any more.
      query_timeout: options.statementTimeoutMs + 2_000,
      options: limits.join(" "),
    });
  } catch (error) {
    throw inWords(error, database, CONNECTION, options);
  }
  const stream = client.connection.stream as unknown as Connectable;
  bindTo(target.address, stream, options.onCall);
  const startedAt = Date.now();
  const asked = new Set<string>();
  let outcome: "answered" | "failed" = "failed";
  const report = () =>
    options.onCall?.({
      vendor: "postgres",
      method: "CONNECT",
      url: target.address,
      outcome,
      effect: "read",
      purpose: `read-only session of ${database}: ${[...asked].join(", ") || CONNECTION}`,
      status: null,
      bytesOut: stream.bytesWritten ?? 0,
      bytesIn: stream.bytesRead ?? 0,
      tookMs: Date.now() - startedAt,
      attempt: 1,
    });
  // What happens to the connection between two queries is told by the next one.
  client.on("error", () => undefined);
  const stop = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  let doing = CONNECTION;
  const ask = async <R>(what: string, query: string, schema: z.ZodType<R>, values: readonly unknown[] = []): Promise<R[]> => {
    doing = what;
    asked.add(what);
    const { rows } = await client.query<Record<string, unknown>>(query, [...values]);
    const parsed = schema.array().safeParse(rows);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new UnexpectedAnswerError(
      "postgres",
      `${database}, ${what}`,
      `${issue?.path.join(".") ?? "a row"}: ${issue?.message ?? "of another shape"}`,
    );
  };
  try {
    await client.connect();
    const read: Session["read"] = async (inside) => {
      await client.query("begin read only");
      try {
        return await inside(ask);
      } finally {
        await client.query("rollback").catch(() => undefined);
      }
    };
    const [about] = await read((rows) => rows("what may be read", ABOUT, aboutSchema));
    if (about === undefined) throw new UnexpectedAnswerError("postgres", database, "no row");
    const first = about.path.find((schema) => !/^pg_(toast_)?temp/.test(schema));
    if (target.searchPath === null && first !== "pg_catalog") {
      throw new IntegrationError(
        "postgres",
        `PostgreSQL ${database}: the search_path of role ${about.role} puts ${first ?? "nothing"} before pg_catalog, so views of the same names could pose for the system's own. alter role ${about.role} set search_path = pg_catalog, public; or name the path in DATABASES (${SETUP}).`,
      );
    }
    if (!about.reads_all) {
      throw new IntegrationError(
        "postgres",
        `PostgreSQL ${database}: role ${about.role} may not read other sessions and statements. As an administrator: grant pg_monitor to ${about.role}; (${SETUP}).`,
      );
    }
    // The operator's own path is taken at its word; else the view is that of the extension, wherever that lives.
    const statementsView =
      target.searchPath !== null && about.statements_on_path
        ? "pg_stat_statements"
        : about.statements_schema === null
          ? null
          : `${client.escapeIdentifier(about.statements_schema)}.pg_stat_statements`;
    const done = await work({ about, statementsView, read });
    outcome = "answered";
    return done;
  } catch (error) {
    signal.throwIfAborted();
    throw inWords(error, database, doing, options);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
    report();
  }
}
