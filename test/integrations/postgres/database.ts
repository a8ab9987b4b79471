import type { Client } from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/replay/postgres/embedded.ts";
import { sessionsOf } from "./sessions.ts";

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
  const { connect, close } = sessionsOf(server);
  try {
    const root = await connect(server.superuser, "postgres");
    for (const { name, password } of [reader, stranger, app]) await root.query(`create role ${name} login password '${password}'`);
    await root.query("grant pg_monitor to midwatch");
    await root.query("create database shop owner shop_app");
    await root.query("create database bare owner shop_app");
    const shop = await connect(server.superuser, "shop");
    await shop.query("create extension pg_stat_statements");
    const owner = await connect(app, "shop");
    await owner.query(`
      create table orders (id bigint primary key, customer_id bigint not null, status text not null, note text);
      create index orders_customer_idx on orders (customer_id);
      insert into orders select i, i % 100, case when i % 50 = 0 then 'open' else 'done' end, repeat('x', 200) from generate_series(1, 5000) i;
      analyze orders;
    `);
    return { server, connect: (role, database = "shop") => connect(role, database), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
