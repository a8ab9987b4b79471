import { Hono } from "hono";
import type { Heard } from "../app.ts";
import type { Upkeep } from "../durable/durable-object-store.ts";
import type { DirectoryTotals } from "../durable/object-calls.ts";
import type { Meter } from "../operations/meter.ts";
import { Blindness } from "../operations/blindness.ts";
import { createMetrics, type StoreFigures } from "../operations/metrics.ts";
import { metricsRoute } from "../operations/metrics-route.ts";

export interface MetricsOptions {
  /** METRICS_TOKEN. Without it there are no figures. */
  readonly token: string | undefined;
  /** BLIND_AFTER_HOURS */
  readonly blindAfterHours: number;
  readonly meter: Meter;
  readonly upkeep: Pick<Upkeep, "report" | "totals">;
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly reportError: (error: unknown, where: string) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Deliveries of a storm are reported together. */
const TOGETHER_MS = 2_000;

/** That the directory's object answered shows that it can be written. */
const figuresOf = ({ evidenceBytes, databaseBytes, running, queue, outbox }: DirectoryTotals, now: number): StoreFigures => {
  const secondsSince = (at: number) => Math.max(0, now - at) / 1_000;
  return {
    ...{ writable: true, running, evidenceBytes, databaseBytes },
    queue: queue.map(({ rank, waiting, since }) => ({ rank, waiting, oldestSeconds: secondsSince(since) })),
    outbox: { waiting: outbox.waiting, oldestSeconds: outbox.since === null ? 0 : secondsSince(outbox.since) },
  };
};

/** Figures of midwatch itself on Workers, as the directory's object knows them: no object of an incident is woken for them. */
export function openMetrics({
  token,
  blindAfterHours: afterHours,
  meter,
  upkeep,
  waitUntil,
  reportError,
  now = Date.now,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: MetricsOptions) {
  let reportsUntil = 0;

  async function report(): Promise<void> {
    const counted = await meter.measuring.take();
    if (counted !== null) await upkeep.report(counted);
  }

  async function reportSoon(): Promise<void> {
    await sleep(TOGETHER_MS);
    await report().catch((error: unknown) => reportError(error, "metrics"));
  }

  const text = async () => {
    await report();
    const totals = await upkeep.totals();
    const { lastDeliveryAt: lastWebhookAt } = totals;
    // Of the pagers alone: nobody probes a vendor here.
    const blind = new Blindness({ now, afterHours, lastWebhookAt, vendors: [] }).states();
    const seen = { lastWebhookAt, blind, outages: new Map<string, null>() };
    return createMetrics().text(figuresOf(totals, now()), seen, totals.counted);
  };
  return {
    /** `/metrics` */
    routes: token === undefined ? new Hono() : metricsRoute(token, text),
    heard(from: string, what: Heard): void {
      if (token === undefined) return;
      meter.heard(from, what);
      if (now() < reportsUntil) return;
      reportsUntil = now() + TOGETHER_MS;
      waitUntil(reportSoon());
    },
  };
}
