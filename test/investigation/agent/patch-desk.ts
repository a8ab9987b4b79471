import { incidentEvents } from "../../../src/store/incident-store.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import type { Plan } from "../../../src/store/incident-store.ts";
import type { Json } from "../../../src/incident/model.ts";
import { openNodeHost } from "../../../src/durable/node-host.ts";
import type { Page } from "../../../src/incident/page.ts";
import type { PatchDraft } from "../../../src/incident/fix.ts";
import { fixWorkOf } from "../../../src/incident/fix-work.ts";
import { type IncidentView, viewOf } from "../../../src/incident/view.ts";
import { createModel, toToolSchema } from "../../../src/integrations/anthropic/client.ts";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { githubTools } from "../../../src/integrations/github/tools/index.ts";
import { type Agent, createAgent } from "../../../src/investigation/agent/agent.ts";
import { DEFAULT_LIMITS, DEFAULT_SHARED_LIMITS, type Limits, LIST_PRICES } from "../../../src/investigation/agent/budget.ts";
import { evidenceMigrations } from "../../../src/store/evidence.ts";
import type { PreparePatch } from "../../../src/investigation/agent/judge-patch.ts";
import { TOKEN } from "../../support/github/github.ts";

export const REPOSITORY = "acme/shop";
export const CACHE = "payments/src/cache.ts";
export const TEST = "payments/test/cache.test.ts";
const MINUTE = 60_000;
const AT = Date.parse("2026-05-01T10:00:00Z");

/** A small service whose cache never hits. */
export const FILES = {
  "AGENTS.md": "Tests beside the code's folder. Run them with `npm test`.\n",
  [CACHE]:
    "// What it misses is read from payments-db.\nexport class TokenCache {\n\tget(merchant: string, request: string) {\n\t\treturn this.entries.get(`${merchant}:${request}`);\n\t}\n}\n",
  [TEST]: 'test("a miss asks the provider", () => {});\n',
} as const;

const page: Page = {
  pager: "pagerduty",
  id: "Q1",
  number: 1,
  title: "payments is slow",
  details: "",
  status: "triggered",
  urgency: "high",
  priority: null,
  createdAt: AT,
  service: { id: "P1", name: "payments" },
  assignees: [],
  link: null,
};

/** @param deployed commit of payments that was deployed, where one was */
const triaged = (deployed: string | null): readonly IncidentEvent[] => [
  {
    type: "triage-started",
    asOf: AT,
    window: { from: AT - 30 * MINUTE, to: AT },
    baseline: { from: AT - 90 * MINUTE, to: AT - 30 * MINUTE },
  },
  {
    type: "triage-finished",
    analysis: { verdict: "inconclusive", because: "made up", onset: null, symptoms: [], suspects: [], ruledOut: [], consequences: [] },
    digest: "payments is slow.",
    coverage: [],
    tookMs: 1,
    calls: 0,
    links: [],
    charts: [],
    runbooks: [],
    changes:
      deployed === null
        ? []
        : [
            {
              kind: "deploy",
              at: AT - 20 * MINUTE,
              service: "payments",
              title: "Key by request",
              sha: deployed,
              previousSha: null,
              version: null,
              repository: REPOSITORY,
              pullRequest: null,
              author: null,
              files: null,
              link: null,
              evidence: 1,
            },
          ],
  },
];

/** What a desk is opened with. Plain data but for `prepare` and `now`, so that a process of its own can open one. */
export interface DeskOptions {
  readonly modelUrl: string;
  readonly modelKey: string;
  readonly githubUrl: string;
  /** null: nobody checks patches. */
  readonly prepare: PreparePatch | null;
  readonly database?: string;
  /** Commit that production runs, as triage has seen it. */
  readonly deployed?: string;
  readonly limits?: Partial<Limits>;
  readonly now?: () => number;
  /** What the plan does when no work on a patch is under way, beside beginning the first. */
  readonly then?: (agent: Agent, log: readonly LoggedEvent[]) => ReturnType<Plan>;
}

/** The agent on one incident, with a plan that knows no more than the finding and the patch. */
export interface PatchDesk extends AsyncDisposable {
  readonly agent: Agent;
  readonly incident: string;
  begin(): Promise<void>;
  /** The log up to the first event that fits. */
  until(fits: (logged: LoggedEvent) => boolean): Promise<readonly LoggedEvent[]>;
  /** The log once the work on a patch has ended. */
  ended(): Promise<readonly LoggedEvent[]>;
  log(): Promise<readonly LoggedEvent[]>;
  view(): Promise<IncidentView>;
  say(text: string): Promise<void>;
  close(): Promise<void>;
}

export const freshStore = (): string => join(mkdtempSync(join(tmpdir(), "midwatch-patch-")), "midwatch.db");

/** A patch as code would have it, of what was proposed. */
export const draftOf: PreparePatch = async ({ finding }, proposal) => {
  const draft: PatchDraft = {
    repository: REPOSITORY,
    base: { branch: "main", sha: "c0ffee0".repeat(5), tree: "beef".repeat(10) },
    service: finding.service,
    title: proposal.title,
    cause: proposal.cause,
    change: proposal.change,
    notChanged: proposal.not_changed,
    risk: proposal.risk,
    rollBack: proposal.roll_back,
    notChecked: proposal.not_checked,
    test: proposal.test,
    noTestBecause: proposal.no_test_because,
    files: proposal.edits.map(({ path, role, search, replace }) => ({ path, role, mode: "100644", before: search, after: replace })),
    lines: proposal.edits.length,
    evidence: proposal.evidence,
  };
  return { status: "drafted", draft };
};

export function openPatchDesk(options: DeskOptions): PatchDesk {
  const { modelUrl, modelKey, githubUrl, prepare, now = Date.now } = options;
  const model = createModel({
    baseUrl: modelUrl,
    apiKey: modelKey,
    model: "claude-opus-5-5",
    fetch,
    // Waits between tries are the client's own affair.
    sleep: () => Promise.resolve(),
  });
  const github = createGithubClient({ baseUrl: githubUrl, auth: { token: TOKEN }, fetch, sleep: () => Promise.resolve() });
  const agent = createAgent({
    model: { call: model.turn, name: "claude-opus-5-5", effort: "medium" },
    followUpModel: "claude-haiku-5-5",
    tools: () => githubTools(github),
    toSchema: toToolSchema,
    question: (trigger, windows) => ({
      trigger,
      service: "payments",
      services: [
        { name: "payments", names: { github: { repository: REPOSITORY, path: "payments" } } },
        { name: "ledger", names: { github: { repository: "acme/ledger", path: "" } } },
        { name: "payments-db", names: {} },
      ],
      nameOf: (name) => name,
      kindOf: () => "other",
      environment: null,
      signals: [],
      ...windows,
    }),
    skillIndex: () => "",
    runbooks: () => "",
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    shared: DEFAULT_SHARED_LIMITS,
    prices: LIST_PRICES,
    hosts: [],
    ...(prepare === null ? {} : { preparePatch: prepare }),
  });
  const plan: Plan = (log, at) => {
    const view = viewOf(log);
    if (view.triage === null) return null;
    const work = agent.next(log, view, at);
    if (work !== null) return work;
    const said = log.findLastIndex(({ event }) => event.type === "finding-posted");
    const closed = log.findLastIndex(({ event }) => event.type === "investigation-closed");
    if (closed > said) return { id: "finding", run: async () => [{ type: "finding-posted", ts: "1.1", text: "posted" }] };
    if (agent.fix === null || view.investigation?.finding?.fix !== "patch") return null;
    const fix = fixWorkOf(log);
    if (fix === null) return agent.fix.start(1);
    return agent.fix.next(log, view, at) ?? options.then?.(agent, log) ?? null;
  };
  const host = openNodeHost({
    events: incidentEvents,
    path: options.database ?? freshStore(),
    plan,
    onError: () => undefined,
    migrations: [evidenceMigrations],
    now,
  });
  const incident = "pd-Q1";
  let told = 0;
  const until = async (fits: (logged: LoggedEvent) => boolean) => {
    const log: LoggedEvent[] = [];
    for await (const logged of host.follow(incident, 0, AbortSignal.timeout(120_000))) {
      log.push(logged);
      if (fits(logged)) return log;
    }
    throw new Error(`not seen; the last was ${JSON.stringify(log.at(-1) ?? "nothing").slice(0, 800)}`);
  };
  return {
    agent,
    incident,
    begin: async () => {
      await host.receive({
        deliveryId: "d1",
        eventId: "e1",
        eventType: "incident.triggered",
        occurredAt: AT,
        incident: { id: incident, pagerId: page.id, title: page.title, event: { type: "page-received", page } },
      });
      await host.tell(incident, triaged(options.deployed ?? null), "triage");
    },
    until,
    ended: () => until(({ event }) => event.type === "fix-work-closed"),
    log: () => host.read(incident),
    view: async () => viewOf(await host.read(incident)),
    say: async (text) => {
      const ts = `2.${++told}`;
      await host.tell(incident, [{ type: "slack-message-received", channel: "C1", ts, threadTs: "1.0", user: "U1", text }], `said ${ts}`);
    },
    close: () => host.close(),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

/** A finding that holds once the cache's file was read as E1. */
export const finding: { readonly [key: string]: Json } = {
  verdict: "incident",
  cause: "The cache of payments never hits, for its key holds the request",
  service: "payments",
  instance: null,
  fault: "code",
  change: null,
  confidence: 0.8,
  causal_path: [{ service: "payments", what: "Each call misses the cache.", evidence: [1] }],
  claims: [
    {
      text: "The key holds the request",
      evidence: [1],
      quotes: [{ text: "return this.entries.get(`${merchant}:${request}`);", evidence: 1 }],
    },
  ],
  ruled_out: [],
  impact: null,
  cause_evidence: [],
  do_now: [],
  fix: "patch",
  missing: [],
};

/** A patch of it. */
export const proposal = {
  decline: null,
  title: "Key the token cache by merchant",
  cause: "The key holds the request, so no entry is ever found again.",
  change: "The key is the merchant.",
  not_changed: "How long tokens live.",
  risk: "None seen.",
  roll_back: "Revert the commit.",
  not_checked: "Load of the provider.",
  test: { name: "a second request hits", command: "npm test" },
  no_test_because: null,
  evidence: [1],
  edits: [
    {
      path: TEST,
      role: "test",
      search: 'test("a miss asks the provider", () => {});',
      replace: 'test("a miss asks the provider", () => {});\ntest("a second request hits", () => {});',
      delete: false,
    },
    { path: CACHE, role: "fix", search: "`${merchant}:${request}`", replace: "merchant", delete: false },
  ],
} satisfies { readonly [key: string]: Json };
