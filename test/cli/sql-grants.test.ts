import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { grantScript } from "../../src/integrations/postgres/sql-grants.ts";
import { runHere } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "midwatch-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const catalog = join(folder, "catalog.yaml");
writeFileSync(
  catalog,
  "version: 1\ndatabases:\n  - name: orders-db\n    tables:\n      - { name: orders, columns: [id, status], masked: { email: email } }\n      - { name: sales.OrderLines, columns: [id] }\n",
);

async function run(...args: string[]) {
  const { code, stdout: out, stderr: error } = await runHere(["sql", "grants", ...args], { CATALOG_PATH: catalog });
  return { code, out, error };
}

test("sql grants prints the script from the catalog alone, and needs no other setting", async () => {
  const { code, out } = await run("ORDERS-DB");
  expect(code).toBe(0);
  const statements = out.split("\n").filter((line) => line !== "" && !line.startsWith("--"));
  expect(statements.at(0)).toBe("begin;");
  expect(statements.at(-1)).toBe("commit;");
  expect(statements).toContain('grant select ("id", "status", "email") on "public"."orders" to "midwatch_sql";');
  expect(statements).toContain('grant select ("id") on "sales"."OrderLines" to "midwatch_sql";');
  expect(statements).toContain('alter role "midwatch_sql" set default_transaction_read_only = on;');
  expect(out).not.toMatch(/password '/);
});

test("a database that the catalog does not open, and a role that is no name, are told", async () => {
  expect(await run("other")).toMatchObject({
    code: 2,
    error: expect.stringContaining("The catalog declares no tables of other; it has those of orders-db."),
  });
  expect(await run("orders-db", "--role", "x; drop")).toMatchObject({ code: 2, error: expect.stringContaining("--role must be a name") });
});

test("names are quoted and comments stay comments, whatever a catalog says", () => {
  const script = grantScript("a\ndrop table x;", [{ schema: 'p"q', name: "t", columns: ['c") on x to y; --'], masked: {} }], "r'o\"le");
  const statements = script.split("\n").filter((line) => !line.startsWith("--"));
  expect(statements).toContain('grant select ("c"") on x to y; --") on "p""q"."t" to "r\'o""le";');
  expect(statements.join("\n")).toContain("rolname = 'r''o\"le'");
  expect(statements.join("\n")).not.toContain("drop table");
});
