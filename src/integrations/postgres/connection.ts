import type { Client } from "pg";
import type { z } from "zod";
import { connectCall, refusalOf } from "../../guard/connecting.ts";
import { IntegrationError, TimedOutError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { OnCall } from "../../guard/outgoing.ts";
import { openGate, type Policy } from "../../guard/policy.ts";
import type { Traffic } from "../../guard/traffic.ts";
import { isSilence, serverLane } from "./server-lane.ts";

export interface SessionOptions {
  /** Longest time to open the connection, ms. */
  readonly connectTimeoutMs: number;
  /** Longest that a statement may run, ms; the server ends it. */
  readonly statementTimeoutMs: number;
  /** Longest wait for a lock, ms. */
  readonly lockTimeoutMs: number;
  readonly onCall?: OnCall | undefined;
  /** What all connections to a server share. Default: nothing holds them. */
  readonly traffic?: Traffic | undefined;
}

/** Which connection it is, for the gate, the audit and words to the operator. */
export interface Purpose {
  /** Names the setting that holds its URL, and what it is for. */
  readonly policy: Policy;
  /** One such session, for the audit. */
  readonly audited: string;
  /** What to grant where something is refused. */
  readonly grant: string;
}

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

function targetOf(name: string, text: string, { policy: { setting } }: Purpose): Target {
  if (!URL.canParse(text))
    throw new IntegrationError("postgres", `The URL of ${name} in ${setting} is none: write postgres://user:password@host:5432/database.`);
  const url = new URL(text);
  const searchPath = SEARCH_PATH.exec(url.searchParams.get("options") ?? "")?.[1] ?? null;
  for (const parameter of [...url.searchParams.keys()]) if (!KEPT.includes(parameter)) url.searchParams.delete(parameter);
  return { url: url.href, address: `${url.hostname}:${url.port === "" ? USUAL_PORT : url.port}`, searchPath };
}

/** The driver's stream, which connects to the target and nowhere else, whatever the driver made of the URL. */
function bindTo(address: string, stream: Connectable, { policy }: Purpose, onCall: OnCall | undefined): void {
  const gate = openGate(policy, `http://${address}`);
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
function inWords(
  error: unknown,
  database: string,
  what: string,
  options: SessionOptions,
  { policy: { setting }, grant }: Purpose,
): IntegrationError {
  if (error instanceof IntegrationError) return error;
  const code = property(error, "code");
  const fail = (words: string, retryable = false) => new IntegrationError("postgres", `PostgreSQL ${database}: ${words}`, { retryable });
  switch (code) {
    case "28P01":
      return fail(`wrong user or password. Put the right ones into ${setting}.`);
    case "28000":
      return fail(
        `the server refuses this login (${serverWords(error)}). Check the user and the sslmode in ${setting}, and the server's pg_hba.conf.`,
      );
    case "3D000":
      return fail(`the server has no database of the name in ${setting}.`);
    case "42501":
      return fail(
        `${what}: ${serverWords(error)}. Grant what is missing to the role of ${setting}: ${what === CONNECTION ? "grant connect on the database, then " : ""}${grant}.`,
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
      return fail(`nothing listens at the address in ${setting}.`, true);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail(`the host in ${setting} is not known here.`, true);
    case "ECONNRESET":
    case "EPIPE":
      return fail("the connection broke.", true);
    default: {
      const message = property(error, "message");
      if (/timeout expired|timed? ?out/i.test(message))
        return new TimedOutError("postgres", `${database}, ${what},`, options.connectTimeoutMs);
      if (/does not support SSL/i.test(message)) return fail(`the server has no TLS, and the sslmode in ${setting} asks for it.`);
      if (/certificate|self[- ]signed|SSL|TLS/i.test(message))
        return fail(
          `TLS failed (${code === "" ? serverWords(error) : code}). Name the authority's file with sslrootcert in ${setting}, or start with NODE_EXTRA_CA_CERTS.`,
        );
      // Another SQLSTATE comes from the server; words of the driver or the system may hold anything.
      if (/^[0-9A-Z]{5}$/.test(code)) return fail(`${what}: ${code}, ${serverWords(error)}.`);
      return fail(`${what} failed (${code === "" ? "the connection ended" : code.slice(0, 40)}).`, true);
    }
  }
}

/** An open connection. */
export interface Connection {
  readonly client: Client;
  /** Search path that the operator wrote into the URL. */
  readonly searchPath: string | null;
  /** Says what is under way from here on, for words about its failure. */
  begins(what: string): void;
  /** Runs one query of ours. @param what is under way, for words about its failure */
  ask<R>(what: string, query: string, schema: z.ZodType<R>, values?: readonly unknown[]): Promise<R[]>;
  /** Runs what follows as one read-only transaction, which is rolled back. */
  readOnly<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Opens a connection, does some reading over it and closes it, however that ends.
 * @param settings of the session, which the URL cannot undo: `name=value`
 * @throws NotAnsweringError while the server is left alone after an outage, and then nothing was sent
 * @throws IntegrationError, TimedOutError, UnexpectedAnswerError, or the signal's reason
 */
export async function withConnection<T>(
  database: string,
  url: string,
  about: {
    readonly options: SessionOptions;
    readonly settings: readonly string[];
    readonly purpose: Purpose;
    /** The URL may name the search path. */
    readonly keepsPath: boolean;
  },
  signal: AbortSignal,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { options, purpose } = about;
  const target = targetOf(database, url, purpose);
  const searchPath = about.keepsPath ? target.searchPath : null;
  const limits = [
    `statement_timeout=${options.statementTimeoutMs}`,
    `lock_timeout=${options.lockTimeoutMs}`,
    `idle_in_transaction_session_timeout=${options.statementTimeoutMs * 2}`,
    ...about.settings,
    ...(searchPath === null ? [] : [`search_path=${searchPath}`]),
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
      options: limits.map((limit) => `-c ${limit}`).join(" "),
    });
  } catch (error) {
    throw inWords(error, database, CONNECTION, options, purpose);
  }
  const lane = serverLane(options.traffic, target.address, database);
  const held = lane?.enter(1) ?? null;
  if (held !== null) throw held.error;
  const stream = client.connection.stream as unknown as Connectable;
  bindTo(target.address, stream, purpose, options.onCall);
  const startedAt = Date.now();
  const begun = new Set<string>();
  let outcome: "answered" | "failed" | "cut off" = "failed";
  let isReported = false;
  let isAlive = true;
  const report = () => {
    if (isReported) return;
    isReported = true;
    const call = connectCall({
      vendor: "postgres",
      url: target.address,
      outcome,
      purpose: `${purpose.audited} of ${database}: ${[...begun].join(", ") || CONNECTION}`,
      bytesOut: stream.bytesWritten ?? 0,
      bytesIn: stream.bytesRead ?? 0,
      tookMs: Date.now() - startedAt,
      ...(lane === undefined ? {} : { seen: { lane: lane.name, ...(outcome === "failed" && isAlive ? { alive: true } : {}) } }),
    });
    lane?.heard(call);
    options.onCall?.(call);
  };
  // What happens to the connection between two queries shows in the next one.
  client.on("error", () => undefined);
  const stop = () => {
    // Now and not once the server has let go: the process may be ending.
    outcome = "cut off";
    report();
    void client.end().catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  let doing = CONNECTION;
  const begins = (what: string) => {
    doing = what;
    begun.add(what);
  };
  try {
    await client.connect();
    const done = await work({
      client,
      searchPath,
      begins,
      async ask(what, query, schema, values = []) {
        begins(what);
        const { rows } = await client.query<Record<string, unknown>>(query, [...values]);
        const parsed = schema.array().safeParse(rows);
        if (parsed.success) return parsed.data;
        const [issue] = parsed.error.issues;
        throw new UnexpectedAnswerError(
          "postgres",
          `${database}, ${what}`,
          `${issue?.path.join(".") ?? "a row"}: ${issue?.message ?? "of another shape"}`,
        );
      },
      async readOnly(inside) {
        await client.query("begin read only");
        try {
          return await inside();
        } finally {
          await client.query("rollback").catch(() => undefined);
        }
      },
    });
    outcome = "answered";
    return done;
  } catch (error) {
    signal.throwIfAborted();
    isAlive = !isSilence(error);
    throw inWords(error, database, doing, options, purpose);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
    report();
  }
}
