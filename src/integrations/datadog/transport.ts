import type { z } from "zod";
import { ForbiddenError, IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Caller, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { wasCut } from "../../guard/held-answer.ts";
import { openGate } from "../../guard/policy.ts";
import { type RateLimit, rateLimitIn } from "../../guard/rate-limit.ts";
import { closedJson } from "../closed-json.ts";
import type { DatadogRequest } from "./library.ts";
import { bySchema } from "../read-json.ts";
import { datadogPolicy } from "./policy.ts";
import type { Read } from "./reads.ts";

export interface TransportOptions extends Caller {
  /** `https://api.<site>`, a proxy or replay. */
  readonly baseUrl: string;
  /** Awaited between pieces of work that keep the processor busy: an answer of a thousand spans costs tens of milliseconds to read. */
  readonly yieldNow?: (() => Promise<void>) | undefined;
}

export interface Sent<T> {
  /** The answer as it came. */
  readonly text: string;
  readonly value: T;
  /** It was too long: `value` has the items of its beginning. */
  readonly isCut: boolean;
}

export interface Transport {
  /**
   * Sends and parses.
   * @throws ForbiddenError, RateLimitedError, TimedOutError, UnexpectedAnswerError, IntegrationError
   */
  send<T>(request: DatadogRequest, read: Read, schema: z.ZodType<T>, signal: AbortSignal, urgency?: Urgency): Promise<Sent<T>>;
  /** Requests of this kind that may still leave in the current period, by Datadog's last answer and midwatch's share; null when it never said. */
  remaining(read: Read): number | null;
}

/** Who goes first where requests wait in line: what an incident turns on, and then what it is compared with. */
export type Urgency = "first" | "later";

/**
 * Requests at once, over all calls of one client. Datadog limits requests per period, not at once; so this only keeps a burst short.
 * Triage reads four samples at once, of at most sixteen requests each: with fewer at once they would wait for each other.
 */
const CONCURRENT = 64;

/** Longest answer that is read whole, bytes; of a longer list the first items are. A thousand log lines have one to two megabytes. */
export const LONGEST_ANSWER = 8 * 1024 * 1024;
const lists = /\/api\/v2\/(?:logs\/events|spans\/events|events)\/search$/;

type InTurn = <T>(work: () => Promise<T>, signal: AbortSignal, urgency: Urgency) => Promise<T>;

/** Lets so many run at once; the others wait in line, the urgent before the others, and leave it when their signal aborts. */
function limitConcurrency(most: number): InTurn {
  let running = 0;
  const lines = { first: new Set<() => void>(), later: new Set<() => void>() };
  const turn = (signal: AbortSignal, line: Set<() => void>) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        line.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = () => {
        line.delete(enter);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      line.add(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  return async (work, signal, urgency) => {
    signal.throwIfAborted();
    if (running < most) running++;
    else await turn(signal, lines[urgency]);
    try {
      return await work();
    } finally {
      // The place is handed on, not freed, so that nobody slips in between.
      const [next] = [...lines.first, ...lines.later];
      if (next === undefined) running--;
      else next();
    }
  };
}

/** Seconds until the limit's period ends: not an epoch. Zero means "any moment". */
function resetMs(response: Response): number | null {
  const seconds = Number(response.headers.get("x-ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(500, seconds * 1000) : null;
}

/** Datadog's own words, from any of its three error shapes, as one line of at most 300 characters. */
function vendorWords(text: string): string {
  let words = text;
  try {
    const body: unknown = JSON.parse(text);
    const errors = typeof body === "object" && body !== null && "errors" in body ? body.errors : body;
    words = (Array.isArray(errors) ? errors : [errors])
      .map((error: unknown) => {
        if (typeof error === "string") return error;
        if (typeof error !== "object" || error === null) return String(error);
        const { title, detail } = error as { title?: unknown; detail?: unknown };
        return [title, detail].filter((part) => typeof part === "string" && part !== "").join(": ") || JSON.stringify(error);
      })
      .join("; ");
  } catch {
    // Not JSON: a proxy's page, most likely. Its first words are shown.
  }
  return words.replace(/\s+/g, " ").trim().slice(0, 300) || "no reason given";
}

const SETUP = "docs/setup.md#datadog";

function refusal(status: 401 | 403, read: Read): ForbiddenError {
  if (read.permission === null) {
    return new ForbiddenError("datadog", status, read.what, "Check DD_API_KEY, and that DD_SITE is the site it was made on.");
  }
  const what = `\`${read.permission}\` (${read.what})`;
  const todo = `Add this scope to the application key in DD_APP_KEY, and check that both keys are of one organisation and of this DD_SITE (${SETUP}).`;
  return new ForbiddenError("datadog", status, what, todo);
}

/** One client's way to Datadog: concurrency limit, outgoing layer, errors in words for people, rate-limit bookkeeping. */
export function createTransport(options: TransportOptions): Transport {
  const { now = Date.now, yieldNow = () => Promise.resolve() } = options;
  const send = outgoingFetch({
    ...callerOf(options),
    vendor: "datadog",
    retryAfterMs: resetMs,
    limitHeader: "x-ratelimit-name",
    largestAnswerBytes: LONGEST_ANSWER,
    cutsAnswer: (_method, { pathname }) => lists.test(pathname),
    gate: openGate(datadogPolicy, options.baseUrl),
  });
  const inTurn = limitConcurrency(CONCURRENT);
  /** Of each kind of read the lane of its calls, and the limit that its newest answer with one named. */
  const noted = new Map<Read, { readonly origin: string; readonly lane: string; readonly limit: RateLimit | null }>();

  function note(read: Read, request: DatadogRequest, headers: Headers): void {
    const { origin, pathname } = new URL(request.getUrl());
    const base = new URL(options.baseUrl).pathname.replace(/\/$/, "");
    const limit = rateLimitIn(headers, now()) ?? noted.get(read)?.limit ?? null;
    noted.set(read, { origin, lane: `${request.getHttpMethod()} ${pathname.slice(base.length)}`, limit });
  }

  return {
    remaining(read) {
      const { limit = null, origin = "", lane = "" } = noted.get(read) ?? {};
      if (limit === null || limit.until <= now()) return null;
      return Math.min(limit.left, options.traffic?.left("datadog", origin, lane) ?? Infinity);
    },
    async send(request, read, schema, signal, urgency = "first") {
      const body = request.getBody();
      const init = {
        method: request.getHttpMethod(),
        headers: request.getHeaders(),
        ...(typeof body === "string" ? { body } : {}),
        signal,
      };
      if (read.givesWay === true) await yieldNow();
      const response = await inTurn(() => send(request.getUrl(), init), signal, urgency);
      note(read, request, response.headers);
      // Its bytes wait, not the text: see `answer-room.ts`.
      await yieldNow();
      const text = await response.text();
      const { status } = response;
      if (status === 401 || status === 403) throw refusal(status, read);
      if (status < 200 || status > 299) {
        const words = `datadog answered ${status} for ${read.what}: ${vendorWords(text)}`;
        throw new IntegrationError("datadog", words, { status, retryable: status >= 500 });
      }
      const isCut = wasCut(response);
      let json: unknown;
      try {
        json = JSON.parse(isCut ? closedJson(text) : text);
      } catch (cause) {
        const type = response.headers.get("content-type") ?? "no content type";
        throw new UnexpectedAnswerError(
          "datadog",
          read.what,
          `not JSON (${type}, ${text.length} characters)`,
          cause instanceof SyntaxError ? undefined : cause,
        );
      }
      await yieldNow();
      const value = bySchema(schema, json, { vendor: "datadog", what: read.what });
      await yieldNow();
      return { text, value, isCut };
    },
  };
}
