import {
  EndingError,
  IntegrationError,
  type IntegrationName,
  PolicyError,
  RateLimitedError,
  StalledError,
  TimedOutError,
} from "./errors.ts";
import { limitLeft } from "./limit-left.ts";
import { answersInFlight } from "./answer-room.ts";
import { heldAnswer } from "./held-answer.ts";
import { type Effect, type Gate, mayRepeat, type Rule } from "./policy.ts";
import { type RateLimit, rateLimitIn, vendorClock } from "./rate-limit.ts";
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

/** Headers by which some servers and proxies take a request for another one. */
const overriding = /^x-(?:http-method(?:-override)?|method-override|original-(?:url|uri|method)|rewrite-url|forwarded-(?:method|uri))$/;

/** A body as text where it is one, and its length. */
function measured(body: unknown): { text: string | null; bytes: number } {
  if (body === null || body === undefined) return { text: null, bytes: 0 };
  if (typeof body === "string" || body instanceof URLSearchParams) {
    const text = String(body);
    return { text, bytes: new TextEncoder().encode(text).byteLength };
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { text: new TextDecoder().decode(body), bytes: body.byteLength };
  return { text: null, bytes: body instanceof Blob ? body.size : 0 };
}

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

interface Prepared {
  readonly vendor: IntegrationName;
  readonly url: URL;
  readonly method: string;
  /** Method, headers and body; sendable any number of times. */
  readonly init: RequestInit;
  /** What of its headers nobody else may read. */
  readonly credentials: readonly string[];
  readonly outer: AbortSignal | null;
}

/** Names of headers that carry a credential, whichever vendor they are of. */
const credentialHeader = /authorization|cookie|token|secret|password|key$/;
/** Shorter values occur by chance, and replacing them would tear words apart. */
const SHORTEST_CREDENTIAL = 8;

/** The credentials that a request carries, without the name of their scheme ("Bearer …", "OAuth …", PagerDuty's "Token token=…"). */
function credentialsIn(headers: Headers): string[] {
  return [...headers]
    .filter(([name]) => credentialHeader.test(name))
    .map(([, value]) => value.replace(/^[\w-]+\s+(?:token=)?/, ""))
    .filter((value) => value.length >= SHORTEST_CREDENTIAL);
}

/**
 * Turns what a caller (often a vendor SDK) passes into something that can be sent again.
 * The errors of `fetch` itself for a bad URL or header print the value, which may be a credential: such values are refused here, unprinted.
 */
async function prepare(vendor: IntegrationName, input: string | URL | Request, given: RequestInit): Promise<Prepared> {
  const request = input instanceof Request ? input : null;
  const href = request?.url ?? String(input);
  if (!URL.canParse(href))
    throw new IntegrationError(vendor, `${vendor}: the address to call is not a URL. Check the base URL in the settings.`);
  const url = new URL(href);
  if (url.username !== "" || url.password !== "") {
    throw new IntegrationError(vendor, `${vendor}: the base URL holds a user name or password. Put credentials into their own settings.`);
  }
  let headers: Headers;
  try {
    headers = new Headers(given.headers ?? request?.headers);
  } catch {
    throw new IntegrationError(
      vendor,
      `${vendor}: a header holds characters that HTTP does not allow. Look for line breaks or typographic signs in its credentials.`,
    );
  }
  const method = (given.method ?? request?.method ?? "GET").toUpperCase();
  const { signal: _signal, headers: _headers, ...rest } = given;
  const body = given.body ?? (request?.body ? await request.clone().arrayBuffer() : null);
  const again = body instanceof ReadableStream ? await new Response(body).arrayBuffer() : body;
  return {
    vendor,
    url,
    method,
    credentials: credentialsIn(headers),
    init: { ...rest, method, headers, redirect: "manual", ...(again === null ? {} : { body: again }) },
    outer: given.signal ?? request?.signal ?? null,
  };
}

/** A text that does not tell us our own credentials back. */
const hiding = (text: string, credentials: readonly string[]): string =>
  credentials.reduce((rest, credential) => rest.replaceAll(credential, "<credential>"), text);

/** The bytes as they came, unless they repeat a credential. It is looked for among the bytes: answers of megabytes are decoded once, by who reads them. */
function bodyWithout(credentials: readonly string[], chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  const bytes = Buffer.from(body.buffer);
  if (!credentials.some((credential) => bytes.includes(credential))) return body;
  return new TextEncoder().encode(hiding(new TextDecoder("utf-8", { ignoreBOM: true }).decode(body), credentials));
}

function headersOf(response: Response, credentials: readonly string[]): Headers {
  const headers = new Headers([...response.headers].map(([name, value]): [string, string] => [name, hiding(value, credentials)]));
  // Bodies that leave here are decoded; these two spoke of what was on the wire.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}

/**
 * The same answer with its body in memory. A proxy or gateway that repeats the request in its error page must not bring our credentials into
 * error messages, evidence, Slack and pages: they are taken out here, before anyone reads the answer.
 */
const inMemory = (
  response: Response,
  chunks: readonly Uint8Array<ArrayBuffer>[],
  { url, credentials }: Prepared,
  about: { readonly isCut: boolean; readonly onTaken: () => void },
): Response =>
  heldAnswer(bodyWithout(credentials, chunks), {
    ...about,
    status: response.status,
    statusText: hiding(response.statusText, credentials),
    headers: headersOf(response, credentials),
    url: response.url === "" ? url.href : response.url,
  });

class TooLargeError extends Error {}

const tooLarge = (vendor: IntegrationName, what: string, bytes: number) =>
  new IntegrationError(vendor, `${vendor} answered ${what} with more than ${bytes} bytes. Ask for less at once.`);

interface TryLimits {
  readonly timeoutMs: number;
  readonly largestAnswerBytes: number;
  readonly cutsAnswer: boolean;
  readonly streams: StreamLimits | undefined;
}

/** How a try ended; `ended`, of a stream only, says when its body did: true when it came whole. */
type Tried = { readonly response: Response; readonly ended?: Promise<boolean>; readonly bytes: () => number; readonly drop?: () => void };

/** A time limit that can be stopped for a while: what waits for room in here is not late. */
function pausable(ms: number, onEnd: () => void) {
  let left = ms;
  let since = performance.now();
  let timer = setTimeout(onEnd, left);
  return {
    pause() {
      clearTimeout(timer);
      left -= performance.now() - since;
    },
    goOn() {
      since = performance.now();
      timer = setTimeout(onEnd, Math.max(1, left));
    },
    end: () => clearTimeout(timer),
  };
}

/**
 * One try, head and body under one time limit. Reading the body here is what makes a stalled or broken answer a failed try, that can be
 * repeated, and not a surprise in a JSON parser. Holds to the limit and the signal even where the given fetch heeds neither.
 */
async function tryOnce(call: Prepared, fetch: Fetch, limits: TryLimits): Promise<Tried | "timed-out"> {
  const { largestAnswerBytes, cutsAnswer, streams } = limits;
  const controller = new AbortController();
  const { promise: ended, reject: end } = Promise.withResolvers<never>();
  ended.catch(() => undefined);
  let timedOut = false;
  const stop = (reason: unknown) => {
    end(reason);
    controller.abort(reason);
  };
  const onAbort = () => stop(call.outer?.reason);
  call.outer?.addEventListener("abort", onAbort, { once: true });
  const forget = () => call.outer?.removeEventListener("abort", onAbort);
  const timer = pausable(limits.timeoutMs, () => {
    timedOut = true;
    stop(new DOMException("timed out", "TimeoutError"));
  });
  const room = answersInFlight.enter();
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  let streaming = false;
  try {
    const response = await Promise.race([fetch(call.url, { ...call.init, signal: controller.signal }), ended]);
    reader = response.body?.getReader();
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    let isCut = false;
    while (!isCut) {
      const part = reader === undefined ? null : await Promise.race([reader.read(), ended]);
      if (part === null || part.done) break;
      bytes += part.value.byteLength;
      isCut = cutsAnswer && response.ok && bytes > largestAnswerBytes;
      if (bytes > largestAnswerBytes && !isCut) throw new TooLargeError();
      if (reader !== undefined && streams?.is(response) === true) {
        streaming = true;
        return asItComes(response, { first: part.value, reader, ended, stop, forget }, { ...streams, largestAnswerBytes }, call);
      }
      const until = room.take(part.value.byteLength);
      if (until !== null) {
        timer.pause();
        await Promise.race([until, ended]);
        timer.goOn();
      }
      chunks.push(part.value);
    }
    if (isCut) reader?.cancel().catch(() => undefined);
    room.arrived();
    return { response: inMemory(response, chunks, call, { isCut, onTaken: room.leave }), bytes: () => bytes, drop: room.leave };
  } catch (error) {
    room.leave();
    reader?.cancel().catch(() => undefined);
    if (timedOut) return "timed-out";
    throw error;
  } finally {
    timer.end();
    if (!streaming) forget();
  }
}

interface Begun {
  readonly first: Uint8Array<ArrayBuffer>;
  readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  /** Rejects when the caller's signal aborts, or by `stop`. */
  readonly ended: Promise<never>;
  stop(reason: unknown): void;
  forget(): void;
}

/** The rest of an answer whose first bytes are there. Its reader sets the pace: no time runs while nobody asks for more. */
function asItComes(response: Response, begun: Begun, limits: StreamLimits & { largestAnswerBytes: number }, call: Prepared): Tried {
  const { reader, ended, stop, forget } = begun;
  const { promise: whole, resolve: finish } = Promise.withResolvers<boolean>();
  let bytes = begun.first.byteLength;
  const close = (cameWhole: boolean) => {
    forget();
    finish(cameWhole);
  };
  // An abort while nobody reads ends it too.
  ended.catch(() => close(false));
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    start: (controller) => controller.enqueue(begun.first),
    async pull(controller) {
      const timer = setTimeout(() => stop(new StalledError(call.vendor, limits.stallMs)), limits.stallMs);
      try {
        const part = await Promise.race([reader.read(), ended]);
        if (part.done) {
          close(true);
          return controller.close();
        }
        bytes += part.value.byteLength;
        if (bytes > limits.largestAnswerBytes)
          throw tooLarge(call.vendor, `${call.method} ${call.url.pathname}`, limits.largestAnswerBytes);
        return controller.enqueue(part.value);
      } catch (error) {
        stop(error);
        reader.cancel().catch(() => undefined);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    async cancel(reason) {
      stop(reason);
      await reader.cancel(reason).catch(() => undefined);
    },
  };
  const body = new ReadableStream(source, { highWaterMark: 0 });
  const { status, statusText } = response;
  const answer = new Response(body, { status, statusText, headers: headersOf(response, call.credentials) });
  return { response: answer, ended: whole, bytes: () => bytes };
}

/** A network error's code ("ECONNREFUSED"), or null. Codes are safe to print; messages of errors may hold whole URLs or headers. */
function networkCode(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return null;
}

/** `fetch` itself connects to some ports of other protocols never; its error says so only in its cause. */
const refusedPort = (error: unknown): string | null =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port"
    ? "bad port: fetch never connects to it"
    : null;

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
    const isOther = [...new Headers(call.init.headers).keys()].some((name) => overriding.test(name));
    const ruling = isOther ? { refused: "a header asks for another method or path" } : options.gate({ method, url, body: sent.text });
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
      const report = (outcome: OutgoingCall["outcome"], status: number | null, bytesIn: number, told: Omit<Seen, "lane"> = {}) => {
        const seen = { lane: lane.name, ...told };
        const tried = { ...about, outcome, effect, purpose, status, bytesIn, tookMs: now() - startedAt, attempt, seen };
        lane.heard(tried);
        onCall?.(tried);
      };
      if (effect === "output") report("begun", null, 0);
      let tried: Tried | "timed-out";
      try {
        tried = await tryOnce(call, fetch, {
          ...{ timeoutMs, largestAnswerBytes, streams: options.streams },
          cutsAnswer: options.cutsAnswer?.(method, url) === true,
        });
      } catch (cause) {
        const isCut = outer?.aborted === true || cause instanceof EndingError;
        report(isCut ? "cut off" : "failed", null, 0, cause instanceof TooLargeError ? { alive: true } : {});
        outer?.throwIfAborted();
        if (cause instanceof EndingError) throw cause;
        if (cause instanceof TooLargeError) throw tooLarge(vendor, what, largestAnswerBytes);
        before = unreached(vendor, url, what, cause);
        if (!repeatable || !mayGoOn()) throw before;
        await wait(backoffMs(attempt));
        continue;
      }
      if (tried === "timed-out") {
        report("failed", null, 0);
        before = new TimedOutError(vendor, what, timeoutMs);
        if (!repeatable || !mayGoOn()) throw before;
        await wait(backoffMs(attempt));
        continue;
      }
      const { response } = tried;
      const told = toldBy(response.headers, now());
      if (tried.ended !== undefined) {
        const { bytes } = tried;
        void tried.ended.then((whole) =>
          whole
            ? report("answered", response.status, bytes(), told)
            : report(outer?.aborted === true ? "cut off" : "failed", null, bytes()),
        );
        return response;
      }
      const limited = rateLimited(response);
      // Some vendors send rate-limit headers with every answer; on a 5xx they say nothing about when to come back.
      const named = namedWaitMs(response, vendorClock(response.headers, now()), limited ? options.retryAfterMs : undefined);
      report("answered", response.status, tried.bytes(), { ...told, ...(limited && named !== null ? { refusedForMs: named } : {}) });
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

/** Codes of a name that DNS does not know, or cannot look up. */
const NAME_CODES: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN"]);

/** Whether a call failed because no address of its host was found. */
export const isUnknownName = (error: unknown): boolean => NAME_CODES.has(networkCode(error) ?? "");

/** What of its limits an answer reports. */
function toldBy(headers: Headers, now: number): Omit<Seen, "lane"> {
  const [limit, left] = [rateLimitIn(headers, now), limitLeft(headers)];
  return { ...(limit === null ? {} : { limit }), ...(left === null ? {} : { limitLeft: left }) };
}

function unreached(vendor: IntegrationName, url: URL, what: string, cause: unknown): IntegrationError {
  const code = networkCode(cause);
  const why = code ?? refusedPort(cause) ?? (cause instanceof Error ? cause.name : "no reason given");
  const where = isUnknownName(cause) ? ` (no address for the host ${url.hostname})` : "";
  const kept = code === null ? {} : { cause };
  return new IntegrationError(vendor, `${vendor} could not be reached, or its answer broke off: ${what}: ${why}${where}`, {
    retryable: true,
    ...kept,
  });
}

function redirected(vendor: IntegrationName, what: string, response: Response, url: URL): IntegrationError {
  const location = response.headers.get("location") ?? "";
  const to = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
  const where = to === null ? "elsewhere" : to.origin + to.pathname;
  return new IntegrationError(
    vendor,
    `${vendor} redirects ${what} to ${where} (${response.status}), which midwatch does not follow. Check the base URL and names.`,
    {
      status: response.status,
    },
  );
}
