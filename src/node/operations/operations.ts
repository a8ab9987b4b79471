import { Hono } from "hono";
import type { Heard } from "../../app.ts";
import type { Config } from "../../config.ts";
import type { NodeHost } from "../../durable/node-host.ts";
import type { OutgoingCall } from "../../guard/outgoing.ts";
import type { Traffic } from "../../guard/traffic.ts";
import type { IncidentEvent } from "../../incident/event.ts";
import type { createSpeaker } from "../../slack/speaker.ts";
import { Blindness, type BlindnessOptions } from "../../operations/blindness.ts";
import { eventCounter } from "./count-events.ts";
import { followStore } from "./follow-store.ts";
import { incidentFacts } from "../../operations/incident-line.ts";
import { metricsRoute } from "../../operations/metrics-route.ts";
import type { OperatorLog } from "./operator-log.ts";
import { Refusals } from "./refusals.ts";
import { sayBlind } from "./say-blind.ts";
import type { Tracing } from "./tracing.ts";
import { backlogOf, evidenceCounter, storeFigures } from "./store-figures.ts";

type Measured = Pick<NodeHost<IncidentEvent>, "sql" | "health" | "queue" | "subscribe" | "read">;

export interface OperationsOptions {
  readonly config: Pick<Config, "METRICS_TOKEN" | "BLIND_AFTER_HOURS" | "DATABASE_PATH">;
  readonly store: Measured;
  readonly vendors: BlindnessOptions["vendors"];
  readonly speaker: ReturnType<typeof createSpeaker>;
  readonly log: OperatorLog;
  readonly traffic: Traffic;
  /** null: nobody collects traces. Default: nobody. */
  readonly tracing?: Tracing | null;
  readonly now: () => number;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
  readonly reportError: (error: unknown, where: string) => void;
}

const MINUTE_MS = 60_000;
/** How often each vendor is asked whether the credential still holds. */
const PROBE_EVERY_MS = 6 * 3_600_000;

/** The newest delivery of a store that was there before. */
const newestDelivery = ({ sql }: Measured): number | null =>
  sql.all<{ at: number }>("select received_at at from delivery order by rowid desc limit 1")[0]?.at ?? null;

/**
 * What the operator sees of midwatch itself: `/readyz`, `/metrics`, a line in the log for each incident and each minute with refused deliveries,
 * and words in Slack when midwatch may be blind.
 */
export async function openOperations({
  config,
  store,
  vendors,
  speaker,
  log,
  traffic,
  tracing = null,
  now,
  signal,
  reportError,
}: OperationsOptions) {
  const refusals = new Refusals(now);
  const blindness = new Blindness({ now, vendors, afterHours: config.BLIND_AFTER_HOURS, lastWebhookAt: newestDelivery(store) });
  const { METRICS_TOKEN: token } = config;
  const metrics = token === undefined ? null : (await import("./process-metrics.ts")).createProcessMetrics();
  const count = metrics === null ? null : eventCounter(metrics, store);
  const evidence = evidenceCounter(store);
  const failed = (error: unknown) => reportError(error, "operations");
  const logged = new Set<string>();

  const unfollow = followStore(
    store,
    [...(metrics?.measured ?? []), "investigation-finished"],
    (stored) => {
      count?.(stored);
      if (stored.event.type !== "investigation-finished") return;
      const { incidentId } = stored;
      store
        .read(incidentId)
        .then((whole) => log("incident finished", { incident: incidentId, facts: incidentFacts(whole) }))
        .catch(failed);
    },
    failed,
  );
  signal.addEventListener("abort", unfollow, { once: true });

  const routes = new Hono();
  routes.get("/readyz", (c) => {
    const { writable, running } = store.health();
    const queue = writable ? backlogOf(store, now()) : [];
    const backlog = {
      waiting: queue.reduce((sum, { waiting }) => sum + waiting, 0),
      oldestSeconds: Math.round(Math.max(0, ...queue.map(({ oldestSeconds }) => oldestSeconds))),
      running,
    };
    // A backlog is no reason to keep webhooks away: they are stored, and wait.
    return c.json(
      { ready: writable, store: { writable }, backlog, refused: refusals.lines(), blind: blindness.now().map(({ what }) => what) },
      writable ? 200 : 503,
    );
  });
  if (metrics !== null && token !== undefined)
    routes.route(
      "/",
      metricsRoute(token, () => {
        const seen = { lastWebhookAt: blindness.lastWebhookAt, blind: blindness.states(), outages: traffic.outages() };
        return metrics.text(storeFigures(store, evidence, now()), seen);
      }),
    );

  /** Says what changed within the last minute, in the log and in Slack. */
  async function look(): Promise<void> {
    for (const line of refusals.toLog()) log(`webhooks: ${line}`, { level: "warn" });
    await blindness.probe(blindness.suspicious());
    const blind = blindness.now();
    for (const { key, text } of blind) {
      if (logged.has(key)) continue;
      logged.add(key);
      log(text, { level: "warn" });
    }
    await sayBlind(blind, { sql: store.sql, speaker, now, signal });
  }

  return {
    routes,
    refusals,
    heard(from: string, what: Heard): void {
      refusals.heard(what);
      metrics?.heard(from, what);
      if (from !== "slack" && !what.startsWith("refused: ")) blindness.heard();
    },
    called(call: OutgoingCall): void {
      metrics?.called(call);
      tracing?.called(call);
      blindness.called(call);
    },
    /** After something was deleted. */
    recount: () => evidence.reset(),
    look,
    /** Looks once a minute, and at each vendor's credential every six hours, until the process ends. */
    watch(): void {
      const ids = vendors.map(({ id }) => id);
      const timers = [
        setInterval(() => void look().catch(failed), MINUTE_MS),
        setInterval(() => void blindness.probe(ids).catch(failed), PROBE_EVERY_MS),
      ];
      for (const timer of timers) timer.unref();
      signal.addEventListener("abort", () => timers.forEach((timer) => clearInterval(timer)), { once: true });
    },
  };
}

export type Operations = Awaited<ReturnType<typeof openOperations>>;
