import { incidentEvents } from "../../src/store/incident-store.ts";
import { spawnSync } from "node:child_process";
import { copyFileSync, fstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Step } from "../../src/store/incident-store.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { openNodeSqlite, readNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { listEffects } from "../../src/durable/outbox.ts";
import { type Sql, StoreNotWritableError } from "../../src/durable/sql.ts";
import { temporaryFolder } from "../support/files.ts";
import { delivery, posted, postedTexts, reply } from "./pages.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, "midwatch.db");
});
afterEach(() => folder[Symbol.dispose]());

const add = (sql: Sql, word: string) => sql.tx(() => sql.all("insert into note values(?)", word));
const notes = (sql: Sql) => sql.all<{ word: string }>("select word from note").map(({ word }) => word);

/** What a power cut would leave: file and log as they were at the last flush. */
function disk() {
  const copy = join(folder.path, "disk.db");
  let flushes = 0;
  return {
    flush: (fd: number) => {
      flushes++;
      expect(fstatSync(fd).ino).toBe(statSync(`${path}-wal`).ino);
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
    },
    flushes: () => flushes,
    afterPowerCut: <T>(ask: (sql: Sql) => T): T => {
      const left = openNodeSqlite(copy);
      const answer = ask(left.sql);
      left.close();
      return answer;
    },
  };
}

test("a commit is on the disk when sync says so; all who ask in one turn wait for one flush, and nothing new needs none", async () => {
  const { flush, flushes, afterPowerCut } = disk();
  const { sql, close } = openNodeSqlite(path, { flush });
  sql.tx(() => sql.all("create table note(word text)"));
  add(sql, "one");
  await Promise.all([sql.sync(), Promise.resolve().then(() => add(sql, "two")), Promise.resolve().then(() => sql.sync())]);
  expect(flushes()).toBe(1);
  expect(afterPowerCut(notes)).toEqual(["one", "two"]);
  await sql.sync();
  expect(flushes()).toBe(1);
  add(sql, "three");
  expect(afterPowerCut(notes)).toEqual(["one", "two"]);
  await sql.sync();
  expect(afterPowerCut(notes)).toEqual(["one", "two", "three"]);
  add(sql, "four");
  close();
  const { sql: again, close: closeAgain } = openNodeSqlite(path);
  expect(notes(again)).toEqual(["one", "two", "three", "four"]);
  closeAgain();
});

test("whoever has patience shares the flush of one who has none, and has one of its own where nobody comes", async () => {
  const { flush, flushes, afterPowerCut } = disk();
  const { sql, close } = openNodeSqlite(path, { flush });
  sql.tx(() => sql.all("create table note(word text)"));
  add(sql, "one");
  const patient = sql.sync(60_000);
  await nextTurn();
  expect(flushes()).toBe(0);
  add(sql, "two");
  await Promise.all([sql.sync(), patient]);
  expect(flushes()).toBe(1);
  await sql.sync(60_000);
  add(sql, "three");
  await sql.sync(1);
  expect(flushes()).toBe(2);
  expect(afterPowerCut(notes)).toEqual(["one", "two", "three"]);
  close();
});

test("closing brings all to the disk, also beside a reader, and tells whoever waits for it", async () => {
  const { flush, flushes, afterPowerCut } = disk();
  const { sql, close } = openNodeSqlite(path, { flush });
  sql.tx(() => sql.all("create table note(word text)"));
  const reader = readNodeSqlite(path);
  expect(notes(reader.sql)).toEqual([]);
  add(sql, "one");
  const flushed = sql.sync();
  close();
  expect(flushes()).toBe(1);
  await expect(flushed).resolves.toBeUndefined();
  reader.close();
  expect(afterPowerCut(notes)).toEqual(["one"]);
  const broken = openNodeSqlite(path, {
    flush: () => {
      throw new Error("EIO");
    },
  });
  add(broken.sql, "two");
  const waiting = broken.sql.sync();
  expect(() => broken.close()).toThrow(StoreNotWritableError);
  await expect(waiting).rejects.toThrow(StoreNotWritableError);
  expect(() => broken.close()).not.toThrow();
});

test("a path that is a link is flushed where the file is", async () => {
  mkdirSync(join(folder.path, "data"));
  const file = join(folder.path, "data", "store.db");
  writeFileSync(file, "");
  symlinkSync(file, path);
  const inodes: number[] = [];
  const { sql, close } = openNodeSqlite(path, { flush: (fd) => inodes.push(fstatSync(fd).ino) });
  sql.tx(() => sql.all("create table note(word text)"));
  await sql.sync();
  expect(inodes).toEqual([statSync(`${file}-wal`).ino]);
  close();
});

test("where nothing else is said the flush is fdatasync, and SQLite keeps the order of log and file", () => {
  const script = join(folder.path, "write.ts");
  const trace = join(folder.path, "trace.json");
  const source = new URL("../../src/durable/node-sqlite.ts", import.meta.url).href;
  writeFileSync(
    script,
    `import { openNodeSqlite } from ${JSON.stringify(source)};
     const { sql, close } = openNodeSqlite(${JSON.stringify(path)});
     sql.tx(() => sql.all("create table note(word text)"));
     await sql.sync();
     console.log(JSON.stringify(sql.all("pragma synchronous")));
     close();`,
  );
  const traced = ["--trace-event-categories", "node.fs.sync", "--trace-event-file-pattern", trace];
  const { stdout, stderr } = spawnSync(process.execPath, [...traced, script], { encoding: "utf8" });
  expect(stderr).toBe("");
  // 1: NORMAL.
  expect(stdout).toBe('[{"synchronous":1}]\n');
  const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as { traceEvents: { name: string; ph: string }[] };
  expect(traceEvents.filter(({ name, ph }) => name === "fs.sync.fdatasync" && ph === "B")).toHaveLength(1);
});

test("what an earlier process left in the log is in the file itself once the next has opened it", async () => {
  const earlier = openNodeSqlite(path, {
    flush: () => {
      throw new Error("EIO");
    },
  });
  earlier.sql.tx(() => earlier.sql.all("create table note(word text)"));
  add(earlier.sql, "one");
  await expect(earlier.sql.sync()).rejects.toThrow("EIO");
  const next = openNodeSqlite(path);
  // The log may have a hole where the flush failed, and a power cut would take all behind it.
  const copy = join(folder.path, "without-log.db");
  copyFileSync(path, copy);
  const left = openNodeSqlite(copy);
  expect(notes(left.sql)).toEqual(["one"]);
  left.close();
  next.close();
});

test("after a flush that failed nothing more is taken, for nobody knows what of the earlier commits the disk has", async () => {
  let isBroken = true;
  const flush = () => {
    if (isBroken) throw new Error("EIO: i/o error, fdatasync");
  };
  const { sql, close } = openNodeSqlite(path, { flush });
  sql.tx(() => sql.all("create table note(word text)"));
  const both = await Promise.allSettled([sql.sync(), sql.sync()]);
  for (const outcome of both) {
    expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(StoreNotWritableError) as unknown });
  }
  isBroken = false;
  expect(() => add(sql, "one")).toThrow(/midwatch\.db-wal can't be brought to the disk: EIO.*start midwatch again/);
  await expect(sql.sync()).rejects.toThrow(StoreNotWritableError);
  expect(notes(sql)).toEqual([]);
  expect(close).toThrow(StoreNotWritableError);
});

test("what was answered and what was meant to go out survives a power cut", async () => {
  const { flush, afterPowerCut } = disk();
  const atAct = Promise.withResolvers<unknown>();
  const post: Step = {
    id: "post",
    run: async ({ effects, incidentId }) => {
      await effects.deliver<string, string>("status", "slack-message", "hello", {
        find: async () => null,
        act: async () => {
          atAct.resolve(afterPowerCut((sql) => listEffects(sql, incidentId).map(({ key, state }) => ({ key, state }))));
          return "1";
        },
      });
      return [posted("post")];
    },
  };
  const plan = (log: Parameters<typeof postedTexts>[0]) => (postedTexts(log).includes("post") ? null : post);
  const errors: unknown[] = [];
  const host = openNodeHost({ events: incidentEvents, path, flush, plan, onError: (error) => errors.push(error) });
  await host.receive(delivery(1));
  expect(afterPowerCut((sql) => sql.all("select id from delivery"))).toEqual([{ id: "delivery-1" }]);
  expect(await atAct.promise).toEqual([{ key: "status", state: "intent" }]);
  expect(await host.tell("pd-P1", [reply("look at payments")], "Ev1")).toBe("stored");
  const told = "select count(*) n from event where body ->> 'type' = 'slack-message-received'";
  expect(afterPowerCut((sql) => sql.all(told))).toEqual([{ n: 1 }]);
  await host.close();
  expect(errors).toEqual([]);
});

test("a disk that takes nothing more refuses deliveries, sends nothing out, and shows in the health", async () => {
  let isBroken = false;
  const flush = () => {
    if (isBroken) throw new Error("EIO: i/o error, fdatasync");
  };
  let sent = 0;
  const broken = Promise.withResolvers<undefined>();
  const post: Step = {
    id: "post",
    run: async ({ effects }) => {
      await broken.promise;
      await effects.deliver("status", "slack-message", "hello", { find: async () => null, act: async () => ++sent });
      return [posted("post")];
    },
  };
  const errors: unknown[] = [];
  const host = openNodeHost({ events: incidentEvents, path, flush, plan: () => post, leaseMs: 30, onError: (error) => errors.push(error) });
  await host.receive(delivery(1));
  isBroken = true;
  broken.resolve(undefined);
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  expect(errors[0]).toBeInstanceOf(StoreNotWritableError);
  await expect(host.receive(delivery(2))).rejects.toThrow(StoreNotWritableError);
  await expect.poll(() => host.health().writable).toBe(false);
  await nextTurn();
  expect(sent).toBe(0);
  await host.close();
});
