import type { CheckContext, CheckLedger } from "../../../src/investigation/check/check-context.ts";
import type { SubmittedFinding } from "../../../src/investigation/check/submitted-finding.ts";
import type { ChangeEvent } from "../../../src/incident/telemetry.ts";

const at = (clock: string) => Date.parse(`2026-03-14T${clock}Z`);
const minute = (index: number) => at("03:00:00") + index * 60_000;

/** p95 of three services in seconds, as Datadog's v2 query answers; payments leaves its 0.21 s at 03:11. */
const p95 = [
  { service: "payments", values: [0.21, 0.208, 0.212, 4.823, 4.79, 4.81] },
  { service: "checkout", values: [0.355, 0.351, 0.349, 0.36, 5.002, 5.004] },
  { service: "orders-db2", values: [0.0121, 0.0119, 0.0122, 0.012, 0.0121, 0.0118] },
];
const latency = JSON.stringify({
  data: {
    type: "timeseries_response",
    attributes: {
      series: p95.map(({ service }) => ({
        group_tags: [`service:${service}`],
        query_index: 0,
        unit: [{ family: "time", name: "second", short_name: "s" }, null],
      })),
      times: p95[0]?.values.map((_, index) => minute(8 + index)),
      values: p95.map(({ values }) => values),
    },
  },
});

const logs = [
  { time: "03:11:42.310", message: 'token cache miss for merchant "m-4411", refreshing synchronously\n\tat TokenCache.get (cache.ts:88)' },
  { time: "03:11:43.007", message: "provider call took 4402 ms, pool 50/50 in use" },
  { time: "03:12:05.120", message: "POST /pay → 504 “upstream timed out” after 5000 ms; retry not attempted" },
  { time: "03:12:09.480", message: '{"level":"error","msg":"charge failed: \\"card_token\\" is stale","attempt":3}' },
];

const logAnswer = JSON.stringify({
  data: logs.map(({ time, message }, index) => ({
    id: `AQ${index}`,
    attributes: { service: "payments", host: "payments-7", status: "error", timestamp: `2026-03-14T${time}Z`, message },
  })),
  meta: { page: { after: null } },
});

const deploys = JSON.stringify([
  {
    id: 9912,
    sha: "9f2c1e4b7ad05c3e8f10a2b4c6d8e0f123456789",
    ref: "v2.14.0",
    environment: "production",
    created_at: "2026-03-14T03:10:55Z",
    payload: { service: "payments", pull_request: { number: 2210, changed_files: 4 } },
  },
]);

const diff = `diff of payments 9f2c1e4b7ad05c3e8f10a2b4c6d8e0f123456789 (#2210)
--- a/src/cache.ts
+++ b/src/cache.ts
@@ -85,6 +85,6 @@
-  return this.entries.get(merchant);
+  return this.entries.get(merchant + ":" + request.id);`;

const errors = `time,service,errors_per_minute
2026-03-14T03:10:00Z,checkout,0.31 %
2026-03-14T03:11:00Z,checkout,0.29 %
2026-03-14T03:12:00Z,checkout,18.2 %
2026-03-14T03:13:00Z,checkout,18.4 %
heap of checkout 1.5 GiB of 4 GiB, 12 restarts: 0`;

const database = JSON.stringify({
  service: "orders-db2",
  lock_wait_ms: { max: 3.2 },
  lock_wait_max_ms: 3.2,
  connections: { in_use_count: 41, limit_count: 200 },
  cpu_pct: 17.5,
  buffer_hit_ratio: 0.994,
  memory_bytes: 6_442_450_944,
  checked_at: "2026-03-14T03:13:30Z",
});

const answers: readonly { query: string; raw: string; views: readonly string[] }[] = [
  {
    query: "p95:trace.http.request{env:prod} by {service}",
    raw: latency,
    views: [
      "E1 p95 latency by service, 03:08 to 03:13\npayments 210 ms → 4.82 s at 03:11:00, ×23\ncheckout 350 ms → 5 s at 03:12:00, ×14.3\norders-db2 12.1 ms, unchanged",
    ],
  },
  {
    query: "service:payments status:error",
    raw: logAnswer,
    views: ["E2 payments, errors: 1,140/min since 03:11:40 (before: 3/min), 96 % are `token cache miss for merchant <id>`"],
  },
  {
    query: "deploys of payments to production",
    raw: deploys,
    views: ["E3 payments: v2.14.0 (9f2c1e4, #2210) went live at 03:10:55, 5 s before the onset"],
  },
  { query: "diff payments 9f2c1e4", raw: diff, views: ["E4 1 of 4 files of #2210"] },
  {
    query: "errors of checkout per minute",
    raw: errors,
    views: ["E5 checkout errors 0.3 % → 18.2 % at 03:12:00, about 2,300 requests failed"],
  },
  { query: "state of orders-db2", raw: database, views: ["E6 orders-db2: 41 of 200 connections, CPU 17.5 %, longest lock wait 3.2 ms"] },
];

/** Six made-up answers: metrics, logs, deploys, a diff, a table in text, a database's state. */
export const ledger: CheckLedger = {
  entry: (number) => {
    const answer = answers[number - 1];
    return answer === undefined ? null : { source: "made up", query: answer.query, from: minute(0), to: minute(20) };
  },
  raw: (number) => Promise.resolve(answers[number - 1]?.raw ?? null),
  views: (number) => answers[number - 1]?.views ?? [],
};

const change = (sha: string, version: string, time: string, kind: ChangeEvent["kind"] = "deploy"): ChangeEvent => ({
  kind,
  at: at(time),
  service: "payments",
  title: "cache provider tokens per merchant",
  sha,
  previousSha: null,
  version,
  repository: "acme/payments",
  author: "ana",
  pullRequest:
    version === "v2.14.0"
      ? { number: 2210, title: "cache provider tokens per merchant", url: "https://github.com/acme/payments/pull/2210" }
      : null,
  files: null,
  link: null,
  evidence: 3,
});

export const GUILTY = "9f2c1e4b7ad05c3e8f10a2b4c6d8e0f123456789";
/** Live after the onset. */
export const LATE = "c0ffee1234567890c0ffee1234567890c0ffee12";
/** Live before it; its diff was not read. */
export const UNREAD = "0badcafe234567890badcafe234567890badcafe";
/** Merged, never deployed. */
export const MERGED = "abad1dea34567890abad1dea34567890abad1dea";

export const context: CheckContext = {
  pagedService: "checkout",
  pagedAt: at("03:12:20"),
  onset: at("03:11:00"),
  services: [
    { name: "payments", aliases: ["payments-api"] },
    { name: "checkout", aliases: [] },
    { name: "orders-db2", aliases: [] },
  ],
  changes: [
    change(GUILTY, "v2.14.0", "03:10:55"),
    change(LATE, "v2.14.1", "03:14:00"),
    change(UNREAD, "v2.13.9", "03:02:00"),
    change(MERGED, "v2.15.0", "03:05:00", "pull-request"),
  ],
  diffsRead: [GUILTY],
  alternatives: [{ service: "orders-db2", change: null, probability: 0.2 }],
  names: [],
  hosts: ["app.datadoghq.com"],
  runbooks: ["payments/rollback"],
};

/** A finding of which every word holds. */
export const trueFinding: SubmittedFinding = {
  verdict: "incident",
  cause: "Deploy v2.14.0 of payments keys the token cache by request, so p95 went from 210 ms to 4.8 s",
  cause_evidence: [1, 3],
  service: "payments",
  instance: "payments-7",
  fault: "code",
  change: { id: "9f2c1e4", repository: "acme/payments" },
  confidence: 0.86,
  causal_path: [
    { service: "payments", what: "p95 210 ms → 4.82 s at 03:11", evidence: [1] },
    { service: "checkout", what: "errors 0.3 % → 18 % at 03:12", evidence: [5] },
  ],
  claims: [
    {
      text: "payments is slow since 03:11: p95 210 ms → 4.8 s",
      evidence: [1],
      quotes: [],
    },
    {
      text: "Each payment misses the token cache, 1,140/min since 03:11:40",
      evidence: [2],
      quotes: [
        { text: 'token cache miss for merchant "m-4411", refreshing synchronously', evidence: 2 },
        { text: "provider call took 4402 ms, pool 50/50 in use", evidence: 2 },
      ],
    },
    {
      text: "The diff of 9f2c1e4 (#2210) puts the request into the key of the cache",
      evidence: [3, 4],
      quotes: [{ text: 'return this.entries.get(merchant + ":" + request.id);', evidence: 4 }],
    },
    { text: "checkout fails 18.4 % of its requests", evidence: [5], quotes: [] },
  ],
  ruled_out: [{ what: "orders-db2", why: "CPU 17.5 % and 41 of 200 connections, locks wait 3.2 ms at most", evidence: [6] }],
  impact: { text: "18 % of checkouts fail since 03:12, about 2,300 so far", evidence: [5] },
  do_now: [{ step: "Roll back payments from v2.14.0, 5 min", runbook: "payments/rollback", evidence: [3] }],
  fix: "revert",
  missing: [{ what: "feature flags", who: "platform on call", evidence: [] }],
};
