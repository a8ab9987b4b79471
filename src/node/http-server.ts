import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Config } from "../config.ts";

/** Above the 60 s after which the usual proxies and senders close an idle connection themselves. */
const KEEP_ALIVE_MS = 75_000;

type Handle = (request: Request, env?: object) => Response | Promise<Response>;

export interface HttpServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Whom requests go to from now on; before that they get 503. */
  answerWith(handle: Handle): void;
  /** Takes no more requests; `now` also cuts those under way. */
  close(now: boolean): void;
}

/** Listens where the settings say. @throws an error of the port */
export async function openHttpServer({ PORT, HOST }: Pick<Config, "PORT" | "HOST">): Promise<HttpServer> {
  const listening = Promise.withResolvers<AddressInfo>();
  let handle: Handle = () => new Response("starting", { status: 503 });
  const server = serve({ fetch: (request, env) => handle(request, env), port: PORT, hostname: HOST }, listening.resolve);
  server.on("error", listening.reject);
  // A sender's connection that idles for longer than Node's five seconds must not be cut just as its next webhook leaves.
  if ("keepAliveTimeout" in server) server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { port } = await listening.promise;
  return {
    url: `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${port}`,
    answerWith(next) {
      handle = next;
    },
    close(now) {
      server.close();
      if (now && "closeAllConnections" in server) server.closeAllConnections();
    },
  };
}
