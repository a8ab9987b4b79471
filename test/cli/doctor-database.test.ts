import { expect, test } from "vitest";
import { refusalOf, startRefusingPostgres } from "../../src/replay/postgres/refusing.ts";
import { doctor } from "../support/command.ts";

test("doctor logs in to each database, and names those that only the catalog or only the settings know", async () => {
  const catalog =
    "version: 1\nservices:\n  - { name: orders, database: orders-db }\n  - { name: bills, database: bills-db }\ndatabases:\n  - { name: bills-db, tables: [{ name: bills, columns: [id] }] }\n  - { name: orders-db, tables: [{ name: orders, columns: [id] }] }\n";
  const server = await startRefusingPostgres(refusalOf(401, "orders"));
  const settings = {
    DATABASES: `orders-db=postgres://midwatch:canary-password-4711@127.0.0.1:${server.port}/orders,other=postgres://midwatch:canary-password-4711@127.0.0.1:1/other`,
    SQL_DATABASES: `orders-db=postgres://midwatch_sql:canary-password-4711@127.0.0.1:${server.port}/orders,other=postgres://midwatch_sql:canary-password-4711@127.0.0.1:1/other`,
  };
  const { code, checks, printed } = await doctor(settings, catalog);
  await server.close();
  expect(code).toBe(1);
  expect(printed).not.toContain("canary");
  const told = checks.filter(({ name }) => /^(PostgreSQL|SQL) /.test(name));
  expect(told).toEqual([
    { name: "PostgreSQL bills-db", state: "warning", detail: "is named in the catalog and not in DATABASES, so it is not read" },
    { name: "PostgreSQL other", state: "warning", detail: expect.stringContaining("no service of the catalog names it") },
    {
      name: "SQL bills-db",
      state: "warning",
      detail: "has tables in the catalog and is not in SQL_DATABASES, so the model writes no SQL for it",
    },
    { name: "SQL other", state: "warning", detail: expect.stringContaining("the catalog declares no tables of it") },
    { name: "PostgreSQL orders-db", state: "problem", detail: expect.stringContaining("wrong user or password") },
    { name: "PostgreSQL other", state: "problem", detail: expect.stringContaining("nothing listens") },
    { name: "SQL orders-db", state: "problem", detail: expect.stringContaining("Put the right ones into SQL_DATABASES") },
  ]);
});
