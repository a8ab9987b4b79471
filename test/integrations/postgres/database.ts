import { Client } from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/replay/postgres/embedded.ts";

export const reader = { name: "midwatch", password: "canary-reader-password" };
/** Logs in, but may not read what others do. */
export const stranger = { name: "stranger", password: "canary-stranger-password" };
export const app = { name: "shop_app", password: "canary-app-password" };

export interface Shop extends AsyncDisposable {
  readonly server: EmbeddedPostgres;
  /** A session of its own, closed with the rest. */
  connect(role: { name: string; password: string }, database?: string): Promise<Client>;
}

/** A real PostgreSQL with a shop in it: orders have an index by customer and none by status. `bare` is a database without the extension. */
export async function startShop(): Promise<Shop> {
  const server = await startEmbeddedPostgres({ settings: { shared_preload_libraries: "pg_stat_statements" } });
  const clients: Client[] = [];
  const connect = async (role: { name: string; password: string }, database = "shop") => {
    const client = new Client({ connectionString: server.url(role, database), application_name: "shop" });
    client.on("error", () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  const close = async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await server.close();
  };
  try {
    const root = await connect(server.superuser, "postgres");
    for (const { name, password } of [reader, stranger, app]) await root.query(`create role ${name} login password '${password}'`);
    await root.query("grant pg_monitor to midwatch");
    await root.query("create database shop owner shop_app");
    await root.query("create database bare owner shop_app");
    const shop = await connect(server.superuser);
    await shop.query("create extension pg_stat_statements");
    const owner = await connect(app);
    await owner.query(`
      create table orders (id bigint primary key, customer_id bigint not null, status text not null, note text);
      create index orders_customer_idx on orders (customer_id);
      insert into orders select i, i % 100, case when i % 50 = 0 then 'open' else 'done' end, repeat('x', 200) from generate_series(1, 5000) i;
      analyze orders;
    `);
    return { server, connect, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
