import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { ModelFinding } from "../../src/incident/finding.ts";
import type { Json } from "../../src/incident/model.ts";
import type { ToolAnswer } from "../../src/incident/tool.ts";
import { logOf, logUntil } from "./example-log.ts";

/** A model's work in the invented night of `example-log.ts`. */
type Of<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>;
type Clocked = readonly [string, IncidentEvent];

export const started = (round = 1): Of<"investigation-started"> => ({
  type: "investigation-started",
  round,
  model: "claude-example",
  system: "",
  tools: [],
  opening: "",
});

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input?: Json;
  readonly fact: string;
  readonly evidence?: readonly number[];
  readonly failed?: boolean;
}

/** A turn that asks for these calls; with none it only speaks. */
export const turn = (calls: readonly Call[], cost = 0.02): Of<"model-turn"> => ({
  type: "model-turn",
  seen: 0,
  model: "claude-example",
  content: [],
  toolUses: calls.map(({ id, name, input = {} }) => ({ id, name, input, whole: true })),
  text: "",
  stopReason: calls.length === 0 ? "end_turn" : "tool_use",
  usage: {
    inputTokens: 400,
    cacheReadTokens: 18_000,
    cacheWrite5mTokens: 1_600,
    cacheWrite1hTokens: 0,
    outputTokens: 700,
    thinkingTokens: 300,
  },
  cost,
  tookMs: 9_000,
});

export const answered = (calls: readonly Call[]): Of<"tools-answered"> => ({
  type: "tools-answered",
  answers: calls.map(({ id, name, fact, evidence = [], failed = false }): ToolAnswer => ({
    id,
    name,
    fact,
    evidence,
    failed,
    view: fact,
    tookMs: 420,
  })),
  note: null,
});

export const finding: ModelFinding = {
  verdict: "incident",
  cause: "TokenCache.get keys by merchant and request id since #2210, so it never hits and each payment waits for a token call.",
  cause_evidence: [11],
  service: "payments",
  instance: null,
  fault: "code",
  change: { id: "9f2c1e4d5b6a79881726354433221100ffeeddcc", repository: "acme/shop" },
  confidence: 0.86,
  causal_path: [
    { service: "payments", what: "token cache hits fell to 0 %, p95 210 ms → 4.8 s", evidence: [3, 13] },
    { service: "checkout", what: "times out after 5 s, errors 0.3 % → 18 %", evidence: [2, 8] },
  ],
  claims: [
    {
      text: "The diff of #2210 puts the request id into the cache's key.",
      evidence: [11],
      quotes: [{ text: "const key = `${merchant}:${requestId}`", evidence: 11 }],
    },
    {
      text: "1,140 cache misses a minute, before none.",
      evidence: [9],
      quotes: [{ text: "token cache miss for merchant 8812, refreshing synchronously", evidence: 9 }],
    },
  ],
  ruled_out: [
    { what: "provider outage", why: "its own latency is flat", evidence: [14] },
    { what: "orders-db", why: "no lock waits", evidence: [10] },
  ],
  impact: { text: "18 % of checkouts fail since 03:12, flat since 03:16.", evidence: [2] },
  fix: "revert",
  do_now: [
    { step: "Roll back payments to 7ab0d2e.", runbook: "payments-rollback", evidence: [] },
    { step: "Do not restart the database: it is idle.", runbook: null, evidence: [10] },
  ],
  missing: [{ what: "feature flags of payments", who: "the payments team", evidence: [] }],
};

export const inconclusive: ModelFinding = {
  ...finding,
  verdict: "inconclusive",
  cause: "Inconclusive: search errors began at 11:02 with no change near it; node 7's disk and a hot shard are left.",
  change: null,
  fault: null,
  confidence: 0.4,
  causal_path: [],
};

export const calm: ModelFinding = {
  ...finding,
  verdict: "nothing-wrong",
  cause: "CPU of orders-db touched 82 % for two minutes, as on each of the last 6 nights (backup).",
  change: null,
  fault: null,
  causal_path: [],
  impact: null,
  fix: "none",
  do_now: [{ step: "Raise the monitor's window to 5 min.", runbook: null }],
};

export const submitted = (of = finding, dropped: readonly string[] = []): Of<"finding-submitted"> => ({
  type: "finding-submitted",
  finding: of,
  dropped,
});

export const closed = (
  how: Of<"investigation-closed">["how"] = "submitted",
  because = "the finding was handed in",
  retry = false,
): Of<"investigation-closed"> => ({ type: "investigation-closed", how, because, retry });

const change = (claim: string | null, id: number | null, status: string, evidence: readonly number[], because: string | null) => ({
  id,
  claim,
  status,
  evidence,
  because,
});

export const firstCalls: readonly Call[] = [
  {
    id: "t1",
    name: "hypotheses",
    input: {
      changes: [
        change("the deploy 9f2c1e4 broke the token cache", null, "open", [], null),
        change("the provider is slow", null, "open", [], null),
      ],
    },
    fact: "2 hypotheses",
  },
  { id: "t2", name: "github_diff", input: { pull: 2210 }, fact: "#2210 changes 4 files, token-cache.ts most (+12 -3)", evidence: [11] },
  { id: "t3", name: "sentry_issues", fact: "Sentry could not be read: 403 for issues of acme/payments", failed: true },
];

const secondCalls: readonly Call[] = [
  { id: "t4", name: "datadog_metrics", fact: "cache hits of payments 96 % → 0 % at 03:11", evidence: [13] },
  { id: "t5", name: "datadog_metrics", fact: "provider latency 38 ms → 39 ms", evidence: [14] },
  {
    id: "t6",
    name: "hypotheses",
    input: {
      changes: [
        change(null, 1, "supported", [11], "the key holds the request id"),
        change(null, 2, "ruled-out", [7], "96 % of failing traces end in payments"),
      ],
    },
    fact: "2 hypotheses",
  },
];

const lastCalls: readonly Call[] = [{ id: "t7", name: "submit_finding", fact: "finding accepted" }];

/** After the brief: the model looks, in two turns. */
export const looked: readonly Clocked[] = [
  ["03:12:26.000", started()],
  ["03:12:38.000", turn(firstCalls)],
  ["03:12:41.000", answered(firstCalls)],
  ["03:12:52.000", turn(secondCalls)],
  ["03:12:55.000", answered(secondCalls)],
];

/** And hands in what it found. */
export const handedIn = (of = finding, dropped: readonly string[] = []): readonly Clocked[] => [
  ...looked,
  ["03:13:06.000", turn(lastCalls)],
  ["03:13:07.000", answered(lastCalls)],
  ["03:13:07.100", submitted(of, dropped)],
  ["03:13:07.200", closed()],
  ["03:13:08.000", { type: "finding-posted", ts: "1763867588.000100", text: "*Cause*" }],
];

/** The night up to the brief, then these events. The model's evidence is in the ledger's coverage from the start. */
export function nightWith(events: readonly Clocked[]): LoggedEvent[] {
  const before = logUntil("brief-posted");
  return [...before, ...logOf(events).map(({ seq, ...rest }) => ({ ...rest, seq: before.length + seq }))];
}

/** A provider that answers 529, asked four times. */
export const providerFailed = (retry: boolean): readonly Clocked[] => {
  const because = retry ? "Claude is overloaded (529)." : "the API key is not accepted (401)";
  return [
    ["03:12:26.000", started()],
    ["03:12:50.000", { type: "step-failed", step: "model-turn:1", error: because, attempt: 4, final: true }],
    ["03:12:50.100", closed("provider", because, retry)],
    ["03:12:51.000", { type: "finding-posted", ts: "1763867571.000100", text: "*From the data alone*" }],
  ];
};
