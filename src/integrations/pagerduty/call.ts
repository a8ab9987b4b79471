import type { APIParameters, APIResponse } from "@pagerduty/pdjs/build/src/api.js";
import { ForbiddenError, IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Caller, type Fetch, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { pagerdutyPolicy } from "./policy.ts";
import { errorSchema } from "./schema.ts";

export interface PagerdutyConnection extends Caller {
  /** `https://api.pagerduty.com`, `https://api.eu.pagerduty.com`, or where replay listens. */
  readonly baseUrl: string;
  /** An API key, or an OAuth access token with `tokenType: "bearer"`. */
  readonly token: string;
  readonly tokenType?: "token" | "bearer";
  /** E-mail address of the user in whose name notes are written. Default: none is. */
  readonly notesFrom?: string | undefined;
}

export interface Request {
  readonly method?: "GET" | "POST";
  /** Starts with `/`; ids in it are checked by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** PagerDuty's answer to a call that went well. */
export interface Told {
  readonly data: unknown;
  readonly raw: string;
}

export type Call = (request: Request, signal?: AbortSignal) => Promise<Told>;

/** What pdjs takes beside its documented parameters: everything it does not know goes on to `cross-fetch`. */
type Parameters = APIParameters & { fetch: Fetch };

/** pdjs puts both together itself, and what throws there prints the value: a bad token must not get that far. */
function sendable(url: string, token: string): boolean {
  try {
    return URL.canParse(url) && new Headers({ authorization: token }).has("authorization");
  } catch {
    return false;
  }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 300);

/** PagerDuty's own words about a refused call, or null. */
function vendorWords(raw: string): string | null {
  try {
    const { error } = errorSchema.parse(JSON.parse(raw));
    const words = [error.message, ...(error.errors ?? [])].filter((text) => text !== null && text !== "");
    return words.length === 0 ? null : oneLine(words.join(": "));
  } catch {
    return null;
  }
}

function refusal(status: number, raw: string, request: Request): IntegrationError {
  const what = `${request.method ?? "GET"} ${request.path}`;
  const words = vendorWords(raw);
  const said = words === null ? "" : ` PagerDuty says: ${words}.`;
  switch (status) {
    case 401:
      return new ForbiddenError("pagerduty", 401, what, "The key is wrong or was removed. Check PAGERDUTY_API_TOKEN.");
    case 403:
      return new ForbiddenError(
        "pagerduty",
        403,
        what,
        `Let the key behind PAGERDUTY_API_TOKEN ${request.method === "POST" ? "write" : "read"} this.${said}`,
      );
    case 402:
      return new IntegrationError("pagerduty", `pagerduty: ${what} is not part of this account's plan (402).${said}`, { status });
    case 404:
      return new IntegrationError("pagerduty", `pagerduty has nothing at ${request.path} (404).${said}`, { status });
    default:
      return new IntegrationError("pagerduty", `pagerduty answered ${what} with ${status}.${said}`, { status, retryable: status >= 500 });
  }
}

/**
 * One call through `@pagerduty/pdjs`, with what it lacks: any base URL, a look at the status, a timeout, the wait that a 429 names, the raw
 * text, and midwatch's own way out. pdjs itself neither waits nor repeats here: `outgoingFetch` does, and hands back an answer or an error.
 * @throws IntegrationError or one of its kinds; the signal's reason when aborted
 */
export function connect(connection: PagerdutyConnection): Call {
  // Where notes are not allowed nothing is written, whatever code asks for.
  const inForce =
    connection.notesFrom === undefined
      ? { ...pagerdutyPolicy, rules: pagerdutyPolicy.rules.filter(({ effect }) => effect !== "output") }
      : pagerdutyPolicy;
  const send = outgoingFetch({
    ...callerOf(connection),
    vendor: "pagerduty",
    gate: openGate(inForce, connection.baseUrl),
    // Seconds until the window starts again; PagerDuty documents no Retry-After.
    retryAfterMs: ({ headers }) => {
      const seconds = Number(headers.get("ratelimit-reset") ?? Number.NaN);
      return Number.isFinite(seconds) ? seconds * 1000 : null;
    },
  });
  const base = connection.baseUrl.replace(/\/+$/, "");
  return async (request, signal) => {
    if (!sendable(base + request.path, connection.token)) {
      throw new IntegrationError(
        "pagerduty",
        "pagerduty: PAGERDUTY_API_URL is no URL, or PAGERDUTY_API_TOKEN holds characters that HTTP does not allow (a line break?).",
      );
    }
    // Imported on the first call: the process should listen before it loads SDKs.
    const { api } = await import("@pagerduty/pdjs");
    let answer: { status: number; raw: string } | null = null;
    const parameters: Parameters = {
      url: base + request.path,
      method: request.method ?? "GET",
      token: connection.token,
      tokenType: connection.tokenType ?? "token",
      headers: { "Content-Type": "application/json", "User-Agent": "midwatch", ...request.headers },
      // 0: pdjs's timer stops nothing, it only keeps the process alive.
      requestTimeout: 0,
      ...(request.query === undefined ? {} : { queryParameters: asLists(request.query) }),
      ...(request.body === undefined ? {} : { data: request.body }),
      fetch: async (url, init) => {
        const response = await send(url, { ...init, ...(signal === undefined ? {} : { signal }) });
        answer = { status: response.status, raw: await response.text() };
        return new Response(answer.raw === "" ? null : answer.raw, { status: response.status, headers: response.headers });
      },
    };
    let told: APIResponse | null = null;
    try {
      told = await api(parameters);
    } catch (error) {
      // pdjs rejects with the Response itself when the body is no JSON: then `answer` has the rest.
      if (answer === null) throw error;
    }
    const { status, raw } = gone(answer);
    if (status < 200 || status >= 300) throw refusal(status, raw, request);
    if (told === null) throw new UnexpectedAnswerError("pagerduty", `${request.method ?? "GET"} ${request.path}`, "the body is not JSON");
    return { data: told.data as unknown, raw };
  };
}

/** An answer that did not come through the fetch above went around the timeout, the policy and the audit: that is a bug, not an answer. */
function gone(answer: { status: number; raw: string } | null): { status: number; raw: string } {
  if (answer !== null) return answer;
  throw new Error(
    "@pagerduty/pdjs did not use midwatch's fetch: node_modules/cross-fetch must be src/integrations/pagerduty/cross-fetch; run `npm ci`",
  );
}

const asLists = (query: Readonly<Record<string, string | readonly string[]>>): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]));
