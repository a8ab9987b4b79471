import { expect, test } from "vitest";
import { checkSelect, LONGEST_SQL, parseSelect, type SqlTable } from "../../src/guard/sql-guard.ts";
import { type SqlParser, SqlRefusedError } from "../../src/guard/sql-tree.ts";
import { parseSql } from "../../src/node/sql-parser.ts";
import { legitimate } from "./legitimate-sql.ts";

const table = (name: string, columns: Readonly<Record<string, "read" | "hidden" | { masked: string }>>): SqlTable => {
  const [first = "", second] = name.split(".");
  return {
    schema: second === undefined ? "public" : first,
    name: second ?? first,
    columns: Object.entries(columns).map(([column, access]) => ({ name: column, access })),
  };
};

const tables: readonly SqlTable[] = [
  table("orders", { id: "read", customer_id: "read", status: "read", total: "read", at: "read", card: "hidden" }),
  table("customers", { id: "read", plan: "read", email: { masked: "email" }, phone: { masked: "phone" }, secret: "hidden" }),
  table("deploys", { id: "read", version: "read" }),
  table("ops.deploys", { host: "read" }),
  table("ops.Beats", { host: "read", ok: "read" }),
];

const now = Date.parse("2026-06-01T08:00:00Z");
const check = async (sql: string, parse: SqlParser = parseSql) => checkSelect(await parseSelect(parse, sql), tables, now);
const outputs = async (sql: string) => (await check(sql)).columns.map(({ name, mask }) => (mask === null ? name : `${name}: ${mask}`));

test.each([
  ["select count(*) from orders", 'select count(*) from "public".orders'],
  ["select o.id from ops.deploys d, orders o", 'select o.id from ops.deploys d, "public".orders o'],
  [
    "with orders as (select id from deploys) select id from orders",
    'with orders as (select id from "public".deploys) select id from orders',
  ],
  [
    "select 'ü€😀', orders.id from only orders, deploys where true; -- ü",
    'select \'ü€😀\', orders.id from only "public".orders, "public".deploys where true',
  ],
  ['select ok from "Beats" b', 'select ok from "ops"."Beats" b'],
  [
    "select id from orders where id in (select id from customers)",
    'select id from "public".orders where id in (select id from "public".customers)',
  ],
  [
    "with a as (select 1 as x) select x from a union all select id from orders",
    'with a as (select 1 as x) select x from a union all select id from "public".orders',
  ],
])("%s is sent with the schema of each table, and of nothing else", async (sql, sent) => {
  expect((await check(sql)).sql).toBe(sent);
});

test.each([
  ["select * from deploys", ["id", "version"]],
  ["select d.*, o.status from orders o, deploys d", ["id", "version", "status"]],
  ["select * from (select id, email as e from customers) q(a)", ["a", "e: email"]],
  ["with q(a, b) as (select email, id from customers) select b, a, a as c from q", ["b", "a: email", "c: email"]],
  ["select (select email from customers where id = 1)", ["email: email"]],
  ["select l.e from customers c, lateral (select c.email as e) l", ["e: email"]],
  ["select email from customers union all select email from customers where id = 2", ["email: email"]],
  ["select x.* from (select email, phone from customers union all select email, phone from customers) x", ["email: email", "phone: phone"]],
  ["select count(email), phone is null from customers", ["count", "?column?"]],
  ["select o.id, c.phone from orders o join customers c on c.id = o.customer_id", ["id", "phone: phone"]],
  ["select id, c.email from orders join customers c using (id)", ["id", "email: email"]],
  [
    "select date_trunc('day', at), total::text, coalesce(status, ''), case when true then 1 end, exists (select 1) from orders",
    ["date_trunc", "total", "coalesce", "case", "exists"],
  ],
  ["values (1, 'a')", ["column1", "column2"]],
  [
    "select (select email from customers where id = 1 union all select email from customers where false), (values (1)), (select * from deploys limit 1)",
    ["email: email", "column1", "id"],
  ],
  ["select (select 1 + 1)::text, case when true then 1 else (select 1 + 1) end", ["?column?", "?column?"]],
])("%s has the columns that PostgreSQL gives it, each with its mask", async (sql, columns) => {
  expect(await outputs(sql)).toEqual(columns);
});

// A call that PostgreSQL does not interrupt holds a connection for as long as it takes, whatever the limit of time.
test.each([
  "select translate(string_agg(status, ''), string_agg('c', ''), '') from orders",
  "select translate(status, 'c'::char(10000), ''), translate('b'::char(5000), status || 'c'::char(5000), '') from orders",
  "select ltrim(string_agg(status, ''), (select string_agg(status, '') from orders) || 'x') from orders",
  "select strpos(string_agg(status, ''), 'b' || string_agg(status, '')) from orders",
  "select split_part(a, b, 2) from (select string_agg(status, '') a, string_agg(status, '') b from orders) q",
  "select string_agg(status, '') like '%' || string_agg(status, '') || 'b%' from orders",
  "select array(select id from orders) <@ array_agg(id) from orders",
  "select jsonb_agg(id) @> jsonb_agg(-id) from orders",
  "select '1e131000' * total from orders",
  "select '1e131000'::numeric from orders",
  "select 1e131000 * total from orders",
])("%s is refused: nothing would end it", async (sql) => {
  await expect(check(sql)).rejects.toThrow(/may not be looked for in another|too large/);
});

test.each([
  "select string_agg(status, ', ') like '%paid%', strpos(string_agg(status, ','), 'failed'), array_agg(id) @> array[7] from orders",
  "select translate(lower(status), 'abcdefghijklmnopqrstuvwxyz', 'nopqrstuvwxyzabcdefghijklm'), replace(status, 'a', repeat) from orders, (values ('x')) v(repeat)",
  "select concat(left(string_agg(status, ','), 100), '…'), array_to_string(array_agg(id), ','), (array_agg(id order by at))[1] from orders",
  "select version = '12e456789', '12e456789'::text, 1e9 * id from deploys where version in ('7e99999', '1')",
])("%s is let through", async (sql) => {
  await expect(check(sql)).resolves.toBeDefined();
});

test.each([
  // PostgreSQL would take the hidden column of the nearest table, whatever is further out or in SELECT.
  [
    "select (select card from orders limit 1) from (select 1 as card) q",
    /column card of public\.orders is not allowed; allowed are: id, customer_id, status, total, at near "card from orders/,
  ],
  ["select status as card from orders group by card", /column card of public\.orders/],
  ["select q.id from customers q, (select q.email || 'x' from orders q) r", /q has no column email/],
  ["select o.email from customers o, (select lower(o.email) from deploys) q", /there is no table o here/],
  ["select lower(x.email) from customers x, lateral (select lower(x.email) from (select id as email from orders) x) y", /email is masked/],
  ["select id from orders o join customers c on true", /id is ambiguous: it is in o and c/],
  ["select id from deploys where host = 'a'", /there is no column host; there is deploys: id, version/],
  ["select id from orders a, customers a", /a is in FROM twice/],
  ["select card from (select * from deploys) d, orders", /column card/],
  ["select id from orders o cross join lateral (select secret from customers) c", /secret of public\.customers/],
  ["select o.id from orders o join lateral (select o.card) x on true", /card of public\.orders/],
  ["select a.id from (orders a join deploys b on c.id = 1) join customers c on true", /there is no table c here/],
  [
    "select id from nothing",
    /the table nothing is not allowed; allowed are: orders, customers, deploys, ops\.deploys, ops\.Beats near "nothing"/,
  ],
  ["select host from beats", /the table beats is not allowed/],
  ['select status collate "en_US" from orders', /this collation is not allowed; allowed are: C, POSIX, default, ucs_basic/],
])("%s is refused, for names mean what they mean to PostgreSQL", async (sql, words) => {
  await expect(check(sql)).rejects.toThrow(words);
});

test("order and distinct go by a column of the result before one of a table; groups by one of a table first", async () => {
  expect(await outputs("select plan as email from customers order by email")).toEqual(["email"]);
  await expect(check("select plan as email from customers group by email")).rejects.toThrow(/email is masked/);
  expect(await outputs("select upper(status) as s, count(*) from orders group by s")).toEqual(["s", "count"]);
});

test.each([
  ["select g from generate_series(1, 10000) g", true],
  ["select g from generate_series(1, 10001) g", false],
  ["select g from generate_series(0, 100000, 10) g", false],
  ["select g from generate_series(10, 1, -1) g", true],
  ["select g from generate_series(now() - interval '2 hours', now(), '1 minute'::interval) g", true],
  ["select g from generate_series(date_trunc('hour', now()) - interval '1 day', now(), interval '5 min') g", true],
  ["select g from generate_series(now() - interval '1 year', now(), interval '1 minute') g", false],
  ["select g from generate_series(now() - interval '2 hours', now(), interval '5 mins') g", true],
  ["select g from generate_series(now() - interval '2 hours', now(), interval '5 ms') g", false],
  ["select g from generate_series(now() - interval '2 hours', now(), interval '5 us') g", false],
  ["select g from generate_series(now() - interval '2 hours', now(), interval '5 secss') g", false],
  ["select g from generate_series(timestamp '2026-01-01', current_timestamp, interval '1 day') g", true],
  ["select g from generate_series(timestamp '1026-01-01', now(), interval '1 hour') g", false],
  ["select g from generate_series(now(), timestamptz 'infinity', interval '1 day') g", false],
  ["select g from generate_series(1, (select count(*) from orders)) g", false],
  ["select g from orders o, generate_series(1, o.id) g", false],
])("%s: a series has at most 10,000 steps, by what is written", async (sql, allowed) => {
  const columns = await outputs(sql).catch((error: unknown) => [String(error).slice(0, 75)]);
  expect(columns).toEqual([allowed ? "g" : "SqlRefusedError: generate_series needs bounds that are written out (whole n"]);
});

test.each([
  ["", /there is no statement/],
  ["   ", /there is no statement/],
  ["-- nothing", /there is no statement/],
  ["select from", /name at least one column|not valid SQL/],
  ["selekt 1", /not valid SQL: syntax error at or near "selekt"/],
  [`select 1 ${"/* long */ ".repeat(700)}`, /at most 6000 are allowed/],
  ["select 1\u0000", /characters that are not seen/],
  ["select '\ud800'", /characters that are not seen/],
])("%j is refused before its tree is looked at", async (sql, words) => {
  await expect(check(sql)).rejects.toThrow(words);
});

test("deep and long statements are read or refused, and the next one is read as ever", async () => {
  const told: string[] = [];
  for (const depth of [100, 1_000, 2_900]) {
    const nested = `select ${"(".repeat(depth)}1${")".repeat(depth)}`;
    const negated = `select ${"not ".repeat(depth / 2)}true`;
    const chain = `select 1${" + 1".repeat(depth / 2)}`;
    for (const sql of [nested, negated, chain]) told.push(...(await outputs(sql).catch((error: unknown) => [String(error).slice(0, 80)])));
    told.push(...(await outputs("select 1 as one")));
  }
  // How deep is too deep depends on the stack that the process has left.
  const refused = "SqlRefusedError: the statement is nested too deeply";
  expect(told.filter((_, index) => index % 4 === 3)).toEqual(["one", "one", "one"]);
  for (const words of told.filter((_, index) => index % 4 !== 3)) expect(words === "?column?" || words.startsWith(refused)).toBe(true);
  expect(told.slice(0, 3)).toEqual(["?column?", "?column?", "?column?"]);
  expect(LONGEST_SQL).toBeGreaterThan(2 * 2_900);
});

/** All places of a tree, as the objects in it; what stands inside a constant is only a value. */
function* objectsOf(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const one of value) yield* objectsOf(one);
  else if (typeof value === "object" && value !== null) {
    yield value as Record<string, unknown>;
    for (const [key, inner] of Object.entries(value)) if (key !== "A_Const") yield* objectsOf(inner);
  }
}

const kindsOf = (tree: unknown): Set<string> =>
  new Set([...objectsOf(tree)].flatMap((one) => Object.keys(one)).filter((key) => /^[A-Z]/.test(key)));

const everyClause = [
  ...legitimate,
  "select grouping(region) from orders group by grouping sets ((region), ())",
  'select status collate "C", (tags)[1:2], array[id], row(id, status), current_date, status is true, make_interval(hours => 1) from orders',
];

test("a kind of node or a field that the check does not know is refused, wherever it stands: a later grammar cannot slip through", async () => {
  const shop = [
    table(
      "orders",
      Object.fromEntries(
        "id customer_id status total_cents created_at shipped_at region tags meta".split(" ").map((name) => [name, "read" as const]),
      ),
    ),
    table("order_items", { order_id: "read", sku: "read", quantity: "read", price_cents: "read" }),
    table("customers", {
      id: "read",
      plan: "read",
      country: "read",
      created_at: "read",
      note: "read",
      email: { masked: "email" },
      phone: { masked: "phone" },
      full_name: { masked: "name" },
    }),
    table(
      "jobs",
      Object.fromEntries("id queue state attempts run_at finished_at error payload".split(" ").map((name) => [name, "read" as const])),
    ),
    table("deploys", { id: "read", service: "read", version: "read", at: "read" }),
    table("open_orders", { id: "read", status: "read", age: "read" }),
    table("ops.heartbeats", { host: "read", at: "read", ok: "read" }),
  ];
  const kinds = new Set<string>();
  const slipped: string[] = [];
  let tried = 0;
  for (const sql of everyClause) {
    const parsed = await parseSelect(parseSql, sql);
    const { select } = parsed;
    for (const kind of kindsOf(select)) kinds.add(kind);
    checkSelect(parsed, shop, now);
    for (const [at] of [...objectsOf(select)].entries()) {
      const changed: unknown = structuredClone(select);
      const node = [...objectsOf(changed)][at];
      if (node === undefined) continue;
      node["newClause"] = { NewNode: {} };
      tried++;
      try {
        checkSelect({ ...parsed, select: changed }, shop, now);
        slipped.push(`${sql}: ${JSON.stringify(node)}`);
      } catch (error) {
        if (!(error instanceof SqlRefusedError)) throw error;
      }
    }
  }
  expect(slipped).toEqual([]);
  expect(tried).toBeGreaterThan(4_000);
  for (const kind of [
    "GroupingSet",
    "A_Indices",
    "RowExpr",
    "WindowDef",
    "NamedArgExpr",
    "RangeFunction",
    "CollateClause",
    "SQLValueFunction",
  ])
    expect(kinds).toContain(kind);
});

test.each([
  "select plan ->> 'password' from customers",
  "select plan -> 'db' -> 'api_key' from customers",
  "select plan #>> '{db,password}' from customers",
  "select plan #>> array['db', 'client_secret'] from customers",
  "select plan -> ('password'::text) from customers",
  "select (plan -> 'a') ['authorization'] from customers",
  "select jsonb_extract_path_text(plan, 'db', 'password') from customers",
  "select count(*) from customers where plan ->> 'access_token' like 'a%'",
])("a secret is not taken out of the JSON by whose field it is known: %s", async (sql) => {
  await expect(check(sql)).rejects.toThrow(/names a secret/);
});

test.each([
  "select plan ->> 'password_changed_at' as at, plan -> 'steps' -> 0 as first from customers",
  "select id from customers where plan = 'password' or plan like '%password%'",
  "select plan #>> '{steps,1}' from customers",
])("what names no secret, or takes nothing out, is: %s", async (sql) => {
  await expect(check(sql)).resolves.toBeDefined();
});
