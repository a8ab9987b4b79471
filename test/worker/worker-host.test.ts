import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSqlClient } from "../../src/integrations/postgres/sql-client.ts";
import { parseCode } from "../../src/node/code-parser.ts";
import { parseSql } from "../../src/node/sql-parser.ts";
import { patchCases } from "../fix/patch-corpus.ts";
import { problemsOf } from "../fix/patch-problems.ts";
import { legitimate } from "../guard/legitimate-sql.ts";
import { refused } from "../guard/sql-attacks.ts";
import { declaredTables } from "../integrations/postgres/sql-catalog.ts";
import { startSqlShop } from "../integrations/postgres/sql-database.ts";
import { temporaryFolder } from "../support/files.ts";
import { listen } from "../support/loopback.ts";
import { startWorkerd, type Workerd } from "../support/workerd.ts";

let folder: ReturnType<typeof temporaryFolder>;
let workerd: Workerd;

beforeAll(async () => {
  folder = temporaryFolder();
  workerd = await startWorkerd(join(import.meta.dirname, "workerd", "wrangler.toml"), folder.path, {});
});

afterAll(async () => {
  await workerd.kill();
  folder[Symbol.dispose]();
});

async function post(route: string, body: unknown): Promise<unknown[]> {
  const response = await fetch(`${workerd.url}${route}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as unknown[];
}

describe("parsers, in WebAssembly that wrangler compiled", () => {
  test("SQL: every attack is refused before a database sees it, and what engineers ask is answered by a real PostgreSQL over a Worker's socket", async () => {
    await using shop = await startSqlShop();
    const sql = `/sql?database=${encodeURIComponent(shop.url)}`;
    const attacks = Object.values(refused).flat();
    // The first one shows the columns; of attacks it then depends on nothing but the statement.
    const [count, ...told] = await post(sql, ["select count(*) from orders", ...attacks]);
    expect(count).toBe('[["400"]]');
    expect(attacks.filter((_, index) => !String(told[index]).startsWith("IntegrationError: The statement was not run: "))).toEqual([]);
    // Each opens a connection of its own, so a few of each kind.
    const asked = legitimate.filter((_, index) => index % 10 === 0);
    const node = createSqlClient({ databases: [{ name: "shop", url: shop.url, tables: declaredTables }], parse: parseSql });
    const onNode: string[] = [];
    for (const statement of asked)
      onNode.push(
        await node.query({ database: "shop", sql: statement }, AbortSignal.timeout(20_000)).then(
          ({ value }) => JSON.stringify(value.rows),
          (error: unknown) => String(error),
        ),
      );
    expect(await post(sql, asked)).toEqual(onNode);
  });

  test("patches: as on Node, but for languages without a parser here, in which nothing may be changed", async () => {
    const cases = (["hostile", "good"] as const).flatMap((name) => patchCases(name).map(({ file }) => ({ file, blamed: name === "good" })));
    const here = await post("/patches", cases);
    const unparsed = /^.*: a fix may not change it, as midwatch has no parser of (?:bash|cpp|c-sharp|powershell) on this host\.$/;
    const differ: unknown[] = [];
    for (const [index, one] of cases.entries()) {
      const onNode = await problemsOf(one, parseCode, one.blamed);
      const inWorker = here[index] as readonly string[];
      if (JSON.stringify(inWorker) !== JSON.stringify(onNode) && !inWorker.some((problem) => unparsed.test(problem)))
        differ.push([one.file.path, inWorker, onNode]);
    }
    expect(differ).toEqual([]);
    expect(here.filter((problems) => (problems as string[]).length === 0).length).toBeGreaterThan(50);
  });
});

test("errors of midwatch's own reach Sentry from a Worker, scrubbed, and no flood of them", async () => {
  await using sentry = await listen((_request, response) => void response.end("{}"));
  const dsn = `${sentry.url.replace("://", "://public@")}/42`;
  await post(`/report?dsn=${encodeURIComponent(dsn)}`, null);
  await expect.poll(() => sentry.seen.length, { timeout: 15_000 }).toBe(20);
  const { exception, tags } = JSON.parse(sentry.seen[0]?.body.split("\n")[2] ?? "{}") as Record<string, { values?: unknown[] }>;
  expect(tags).toEqual({ where: "step" });
  expect(exception?.values).toMatchObject([{ type: "TypeError", value: "<person> has no id, https://a.example/x?<query>" }]);
  expect(sentry.seen.map(({ body }) => body).join()).not.toMatch(/canary|Jane|503 of a vendor|"request"|"user"|server_name/);
});
