import type { IncidentEvent } from "../incident/event.ts";
import { incidentEvents } from "../store/incident-store.ts";
import { flushCompileCache } from "node:module";
import { auditCalls } from "../store/audit-calls.ts";
import { accessOf, incidentLinksOf, revealingOf } from "../access/page-access.ts";
import type { Access } from "../access/access.ts";
import { createApp } from "../app.ts";
import type { Catalog } from "../catalog.ts";
import { type Config, isLoopback, LOOPBACK, parseConfig, withoutModel } from "../config.ts";
import type { Redaction } from "../guard/redact.ts";
import { EndingError, IntegrationError } from "../guard/errors.ts";
import type { Fetch, OnCall } from "../guard/outgoing.ts";
import { type NodeHost, openNodeHost } from "../durable/node-host.ts";
import type { AuditHead, AuditLog } from "../durable/audit.ts";
import { keepDeletions } from "./keep-deletions.ts";
import { keepRetention } from "./keep-retention.ts";
import { retentionOf } from "../store/retention.ts";
import { incidentTables } from "./store-tables.ts";
import { type HiddenValueQueries, hiddenValueQueries } from "../store/hidden-values.ts";
import { onOneLine } from "../report/tool-view.ts";
import { createErrorReporter } from "../integrations/sentry/report-errors.ts";
import { loadCatalog, loadRedaction, networkOf, readEnvironment, reportSkills, reportSlips } from "./environment.ts";
import { openHttpServer } from "./http-server.ts";
import { giveBackOnceIdle, keepHeapsSmall } from "./idle-heap.ts";
import { interrupted } from "./interrupt.ts";
import { keepChannelsKnown } from "./known-channels.ts";
import { machineLimitMb, memoryPlan } from "./memory.ts";
import { createSlackIntake } from "../slack/slack-intake.ts";
import { reportVendors } from "../integrations/clients.ts";
import type { Vendor } from "../integrations/vendor.ts";
import { vendors as allVendors } from "../integrations/vendors.ts";
import { intakes as allIntakes } from "../intake/index.ts";
import type { Intake } from "../intake/intake.ts";
import { type ScheduledTrigger, scheduledTriggers, schedulesOf } from "../intake/schedule.ts";
import { type Operations, openOperations } from "./operations/operations.ts";
import { type LogAbout, openOperatorLog, type OperatorLog } from "./operations/operator-log.ts";
import { openTracing } from "./operations/tracing.ts";
import { probesOf } from "./operations/probes.ts";
import { trafficOf } from "../look-parts.ts";
import { createMidwatch, type Midwatch, type Surroundings } from "../midwatch.ts";
import { storeRedaction } from "../store/redaction.ts";
import { openTriageThread } from "./triage.ts";
import { loadVendorFiles } from "./vendor-files.ts";
import { openSkillFolders } from "./skills.ts";
import { drawPng } from "./chart-png.ts";
import { clientAddress } from "./client-address.ts";
import { parseCode } from "./code-parser.ts";
import { parseSql } from "./sql-parser.ts";
import { type PageQueries, pageQueries, storeIncidents } from "../web/store-incidents.ts";
import { createWeb } from "../web/web.ts";

const pageHosts = ({ PUBLIC_URL: url }: Config): string[] => [...LOOPBACK, ...(url === undefined ? [] : [new URL(url).hostname])];

type StoreQueries = PageQueries & HiddenValueQueries;
const storeQueries: StoreQueries = { ...pageQueries, ...hiddenValueQueries };

export interface NodeOptions {
  readonly config: Config;
  readonly catalog: Catalog;
  /** Default: all of `integrations/vendors.ts`. The triage thread always has those. */
  readonly vendors?: readonly Vendor[];
  /** Default: all of `intake/index.ts`. The triage thread, which hears no pager, always has those. */
  readonly intakes?: readonly Intake[];
  readonly log: OperatorLog;
  readonly fetch?: Fetch;
  readonly onCall?: OnCall;
  /** Default: all that the list has. */
  readonly scheduled?: readonly ScheduledTrigger[];
  /** Triage in a thread of its own, which reads the settings' catalog and uses the global fetch: for a process that has webhooks to answer. */
  readonly triageThread?: boolean;
  /** Clock, waits, pictures and triage other than this machine's own: for a rehearsal, whose hours must not take hours. */
  readonly instead?: Partial<
    Pick<
      Surroundings,
      | "now"
      | "sleep"
      | "random"
      | "timeoutMs"
      | "modelWaits"
      | "look"
      | "library"
      | "ciWaits"
      | "redaction"
      | "slackLimits"
      | "traffic"
      | "drawPng"
    >
  >;
}

/** midwatch, running on this machine. */
export interface Running {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly midwatch: Midwatch;
  readonly store: NodeHost<IncidentEvent, StoreQueries>;
  readonly operations: Operations;
  /** Loads the heavy libraries ahead of the first page, and looks up where its words go; from then on that stays known. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Gives way to whatever waits, webhooks first of all. One waiter goes on per turn of the event loop: were they all let go at once, the pieces of
 * several investigations would add up to one long one.
 */
function createYield(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}

/** Errors go to the log; those of midwatch's own also to where SENTRY_DSN says. */
async function openErrorReports(
  config: Config,
  { log, onCall, ...calling }: { fetch: Fetch; redact: (text: string) => string; onCall: OnCall; log: OperatorLog },
) {
  // A store that takes nothing must not keep the news of it back.
  const reported: OnCall = (call) => {
    try {
      onCall(call);
    } catch {}
  };
  const reporter = await createErrorReporter({
    dsn: config.SENTRY_DSN,
    loadSdk: () => import("../integrations/sentry/sdk-node.ts"),
    ...calling,
    onCall: reported,
  });
  return {
    reportError(error: unknown, where: string, about: Pick<LogAbout, "incident" | "step"> = {}) {
      if (error instanceof EndingError) return;
      log(`error in ${where}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`, { level: "error", ...about });
      // What a vendor did is on the incident's timeline; what we did wrong is for us.
      if (!(error instanceof IntegrationError)) reporter.report(error, { where });
    },
    flush: () => reporter.flush(),
  };
}

interface StoreParts extends Pick<
  Parameters<typeof openNodeHost<IncidentEvent, StoreQueries>>[0],
  "heavyConcurrency" | "plan" | "schedules"
> {
  readonly config: Config;
  readonly redaction: Redaction;
  readonly now: () => number;
  readonly reportError: (error: unknown, where: string, about: Pick<LogAbout, "incident" | "step">) => void;
}

const openStore = ({ config, redaction, reportError, ...parts }: StoreParts): NodeHost<IncidentEvent, StoreQueries> =>
  openNodeHost({
    ...parts,
    events: incidentEvents,
    path: config.DATABASE_PATH,
    migrations: incidentTables,
    queries: storeQueries,
    redaction: storeRedaction(redaction),
    redact: redaction.plain,
    onError: (error, { incidentId, step }) =>
      reportError(error, [incidentId, step].filter((part) => part !== null).join(", ") || "store", { incident: incidentId, step }),
  });

interface AppParts {
  readonly config: Config;
  readonly intakes: readonly Intake[];
  readonly store: NodeHost<IncidentEvent, StoreQueries>;
  readonly slack: ((request: Request) => Promise<Response>) | null;
  readonly access: Access;
  readonly operations: Operations;
  readonly unseal: Redaction["unseal"];
  readonly now: () => number;
  readonly reportError: (error: unknown, where: string) => void;
}

const appOf = ({ config, intakes, store, slack, access, operations, unseal, now, reportError }: AppParts) =>
  createApp({
    intakes,
    settings: config,
    receive: async (delivery) => ((await store.receive(delivery)).repeated ? "repeated" : "stored"),
    slack,
    web: createWeb({
      incidents: storeIncidents(store),
      now,
      pagers: intakes,
      publicUrl: config.PUBLIC_URL,
      withoutModel: withoutModel(config),
      clientAddress,
      accountOf: access.accountOf,
      streamUntil: access.streamUntil,
      revealing: revealingOf(config, { access, store, unseal }),
      notices: () => operations.refusals.lines().map((line) => `Webhooks: ${line}`),
      reportError,
    }),
    access,
    pageHosts: isLoopback(config.HOST) ? pageHosts(config) : null,
    health: () => (store.health().writable ? [] : [`${config.DATABASE_PATH} cannot be written`]),
    reportError,
    clientAddress,
    now,
    heard: operations.heard,
    operations: operations.routes,
  });

const all = async (...work: readonly (Promise<void> | undefined)[]): Promise<void> => void (await Promise.all(work));

/**
 * Starts everything on this machine: store, incidents, routes, Slack. Heavy vendor libraries are loaded after the port is open.
 * @throws StoreInUseError, StoreNotWritableError, or an error of the port
 */
export async function startNode(options: NodeOptions): Promise<Running> {
  const { config, catalog, vendors = allVendors, intakes = allIntakes, instead = {} } = options;
  const redaction = instead.redaction ?? loadRedaction(config, vendors, intakes);
  // Errors repeat words from outside, which could pose for a line of their own or steer the terminal.
  const log: OperatorLog = (line, about) => options.log(onOneLine(redaction.plain(line)), about);
  const { now = Date.now } = instead;
  const files = loadVendorFiles(config, vendors);
  const network = networkOf(config, files, vendors);
  const connect: Fetch = options.fetch ?? network.fetch;
  const ending = new AbortController();
  // Calls of no step, such as who it is that clicked, have nobody else who ends them.
  const outgoing: Fetch = (input, init) =>
    connect(input, { ...init, signal: init?.signal == null ? ending.signal : AbortSignal.any([init.signal, ending.signal]) });
  let auditLog: AuditLog | null = null;
  const audited = auditCalls(() => auditLog);
  let operations: Operations | null = null;
  const onCall: OnCall = (call) => {
    audited(call);
    operations?.called(call);
    options.onCall?.(call);
  };
  const traffic = instead.traffic ?? trafficOf({ ...instead, config });
  const { reportError, flush } = await openErrorReports(config, { fetch: connect, redact: redaction.plain, onCall, log });

  const tracing = openTracing({ config, fetch: connect, now, onCall, onProblem: (error) => reportError(error, "traces") });

  const server = await openHttpServer(config);
  const { url } = server;
  const publicUrl = config.PUBLIC_URL ?? url;
  const { looksAtOnce, looksAhead, triageHeapMb } = memoryPlan(config.MEMORY_MB ?? machineLimitMb());
  const ofThread: OnCall = (call) => (traffic.heard(call), onCall(call));
  const triage = options.triageThread === true ? openTriageThread({ config }, ofThread, triageHeapMb) : null;
  let store: NodeHost<IncidentEvent, StoreQueries>;
  // The thread reads them at each page, and reports.
  const skills = openSkillFolders(config.SKILLS_PATH ?? null, triage === null ? reportSkills(log) : () => {});
  const midwatch = createMidwatch({
    config,
    catalog,
    vendors,
    intakes,
    files,
    redaction,
    library: skills.current,
    fetch: outgoing,
    onCall: (call) => (onCall(call), triage?.heard(call)),
    yieldNow: createYield(),
    ...(triage === null ? {} : { look: triage.look }),
    drawPng,
    ...instead,
    traffic,
    publicUrl,
    parseSql,
    parseCode,
    tellOperator: (line) => log(line, { level: "warn" }),
    callsOutliveSteps: true,
    looksAhead,
  });
  try {
    store = openStore({
      ...{ config, redaction, now, reportError, heavyConcurrency: looksAtOnce },
      plan: tracing?.plan(midwatch.plan) ?? midwatch.plan,
      schedules: schedulesOf(options.scheduled ?? scheduledTriggers, catalog),
    });
  } catch (error) {
    server.close(false);
    throw error;
  }
  auditLog = store.auditLog;
  operations = await openOperations({
    ...{ config, store, log, traffic, tracing, now, reportError },
    speaker: midwatch.parts.speaker,
    vendors: probesOf(vendors, midwatch.clients, { config, catalog, fetch: outgoing, signal: ending.signal }),
    signal: ending.signal,
  });
  const slack = await createSlackIntake({
    config,
    catalog,
    store,
    slack: midwatch.surface,
    publicUrl,
    links: incidentLinksOf(config, now),
    now,
    reportError,
    fetch: outgoing,
    lookup: network.lookup,
    onCall,
  });
  const access = accessOf(config, { fetch: outgoing, now, clientAddress, reportError, onCall });
  server.answerWith(
    appOf({ config, intakes, store, slack: slack.handle, access, operations, unseal: redaction.unseal, now, reportError }).fetch,
  );
  return {
    url,
    midwatch,
    store,
    operations,
    warm: () => all(midwatch.warm(), triage?.warm(), slack.warm(), keepChannelsKnown(midwatch.surface, catalog.channels, ending.signal)),
    async close() {
      await slack.close();
      server.close(true);
      await store.close(async () => {
        ending.abort(new EndingError());
        await triage?.close();
        // While the audit still takes entries.
        await tracing?.close();
      });
      await flush();
    },
  };
}

/** By this line in a log of your own, later changes of the audit show: nothing up to its hash may differ. */
const auditLine = (head: AuditHead | null): string =>
  head === null ? "audit: no entry yet" : `audit: ${head.seq === 1 ? "1 entry" : `${head.seq} entries`}, the newest has hash ${head.hash}`;

/** `npm start`: midwatch from the environment, until a signal ends it. */
export async function main(): Promise<number> {
  keepHeapsSmall();
  const values = readEnvironment();
  const config = parseConfig(values);
  const startedAt = performance.now();
  const log = openOperatorLog(config.LOG_FORMAT);
  const catalog = loadCatalog(config);
  const running = await startNode({ config, catalog, log, triageThread: true });
  log(`midwatch listens on ${running.url} (started in ${Math.round(performance.now() - startedAt)} ms)`);
  log(auditLine(running.store.auditHead()));
  reportSlips(values, log);
  if (!isLoopback(config.HOST) && config.OIDC_ISSUER === undefined) {
    log(
      `HOST is ${config.HOST}, and PROXY_LOGIN says that a proxy with a login protects them: anyone who reaches this address past it reads the pages.`,
    );
  }
  running
    .warm()
    // Kept now and not at the end, which a kill takes away.
    .then(flushCompileCache)
    .then(giveBackOnceIdle, (error: unknown) => log(`a vendor library could not be loaded: ${String(error)}`));
  running.operations.watch();
  const ending = new AbortController();
  const keeping = { log, recount: () => running.operations.recount(), signal: ending.signal };
  keepRetention(running.store, retentionOf(config), keeping);
  keepDeletions(running.store, keeping);
  void reportVendors(allVendors, running.midwatch.clients, log);
  await interrupted();
  ending.abort();
  log("ending; unfinished incidents go on at the next start");
  running.store.auditLog.flush();
  log(auditLine(running.store.auditHead()));
  await running.close();
  return 0;
}
