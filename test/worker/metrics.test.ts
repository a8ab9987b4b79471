import { expect, test } from "vitest";
import type { DirectoryTotals } from "../../src/durable/object-calls.ts";
import { createMeter } from "../../src/operations/meter.ts";
import { openMetrics } from "../../src/worker/metrics.ts";

const TOKEN = "a-token-of-prometheus-0123456789abcdef";
const START = Date.UTC(2026, 10, 3, 3);
const headers = { authorization: `Bearer ${TOKEN}` };

/** Figures of one isolate, over a directory that adds up what it hears; sleepers go on when they are told to. */
function isolate(token: string | null = TOKEN, totals: Partial<DirectoryTotals> = {}, blindAfterHours = 0) {
  const clock = { now: START };
  const reports: string[] = [];
  const [waking, background]: [(() => void)[], Promise<unknown>[]] = [[], []];
  const meter = createMeter({ isMeasuring: token !== null, log: () => undefined });
  let counted: string | null = null;
  const none = { evidenceBytes: 0, databaseBytes: 0, outbox: { waiting: 0, since: null }, lastDeliveryAt: null, running: 0, queue: [] };
  const metrics = openMetrics({
    ...{ token: token ?? undefined, blindAfterHours, meter, now: () => clock.now, waitUntil: (work) => void background.push(work) },
    upkeep: {
      report: async (more) => {
        reports.push(more);
        counted = meter.measuring.add(more, counted);
      },
      totals: async () => ({ ...none, ...totals, counted }),
    },
    reportError: (error) => {
      throw error;
    },
    sleep: () => new Promise((resolve) => waking.push(resolve)),
  });
  return {
    ...{ clock, reports, metrics },
    async wake() {
      for (const wake of waking.splice(0)) wake();
      await Promise.all(background.splice(0));
    },
    get: async (asked: Record<string, string> = headers) => {
      const answer = await metrics.routes.request("/metrics", { headers: asked });
      return { status: answer.status, text: await answer.text() };
    },
  };
}

test("deliveries of a storm are reported together, and none is forgotten", async () => {
  const { clock, metrics, reports, wake, get } = isolate();
  for (let index = 0; index < 1_000; index++) metrics.heard("pagerduty", "stored");
  await wake();
  expect(reports).toHaveLength(1);
  clock.now += 2_000;
  metrics.heard("pagerduty", "stored");
  metrics.heard("pagerduty", "refused: signature");
  await wake();
  expect(reports).toHaveLength(2);
  // What waits is reported with the question.
  metrics.heard("slack", "refused: signature");
  const { text } = await get();
  expect(text).toContain('midwatch_webhooks_total{from="pagerduty",outcome="stored"} 1001');
  expect(text).toContain('midwatch_webhooks_total{from="pagerduty",outcome="refused_signature"} 1');
  expect(text).toContain('midwatch_webhooks_total{from="slack",outcome="refused_signature"} 1');
});

test("queue, outbox and sizes are as the directory knows them", async () => {
  const { get } = isolate(TOKEN, {
    ...{ running: 1, evidenceBytes: 700, databaseBytes: 9_000, lastDeliveryAt: START - 5_000 },
    ...{ queue: [{ rank: 1, waiting: 3, since: START - 40_000 }], outbox: { waiting: 2, since: START - 7_000 } },
  });
  const { text } = await get();
  for (const line of [
    'midwatch_queue_incidents{rank="1"} 3',
    'midwatch_queue_oldest_seconds{rank="1"} 40',
    "midwatch_steps_running 1",
    "midwatch_outbox_waiting 2",
    "midwatch_outbox_oldest_seconds 7",
    "midwatch_evidence_bytes 700",
    "midwatch_database_bytes 9000",
    `midwatch_last_webhook_timestamp_seconds ${(START - 5_000) / 1_000}`,
  ])
    expect(text).toContain(line);
});

test("pagers that are silent for longer than BLIND_AFTER_HOURS show as blindness, by the last delivery that came", async () => {
  const isBlind = async (hoursAgo: number | null, blindAfterHours: number) => {
    const lastDeliveryAt = hoursAgo === null ? null : START - hoursAgo * 3_600_000;
    const { text } = await isolate(TOKEN, { lastDeliveryAt }, blindAfterHours).get();
    return /midwatch_blind\{what="webhooks"\} (\d)/.exec(text)?.[1];
  };
  expect([await isBlind(25, 24), await isBlind(23, 24), await isBlind(25, 0), await isBlind(null, 24)]).toEqual(["1", "0", "0", "0"]);
});

test("without the token nobody reads them; without one in the settings nothing is counted", async () => {
  const open = isolate();
  for (const wrong of [{}, { authorization: "Bearer another-token" }]) expect((await open.get(wrong)).status).toBe(401);
  const closed = isolate(null);
  closed.metrics.heard("pagerduty", "stored");
  await closed.wake();
  expect([(await closed.get()).status, closed.reports]).toEqual([404, []]);
});
