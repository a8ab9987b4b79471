import { answersInFlight } from "./answer-room.ts";
import { tooLarge } from "./call-errors.ts";
import { StalledError, TimedOutError } from "./errors.ts";
import { heldAnswer } from "./held-answer.ts";
import type { Fetch, StreamLimits } from "./outgoing.ts";
import { hiding, type Prepared } from "./prepared-call.ts";

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

export class TooLargeError extends Error {}

interface TryLimits {
  /** The call, for errors: "GET /api/v1/query". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly largestAnswerBytes: number;
  readonly cutsAnswer: boolean;
  readonly streams: StreamLimits | undefined;
}

/** How a try ended; `ended`, of a stream only, says when its body did: true when it came whole. */
export type Tried = {
  readonly response: Response;
  readonly ended?: Promise<boolean>;
  readonly bytes: () => number;
  readonly drop?: () => void;
};

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
 * @throws TimedOutError, TooLargeError, the signal's reason, or what the fetch or the body threw
 */
export async function tryOnce(call: Prepared, fetch: Fetch, limits: TryLimits): Promise<Tried> {
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
    if (timedOut) throw new TimedOutError(call.vendor, limits.what, limits.timeoutMs);
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
