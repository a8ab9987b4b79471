import { Client } from "pg";
import type { EmbeddedPostgres } from "../../../src/replay/postgres/embedded.ts";

/** Sessions of a server: they end before it does. */
export interface Sessions {
  connect(role: { readonly name: string; readonly password: string }, database: string): Promise<Client>;
  /** Ends all of them, then the server. */
  close(): Promise<void>;
}

export function sessionsOf(server: EmbeddedPostgres): Sessions {
  const clients: Client[] = [];
  return {
    async connect(role, database) {
      const client = new Client({ connectionString: server.url(role, database), application_name: "shop" });
      client.on("error", () => undefined);
      clients.push(client);
      await client.connect();
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await server.close();
    },
  };
}
