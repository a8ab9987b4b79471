import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an app on loopback. @param port 0: any that is free */
export function listen(app: Hono, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, ({ port: actual }) => {
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
    }) as Server;
    server.once("error", reject);
  });
}
