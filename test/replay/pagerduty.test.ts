import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPagerdutyReplay, type PagerdutyReplay } from "../../src/replay/pagerduty/app.ts";
import { serviceId } from "../../src/replay/pagerduty/account.ts";
import { people } from "../../src/replay/people.ts";
import { json, listen } from "../support/loopback.ts";
import { secondsAt } from "../support/recording-folder.ts";
import { madeUp, replayedAt, type Serving, serving } from "../support/serving.ts";

// Answers are looked into, never used: their types are the business of the contract tests.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

const recordingFiles = {
  "pages.json": [
    { offset_s: -60, title: "latency of pay", service: "pay", urgency: "low", details: "p95 4 s" },
    { offset_s: 0, title: "errors on shop", service: "shop", urgency: "high", details: "18 % of requests\nfail" },
    { offset_s: 600, title: "still to come", service: "mail", urgency: "low", details: "" },
  ],
  "changes.jsonl.gz": [
    { kind: "commit", time: secondsAt("12:00:00"), sha: "a".repeat(40), author: "x", message: "m", files_changed: [], diff: null },
    { kind: "deploy", time: secondsAt("12:05:00"), service: "shop", sha: "a".repeat(40), version: "v2" },
    { kind: "flag", time: secondsAt("12:06:00"), service: "pay", flag: "new-cache", change: "off->on", actor: "mei" },
    { kind: "deploy", time: secondsAt("12:07:00"), service: "mail", change: "config" },
    { kind: "deploy", time: secondsAt("12:40:00"), service: "shop", version: "v3" },
  ],
};
const incident = {
  services: ["shop", "pay", "mail"],
  dependencies: [{ from: "shop", to: "pay" }],
  earlier_incidents: [{ start: "2026-01-02T12:01:00Z", assumed_end: "2026-01-02T12:08:00Z" }],
};

let replay: PagerdutyReplay;
let server: Serving;
beforeAll(async () => {
  const { recording, clock } = await madeUp(recordingFiles, incident);
  replay = createPagerdutyReplay(recording, clock, {
    token: "key",
    webhookSecret: "secret",
    repository: "acme/shop",
    commitUrl: (sha) => `https://code.example/commit/${sha}`,
    now: () => replayedAt,
  });
  server = await serving(replay.app);
});
afterAll(() => server[Symbol.asyncDispose]());

const headers = { authorization: "Token token=key", accept: "application/vnd.pagerduty+json;version=2" };
async function get(path: string, more: Record<string, string> = {}): Promise<{ status: number; body: Json }> {
  const response = await fetch(server.url + path, { headers: { ...headers, ...more } });
  return { status: response.status, body: (await response.json()) as Json };
}
const minutesAgo = (text: string) => (replayedAt - Date.parse(text)) / 60_000;
const page = (index: number) => replay.incidentIds[index] ?? "";

describe("incidents", () => {
  test("by id and by number, on the replay's clock", async () => {
    const { body } = await get(`/incidents/${page(1)}`);
    expect(body["incident"]).toMatchObject({
      id: page(1),
      title: "errors on shop",
      status: "triggered",
      urgency: "high",
      service: { id: serviceId("shop"), summary: "shop", type: "service_reference" },
      self: `${server.url}/incidents/${page(1)}`,
    });
    expect(minutesAgo(body["incident"].created_at)).toBe(2);
    const byNumber = await get(`/incidents/${body["incident"].incident_number}`);
    expect(byNumber.body["incident"].id).toBe(page(1));
  });
  test("ids are the same each time a recording is replayed", async () => {
    const { recording, clock } = await madeUp(recordingFiles, incident);
    const again = createPagerdutyReplay(recording, clock, { token: "key", webhookSecret: "secret" });
    expect(again.incidentIds).toEqual(replay.incidentIds);
    expect(new Set(replay.incidentIds).size).toBe(3);
  });
  test("the list has the pages so far and the earlier faults as resolved ones, newest first", async () => {
    const { body } = await get("/incidents?limit=10");
    expect(body["incidents"].map((one: Json) => [one["title"], one["status"], minutesAgo(one["created_at"])])).toEqual([
      ["errors on shop", "triggered", 2],
      ["latency of pay", "triggered", 3],
      ["errors on shop", "resolved", 29],
    ]);
    const ids = async (query: string) => (await get(`/incidents?${query}`)).body["incidents"].map((one: Json) => one["id"]) as string[];
    expect(await ids("statuses[]=resolved")).toHaveLength(1);
    expect(await ids(`service_ids[]=${serviceId("pay")}`)).toEqual([page(0)]);
    expect(await ids("urgencies[]=high&statuses[]=triggered")).toEqual([page(1)]);
    expect(await ids(`since=${new Date(replayedAt - 150_000).toISOString()}`)).toEqual([page(1)]);
  });
  test("one page at a time; the total only when asked for", async () => {
    const first = await get("/incidents?limit=2");
    expect(first.body).toMatchObject({ limit: 2, offset: 0, more: true, total: null });
    const second = await get("/incidents?limit=2&offset=2&total=true");
    expect(second.body).toMatchObject({ limit: 2, offset: 2, more: false, total: 3 });
    expect(second.body["incidents"]).toHaveLength(1);
    expect((await get("/incidents?limit=500")).body["limit"]).toBe(100);
    expect(await get("/incidents?limit=100&offset=9950")).toMatchObject({ status: 400, body: { error: { code: 2001 } } });
  });
  test("the alert's body is the recording's text, with its line breaks", async () => {
    const { body } = await get(`/incidents/${page(1)}/alerts`);
    expect(body["alerts"]).toHaveLength(1);
    expect(body["alerts"][0].body).toMatchObject({ type: "alert_body", details: { description: "18 % of requests\nfail" } });
  });
  test("past and related incidents", async () => {
    const past = await get(`/incidents/${page(1)}/past_incidents?limit=5`);
    expect(past.body["past_incidents"].map(({ incident: one }: Json) => minutesAgo(one.created_at))).toEqual([29]);
    const related = await get(`/incidents/${page(1)}/related_incidents`);
    expect(related.body["related_incidents"].map(({ incident: one }: Json) => one.id)).toEqual([page(0)]);
  });
});

describe("change events", () => {
  test("deploys and flags, newest first; commits and what comes after the recording are not among them", async () => {
    const { body } = await get("/change_events");
    expect(body["change_events"].map((one: Json) => [one["summary"], minutesAgo(one["timestamp"])])).toEqual([
      ["Configuration of mail rolled out to production", 23],
      ["Feature flag new-cache of pay: off->on", 24],
      ["Deployed shop v2 to production", 25],
    ]);
  });
  test("of a service, in a window, with the commit that was deployed", async () => {
    const { body } = await get(`/services/${serviceId("shop")}/change_events?since=2026-06-01T07:30:00Z&until=2026-06-01T07:36:00Z`);
    expect(body["change_events"]).toMatchObject([
      {
        type: "change_event",
        services: [{ id: serviceId("shop") }],
        custom_details: { sha: "a".repeat(40), version: "v2", repository: "acme/shop", environment: "production" },
        links: [{ href: `https://code.example/commit/${"a".repeat(40)}` }],
      },
    ]);
    const none = await get(`/services/${serviceId("shop")}/change_events?until=2026-06-01T07:30:00Z`);
    expect(none.body["change_events"]).toEqual([]);
  });
  test("related to an incident: of its service and of those it depends on", async () => {
    const { body } = await get(`/incidents/${page(1)}/related_change_events`);
    expect(body["change_events"].map((one: Json) => [one["services"][0].summary, one["correlation_reason"].reason])).toEqual([
      ["pay", "related_service"],
      ["shop", "most_recent"],
    ]);
  });
});

test("services, people and who is on call", async () => {
  expect((await get(`/services/${serviceId("shop")}`)).body["service"]).toMatchObject({ name: "shop", status: "critical" });
  expect((await get("/services?query=MA")).body["services"].map((one: Json) => one["name"])).toEqual(["mail"]);
  const { body } = await get("/oncalls?include[]=users&earliest=true");
  expect(body["oncalls"][0]).toMatchObject({ escalation_level: 1, user: { name: "Ana Ruiz", email: "ana@acme.example" } });
  expect((await get("/users/me")).body["user"].email).toBe("midwatch@acme.example");
});

describe("refusals", () => {
  test("authentication, version and what is not there", async () => {
    expect((await fetch(`${server.url}/incidents`)).status).toBe(401);
    expect(await get("/incidents", { authorization: "Token token=other" })).toMatchObject({ status: 401, body: { error: { code: 2006 } } });
    expect((await get("/incidents", { authorization: "Bearer key" })).status).toBe(200);
    expect((await get("/incidents", { accept: "application/vnd.pagerduty+json;version=1" })).status).toBe(406);
    expect(await get("/incidents/QNONE")).toMatchObject({ status: 404, body: { error: { message: "Incident Not Found", code: 5001 } } });
    expect(await get("/services/PNONE")).toMatchObject({ status: 404, body: { error: { code: 5002 } } });
    expect(await get("/nowhere")).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
    expect((await get("/incidents?statuses[]=open")).status).toBe(400);
    expect((await get("/change_events?since=yesterday")).status).toBe(400);
  });
  test("a page still to come is not there before its webhook", async () => {
    expect((await get(`/incidents/${page(2)}`)).status).toBe(404);
  });
});

test("a note needs a known sender, is listed, and stands in the log", async () => {
  const post = (body: unknown, from?: string) =>
    fetch(`${server.url}/incidents/${page(0)}/notes`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", ...(from === undefined ? {} : { from }) },
      body: JSON.stringify(body),
    });
  expect((await post({ note: { content: "x" } })).status).toBe(400);
  expect((await post({ note: { content: "x" } }, "nobody@acme.example")).status).toBe(400);
  expect((await post({ note: { content: " " } }, "midwatch@acme.example")).status).toBe(400);
  const made = await post({ note: { content: "likely cause: v2" } }, "midwatch@acme.example");
  expect(made.status).toBe(201);
  const listed = await get(`/incidents/${page(0)}/notes`);
  expect(listed.body["notes"]).toEqual([((await made.json()) as Json)["note"]]);
  expect(replay.notes()).toEqual([{ incident: page(0), by: "midwatch", content: "likely cause: v2" }]);
  const log = await get(`/incidents/${page(0)}/log_entries`);
  expect(log.body["log_entries"].map((one: Json) => one["type"])).toEqual(["annotate_log_entry", "assign_log_entry", "trigger_log_entry"]);
});

describe("webhooks", () => {
  test("a delivery is signed over its raw body and named so that a repeat is seen as one", async () => {
    await using receiver = await listen((_request, response) => json(response, 202, {}));
    const sent = await replay.deliver(receiver.url, "https://pd.example", { kind: "triggered" }, 1);
    expect(sent).toMatchObject({ eventType: "incident.triggered", status: 202 });
    await replay.deliver(receiver.url, "https://pd.example", { kind: "triggered" }, 1);
    await replay.deliver(receiver.url, "https://pd.example", { kind: "triggered" }, 0);
    const [one, again, other] = receiver.seen;
    expect(one?.headers["x-pagerduty-signature"]).toBe(
      `v1=${createHmac("sha256", "secret")
        .update(one?.body ?? "")
        .digest("hex")}`,
    );
    expect(one?.headers["user-agent"]).toBe("PagerDuty-Webhook/V3.0");
    expect(again?.body).toBe(one?.body);
    expect(again?.headers["x-webhook-id"]).toBe(one?.headers["x-webhook-id"]);
    expect(other?.headers["x-webhook-id"]).not.toBe(one?.headers["x-webhook-id"]);
    expect(other?.headers["x-webhook-subscription"]).toBe(one?.headers["x-webhook-subscription"]);
    const { event } = JSON.parse(one?.body ?? "") as { event: Json };
    expect(event).toMatchObject({
      id: sent.eventId,
      event_type: "incident.triggered",
      resource_type: "incident",
      occurred_at: new Date(replayedAt - 120_000).toISOString(),
      data: {
        id: page(1),
        type: "incident",
        title: "errors on shop",
        service: { id: serviceId("shop") },
        html_url: `https://pd.example/incidents/${page(1)}`,
      },
    });
  });
  test("acknowledging changes the incident, for the webhook and for the API", async () => {
    const { recording, clock } = await madeUp({});
    const own = createPagerdutyReplay(recording, clock, { token: "key", webhookSecret: "secret", now: () => replayedAt });
    await using receiver = await listen((_request, response) => json(response, 202, {}));
    await using api = await serving(own.app);
    const status = async () => {
      const response = await fetch(`${api.url}/incidents/${own.incidentIds[0]}`, { headers });
      return ((await response.json()) as Json)["incident"];
    };
    await own.deliver(receiver.url, api.url, { kind: "acknowledged", by: people[0] });
    expect(await status()).toMatchObject({ status: "acknowledged", acknowledgements: [{ acknowledger: { summary: "Ana Ruiz" } }] });
    await own.deliver(receiver.url, api.url, { kind: "resolved", by: people[0] });
    expect(await status()).toMatchObject({ status: "resolved", resolved_at: "2026-06-01T08:00:00Z" });
    const bodies = receiver.seen.map(({ body }) => (JSON.parse(body) as { event: Json }).event);
    expect(bodies.map(({ event_type: type, data }) => [type, data.status])).toEqual([
      ["incident.acknowledged", "acknowledged"],
      ["incident.resolved", "resolved"],
    ]);
    expect(bodies[0]?.["agent"]).toMatchObject({ summary: "Ana Ruiz", type: "user_reference" });
  });
  test("a page still to come exists once its webhook was sent", async () => {
    const { recording, clock } = await madeUp(recordingFiles, incident);
    const own = createPagerdutyReplay(recording, clock, { token: "key", webhookSecret: "secret", now: () => replayedAt });
    await using receiver = await listen((_request, response) => json(response, 202, {}));
    await own.deliver(receiver.url, "https://pd.example", { kind: "triggered" }, 2);
    expect((await own.app.request(`/incidents/${own.incidentIds[2]}`, { headers })).status).toBe(200);
  });
  test("no receiver is told, not thrown", async () => {
    expect(await replay.deliver("http://127.0.0.1:9/", "https://pd.example", { kind: "triggered" })).toMatchObject({ status: null });
  });
});

test("a pager that has nothing to say still knows its page", async () => {
  const { recording, clock } = await madeUp({ ...recordingFiles, "access.json": { pagerduty: "empty" } }, incident);
  const empty = createPagerdutyReplay(recording, clock, { token: "key", webhookSecret: "secret", now: () => replayedAt });
  const ask = async (path: string) => (await (await empty.app.request(path, { headers })).json()) as Json;
  expect((await ask(`/incidents/${empty.incidentIds[1]}`))["incident"].title).toBe("errors on shop");
  expect((await ask("/change_events"))["change_events"]).toEqual([]);
  expect((await ask(`/incidents/${empty.incidentIds[1]}/alerts`))["alerts"]).toEqual([]);
});
