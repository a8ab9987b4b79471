import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { contract } from "./contract.ts";

// The same cases run in workerd in durable-object-host.test.ts.
describe("on node:sqlite", () => {
  test.each(Object.entries(contract))("%s", async (_name, run) => {
    const db = openNodeSqlite(":memory:");
    const outcome = (async () => run(db.sql))().finally(() => db.close());
    await expect(outcome).resolves.toBeUndefined();
  });
});
