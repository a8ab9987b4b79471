import { EndingError, type IntegrationName, PolicyError, RateLimitedError, TimedOutError } from "./errors.ts";
import { redirected, tooLarge, unreached } from "./call-errors.ts";
import { TooLargeError, type Tried, tryOnce } from "./one-try.ts";
import { type Effect, type Gate, mayRepeat, type Rule } from "./policy.ts";
import { measured, overridesRequest, prepare } from "./prepared-call.ts";
import { limitLeft, LONGEST_HELD_MS, type RateLimit, rateLimitIn, retryAfterMs, vendorClock } from "./rate-limit.ts";
import type { Lane, Traffic } from "./traffic.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
/** Waits, and rejects with the signal's reason when aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** One try of one outgoing call, for the audit. `url` has no query string: some vendors put ids of people there. */
export interface OutgoingCall {
  readonly vendor: IntegrationName;
  readonly method: string;
  readonly url: string;
  /**
   * `begun`: an output is about to leave; it leaves once its audit entry is kept. `answered`, `failed` (not reached, timed out, broke off), `cut off`
   * (we did not wait for its end, as at the end of the process; whether it reached the vendor nobody knows): how a try ended. `refused`: the policy
   * stopped it, and nothing was sent.
   */
  readonly outcome: "begun" | "answered" | "failed" | "cut off" | "refused";
  /** Of the policy's rule; null where none allows it. */
  readonly effect: Effect | null;
  /** Of the policy's rule; of a refusal why. */
  readonly purpose: string;
  /** null when no whole answer came. */
  readonly status: number | null;
  /** Of the body alone, sent and received; received after decompression. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly tookMs: number;
  readonly attempt: number;
  /** What the traffic of the vendor hears beside this. No part of the audit. */
  readonly seen?: Seen;
}

/** What a try shows of the vendor's limits. */
export interface Seen {
  /** Method and path of the policy's rule. */
  readonly lane: string;
  readonly limit?: RateLimit;
  /** See `limitLeft`; missing where the answer does not say. */
  readonly limitLeft?: number;
  /** It failed, but the vendor did answer. */
  readonly alive?: true;
  /** The vendor wants no such call for so long, ms. */
  readonly refusedForMs?: number;
}

/** Called for every call. An error that it throws for a `begun` one stops that call. */
export type OnCall = (call: OutgoingCall) => void;

/** An answer that is read while it comes. Up to its first byte it is under `timeoutMs` and may be tried again; after that it is not. */
export interface StreamLimits {
  readonly is: (response: Response) => boolean;
  /** Longest wait between two pieces of the body. A longer one ends it with StalledError. The length of the whole is the caller's signal's affair. */
  readonly stallMs: number;
}

/** How a client's calls leave: what its maker may choose. */
export interface Caller {
  readonly fetch: Fetch;
  /** Longest wait for one try, from sending to the last byte of the answer, ms. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  readonly sleep?: Sleep | undefined;
  readonly now?: (() => number) | undefined;
  readonly onCall?: OnCall | undefined;
  /** What all calls to the vendor share. Default: of this client alone. */
  readonly traffic?: Traffic | undefined;
  /** From 0 to below 1, for the waits between tries. */
  readonly random?: (() => number) | undefined;
}

/** That part of a client's options. */
export const callerOf = ({ fetch, timeoutMs, sleep, now, onCall, traffic, random }: Caller): Caller => ({
  ...{ fetch, timeoutMs, sleep, now, onCall, traffic, random },
});

export interface OutgoingOptions extends Caller {
  readonly vendor: IntegrationName;
  /** Tries after the first one. Default 2. */
  readonly retries?: number;
  /** A longer wait than this, named by a vendor, ends the call with RateLimitedError. Default 10,000. */
  readonly longestWaitMs?: number;
  /** A longer answer than this is refused, bytes after decompression. Default 16 MiB. */
  readonly largestAnswerBytes?: number;
  /** Longer answers to these are cut instead (`wasCut`), for a reader who can use their beginning. Default: none. */
  readonly cutsAnswer?: (method: string, url: URL) => boolean;
  /** Reads the vendor's own headers of a rate-limited answer, `now` on its own clock; null when they name no wait. `retry-after` is understood without it. */
  readonly retryAfterMs?: (response: Response, now: number) => number | null;
  /** The header by which the vendor names the limit that an answer counts to. Default: each kind of call has a limit of its own. */
  readonly limitHeader?: string;
  /** Whether an answer says "too many requests". Default: status 429. */
  readonly rateLimited?: (response: Response) => boolean;
  /** What may be called at all; anything else is refused before it leaves. What changes nothing may be sent again after a 5xx or no answer. */
  readonly gate: Gate;
  /** Redirects that are returned as they are, for the caller to judge and follow. Default: none; each ends the call. */
  readonly returnsRedirect?: (method: string, url: URL) => boolean;
  /** Answers that are handed on as they come instead of read whole. Default: none. */
  readonly streams?: StreamLimits;
}

export const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });

const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;

/** After a wait that the vendor names, at most so much longer, by chance: those who heard the same must not come back together. */
const SPREAD = 0.1;
const LONGEST_SPREAD_MS = 1_000;
const FIRST_BACKOFF_MS = 250;

/** Calls of a client without traffic to share: nothing holds them. */
const openLane = (name: string): Lane => ({ name, enter: () => null, mayRetry: () => true, heard: () => undefined });

const laneOf = ({ vendor, traffic }: OutgoingOptions, { origin }: URL, { method, path }: Rule): Lane => {
  const name = `${method} ${path}`;
  return traffic?.lane(vendor, origin, name) ?? openLane(name);
};

/**
 * Waits until the vendor's traffic lets a try go. A first try waits for no vendor in an outage: what else there is to ask should not wait with it.
 * @returns why it may not go within the longest wait; null: it may
 */
async function enter(lane: Lane, attempt: number, longestWaitMs: number, wait: (ms: number) => Promise<void>): Promise<Error | null> {
  for (let waitedMs = 0; ;) {
    const held = lane.enter(attempt);
    if (held === null) return null;
    waitedMs += held.waitMs;
    if (waitedMs > longestWaitMs || (attempt === 1 && held.because === "outage")) return held.error;
    await wait(held.waitMs);
  }
}

/**
 * The only way out. Wraps a fetch with a timeout per try (body included), a bounded retry (the one layer that retries: vendor SDKs have
 * theirs off), what all calls to the vendor share (`Traffic`), the policy and an audit line per try. Answers are read whole into memory, but for
 * those that `streams` names. Between tries it waits as long as the vendor says, else up to a bound that doubles, by chance ("full jitter": M. Brooker,
 * "Exponential Backoff And Jitter", AWS 2015).
 *
 * Redirects are not followed: an answer elsewhere is not the answer that was asked for, and would carry credentials away. Those that
 * `returnsRedirect` names are the caller's to follow, by a call of its own.
 * Error messages hold method and path, never the query string, headers or body.
 *
 * Returned as they are: 2xx, 304, 4xx; and a 5xx when the tries are used up or the request must not be repeated.
 * @throws RateLimitedError when a rate-limited answer names a longer wait than `longestWaitMs`, or still comes after the last try; and, with nothing
 * sent, while that wait lasts or midwatch's share of the limit is used up
 * @throws NotAnsweringError while the vendor is left alone after an outage, and then nothing was sent
 * @throws TimedOutError when the last try was not answered whole in time
 * @throws PolicyError, and then nothing was sent
 * @throws IntegrationError when the vendor cannot be reached, redirects, or answers more than `largestAnswerBytes`
 * @throws the signal's reason when the caller's signal aborts
 */
export function outgoingFetch(options: OutgoingOptions): Fetch {
  // `fetch` is taken out of the options because workerd's own refuses to be called as a method of another object.
  const { vendor, fetch, timeoutMs = 10_000, retries = 2, longestWaitMs = 10_000, largestAnswerBytes = LARGEST_ANSWER_BYTES } = options;
  const { sleep = sleepFor, now = Date.now, random = Math.random, onCall } = options;
  const { rateLimited = (response: Response) => response.status === 429 } = options;
  const backoffMs = (attempt: number) => Math.round(random() * Math.min(longestWaitMs, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
  return async (input, init = {}) => {
    const call = await prepare(vendor, input, init);
    const { url, method, outer } = call;
    const sent = measured(call.init.body);
    const about = { vendor, method, url: url.origin + url.pathname, bytesOut: sent.bytes };
    const ruling = overridesRequest(call)
      ? { refused: "a header asks for another method or path" }
      : options.gate({ method, url, body: sent.text });
    if ("refused" in ruling) {
      const none = { outcome: "refused", effect: null, status: null, bytesIn: 0, tookMs: 0, attempt: 0 } as const;
      onCall?.({ ...about, ...none, bytesOut: 0, purpose: ruling.refused });
      throw new PolicyError(vendor, `${method} ${about.url}`, ruling.refused);
    }
    const { effect, purpose, once = false } = ruling.allowed;
    const repeatable = mayRepeat(ruling.allowed);
    const lane = laneOf(options, url, ruling.allowed);
    const wait = (ms: number) => sleep(ms, outer ?? undefined);
    /** How the try before ended: that counts where no other one may go. */
    let before: Error | Response | null = null;
    for (let attempt = 1; ; attempt++) {
      outer?.throwIfAborted();
      const held = await enter(lane, attempt, longestWaitMs, wait);
      if (held !== null && before instanceof Response) return before;
      if (held !== null) throw before ?? held;
      const what = `${method} ${url.pathname}${attempt > 1 ? ` (${attempt} tries)` : ""}`;
      const mayGoOn = () => !once && attempt <= retries && lane.mayRetry();
      const startedAt = now();
      const report = (outcome: OutgoingCall["outcome"], status: number | null, bytesIn: number, limits: Omit<Seen, "lane"> = {}) => {
        const seen = { lane: lane.name, ...limits };
        const tried = { ...about, outcome, effect, purpose, status, bytesIn, tookMs: now() - startedAt, attempt, seen };
        lane.heard(tried);
        onCall?.(tried);
      };
      if (effect === "output") report("begun", null, 0);
      let tried: Tried;
      try {
        tried = await tryOnce(call, fetch, {
          ...{ what, timeoutMs, largestAnswerBytes, streams: options.streams },
          cutsAnswer: options.cutsAnswer?.(method, url) === true,
        });
      } catch (cause) {
        const isLate = cause instanceof TimedOutError;
        const isCut = cause instanceof EndingError || (outer?.aborted === true && !isLate);
        report(isCut ? "cut off" : "failed", null, 0, cause instanceof TooLargeError ? { alive: true } : {});
        if (isCut) throw outer?.aborted === true ? outer.reason : cause;
        if (cause instanceof TooLargeError) throw tooLarge(vendor, what, largestAnswerBytes);
        before = isLate ? cause : unreached(vendor, url, what, cause);
        if (!repeatable || !mayGoOn()) throw before;
        await wait(backoffMs(attempt));
        continue;
      }
      const { response } = tried;
      const limits = limitsSeen(response.headers, now(), options.limitHeader);
      if (tried.ended !== undefined) {
        const { bytes } = tried;
        void tried.ended.then((whole) =>
          whole
            ? report("answered", response.status, bytes(), limits)
            : report(outer?.aborted === true ? "cut off" : "failed", null, bytes()),
        );
        return response;
      }
      const limited = rateLimited(response);
      // Some vendors send rate-limit headers with every answer; on a 5xx they say nothing about when to come back.
      const clock = vendorClock(response.headers, now());
      const ownWaitMs = limited ? (options.retryAfterMs?.(response, clock) ?? null) : null;
      const namedMs = ownWaitMs ?? retryAfterMs(response.headers, clock);
      const named = namedMs === null ? null : Math.min(LONGEST_HELD_MS, Math.max(0, namedMs));
      report("answered", response.status, tried.bytes(), { ...limits, ...(limited && named !== null ? { refusedForMs: named } : {}) });
      // Of what is not returned nobody reads the body.
      const { drop } = tried;
      const redirects = response.status >= 300 && response.status < 400 && response.status !== 304;
      if (redirects && options.returnsRedirect?.(method, url) !== true) {
        drop?.();
        throw redirected(vendor, what, response, url);
      }
      if (!limited && !(response.status >= 500 && response.status !== 501 && repeatable)) return response;
      const waitMs = named === null ? backoffMs(attempt) : named + Math.round(random() * Math.min(LONGEST_SPREAD_MS, named * SPREAD));
      const ends = (named ?? 0) > longestWaitMs || !mayGoOn();
      if (!limited && ends) return response;
      drop?.();
      before = limited ? new RateLimitedError(vendor, named ?? waitMs) : response;
      if (before instanceof Error && ends) throw before;
      await wait(waitMs);
    }
  };
}

/** What of its limits an answer reports. */
function limitsSeen(headers: Headers, now: number, nameHeader?: string): Omit<Seen, "lane"> {
  const [limit, left] = [rateLimitIn(headers, now, nameHeader), limitLeft(headers)];
  return { ...(limit === null ? {} : { limit }), ...(left === null ? {} : { limitLeft: left }) };
}
