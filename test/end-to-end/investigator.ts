import { z } from "zod";
import type { Script, ScriptedBlock } from "../../src/replay/anthropic/server.ts";
import type { ModelApiRequest } from "../../src/replay/anthropic/request.ts";

const openingBlock = z.object({ type: z.literal("text"), text: z.string() });

/** What the request's first message says of the deploy that broke the service: its commit. */
function commitIn({ messages }: ModelApiRequest): string {
  const opening = openingBlock.parse(messages[0]?.content[0]).text;
  const commit = /deploy ts-basic-service@([0-9a-f]{7})/.exec(opening)?.[1];
  if (commit === undefined) throw new Error("the opening names no deploy of ts-basic-service");
  return commit;
}

const BROKEN = "[getRoutesByRouteIds][Get Route By Ids Failed]";
const FILE = "ts-basic-service/src/main/java/fdse/microservice/service/BasicServiceImpl.java";

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
          hypothesis(null, "the deploy of ts-basic-service ends its work early", "open", [], null),
          hypothesis(null, "ts-travel-service is at fault by itself", "open", [], null),
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
    ["datadog_metrics", { service: "ts-basic-service" }],
  ],
  () => [
    ["datadog_log_lines", { service: "ts-basic-service", query: "Failed" }],
    ["sentry_issues", {}],
    ["read_evidence", { evidence: 2, find: BROKEN }],
  ],
  () => [["datadog_spans", { service: "ts-travel-service" }]],
  () => [
    ["datadog_spans", { service: "ts-gateway-service" }],
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
    ["datadog_logs", { service: "ts-travel-service" }],
    [
      "hypotheses",
      {
        changes: [
          hypothesis(1, "the deploy of ts-basic-service ends its work early", "supported", [2], "its error began with it"),
          hypothesis(2, "ts-travel-service is at fault by itself", "ruled-out", [9], "it fails for want of ts-basic-service"),
        ],
      },
    ],
  ],
  (commit) => [
    [
      "submit_finding",
      {
        verdict: "incident",
        cause: `Since deploy ${commit} ts-basic-service answers without asking for routes.`,
        service: "ts-basic-service",
        instance: null,
        fault: "code",
        change: { id: commit, repository: "acme/train-ticket" },
        confidence: 0.9,
        causal_path: [
          { service: "ts-basic-service", what: "It gives up before it has the routes.", evidence: [2] },
          { service: "ts-gateway-service", what: "Its requests wait.", evidence: [1] },
        ],
        claims: [
          { text: "ts-basic-service logs that it failed to get routes.", evidence: [2], quotes: [{ text: BROKEN, evidence: 2 }] },
          {
            text: "ts-travel-service finds no instance of it.",
            evidence: [9],
            quotes: [{ text: "No instances available for ts-basic-service", evidence: 9 }],
          },
        ],
        ruled_out: [{ what: "ts-travel-service", why: "It fails only since ts-basic-service does.", evidence: [9] }],
        impact: null,
        fix: "revert",
        do_now: [{ step: "Roll ts-basic-service back.", runbook: "roll-back-a-deploy" }],
        missing: [],
      },
    ],
  ],
];

export const TURNS = ASKED.length;

/** Twelve turns on the recording of train-ticket, each a function of its request alone: asked again, it says the same, byte by byte. */
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
