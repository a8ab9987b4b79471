import { expect, test } from "vitest";
import { parseCatalog } from "../src/catalog.ts";
import { parseConfig } from "../src/config.ts";
import type { OnCall, OutgoingCall } from "../src/guard/outgoing.ts";
import { sql as vendor } from "../src/integrations/postgres/vendor.ts";
import { vendors } from "../src/integrations/vendors.ts";
import { sqlQuery } from "../src/integrations/postgres/tools/sql-query.ts";
import { createClients } from "../src/look-parts.ts";
import { parseSql } from "../src/node/sql-parser.ts";

const needed = {
  PAGERDUTY_WEBHOOK_SECRET: "a-secret-of-sixteen-and-more",
  SLACK_BOT_TOKEN: "xoxb-a-of-sixteen-and-more",
  SLACK_SIGNING_SECRET: "b-secret-of-sixteen-and-more",
};
const login = {
  SQL_DATABASES:
    "Shop=postgres://midwatch_sql:x-of-sixteen-and-more@127.0.0.1:1/shop,bills=postgres://midwatch_sql:x-of-sixteen-and-more@127.0.0.1:1/bills",
};
const opened = "version: 1\ndatabases:\n  - { name: shop, tables: [{ name: orders, columns: [id] }] }\n";

function clientOf(settings: Readonly<Record<string, string>>, catalog: string, withParser = true, onCall?: OnCall) {
  return createClients({
    config: parseConfig({ ...needed, ...settings }),
    catalog: parseCatalog(catalog),
    library: () => ({ skills: [], runbooks: [] }),
    fetch: () => Promise.reject(new Error("nothing is asked for")),
    yieldNow: () => Promise.resolve(),
    ...(withParser ? { parseSql } : {}),
    ...(onCall === undefined ? {} : { onCall }),
  }).of(vendor);
}

/** Databases for which the model may write SQL; null where it has no such tool. */
const offered = (...about: Parameters<typeof clientOf>): readonly string[] | null => clientOf(...about)?.databases ?? null;

test("the model may write SQL where the catalog opens tables, the settings have a login and the host has a parser, and nowhere else", () => {
  expect(offered(login, opened)).toEqual(["shop"]);
  expect(offered(login, "version: 1")).toBeNull();
  expect(offered({}, opened)).toBeNull();
  // The login of the fixed questions is no login for SQL.
  expect(offered({ DATABASES: login.SQL_DATABASES }, opened)).toBeNull();
  expect(offered(login, opened, false)).toBeNull();
});

test("its connections are told to the audit, those that fail too", async () => {
  const told: OutgoingCall[] = [];
  const sql = clientOf(login, opened, true, (call) => void told.push(call));
  await expect(sql?.query({ database: "shop", sql: "select id from orders" }, AbortSignal.timeout(120_000))).rejects.toThrow(
    "nothing listens at the address in SQL_DATABASES",
  );
  expect(told).toMatchObject([{ vendor: "postgres", method: "CONNECT", url: "127.0.0.1:1", outcome: "failed", bytesOut: 0 }]);
});

test("no MCP server may pose for its tool", () => {
  const sql = clientOf(login, opened);
  if (sql === null) throw new Error("no client");
  // The first word of its name is the id of a vendor, and the file of MCP servers may name none of those.
  expect(vendors.map(({ id }) => id)).toContain(sqlQuery({ sql, databasesOf: () => [] }).name.split("_")[0]);
});
