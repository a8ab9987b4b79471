import type { ChartSeries } from "../../src/incident/chart.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Page } from "../../src/incident/page.ts";
import type { ChangeEvent, Point } from "../../src/incident/telemetry.ts";
import { toStatus } from "../../src/report/status.ts";
import type { Incidents } from "../../src/web/incidents.ts";
import type { EvidenceEntry } from "../../src/store/evidence.ts";

/** An invented night: payments gets a deploy, its token cache stops to hit, checkout times out. */
const DAY = "2026-11-23";
export const at = (clock: string): number => Date.parse(`${DAY}T${clock}Z`);
const slackTs = (clock: string): string => `${(at(clock) / 1000).toFixed(6)}`;

export const page: Page = {
  pager: "pagerduty",
  id: "Q4821CHECKOUT",
  number: 4821,
  title: "Checkout error rate above 5 % for 1 min",
  details: "monitor: checkout error rate\nvalue: 0.179\nthreshold: 0.05\nhttps://app.datadoghq.com/monitors/1234",
  status: "triggered",
  urgency: "high",
  priority: "P1",
  createdAt: at("03:12:20"),
  service: { id: "PCHECKOUT", name: "checkout" },
  assignees: [{ id: "PANA", name: "Ana" }],
  link: "https://acme.pagerduty.com/incidents/Q4821CHECKOUT",
};

export const deploy: ChangeEvent = {
  kind: "deploy",
  at: at("03:10:55"),
  service: "payments",
  title: "deploy payments to production",
  sha: "9f2c1e4d5b6a79881726354433221100ffeeddcc",
  previousSha: "7ab0d2e1f0a9b8c7d6e5f40312233445566778899".slice(0, 40),
  version: "2026.11.23-1",
  repository: "acme/shop",
  author: "kim",
  pullRequest: { number: 2210, title: "cache provider tokens per merchant", url: "https://github.com/acme/shop/pull/2210" },
  files: null,
  link: "https://github.com/acme/shop/deployments/77",
  evidence: 5,
};

/** One point a minute from 01:12 to 03:14; quiet values until the onset, then the risen ones. Deterministic. */
function wave(quiet: number, risen: number, onset: number): Point[] {
  const points: Point[] = [];
  for (let minute = 0; minute <= 123; minute += 1) {
    const when = at("01:11:40") + minute * 60_000;
    const jitter = 1 + 0.12 * Math.sin(minute * 2.3) + 0.07 * Math.sin(minute * 5.1);
    const climb = Math.min(1, Math.max(0, (when - onset) / 120_000 + 0.55));
    points.push({ at: when, value: when < onset ? quiet * jitter : quiet + (risen - quiet) * climb * (0.94 + 0.06 * jitter) });
  }
  return points;
}

export const charts: ChartSeries[] = [
  {
    service: "payments",
    instance: null,
    what: "p95 latency",
    kind: "latency",
    unit: "second",
    points: wave(0.21, 4.8, at("03:11:40")),
    onset: at("03:11:40"),
    evidence: 3,
  },
  {
    service: "checkout",
    instance: null,
    what: "errors",
    kind: "errors",
    unit: "percent",
    points: wave(0.3, 18, at("03:12:05")),
    onset: at("03:12:05"),
    evidence: 2,
  },
  {
    service: "payments",
    instance: "payments-7d9f-x2k",
    what: "CPU",
    kind: "saturation",
    unit: "percent",
    points: wave(31, 44, at("04:00:00")),
    onset: null,
    evidence: 6,
  },
];

const finishedTriage: Extract<IncidentEvent, { type: "triage-finished" }> = {
  type: "triage-finished",
  tookMs: 4_100,
  digest: "",
  changes: [deploy],
  calls: 14,
  analysis: {
    verdict: "incident",
    because: "checkout's errors left their baseline at 03:12:05; 96 % of its failing traces end in payments, which slowed 25 s earlier.",
    onset: at("03:11:40"),
    symptoms: [
      { service: "checkout", what: "errors", before: 0.3, now: 18, unit: "percent", since: at("03:12:05"), evidence: [2] },
      { service: "payments", what: "p95 latency", before: 0.21, now: 4.8, unit: "second", since: at("03:11:40"), evidence: [3] },
    ],
    suspects: [
      {
        service: "payments",
        instance: null,
        fault: "latency",
        change: deploy,
        probability: 0.86,
        onset: at("03:11:40"),
        reasons: [
          { text: "First to move: p95 latency 210 ms → 4.8 s at 03:11:40.", evidence: [3], quote: null },
          { text: "96 % of checkout's failing traces end here.", evidence: [7], quote: null },
          { text: "Deployed 45 s before the onset.", evidence: [5], quote: null },
          {
            text: "New log pattern, 0 → 1,140 a minute.",
            evidence: [9],
            quote: "token cache miss for merchant 8812, refreshing synchronously",
          },
        ],
      },
      {
        service: "provider-gateway",
        instance: null,
        fault: "dependency",
        change: null,
        probability: 0.22,
        onset: at("03:12:30"),
        reasons: [{ text: "Traffic 3.1 times its baseline, but its own latency is flat.", evidence: [14], quote: null }],
      },
      {
        service: "cart",
        instance: "cart-5c6d-9qz",
        fault: null,
        change: null,
        probability: 0.05,
        onset: null,
        reasons: [{ text: "Errors rose, all of them in calls to checkout.", evidence: [2], quote: null }],
      },
    ],
    ruledOut: [
      { what: "orders-db", why: "no lock waits, CPU 12 %", evidence: [10] },
      { what: "traffic", why: "unchanged, 212 requests/s", evidence: [2] },
    ],
    consequences: [
      { service: "checkout", onset: at("03:12:05") },
      { service: "cart", onset: at("03:12:40") },
    ],
  },
  coverage: [
    { source: "Datadog metrics", status: "read", detail: null, tookMs: 900, evidence: [2, 3, 6] },
    { source: "Datadog logs", status: "sampled", detail: "5,000 of about 61,000 lines", tookMs: 2_400, evidence: [9] },
    { source: "Datadog traces", status: "read", detail: null, tookMs: 3_100, evidence: [7] },
    {
      source: "Sentry",
      status: "failed",
      detail: "Sentry: 403 for issues of acme/payments. Give the token `event:read` (docs/sentry.md).",
      tookMs: 310,
      evidence: [],
    },
    { source: "GitHub", status: "read", detail: null, tookMs: 640, evidence: [5] },
    { source: "PagerDuty", status: "empty", detail: "nothing found", tookMs: 200, evidence: [1] },
    { source: "feature flags", status: "not-configured", detail: "LAUNCHDARKLY_TOKEN", tookMs: null, evidence: [] },
  ],
  links: [
    { title: "Datadog metrics", url: "https://app.datadoghq.com/metric/explorer" },
    { title: "Datadog logs", url: "https://app.datadoghq.com/logs" },
  ],
  charts,
  runbooks: [
    {
      name: "payments-rollback",
      title: "Roll back payments",
      steps: ["Freeze deploys of payments.", "Run the pipeline “rollback” with the last good version.", "Watch checkout errors for 5 min."],
    },
  ],
};

const CHANNEL = "C0INCIDENTS";
const STATUS_TS = slackTs("03:12:21");

/** The end of the story. */
export const resolved = [
  "03:26:10.000",
  {
    type: "pager-event-received",
    eventType: "incident.resolved",
    occurredAt: at("03:26:08"),
    by: "Ana",
    text: "Ana resolved the page",
    page: { ...page, status: "resolved" },
  },
] as const satisfies readonly [string, IncidentEvent];

/** The story, each event with the clock at which midwatch logged it. */
export const story: readonly (readonly [string, IncidentEvent])[] = [
  ["03:12:20.400", { type: "page-received", page }],
  [
    "03:12:21.200",
    {
      type: "status-posted",
      channel: CHANNEL,
      ts: STATUS_TS,
      link: `https://acme.slack.com/archives/${CHANNEL}/p${STATUS_TS.replace(".", "")}`,
      text: "*checkout: Checkout error rate above 5 %* · P1 · PagerDuty #4821 · on call: Ana\nmidwatch is reading Datadog, Sentry, GitHub, PagerDuty",
    },
  ],
  [
    "03:12:21.300",
    {
      type: "triage-started",
      asOf: at("03:12:21"),
      window: { from: at("02:57:20"), to: at("03:12:21") },
      baseline: { from: at("00:57:20"), to: at("02:57:20") },
    },
  ],
  ["03:12:25.400", { type: "page-read", page }],
  ["03:12:25.500", finishedTriage],
  [
    "03:12:25.900",
    {
      type: "brief-posted",
      ts: slackTs("03:12:25"),
      text: "*What changed, what broke* (03:12, read in 4.1 s)\n1. *payments*: first to move.",
    },
  ],
  [
    "03:12:28.400",
    { type: "finding-posted", ts: slackTs("03:12:28"), text: "*Best suspect from the data alone*\npayments, deploy 9f2c1e4" },
  ],
  [
    "03:12:31.000",
    {
      type: "fix-proposed",
      kind: "revert",
      repository: "acme/shop",
      number: 2216,
      url: "https://github.com/acme/shop/pull/2216",
      branch: "midwatch/4821-revert-9f2c1e4",
      draft: true,
      title: "Revert “cache provider tokens per merchant”",
      body: "*Symptom* …",
      files: [{ path: "services/payments/token-cache.ts", before: "a", after: "b" }],
      base: { branch: "main", sha: "7ab0d2c1e5f60718293a4b5c6d7e8f9001122334" },
      commits: [{ sha: "c0ffee1c1e5f60718293a4b5c6d7e8f900112233", role: "fix" }],
    },
  ],
  ["03:12:31.200", { type: "investigation-finished", tookMs: 10_800 }],
  ["03:12:31.300", { type: "status-edited", text: "…", seen: 1 }],
  [
    "03:14:02.500",
    {
      type: "pager-event-received",
      eventType: "incident.acknowledged",
      occurredAt: at("03:14:02"),
      by: "Ana",
      text: "Ana acknowledged",
      page: { ...page, status: "acknowledged" },
    },
  ],
  [
    "03:15:40.300",
    {
      type: "slack-message-received",
      channel: CHANNEL,
      ts: slackTs("03:15:40"),
      threadTs: STATUS_TS,
      user: "Ana",
      text: "rolling payments back now, <https://ci.acme.dev/77|pipeline 77>",
    },
  ],
  ["03:16:02.000", { type: "slack-action-received", action: "right", value: "", user: "Ana", channel: CHANNEL }],
  [
    "03:21:30.000",
    {
      type: "pager-event-received",
      eventType: "incident.annotated",
      occurredAt: at("03:21:28"),
      by: "Ana",
      text: "Ana added a note: “payments is back on 7ab0d2e since 03:21:10”",
      page: null,
    },
  ],
  resolved,
];

/** Numbers events as the log does. */
export function logOf(events: readonly (readonly [string | number, IncidentEvent])[]): LoggedEvent[] {
  return events.map(([when, event], index) => ({ seq: index + 1, at: typeof when === "number" ? when : at(when), event }));
}

/** The story's log up to and with the first event of a type. */
export function logUntil(type: IncidentEvent["type"]): LoggedEvent[] {
  const index = story.findIndex(([, event]) => event.type === type);
  if (index < 0) throw new Error(`the story has no ${type}`);
  return logOf(story.slice(0, index + 1));
}

export const exampleLog = (): LoggedEvent[] => logOf(story);

/** The analysis of the story, for variations. */
export const exampleTriage = finishedTriage;

/** The ledger's answers of the story: E1 to E14. */
export function exampleEvidence(): (EvidenceEntry & { raw: string })[] {
  const sources = ["PagerDuty", "Datadog metrics", "Datadog metrics", "Datadog metrics", "GitHub", "Datadog metrics", "Datadog traces"];
  return Array.from({ length: 14 }, (_, index) => {
    const number = index + 1;
    const points = Array.from({ length: 120 }, (_unused, minute) => [at("01:12:00") + minute * 60_000, 0.2 + minute / 1000]);
    const logs = {
      data: Array.from({ length: 1_500 }, (_unused, line) => ({
        id: `AAAA${line}`,
        attributes: {
          service: "payments",
          status: "warn",
          message: `token cache miss for merchant ${8_000 + line}, refreshing synchronously`,
        },
      })),
    };
    const raw =
      number === 9
        ? JSON.stringify(logs)
        : JSON.stringify({ status: "ok", series: [{ metric: "trace.http.request", scope: "service:payments", pointlist: points }] });
    return {
      number,
      source: number === 9 ? "Datadog logs" : (sources[index] ?? "Datadog metrics"),
      query: number === 9 ? "service:payments status:(warn OR error)" : "p95:trace.http.request{env:prod} by {service}",
      from: number === 5 ? null : at("01:12:00"),
      to: number === 5 ? null : at("03:12:21"),
      link: `https://app.datadoghq.com/x?e=${number}`,
      cut: number === 9 ? "first 5,000 of about 61,000 lines" : null,
      length: raw.length,
      at: at("03:12:25"),
      raw,
    };
  });
}

/** Incidents in memory, with `append` to let one go on. */
export interface MemoryIncidents extends Incidents {
  append(id: string, ...events: LoggedEvent[]): void;
  /** Appends without telling listeners, as when a message between processes is lost. */
  appendUntold(id: string, ...events: LoggedEvent[]): void;
  /** Tells listeners without appending. */
  tellAgain(id: string, ...events: LoggedEvent[]): void;
  /** How many listeners there are, to see streams end. */
  listeners(): number;
}

export function memoryIncidents(logs: Record<string, LoggedEvent[]>, evidence = exampleEvidence()): MemoryIncidents {
  const store = new Map(Object.entries(logs));
  const listeners = new Set<{ id: string; listener: (event: LoggedEvent) => void }>();
  const tell = (id: string, events: readonly LoggedEvent[]) => {
    for (const one of listeners) if (one.id === id) for (const event of events) one.listener(event);
  };
  return {
    list: async () => [...store].map(([id, log]) => ({ id, status: toStatus(log) })),
    log: async (id) => store.get(id)?.slice() ?? null,
    subscribe: (id, listener) => {
      const one = { id, listener };
      listeners.add(one);
      return () => void listeners.delete(one);
    },
    evidence: async (id, number) => (store.has(id) ? (evidence.find((entry) => entry.number === number) ?? null) : null),
    evidenceIndex: async (id) => (store.has(id) ? evidence : []),
    audit: async () => null,
    append: (id, ...events) => {
      store.get(id)?.push(...events);
      tell(id, events);
    },
    appendUntold: (id, ...events) => void store.get(id)?.push(...events),
    tellAgain: (id, ...events) => tell(id, events),
    listeners: () => listeners.size,
  };
}

/** What a log line, a title or a name from outside may hold. */
export const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>'\u2028`;

/** Words of our own types; all other text may come from outside. */
const OWN_WORDS = new Set(["type", "status", "verdict", "kind", "pager", "urgency", "fault", "how"]);

/** The same data with hostile text in every string that may come from outside, and `javascript:` in every link. */
export function hostile<T>(data: T, text = HOSTILE): T {
  const spoil = (value: unknown, key: string): unknown => {
    if (typeof value === "string") {
      if (OWN_WORDS.has(key)) return value;
      return key === "url" || key === "link" ? "javascript:alert(3)" : `${value.slice(0, 8)}${text}`;
    }
    if (Array.isArray(value)) return value.map((item) => spoil(item, ""));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, spoil(item, name)]));
  };
  return spoil(data, "") as T;
}
