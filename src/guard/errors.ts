import { controlOrTurnRuns } from "./unseen.ts";

/** Id of a vendor; see `integrations/vendors.ts`. */
export type IntegrationName = string;

/** A vendor did not do what was asked. The message is for people: what was asked, what came back, what to do. Never holds a credential, and is one line. */
export class IntegrationError extends Error {
  readonly vendor: IntegrationName;
  /** HTTP status, or null when no answer came. */
  readonly status: number | null;
  readonly retryable: boolean;
  constructor(vendor: IntegrationName, message: string, options: { status?: number | null; retryable?: boolean; cause?: unknown } = {}) {
    super(message.replaceAll(controlOrTurnRuns, " "), options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.vendor = vendor;
    this.status = options.status ?? null;
    this.retryable = options.retryable ?? false;
  }
}

/** Something of the set-up is wrong, and its operator can fix it: the message says what and how, and a command shows it without a stack. */
export class SetupError extends Error {}

/** The process ends, and nobody waits for the answer any more. */
export class EndingError extends Error {
  constructor() {
    super("midwatch is stopping");
    this.name = "EndingError";
  }
}

/** A call that is not in the integration's policy: nothing was sent. */
export class PolicyError extends IntegrationError {
  /** @param what method and address, without a query string */
  constructor(vendor: IntegrationName, what: string, why: string) {
    super(vendor, `${vendor}: midwatch does not call ${what} (${why}); nothing was sent.`);
  }
}

/** The vendor limits our rate, and the wait it names is longer than a page can wait. */
export class RateLimitedError extends IntegrationError {
  readonly retryAfterMs: number;
  /** @param because in place of the vendor's own refusal */
  constructor(vendor: IntegrationName, retryAfterMs: number, because?: string) {
    const why = because === undefined ? `${vendor} limits our rate` : `${vendor}: ${because}`;
    super(vendor, `${why}; next try in ${Math.ceil(retryAfterMs / 1000)} s`, { status: 429, retryable: true });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The vendor has failed for a while and is left alone: nothing was sent. Times are epoch milliseconds. */
export class NotAnsweringError extends IntegrationError {
  /**
   * @param outage `newest`: status of the newest try, null where no answer came
   * @param who what people call the server. Default: the vendor
   */
  constructor(
    vendor: IntegrationName,
    outage: { readonly since: number; readonly againAt: number; readonly newest: number | null },
    who: string = vendor,
  ) {
    const clock = (at: number) => new Date(at).toISOString().slice(11, 19);
    const what = outage.newest === null ? "has not answered" : `has answered nothing but errors (${outage.newest})`;
    super(vendor, `${who} ${what} since ${clock(outage.since)}; asked again at ${clock(outage.againAt)}`, { retryable: true });
  }
}

/** No answer within the time a call may take, over all its tries. */
export class TimedOutError extends IntegrationError {
  constructor(vendor: IntegrationName, what: string, timeoutMs: number) {
    super(vendor, `${vendor} did not answer ${what} within ${timeoutMs} ms`, { retryable: true });
  }
}

/** An answer began, and then nothing more came of it. */
export class StalledError extends IntegrationError {
  constructor(vendor: IntegrationName, stallMs: number) {
    super(vendor, `${vendor} began to answer, then sent nothing for ${stallMs} ms`, { retryable: true });
  }
}

/** 401 or 403: the credential may not read this. */
export class ForbiddenError extends IntegrationError {
  constructor(vendor: IntegrationName, status: 401 | 403, what: string, todo: string) {
    super(vendor, `${vendor}: ${status} for ${what}. ${todo}`, { status });
  }
}

/** The vendor answered in a shape that its schema does not allow. */
export class UnexpectedAnswerError extends IntegrationError {
  constructor(vendor: IntegrationName, what: string, problem: string, cause?: unknown) {
    super(vendor, `${vendor} answered ${what} in a shape midwatch does not know: ${problem}`, { cause });
  }
}

/**
 * What can go wrong between a request and the model's whole answer. `cut-stream`: the answer began and broke off; `unexpected-answer`: what came
 * is no answer of a Messages API. How a model ended an answer that came whole (refusal, max_tokens …) is data, not an error.
 */
export type ModelErrorKind =
  | "aborted"
  | "auth"
  | "bad-request"
  /** More strict schemas than the provider takes. */
  | "too-strict"
  | "connection"
  | "context-exceeded"
  | "cut-stream"
  | "overloaded"
  | "payment"
  | "permission"
  | "rate-limited"
  | "timeout"
  | "too-large"
  | "unavailable"
  | "unexpected-answer";

/** The wait that was too long: for the answer's first byte, between two pieces of it, or for all of it. */
export type ModelTimeout = "first-byte" | "stall" | "total";

/** The model did not answer. `retryable`: the same request may work later. The message never holds a credential or words of the request. */
export class ModelError extends IntegrationError {
  readonly kind: ModelErrorKind;
  /** The wait that the vendor names, milliseconds; null when it names none. */
  readonly retryAfterMs: number | null;
  /** Only of kind `timeout`. */
  readonly timeout: ModelTimeout | null;
  /** By which the vendor's support finds the request. */
  readonly requestId: string | null;
  constructor(
    kind: ModelErrorKind,
    message: string,
    options: {
      status?: number | null;
      retryable?: boolean;
      retryAfterMs?: number | null;
      timeout?: ModelTimeout | null;
      requestId?: string | null;
      cause?: unknown;
    } = {},
  ) {
    super("anthropic", message, options);
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.timeout = options.timeout ?? null;
    this.requestId = options.requestId ?? null;
  }
}
