import { z } from "zod";
import type { Script, ScriptedBlock } from "../../src/replay/anthropic/server.ts";
import type { ModelApiRequest } from "../../src/replay/anthropic/request.ts";

const openingBlock = z.object({ type: z.literal("text"), text: z.string() });

/** What the request's first message says of the deploy that broke the service: its commit. */
function commitIn({ messages }: ModelApiRequest): string {
  const opening = openingBlock.parse(messages[0]?.content[0]).text;
  const commit = /deploy orders@([0-9a-f]{7})/.exec(opening)?.[1];
  if (commit === undefined) throw new Error("the opening names no deploy of orders");
  return commit;
}

const BROKEN = "payments did not answer within 2 ms";
const FILE = "orders/config/production.json";

type Calls = readonly (readonly [tool: string, input: Extract<ScriptedBlock, { tool: string }>["input"]])[];

const hypothesis = (id: number | null, claim: string, status: string, evidence: number[], because: string | null) => ({
  id,
  claim,
  status,
  evidence,
  because,
});

/** The questions of each turn. E1 to E13 are those of triage. */
const ASKED: readonly ((commit: string) => Calls)[] = [
  () => [
    [
      "hypotheses",
      {
        changes: [
          hypothesis(null, "the deploy of orders gives payments no time", "open", [], null),
          hypothesis(null, "payments is at fault by itself", "open", [], null),
        ],
      },
    ],
    ["read_skill", { name: "triage-method" }],
  ],
  () => [
    ["datadog_logs", {}],
    ["github_changes", {}],
  ],
  (commit) => [["github_diff", { commit }]],
  () => [
    ["datadog_trace", {}],
    ["datadog_metrics", { service: "orders" }],
  ],
  () => [
    ["datadog_log_lines", { service: "orders", query: "cancelled" }],
    ["sentry_issues", {}],
    ["read_evidence", { evidence: 2, find: BROKEN }],
  ],
  () => [["datadog_spans", { service: "payments" }]],
  () => [
    ["datadog_spans", { service: "web" }],
    ["pagerduty_incident", {}],
  ],
  () => [
    ["datadog_events", {}],
    ["datadog_monitors", {}],
  ],
  () => [
    ["github_file", { path: FILE }],
    ["github_file_history", { path: FILE }],
  ],
  () => [["pagerduty_related", {}]],
  () => [
    ["datadog_logs", { service: "payments" }],
    [
      "hypotheses",
      {
        changes: [
          hypothesis(1, "the deploy of orders gives payments no time", "supported", [2], "its error began with it"),
          hypothesis(2, "payments is at fault by itself", "ruled-out", [9], "it answers as before"),
        ],
      },
    ],
  ],
  (commit) => [
    [
      "submit_finding",
      {
        verdict: "incident",
        cause: "Since its deploy orders gives payments no time to answer.",
        service: "orders",
        instance: null,
        fault: "code",
        change: { id: commit, repository: "acme/shop" },
        confidence: 0.9,
        causal_path: [
          { service: "orders", what: "It gives up before payments has answered.", evidence: [2] },
          { service: "web", what: "Its requests fail.", evidence: [1] },
        ],
        claims: [
          { text: "orders logs that payments did not answer.", evidence: [2], quotes: [{ text: BROKEN, evidence: 2 }] },
          {
            text: "orders reports that payments is too late.",
            evidence: [9],
            quotes: [{ text: BROKEN, evidence: 9 }],
          },
        ],
        ruled_out: [{ what: "payments", why: "It is not given the time to answer.", evidence: [9] }],
        impact: null,
        fix: "revert",
        do_now: [{ step: "Roll orders back.", runbook: "roll-back-a-deploy" }],
        missing: [],
      },
    ],
  ],
];

export const TURNS = ASKED.length;

/** Twelve turns on the recording of a timeout that is too short, each a function of its request alone: asked again, it says the same, byte by byte. */
export const investigator: Script = ({ body }, turn) => {
  const calls = ASKED[turn]?.(commitIn(body)) ?? [];
  if (calls.length === 0) throw new Error(`asked for a turn ${turn + 1} of ${TURNS}`);
  return {
    blocks: [
      { thinking: `Turn ${turn + 1}.` },
      ...calls.map(([tool, input], index) => ({ tool, input, id: `toolu_turn${turn + 1}call${index + 1}` })),
    ],
  };
};
