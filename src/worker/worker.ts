import { waitUntil } from "cloudflare:workers";
import type { Context } from "hono";
import type { IncidentEvent } from "../incident/event.ts";
import { incidentEvents } from "../store/incident-store.ts";
import catalogText from "../../catalog.yaml";
import { Hono } from "hono";
import { auditCalls } from "../store/audit-calls.ts";
import { accessOf, incidentLinksOf, revealingOf } from "../access/page-access.ts";
import { createApp } from "../app.ts";
import { parseCatalog } from "../catalog.ts";
import { type Config, parseConfig, withoutModel } from "../config.ts";
import { defineObjects } from "../durable/durable-object-host.ts";
import { backlogOf, durableStore, upkeepOf } from "../durable/durable-object-store.ts";
import type { ObjectBindings } from "../durable/object-calls.ts";
import { createMeter, type Meter } from "../operations/meter.ts";
import { parseVendorFiles } from "../integrations/clients.ts";
import { vendors } from "../integrations/vendors.ts";
import { type HiddenValueQueries, hiddenValueQueries } from "../store/hidden-values.ts";
import type { Redaction } from "../guard/redact.ts";
import { intakes } from "../intake/index.ts";
import { scheduledTriggers, schedulesOf } from "../intake/schedule.ts";
import type { AuditRecord } from "../durable/audit.ts";
import { SetupError } from "../guard/errors.ts";
import type { OnCall } from "../guard/outgoing.ts";
import type { Traffic } from "../guard/traffic.ts";
import { trafficOf } from "../look-parts.ts";
import { createMidwatch } from "../midwatch.ts";
import { redactionOf } from "../redaction.ts";
import { storeRedaction } from "../store/redaction.ts";
import { keepingOf, retentionOf } from "../store/retention.ts";
import { storeTables } from "../store/tables.ts";
import { bundledSource, readLibrary } from "../skills/library.ts";
import { createSlackHandler } from "../slack/slack-intake.ts";
import { type PageQueries, pageQueries, storeIncidents } from "../web/store-incidents.ts";
import { createWeb } from "../web/web.ts";
import { parseCode } from "./code-parser.ts";
import { openHealth } from "./health.ts";
import { openMetrics } from "./metrics.ts";
import { errorReports } from "./report-errors.ts";
import { settingSlips, settingTexts } from "./settings.ts";
import { parseSql } from "./sql-parser.ts";
import { bundledRunbooks } from "./runbooks.ts";
import { bundledSkills } from "./skills.ts";
import { upkeepRoutes } from "./upkeep-routes.ts";

/** Bindings of wrangler.toml. Every setting is a variable or secret beside them, and so is the text of each vendor's own file. */
interface Env extends ObjectBindings<IncidentEvent> {
  /** Text of a catalog, in place of the bundled file. */
  readonly CATALOG?: string;
}

type StoreQueries = PageQueries & HiddenValueQueries;

const configOf = (env: Env): Config =>
  parseConfig(settingTexts(env as unknown as Readonly<Record<string, unknown>>), "Set it with `wrangler secret put`.");

const redactions = new WeakMap<Env, Redaction>();

/** The rules are a binding's own text: there is no disk. */
function redactionFor(env: Env): Redaction {
  const known = redactions.get(env);
  if (known !== undefined) return known;
  const config = configOf(env);
  const redaction = redactionOf({ ...config, REDACTION_RULES: "REDACTION_RULES" }, config.REDACTION_RULES ?? null);
  redactions.set(env, redaction);
  return redaction;
}

const meters = new WeakMap<Env, Meter>();

function meterOf(env: Env): Meter {
  const known = meters.get(env);
  if (known !== undefined) return known;
  const meter = createMeter({
    isMeasuring: configOf(env).METRICS_TOKEN !== undefined,
    log: (msg, { incident, facts }) =>
      // oxlint-disable-next-line no-console -- the Worker's log
      console.log(JSON.stringify({ time: new Date().toISOString(), level: "info", msg, incident, ...facts })),
  });
  meters.set(env, meter);
  return meter;
}

/** Calls of a step are in the audit of its incident; all others in the directory's, beside the call and not before it. */
function onCallOf(env: Env): OnCall {
  const ofDirectory = {
    append: (record: AuditRecord) =>
      waitUntil(
        upkeepOf(env)
          .audit(record)
          // oxlint-disable-next-line no-console -- an error report would be such a call again
          .catch((error: unknown) => console.error("audit", String(error))),
      ),
  };
  const audited = auditCalls(() => ofDirectory);
  return (call) => {
    audited(call);
    meterOf(env).called(call);
  };
}

const reporters = new WeakMap<Env, ReturnType<typeof errorReports>>();

function reporterOf(env: Env) {
  const known = reporters.get(env);
  if (known !== undefined) return known;
  const report = errorReports({
    dsn: configOf(env).SENTRY_DSN,
    redact: redactionFor(env).plain,
    fetch: (input, init) => fetch(input, init),
    onCall: onCallOf(env),
    waitUntil,
  });
  reporters.set(env, report);
  return report;
}

const library = readLibrary([bundledSource(bundledSkills, bundledRunbooks)]);

const catalogOf = (env: Env) => parseCatalog(env.CATALOG ?? catalogText);

/** Of all objects of this isolate: what they ask of the vendors counts together. */
let traffic: Traffic | null = null;

function midwatchOf(env: Env) {
  const config = configOf(env);
  return createMidwatch({
    config,
    traffic: (traffic ??= trafficOf({ config })),
    redaction: redactionFor(env),
    catalog: catalogOf(env),
    files: parseVendorFiles(vendors, config, ({ binding }) => {
      const text = (env as unknown as Readonly<Record<string, unknown>>)[binding];
      return typeof text === "string" ? { place: binding, text } : null;
    }),
    library: () => library,
    fetch: (input, init) => fetch(input, init),
    onCall: onCallOf(env),
    // A Durable Object answers nobody else while it works, so there is nothing to let through; a turn still keeps the CPU time in slices.
    yieldNow: () => new Promise((resolve) => setTimeout(resolve, 0)),
    publicUrl: config.PUBLIC_URL ?? null,
    parseSql,
    parseCode,
  });
}

export const { IncidentObject, DirectoryObject } = defineObjects<Env, IncidentEvent, StoreQueries>((env) => ({
  events: incidentEvents,
  plan: midwatchOf(env).plan,
  schedules: schedulesOf(scheduledTriggers, catalogOf(env)),
  migrations: storeTables,
  keeping: keepingOf(retentionOf(configOf(env))),
  queries: { ...pageQueries, ...hiddenValueQueries },
  redaction: storeRedaction(redactionFor(env)),
  redact: redactionFor(env).plain,
  measuring: meterOf(env).measuring,
  onError: (error, { incidentId, step }) =>
    reporterOf(env)(error, [incidentId, step].filter((part) => part !== null).join(", ") || "directory"),
}));

/** A Worker is on the internet from its first deploy. */
const closedPages = new Hono().all("/incidents/*", (c) =>
  c.text(
    "The pages are closed: nothing keeps strangers from them. Set up a sign-in (OIDC_ISSUER, docs/setup.md); or put Cloudflare Access in front of them, then set PUBLIC_URL and PROXY_LOGIN=true.",
    404,
  ),
);
const arePagesClosed = ({ OIDC_ISSUER: issuer, PROXY_LOGIN: proxy, PUBLIC_URL: publicUrl }: Config) =>
  issuer === undefined && (!proxy || publicUrl === undefined);

const apps = new WeakMap<Env, ReturnType<typeof createApp>>();

function appOf(env: Env) {
  const known = apps.get(env);
  if (known !== undefined) return known;
  const config = configOf(env);
  const report = reporterOf(env);
  // oxlint-disable-next-line no-console -- the Worker's log; once for each isolate
  for (const line of settingSlips(env as unknown as Readonly<Record<string, unknown>>)) console.warn(line);
  const store = durableStore<IncidentEvent, StoreQueries>(env);
  const health = openHealth(() => backlogOf(env));
  const reporting = openMetrics({
    token: config.METRICS_TOKEN,
    blindAfterHours: config.BLIND_AFTER_HOURS,
    meter: meterOf(env),
    upkeep: upkeepOf(env),
    waitUntil,
    reportError: report,
  });
  const clientAddress = (c: Context) => c.req.header("cf-connecting-ip") ?? null;
  const access = accessOf(config, {
    fetch: (input, init) => fetch(input, init),
    now: Date.now,
    clientAddress,
    reportError: report,
    onCall: onCallOf(env),
  });
  const app = createApp({
    clientAddress,
    intakes,
    settings: config,
    receive: async (delivery) => ((await store.receive(delivery)).repeated ? "repeated" : "stored"),
    slack: createSlackHandler({
      config,
      catalog: catalogOf(env),
      store,
      slack: midwatchOf(env).surface,
      publicUrl: config.PUBLIC_URL ?? null,
      links: incidentLinksOf(config, Date.now),
      now: Date.now,
      reportError: report,
    }),
    web: arePagesClosed(config)
      ? closedPages
      : upkeepRoutes({ upkeep: upkeepOf(env), access, now: Date.now }).route(
          "/",
          createWeb({
            incidents: storeIncidents(store),
            now: Date.now,
            pagers: intakes,
            publicUrl: config.PUBLIC_URL,
            withoutModel: withoutModel(config),
            clientAddress,
            accountOf: access.accountOf,
            streamUntil: access.streamUntil,
            revealing: revealingOf(config, { access, store, unseal: redactionFor(env).unseal }),
            reportError: report,
          }),
        ),
    access,
    pageHosts: null,
    health: health.problems,
    heard: reporting.heard,
    operations: new Hono().route("/", health.routes).route("/", reporting.routes),
    reportError: report,
  });
  apps.set(env, app);
  return app;
}

/** Answers in words where settings are missing, as right after the first deploy: the platform's own page says nothing of that. */
function answer(request: Request, env: Env): Response | Promise<Response> {
  try {
    return appOf(env).fetch(request, env);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // oxlint-disable-next-line no-console -- names of settings are for the operator alone
    console.error(`${error.name}: ${error.message}`);
    const problem = "midwatch cannot start with these settings; the Worker's log (`npx wrangler tail`) names what to set";
    return Response.json({ ok: false, problems: [problem] }, { status: 500 });
  }
}

export default { fetch: answer };
