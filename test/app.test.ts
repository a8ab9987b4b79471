import { incidentEvents } from "../src/store/incident-store.ts";
import { createHmac } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createOpenAccess } from "../src/access/access.ts";
import { createApp } from "../src/app.ts";
import { openNodeHost } from "../src/durable/node-host.ts";
import { StoreNotWritableError } from "../src/durable/sql.ts";
import { intakes } from "../src/intake/index.ts";
import { toStatus } from "../src/report/status.ts";
import { haveContracts, readContract } from "./support/contracts.ts";

const SECRET = "webhook-secret";
const sign = (body: string, secret = SECRET) => `v1=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** The routes on a real store behind a real port; the plan does nothing, so only intake is seen. */
async function listening(secrets: readonly string[] = [SECRET], fails: { with: Error | null } = { with: null }) {
  const store = openNodeHost({
    events: incidentEvents,
    path: join(mkdtempSync(join(tmpdir(), "midwatch-app-")), "store.db"),
    plan: () => null,
    onError: (error) => {
      throw error;
    },
  });
  const reported: unknown[] = [];
  const app = createApp({
    intakes,
    settings: { PAGERDUTY_WEBHOOK_SECRET: secrets },
    receive: async (delivery) => {
      if (fails.with !== null) throw fails.with;
      return (await store.receive(delivery)).repeated ? "repeated" : "stored";
    },
    slack: null,
    web: new Hono().get("/incidents", (c) => c.text("pages")),
    access: createOpenAccess(),
    pageHosts: ["127.0.0.1", "midwatch.example"],
    health: () => (store.health().writable ? [] : ["not writable"]),
    reportError: (error) => void reported.push(error),
  });
  const port = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => port.resolve(info.port));
  const url = `http://127.0.0.1:${await port.promise}`;
  return {
    url,
    store,
    reported,
    post: (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      fetch(`${url}/webhooks/pagerduty`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } }),
    async send(body: string, headers: Record<string, string> = {}) {
      return this.post(body, { "x-pagerduty-signature": sign(body), ...headers });
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await store.close();
    },
  };
}

const deliveryOf = (eventType: string, id: string, more: Record<string, unknown> = {}, occurredAt = "2026-11-03T03:12:20Z") =>
  JSON.stringify({
    event: {
      id,
      event_type: eventType,
      resource_type: "incident",
      occurred_at: occurredAt,
      agent: { id: "PUSER1", type: "user_reference", summary: "Ana" },
      client: null,
      data: {
        id: "PINC1",
        type: "incident",
        number: 4821,
        status: "triggered",
        title: "checkout: errors above 5 %",
        created_at: "2026-11-03T03:12:20Z",
        html_url: "https://acme.pagerduty.com/incidents/PINC1",
        service: { id: "PSERV1", type: "service_reference", summary: "checkout" },
        assignees: [{ id: "PUSER1", type: "user_reference", summary: "Ana" }],
        urgency: "high",
        priority: null,
        ...more,
      },
    },
  });

describe("POST /webhooks/pagerduty", () => {
  test("a page is stored before it is answered, and opens one incident", async () => {
    await using running = await listening();
    const answer = await running.send(deliveryOf("incident.triggered", "01A"));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ status: "stored" });
    const { incidents } = await running.store.list();
    expect(incidents).toMatchObject([{ id: "pd-PINC1", title: "checkout: errors above 5 %", service: "checkout", status: "triggered" }]);
  });

  test("the same delivery again is answered and counts once, also under another delivery id", async () => {
    await using running = await listening();
    const body = deliveryOf("incident.triggered", "01A");
    for (const id of ["d-1", "d-1", "d-2"]) expect((await running.send(body, { "x-webhook-id": id })).status).toBe(202);
    expect(await running.store.read("pd-PINC1")).toHaveLength(1);
  });

  test("events that arrive out of order open one incident, whose state follows the pager's clock", async () => {
    await using running = await listening();
    await running.send(deliveryOf("incident.resolved", "01C", { status: "resolved" }, "2026-11-03T03:25:00Z"));
    await running.send(deliveryOf("incident.acknowledged", "01B", { status: "acknowledged" }, "2026-11-03T03:14:02Z"));
    await running.send(deliveryOf("incident.triggered", "01A"));
    expect((await running.store.list()).incidents).toMatchObject([{ id: "pd-PINC1", status: "resolved" }]);
    expect(toStatus(await running.store.read("pd-PINC1")).state).toBe("resolved");
  });

  test("an unknown event type is accepted and kept", async () => {
    await using running = await listening();
    expect((await running.send(deliveryOf("incident.teleported", "01X"))).status).toBe(202);
    const service = deliveryOf("service.painted", "01Y").replace('"resource_type":"incident"', '"resource_type":"service"');
    expect((await running.send(service.replace('"type":"incident"', '"type":"service"'))).status).toBe(202);
    expect((await running.store.noted()).map(({ eventType }) => eventType)).toContain("service.painted");
  });

  test("midwatch's own note is not news", async () => {
    await using running = await listening();
    const body = JSON.stringify({
      event: {
        id: "01N",
        event_type: "incident.annotated",
        resource_type: "incident",
        occurred_at: "2026-11-03T03:20:00Z",
        agent: null,
        client: null,
        data: {
          id: "N1",
          type: "incident_note",
          content: "midwatch: likely cause payments",
          incident: { id: "PINC1", type: "incident_reference" },
        },
      },
    });
    expect((await running.send(body)).status).toBe(202);
    expect(await running.store.read("pd-PINC1")).toEqual([]);
  });

  test.each([
    ["no signature", {}],
    ["a signature under another secret", { "x-pagerduty-signature": sign(deliveryOf("incident.triggered", "01A"), "other") }],
  ])("%s is refused with 401, and nothing is stored", async (_what, headers) => {
    await using running = await listening();
    expect((await running.post(deliveryOf("incident.triggered", "01A"), headers)).status).toBe(401);
    expect((await running.store.list()).incidents).toEqual([]);
  });

  test.each([
    ["not JSON", "page!"],
    ["an empty body", ""],
    ["no event", "{}"],
    ["an event without an id", '{"event":{"event_type":"incident.triggered"}}'],
    ["a list", "[]"],
    ["a page without an incident id", deliveryOf("incident.triggered", "01A", { id: 7 })],
    ["a time that is none", deliveryOf("incident.triggered", "01A", {}, "yesterday")],
    ["deep nesting", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
  ])("signed but %s: 400 in words, never 5xx", async (_what, body) => {
    await using running = await listening();
    const answer = await running.send(body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error.length).toBeGreaterThan(5);
    expect(running.reported).toEqual([]);
  });

  test("bytes that are not UTF-8 are refused without harm", async () => {
    await using running = await listening();
    const bytes = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
    const signature = `v1=${createHmac("sha256", SECRET).update(bytes).digest("hex")}`;
    expect([400, 401]).toContain((await running.post(bytes, { "x-pagerduty-signature": signature })).status);
  });

  test("a body larger than PagerDuty ever sends is 413, with and without a length", async () => {
    await using running = await listening();
    const large = JSON.stringify({ event: "x".repeat(1_200_000) });
    expect((await running.send(large)).status).toBe(413);
    const stream = new Blob([large]).stream();
    const headers = { "x-pagerduty-signature": sign(large) };
    const request = new Request(`${running.url}/webhooks/pagerduty`, {
      method: "POST",
      headers,
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect((await fetch(request)).status).toBe(413);
  });

  test("a store that cannot be written is 503, so that PagerDuty sends the event again", async () => {
    const fails: { with: Error | null } = { with: new StoreNotWritableError("disk full") };
    await using running = await listening([SECRET], fails);
    const body = deliveryOf("incident.triggered", "01A");
    expect((await running.send(body)).status).toBe(503);
    fails.with = null;
    expect((await running.send(body)).status).toBe(202);
    expect(await running.store.read("pd-PINC1")).toHaveLength(1);
  });

  test("during rotation either secret is accepted", async () => {
    await using running = await listening(["new", "old"]);
    for (const [index, secret] of ["new", "old"].entries()) {
      const body = deliveryOf("incident.triggered", `01${index}`);
      expect((await running.post(body, { "x-pagerduty-signature": `${sign(body, "nobody's")},${sign(body, secret)}` })).status).toBe(202);
    }
  });
});

test("health, unknown paths and Slack by HTTP where it comes by Socket Mode are answered plainly", async () => {
  await using running = await listening();
  expect(await (await fetch(`${running.url}/healthz`)).json()).toEqual({ ok: true, problems: [] });
  expect((await fetch(`${running.url}/nothing-here`)).status).toBe(404);
  expect((await fetch(`${running.url}/slack/events`, { method: "POST", body: "{}" })).status).toBe(404);
});

test("pages answer to their own names only, webhooks to any", async () => {
  await using running = await listening();
  const asked = async (host: string, path: string) => {
    const { request } = await import("node:http");
    const answer = Promise.withResolvers<number>();
    request(`${running.url}${path}`, { headers: { host } }, (response) => answer.resolve(response.resume().statusCode ?? 0)).end();
    return answer.promise;
  };
  expect(await asked("127.0.0.1:3000", "/incidents")).toBe(200);
  expect(await asked("midwatch.example", "/incidents")).toBe(200);
  expect(await asked("evil.example", "/incidents")).toBe(421);
  expect(await asked("evil.example", "/healthz")).toBe(200);
});

interface Vector {
  name: string;
  secret: string;
  body: string;
  header: string | null;
  valid: boolean | null;
}

describe.runIf(haveContracts("pagerduty"))("PagerDuty's published contract, over HTTP", () => {
  test("every signature vector is answered as it must be", async () => {
    const { vectors } = readContract<{ vectors: Vector[] }>("pagerduty/webhook-signature-vectors.json");
    for (const { name, secret, body, header, valid } of vectors) {
      await using running = await listening([secret]);
      const answer = await running.post(body, header === null ? {} : { "x-pagerduty-signature": header });
      // Signed but unreadable is the sender's mistake; unsigned is nobody's.
      const fine = valid === true ? [202, 400] : valid === false ? [401] : [202, 400, 401];
      expect({ name, fine: fine.includes(answer.status), status: answer.status }).toMatchObject({ name, fine: true });
    }
  });

  test("every documented event type is accepted and kept", async () => {
    const { deliveries } = readContract<{ deliveries: { event_type: string; body: { event: { id: string } } }[] }>(
      "pagerduty/webhook-v3-deliveries.json",
    );
    await using running = await listening();
    for (const { event_type: type, body } of deliveries) {
      const answer = await running.send(JSON.stringify(body));
      expect([type, answer.status, await answer.text()]).toEqual([type, 202, expect.stringMatching(/stored|repeated/)]);
    }
    const noted = (await running.store.noted(200)).map(({ eventType }) => eventType);
    const { incidents } = await running.store.list();
    const kept = (await Promise.all(incidents.map(({ id }) => running.store.read(id)))).flat();
    const told = kept.map(({ event }) => (event.type === "pager-event-received" ? event.eventType : "incident.triggered"));
    for (const { event_type: type } of deliveries) expect([...noted, ...told]).toContain(type);
  });
});
