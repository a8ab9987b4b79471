import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { sizeOf } from "../../src/node/give-back.ts";
import { retainOnce } from "../../src/node/keep-retention.ts";
import { incidentTables } from "../../src/node/store-tables.ts";
import { readEvidence, recordEvidence } from "../../src/store/evidence.ts";
import { recordHidden } from "../../src/store/hidden-values.ts";
import { incidentEvents, type Plan } from "../../src/store/incident-store.ts";
import { deleteIncident } from "../../src/store/delete-incident.ts";
import type { Retention } from "../../src/store/retention.ts";
import { callTo } from "../durable/audit-cases.ts";
import { keptIncident } from "../durable/keeping-cases.ts";
import { page } from "../durable/pages.ts";
import { eventually } from "../support/eventually.ts";

const DAY_MS = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 3, 3);
const KEEP_ALL: Retention = { evidenceDays: 0, incidentDays: 0, sealedDays: 0, auditDays: 0 };

/** A store with incidents of so many days ago, each with all that an incident can have. */
async function storeWith(ages: Readonly<Record<string, number>>, plan: Plan = () => null) {
  const path = join(mkdtempSync(join(tmpdir(), "midwatch-retention-")), "store.db");
  const clock = { now: NOW };
  const store = openNodeHost({
    ...{ events: incidentEvents, path, plan, migrations: incidentTables, now: () => clock.now },
    onError: (error) => {
      throw error;
    },
  });
  for (const [name, days] of Object.entries(ages)) {
    clock.now = NOW - days * DAY_MS;
    const incident = `pd-${name}`;
    await store.receive({
      ...{ deliveryId: name, eventId: name, eventType: "incident.triggered", occurredAt: clock.now },
      incident: {
        id: incident,
        pagerId: name,
        title: name,
        event: { type: "page-received", page: page({ id: name, title: `canary-${name}` }) },
      },
    });
    const { sql } = store;
    const answer = { source: "Datadog logs", query: "q", window: null, link: null, cut: null };
    sql.tx(() => {
      recordEvidence(sql, incident, 1, [{ answer, length: 9, parts: [new Uint8Array(300_000).fill(7)] }], clock.now);
      recordHidden(sql, incident, [{ pseudonym: "<email:kvmtrzpd>", sealed: new Uint8Array([1, 2, 3]) }]);
      sql.all("insert into address values(?, ?)", `slack:C1:${name}`, incident);
      sql.all("insert into board values(?, '{}', ?, null, null)", incident, clock.now);
    });
    for (const part of ["a", "b"])
      store.auditLog.append(callTo(`https://canary-${name}/${part}`), { incidentId: incident, step: "triage" });
    store.auditLog.flush();
  }
  clock.now = NOW;
  // Each incident has had its turn, and has nothing to do unless the plan says so.
  await eventually(() => expect(store.nextAt() ?? Infinity).toBeGreaterThan(NOW));
  const { signal } = new AbortController();
  return {
    ...{ host: store, sql: store.sql, auditLog: store.auditLog, path },
    retain: (retention: Partial<Retention>) => retainOnce(store, { ...KEEP_ALL, ...retention }, { now: () => clock.now, signal }),
    count: (table: string) => store.sql.all<{ n: number }>(`select count(*) n from ${table}`)[0]?.n,
    ids: async () => (await store.list()).incidents.map(({ id }) => id).toSorted(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

test("without days nothing is deleted", async () => {
  await using store = await storeWith({ old: 900, new: 1 });
  expect(await store.retain({})).toBeNull();
  expect(await store.ids()).toEqual(["pd-new", "pd-old"]);
  expect(store.count("evidence_part")).toBe(2);
});

test("each kind has days of its own; the evidence's index outlives the answers and says so", async () => {
  await using store = await storeWith({ old: 60, middle: 20, new: 1 });
  expect(await store.retain({ evidenceDays: 10, sealedDays: 30 })).toBe(
    "retention: deleted 2 incidents' raw answers, 1 incidents' sealed values",
  );
  expect([store.count("evidence"), store.count("evidence_part"), store.count("hidden_value")]).toEqual([3, 1, 2]);
  expect(await readEvidence(store.sql, "pd-middle", 1)).toMatchObject({
    query: "q",
    raw: expect.stringContaining("midwatch deleted this answer"),
  });
  await store.retain({ incidentDays: 30 });
  expect(await store.ids()).toEqual(["pd-middle", "pd-new"]);
  expect(await store.host.read("pd-old")).toEqual([]);
});

test.each([
  [0, { evidenceDays: 10, sealedDays: 30 }],
  [20, { evidenceDays: 10, sealedDays: 30 }],
  [40, { evidenceDays: 10, sealedDays: 30 }],
  [40, { auditDays: 50, incidentDays: 41 }],
  [60, { auditDays: 50, incidentDays: 41 }],
  [9, { evidenceDays: 3, sealedDays: 8, incidentDays: 10, auditDays: 12 }],
  [11, { evidenceDays: 3, sealedDays: 8, incidentDays: 10, auditDays: 12 }],
])("after %i days a file with all incidents and a store of one alone have kept the same: %o", async (days, retention) => {
  await using store = await storeWith({ one: days });
  await store.retain(retention);
  const { sql } = store;
  const calls = [...readAudit(sql)].filter(({ record }) => record.kind === "call").length;
  const count = (table: string) => store.count(table);
  const db = openNodeSqlite(":memory:");
  const alone = await keptIncident(db.sql, retention).after(days);
  db.close();
  expect([count("event"), count("evidence_part"), count("hidden_value"), calls > 0]).toEqual([
    ...[alone.events, alone.answers, alone.sealed],
    alone.audit > 0,
  ]);
});

test("an incident with work to do is kept, however old it is", async () => {
  await using store = await storeWith({ open: 400 }, () => ({ waitMs: 900 * DAY_MS }));
  expect(await store.retain({ incidentDays: 30, evidenceDays: 30, sealedDays: 30 })).toBeNull();
  expect(await store.ids()).toEqual(["pd-open"]);
});

test("what is deleted is in no table and not in the file, and its room goes back to the disk", async () => {
  const store = await storeWith({ gone: 3, kept: 3 });
  const before = sizeOf(store.sql).bytes;
  store.sql.all("pragma secure_delete = on");
  expect(deleteIncident(store.sql, store.auditLog, "pd-gone", { by: "ana", withAudit: true })).toBe(true);
  expect(deleteIncident(store.sql, store.auditLog, "pd-gone", { by: "ana", withAudit: true })).toBe(false);
  await store.retain({ evidenceDays: 1 });
  expect(before - sizeOf(store.sql).bytes).toBeGreaterThan(500_000);
  for (const table of ["event", "evidence", "hidden_value", "address", "board"]) expect(store.count(table)).toBe(1);
  // A delivery that comes again does not open it again.
  const again = { deliveryId: "gone", eventId: "gone", eventType: "incident.triggered", occurredAt: NOW };
  expect(await store.host.receive({ ...again, incident: null })).toMatchObject({ repeated: true });
  expect(verifyAudit(store.sql)).toMatchObject({ broken: null, unfinished: [] });
  await store.host.close();
  expect(readFileSync(store.path).includes("canary-gone")).toBe(false);
  expect(readFileSync(store.path).includes("canary-kept")).toBe(true);
});

test("erased entries of the audit leave a chain that verifies, with the head that was written down before", async () => {
  await using store = await storeWith({ old: 60, new: 1 });
  const known = store.host.auditHead()?.hash ?? "";
  expect(await store.retain({ auditDays: 30 })).toBe("retention: deleted 2 audit entries");
  expect(await store.retain({ auditDays: 30 })).toBeNull();
  expect(deleteIncident(store.sql, store.auditLog, "pd-new", { by: "ana", withAudit: true })).toBe(true);
  const check = verifyAudit(store.sql, known);
  expect(check.broken).toBeNull();
  expect(JSON.stringify(store.sql.all("select body from audit"))).not.toContain("canary");
});

test("who was shown hidden values stays in the audit when they delete the incident", async () => {
  await using store = await storeWith({ one: 1 });
  const shown = { kind: "access", what: "the value behind <email:kvmtrzpd>", by: "mallory" } as const;
  store.auditLog.append(shown, { incidentId: "pd-one", step: null });
  deleteIncident(store.sql, store.auditLog, "pd-one", { by: "mallory", withAudit: true });
  const kinds = [...readAudit(store.sql)].map(({ record }) => record.kind);
  expect([...readAudit(store.sql)].map(({ record }) => record)).toContainEqual(shown);
  expect(kinds).toContain("tombstone");
  expect(kinds).not.toContain("call");
  expect(verifyAudit(store.sql).broken).toBeNull();
});

test.each([
  [
    "an entry that nothing says was erased",
    'update audit set body = json_set(body, \'$.record\', json(\'{"kind":"tombstone","eraser":99}\')) where seq = 5',
  ],
  [
    "one more than was erased",
    "update audit set body = (select replace(replace(body, '\"seq\":2', '\"seq\":5'), '\"pd-old\"', '\"pd-new\"') from audit where seq = 2), at = at where seq = 5",
  ],
  [
    "the entry that says what was erased",
    "update audit set body = json_set(body, '$.record.entries', 7) where seq = (select max(seq) from audit)",
  ],
  ["the hash of an erased entry", "update audit set hash = replace(hash, 'a', 'b') where seq = 2"],
])("the audit shows it when somebody changes %s", async (_what, statement) => {
  await using store = await storeWith({ old: 60, new: 1 });
  await store.retain({ auditDays: 30 });
  expect(verifyAudit(store.sql).broken).toBeNull();
  store.sql.tx(() => {
    store.sql.all("drop trigger audit_not_changed");
    store.sql.all(statement);
  });
  expect(verifyAudit(store.sql).broken).not.toBeNull();
});

test("the file itself refuses changes of the audit that are no erasure", async () => {
  await using store = await storeWith({ one: 1 });
  const change = (set: string) => () => store.sql.tx(() => store.sql.all(`update audit set ${set} where seq = 2`));
  expect(change("body = '{}'")).toThrow(/only added to/);
  expect(change("incident = 'pd-x'")).toThrow(/only added to/);
  expect(change("hash = 'x'")).toThrow(/only added to/);
});

test("the board forgets what is a month old, without a setting", async () => {
  await using store = await storeWith({ old: 40, new: 2 });
  await store.retain({});
  expect(store.sql.all("select incident from board")).toEqual([{ incident: "pd-new" }]);
});
