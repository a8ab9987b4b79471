import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";

/** What Slack does to whoever asks. `down`: 503 at once; `hangs`: it takes the call and never answers. */
export type SlackState = "up" | "down" | "hangs";

export interface StrictSlack extends AsyncDisposable {
  /** Base URL in place of the given one. */
  readonly url: string;
  /** Calls refused with 429, since the start. */
  refused(): number;
  /** Messages posted and edits made, since the start. */
  taken(): { readonly posts: number; readonly edits: number };
  be(state: SlackState): void;
}

const POST_EVERY_MS = 1_000;
const EDITS_A_MINUTE = 50;

/**
 * Stands before an emulated Slack and keeps Slack's limits, which emulations do not: one message a second in a channel, fifty edits a minute.
 * Source: "Rate limits" of Slack's docs.
 */
export async function startStrictSlack(target: string): Promise<StrictSlack> {
  let state: SlackState = "up";
  let refused = 0;
  const posts = new Map<string, number[]>();
  const edits: number[] = [];
  /** ms until it may be called, by the limits; 0: now, and then it counts. */
  const limit = (method: string, body: string): number => {
    const now = performance.now();
    if (method === "chat.update") {
      const recent = edits.filter((at) => at > now - 60_000);
      if (recent.length >= EDITS_A_MINUTE) return (recent[0] ?? now) + 60_000 - now;
      edits.push(now);
      return 0;
    }
    if (method !== "chat.postMessage") return 0;
    const channel = /(?:"channel":"|(?:^|&)channel=)([A-Z0-9]+)/.exec(body)?.[1] ?? "";
    const known = posts.get(channel) ?? [];
    const waitMs = (known.at(-1) ?? Number.NEGATIVE_INFINITY) + POST_EVERY_MS - now;
    if (waitMs > 0) return waitMs;
    posts.set(channel, [...known, now]);
    return 0;
  };
  const { pathname: base, origin } = new URL(target);
  const pass = ({ method, headers: { host: _host, ...headers }, url }: IncomingMessage, body: Buffer, outgoing: ServerResponse): void => {
    const forwarded = send(new URL(url ?? "/", origin), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end(body);
  };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    if (state === "hangs") return;
    if (state === "down") {
      outgoing.writeHead(503).end();
      return;
    }
    const waitMs = limit((incoming.url ?? "").replace(/^.*\/|\?.*$/g, ""), body.toString("utf8"));
    if (waitMs === 0) {
      pass(incoming, body, outgoing);
      return;
    }
    refused++;
    outgoing.writeHead(429, { "retry-after": String(Math.ceil(waitMs / 1_000)), "content-type": "application/json" });
    outgoing.end(JSON.stringify({ ok: false, error: "ratelimited" }));
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    refused: () => refused,
    taken: () => ({ posts: [...posts.values()].flat().length, edits: edits.length }),
    be: (next) => (state = next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
