import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** What this machine is called on itself. */
const OWN_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Other sites that are open in a browser of this machine neither read here, by a name of theirs that points to it, nor act here. null: it is none. */
function refusal(request: Request): Response | null {
  const { hostname, origin } = new URL(request.url);
  if (!OWN_NAMES.has(hostname)) return new Response(`Nothing here answers as ${hostname}.`, { status: 421 });
  const from = request.headers.get("origin");
  return from === null || from === origin ? null : new Response("Only this server's own pages act here.", { status: 403 });
}

/** Serves an app on loopback, to this machine alone. @param port 0: any that is free */
export function listen(app: Hono, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: (request, env) => refusal(request) ?? app.fetch(request, env), port, hostname: "127.0.0.1" },
      ({ port: actual }) => {
        server.off("error", reject);
        resolve({
          url: `http://127.0.0.1:${actual}`,
          close: () =>
            new Promise((done) => {
              server.close(() => done());
              // A call that is never answered would hold the server open.
              server.closeAllConnections();
            }),
        });
      },
    ) as Server;
    server.once("error", reject);
  });
}
