import { once } from "node:events";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { IntegrationError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import { blockersOf } from "../../../src/integrations/postgres/blockers.ts";
import { createPostgresClient } from "../../../src/integrations/postgres/client.ts";
import { withSession } from "../../../src/integrations/postgres/session.ts";
import { toSessions, toStatements } from "../../../src/integrations/postgres/source.ts";
import { app, reader, type Shop, startShop, stranger } from "./database.ts";
import { eventually } from "../../support/eventually.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const forever = new AbortController().signal;
const limits = { connectTimeoutMs: 5_000, statementTimeoutMs: 5_000, lockTimeoutMs: 500 };
const own = { name: "shop", service: "orders" };
const urlOf = (role = reader, database = "shop") => shop.server.url(role, database);
const clientFor = (url = urlOf()) => createPostgresClient({ databases: [{ name: "shop", url }] });

async function failureOf(work: Promise<unknown>): Promise<IntegrationError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof IntegrationError) return error;
  throw new Error(`no IntegrationError but ${inspect(error)}`);
}

const run = (query: string, options = limits, url = urlOf()) =>
  withSession("shop", url, options, forever, (session) => session.read((rows) => rows("the test", query, z.unknown())));

describe("a session", () => {
  test("is told to the audit, with what was asked and how much came, and without the URL", async () => {
    const calls: OutgoingCall[] = [];
    const { port } = new URL(urlOf());
    await withSession("shop", urlOf(), { ...limits, onCall: (call) => void calls.push(call) }, forever, (session) =>
      session.read((rows) => rows("the test", "select 1", z.unknown())),
    );
    expect(calls).toEqual([
      {
        vendor: "postgres",
        method: "CONNECT",
        url: expect.stringMatching(new RegExp(`^[\\w.]+:${port}$`)),
        outcome: "answered",
        effect: "read",
        purpose: "read-only session of shop: what may be read, the test",
        status: null,
        bytesOut: expect.any(Number),
        bytesIn: expect.any(Number),
        tookMs: expect.any(Number),
        attempt: 1,
      },
    ]);
    expect(calls[0]?.bytesOut).toBeGreaterThan(100);
  });

  test("connects to the host and port of its URL alone, whatever the driver makes of the rest of it", async () => {
    const reached: string[] = [];
    const elsewhere = createServer((socket) => {
      reached.push("connected");
      socket.destroy();
    });
    elsewhere.listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    const { port } = elsewhere.address() as { port: number };
    const other = new URL(urlOf());
    other.search = `?host=127.0.0.1&port=${port}`;
    await run("select 1", limits, other.href);
    // A driver that took another address all the same would be stopped at its socket.
    const { Connection } = (await import("pg")).default;
    const driver = Connection.prototype as unknown as { connect(this: unknown, port: number, host: string): void };
    const { connect } = driver;
    driver.connect = function () {
      connect.call(this, port, "127.0.0.1");
    };
    try {
      expect((await failureOf(run("select 1"))).message).toMatch(/does not call CONNECT 127\.0\.0\.1:\d+ .*nothing was sent/);
    } finally {
      driver.connect = connect;
    }
    expect(reached).toEqual([]);
    elsewhere.close();
  });

  test("cannot write, whatever it is told to run", async () => {
    // The owner may write; only the session keeps it from it.
    const root = await shop.connect(shop.server.superuser);
    await root.query("grant pg_monitor to shop_app");
    for (const write of [
      "delete from orders",
      "create table t (a int)",
      "select nextval('s')",
      "insert into orders values (0, 0, '', '')",
    ]) {
      if (write.includes("nextval")) await root.query("create sequence if not exists s; grant usage on sequence s to shop_app");
      expect((await failureOf(run(write, limits, urlOf(app)))).message).toMatch(/25006.*read-only transaction/);
    }
    await root.query("revoke pg_monitor from shop_app");
  });

  test("is read only by default, so a statement outside of a transaction is refused too", async () => {
    const settings = await run(
      "select name, setting from pg_settings where name in ('default_transaction_read_only', 'transaction_read_only', 'lock_timeout', 'application_name')",
    );
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: "default_transaction_read_only", setting: "on" },
        { name: "transaction_read_only", setting: "on" },
        { name: "lock_timeout", setting: "500" },
        { name: "application_name", setting: "midwatch" },
      ]),
    );
  });

  test("ends a statement that takes too long, at the server", async () => {
    const error = await failureOf(run("select pg_sleep(60)", { ...limits, statementTimeoutMs: 100 }));
    expect(error.message).toBe("PostgreSQL shop: the test took longer than the statement timeout of 100 ms and was ended.");
    expect(error.retryable).toBe(true);
  });

  test("does not wait behind a lock", async () => {
    const owner = await shop.connect(app);
    await owner.query("begin; lock table orders in access exclusive mode");
    expect(
      (await failureOf(run("select count(*) from orders", { ...limits, lockTimeoutMs: 50 }, urlOf(shop.server.superuser)))).message,
    ).toMatch(/waited longer than 50 ms for a lock/);
    // The fixed questions take no lock that would wait: they are for the very moment when tables are locked.
    const client = clientFor();
    expect((await client.tables({ database: "shop" }, forever)).value.map(({ table }) => table)).toContain("orders");
    expect((await client.indexes({ database: "shop", table: "orders" }, forever)).value.indexes).toHaveLength(2);
    await owner.query("rollback");
  });

  test("keeps its limits whatever the URL says", async () => {
    const loose = `${urlOf()}?statement_timeout=0&application_name=other&options=${encodeURIComponent("-c default_transaction_read_only=off -c statement_timeout=0")}`;
    const rows = await run(
      "select setting from pg_settings where name in ('statement_timeout', 'application_name', 'default_transaction_read_only') order by name",
      limits,
      loose,
    );
    expect(rows).toEqual([{ setting: "midwatch" }, { setting: "on" }, { setting: "5000" }]);
  });

  test("is closed after use, also when it failed", async () => {
    const root = await shop.connect(shop.server.superuser);
    await clientFor().activity({ database: "shop" }, forever);
    await failureOf(run("select 1/0"));
    await eventually(async () => {
      const { rows } = await root.query("select 1 from pg_stat_activity where application_name = 'midwatch'");
      expect(rows).toEqual([]);
    });
  });

  test("ends when its caller goes away", async () => {
    const root = await shop.connect(shop.server.superuser);
    const caller = new AbortController();
    const asked = withSession("shop", urlOf(), limits, caller.signal, (session) =>
      session.read((rows) => rows("the test", "select pg_sleep(60)", z.unknown())),
    );
    await eventually(async () => {
      const { rowCount } = await root.query(
        "select 1 from pg_stat_activity where application_name = 'midwatch' and query like '%pg_sleep(60)%'",
      );
      expect(rowCount).toBe(1);
    });
    caller.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
  });
});

describe("what people are told", () => {
  test("a wrong password is named as such, and nobody sees it or the right one", async () => {
    const url = urlOf({ name: reader.name, password: "canary-wrong-password" });
    const error = await failureOf(clientFor(url).activity({ database: "shop" }, forever));
    expect(error.message).toBe("PostgreSQL shop: wrong user or password. Put the right ones into DATABASES.");
    expect(inspect(error, { depth: 10 })).not.toMatch(/canary/);
  });

  test("a role without the right is told which grant it lacks", async () => {
    const error = await failureOf(clientFor(urlOf(stranger)).statements({ database: "shop" }, forever));
    expect(error.message).toMatch(/role stranger may not read other sessions and statements\. .*grant pg_monitor to stranger;/);
  });

  test("a database that is not there, a server that is not there, a name that is not known", async () => {
    expect((await failureOf(clientFor(urlOf(reader, "nowhere")).activity({ database: "shop" }, forever))).message).toMatch(
      /no database of the name/,
    );
    const closed = urlOf().replace(/:\d+\/shop/, ":1/shop");
    expect((await failureOf(clientFor(closed).activity({ database: "shop" }, forever))).message).toMatch(/nothing listens at the address/);
    expect((await failureOf((async () => clientFor().activity({ database: "other" }, forever))())).message).toMatch(
      /no database "other" in DATABASES; there is shop/,
    );
  });

  test("TLS is asked for where the URL says so", async () => {
    const error = await failureOf(clientFor(`${urlOf()}?sslmode=verify-full`).activity({ database: "shop" }, forever));
    expect(error.message).toBe("PostgreSQL shop: the server has no TLS, and the sslmode in DATABASES asks for it.");
  });

  test("a check for the doctor: fine, not allowed, without the extension", async () => {
    const { server } = shop;
    const client = createPostgresClient({
      databases: [
        { name: "fine", url: urlOf() },
        { name: "refused", url: urlOf(stranger) },
        { name: "bare", url: server.url(reader, "bare") },
      ],
    });
    const [fine, refused, bare] = await client.validate({}, forever);
    expect(fine).toMatchObject({
      source: "PostgreSQL fine",
      ok: true,
      what: expect.stringMatching(/^sessions, statements and tables of PostgreSQL 18/),
    });
    expect(refused).toMatchObject({ ok: false, problem: expect.stringContaining("grant pg_monitor to stranger") });
    expect(bare).toMatchObject({ ok: true, what: expect.stringContaining("no pg_stat_statements") });
    expect([fine?.excess, bare?.excess]).toEqual([
      { writes: [], reads: [] },
      { writes: [], reads: [] },
    ]);
  });

  test("a role that could write, or read rows, is told what it could do, and a superuser that it is one", async () => {
    const root = await shop.connect(shop.server.superuser);
    await root.query(`
      create role wide login password 'canary-wide' createrole; grant pg_monitor, pg_signal_backend to wide;
      grant update (status) on orders to wide; grant select on orders to wide; create schema made; grant create on schema made to wide`);
    const wide = { name: "wide", password: "canary-wide" };
    const client = createPostgresClient({
      databases: [wide, shop.server.superuser].map((role) => ({ name: role.name, url: shop.server.url(role, "shop") })),
    });
    const checks = await client.validate({}, forever);
    await root.query("drop schema made; drop owned by wide; drop role wide");
    await root.end();
    expect(checks.map(({ excess }) => excess)).toEqual([
      {
        writes: ["has createrole", "is a member of pg_signal_backend", "may create in made", "may write to public.orders"],
        reads: ["may read rows of public.orders"],
      },
      { writes: ["has superuser"], reads: [] },
    ]);
  });
});

describe("views of the same names", () => {
  test("in another schema do not pose for the system's own", async () => {
    const root = await shop.connect(shop.server.superuser);
    await root.query(
      "create schema evil; create view evil.pg_stat_activity as select 4711 as pid; grant usage on schema evil to midwatch; grant select on all tables in schema evil to midwatch",
    );
    await root.query("create view public.pg_stat_database_conflicts as select 1 as fake");
    await clientFor().activity({ database: "shop" }, forever);
    await root.query("alter role midwatch set search_path = evil, pg_catalog");
    expect((await failureOf(clientFor().activity({ database: "shop" }, forever))).message).toMatch(
      /search_path of role midwatch puts evil before pg_catalog/,
    );
    await root.query("alter role midwatch reset search_path");
  });
});

describe("what is read", () => {
  test("a queue of locks has its beginning and all who wait behind it", async () => {
    const [holder, second, third] = await Promise.all([shop.connect(app), shop.connect(app), shop.connect(app)]);
    await holder.query("begin");
    await holder.query("update orders set note = 'held' where id = 1");
    const waits = [
      second.query("update orders set note = 'second' where id = 1"),
      third.query("update orders set note = 'third' where id = 1"),
    ];
    const client = clientFor();
    const tree = await eventually(async () => {
      const { value } = await client.locks({ database: "shop" }, forever);
      const [first] = blockersOf(value.sessions);
      expect(first?.behind).toBe(2);
      return { first, locks: value.locks };
    });
    expect(tree.first?.row).toMatchObject({
      state: "idle in transaction",
      user_name: "shop_app",
      query: "update orders set note = ? where id = ?",
    });
    expect(tree.locks).toContainEqual(expect.objectContaining({ granted: false }));
    const activity = await client.activity({ database: "shop" }, forever);
    expect(toSessions(own, activity.value)).toMatchObject({
      idleInTransaction: 1,
      maxConnections: 20,
      blockers: [{ behind: 2, state: "idle in transaction", waiting: expect.stringContaining("update orders set note = ?") }],
    });
    await holder.query("rollback");
    await Promise.all(waits);
  });

  test("literals of statements are gone before anybody sees them, placeholders and names stay", async () => {
    const owner = await shop.connect(app);
    await owner.query("begin; select id from orders where note = 'ann@example.com' and customer_id = 4711 and status = E'it\\'s secret'");
    const { value, raw } = await clientFor().activity({ database: "shop" }, forever);
    expect(value.sessions.map(({ query }) => query)).toContain(
      "begin; select id from orders where note = ? and customer_id = ? and status = E?",
    );
    expect(raw).not.toMatch(/ann@example|4711|secret/);
    await owner.query("rollback");
  });

  test("the heavy statement is named with its share, and with the filtered column that no index begins with", async () => {
    const owner = await shop.connect(app);
    const root = await shop.connect(shop.server.superuser);
    await root.query("select pg_stat_statements_reset()");
    for (let at = 0; at < 20; at += 1)
      await owner.query("select * from orders where status = $1 limit 1000", [at % 2 === 0 ? "open" : "done"]);
    await owner.query("select * from orders where customer_id = $1", [7]);
    await owner.query("update orders set note = 'y' where id between 1 and 500");
    const answer = await clientFor().statements({ database: "shop" }, forever);
    expect(answer.cut).toBeNull();
    const statements = toStatements(own, answer.value);
    const scan = statements.find(({ query }) => query.includes("status ="));
    expect(scan).toMatchObject({ service: "orders", effect: "reads", calls: 20, unindexed: [{ table: "orders", columns: ["status"] }] });
    expect(scan?.share).toBeGreaterThan(0);
    expect(statements.find(({ query }) => query.includes("customer_id ="))?.unindexed).toEqual([]);
    const write = statements.find(({ query }) => query.startsWith("update orders"));
    expect(write).toMatchObject({ effect: "writes", unindexed: [] });
    expect(write?.walShare).toBeGreaterThan(0.9);
  });

  test("pg_read_all_stats is right enough for every question", async () => {
    const root = await shop.connect(shop.server.superuser);
    await root.query("create role statist login password 'canary-statist'; grant pg_read_all_stats to statist");
    const client = clientFor(urlOf({ name: "statist", password: "canary-statist" }));
    const database = "shop";
    const asked = [client.activity, client.locks, client.statements, client.tables, client.replication];
    for (const ask of asked) await ask({ database }, forever);
    expect((await client.indexes({ database, table: "orders" }, forever)).value.indexes).toHaveLength(2);
    expect((await client.activity({ database }, forever)).value.sessions.map(({ query }) => query)).not.toContain(
      "<insufficient privilege>",
    );
  });

  test("a database without the extension says so, and the rest is read", async () => {
    const client = createPostgresClient({ databases: [{ name: "bare", url: shop.server.url(reader, "bare") }] });
    const answer = await client.statements({ database: "bare" }, forever);
    expect(answer.value).toEqual({ available: false, statements: [], indexes: [] });
    expect(answer.cut).toBe("bare has no pg_stat_statements, so its statements are not known");
    const heard: string[] = [];
    const hear = ({ query }: { query: string }) => void heard.push(query);
    await client.look("bare", { activity: hear, statements: hear, tables: hear }, forever);
    expect(heard).toHaveLength(3);
  });

  test("a primary without replicas is told as such", async () => {
    const { value } = await clientFor().replication({ database: "shop" }, forever);
    expect(value).toMatchObject({ state: { standby: false, replay_delay_ms: null }, replicas: [] });
    expect(value.state.wal_position).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  });
});
