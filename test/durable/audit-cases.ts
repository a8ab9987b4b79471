import assert from "node:assert/strict";
import { type AuditEntry, AuditLog, type AuditRecord, incidentAudit, readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { type Sql, StoreNotWritableError } from "../../src/durable/sql.ts";
import { Bench } from "./bench.ts";
import { posted } from "./pages.ts";
import { type Acting, acting } from "../../src/durable/acting.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";

type Call = Extract<AuditRecord, { kind: "call" }>;

export const callTo = (url: string, more: Partial<Call> = {}): Call => ({
  kind: "call",
  vendor: "datadog",
  method: "GET",
  url,
  outcome: "answered",
  effect: "read",
  purpose: "a test",
  status: 200,
  bytesOut: 0,
  bytesIn: 10,
  tookMs: 1,
  attempt: 1,
  ...more,
});

const who = { incidentId: "pd-1", step: "triage" };
const output = { vendor: "slack", method: "POST", effect: "output" } as const;

function auditOn(sql: Sql): { audit: AuditLog; bench: Bench } {
  const bench = new Bench(sql);
  return { bench, audit: new AuditLog({ sql, now: () => bench.time }) };
}

/** As somebody with the file in hand would: the triggers are no hindrance to them. */
function tamper(sql: Sql, ...statements: readonly string[]): void {
  sql.all("drop trigger if exists audit_not_changed");
  sql.all("drop trigger if exists audit_not_removed");
  for (const statement of statements) sql.all(statement);
}

/** What must hold of the audit on every kind of storage. */
export const auditCases: Readonly<Record<string, (sql: Sql) => Promise<void> | void>> = {
  "audit: entries are numbered and chained, each with who is behind it, and what was written verifies": (sql) => {
    const { audit } = auditOn(sql);
    audit.append(callTo("https://a/1"), who);
    audit.append(
      { kind: "approval", what: "draft PR", payload: "ab", decision: "approved", by: "U1", because: null },
      { incidentId: "pd-2", step: null },
    );
    audit.append(callTo("https://a/2"), null);
    const entries = [...readAudit(sql)];
    assert.deepEqual(
      entries.map(({ seq, incident, step, record }) => [seq, incident, step, record.kind]),
      [
        [1, "pd-1", "triage", "call"],
        [2, "pd-2", null, "approval"],
        [3, null, null, "call"],
      ],
    );
    assert.equal(entries[1]?.previous, entries[0]?.hash);
    const check = verifyAudit(sql);
    assert.deepEqual([check.entries, check.broken, check.lost], [3, null, 0]);
    assert.deepEqual(check.head, { seq: 3, hash: entries[2]?.hash });
    assert.deepEqual([...readAudit(sql, { incident: "pd-2" })], [entries[1]]);
  },

  "audit: neither changed nor removed by a statement": (sql) => {
    const { audit } = auditOn(sql);
    audit.append(callTo("https://a/1"), who);
    assert.throws(() => sql.all("update audit set body = '{}'"), /only added to/);
    assert.throws(() => sql.all("delete from audit"), /only added to/);
    assert.equal(verifyAudit(sql).broken, null);
  },

  "audit: a changed, exchanged, inserted or missing entry is named": (sql) => {
    const { audit } = auditOn(sql);
    for (let n = 1; n <= 5; n++) audit.append(callTo(`https://a/${n}`), who);
    const rows = sql.all<{ seq: number; at: number; body: string; hash: string }>("select * from audit order by seq");
    const restore = () => {
      sql.all("delete from audit");
      for (const { seq, at, body, hash } of rows) sql.all("insert into audit values(?, ?, 'pd-1', ?, ?)", seq, at, body, hash);
    };
    const brokenBy = (...statements: readonly string[]) => {
      tamper(sql, ...statements);
      const { broken } = verifyAudit(sql);
      restore();
      return broken;
    };
    assert.equal(brokenBy("update audit set body = replace(body, 'https://a/3', 'https://b/3') where seq = 3")?.seq, 3);
    assert.equal(brokenBy("update audit set hash = (select hash from audit where seq = 1) where seq = 2")?.seq, 2);
    assert.equal(brokenBy("update audit set incident = 'pd-9' where seq = 4")?.seq, 4);
    assert.equal(brokenBy("update audit set at = 0 where seq = 2")?.seq, 2);
    assert.deepEqual(brokenBy("delete from audit where seq = 2"), { seq: 2, why: "entry 2 is missing" });
    assert.equal(brokenBy("delete from audit where seq = 1")?.seq, 1);
    assert.equal(brokenBy("insert into audit values(0, 0, null, '{}', '')")?.seq, 1);
    assert.deepEqual(brokenBy("delete from audit where seq > 3"), { seq: 4, why: "the newest 2 entries are missing" });
    assert.deepEqual(brokenBy("delete from audit"), { seq: 1, why: "the newest 5 entries are missing" });
    assert.equal(verifyAudit(sql).broken, null);
  },

  "audit: what was cut off with the head shows by a hash that was written down before": (sql) => {
    const { audit } = auditOn(sql);
    for (let n = 1; n <= 3; n++) audit.append(callTo(`https://a/${n}`), who);
    const known = verifyAudit(sql).head?.hash ?? "";
    audit.append(callTo("https://a/4"), who);
    assert.equal(verifyAudit(sql, known).broken, null);
    tamper(sql, "delete from audit where seq > 1", "update audit_head set seq = 1, hash = (select hash from audit where seq = 1)");
    assert.equal(verifyAudit(sql).broken, null);
    assert.deepEqual(verifyAudit(sql, known).broken, { seq: 2, why: "the entry of the given hash is not there" });
  },

  "audit: outputs without an end and starts without a close before are told": (sql) => {
    const { audit, bench } = auditOn(sql);
    audit.append({ kind: "opened" }, null);
    audit.append(callTo("https://slack/post", { ...output, outcome: "begun", status: null }), who);
    audit.append(callTo("https://slack/post", output), who);
    audit.append(callTo("https://slack/lost", { ...output, outcome: "begun", status: null }), who);
    bench.time += 7;
    audit.append({ kind: "opened" }, null);
    audit.append({ kind: "closed" }, null);
    audit.append({ kind: "opened" }, null);
    const { cuts, unfinished, broken } = verifyAudit(sql);
    assert.equal(broken, null);
    assert.deepEqual(cuts, [{ after: 4, at: bench.time }]);
    assert.deepEqual(
      unfinished.map(({ seq }) => seq),
      [4],
    );
  },

  "audit: while the store takes nothing, what must stand first is refused, all else waits, and what is too much is counted": (sql) => {
    const { bench } = auditOn(sql);
    let full = false;
    const errors: unknown[] = [];
    const store: Sql = {
      ...sql,
      tx: (work) => {
        if (full) throw new StoreNotWritableError("full");
        return sql.tx(work);
      },
    };
    const audit = new AuditLog({ sql: store, now: () => bench.time, onError: (error) => errors.push(error) });
    full = true;
    const approval: AuditRecord = { kind: "approval", what: "x", payload: "ab", decision: "approved", by: "U1", because: null };
    assert.throws(() => audit.append(callTo("https://slack/post", { ...output, outcome: "begun", status: null }), who), /full/);
    assert.throws(() => audit.append(approval, who), /full/);
    audit.append(callTo("https://a/1", { outcome: "refused", effect: null }), who);
    for (let n = 0; n < 5_001; n++) audit.append(callTo(`https://a/${n}`), who);
    assert.equal(errors.length, 5_002);
    full = false;
    audit.append(callTo("https://a/last"), who);
    const check = verifyAudit(sql);
    // Of 5,003 that waited 5,000 are kept; nothing tells of what was not done.
    assert.deepEqual([check.entries, check.lost, check.broken, check.unfinished], [5_001, 3, null, []]);
    assert.ok([...readAudit(sql)].every(({ record }) => record.kind !== "approval"));
  },

  "audit: a note of the newest entry that fits another one is told; a text from outside is cut": (sql) => {
    const { audit } = auditOn(sql);
    audit.append(callTo(`https://a/${"x".repeat(5_000)}`), who);
    const [entry] = [...readAudit(sql)];
    assert.equal(entry?.record.kind === "call" ? entry.record.url.length : 0, 1_000);
    tamper(sql, "update audit_head set hash = 'ab'");
    assert.deepEqual(verifyAudit(sql).broken, { seq: 1, why: "it is not the one that was written last" });
  },

  "audit: once it is closed, reads that end late are not taken, and outputs still need their entry": (sql) => {
    const { bench } = auditOn(sql);
    let isOpen = true;
    const store: Sql = {
      ...sql,
      tx: (work) => {
        if (!isOpen) throw new StoreNotWritableError("closed");
        return sql.tx(work);
      },
    };
    const errors: unknown[] = [];
    const audit = new AuditLog({ sql: store, now: () => bench.time, holdMs: 60_000, onError: (error) => errors.push(error) });
    audit.append(callTo("https://a/1"), who);
    audit.close();
    isOpen = false;
    audit.append(callTo("https://a/2"), who);
    audit.flush();
    assert.throws(() => audit.append(callTo("https://slack/post", { ...output, outcome: "begun", status: null }), who), /closed/);
    isOpen = true;
    audit.flush();
    assert.deepEqual([verifyAudit(sql).entries, errors], [1, []]);
  },

  "audit: a page's part of it sums up reads and tells the rest": (sql) => {
    const { audit } = auditOn(sql);
    audit.append(callTo("https://a/1"), who);
    audit.append(callTo("https://a/2", { outcome: "failed", status: null, bytesIn: 0 }), who);
    audit.append(callTo("https://b/1", { vendor: "slack", outcome: "refused", effect: null }), who);
    audit.append(callTo("https://a/3"), { incidentId: "pd-2", step: null });
    const { reads, entries, head } = incidentAudit(sql, "pd-1");
    assert.deepEqual(reads, [{ vendor: "datadog", calls: 2, failed: 1, bytesIn: 10 }]);
    assert.deepEqual(
      entries.map(({ seq }: AuditEntry) => seq),
      [3],
    );
    assert.equal(head?.seq, 4);
  },

  "audit: what runs in a step is written on its behalf, also by code that knows of no step, and a refusal is on the timeline once": async (
    sql,
  ) => {
    const { audit, bench } = auditOn(sql);
    /** Stands for a client deep below. */
    const call = async (url: string) => {
      await Promise.resolve();
      const own = acting.getStore() as Acting<IncidentEvent> | undefined;
      own?.audit?.append(callTo(url), own);
      own?.note({ type: "call-refused", vendor: "datadog", method: "GET", url, because: "a test" }, url);
    };
    const incident = bench.incident(
      (log) => {
        const done = log.some(({ event }) => event.type === "brief-posted");
        return done
          ? null
          : { id: "look", run: async () => (await Promise.all([call("https://a/1"), call("https://a/1")]), [posted("done")]) };
      },
      { audit },
    );
    incident.receive([posted("page")].slice(1), null);
    await bench.ringAll(incident);
    assert.deepEqual(
      [...readAudit(sql)].map(({ incident: of, step }) => [of, step]),
      [
        ["pd-1", "look"],
        ["pd-1", "look"],
      ],
    );
    assert.equal(acting.getStore(), undefined);
    assert.equal(bench.log.read("pd-1").filter(({ event }) => event.type === "call-refused").length, 1);
  },
};
