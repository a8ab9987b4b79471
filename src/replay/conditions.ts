import type { Context, MiddlewareHandler } from "hono";
import type { IntegrationName } from "../guard/errors.ts";
import { type Sleep, sleepFor } from "../guard/outgoing.ts";
import type { Access } from "./recorded.ts";

/**
 * What a fault does to a call it meets: `status` answers with the vendor's error body, `timeout` never answers, `cut` breaks the connection
 * half way through the body, `malformed` ends the JSON half way with status 200.
 */
export type FaultKind =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "cut" }
  | { readonly kind: "malformed" };

export type Fault = FaultKind & {
  readonly vendor: IntegrationName;
  readonly method?: string;
  /** A path's beginning, or a pattern somewhere in it. None: every path of the vendor. */
  readonly path?: string | RegExp;
  /** How many calls it meets before it is over; none: all. */
  readonly times?: number;
};

export interface ConditionsOptions {
  /** Waited before each answer, milliseconds; one figure for all vendors or one for each. */
  readonly latencyMs?: number | Readonly<Partial<Record<IntegrationName, number>>>;
  /** Calls per minute that a vendor allows; none: no limit. */
  readonly rateLimits?: Readonly<Partial<Record<IntegrationName, number>>>;
  readonly faults?: readonly Fault[];
  /** From the recording's access.json. Datadog's keys name parts of it, and the replayed Datadog keeps to them itself. */
  readonly access?: Readonly<Partial<Record<string, Access>>>;
  readonly sleep?: Sleep;
  readonly now?: () => number;
}

const WINDOW_MS = 60_000;

/**
 * An error as the vendor words it.
 * Sources: contracts of the vendors' REST APIs; Slack answers errors of its own with 200, but 429 and 5xx with that status.
 */
function vendorError(c: Context, vendor: IntegrationName, status: number, message?: string): Response {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const answer = (body: unknown) => new Response(JSON.stringify(body), { status, headers });
  switch (vendor) {
    case "pagerduty": {
      const known: Record<number, [string, number]> = {
        401: ["Authentication failed", 2006],
        403: ["Access Denied", 2010],
        404: ["Not Found", 2100],
        429: ["Rate Limit Exceeded", 2020],
      };
      const [text, code] = known[status] ?? ["Internal Server Error", 2000];
      return answer({ error: { message: message ?? text, code } });
    }
    case "anthropic": {
      const types: Record<number, string> = {
        401: "authentication_error",
        403: "permission_error",
        429: "rate_limit_error",
        529: "overloaded_error",
      };
      return answer({ type: "error", error: { type: types[status] ?? "api_error", message: message ?? "Internal server error" } });
    }
    case "mcp":
      throw new Error("no MCP server is replayed");
    case "postgres":
      throw new Error("PostgreSQL is not served over HTTP; src/replay/postgres/ refuses in its own protocol");
    case "datadog":
      return answer({
        errors: [message ?? (status === 403 ? "Forbidden" : status === 429 ? "Too many requests" : "Internal Server Error")],
      });
    case "sentry":
      return answer({
        detail: message ?? (status === 403 ? "You do not have permission to perform this action." : "Internal Error"),
      });
    case "github": {
      const text = status === 403 ? "Resource not accessible by personal access token" : status === 404 ? "Not Found" : "Server Error";
      return answer({ message: message ?? text, documentation_url: "https://docs.github.com/rest", status: String(status) });
    }
    case "slack":
      if (status === 403) return c.json({ ok: false, error: "missing_scope", needed: "chat:write", provided: "identify" });
      return answer({ ok: false, error: message ?? (status === 429 ? "ratelimited" : "internal_error") });
    default:
      return answer({ error: message ?? "server_error" });
  }
}

/** Where a vendor names its limit, and how it refuses. `resetMs` is until the window ends. */
function limitHeaders(
  vendor: IntegrationName,
  limit: number,
  remaining: number,
  refused: boolean,
  resetMs: number,
  now: number,
): Record<string, string> {
  const seconds = String(Math.max(1, Math.ceil(resetMs / 1000)));
  const epoch = String(Math.ceil((now + resetMs) / 1000));
  switch (vendor) {
    case "pagerduty":
      return { "ratelimit-limit": String(limit), "ratelimit-remaining": String(remaining), "ratelimit-reset": seconds };
    case "datadog":
      return {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-period": String(WINDOW_MS / 1000),
        "x-ratelimit-remaining": String(remaining),
        "x-ratelimit-reset": seconds,
        "x-ratelimit-name": "replay",
      };
    case "sentry":
      return {
        "x-sentry-rate-limit-limit": String(limit),
        "x-sentry-rate-limit-remaining": String(remaining),
        "x-sentry-rate-limit-reset": epoch,
        "x-sentry-rate-limit-concurrentlimit": "25",
        "x-sentry-rate-limit-concurrentremaining": "24",
      };
    case "github":
      return {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(remaining),
        "x-ratelimit-used": String(limit - remaining),
        "x-ratelimit-reset": epoch,
        "x-ratelimit-resource": "core",
      };
    default:
      return refused ? { "retry-after": seconds } : {};
  }
}

function refusal(c: Context, vendor: IntegrationName, limit: number): Response {
  switch (vendor) {
    // GitHub refuses a spent primary limit with 403, which differs from "forbidden" by x-ratelimit-remaining: 0.
    case "github":
      return vendorError(c, vendor, 403, "API rate limit exceeded for user ID 1.");
    case "sentry":
      return vendorError(
        c,
        vendor,
        429,
        `You are attempting to use this endpoint too frequently. Limit is ${limit} requests in ${WINDOW_MS / 1000} seconds`,
      );
    case "datadog":
      return vendorError(c, vendor, 429, `Rate limit of ${limit} requests in ${WINDOW_MS / 1000} seconds reached. Please try again later.`);
    default:
      return vendorError(c, vendor, 429);
  }
}

/** Holds the call until the caller gives up or the server closes. */
const never = (signal: AbortSignal): Promise<Response> =>
  new Promise((resolve) => {
    const end = () => resolve(new Response(null, { status: 504 }));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });

const halfOf = async (response: Response): Promise<{ half: Uint8Array<ArrayBuffer>; whole: number }> => {
  const body = new Uint8Array(await response.arrayBuffer());
  return { half: body.slice(0, Math.max(1, Math.floor(body.length / 2))), whole: body.length };
};

/** The head promises the whole length, then the connection breaks. */
async function cut(response: Response): Promise<Response> {
  const { half, whole } = await halfOf(response);
  const headers = new Headers(response.headers);
  headers.set("content-length", String(Math.max(whole, half.length + 1)));
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent) {
        // Late enough that the head and the first half have left: the server would answer 500 to a body that fails at once.
        await sleepFor(20);
        return controller.error(new Error("the connection is cut here"));
      }
      sent = true;
      controller.enqueue(half);
    },
  });
  return new Response(body, { status: response.status, headers });
}

async function malformed(response: Response): Promise<Response> {
  const { half } = await halfOf(response);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(half, { status: 200, headers });
}

/**
 * How the vendors behave today, apart from what they know: latency, rate limits, faults, and the recording's access.json (`forbidden` and
 * `error:NNN`; `empty` is each vendor's own affair).
 * @returns a middleware for each vendor, to go before its routes
 */
export function createConditions(options: ConditionsOptions = {}): (vendor: IntegrationName) => MiddlewareHandler {
  const { latencyMs = 0, rateLimits = {}, access = {}, sleep = sleepFor, now = Date.now } = options;
  const faults = (options.faults ?? []).map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
  const meets = (fault: Fault, vendor: IntegrationName, method: string, path: string): boolean =>
    fault.vendor === vendor &&
    (fault.method === undefined || fault.method.toUpperCase() === method) &&
    (fault.path === undefined || (typeof fault.path === "string" ? path.startsWith(fault.path) : fault.path.test(path)));

  return (vendor) => {
    const limit = rateLimits[vendor];
    let window = { endsAt: 0, used: 0 };
    const waitMs = typeof latencyMs === "number" ? latencyMs : (latencyMs[vendor] ?? 0);

    const answer = async (c: Context, next: () => Promise<void>): Promise<void> => {
      const { path, method } = c.req;
      const met = faults.find(({ fault, left }) => left > 0 && meets(fault, vendor, method, path));
      if (met !== undefined) {
        met.left--;
        const { fault } = met;
        if (fault.kind === "status") c.res = vendorError(c, vendor, fault.status);
        else if (fault.kind === "timeout") c.res = await never(c.req.raw.signal);
        else {
          await next();
          c.res = fault.kind === "cut" ? await cut(c.res) : await malformed(c.res);
        }
        return;
      }
      const rule = access[vendor];
      if (rule?.kind === "forbidden") c.res = vendorError(c, vendor, 403);
      else if (rule?.kind === "error") c.res = vendorError(c, vendor, rule.status);
      else await next();
    };

    return async (c, next) => {
      if (waitMs > 0) await sleep(waitMs);
      if (limit === undefined) return answer(c, next);
      const at = now();
      if (at >= window.endsAt) window = { endsAt: at + WINDOW_MS, used: 0 };
      window.used++;
      const refused = window.used > limit;
      const headers = limitHeaders(vendor, limit, Math.max(0, limit - window.used), refused, window.endsAt - at, at);
      if (refused) c.res = refusal(c, vendor, limit);
      else await answer(c, next);
      // Last, because an answer that a handler passes on whole does not take headers that were set before it.
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
      return undefined;
    };
  };
}
