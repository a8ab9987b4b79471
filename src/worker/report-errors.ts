import { IntegrationError } from "../guard/errors.ts";
import type { Fetch, OnCall } from "../guard/outgoing.ts";
import { createErrorReporter } from "../integrations/sentry/report-errors.ts";

export interface ErrorReportOptions {
  /** SENTRY_DSN. Without it errors are in the Worker's log alone. */
  readonly dsn: string | undefined;
  readonly redact: (text: string) => string;
  readonly fetch: Fetch;
  readonly onCall?: OnCall;
  /** The platform ends what it does not know of when a request is answered. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly now?: () => number;
}

/** Sentry's client for Node holds back by itself. Here each report has a client of its own, for what one request began no other may wait for. */
const MOST_A_MINUTE = 20;
const MINUTE_MS = 60_000;

/** Errors go to the Worker's log, the only place to tell an operator something here; those of midwatch's own also to where SENTRY_DSN says. */
export function errorReports({ dsn, redact, fetch, onCall, waitUntil, now = Date.now }: ErrorReportOptions) {
  // oxlint-disable-next-line no-console
  const log = (where: string, text: string) => console.error(where, redact(text));
  let [since, sent] = [0, 0];

  async function send(error: unknown, where: string): Promise<void> {
    try {
      const reporter = await createErrorReporter({
        ...{ dsn, redact, fetch, onCall },
        loadSdk: () => import("../integrations/sentry/sdk-worker.ts"),
        onProblem: (problem) => log("SENTRY_DSN", problem),
      });
      reporter.report(error, { where });
      await reporter.flush();
    } catch (problem) {
      log("SENTRY_DSN", String(problem));
    }
  }

  return (error: unknown, where: string): void => {
    log(where, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    // What a vendor did is on the incident's timeline; what we did wrong is for us.
    if (dsn === undefined || error instanceof IntegrationError) return;
    if (now() - since >= MINUTE_MS) [since, sent] = [now(), 0];
    if (sent++ < MOST_A_MINUTE) waitUntil(send(error, where));
  };
}
