import type { z } from "zod";
import { ForbiddenError, IntegrationError } from "../../guard/errors.ts";
import { type Caller, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { readJson } from "../read-json.ts";
import { sentryPolicy } from "./policy.ts";

/** One kind of read: words for people, and the scope that a token needs for it. */
export interface Read {
  readonly what: string;
  readonly scope: string;
}

export const reads = {
  token: { what: "what the token may do", scope: "none" },
  organisation: { what: "the projects", scope: "org:read" },
  issues: { what: "issues", scope: "event:read" },
  event: { what: "an issue's latest event", scope: "event:read" },
  releases: { what: "releases", scope: "project:read" },
} as const satisfies Record<string, Read>;

export interface TransportOptions extends Caller {
  readonly baseUrl: string;
  readonly token: string;
  readonly org: string;
}

export interface Received<T> {
  readonly value: T;
  /** The answer as it came. */
  readonly text: string;
  /** Of the next page, or null when this is the last. */
  readonly cursor: string | null;
}

export interface Transport {
  /**
   * @param path below `/api/0/organizations/<org>/`, with its trailing slash
   * @throws ForbiddenError, RateLimitedError, TimedOutError, UnexpectedAnswerError, IntegrationError
   */
  get<T>(
    read: Read,
    path: string,
    parameters: Readonly<Record<string, string>>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Received<T>>;
  /** What is above all organisations: `/api/0/`. @throws as `get` */
  root<T>(read: Read, schema: z.ZodType<T>, signal: AbortSignal): Promise<Received<T>>;
}

const SETUP = "docs/setup.md#sentry";

/** The reset is an epoch in seconds; too many calls at once have none and pass within a moment. */
function waitMs(response: Response, now: number): number | null {
  if (
    response.headers.get("x-sentry-rate-limit-concurrentremaining") === "0" &&
    response.headers.get("x-sentry-rate-limit-remaining") !== "0"
  ) {
    return 1_000;
  }
  const reset = Number(response.headers.get("x-sentry-rate-limit-reset") ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(500, reset * 1000 - now) : null;
}

/** A next page is always named; whether it holds anything is said beside it. Only its cursor is used: the URL may be of another host. */
export function nextCursor(link: string | null): string | null {
  for (const part of (link ?? "").split(/,\s*(?=<)/)) {
    if (/;\s*rel="next"/.test(part) && /;\s*results="true"/.test(part)) return /;\s*cursor="([^"]+)"/.exec(part)?.[1] ?? null;
  }
  return null;
}

/** Sentry's own words, one line of at most 300 characters. */
function vendorWords(text: string): string {
  let words = text;
  try {
    const body: unknown = JSON.parse(text);
    const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : body;
    const message = typeof detail === "object" && detail !== null && "message" in detail ? detail.message : detail;
    words = typeof message === "string" ? message : JSON.stringify(message);
  } catch {
    // Not JSON: a proxy's page, most likely. Its first words are shown.
  }
  return words.replace(/\s+/g, " ").trim().slice(0, 300) || "no reason given";
}

export function createTransport(options: TransportOptions): Transport {
  const { token, org } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const send = outgoingFetch({
    ...callerOf(options),
    vendor: "sentry",
    gate: openGate(sentryPolicy, baseUrl),
    retryAfterMs: waitMs,
  });

  function refusal(status: number, read: Read, text: string): IntegrationError {
    if (status === 401) {
      return new ForbiddenError("sentry", status, read.what, `SENTRY_AUTH_TOKEN was refused: make a new one with the scopes in ${SETUP}.`);
    }
    if (status === 403) {
      return new ForbiddenError(
        "sentry",
        status,
        `\`${read.scope}\` (${read.what})`,
        `Add this scope to the token in SENTRY_AUTH_TOKEN (${SETUP}).`,
      );
    }
    const todo =
      " Check SENTRY_ORG, and that SENTRY_API_URL is the region of the organisation (https://us.sentry.io, https://de.sentry.io).";
    const words = `sentry answered ${status} for ${read.what} of \`${org}\`: ${vendorWords(text)}.${status === 404 ? todo : ""}`;
    return new IntegrationError("sentry", words, { status, retryable: status >= 500 });
  }

  async function ask<T>(read: Read, url: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<Received<T>> {
    const response = await send(url, { headers: { authorization: `Bearer ${token}`, accept: "application/json" }, signal });
    const { raw, value } = await readJson(response, schema, {
      ...{ vendor: "sentry", what: read.what },
      refused: (status, text) => refusal(status, read, text),
    });
    return { value, text: raw, cursor: nextCursor(response.headers.get("link")) };
  }

  return {
    get: (read, path, parameters, schema, signal) => {
      const query = new URLSearchParams(parameters).toString();
      const url = `${baseUrl}/api/0/organizations/${encodeURIComponent(org)}/${path}${query === "" ? "" : `?${query}`}`;
      return ask(read, url, schema, signal);
    },
    root: (read, schema, signal) => ask(read, `${baseUrl}/api/0/`, schema, signal),
  };
}
