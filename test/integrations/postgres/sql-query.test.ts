import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IntegrationError } from "../../../src/guard/errors.ts";
import type { OnCall, OutgoingCall } from "../../../src/guard/outgoing.ts";
import type { Question } from "../../../src/incident/source.ts";
import { toToolSchema } from "../../../src/integrations/anthropic/client.ts";
import { tenantCount } from "../../../src/integrations/postgres/impact.ts";
import { createPostgresClient } from "../../../src/integrations/postgres/client.ts";
import { createSqlClient, type SqlDatabase } from "../../../src/integrations/postgres/sql-client.ts";
import { postgresTools } from "../../../src/integrations/postgres/tools/index.ts";
import { sqlQuery } from "../../../src/integrations/postgres/tools/sql-query.ts";
import { grantScript } from "../../../src/integrations/postgres/sql-grants.ts";
import { parseSql } from "../../../src/node/sql-parser.ts";
import { runTool } from "../../support/run-tool.ts";
import { declaredTables } from "./sql-catalog.ts";
import { EPOCH, owner, type SqlShop, startSqlShop } from "./sql-database.ts";

let shop: SqlShop;
beforeAll(async () => {
  shop = await startSqlShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const question = { service: "orders", page: { createdAt: 0 } } as unknown as Question;
const clientOf = (about: Partial<SqlDatabase> = {}, onCall?: OnCall) =>
  createSqlClient({
    databases: [{ name: "shop", url: shop.url, tables: declaredTables, ...about }],
    parse: parseSql,
    statementTimeoutMs: 1_000,
    onCall,
  });
const toolOf = (client = clientOf()) => sqlQuery({ sql: client, databasesOf: () => [{ name: "shop", service: "orders" }] });
const ask = (sql: string | undefined, client = clientOf(), database?: string) =>
  runTool(toolOf(client), { ...(sql === undefined ? {} : { sql }), ...(database === undefined ? {} : { database }) }, question, 0);
const failed = (work: Promise<unknown>): Promise<IntegrationError> =>
  work.then(
    () => expect.unreachable("it ran"),
    (error: unknown) => (error instanceof IntegrationError ? error : expect.unreachable(String(error))),
  );
const check = async (client = clientOf()) => (await client.validate({}, AbortSignal.timeout(120_000)))[0];

test("an answer has its columns, its rows, what was asked, and the raw rows without what is masked", async () => {
  const { lines, fact, result } = await ask("select id, plan, email, note from customers where id in (3, 4) order by id");
  expect(lines).toEqual([
    "E1: shop: 2 rows. select id, plan, email, note from customers where id in (3, 4) order by id",
    "id | plan | email | note",
    "- 3 | pro | [email 1] | NULL",
    "- 4 | free | [email 2] | called about invoice 4",
  ]);
  expect(fact).toMatch(/^shop: 2 rows\. select id/);
  expect(result.answers).toEqual([
    expect.objectContaining({
      source: "PostgreSQL",
      query: "SQL on shop: select id, plan, email, note from customers where id in (3, 4) order by id",
      raw: '{"columns":["id","plan","email","note"],"rows":[["3","pro","[email 1]",null],["4","free","[email 2]","called about invoice 4"]]}',
      cut: null,
    }),
  ]);
});

test("the same person has the same number in one answer, in each of the parts of a UNION too", async () => {
  const { lines } = await ask(
    "select c.email, c.full_name from customers c where id = 1 union all select email, full_name from customers where id < 3",
  );
  expect(lines.slice(2)).toEqual(["- [email 1] | [name 1]", "- [email 1] | [name 1]", "- [email 2] | [name 2]"]);
});

test("columns that PostgreSQL may make several of are not read: the mask of another one would come to stand elsewhere", async () => {
  const columns = ["id", "lines", "line", "ranged", "words", "tags", "spans"];
  const baskets = [{ schema: "public", name: "baskets", columns, masked: { email: "email" } }];
  await shop.root.query(`create type public.item as (sku text, n int); create domain public.items as public.item[];
    create type public.item_range as range (subtype = public.item);
    create table baskets (id int, email text, lines public.items, line public.item, ranged public.item_range, words tsvector, tags text[], spans int4multirange);
    insert into baskets values (1, 'canary@acme.test', array[row('a', 1)]::public.item[], row('b', 2), null, 'some words', array['t'], '{[1,2)}');
    grant select on baskets to midwatch_sql`);
  try {
    const client = clientOf({ tables: baskets });
    for (const column of ["lines", "words"])
      for (const sql of [
        `select u.*, email, id from baskets, unnest(${column}) u`,
        `select (select upper(email) from unnest(b.${column}) email) from baskets b`,
      ])
        expect((await failed(ask(sql, client))).message).toContain(`column ${column} of public.baskets is not allowed`);
    for (const column of ["line", "ranged"])
      expect((await failed(ask(`select ${column} from baskets`, client))).message).toContain("not allowed");
    const { lines } = await ask("select u, s, email from baskets, unnest(tags) u, unnest(spans) s", client);
    expect(lines[2]).toBe("- t | [1,2) | [email 1]");
  } finally {
    await shop.root.query("drop table baskets; drop type public.item_range; drop domain public.items; drop type public.item");
  }
});

test("what is cut is told: rows, long values, and a result that is too large", async () => {
  const many = await ask("select o.id, i.sku from orders o join order_items i on i.order_id = o.id order by 1, 2");
  expect(many.lines[0]).toMatch(/^E1: shop: 200 rows and more/);
  expect(many.view).toContain("Note: only the first 200 rows were read; aggregate, or narrow the WHERE");
  const long = await ask("select string_agg(status, ' ') from orders");
  expect(long.view).toContain("1 value was cut at 1000 characters");
  expect(long.result.answers[0]?.raw.length).toBeLessThan(1_100);
  const large = await ask(
    "select o.id, (select string_agg(p.status, ' ') from orders p where p.id <> o.id) from orders o where o.id <= 150",
  );
  expect(large.view).toMatch(
    /only the first \d\d rows fit into 60000 characters; 150 values were cut|only the first \d\d rows fit into 60000 characters/,
  );
  expect(large.result.answers[0]?.raw.length).toBeLessThan(66_000);
});

test("each connection is in the audit, with what it was for; a statement that is refused without one is not", async () => {
  const told: OutgoingCall[] = [];
  const client = clientOf({}, (call) => void told.push(call));
  await ask("select id from orders where id = 1", client);
  const { host } = new URL(shop.url);
  expect(told).toEqual([
    {
      vendor: "postgres",
      method: "CONNECT",
      url: host,
      outcome: "answered",
      effect: "read",
      purpose: "SQL of the model in a read-only session of shop: what the role may do, columns, the statement",
      status: null,
      bytesOut: expect.any(Number),
      bytesIn: expect.any(Number),
      tookMs: expect.any(Number),
      attempt: 1,
    },
  ]);
  expect(told[0]?.bytesIn).toBeGreaterThan(100);
  await failed(ask("select card_token from orders", client));
  expect(told).toHaveLength(1);
  await failed(ask("select 1 / (id - 1) from orders where id = 1", client));
  expect(told.map(({ outcome }) => outcome)).toEqual(["answered", "failed"]);
});

test("a connection to anywhere but the host and port of its URL is refused, and told", async () => {
  const { Connection } = (await import("pg")).default;
  const driver = Connection.prototype as unknown as { connect(this: unknown, port: number, host: string): void };
  const { connect } = driver;
  driver.connect = function () {
    connect.call(this, 1, "127.0.0.1");
  };
  const told: OutgoingCall[] = [];
  try {
    const error = await failed(
      ask(
        "select id from orders",
        clientOf({}, (call) => void told.push(call)),
      ),
    );
    expect(error.message).toBe("postgres: midwatch does not call CONNECT 127.0.0.1:1 (the host is not in its policy); nothing was sent.");
  } finally {
    driver.connect = connect;
  }
  expect(told.map(({ outcome, url, bytesOut }) => ({ outcome, url, bytesOut }))).toEqual([
    { outcome: "refused", url: "127.0.0.1:1", bytesOut: 0 },
    { outcome: "failed", url: new URL(shop.url).host, bytesOut: 0 },
  ]);
});

test("no row is told as such, with what was asked", async () => {
  expect((await ask("select id from orders where id < 0")).lines).toEqual(["E1: shop: no row fits. select id from orders where id < 0"]);
});

test("without sql it tells what may be read, and asks no database", async () => {
  const unreachable = clientOf({ url: "postgres://nobody:x@127.0.0.1:1/x" });
  const { view, result } = await ask(undefined, unreachable);
  expect(result.answers).toEqual([]);
  expect(view).toContain(
    "- customers: id, plan, country, created_at, note, email (masked email), phone (masked phone), full_name (masked name)",
  );
  expect(view).toContain("- ops.heartbeats: host, at, ok");
  expect(view).toMatch(/Functions: count sum .* generate_series/);
  expect(view).not.toContain("card_token");
});

test("a refusal says what, where, and what is allowed; the server's own words come through as they are", async () => {
  expect((await failed(ask("select card_token from orders"))).message).toBe(
    'The statement was not run: column card_token of public.orders is not allowed; allowed are: id, customer_id, status, total_cents, created_at, shipped_at, region, tags, meta near "card_token from orders".',
  );
  expect((await failed(ask("select sum(status) from orders"))).message).toBe(
    "PostgreSQL shop does not take the statement: function sum(text) does not exist",
  );
  expect((await failed(ask("select count(*) from orders a, orders b, orders c, orders d"))).message).toMatch(
    /^PostgreSQL shop: the plan costs \d+, at most 200000 is run\. Narrow it/,
  );
  expect((await failed(ask("select 1", clientOf(), "billing"))).message).toBe("There is no database billing for SQL. Give one of: shop.");
});

test.each([
  "select note::int from customers",
  "select note::date from customers where note is not null",
  "select (note || ' 9999999999')::bigint from customers",
])("what the server says of a row has no word of that row: %s", async (sql) => {
  const { message } = await failed(ask(sql));
  expect(message).toMatch(/^PostgreSQL shop does not take the statement: invalid input syntax for type \w+: …$/);
  const counting = tenantCount(clientOf()).count(
    { tenants: { database: "shop", sql: `${sql.replace(/ where.*/, "")} where created_at < {until}`, returns: "rows", unit: "customers" } },
    { from: 0, to: Date.parse(EPOCH) },
    AbortSignal.timeout(120_000),
  );
  expect((await failed(counting)).message).not.toContain("invoice");
});

test("a statement that takes too long is ended by the server", async () => {
  // Eight million rows: below what a plan may cost, and more than a server makes in this time.
  const slow = "select count(*) from generate_series(1, 10000) a, generate_series(1, 800) b";
  const hasty = createSqlClient({
    databases: [{ name: "shop", url: shop.url, tables: declaredTables }],
    parse: parseSql,
    // Longer than the look at the columns before it takes on a busy machine.
    statementTimeoutMs: 300,
  });
  const { message, retryable } = await failed(ask(slow, hasty));
  expect(message).toBe("PostgreSQL shop: the statement took longer than the statement timeout of 300 ms and was ended.");
  expect(retryable).toBe(true);
});

describe("tenants that the catalog counts", () => {
  const hour = { from: Date.parse(EPOCH) - 3_600_000, to: Date.parse(EPOCH) };
  const count = (sql: string, returns: "rows" | "number") =>
    tenantCount(clientOf()).count({ tenants: { database: "shop", sql, returns, unit: "customers" } }, hour, AbortSignal.timeout(120_000));
  const failing = "from orders where status = 'failed' and created_at >= {since} and created_at < {until}";
  // Orders 3, 7, … 59 failed in that hour: fifteen, of customers 4, 8, … 40, five of whom failed twice.
  test.each<[string, "rows" | "number", number]>([
    [`select distinct customer_id ${failing}`, "rows", 10],
    [`select customer_id ${failing}`, "rows", 10],
    [`select count(distinct customer_id) ${failing}`, "number", 10],
    [`select count(*) ${failing}`, "number", 15],
    ["select email from customers where created_at >= {since}", "rows", 0],
  ])("%s (%s)", async (sql, returns, value) => {
    const counted = await count(sql, returns);
    expect(counted).toMatchObject({ value, isLeast: false, weekBefore: null });
    const [{ query, raw, window } = {}] = counted.answers;
    expect(query).toContain(`timestamptz '${new Date(hour.from).toISOString()}'`);
    // No row leaves: the count and the columns' names are the evidence.
    expect(JSON.parse(raw ?? "")).toEqual({ counted: value, columns: [expect.any(String)] });
    expect(window).toEqual(hour);
  });

  test.each<[string, "rows" | "number", RegExp]>([
    [`select count(*) ${failing}`, "rows", /it returns one number, and the catalog says rows: set returns: number/],
    [`select customer_id ${failing}`, "number", /it has 15 rows of 1 columns, not one value/],
    ["select max(status) from orders where created_at >= {since}", "number", /its value is not a number/],
    ["select card_token from orders where created_at >= {since}", "rows", /card_token/],
    ["delete from orders where created_at >= {since}", "rows", /only SELECT is allowed/],
  ])("no figure comes of %s (%s)", async (sql, returns, words) => {
    expect((await failed(count(sql, returns))).message).toMatch(words);
  });

  test("a count that was cut says at least", async () => {
    expect(await count("select id from orders where created_at <= {until} and {since} is not null", "rows")).toMatchObject({
      value: 200,
      isLeast: true,
    });
  });
});

test("an aborted question leaves no session behind", async () => {
  const stop = new AbortController();
  const asked = clientOf().query({ database: "shop", sql: "select count(*) from orders a, orders b" }, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(asked).rejects.toThrow("stopped");
  await expect.poll(async () => (await shop.root.query("select 1 from pg_stat_activity where usename = 'midwatch_sql'")).rowCount).toBe(0);
});

test("a superuser, and a role that could write by default, are refused before anything is run", async () => {
  const root = clientOf({ url: shop.server.url(shop.server.superuser, "shop") });
  expect((await failed(ask("select 1", root))).message).toMatch(/role postgres of SQL_DATABASES is a superuser/);
  const writer = clientOf({ url: shop.server.url(owner, "shop") });
  expect((await failed(ask("select 1", writer))).message).toMatch(
    /must name a standby, or a role or server with default_transaction_read_only = on/,
  );
  const undone = clientOf({ url: `${shop.server.url(owner, "shop")}?options=-c%20default_transaction_read_only%3Don` });
  expect((await failed(ask("select 1", undone))).message).toMatch(/must name a standby/);
});

test("doctor's look names every right beyond the catalog, and what the catalog names in vain", async () => {
  const made = await check();
  expect(made).toMatchObject({ source: "SQL shop", what: "7 tables of the catalog", ok: true, problem: null });
  expect(made?.excess).toEqual({ writes: [], reads: [expect.stringMatching(/^may call .*public\.dblink/)] });
  await shop.root.query(`
    alter role midwatch_sql createdb; grant pg_read_all_settings to midwatch_sql; grant insert, update (status) on orders to midwatch_sql;
    grant select on vault.secrets, totals to midwatch_sql; grant select (card_token) on orders to midwatch_sql; grant create on schema ops to midwatch_sql;
    revoke select (plan) on customers from midwatch_sql`);
  const wide = await check(clientOf({ tables: [...declaredTables, { schema: "public", name: "nowhere", columns: ["id"], masked: {} }] }));
  await shop.root.query(`
    alter role midwatch_sql nocreatedb; revoke pg_read_all_settings from midwatch_sql; revoke insert, update (status) on orders from midwatch_sql;
    revoke select on vault.secrets, totals from midwatch_sql; revoke select (card_token) on orders from midwatch_sql; revoke create on schema ops from midwatch_sql;
    grant select (plan) on customers to midwatch_sql`);
  expect(wide?.excess).toEqual({
    writes: ["has createdb", "may create in ops", "may write to public.orders"],
    reads: [
      "is a member of pg_read_all_settings",
      "may read public.orders.card_token, public.totals, vault.secrets, which the catalog does not allow",
      expect.stringMatching(/^may call /),
    ],
  });
  expect(wide?.problem).toBe(
    'the catalog names what is not there: public.nowhere. Correct catalog.yaml; the role may not read public.customers.plan. Run the script of "midwatch sql grants" again',
  );
  expect((await check())?.excess).toEqual(made?.excess);
});

test("names and strings mean what the check took them for, however the role is set up", async () => {
  await shop.root.query("alter role midwatch_sql set search_path = public, pg_catalog");
  await shop.root.query("alter role midwatch_sql set standard_conforming_strings = off");
  // public has a length() of its own for just this type, which says 4711.
  const { lines } = await ask("select length(status::varchar), 'a\\' from orders where id = 1");
  await shop.root.query("alter role midwatch_sql reset standard_conforming_strings");
  await shop.root.query("alter role midwatch_sql set search_path = pg_catalog");
  expect(lines.at(-1)).toBe("- 4 | a\\");
});

test("the script takes away what it granted before, also of schemas that the catalog has no more", async () => {
  const rest = declaredTables.filter(({ schema, name }) => schema === "public" && name !== "deploys");
  await shop.root.query(`${grantScript("shop", rest)}; grant select on totals to midwatch_sql; ${grantScript("shop", rest)}`);
  const { rows } = await shop.root.query("select has_schema_privilege('midwatch_sql', 'ops', 'usage') as may");
  const left = await check(clientOf({ tables: rest }));
  await shop.root.query(grantScript("shop", declaredTables));
  expect(rows).toEqual([{ may: false }]);
  expect(left).toMatchObject({ problem: null, excess: { writes: [], reads: [expect.stringMatching(/^may call /)] } });
  expect(await check()).toMatchObject({ problem: null, excess: { writes: [], reads: [expect.stringMatching(/^may call /)] } });
});

test("both tools for databases, which are offered only where there are any, take no more than 500 tokens of a turn", () => {
  const postgres = createPostgresClient({ databases: [] });
  const tools = [...postgresTools({ postgres, databasesOf: () => [] }), toolOf()];
  // Four characters a token, as the vendor's rule of thumb has it.
  expect(JSON.stringify(tools.map((tool) => toToolSchema(tool))).length / 4).toBeLessThanOrEqual(500);
});
