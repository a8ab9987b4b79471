import { type Fetch, type OnCall, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { errorReportPolicy } from "./policy.ts";

/** What a report needs of Sentry's package for a host: `./sdk-node.ts` or `./sdk-worker.ts`. */
export type SentrySdk = typeof import("./sdk-worker.ts") | typeof import("./sdk-node.ts");

export interface ErrorReporterOptions {
  /** Called with the first error, so that the package costs neither the start nor a quiet process. */
  readonly loadSdk: () => Promise<SentrySdk>;
  /** Where midwatch's own errors go. Without it nothing is sent, and the SDK is not even loaded. */
  readonly dsn?: string | undefined;
  readonly release?: string | undefined;
  readonly environment?: string | undefined;
  /** Replaces what must not leave in any text that is sent. It runs before `withoutCommonSecrets`, on the whole text. */
  readonly redact?: ((text: string) => string) | undefined;
  readonly fetch: Fetch;
  readonly onCall?: OnCall | undefined;
  /** Called, with words for the operator, when a report could not be made. */
  readonly onProblem?: ((problem: string) => void) | undefined;
}

export interface ErrorReporter {
  /** Returns at once and never throws. @param context short facts, for example `{ incident: "P1" }`; they become tags */
  report(thrown: unknown, context?: Readonly<Record<string, string>>): void;
  /** Waits until all reports are sent, at most two seconds. */
  flush(): Promise<void>;
}

const FLUSH_MS = 2_000;
/** No report needs more, and to look for addresses takes a time that grows with the square of the length. */
const LONGEST_TEXT = 4_000;

/** URLs' query strings and credentials, bearer tokens and e-mail addresses: what error messages carry by accident. */
export function withoutCommonSecrets(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1<credentials>@")
    .replaceAll(/(\bhttps?:\/\/[^\s?#"'<>]+)\?[^\s"'<>]*/gi, "$1?<query>")
    .replaceAll(/\b(bearer|basic|token)\s+[\w.~+/=-]{8,}/gi, "$1 <credential>")
    .replaceAll(/[\w.%+-]+@[\w-]+(?:\.[\w-]+)+/g, "<email>");
}

/** Paths of this machine say who runs it; the part from the package or the source folder on is enough, elsewhere the file's name. */
function shortPath(path: string): string {
  const known = /\/((?:src|node_modules)\/.*)$/.exec(path)?.[1];
  return known ?? (path.startsWith("node:") ? path : path.replace(/^.*[\\/]/, ""));
}

function checkDsn(dsn: string): void {
  const url = URL.canParse(dsn) ? new URL(dsn) : null;
  if (url === null || url.username === "" || !/\/\d+$/.test(url.pathname)) {
    throw new Error(
      "SENTRY_DSN is not a DSN. It looks like https://<key>@<host>/<project number>; copy it from the project's Client Keys.",
    );
  }
}

/** What Sentry's address of a DSN begins with: its host, and the folder that a Sentry of your own may lie in. */
const reportsGoTo = (dsn: string): string => {
  const url = new URL(dsn);
  return url.origin + url.pathname.replace(/\/\d+$/, "");
};

/**
 * Sends midwatch's own errors to Sentry, and nothing else: all data collection is off, no breadcrumbs, no global handlers, a client of its
 * own.
 * @throws Error when `dsn` is none
 */
export async function createErrorReporter(options: ErrorReporterOptions): Promise<ErrorReporter> {
  const { dsn, onProblem } = options;
  if (dsn === undefined || dsn === "") return { report: () => undefined, flush: () => Promise.resolve() };
  checkDsn(dsn);
  const redact = (text: string) => {
    const own = (options.redact ?? ((same: string) => same))(text);
    return own.length <= LONGEST_TEXT ? withoutCommonSecrets(own) : `${withoutCommonSecrets(own.slice(0, LONGEST_TEXT))}…`;
  };
  const send = outgoingFetch({
    vendor: "sentry",
    fetch: options.fetch,
    gate: openGate(errorReportPolicy, reportsGoTo(dsn)),
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
    retries: 0,
    // Sentry's own transport reads the 429 and holds back by itself.
    rateLimited: () => false,
    timeoutMs: FLUSH_MS,
  });

  const load = async () => {
    const { Client, createTransport, dedupeIntegration, linkedErrorsIntegration, Scope, stackParser } = await options.loadSdk();
    const client = new Client({
      dsn,
      platform: "node",
      ...(options.release === undefined ? {} : { release: options.release }),
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      tracesSampleRate: 0,
      traceLifecycle: "static",
      maxBreadcrumbs: 0,
      sendClientReports: false,
      integrations: [linkedErrorsIntegration(), dedupeIntegration()],
      stackParser,
      transport: (transport) =>
        createTransport(transport, async ({ body }) => {
          const bytes = typeof body === "string" ? body : new Blob([new Uint8Array(body)]);
          const response = await send(transport.url, {
            method: "POST",
            body: bytes,
            headers: { "content-type": "application/x-sentry-envelope" },
          });
          const { status, headers } = response;
          return {
            statusCode: status,
            headers: { "x-sentry-rate-limits": headers.get("x-sentry-rate-limits"), "retry-after": headers.get("retry-after") },
          };
        }),
      dataCollection: {
        userInfo: false,
        cookies: false,
        httpHeaders: false,
        httpBodies: [],
        urlQueryParams: false,
        graphQL: { document: false, variables: false },
        genAI: { inputs: false, outputs: false },
        mcp: { inputs: false, outputs: false },
        databaseQueryData: false,
        queues: false,
        stackFrameVariables: false,
        frameContextLines: 0,
      },
      beforeBreadcrumb: () => null,
      beforeSend: (event) => {
        for (const exception of event.exception?.values ?? []) {
          exception.value = redact(exception.value ?? "");
          for (const frame of exception.stacktrace?.frames ?? []) {
            if (frame.filename !== undefined) frame.filename = shortPath(frame.filename);
            delete frame.abs_path;
            delete frame.vars;
          }
        }
        if (event.message !== undefined) event.message = redact(event.message);
        event.tags = Object.fromEntries(Object.entries(event.tags ?? {}).map(([key, value]) => [key, redact(String(value))]));
        for (const key of ["server_name", "user", "request", "breadcrumbs", "extra", "modules"] as const) delete event[key];
        return event;
      },
    });
    client.init();
    const scope = new Scope();
    scope.setClient(client);
    return { client, scope };
  };

  let loading: ReturnType<typeof load> | null = null;
  const pending = new Set<Promise<void>>();
  const told = (cause: unknown) =>
    onProblem?.(`an error could not be reported to Sentry (${cause instanceof Error ? cause.name : "no reason given"})`);
  async function capture(thrown: unknown, context: Readonly<Record<string, string>>): Promise<void> {
    try {
      const { scope } = await (loading ??= load());
      scope.captureException(thrown, { captureContext: { tags: { ...context } } });
    } catch (cause) {
      loading = null;
      told(cause);
    }
  }
  return {
    report(thrown, context = {}) {
      const capturing = capture(thrown, context);
      pending.add(capturing);
      void capturing.finally(() => pending.delete(capturing));
    },
    async flush() {
      await Promise.all(pending);
      if (loading === null) return;
      const { client } = await loading;
      if (!(await client.flush(FLUSH_MS))) told(new Error("not sent in time"));
    },
  };
}
