import assert from "node:assert/strict";
import { actorMigrations } from "../../src/durable/actor.ts";
import { AuditLog, auditPage, readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { boardMigrations } from "../../src/durable/board.ts";
import { Directory, directoryMigrations } from "../../src/durable/directory.ts";
import { DirectoryKeeping, directoryKeepingMigrations } from "../../src/durable/directory-keeping.ts";
import { IncidentKeeping, incidentKeepingMigrations } from "../../src/durable/incident-keeping.ts";
import { migrate, type Sql } from "../../src/durable/sql.ts";
import { recordEvidence } from "../../src/store/evidence.ts";
import { recordHidden } from "../../src/store/hidden-values.ts";
import { incidentEvents, incidentLog } from "../../src/store/incident-store.ts";
import { keepingOf, type Retention } from "../../src/store/retention.ts";
import { storeTables } from "../../src/store/tables.ts";
import { callTo } from "./audit-cases.ts";
import { delivery, pageReceived, reply } from "./pages.ts";

export const DAY_MS = 24 * 3_600_000;
export const KEEP_ALL: Retention = { evidenceDays: 0, incidentDays: 0, sealedDays: 0, auditDays: 0 };
const START = Date.UTC(2026, 0, 1);

/** The store of one incident, paged at START, with all that an incident can have; its directory answers as told. */
export function keptIncident(sql: Sql, retention: Partial<Retention>, forget: () => Promise<boolean> = async () => true) {
  migrate(sql, [...actorMigrations, incidentKeepingMigrations, ...storeTables]);
  const clock = { now: START };
  const now = () => clock.now;
  const audit = new AuditLog({ sql, now });
  const log = incidentLog(sql);
  const asked: (number | null)[] = [];
  const keeping = new IncidentKeeping({
    ...{ sql, audit, now, keeping: keepingOf({ ...KEEP_ALL, ...retention }) },
    forget: (_incident, before) => (asked.push(before), forget()),
  });
  const answer = { source: "Datadog logs", query: "q", window: null, link: null, cut: null };
  log.append("pd-1", pageReceived({ title: "canary" }), clock.now, "pager:event-1");
  sql.tx(() => {
    recordEvidence(sql, "pd-1", 1, [{ answer, length: 9, parts: [new Uint8Array([7])] }], clock.now);
    recordHidden(sql, "pd-1", [{ pseudonym: "<email:kvmtrzpd>", sealed: new Uint8Array([1]) }]);
  });
  audit.append(callTo("https://canary/a"), { incidentId: "pd-1", step: "triage" });
  return {
    ...{ clock, log, audit, keeping, asked },
    /** What is there after so many days, where the alarm rings as it was set. */
    async after(days: number): Promise<Record<"events" | "answers" | "sealed" | "audit", number>> {
      clock.now = START + days * DAY_MS;
      for (let rings = 0, at = keeping.dueAt(); at !== null && at <= clock.now; at = await keeping.look(true))
        assert.ok(rings++ < 10, "the alarm never rests");
      const count = (table: string) => sql.all<{ n: number }>(`select count(*) n from ${table}`)[0]?.n ?? 0;
      const texts = [...readAudit(sql)].filter(({ record }) => record.kind === "call").length;
      return { events: count("event"), answers: count("evidence_part"), sealed: count("hidden_value"), audit: texts };
    },
  };
}

/** What must hold of retention and deletion where each incident has a store of its own, on every kind of storage. */
export const keepingCases: Readonly<Record<string, (sql: Sql) => Promise<void> | void>> = {
  "keeping: without days nothing is due, and no alarm is set for it": async (sql) => {
    const incident = keptIncident(sql, {});
    assert.equal(incident.keeping.dueAt(), null);
    assert.deepEqual(await incident.after(4_000), { events: 1, answers: 1, sealed: 1, audit: 1 });
  },

  "keeping: each kind goes when its own days since the last word are over, and the alarm is set for the next": async (sql) => {
    const incident = keptIncident(sql, { evidenceDays: 2, sealedDays: 5, auditDays: 7, incidentDays: 9 });
    assert.equal(incident.keeping.dueAt(), START + 2 * DAY_MS);
    assert.deepEqual(await incident.after(1), { events: 1, answers: 1, sealed: 1, audit: 1 });
    assert.deepEqual(await incident.after(2), { events: 1, answers: 0, sealed: 1, audit: 1 });
    assert.equal(incident.keeping.dueAt(), START + 5 * DAY_MS);
    assert.deepEqual(await incident.after(6), { events: 1, answers: 0, sealed: 0, audit: 1 });
    assert.deepEqual(await incident.after(8), { events: 1, answers: 0, sealed: 0, audit: 0 });
    assert.deepEqual(await incident.after(10), { events: 0, answers: 0, sealed: 0, audit: 0 });
    // That it was deleted is an entry of its own, and has its days.
    assert.equal(verifyAudit(sql).broken, null);
    await incident.after(30);
    assert.equal(incident.keeping.dueAt(), null);
    assert.equal(verifyAudit(sql).broken, null);
    assert.doesNotMatch(JSON.stringify(sql.all("select body from audit")), /canary|deleted/);
  },

  "keeping: the days count from the pager's last word; what people write later does not make an incident young": async (sql) => {
    const incident = keptIncident(sql, { incidentDays: 10 });
    incident.log.append("pd-1", reply("thanks"), START + 8 * DAY_MS, "Ev1");
    assert.equal(incident.keeping.dueAt(), START + 10 * DAY_MS);
    incident.log.append("pd-1", pageReceived({ status: "resolved" }), START + 3 * DAY_MS, "pager:event-2");
    assert.equal(incident.keeping.dueAt(), START + 13 * DAY_MS);
    assert.equal((await incident.after(12)).events, 3);
    assert.equal((await incident.after(13)).events, 0);
    assert.deepEqual(incident.asked, [START + 3 * DAY_MS]);
  },

  "keeping: an incident with work to do is left alone, however old it is": async (sql) => {
    const { keeping, clock, log } = keptIncident(sql, { evidenceDays: 1, incidentDays: 1, sealedDays: 1, auditDays: 1 });
    clock.now += 900 * DAY_MS;
    assert.equal(await keeping.look(false), null);
    assert.equal(log.lastSeq("pd-1"), 1);
  },

  "keeping: one that is deleted on request leaves tombstones and who wanted it, and its audit's days go on": async (sql) => {
    const incident = keptIncident(sql, { auditDays: 30 });
    const known = verifyAudit(sql).head?.hash ?? "";
    incident.keeping.want("ana");
    // Whether there is work or not.
    assert.equal(await incident.keeping.look(false), START + 5 * 60_000);
    assert.equal(incident.keeping.isWanted(), false);
    for (const table of ["event", "evidence", "evidence_part", "hidden_value", "effect", "step_run", "kept_reading"])
      assert.deepEqual(sql.all(`select * from ${table}`), [], table);
    const entries = auditPage(sql, 0).map(({ record }) => record);
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ["tombstone", "erased", "access"],
    );
    assert.deepEqual(entries[2], { kind: "access", what: "pd-1 was deleted", by: "ana" });
    assert.equal(verifyAudit(sql, known).broken, null);
    // What calls under way still write is erased later, and then only the days of the audit are left to wait for.
    incident.audit.append(callTo("https://canary/late", { outcome: "cut off", status: null }), { incidentId: "pd-1", step: "triage" });
    assert.deepEqual((await incident.after(0.01)).audit, 0);
    assert.equal(incident.keeping.dueAt(), START + 30 * DAY_MS);
    assert.equal(verifyAudit(sql, known).broken, null);
    // A later webhook opens it again, in the same chain.
    incident.log.append("pd-1", pageReceived(), START + DAY_MS, "pager:event-2");
    incident.audit.append(callTo("https://b/1"), { incidentId: "pd-1", step: "triage" });
    assert.deepEqual([incident.log.lastSeq("pd-1"), verifyAudit(sql, known).broken], [1, null]);
  },

  "keeping: while the directory does not let go, or does not answer, nothing of the log is lost, and it is asked again": async (sql) => {
    const answers = [async () => false, () => Promise.reject(new Error("overloaded")), async () => true];
    const incident = keptIncident(sql, {}, () => answers.shift()?.() ?? Promise.reject(new Error("asked too often")));
    incident.keeping.want("ana");
    const again = await incident.keeping.look(true);
    assert.ok(again !== null && again > START);
    await assert.rejects(incident.keeping.look(true), /overloaded/);
    assert.deepEqual([incident.log.lastSeq("pd-1"), incident.keeping.isWanted()], [1, true]);
    await incident.keeping.look(true);
    assert.deepEqual([incident.log.lastSeq("pd-1"), incident.keeping.isWanted()], [0, false]);
  },

  "keeping: a page that comes while the directory is asked keeps an incident that was old enough, and does not stop a person's wish":
    async (sql) => {
      let pages = 1;
      const page = async () => {
        if (pages < 3) incident.log.append("pd-1", pageReceived(), START, `pager:event-${++pages}`);
        return true;
      };
      const incident = keptIncident(sql, { incidentDays: 1 }, page);
      incident.clock.now += DAY_MS;
      await incident.keeping.look(true);
      assert.equal(incident.log.lastSeq("pd-1"), 2);
      incident.keeping.want("ana");
      await incident.keeping.look(true);
      assert.deepEqual([incident.log.lastSeq("pd-1"), incident.asked.length], [0, 3]);
    },

  "keeping: the directory forgets an incident but for its chain, and not while a delivery is on its way or came since": async (sql) => {
    migrate(sql, [directoryMigrations, boardMigrations, directoryKeepingMigrations]);
    let deliver = (): void => undefined;
    const now = () => START;
    const host = { sql, now, events: incidentEvents, wake: () => undefined, onError: () => undefined };
    const directory = new Directory({ ...host, forward: () => new Promise<void>((resolve) => (deliver = resolve)) });
    const keeping = new DirectoryKeeping({ sql, now, keeping: keepingOf(KEEP_ALL), look: async () => undefined });
    directory.receive(delivery(1));
    directory.claim("slack:C1:1.1", "pd-P1");
    assert.equal(keeping.forget("pd-P1", null), false);
    deliver();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(keeping.forget("pd-P1", START - DAY_MS), false);
    assert.equal(keeping.forget("pd-P1", START + 1), true);
    assert.deepEqual([directory.find("pd-P1"), directory.incidentAt("slack:C1:1.1")], [null, null]);
    assert.deepEqual(keeping.chains("", 10), ["pd-P1"]);
    // The same delivery does not open it again; another does.
    assert.deepEqual(directory.receive(delivery(1)), { repeated: true, incidentId: "pd-P1" });
    directory.receive(delivery(2, { incident: delivery(1).incident }));
    assert.equal(directory.find("pd-P1")?.title, "page 1");
    assert.deepEqual(keeping.chains("", 10), ["pd-P1"]);
  },

  "keeping: where the days were changed, every incident is asked once, some at a time, also after an end in between": async (sql) => {
    migrate(sql, [directoryMigrations, boardMigrations, directoryKeepingMigrations]);
    const now = () => START;
    const directory = new Directory({
      ...{ sql, now, events: incidentEvents, wake: () => undefined, forward: () => undefined, onError: () => undefined },
    });
    for (let n = 1; n <= 50; n++) directory.receive(delivery(n));
    const asked: string[] = [];
    let hasFailed = false;
    const keepingWith = (days: Partial<Retention>) =>
      new DirectoryKeeping({
        ...{ sql, now, keeping: keepingOf({ ...KEEP_ALL, ...days }) },
        look: async (incident) => {
          if (asked.length === 25 && !hasFailed) {
            hasFailed = true;
            throw new Error("overloaded");
          }
          asked.push(incident);
        },
      });
    assert.equal(keepingWith({}).dueAt(), null);
    for (let rings = 0; keepingWith({ evidenceDays: 3 }).dueAt() !== null; rings++) {
      assert.ok(rings < 10);
      await keepingWith({ evidenceDays: 3 })
        .alarm()
        .catch(() => undefined);
    }
    assert.deepEqual([new Set(asked).size, hasFailed], [50, true]);
    // To keep all again is a change too: alarms that were set go.
    assert.equal(keepingWith({}).dueAt(), START);
  },
};
