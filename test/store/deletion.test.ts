import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { deleteOne } from "../../src/cli/delete-incident.ts";
import { acting } from "../../src/durable/acting.ts";
import { verifyAudit } from "../../src/durable/audit.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { Deletions } from "../../src/node/keep-deletions.ts";
import { incidentTables } from "../../src/node/store-tables.ts";
import { askDeletion, deletionOutcome } from "../../src/store/deletion.ts";
import { incidentEvents, type Step } from "../../src/store/incident-store.ts";
import { callTo } from "../durable/audit-cases.ts";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { delivery, posted } from "../durable/pages.ts";
import { freshDatabase, webhookOf } from "../support/bot.ts";
import { leastSettings, runHere, startServe } from "../support/command.ts";
import { listen } from "../support/loopback.ts";

const { signal } = new AbortController();

/** A store whose incident P1 has a step under way that heeds no signal and goes on when `late` is called; others have nothing to do. */
async function storeAtWork() {
  const path = freshDatabase();
  const held = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const refused: string[] = [];
  const after = Promise.withResolvers<undefined>();
  const errors: unknown[] = [];
  const step: Step = {
    id: "stubborn",
    async run(context) {
      begun.resolve(undefined);
      await held.promise;
      const nothing = { find: async () => null, act: async () => "sent" };
      const writes = [
        async () => context.append(posted("late")),
        async () => context.sql.tx(() => context.sql.all("insert into address values('late', ?)", context.incidentId)),
        async () => context.claim("late"),
        async () => context.others.pin({ late: true }),
        async () => context.effects.deliver("late", "message", {}, nothing),
      ];
      for (const write of writes) await write().catch((error: unknown) => refused.push(String(error)));
      // A call that left before has its entry, whatever became of its incident.
      const who = acting.getStore();
      who?.note({ type: "call-refused", vendor: "late", method: "GET", url: "https://late", because: "late" } as never, "late");
      who?.audit?.append(callTo("https://late.example/secret"), who);
      after.resolve(undefined);
      return [posted("late")];
    },
  };
  const host = openNodeHost({
    ...{ events: incidentEvents, path, migrations: incidentTables, onError: (error: unknown) => errors.push(error) },
    plan: (log) => (log.some(({ event }) => event.type === "page-received" && event.page.id === "P1") ? step : null),
  });
  await host.receive(delivery(1));
  await host.receive(delivery(2));
  await begun.promise;
  return {
    ...{ host, path, refused, errors },
    late: async () => {
      held.resolve(undefined);
      await after.promise;
      await sleep(0);
      host.auditLog.flush();
    },
    /** Tables with a row of the incident, or anything "late". */
    left: (id: string) =>
      host.sql
        .all<{ name: string }>("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
        .map(({ name }) => name)
        .filter((name) => {
          const rows = JSON.stringify(host.sql.all(`select * from ${name}`));
          return rows.includes(`"${id}"`) || rows.includes("late");
        }),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

test("an incident with a step under way is deleted while midwatch runs; the step writes nothing more, and what its calls left in the audit goes too", async () => {
  await using store = await storeAtWork();
  const { host, path } = store;
  const deletions = new Deletions(host);
  const asked = deleteOne(path, "pd-P1", "ana");
  expect(await deletions.look(Date.now(), signal)).toEqual(["pd-P1 was deleted, as ana asked"]);
  expect((await asked)[0]).toContain("pd-P1 is deleted by the running midwatch, which stopped its work on it.");
  const unknown = deleteOne(path, "pd-P1", "ana");
  expect(await deletions.look(Date.now(), signal)).toEqual([]);
  await expect(unknown).rejects.toThrow("has no incident pd-P1");

  await store.late();
  expect(store.refused).toHaveLength(5);
  expect(store.left("pd-P1")).toEqual(expect.arrayContaining(["audit"]));
  await deletions.look(Date.now(), signal);
  // The id alone is left: in the deliveries, so that a repeated one is known, in the audit's tombstones, and in the request.
  expect(store.left("pd-P1").toSorted()).toEqual(["audit", "deletion", "delivery"]);
  expect(JSON.stringify(host.sql.all("select * from audit"))).not.toContain("late");
  expect(verifyAudit(host.sql)).toMatchObject({ broken: null, unfinished: [] });
  expect(store.errors).toEqual([]);
  expect((await host.list()).incidents.map(({ id }) => id)).toEqual(["pd-P2"]);

  // It comes again as a new one, and is then left alone.
  const again = delivery(1, { deliveryId: "again", eventId: "again" });
  await host.receive(again);
  host.auditLog.append(callTo("https://kept.example"), { incidentId: "pd-P1", step: null });
  host.auditLog.flush();
  await deletions.look(Date.now(), signal);
  expect(await host.read("pd-P1")).toHaveLength(1);
  expect(JSON.stringify(host.sql.all("select * from audit"))).toContain("kept.example");
});

test("a request that nobody takes up is withdrawn, and one from long ago is not carried out", async () => {
  await using store = await storeAtWork();
  const { host, path } = store;
  const deletions = new Deletions(host);
  await expect(deleteOne(path, "pd-P2", "ana", 0)).rejects.toThrow(/is in use by process[\s\S]*the request was withdrawn/);
  await deletions.look(Date.now(), signal);
  expect(await host.find("pd-P2")).not.toBeNull();
  askDeletion(host.sql, { incident: "pd-P2", by: "ana" }, Date.now() - 3_600_000);
  await deletions.look(Date.now(), signal);
  expect(deletionOutcome(host.sql, "pd-P2")).toBeNull();
  expect(await host.find("pd-P2")).not.toBeNull();
  host.sql.tx(() => host.sql.all("drop table deletion"));
  host.sql.tx(() => host.sql.all("delete from migrations where name = 'deletion'"));
  await expect(deleteOne(path, "pd-P2", "ana")).rejects.toThrow("a version that deletes nothing while it runs");
});

test("while an incident is stopped it is not woken, and goes on afterwards where it was not deleted", async () => {
  const path = freshDatabase();
  let runs = 0;
  const host = openNodeHost({
    ...{ events: incidentEvents, path, onError: () => undefined },
    plan: (log) =>
      log.some(({ event }) => event.type === "brief-posted")
        ? null
        : {
            id: "step",
            run: async ({ signal: stopped }) => {
              if (++runs > 1) return [posted("done")];
              await new Promise((_, reject) => stopped.addEventListener("abort", () => reject(stopped.reason as Error)));
              return [];
            },
          },
  });
  await host.receive(delivery(1));
  await vi.waitFor(() => expect(runs).toBe(1));
  const seen = await host.whileStopped("pd-P1", () => [runs, host.health().running]);
  expect(seen).toEqual([1, 0]);
  await vi.waitFor(async () =>
    expect(await host.read("pd-P1")).toMatchObject([{ event: { type: "page-received" } }, { event: posted("done") }]),
  );
  await host.close();
});

test("`delete` reaches a running serve, whose first message hangs: the incident is gone from its pages and serve goes on", async () => {
  await using slack = await listen(() => undefined);
  const settings = { ...leastSettings("version: 1\ndefaults:\n  slack_channel: C0123456789\n"), SLACK_API_URL: `${slack.url}/api/` };
  const database = freshDatabase();
  await using serve = await startServe(settings, database);
  const body = JSON.stringify({
    event: {
      ...{ id: "E1", event_type: "incident.triggered", resource_type: "incident", occurred_at: "2026-05-01T00:00:00Z" },
      data: {
        id: "PGONE",
        type: "incident",
        number: 1,
        status: "triggered",
        title: "checkout is slow",
        created_at: "2026-05-01T00:00:00Z",
      },
    },
  });
  const headers = { "x-pagerduty-signature": signPagerduty([settings.PAGERDUTY_WEBHOOK_SECRET], body), "x-webhook-id": "W1" };
  expect((await fetch(webhookOf(serve.url), { method: "POST", body, headers })).status).toBe(202);
  const page = `${serve.url}/incidents/pd-PGONE`;
  expect((await fetch(page)).status).toBe(200);
  await vi.waitFor(() => expect(slack.seen.length).toBeGreaterThan(0), { timeout: 20_000 });
  const deleted = await runHere(["delete", "pd-PGONE", "--by", "ana"], { DATABASE_PATH: database });
  expect(deleted).toMatchObject({ code: 0, stdout: expect.stringContaining("deleted by the running midwatch") });
  await serve.said("stderr", /pd-PGONE was deleted, as ana asked/);
  expect((await fetch(page)).status).toBe(404);
  expect((await fetch(`${serve.url}/healthz`)).status).toBe(200);
  expect((await runHere(["audit", "verify"], { DATABASE_PATH: database })).code).toBe(0);
});
