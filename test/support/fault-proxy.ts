import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What goes wrong at a vendor. `429 soon` and `clock` pass after two refused calls; the others stay unless `times` says how many calls they meet. */
export const faultNames = [
  "429 soon",
  "429 bare",
  "429 late",
  "5xx",
  "hang",
  "drip",
  "cut",
  "malformed",
  "html",
  "expired",
  "10 MB",
  "clock",
  "pages",
] as const;
export type FaultName = (typeof faultNames)[number];

const HOUR_MS = 3_600_000;
const LARGE = " ".repeat(10 * 1024 * 1024);

/** How each vendor says when to come back, in its own headers; those that are not here use `retry-after`. */
const limitHeaders = (vendor: string, inSeconds: number, clock: number): Record<string, string> => {
  const [seconds, epoch] = [String(inSeconds), String(Math.ceil(clock / 1_000) + inSeconds)];
  switch (vendor) {
    case "datadog":
      return { "x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": seconds, "x-ratelimit-period": "3600" };
    case "pagerduty":
      return { "ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": seconds };
    case "sentry":
      return { "x-sentry-rate-limit-limit": "40", "x-sentry-rate-limit-remaining": "0", "x-sentry-rate-limit-reset": epoch };
    case "github":
      return { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": epoch, "x-ratelimit-resource": "core" };
    default:
      return { "retry-after": seconds };
  }
};

/** A page of a list that claims another one behind it, in the vendor's own way. */
function withNextPage(vendor: string, url: string, headers: Record<string, string>, body: string): string {
  if (vendor === "github" || vendor === "sentry") {
    const next = new URL(url);
    next.searchParams.set(vendor === "github" ? "page" : "cursor", vendor === "github" ? "2" : "0:100:0");
    headers["link"] = `<${next.href}>; rel="next"; results="true"; cursor="0:100:0"`;
    return body;
  }
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return body;
  const fields = json as Record<string, unknown>;
  if (vendor === "datadog") fields["meta"] = { ...(fields["meta"] as object | undefined), page: { after: "again" } };
  if (vendor === "pagerduty") fields["more"] = true;
  if (vendor === "slack") fields["response_metadata"] = { next_cursor: "again" };
  if (vendor === "mcp" && typeof fields["result"] === "object") fields["result"] = { ...fields["result"], nextCursor: "again" };
  return JSON.stringify(json);
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Calls so far. */
  calls(): number;
}

/**
 * A vendor in trouble on loopback: everything is passed on to the real one, and comes back with the fault.
 * @param fault null: none
 * @param times calls that the fault meets. Default: all, or two where it passes
 */
export async function startFaultProxy(vendor: string, target: string, fault: FaultName | null, times?: number): Promise<FaultProxy> {
  let calls = 0;
  let met = 0;
  const most = times ?? (fault === "429 soon" || fault === "clock" ? 2 : Number.POSITIVE_INFINITY);
  const timers = new Set<NodeJS.Timeout>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    calls++;
    const body = await buffer(request);
    const isMet = fault !== null && met < most;
    if (isMet) met++;
    const skewed = fault === "clock" ? { date: new Date(Date.now() + HOUR_MS).toUTCString() } : {};
    const say = (status: number, text: string, headers: Record<string, string> = {}) =>
      void response.writeHead(status, { "content-type": "application/json", ...skewed, ...headers }).end(text);
    const refuse = (headers: Record<string, string>) =>
      vendor === "github" && headers["x-ratelimit-remaining"] === "0"
        ? say(403, '{"message":"API rate limit exceeded"}', headers)
        : say(
            429,
            vendor === "slack" ? '{"ok":false,"error":"ratelimited"}' : '{"error":{"message":"Too Many Requests","code":2020}}',
            headers,
          );
    if (isMet) {
      switch (fault) {
        case "429 soon":
          return refuse(limitHeaders(vendor, 1, Date.now()));
        case "429 late":
          // Longer than one call waits. Of Slack a wait of an hour would be kept, too.
          return refuse(limitHeaders(vendor, vendor === "slack" ? 20 : 3_600, Date.now()));
        case "429 bare":
          return refuse({});
        case "clock":
          return refuse(limitHeaders(vendor, 1, Date.now() + HOUR_MS));
        case "5xx":
          return say(503, '{"error":{"message":"Service Unavailable","code":2000}}');
        case "hang":
          return undefined;
        case "html":
          return say(200, "<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>", { "content-type": "text/html" });
        case "expired":
          return vendor === "slack" ? say(200, '{"ok":false,"error":"token_expired"}') : say(401, '{"error":{"message":"Unauthorized"}}');
        case "drip": {
          response.writeHead(200, { "content-type": "application/json" });
          const timer = setInterval(() => void response.write(" "), 100);
          timers.add(timer);
          response.on("close", () => clearInterval(timer));
          return undefined;
        }
        default:
      }
    }
    const { pathname, search } = new URL(request.url ?? "", "http://x");
    const there = new URL(target);
    const forwarded = await fetch(`${there.origin}${pathname}${search}`, {
      method: request.method ?? "GET",
      // The host that the caller named, so that links in answers lead back here.
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === "string" && !/^(?:host|connection|content-length|transfer-encoding|accept-encoding)$/.test(name)
          ? [[name, value]]
          : [],
      ),
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      redirect: "manual",
    });
    const bytes = Buffer.from(await forwarded.arrayBuffer());
    const headers = Object.fromEntries(
      [...forwarded.headers].filter(([name]) => !/^(?:content-length|transfer-encoding|connection)$/.test(name)),
    );
    const isStream = headers["content-type"]?.includes("event-stream") === true;
    if (isMet && fault === "cut") {
      response.writeHead(forwarded.status, { ...headers, "content-length": String(bytes.length + 100) });
      return void response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(() => response.destroy(), 20));
    }
    if (isMet && fault === "malformed") return void response.writeHead(200, headers).end(bytes.subarray(0, Math.floor(bytes.length / 2)));
    if (isMet && fault === "10 MB")
      return void response
        .writeHead(forwarded.status, headers)
        .end(isStream ? `${`:${LARGE}`}\n\n${bytes.toString()}` : `${bytes.toString()}${LARGE}`);
    if (isMet && fault === "pages") {
      const text = withNextPage(vendor, `http://${request.headers.host ?? ""}${request.url ?? ""}`, headers, bytes.toString());
      return void response.writeHead(forwarded.status, headers).end(text);
    }
    return void response.writeHead(forwarded.status, { ...headers, ...skewed }).end(bytes);
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { pathname } = new URL(target);
  return {
    url: `http://127.0.0.1:${port}${pathname === "/" ? "" : pathname}`,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
