import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { anySchema, credentialsSchema, eventSchema, issuesSchema } from "./schema.ts";
import { type SentryEvent, toSentryEvent } from "./to-event.ts";
import { type SentryIssue, toErrorIssue } from "./to-issue.ts";
import { createTransport, type Read, type Received, reads, type Transport, type TransportOptions } from "./transport.ts";

/** `baseUrl`: https://us.sentry.io, https://de.sentry.io, or a self-hosted server. `org`: slug of the organisation. */
export type SentryOptions = TransportOptions;

/** What the token can read; for `doctor`. */
export interface TokenCheck {
  readonly source: string;
  readonly what: string;
  readonly permission: string;
  readonly ok: boolean;
  /** What is wrong and what to do, in words for people; null when it works. */
  readonly problem: string | null;
}

const SOURCE = "Sentry";
/** Most items that Sentry gives in one answer. */
const PAGE_SIZE = 100;
/** Most pages of one call, whatever is asked for. */
const PAGES = 10;

const isoOf = (at: number) => new Date(at).toISOString();
const count = (n: number) => n.toLocaleString("en-US");

/** Follows the cursor until `limit` items are there. */
async function all<T>(
  limit: number,
  ask: (size: number, cursor: Record<string, string>) => Promise<Received<readonly T[]>>,
): Promise<{ items: readonly T[]; raw: string; more: boolean }> {
  const items: T[] = [];
  const texts: string[] = [];
  let cursor: string | null = null;
  do {
    const received: Received<readonly T[]> = await ask(Math.min(PAGE_SIZE, limit - items.length), cursor === null ? {} : { cursor });
    items.push(...received.value);
    texts.push(received.text);
    cursor = received.value.length === 0 ? null : received.cursor;
  } while (cursor !== null && items.length < limit && texts.length < PAGES);
  return { items: items.slice(0, limit), raw: texts.join("\n"), more: cursor !== null || items.length > limit };
}

const cutOf = (shown: number, more: boolean, words: string) => (more ? `the first ${count(shown)} ${words}` : null);

/**
 * Sentry's issues and events, read only. (midwatch's own errors are sent by `report-errors.ts`, which shares nothing with
 * this.) Functions take their arguments and a signal; they throw ForbiddenError (it names the missing scope), RateLimitedError, TimedOutError,
 * UnexpectedAnswerError, another IntegrationError, or the signal's reason.
 */
export function createSentryClient(options: SentryOptions) {
  const transport = createTransport(options);
  const link = pageLinks(options);
  return { ...issueCalls(transport, link), ...keyCalls(transport, options.now ?? Date.now) };
}

/** Opens a page of the organisation in Sentry's own pages; null where there is none. */
type Link = (path: string, parameters?: Record<string, string>) => string | null;

function pageLinks({ baseUrl, org }: SentryOptions): Link {
  const { host, protocol } = new URL(baseUrl);
  // A region's host answers no web pages of its own. Plain http is a proxy or replay, to which nobody should be sent.
  if (protocol !== "https:") return () => null;
  const web = /(^|\.)sentry\.io$/.test(host) ? `https://${org}.sentry.io` : `https://${host}/organizations/${org}`;
  return (path, parameters) => `${web}${path}${parameters === undefined ? "" : `?${new URLSearchParams(parameters).toString()}`}`;
}

function issueCalls({ get }: Transport, link: Link) {
  return {
    /** Issues with events in the window that match a query of Sentry's search (`is:unresolved release:x`). At most 1,000. */
    async listIssues(
      args: {
        query: string;
        window: TimeWindow;
        sort: "date" | "freq" | "new" | "user" | "trends";
        limit: number;
        /** Slugs; default: all projects that the token may read. */
        projects?: readonly string[] | undefined;
      },
      signal: AbortSignal,
    ): Promise<Answer<readonly SentryIssue[]>> {
      const { window, sort } = args;
      const scope = (args.projects ?? []).length === 0 ? "" : `project:[${(args.projects ?? []).join(",")}]`;
      const query = [scope, args.query].filter((part) => part !== "").join(" ");
      const times = { start: isoOf(window.from), end: isoOf(window.to) };
      const { items, raw, more } = await all(args.limit, (limit, cursor) =>
        get(reads.issues, "issues/", { query, ...times, sort, limit: String(limit), ...cursor }, issuesSchema, signal),
      );
      return answerOf(SOURCE, {
        query,
        window,
        link: link("/issues/", { query, ...times, sort }),
        value: items.map(toErrorIssue).filter((issue) => issue !== null),
        raw,
        cut: cutOf(items.length, more, `issues by ${sort}`),
      });
    },

    /**
     * What was thrown last, and where in the customer's own code. `raw` holds the fields that are kept and not the whole event: events carry
     * requests, users and variables of the customer's systems.
     */
    async latestEvent(args: { issueId: string }, signal: AbortSignal): Promise<Answer<SentryEvent>> {
      const path = `issues/${encodeURIComponent(args.issueId)}/events/latest/`;
      const { value } = await get(reads.event, path, {}, eventSchema, signal);
      const event = toSentryEvent(value);
      return answerOf(SOURCE, {
        query: `latest event of issue ${args.issueId}`,
        link: link(`/issues/${encodeURIComponent(args.issueId)}/`),
        value: event,
        raw: JSON.stringify(event),
      });
    },
  };
}

function keyCalls({ get, root }: Transport, now: () => number) {
  return {
    /** For `doctor`: what the token can read, one line each, with what to do. Throws only when aborted. */
    async validate(_args: Record<never, never>, signal: AbortSignal): Promise<readonly TokenCheck[]> {
      const window = { start: isoOf(now() - 3_600_000), end: isoOf(now()) };
      const check = async (read: Read, path: string, parameters: Record<string, string>): Promise<TokenCheck> => {
        const base = { source: SOURCE, what: read.what, permission: read.scope };
        try {
          await get(read, path, parameters, anySchema, signal);
          return { ...base, ok: true, problem: null };
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof IntegrationError)) throw error;
          return { ...base, ok: false, problem: error.message };
        }
      };
      return Promise.all([
        check(reads.organisation, "projects/", {}),
        check(reads.issues, "issues/", { query: "is:unresolved", ...window, limit: "1" }),
        check(reads.releases, "releases/", { per_page: "1" }),
      ]);
    },

    /**
     * For `doctor`: scopes of the token that midwatch has no use for; null where Sentry does not tell any.
     * Source: docs.sentry.io/api, "Retrieve the Current Credentials". @throws IntegrationError when Sentry cannot be asked
     */
    async tokenRights(signal: AbortSignal): Promise<{ readonly writes: readonly string[]; readonly reads: readonly string[] } | null> {
      let scopes: readonly string[] | null;
      try {
        scopes = (await root(reads.token, credentialsSchema, signal)).value.auth?.scopes ?? null;
      } catch (error) {
        // Servers of before, and regions that answer for their organisations alone.
        if (error instanceof IntegrationError && (error.status === 403 || error.status === 404)) return null;
        throw error;
      }
      if (scopes === null) return null;
      const needed: ReadonlySet<string> = new Set(Object.values(reads).map(({ scope }) => scope));
      const more = scopes.filter((scope) => !needed.has(scope));
      return { writes: more.filter((scope) => !scope.endsWith(":read")), reads: more.filter((scope) => scope.endsWith(":read")) };
    },
  };
}

export type SentryClient = ReturnType<typeof createSentryClient>;
