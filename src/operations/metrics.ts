import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Heard } from "../app.ts";
import type { Outage } from "../guard/circuit.ts";
import type { OutgoingCall } from "../guard/outgoing.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { pageRank } from "../incident/page.ts";
import { pagerEventKind } from "../incident/pager-event.ts";
import { stepKind } from "../incident/step-id.ts";
import { countedOf, NEWEST, withCounted } from "./counted.ts";

/** What of the store is measured when somebody asks. */
export interface StoreFigures {
  readonly writable: boolean;
  readonly running: number;
  readonly queue: readonly { readonly rank: number; readonly waiting: number; readonly oldestSeconds: number }[];
  readonly outbox: { readonly waiting: number; readonly oldestSeconds: number };
  readonly evidenceBytes: number;
  readonly databaseBytes: number;
}

/** Events that say something to a figure. */
const MEASURED = [
  "page-received",
  "pager-event-received",
  "status-posted",
  "brief-posted",
  "finding-posted",
  "fix-proposed",
  "step-failed",
  "model-turn",
] as const;

/** Values of one label: what comes after them is "other", whatever a vendor or a file of settings may bring. */
const MOST_VALUES = 50;

/** Values of a label, bounded. Labels hold ids and codes of midwatch's own alone, never a word of an incident. */
function boundedValues(): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.size < MOST_VALUES) known.add(value);
    return known.has(value) ? value : "other";
  };
}

/** How a call ended, in few words. */
const outcomeOf = ({ outcome, status }: OutgoingCall): string => {
  if (outcome !== "answered" || status === null) return outcome.replace(" ", "_");
  if (status === 429) return "rate_limited";
  if (status === 401 || status === 403) return "not_allowed";
  return `${Math.floor(status / 100)}xx`;
};

type Outages = ReadonlyMap<string, Outage | null>;
type MakeGauge = <L extends string>(name: string, help: string, ...labels: L[]) => Gauge<L>;

/** Vendors that are left alone after an outage. */
function outageGauges(gauge: MakeGauge): (outages: Outages, label: (vendor: string) => string) => void {
  const leftAlone = gauge("vendor_left_alone", "1: the vendor has failed for a while, and is asked again after a pause", "vendor");
  const since = gauge("vendor_failing_since_timestamp_seconds", "When the failures of a vendor left alone began, Unix time", "vendor");
  return (outages, label) => {
    since.reset();
    for (const [id, outage] of outages) {
      const vendor = label(id);
      leftAlone.set({ vendor }, outage === null ? 0 : 1);
      if (outage !== null) since.set({ vendor }, outage.since / 1_000);
    }
  };
}

/** The store's own, measured when somebody asks. */
function storeGauges(gauge: MakeGauge): (figures: StoreFigures) => void {
  const waiting = gauge("queue_incidents", "Incidents whose next step is due and has not begun, by rank", "rank");
  const oldest = gauge("queue_oldest_seconds", "How long the oldest due incident has waited, by rank", "rank");
  const running = gauge("steps_running", "Steps under way");
  const outbox = gauge(
    "outbox_waiting",
    "Messages, pull requests and other effects that are intended and not done, of steps still being tried",
  );
  const outboxOldest = gauge("outbox_oldest_seconds", "Age of the oldest effect that is intended and not done");
  const evidence = gauge("evidence_bytes", "Raw answers kept as evidence, compressed");
  const database = gauge("database_bytes", "Size of the store's file");
  const writable = gauge("store_writable", "1: the store takes writes");
  return (figures) => {
    for (const one of [waiting, oldest]) one.reset();
    for (let rank = 0; rank <= 5; rank++) {
      const of = figures.queue.find((one) => one.rank === rank);
      waiting.set({ rank }, of?.waiting ?? 0);
      oldest.set({ rank }, of?.oldestSeconds ?? 0);
    }
    running.set(figures.running);
    outbox.set(figures.outbox.waiting);
    outboxOldest.set(figures.outbox.oldestSeconds);
    evidence.set(figures.evidenceBytes);
    database.set(figures.databaseBytes);
    writable.set(figures.writable ? 1 : 0);
  };
}

const LONG_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];
const SHORT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Whether an event is a person's acknowledgement of a page. Of several of an incident the first counts. */
export const isAcknowledged = ({ event }: LoggedEvent): boolean =>
  event.type === "pager-event-received" && pagerEventKind(event) === "acknowledged" && event.byTool !== true;

/** What an event says to a figure depends on these, which each host knows in its own way. */
export interface Happened {
  readonly stored: LoggedEvent;
  /** When the incident's first event came, epoch milliseconds; null: it is gone. */
  readonly openedAt: () => number | null;
  /** Whether no person acknowledged the incident before. */
  readonly isFirstAcknowledgement: () => boolean;
}

/**
 * All figures of midwatch's own, in Prometheus' form. Ranks are those of `pageRank`: 0 is the most urgent.
 * @param collectProcess adds those of the process
 */
export function createMetrics(collectProcess?: (registry: Registry) => void) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectProcess?.(registry);
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `midwatch_${name}`, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `midwatch_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `midwatch_${name}`, help, labelNames, buckets, registers });

  const webhooks = counter("webhooks_total", "Webhook deliveries, by pager and outcome", "from", "outcome");
  const pages = counter("pages_total", "Pages, by rank (0 is the most urgent)", "rank");
  const times = histogram(
    "page_seconds",
    "From a page's arrival to: acknowledged by a person, first_words, brief, finding, pull_request",
    LONG_SECONDS,
    "until",
  );
  const failed = counter("steps_failed_total", "Failed attempts at steps; final: midwatch gave the step up", "step", "final");
  const calls = counter("vendor_calls_total", "Calls to vendors, one for each attempt, by outcome", "vendor", "outcome");
  const callSeconds = histogram("vendor_call_seconds", "How long calls to vendors took", SHORT_SECONDS, "vendor");
  const left = new Gauge({
    ...{ name: "midwatch_vendor_limit_left_ratio", help: "Share of the vendor's rate limit that its newest answer says is left" },
    ...{ labelNames: ["vendor"], aggregator: NEWEST, registers },
  });
  const showOutages = outageGauges(gauge);
  const tokens = counter("model_tokens_total", "Model tokens, by kind", "model", "kind");
  const dollars = counter("model_dollars_total", "Cost of models at the prices in the settings, US dollars", "model");
  const showStore = storeGauges(gauge);
  const lastWebhook = gauge("last_webhook_timestamp_seconds", "When a delivery was last accepted, Unix time");
  const blind = gauge("blind", "1: midwatch may not hear a pager, or a vendor refuses its credential", "what");

  const value = { step: boundedValues(), vendor: boundedValues(), model: boundedValues(), blind: boundedValues() };
  const took = (until: string, { stored, openedAt }: Happened) => {
    const since = openedAt();
    if (since !== null) times.observe({ until }, Math.max(0, stored.at - since) / 1_000);
  };

  return {
    measured: MEASURED,
    heard(from: string, what: Heard): void {
      webhooks.inc({ from, outcome: what.replace(/: /, "_") });
    },
    called(call: OutgoingCall): void {
      if (call.outcome === "begun") return;
      const vendor = value.vendor(call.vendor);
      calls.inc({ vendor, outcome: outcomeOf(call) });
      if (call.outcome !== "refused") callSeconds.observe({ vendor }, call.tookMs / 1_000);
      if (call.seen?.limitLeft !== undefined) left.set({ vendor }, call.seen.limitLeft);
    },
    happened(about: Happened): void {
      const { event } = about.stored;
      switch (event.type) {
        case "page-received":
          return pages.inc({ rank: pageRank(event.page) });
        case "pager-event-received":
          return isAcknowledged(about.stored) && about.isFirstAcknowledgement() ? took("acknowledged", about) : undefined;
        case "status-posted":
          return took("first_words", about);
        case "brief-posted":
          return took("brief", about);
        case "finding-posted":
          return took("finding", about);
        case "fix-proposed":
          return took("pull_request", about);
        case "step-failed":
          return failed.inc({ step: value.step(stepKind(event.step)), final: String(event.final) });
        case "model-turn": {
          const model = value.model(event.model);
          dollars.inc({ model }, event.cost);
          for (const [kind, count] of Object.entries(event.usage) as [string, number][])
            tokens.inc({ model, kind: kind.replace(/Tokens$/, "") }, count);
          return undefined;
        }
        default:
          return undefined;
      }
    },
    /** What was counted so far, for `addCounted`. */
    counted: () => countedOf(registry),
    /** The text of all figures. @param elsewhere what others have counted, as `addCounted` made it */
    async text(
      figures: StoreFigures,
      seen: {
        readonly lastWebhookAt: number | null;
        readonly blind: ReadonlyMap<string, boolean>;
        readonly outages: Outages;
      },
      elsewhere: string | null = null,
    ) {
      showStore(figures);
      if (seen.lastWebhookAt !== null) lastWebhook.set(seen.lastWebhookAt / 1_000);
      showOutages(seen.outages, value.vendor);
      for (const [what, isBlind] of seen.blind) blind.set({ what: value.blind(what) }, isBlind ? 1 : 0);
      const all = elsewhere === null ? registry : await withCounted(registry, elsewhere);
      return { body: await all.metrics(), type: registry.contentType };
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
