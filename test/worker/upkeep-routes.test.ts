import { Hono } from "hono";
import { expect, test } from "vitest";
import { type Access, createOpenAccess } from "../../src/access/access.ts";
import { AuditLog, auditPage, type AuditRecord, verifyAudit } from "../../src/durable/audit.ts";
import type { Chain, Upkeep } from "../../src/durable/durable-object-store.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { auditMigrations } from "../../src/durable/audit.ts";
import { upkeepRoutes } from "../../src/worker/upkeep-routes.ts";
import { callTo } from "../durable/audit-cases.ts";

const START = Date.UTC(2026, 10, 3, 3);
const HOUR_MS = 3_600_000;

/** As after a sign-in as an admin. */
const admin: Access = {
  ...createOpenAccess(),
  requireRole: () => (_c, next) => next(),
  visitorOf: () => ({ id: "ana@example.com", name: "Ana", role: "admin" }),
  accountOf: () => ({ name: "Ana", role: "admin", csrf: "csrf-token" }),
};

/** The routes over so many incidents, each with a chain of two calls, an hour apart. */
function site(incidents: number, access: Access = admin) {
  const ids = Array.from({ length: incidents }, (_, index) => `pd-${String(index).padStart(4, "0")}`);
  const chains = new Map(
    [null, ...ids].map((chain: Chain) => {
      const db = openNodeSqlite(":memory:");
      migrate(db.sql, [auditMigrations]);
      let now = START - HOUR_MS;
      const audit = new AuditLog({ sql: db.sql, now: () => (now += HOUR_MS) });
      for (const part of ["a", "b"])
        if (chain !== null) audit.append(callTo(`https://${chain}/${part}`), { incidentId: chain, step: "triage" });
      return [chain, { sql: db.sql, audit }] as const;
    }),
  );
  const of = (chain: Chain) => chains.get(chain)?.sql ?? openNodeSqlite(":memory:").sql;
  const deleted: (readonly [string, string])[] = [];
  const upkeep: Omit<Upkeep, "report" | "totals"> = {
    delete: async (incident, by) => (ids.includes(incident) ? (deleted.push([incident, by]), "wanted") : "unknown"),
    chains: async (after, limit) => ids.filter((id) => id > after).slice(0, limit),
    auditPage: async (chain, after) => auditPage(of(chain), after),
    auditCheck: async (chain, known) => verifyAudit(of(chain), known),
    audit: async (record: AuditRecord) => void chains.get(null)?.audit.append(record, null),
  };
  const routes = new Hono().route("/", upkeepRoutes({ upkeep, access, now: () => START }));
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  return {
    ...{ deleted, of, request: (path: string, init?: RequestInit) => routes.request(path, init) },
    lines: async (path: string) => {
      const answer = await routes.request(path);
      return {
        next: /<(.+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? null,
        entries: lines(await answer.text()).map((line) => JSON.parse(line) as { chain: string; record: AuditRecord; at: number }),
      };
    },
  };
}

test("the whole audit comes chain by chain, in answers of 200 that name the next one, and the export is itself on the record", async () => {
  const { lines } = site(250);
  const first = await lines("/audit.jsonl");
  expect(first.next).toBe("/audit.jsonl?after=pd-0199");
  const second = await lines(first.next ?? "");
  expect(second.next).toBeNull();
  const all = [...first.entries, ...second.entries];
  expect(all[0]).toMatchObject({
    chain: "directory",
    record: { kind: "access", what: "the audit was exported", by: "Ana (ana@example.com)" },
  });
  expect(all.slice(1).map(({ chain }) => chain)).toEqual(
    Array.from({ length: 500 }, (_, index) => `pd-${String(Math.floor(index / 2)).padStart(4, "0")}`),
  );
});

test("one chain, or what is newer than an instant, can be asked for", async () => {
  const { lines, request } = site(3);
  const since = new Date(START + HOUR_MS).toISOString();
  expect((await lines(`/audit.jsonl?chain=pd-0001&since=${since}`)).entries).toMatchObject([
    { chain: "pd-0001", at: START + HOUR_MS, record: { url: "https://pd-0001/b" } },
  ]);
  expect((await request("/audit.jsonl?since=yesterday")).status).toBe(400);
});

test("every chain is verified; a changed one is named, and one that was cut off shows by a hash that was kept", async () => {
  const { of, request } = site(3);
  const known = verifyAudit(of("pd-0002")).head?.hash ?? "";
  expect(await (await request("/audit/verify")).json()).toMatchObject({ ok: true, next: null, chains: { length: 4 } });
  const sql = of("pd-0002");
  sql.tx(() => {
    sql.all("drop trigger audit_not_removed");
    sql.all("delete from audit where seq = 2");
    sql.all("update audit_head set seq = 1, hash = (select hash from audit where seq = 1)");
  });
  expect(await (await request("/audit/verify")).json()).toMatchObject({ ok: true });
  expect(await (await request(`/audit/verify?chain=pd-0002&head=${known}`)).json()).toMatchObject({
    ok: false,
    chains: [{ chain: "pd-0002", broken: { seq: 2 } }],
  });
  expect((await request(`/audit/verify?head=${known}`)).status).toBe(400);
  sql.tx(() => sql.all("update audit_head set seq = 9"));
  expect(await (await request("/audit/verify")).json()).toMatchObject({
    ok: false,
    chains: { 3: { chain: "pd-0002", broken: { seq: 2 } } },
  });
});

test("an admin deletes an incident by a form that carries the session's token, and is named", async () => {
  const { deleted, request } = site(1);
  const form = await (await request("/incidents/pd-0000/delete")).text();
  expect(form).toContain('action="/incidents/pd-0000/delete"');
  expect(form).toContain('value="csrf-token"');
  expect(deleted).toEqual([]);
  const post = (id: string) => request(`/incidents/${id}/delete`, { method: "POST" });
  expect((await post("pd-0000")).status).toBe(202);
  expect(deleted).toEqual([["pd-0000", "Ana (ana@example.com)"]]);
  expect((await post("pd-NONE")).status).toBe(404);
});

test("without a sign-in nobody may do any of it", async () => {
  const { deleted, request } = site(1, createOpenAccess());
  for (const path of ["/audit.jsonl", "/audit/verify", "/incidents/pd-0000/delete"]) expect((await request(path)).status).toBe(403);
  expect((await request("/incidents/pd-0000/delete", { method: "POST" })).status).toBe(403);
  expect(deleted).toEqual([]);
});
