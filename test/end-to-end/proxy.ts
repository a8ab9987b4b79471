import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A call that passed through, as a network's own recorder would note it. */
export interface PassedCall {
  readonly vendor: string;
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly body: string;
  /** null while it is not answered. */
  status: number | null;
}

/**
 * Stands around each call. `forward` sends it on and gives the answer back to the caller, or only so many bytes of its body (with 0 not even its
 * head); it settles when the vendor has answered. A call that was not answered whole is cut off when this returns.
 */
export type Around = (call: PassedCall, forward: (options?: { readonly bytes: number }) => Promise<void>) => Promise<void>;

export interface Proxy extends AsyncDisposable {
  /** The given settings with the base URL of each vendor that they name replaced by the proxy's own. */
  readonly settings: Readonly<Record<string, string>>;
  /** Every call, in the order of arrival. */
  readonly calls: readonly PassedCall[];
}

const VENDORS: Readonly<Record<string, string>> = {
  PAGERDUTY_API_URL: "pagerduty",
  DD_API_URL: "datadog",
  SENTRY_API_URL: "sentry",
  GITHUB_API_URL: "github",
  SLACK_API_URL: "slack",
  ANTHROPIC_BASE_URL: "anthropic",
};

/** What no vendor counts as a change: reads, and the searches that Datadog and Slack take as POST. */
const POSTED_READS: readonly { vendor: string; path: RegExp }[] = [
  {
    vendor: "datadog",
    path: /^\/api\/v2\/(query\/(timeseries|scalar)|(logs|spans)\/(events\/search|analytics\/aggregate)|events\/search)$/,
  },
  // Slack's Web API takes any method as POST; these only read.
  { vendor: "slack", path: /^\/api\/(auth\.test|conversations\.(list|info|history|replies)|chat\.getPermalink|users\.info)$/ },
];

export function isMutating({ vendor, method, path }: PassedCall): boolean {
  if (method === "GET" || method === "HEAD") return false;
  const bare = path.replace(/\?.*$/, "");
  return !POSTED_READS.some((read) => method === "POST" && read.vendor === vendor && read.path.test(bare));
}

/** One listening port per vendor base URL that forwards everything and keeps a record. */
export async function startProxy(
  settings: Readonly<Record<string, string>>,
  around: Around = (_call, forward) => forward(),
): Promise<Proxy> {
  const calls: PassedCall[] = [];
  const proxied: Record<string, string> = { ...settings };
  const named = Object.entries(VENDORS).filter(([setting]) => settings[setting] !== undefined);
  const servers = await Promise.all(
    named.map(async ([setting, vendor]) => {
      const target = new URL(settings[setting] ?? "");
      const server = createServer((incoming, outgoing) => {
        void (async () => {
          // As it came: a picture is no text.
          const sent = await buffer(incoming);
          const body = sent.toString();
          const call: PassedCall = { vendor, method: incoming.method ?? "", path: incoming.url ?? "", body, status: null };
          calls.push(call);
          const forward = ({ bytes } = { bytes: Infinity }) =>
            new Promise<void>((resolve, reject) => {
              // The host that the caller named is passed on, so links in answers lead back here and not past the record.
              const { method, headers } = incoming;
              const forwarded = send({ host: target.hostname, port: target.port, path: call.path, method, headers }, (answer) => {
                call.status = answer.statusCode ?? null;
                answer.on("end", resolve);
                answer.on("error", reject);
                if (bytes === 0) return void answer.resume();
                outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
                if (bytes === Infinity) return void answer.pipe(outgoing);
                let left = bytes;
                answer.on("data", (chunk: Buffer) => {
                  outgoing.write(chunk.subarray(0, left));
                  left = Math.max(0, left - chunk.length);
                });
                return undefined;
              });
              forwarded.on("error", reject);
              forwarded.end(sent);
            });
          await around(call, forward);
          if (!outgoing.writableEnded) outgoing.destroy();
        })().catch(() => outgoing.destroy());
      });
      server.listen(0, "127.0.0.1");
      await new Promise((listening) => server.once("listening", listening));
      const { port } = server.address() as AddressInfo;
      proxied[setting] = `http://127.0.0.1:${port}${target.pathname === "/" ? "" : target.pathname}`;
      return server;
    }),
  );
  return {
    settings: proxied,
    calls,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((closed) => {
              server.close(() => closed());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}
