import { Hono } from "hono";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPagerdutyClient } from "../../../src/integrations/pagerduty/client.ts";
import type { Delivery } from "../../../src/store/incident-store.ts";
import { pagerduty } from "../../../src/intake/pagerduty.ts";
import { people } from "../../../src/replay/people.ts";
import { type Replay, startReplay } from "../../../src/replay/server.ts";
import { personNotes } from "./person-note.ts";
import { TRAIN_TICKET } from "../../support/bot.ts";

let replay: Replay;
let receiver: ReturnType<typeof serve>;
let url = "";
const received: (Delivery | null)[] = [];

beforeAll(async () => {
  replay = await startReplay({ folder: TRAIN_TICKET });
  const app = new Hono();
  app.post("/webhooks/pagerduty", async (c) => {
    const raw = await c.req.text();
    const { headers } = c.req.raw;
    if (pagerduty.verify(raw, headers, { PAGERDUTY_WEBHOOK_SECRET: [replay.settings.PAGERDUTY_WEBHOOK_SECRET] }) !== null)
      return c.json({}, 401);
    received.push(pagerduty.parse(raw, headers));
    return c.json({}, 202);
  });
  receiver = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => receiver.once("listening", () => resolve()));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/webhooks/pagerduty`;
});
afterAll(async () => {
  receiver.close();
  await replay.close();
});

test("a recorded page comes in, is read with its alerts' bodies, and its note is known again", async () => {
  const deliveries = await replay.page(url);
  expect(deliveries.map(({ status }) => status)).toEqual(deliveries.map(() => 202));
  const [delivery] = received;
  const id = delivery?.incident?.pagerId ?? "";
  expect(delivery).toMatchObject({ eventType: "incident.triggered", incident: { event: { type: "page-received", page: { id } } } });
  const client = createPagerdutyClient({
    baseUrl: replay.settings.PAGERDUTY_API_URL,
    token: replay.settings.PAGERDUTY_API_TOKEN,
    fetch: (input, init) => fetch(input, init),
  });
  const { value: page, cut } = await client.readPage(id);
  const alerts = (await client.listAlerts(id)).value;
  expect([page.id, cut]).toEqual([id, null]);
  expect(alerts.length).toBeGreaterThan(0);
  for (const { text } of alerts) expect(text).not.toBe("");
  expect(page.details).not.toBe("");
  const { recording, clock } = replay;
  const window = { from: clock.toServed(recording.incident.window.from), to: clock.toServed(recording.incident.window.to) + 1_000 };
  for (const { at } of (await client.listChangeEvents({ window })).value) expect(at >= window.from && at < window.to).toBe(true);
  const { escalationPolicy } = (await client.getIncident(id)).value;
  expect((await client.onCall({ escalationPolicyId: escalationPolicy?.id ?? "" })).value.length).toBeGreaterThan(0);
  expect((await client.logEntries(id)).value.length).toBeGreaterThan(0);
  // midwatch writes no notes; one that begins with its mark is taken for its own all the same.
  const content = "midwatch: likely cause: a deploy";
  const noteId = await personNotes(replay, id, content);
  expect((await client.notes(id)).value.map(({ text }) => text)).toContain(content);
  await replay.deliver(url, { kind: "annotated", by: people[0], noteId, content });
  expect(received.map((one) => one === null)).toEqual([...deliveries.map(() => false), true]);
  await client.me();
  await client.pastIncidents(id);
  await client.relatedIncidents(id);
  await client.relatedChangeEvents(id);
});
