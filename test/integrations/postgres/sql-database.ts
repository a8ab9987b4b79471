import type { Client } from "pg";
import { grantScript } from "../../../src/integrations/postgres/sql-grants.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/replay/postgres/embedded.ts";
import { declaredTables } from "./sql-catalog.ts";
import { sessionsOf } from "./sessions.ts";

/** In every value that must not be seen, as it is or turned round. */
export const HIDDEN = "canaryhidden";
export const MASKED = "canarymasked";

export const sqlRole = { name: "midwatch_sql", password: "canary-sql-password" };
export const owner = { name: "shop_owner", password: "canary-owner-password" };

export const EPOCH = "2026-06-01 08:00:00+00";

/** A shop with what an attacker would want beside what an engineer may read. */
const SCHEMA = `
  create schema ops authorization shop_owner;
  create schema vault authorization shop_owner;
  create table orders (id bigint primary key, customer_id bigint not null, status text not null, total_cents integer not null, created_at timestamptz not null,
    shipped_at timestamptz, region text not null, tags text[] not null, meta jsonb not null, card_token text not null);
  create table order_items (order_id bigint not null, sku text not null, quantity integer not null, price_cents integer not null, primary key (order_id, sku));
  create table customers (id bigint primary key, plan text not null, country text not null, created_at timestamptz not null, note text,
    email text not null, phone text not null, full_name text not null, password_hash text not null);
  create table jobs (id bigint primary key, queue text not null, state text not null, attempts integer not null, run_at timestamptz not null,
    finished_at timestamptz, error text, payload jsonb not null);
  create table deploys (id bigint primary key, service text not null, version text not null, at timestamptz not null);
  create table ops.heartbeats (host text not null, at timestamptz not null, ok boolean not null);
  create table vault.secrets (id bigint primary key, token text not null);
  create table audit (id bigserial primary key, who text not null, what text not null);
  create view open_orders as select id, status, timestamptz '${EPOCH}' - created_at as age, card_token from orders where status = 'open';
  create view everything as select * from customers;
  create materialized view totals as select customer_id, sum(total_cents) as cents from orders group by 1;
  create sequence tickets;

  insert into orders select i, i % 40 + 1, (array['open','paid','shipped','failed'])[i % 4 + 1], i * 100, timestamptz '${EPOCH}' - make_interval(mins => i),
    case when i % 4 = 2 then timestamptz '${EPOCH}' - make_interval(mins => i - 1) end, (array['eu','us','ap'])[i % 3 + 1],
    array['t' || i % 5, 'web'], jsonb_build_object('gateway', (array['stripe','adyen'])[i % 2 + 1], 'retries', i % 3, 'steps', jsonb_build_array(i, i + 1)), '${HIDDEN}card' || i
    from generate_series(1, 400) i;
  insert into order_items select o, 'sku' || (o + k) % 7, k, 100 * k from generate_series(1, 400) o, generate_series(1, 2) k;
  insert into customers select i, (array['free','pro'])[i % 2 + 1], (array['DE','FR','US'])[i % 3 + 1], timestamptz '${EPOCH}' - make_interval(days => i),
    case when i % 4 = 0 then 'called about invoice ' || i end, '${MASKED}mail' || i || '@acme.test', '+49${MASKED}' || i, '${MASKED}name ' || i, '${HIDDEN}hash' || i
    from generate_series(1, 40) i;
  insert into jobs select i, (array['mail','billing','export'])[i % 3 + 1], (array['done','queued','failed','running'])[i % 4 + 1], i % 5, timestamptz '${EPOCH}' - make_interval(mins => i * 2),
    case when i % 4 = 0 then timestamptz '${EPOCH}' - make_interval(mins => i) end, case when i % 4 = 2 then 'timeout after ' || i % 3 || ' s' end, jsonb_build_object('n', i)
    from generate_series(1, 120) i;
  insert into deploys values (1, 'checkout', 'v41', timestamptz '${EPOCH}' - interval '5 hours'), (2, 'checkout', 'v42', timestamptz '${EPOCH}' - interval '40 minutes'), (3, 'mailer', 'v7', timestamptz '${EPOCH}' - interval '1 day');
  insert into ops.heartbeats select 'web-' || i % 3, timestamptz '${EPOCH}' - make_interval(secs => i * 10), i % 10 <> 0 from generate_series(1, 60) i;
  insert into vault.secrets values (1, '${HIDDEN}secret');
  insert into audit (who, what) values ('root', '${HIDDEN}audit');
  refresh materialized view totals;
  grant usage on schema public to public;
  analyze;

  create function leak() returns text language sql security definer as $$ select token from vault.secrets $$;
  create function lower(t orders) returns text language sql security definer as $$ select token from vault.secrets $$;
  create function date(t orders) returns text language sql security definer as $$ select token from vault.secrets $$;
  create function email(c customers) returns text language sql security definer as $$ select c.email $$;
  create function scribble() returns int language plpgsql as $$ begin insert into public.audit (who, what) values ('attacker', 'was here'); return 1; end $$;
  create function peek(text, text) returns boolean language sql security definer as $$ select exists (select from vault.secrets where token like $1) $$;
  create operator === (leftarg = text, rightarg = text, function = peek);
  create domain checked as text check (value <> '' or leak() = '');
  create type pair as (a text, b text);
  create function pair_to_int(pair) returns integer language sql security definer as $$ select length(token) from vault.secrets $$;
  create cast (pair as integer) with function pair_to_int(pair);
  -- Better fits than PostgreSQL's own, for who looks in public too.
  create function length(varchar) returns integer language sql security definer as $$ select 4711 $$;
  create function overlaps_text(text, varchar) returns boolean language sql as $$ select true $$;
  create operator = (leftarg = text, rightarg = varchar, function = overlaps_text);
  create extension dblink;
`;

export interface SqlShop extends AsyncDisposable {
  readonly server: EmbeddedPostgres;
  /** `postgres://…` of the role that the generated script made. */
  readonly url: string;
  /** A session of the server's superuser in the database; closed with the rest. */
  readonly root: Client;
}

/** A real PostgreSQL with the shop, and the role that the generated script makes of the catalog. */
export async function startSqlShop(): Promise<SqlShop> {
  const server = await startEmbeddedPostgres();
  const { connect, close } = sessionsOf(server);
  try {
    const root = await connect(server.superuser, "postgres");
    await root.query(`create role ${owner.name} login password '${owner.password}'`);
    await root.query(`create database shop owner ${owner.name}`);
    const admin = await connect(server.superuser, "shop");
    await admin.query(SCHEMA);
    await admin.query(grantScript("shop", declaredTables));
    // Each of many hundred logins costs as many rounds of hashing on both sides.
    await admin.query("set scram_iterations = 1");
    await admin.query(`alter role ${sqlRole.name} password '${sqlRole.password}'`);
    return { server, root: admin, url: server.url(sqlRole, "shop"), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
