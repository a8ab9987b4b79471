import { type IntegrationName, RateLimitedError, TimedOutError } from "./errors.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
/** Waits, and rejects with the signal's reason when aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** One try of one outgoing call, for the audit. `url` has no query string: some vendors put ids of people there. */
export interface OutgoingCall {
  readonly vendor: IntegrationName;
  readonly method: string;
  readonly url: string;
  /** null when no answer came. */
  readonly status: number | null;
  readonly tookMs: number;
  readonly attempt: number;
}

export interface OutgoingOptions {
  readonly vendor: IntegrationName;
  readonly fetch: Fetch;
  /** Longest wait for one try's answer head and body start. Default 10,000. */
  readonly timeoutMs?: number;
  /** Tries after the first one. Default 2. */
  readonly retries?: number;
  /** A longer wait than this, named by a vendor, ends the call with RateLimitedError. Default 10,000. */
  readonly longestWaitMs?: number;
  /** Reads the vendor's own rate-limit headers; null when they name no wait. `retry-after` is understood without it. */
  readonly retryAfterMs?: (response: Response, now: number) => number | null;
  /** Whether an answer may be asked for again. Default: 429 always; 5xx and no answer at all only for requests that change nothing. */
  readonly changesNothing?: (method: string, url: URL) => boolean;
  readonly sleep?: Sleep;
  readonly now?: () => number;
  readonly onCall?: (call: OutgoingCall) => void;
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

const isRead = (method: string) => method === "GET" || method === "HEAD" || method === "OPTIONS";

function namedWaitMs(response: Response, now: number, own: OutgoingOptions["retryAfterMs"]): number | null {
  const fromVendor = own?.(response, now) ?? null;
  if (fromVendor !== null) return Math.max(0, fromVendor);
  const header = response.headers.get("retry-after");
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/**
 * The only way out. Wraps a fetch with a timeout per try, a bounded retry (the one layer that retries: vendor SDKs have theirs off) and an
 * audit line per try. Redirects are not followed: an answer elsewhere is not the answer that was asked for, and would carry credentials away.
 * @throws RateLimitedError when a 429 names a longer wait than `longestWaitMs`; TimedOutError when no try was answered in time
 */
export function outgoingFetch(options: OutgoingOptions): Fetch {
  const { vendor, timeoutMs = 10_000, retries = 2, longestWaitMs = 10_000, sleep = sleepFor, now = Date.now, onCall } = options;
  return async (input, init = {}) => {
    const request = input instanceof Request ? input : null;
    const url = new URL(request?.url ?? String(input));
    const method = (init.method ?? request?.method ?? "GET").toUpperCase();
    const mayRepeat = options.changesNothing?.(method, url) ?? isRead(method);
    const outer = init.signal ?? request?.signal ?? null;
    const body = init.body ?? (request !== null && !isRead(method) ? await request.clone().text() : null);
    const headers = init.headers ?? request?.headers;
    for (let attempt = 1; ; attempt++) {
      outer?.throwIfAborted();
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = outer === null ? limit : AbortSignal.any([limit, outer]);
      const startedAt = now();
      const report = (status: number | null) =>
        onCall?.({ vendor, method, url: url.origin + url.pathname, status, tookMs: now() - startedAt, attempt });
      const last = attempt > retries;
      const backoffMs = Math.min(longestWaitMs, 250 * 2 ** (attempt - 1));
      let response: Response;
      try {
        const { signal: _signal, headers: _headers, ...rest } = init;
        response = await options.fetch(url, {
          ...rest,
          method,
          ...(headers === undefined ? {} : { headers }),
          ...(body === null ? {} : { body }),
          signal,
          redirect: "manual",
        });
      } catch (cause) {
        report(null);
        outer?.throwIfAborted();
        if (last || !mayRepeat) {
          if (limit.aborted) throw new TimedOutError(vendor, `${method} ${url.pathname}`, timeoutMs);
          throw cause;
        }
        await sleep(backoffMs, outer ?? undefined);
        continue;
      }
      report(response.status);
      const limited = response.status === 429;
      if (!limited && !(response.status >= 500 && mayRepeat)) return response;
      const waitMs = limited ? (namedWaitMs(response, now(), options.retryAfterMs) ?? backoffMs) : backoffMs;
      if (limited && waitMs > longestWaitMs) {
        await response.body?.cancel();
        throw new RateLimitedError(vendor, waitMs);
      }
      if (last) return response;
      await response.body?.cancel();
      await sleep(waitMs, outer ?? undefined);
    }
  };
}
