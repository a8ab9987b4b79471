import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { evidenceMigrations, listEvidence, packAnswer, readEvidence, recordEvidence } from "../../src/store/evidence.ts";
import { answerOf, NOW } from "../support/telling.ts";

function openStore() {
  const db = openNodeSqlite(join(mkdtempSync(join(tmpdir(), "midwatch-evidence-")), "store.db"));
  migrate(db.sql, [evidenceMigrations]);
  return { sql: db.sql, [Symbol.dispose]: () => db.close() };
}

/** Text that does not compress, so that it needs more than one part. */
const noise = (length: number) => {
  let state = 1;
  return Array.from({ length }, () => String.fromCharCode(33 + ((state = (state * 48_271) % 2_147_483_647) % 90))).join("");
};

test("a raw answer comes back as it was, however large, with text of any script", async () => {
  using store = openStore();
  const raws = ["", "schlüssel — 鍵 🔑\u0000", noise(3_000_000)];
  const packed = await Promise.all(raws.map((raw) => packAnswer(answerOf("Datadog logs", raw))));
  recordEvidence(store.sql, "pd-A", 1, packed, NOW);
  for (const [index, raw] of raws.entries()) expect((await readEvidence(store.sql, "pd-A", index + 1))?.raw === raw).toBe(true);
});

test("each incident has a ledger of its own", async () => {
  using store = openStore();
  const packed = [await packAnswer(answerOf("Sentry", "{}", "first 100"))];
  recordEvidence(store.sql, "pd-A", 1, [...packed, ...packed], NOW);
  recordEvidence(store.sql, "pd-B", 1, packed, NOW);
  expect(listEvidence(store.sql, "pd-A").map(({ number }) => number)).toEqual([1, 2]);
  expect(listEvidence(store.sql, "pd-B")).toMatchObject([{ number: 1, source: "Sentry", cut: "first 100", length: 2 }]);
});

test("a number that is taken keeps its answer, and nothing of the second try is left", async () => {
  using store = openStore();
  recordEvidence(store.sql, "pd-A", 1, [await packAnswer(answerOf("Sentry", "first"))], NOW);
  const again = await Promise.all(["second", "third"].map((raw) => packAnswer(answerOf("Sentry", raw))));
  expect(() => recordEvidence(store.sql, "pd-A", 1, again, NOW)).toThrow(/UNIQUE/);
  expect(listEvidence(store.sql, "pd-A")).toHaveLength(1);
  expect((await readEvidence(store.sql, "pd-A", 1))?.raw).toBe("first");
  expect(await readEvidence(store.sql, "pd-A", 2)).toBeNull();
});
