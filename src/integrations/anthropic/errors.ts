import { APIError } from "@anthropic-ai/sdk/core/error";
import { IntegrationError, ModelError, type ModelErrorKind, RateLimitedError, StalledError, TimedOutError } from "../../guard/errors.ts";
import { retryAfterMs } from "../../guard/rate-limit.ts";
import { duration } from "../../report/words.ts";
import { errorBodySchema } from "./schema.ts";

/** What is known of a failed call beside its error. */
export interface Failure {
  readonly error: unknown;
  /** What the guard around `fetch` threw, if it did: the SDK keeps only parts of it. */
  readonly fromGuard: unknown;
  readonly aborted: boolean;
  readonly totalMs: number;
  readonly totalRanOut: boolean;
  /** Whether an answer had begun. */
  readonly begun: boolean;
  readonly now: number;
  /** Texts of which an error message must not repeat a piece: the prompt. */
  readonly prompt: () => string;
  readonly apiKey: string;
  readonly requestId: string | null;
}

/** The wait that an answer names, milliseconds. Source: the SDK's own reading of these headers. */
export function namedWaitMs(headers: Headers, now: number): number | null {
  const inMs = headers.get("retry-after-ms") ?? "";
  return inMs.trim() !== "" && Number.isFinite(Number(inMs)) ? Math.max(0, Number(inMs)) : retryAfterMs(headers, now);
}

/** By which the API says that money, not time, is what is missing. */
const paymentCodes = new Set([
  "contract_spend_limit_reached",
  "enforced_spend_limit_reached",
  "linked_organization_billing_unavailable",
  "linked_organization_spend_limit_reached",
]);

/** Errors inside of a stream have a type and no status. */
const statusOfType: Readonly<Record<string, number>> = {
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  invalid_request_error: 400,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** SDK 1.12 knows no code for a prompt that is longer than the window, so only the vendor's words tell. */
const tooLong = /prompt is too long|context (?:limit|window|length)/i;
/** Nor one for strict schemas that are more than it compiles into a grammar. */
const tooStrict = /grammar|too complex|strict tools|optional parameters|union types/i;

function kindOf(status: number, code: string | null, words: string): ModelErrorKind {
  if (code !== null && paymentCodes.has(code)) return "payment";
  if (code === "organization_on_hold") return "permission";
  switch (status) {
    case 400:
      if (tooLong.test(words)) return "context-exceeded";
      if (/credit balance/i.test(words)) return "payment";
      return tooStrict.test(words) ? "too-strict" : "bad-request";
    case 401:
      return "auth";
    case 402:
      return "payment";
    case 403:
      return "permission";
    case 408:
    case 409:
    case 499:
      return "unavailable";
    case 413:
      return "too-large";
    case 429:
      return "rate-limited";
    case 529:
      return "overloaded";
    default:
      return status >= 500 ? "unavailable" : "bad-request";
  }
}

const todo: Readonly<Partial<Record<ModelErrorKind, string>>> = {
  auth: "Check ANTHROPIC_API_KEY.",
  permission: "Check what the key's workspace may use, and MIDWATCH_MODEL.",
  payment: "Look at the billing and spend limits of the organisation.",
  "rate-limited": "Ask less, or have the limit raised.",
  "context-exceeded": "The transcript is longer than the model's window.",
  "too-large": "The request is larger than the API takes.",
};

/** Vendor's words are shown up to here. */
const LONGEST_WORDS = 300;
/** So many characters in a row that the prompt has too are a quotation of it. */
const QUOTED = 24;

/** Whether a text repeats a longer piece of the prompt: a gateway's error page may hold the whole request. */
function quotes(text: string, prompt: string): boolean {
  for (let at = 0; at + QUOTED <= text.length; at += QUOTED / 2) if (prompt.includes(text.slice(at, at + QUOTED))) return true;
  return false;
}

/** What the vendor said, one bounded line without the key and without words of the prompt; empty when nothing is left. */
function vendorWords(text: string, { apiKey, prompt }: Failure): string {
  const short = text.slice(0, LONGEST_WORDS * 2);
  const bare = (apiKey === "" ? short : short.replaceAll(apiKey, "<credential>")).replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_WORDS);
  if (bare === "") return "";
  return quotes(JSON.stringify(bare).slice(1, -1), prompt()) ? "its words repeat the request and are left out" : bare;
}

const retryable = new Set<ModelErrorKind>(["connection", "cut-stream", "overloaded", "rate-limited", "timeout", "unavailable"]);

/** An error that the API answered, by status or inside of a stream. */
function answered(error: APIError, failure: Failure): ModelError {
  const body = errorBodySchema.safeParse(error.error).data?.error;
  const type = error.type ?? body?.type ?? null;
  const status = error.status ?? statusOfType[type ?? ""] ?? 500;
  const said = body?.message ?? "";
  const code = body?.details?.error_code ?? null;
  const kind = kindOf(status, code, said);
  const waitMs = error.headers === undefined ? null : namedWaitMs(error.headers, failure.now);
  const words = vendorWords(said, failure);
  const named = [error.status ?? "an error in its answer", ...(code === null ? [] : [vendorWords(code, failure)])].join(" ");
  const parts = [
    `anthropic answered ${named} (${kind})${words === "" ? "" : `: ${words.replace(/\.$/, "")}`}.`,
    ...(waitMs === null ? [] : [`It asks to wait ${duration(waitMs)}.`]),
    status === 404 ? "Check MIDWATCH_MODEL (MIDWATCH_FOLLOW_UP_MODEL) and ANTHROPIC_BASE_URL." : (todo[kind] ?? ""),
  ];
  return new ModelError(kind, parts.filter((part) => part !== "").join(" "), {
    status: error.status ?? null,
    retryable: retryable.has(kind),
    retryAfterMs: waitMs,
    requestId: error.requestID?.slice(0, 200) ?? failure.requestId,
  });
}

/** What the guard refused or gave up; its words are free of credentials and of the request already. */
function guarded(error: IntegrationError, requestId: string | null): ModelError {
  const shared = { status: error.status, retryable: error.retryable, requestId, cause: error.cause };
  if (error instanceof RateLimitedError)
    return new ModelError("rate-limited", `${error.message}.`, { ...shared, retryAfterMs: error.retryAfterMs });
  if (error instanceof StalledError) return new ModelError("timeout", error.message, { ...shared, timeout: "stall" });
  if (error instanceof TimedOutError) return new ModelError("timeout", error.message, { ...shared, timeout: "first-byte" });
  return new ModelError("connection", error.message, shared);
}

/**
 * One error for everything that can go wrong between a request and its answer. Messages of errors that are not the API's own (of `fetch`, of JSON, of the SDK)
 * may hold whole headers or pieces of the answer, so they are never shown nor kept.
 */
export function toModelError(failure: Failure): ModelError {
  const { error, fromGuard, requestId } = failure;
  if (error instanceof ModelError) return error;
  if (failure.aborted) return new ModelError("aborted", "the call to the model was broken off by its caller", { requestId });
  if (failure.totalRanOut) {
    const words = `the model did not finish its answer within ${failure.totalMs} ms`;
    return new ModelError("timeout", words, { retryable: true, timeout: "total", requestId });
  }
  if (fromGuard instanceof IntegrationError) return guarded(fromGuard, requestId);
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof IntegrationError) return guarded(cause, requestId);
  if (error instanceof APIError && (error.status !== undefined || error.error !== undefined)) return answered(error, failure);
  // A network's TypeError has a cause of its own; one without is an event of a shape that the SDK does not expect.
  const notUnderstood = cause instanceof SyntaxError || (cause instanceof TypeError && cause.cause === undefined);
  if (failure.begun && !notUnderstood)
    return new ModelError("cut-stream", "the model's answer broke off before its end", { retryable: true, requestId });
  const words = "what came from ANTHROPIC_BASE_URL is not an answer of the Messages API. Check the address, and proxies in between.";
  return new ModelError("unexpected-answer", words, { requestId });
}
