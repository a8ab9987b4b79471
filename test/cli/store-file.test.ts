import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import { readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { deleteOne } from "../../src/cli/delete-incident.ts";
import { backup, compact, migrateStore, restore } from "../../src/cli/store-file.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { migrate, type Migrations } from "../../src/durable/sql.ts";
import { openNodeSqlite, readNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { incidentTables } from "../../src/node/store-tables.ts";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { page } from "../durable/pages.ts";
import { freshDatabase } from "../support/bot.ts";

const thrown = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

const open = (path: string) =>
  openNodeHost({ events: incidentEvents, path, plan: () => null, migrations: incidentTables, onError: () => undefined });

const receive = (store: ReturnType<typeof open>, name: string) =>
  store.receive({
    ...{ deliveryId: name, eventId: name, eventType: "incident.triggered", occurredAt: 1 },
    incident: { id: `pd-${name}`, pagerId: name, title: name, event: { type: "page-received", page: page({ id: name }) } },
  });

const ids = async (path: string) => {
  const store = open(path);
  const { incidents } = await store.list();
  await store.close();
  return incidents.map(({ id }) => id).toSorted();
};

test("a backup is made while midwatch writes, and restored it has what was there then; what it replaces is kept", async () => {
  const path = freshDatabase();
  const copy = `${path}.backup`;
  const store = open(path);
  await receive(store, "before");
  expect(await backup(path, copy)).toEqual([expect.stringContaining("checked")]);
  await receive(store, "after");
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(await thrown(() => backup(path, copy))).toContain("already exists");
  expect(await thrown(() => restore(path, copy))).toContain("is in use by process");
  await store.close();
  restore(path, copy);
  expect(await ids(path)).toEqual(["pd-before"]);
  const [aside = ""] = readdirSync(dirname(path)).filter(
    (file) => file.startsWith(`${basename(path)}.before-`) && !/-(?:wal|shm)$/.test(file),
  );
  expect(await ids(`${dirname(path)}/${aside}`)).toEqual(["pd-after", "pd-before"]);
});

test("what is no whole store is not restored, and what is there stays", async () => {
  const path = freshDatabase();
  const store = open(path);
  await receive(store, "one");
  await store.close();
  const before = readFileSync(path);
  writeFileSync(`${path}.text`, "no database at all ".repeat(500));
  writeFileSync(`${path}.cut`, before.subarray(0, before.length / 2));
  new DatabaseSync(`${path}.empty`).exec("create table other(a)");
  for (const wrong of ["text", "cut", "empty", "missing"]) {
    expect(await thrown(() => restore(path, `${path}.${wrong}`))).toMatch(/cannot be restored|There is no/);
  }
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a store that is behind: --check shows what there is to do and changes nothing, migrate does it", async () => {
  const path = freshDatabase();
  const store = open(path);
  await receive(store, "one");
  await store.close();
  const db = new DatabaseSync(path);
  db.exec("drop table retention_mark; delete from migrations where name = 'retention'");
  db.close();
  const before = readFileSync(path);
  const check = await migrateStore(path, { check: true });
  expect(check.join("\n")).toMatch(/→ retention: 0 of 1, 1 to run[\s\S]*On a copy this took/);
  expect(readFileSync(path).equals(before)).toBe(true);
  await migrateStore(path, { check: false });
  expect((await migrateStore(path, { check: true })).join("")).not.toContain("→");
});

test("one version back works where the newer one only added, and is refused where it did not", () => {
  const { sql, close } = openNodeSqlite(":memory:");
  const first: Migrations = { name: "part", statements: ["create table part(a)"] };
  const second: Migrations = { name: "part", statements: [...first.statements, "create index part_a on part(a)"], oldest: 1 };
  const third: Migrations = { name: "part", statements: [...second.statements, "alter table part rename column a to b"] };
  migrate(sql, [first]);
  migrate(sql, [second]);
  migrate(sql, [first]);
  sql.tx(() => sql.all("insert into part(a) values(1)"));
  migrate(sql, [second]);
  migrate(sql, [third]);
  expect(() => migrate(sql, [second])).toThrow(/written by a newer midwatch \(part 3, known here: 2\)/);
  close();
});

test("an incident is deleted by its id, while midwatch is stopped", async () => {
  const path = freshDatabase();
  const store = open(path);
  await receive(store, "one");
  await receive(store, "two");
  await store.close();
  expect(await deleteOne(path, "pd-one", "ana")).toContainEqual(expect.stringContaining("pd-one is deleted"));
  expect(await thrown(() => deleteOne(path, "pd-one", "ana"))).toContain("has no incident pd-one");
  expect(compact(path)).toEqual([expect.stringMatching(/MB$/)]);
  expect(await ids(path)).toEqual(["pd-two"]);
  const { sql, close } = readNodeSqlite(path);
  expect(verifyAudit(sql).broken).toBeNull();
  expect([...readAudit(sql)]).toContainEqual(
    expect.objectContaining({ record: { kind: "access", what: "pd-one was deleted", by: "ana" } }),
  );
  close();
});
