import { createHmac } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { knownEventTypes } from "../../src/integrations/pagerduty/event-words.ts";
import type { Delivery } from "../../src/store/incident-store.ts";
import { WrongShapeError } from "../../src/intake/intake.ts";
import { parseDelivery, verifyWebhook } from "../../src/intake/pagerduty.ts";
import { haveContracts, readContract } from "../support/contracts.ts";

const event = (eventType: string, data: object, more: object = {}) =>
  JSON.stringify({
    event: {
      id: "01EVENT",
      event_type: eventType,
      resource_type: eventType.split(".")[0],
      occurred_at: "2026-02-03T04:05:06.789+01:00",
      agent: { id: "PUSER1", type: "user_reference", summary: "Ana" },
      client: null,
      data,
      ...more,
    },
  });
const parse = (raw: string, headers: Record<string, string> = {}): Delivery => {
  const delivery = parseDelivery(raw, new Headers(headers));
  if (delivery === null) throw new Error("taken for a note of midwatch's own");
  return delivery;
};
const eventIn = (raw: string) => parse(raw).incident?.event;
const textOf = (raw: string) => parse(raw).note ?? "";

describe("reading a delivery", () => {
  test("a new page becomes a page that was received, with all the webhook tells", () => {
    const incident = {
      id: "PPAGE1",
      type: "incident",
      number: 42,
      status: "triggered",
      title: "checkout: errors above 5 %",
      created_at: "2026-02-03T03:05:00Z",
      html_url: "https://acme.pagerduty.com/incidents/PPAGE1",
      urgency: "high",
      priority: { id: "PPRIO", summary: "P1" },
      service: { id: "PSERV", summary: "checkout" },
      assignees: [
        { id: "PUSER1", summary: "Ana" },
        { id: "PUSER2", summary: null },
      ],
    };
    const delivery = parse(event("incident.triggered", incident), { "x-webhook-id": "hook-1" });
    expect(delivery).toMatchObject({ deliveryId: "hook-1", eventId: "01EVENT", incident: { id: "pd-PPAGE1", pagerId: "PPAGE1" } });
    expect(delivery.occurredAt).toBe(Date.UTC(2026, 1, 3, 3, 5, 6, 789));
    expect(delivery.incident?.event).toEqual({
      type: "page-received",
      page: {
        pager: "pagerduty",
        pagerTitle: "PagerDuty",
        id: "PPAGE1",
        number: 42,
        title: "checkout: errors above 5 %",
        details: "",
        status: "triggered",
        urgency: "high",
        priority: "P1",
        createdAt: Date.UTC(2026, 1, 3, 3, 5),
        service: { id: "PSERV", name: "checkout" },
        assignees: [
          { id: "PUSER1", name: "Ana" },
          { id: "PUSER2", name: "PUSER2" },
        ],
        link: "https://acme.pagerduty.com/incidents/PPAGE1",
      },
    });
  });

  test("a page of which only the id is told is still a page", () => {
    const { incident, occurredAt } = parse(event("incident.triggered", { id: "P1" }));
    expect(incident?.event).toMatchObject({
      type: "page-received",
      page: { id: "P1", title: "(page without a title)", status: "triggered", createdAt: occurredAt },
    });
    expect(eventIn(event("incident.resolved", { type: "incident", id: "P1" }))).toMatchObject({ page: { status: "resolved" } });
  });

  test("what PagerDuty documents in two ways is read either way", () => {
    const data = {
      type: "incident",
      id: "P1",
      title: "x",
      conference_bridge: { conference_number: 1000 },
      priority: null,
      urgency: null,
      service: null,
      number: null,
    };
    expect(eventIn(event("incident.acknowledged", data, { agent: null, client: { name: "PagerDuty" } }))).toMatchObject({
      kind: "acknowledged",
      by: null,
      text: "PagerDuty acknowledged",
      page: { priority: null, urgency: null, service: null },
    });
    const withoutAgent = JSON.stringify({
      event: { id: "e", event_type: "pagey.ping", occurred_at: "2026-01-01T00:00:00Z", data: { type: "ping" } },
    });
    expect(parse(withoutAgent)).toMatchObject({ deliveryId: "e", incident: null, note: "PagerDuty tested the webhook" });
  });

  test("an event type that midwatch does not know is accepted and noted, whatever its data", () => {
    for (const data of [{ type: "incident", id: 7 }, { type: "incident", id: "P1" }, {}, { incident: { id: "P1" } }]) {
      const raw = event("incident.teleported", data);
      expect(textOf(raw)).toContain("does not know");
    }
    expect(parse(event("incident.teleported", { incident: { id: "P1" } })).incident).toMatchObject({
      pagerId: "P1",
      event: { type: "pager-event-received", kind: "other", eventType: "incident.teleported" },
    });
    expect(textOf(event("toString", {}))).toContain("does not know");
  });

  const whole = JSON.parse(event("incident.triggered", { id: "P1" })) as { event: object };
  test.each([
    ["body", "not JSON", "not JSON"],
    ["body", "nothing", ""],
    ["body", "a list", "[]"],
    ["body", "null", "null"],
    ["event", "an empty object", "{}"],
    ["event", "a webhook of version 2", JSON.stringify({ messages: [{ event: "incident.trigger" }] })],
    ["event.id", "an id that is a number", JSON.stringify({ event: { ...whole.event, id: 5 } })],
    ["event.occurred_at", "a time that is none", event("incident.triggered", { id: "P1" }, { occurred_at: "yesterday" })],
    ["event.event_type", "no type", event("incident.triggered", { id: "P1" }, { event_type: undefined })],
    ["event.data", "no data", event("incident.triggered", { id: "P1" }, { data: null })],
    ["event.data.id", "a page without an id", event("incident.triggered", { type: "incident" })],
    ["event.data.id", "a page whose id is a path", event("incident.triggered", { type: "incident", id: "../users" })],
    ["event.data.title", "a title that is a number", event("incident.acknowledged", { type: "incident", id: "P1", title: 5 })],
  ])("a body of the wrong shape says where: %s, for %s", (where, _what, raw) => {
    expect(() => parse(raw)).toThrow(WrongShapeError);
    expect(() => parse(raw)).toThrow(`${where}: `);
  });
});

describe("words of the timeline", () => {
  const incident = { type: "incident", id: "P1", assignees: [{ id: "PUSER2", summary: "Ben" }] };
  test.each([
    ["incident.acknowledged", incident, "Ana acknowledged"],
    ["incident.resolved", incident, "Ana resolved the page"],
    ["incident.reassigned", incident, "Ana reassigned the page to Ben"],
    ["incident.escalated", { ...incident, assignees: [] }, "Ana escalated the page to nobody"],
    ["incident.priority_updated", { ...incident, priority: null }, "Ana removed the priority"],
    ["incident.priority_updated", { ...incident, priority: { id: "X", summary: "P2" } }, "Ana set the priority to P2"],
    ["incident.annotated", { incident: { id: "P1" }, content: " rolled back " }, "Ana added a note: “rolled back”"],
    [
      "incident.responder.replied",
      { incident: { id: "P1" }, user: { summary: "Ben" }, state: "accepted", message: "" },
      "Ben comes to help",
    ],
    [
      "incident.role.assigned",
      { incident_role_assignments: [{ assignee: null, role: { summary: "Scribe" }, status: "inactive" }] },
      "nobody is Scribe",
    ],
    [
      "incident.custom_field_values.updated",
      { custom_fields: [{ name: "region", value: ["eu", "us"] }], changed_custom_fields: [{ name: "region", value: null }] },
      "(region: null → eu, us)",
    ],
  ])("%s", (type, data, words) => {
    expect(textOf(event(type, data))).toContain(words);
  });

  test("data that is nothing like the documents still gives words", () => {
    const odd = { content: 5, user: "x", assignees: "y", changed_custom_fields: [{}], incident_role_assignments: 3, incident: null };
    for (const type of knownEventTypes.filter((name) => name !== "incident.triggered")) expect(textOf(event(type, odd))).toMatch(/\w/);
  });

  test("a value nested deeper than any stack reaches is named, and the event taken", () => {
    const changed = {
      incident: { id: "P1" },
      changed_custom_fields: [{ name: "region", value: null }],
      custom_fields: [{ name: "region", value: "?" }],
    };
    const raw = event("incident.custom_field_values.updated", changed);
    const nested = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    for (const value of [nested('{"a":', "}"), nested("[", "]"), `[${nested('{"a":', "}")}]`])
      expect(textOf(raw.replace('"?"', value))).toContain("null → (nested too deeply to be shown)");
  });

  test("a long note is cut, and says so", () => {
    const words = textOf(event("incident.annotated", { incident: { id: "P1" }, content: "🔥".repeat(5_000) }));
    expect([...words].length).toBeLessThan(700);
    expect(words).toMatch(/more characters\)”$/);
    expect(words.isWellFormed()).toBe(true);
  });
});

test.each([
  ["user_reference", undefined],
  ["service_reference", true],
  ["events_api_v2_inbound_integration_reference", true],
])("who resolved a page as a %s is told from a tool", (type, byTool) => {
  const agent = { id: "P1", type, summary: "Ana's monitor" };
  const told = eventIn(event("incident.resolved", { type: "incident", id: "P2" }, { agent }));
  expect(told?.type === "pager-event-received" ? told.byTool : null).toBe(byTool);
});

test("a page's key of its alert is read where PagerDuty names one", () => {
  const keyOf = (data: object) => {
    const told = eventIn(event("incident.triggered", { type: "incident", id: "P2", ...data }));
    return told?.type === "page-received" ? told.page.alertKey : null;
  };
  expect(keyOf({ incident_key: "monitor-7" })).toBe("monitor-7");
  expect(keyOf({ incident_key: null })).toBeUndefined();
  expect(keyOf({})).toBeUndefined();
});

test("a note of midwatch's own is known by its first word", () => {
  const isOwn = (type: string, data: object) =>
    parseDelivery(event(type, { type: "incident_note", incident: { id: "P1" }, ...data }), new Headers()) === null;
  expect(isOwn("incident.annotated", { content: "midwatch: likely cause …" })).toBe(true);
  expect(isOwn("incident.annotated", { content: "  midwatch: likely cause …" })).toBe(true);
  expect(isOwn("incident.annotated", { content: "as midwatch: said" })).toBe(false);
  expect(isOwn("incident.status_update_published", { message: "midwatch: x" })).toBe(false);
});

test("what belongs to no incident comes with words, and the event's id where the delivery has none", () => {
  expect(parse(event("service.deleted", { id: "PSERV", type: "service", summary: "checkout" }))).toMatchObject({
    deliveryId: "01EVENT",
    incident: null,
    note: "Ana removed the service checkout from PagerDuty",
  });
});

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly body: string;
  readonly header: string | null;
  readonly valid: boolean | null;
}

describe.runIf(haveContracts("pagerduty"))("PagerDuty's contract", () => {
  const receiver = (secrets: readonly string[]) => {
    const app = new Hono();
    app.post("/", async (c) => {
      const raw = new Uint8Array(await c.req.arrayBuffer());
      if (!verifyWebhook(raw, c.req.header("x-pagerduty-signature") ?? null, secrets)) return c.json({}, 401);
      try {
        return c.json(parseDelivery(new TextDecoder().decode(raw), c.req.raw.headers), 202);
      } catch (error) {
        return error instanceof WrongShapeError ? c.json({ error: error.message }, 400) : c.json({}, 500);
      }
    });
    return app;
  };

  test("every signature vector is answered as it should be, over real HTTP", async () => {
    const { vectors } = readContract<{ vectors: Vector[] }>("pagerduty/webhook-signature-vectors.json");
    expect(vectors.length).toBeGreaterThan(15);
    const answers: { name: string; valid: boolean | null; status: number }[] = [];
    for (const { name, secret, body, header, valid } of vectors) {
      const server = serve({ fetch: receiver(["another-secret", secret]).fetch, port: 0, hostname: "127.0.0.1" });
      await new Promise<void>((resolve) => server.once("listening", () => resolve()));
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const headers = { "content-type": "application/json", ...(header === null ? {} : { "x-pagerduty-signature": header }) };
      const { status } = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
      answers.push({ name, valid, status });
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    const wrong = answers.filter(({ valid, status }) => (valid === null ? ![202, 401].includes(status) : status !== (valid ? 202 : 401)));
    expect(wrong).toEqual([]);
  });

  interface Deliveries {
    deliveries: { event_type: string; body: { event: { data: { id?: string; incident?: { id: string } } } } }[];
  }

  test("every documented delivery is read, known, and placed with its incident", async () => {
    const { deliveries } = readContract<Deliveries>("pagerduty/webhook-v3-deliveries.json");
    const app = receiver(["s"]);
    for (const { event_type: type, body } of deliveries) {
      const raw = JSON.stringify(body);
      const signature = `v1=${createHmac("sha256", "s").update(raw).digest("hex")}`;
      const response = await app.request("/", {
        method: "POST",
        body: raw,
        headers: { "x-pagerduty-signature": signature, "x-webhook-id": "w" },
      });
      expect(response.status).toBe(202);
      const read = (await response.json()) as Delivery;
      expect(read).toMatchObject({ eventType: type, deliveryId: "w" });
      expect(read.incident === null).toBe(!type.startsWith("incident."));
      expect(read.note).not.toMatch(/undefined|null|\[object|unnamed|not told|does not know/);
    }
    const { events, also_seen: also } = readContract<{ events: { event_type: string }[]; also_seen: { event_type: string }[] }>(
      "pagerduty/webhook-v3-event-types.json",
    );
    expect([...knownEventTypes].toSorted()).toEqual([...events, ...also].map((one) => one.event_type).toSorted());
  });
});
