import type { Logger, LogLevel, WebClientOptions } from "@slack/web-api";
import { IntegrationError, RateLimitedError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Caller, type Fetch, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { refusalOf } from "./errors.ts";
import { slackFilePolicy, slackPolicy } from "./policy.ts";
import { refusedSchema } from "./schema.ts";

export interface SlackConnection extends Caller {
  /** `https://slack.com/api`, or where replay listens, with its `/api`. */
  readonly baseUrl: string;
  readonly token: string;
}

type Library = typeof import("@slack/web-api");

/** Slack's answer to a call that went well. */
export interface Told {
  readonly data: unknown;
  readonly raw: string;
  /** Scopes of the token, which Slack names with each answer; null where it does not. */
  readonly scopes: readonly string[] | null;
}

/** A method's name with its arguments; `channel` among them is named in errors. */
export type Call = (method: string, parameters: Readonly<Record<string, unknown>>, signal?: AbortSignal) => Promise<Told>;

/** The library's log would hold texts of messages; what goes wrong reaches people as an error. */
export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => "error" as LogLevel,
  setName: () => undefined,
};

/** Slack's way out of midwatch. */
export function slackFetch(connection: Omit<SlackConnection, "token">): Fetch {
  return outgoingFetch({
    ...callerOf(connection),
    vendor: "slack",
    gate: openGate(slackPolicy, connection.baseUrl),
  });
}

/** The way for bytes: Slack names an address for each file, which must be one of its own, or of SLACK_API_URL's host. */
export const slackFileFetch = (connection: Omit<SlackConnection, "token">): Fetch =>
  outgoingFetch({
    ...callerOf(connection),
    vendor: "slack",
    gate: openGate(slackFilePolicy, connection.baseUrl.replace(/\/api\/*$/, "")),
  });

/** For every WebClient of midwatch's, Bolt's too: no retries, waits or log of its own. */
export const webClientOptions = (baseUrl: string, send: Fetch): WebClientOptions => ({
  slackApiUrl: `${baseUrl.replace(/\/+$/, "")}/`,
  // The library calls its fetch as a method of itself and with `redirect: "error"`. workerd refuses both; `outgoingFetch` fixes both.
  fetch: (url, init) => send(url, init),
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  // A method's name never becomes an address of its own.
  allowAbsoluteUrls: false,
  logger: quietLogger,
});

/**
 * Calls of the Web API through `@slack/web-api`, loaded with the first one. Timeout, retry and audit are `outgoingFetch`'s.
 * @throws IntegrationError or one of its kinds, with words for people; the signal's reason when aborted
 */
export function connect(connection: SlackConnection): { call: Call; warm(): Promise<void> } {
  let loading: Promise<Library> | undefined;
  const load = () => (loading ??= import("@slack/web-api"));
  const send = slackFetch(connection);
  return {
    warm: async () => void (await load()),
    call: async (method, parameters, signal) => {
      const library = await load();
      let raw = "";
      // One client per call: the library knows no abort signals, so each call brings its own fetch. Making one takes a tenth of a millisecond.
      const web = new library.WebClient(
        connection.token,
        webClientOptions(connection.baseUrl, async (url, init) => {
          const response = await send(url, signal === undefined ? init : { ...init, signal });
          raw = await response.clone().text();
          return response;
        }),
      );
      try {
        const data = await web.apiCall(method, { ...parameters });
        return { data, raw, scopes: data.response_metadata?.scopes ?? null };
      } catch (error) {
        throw translated(error, method, parameters["channel"], library);
      }
    },
  };
}

/** How long Slack's limits last where it does not say: they are per minute. */
const UNNAMED_WAIT_MS = 30_000;

/** A failure of the library in our own errors, written for people. */
export function translated(error: unknown, method: string, channel: unknown, library: Library): unknown {
  if (error instanceof library.WebAPIPlatformError) {
    const refused = refusedSchema.safeParse(error.data);
    // The library puts a body that is no JSON in the place of the error's name.
    if (!refused.success) return new UnexpectedAnswerError("slack", method, "it is not JSON, or names no error");
    if (refused.data.error === "ratelimited" || refused.data.error === "rate_limited") {
      const { retryAfter } = error.data.response_metadata ?? {};
      return new RateLimitedError("slack", retryAfter === undefined ? UNNAMED_WAIT_MS : retryAfter * 1000);
    }
    return refusalOf(method, refused.data, typeof channel === "string" ? channel : null);
  }
  if (error instanceof library.WebAPIHTTPError) {
    const { statusCode: status } = error;
    return new IntegrationError("slack", `slack answered ${method} with ${status}`, { status, retryable: status >= 500 });
  }
  // What our own fetch threw (its errors are written for people), or the signal's reason, comes wrapped.
  return error instanceof library.WebAPIRequestError ? error.original : error;
}
