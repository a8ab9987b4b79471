import assert from "node:assert/strict";
import { actorMigrations } from "../../src/durable/actor.ts";
import { directoryMigrations } from "../../src/durable/directory.ts";
import { measuredMigrations, Reported, reportedMigrations, takeNews } from "../../src/durable/measuring.ts";
import { migrate, type Sql } from "../../src/durable/sql.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { createMeter } from "../../src/operations/meter.ts";
import { createMetrics, isAcknowledged, type StoreFigures } from "../../src/operations/metrics.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { callTo } from "./audit-cases.ts";
import { page, pageReceived } from "./pages.ts";

const NONE: StoreFigures = {
  ...{ writable: true, running: 0, queue: [], outbox: { waiting: 0, oldestSeconds: 0 }, evidenceBytes: 0, databaseBytes: 0 },
};
const SEEN = { lastWebhookAt: null, blind: new Map<string, boolean>(), outages: new Map<string, null>() };
const START = Date.UTC(2026, 10, 2, 3, 12);

const acknowledged = (by: string): IncidentEvent => ({
  ...{ type: "pager-event-received", eventType: "incident.acknowledged", occurredAt: START, by, text: "" },
  page: page({ status: "acknowledged" }),
});
const status: IncidentEvent = { type: "status-posted", channel: "C1", ts: "1.1", link: null, text: "canary" };
const failed: IncidentEvent = { type: "step-failed", step: "read-again:17", error: "canary", attempt: 1, final: true };
/** Seconds after the page. */
const story: readonly (readonly [number, IncidentEvent])[] = [
  [0, pageReceived()],
  [1, status],
  [20, acknowledged("Ana")],
  [21, failed],
  [30, acknowledged("Ben")],
];

const meter = () => createMeter({ isMeasuring: true, log: () => undefined });
const lines = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .toSorted();

/** What must hold where many isolates count, on every kind of storage. */
export const measuringCases: Readonly<Record<string, (sql: Sql) => Promise<void> | void>> = {
  "measuring: what many isolates counted and reported one by one is what a process alone counts": async (sql) => {
    migrate(sql, [...actorMigrations, directoryMigrations, measuredMigrations, reportedMigrations]);
    const log = incidentLog(sql);
    const alone = createMetrics();
    const reported = new Reported(sql);
    let isAcknowledgedAlready = false;
    for (const [index, [seconds, event]] of story.entries()) {
      const stored = log.append("pd-1", event, START + seconds * 1_000, null);
      assert.ok(stored);
      // Each event, call and delivery in an isolate that knows nothing of the others.
      const { measuring, called, heard } = meter();
      const call = { ...callTo("https://a/1"), tookMs: 40 * (index + 1), seen: { lane: "GET /", limitLeft: 0.9 - index / 10 } };
      measuring.happened("pd-1", takeNews(sql, log, "pd-1"), () => log.read("pd-1"));
      called(call);
      heard("pagerduty", index % 2 === 0 ? "stored" : "refused: signature");
      alone.happened({
        stored,
        openedAt: () => START,
        isFirstAcknowledgement: () => isAcknowledged(stored) && !isAcknowledgedAlready && (isAcknowledgedAlready = true),
      });
      alone.called(call);
      alone.heard("pagerduty", index % 2 === 0 ? "stored" : "refused: signature");
      const counted = await measuring.take();
      assert.ok(counted !== null);
      assert.doesNotMatch(counted, /canary/);
      reported.add(counted, measuring.add);
      assert.equal(await measuring.take(), null);
    }
    const { counted } = reported.totals();
    const together = lines((await createMetrics().text(NONE, SEEN, counted)).body);
    assert.deepEqual(together, lines((await alone.text(NONE, SEEN)).body));
    for (const line of [
      'midwatch_pages_total{rank="0"} 1',
      'midwatch_page_seconds_count{until="acknowledged"} 1',
      'midwatch_page_seconds_sum{until="acknowledged"} 20',
      'midwatch_vendor_calls_total{vendor="datadog",outcome="2xx"} 5',
      'midwatch_vendor_limit_left_ratio{vendor="datadog"} 0.5',
      'midwatch_webhooks_total{from="pagerduty",outcome="refused_signature"} 2',
    ])
      assert.ok(together.includes(line), `${line} in\n${together.join("\n")}`);
  },

  "measuring: an event counts once over restarts, those of a store from before not at all, and after a deletion from the first on": (
    sql,
  ) => {
    migrate(sql, actorMigrations);
    const log = incidentLog(sql);
    for (let n = 0; n < 3; n++) log.append("pd-1", status, n, null);
    migrate(sql, [measuredMigrations]);
    const news = () => takeNews(sql, log, "pd-1").map(({ seq }) => seq);
    assert.deepEqual(news(), []);
    log.append("pd-1", status, 4, null);
    assert.deepEqual(news(), [4]);
    assert.deepEqual(takeNews(sql, incidentLog(sql), "pd-1"), []);
    sql.tx(() => sql.all("delete from event"));
    assert.deepEqual(news(), []);
    for (let n = 0; n < 6; n++) log.append("pd-1", status, n, null);
    assert.deepEqual(news(), [1, 2, 3, 4, 5, 6]);
  },

  "measuring: an incident's sizes are in the sum as it reported them last, and go with it": (sql) => {
    migrate(sql, [directoryMigrations, reportedMigrations]);
    const reported = new Reported(sql);
    const sizes = { evidenceBytes: 10, databaseBytes: 100, outboxWaiting: 0, outboxSince: null };
    reported.resize("pd-1", sizes);
    reported.resize("pd-2", { ...sizes, outboxWaiting: 2, outboxSince: 7 });
    reported.resize("pd-1", { ...sizes, evidenceBytes: 20, outboxWaiting: 1, outboxSince: 9 });
    const totals = { counted: null, evidenceBytes: 30, databaseBytes: 200, outbox: { waiting: 3, since: 7 }, lastDeliveryAt: null };
    assert.deepEqual(reported.totals(), totals);
    reported.resize("pd-2", null);
    assert.deepEqual(reported.totals(), { ...totals, evidenceBytes: 20, databaseBytes: 100, outbox: { waiting: 1, since: 9 } });
  },
};
