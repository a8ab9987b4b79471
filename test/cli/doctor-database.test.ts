import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { refusalOf, startRefusingPostgres } from "../../src/replay/postgres/refusing.ts";
import { command } from "../support/command.ts";

const output = z.object({ checks: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })) });

test("doctor logs in to each database, and names those that only the catalog or only the settings know", async () => {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-cli-"));
  const catalog = join(folder, "catalog.yaml");
  writeFileSync(
    catalog,
    "version: 1\nservices:\n  - { name: orders, database: orders-db }\n  - { name: bills, database: bills-db }\ndatabases:\n  - { name: bills-db, tables: [{ name: bills, columns: [id] }] }\n  - { name: orders-db, tables: [{ name: orders, columns: [id] }] }\n",
  );
  const server = await startRefusingPostgres(refusalOf(401, "orders"));
  await using running = command(["doctor", "--json"], {
    PAGERDUTY_WEBHOOK_SECRET: "a-secret",
    SLACK_BOT_TOKEN: "xoxb-a",
    SLACK_SIGNING_SECRET: "b-secret",
    SLACK_API_URL: "http://127.0.0.1:1",
    CATALOG_PATH: catalog,
    DATABASES: `orders-db=postgres://midwatch:canary-password@127.0.0.1:${server.port}/orders,other=postgres://midwatch:canary-password@127.0.0.1:1/other`,
    SQL_DATABASES: `orders-db=postgres://midwatch_sql:canary-password@127.0.0.1:${server.port}/orders,other=postgres://midwatch_sql:canary-password@127.0.0.1:1/other`,
  });
  const { code } = await running.ended;
  await server.close();
  expect(code).toBe(1);
  expect(`${running.stdout()}${running.stderr()}`).not.toContain("canary");
  const told = output.parse(JSON.parse(running.stdout())).checks.filter(({ name }) => /^(PostgreSQL|SQL) /.test(name));
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
