import { analyseInTurns } from "./analysis/analyse.ts";
import { classifySignal } from "./analysis/signal-kind.ts";
import type { Catalog } from "./catalog.ts";
import { type Config, secretValues, withoutModel } from "./config.ts";
import { createFixer } from "./fix/fixer.ts";
import type { Place } from "./fix/fixer-deps.ts";
import type { Fetch, OnCall, Sleep } from "./guard/outgoing.ts";
import type { SqlParser } from "./guard/sql-tree.ts";
import { type Analysis, blamed } from "./incident/finding.ts";
import type { Plan } from "./store/incident-store.ts";
import type { Page } from "./incident/page.ts";
import type { Question, Source, UnconfiguredSource } from "./incident/source.ts";
import { createModel, type ModelOptions, toToolSchema } from "./integrations/anthropic/client.ts";
import { createDatadogClient, type DatadogClient } from "./integrations/datadog/client.ts";
import { datadogSources } from "./integrations/datadog/source.ts";
import { datadogTools } from "./integrations/datadog/tools/index.ts";
import { createGithubClient, type GithubClient } from "./integrations/github/client.ts";
import { githubSource } from "./integrations/github/source.ts";
import { githubTools } from "./integrations/github/tools/index.ts";
import { createMcpClient, type McpClient } from "./integrations/mcp/client.ts";
import type { McpServer } from "./integrations/mcp/servers.ts";
import { mcpSource } from "./integrations/mcp/source.ts";
import { mcpTools } from "./integrations/mcp/tools/index.ts";
import { createPagerdutyClient, type PagerdutyClient } from "./integrations/pagerduty/client.ts";
import { pagerdutySource } from "./integrations/pagerduty/source.ts";
import { pagerdutyTools } from "./integrations/pagerduty/tools/index.ts";
import { createPostgresClient, type PostgresClient } from "./integrations/postgres/client.ts";
import { type PagedDatabase, postgresSource } from "./integrations/postgres/source.ts";
import { createSqlClient, type SqlClient } from "./integrations/postgres/sql-client.ts";
import { postgresTools } from "./integrations/postgres/tools/index.ts";
import { sqlQuery } from "./integrations/postgres/tools/sql-query.ts";
import { createSentryClient, type SentryClient } from "./integrations/sentry/client.ts";
import { sentrySource } from "./integrations/sentry/source.ts";
import { sentryTools } from "./integrations/sentry/tools/index.ts";
import { createSlackClient, type SlackClient } from "./integrations/slack/client.ts";
import { createMessages } from "./slack/messages.ts";
import { replyMessage } from "./slack/reply.ts";
import { createSpeaker } from "./slack/speaker.ts";
import { slackTools } from "./integrations/slack/tools/index.ts";
import { type Agent, createAgent } from "./investigation/agent/agent.ts";
import { DEFAULT_LIMITS, LIST_PRICES } from "./investigation/agent/budget.ts";
import type { CiWaits } from "./fix/ci-watch.ts";
import type { PreparePatch } from "./investigation/agent/judge-patch.ts";
import type { Look } from "./investigation/look.ts";
import { createPlan, type PlanDependencies } from "./plan.ts";
import { createRedaction, type Redaction } from "./guard/redact.ts";
import { redactedClient, redactedRequest } from "./guard/redacted-client.ts";
import { parseRedactionRules } from "./guard/redaction-rules.ts";
import type { Library } from "./skills/library.ts";
import { matchRunbooks, type Runbook, runbookReading } from "./skills/runbook.ts";
import { skillIndex } from "./skills/skill.ts";
import { joinLibraries, openSkillRepository, splitRepository } from "./skills/skill-repository.ts";
import { createSkillTools } from "./skills/tools.ts";

/** What is hidden by these settings. @param rules text of the operator's file, null where there is none. @throws RedactionRulesError */
export function redactionOf(config: Config, rules: string | null = null): Redaction {
  return createRedaction({
    own: secretValues(config),
    ...(rules === null ? {} : { rules: parseRedactionRules(rules, config.REDACTION_RULES ?? "REDACTION_RULES") }),
    // The webhook's secret is the one that every installation has; a key of its own outlives its rotation.
    labelSecret: config.REDACTION_KEY ?? config.PAGERDUTY_WEBHOOK_SECRET[0] ?? "",
    revealKey: config.REDACTION_KEY,
  });
}

/** What both hosts give: everything here is built from it and from nothing else. */
export interface Surroundings {
  readonly config: Config;
  readonly catalog: Catalog;
  /** Of the file that MCP_SERVERS_PATH names; default: none. */
  readonly mcp?: readonly McpServer[];
  /** Default: the settings' own, without rules of the operator's. */
  readonly redaction?: Redaction;
  /** Read at each page, so a host may have them change. */
  readonly library: () => Pick<Library, "skills" | "runbooks">;
  /** The only way out. */
  readonly fetch: Fetch;
  readonly sleep?: Sleep;
  readonly now?: () => number;
  /** How long the model may keep one waiting, where the usual is not right. */
  readonly modelWaits?: Pick<ModelOptions, "firstByteMs" | "stallMs" | "totalMs">;
  readonly onCall?: OnCall;
  /** Lets the web server breathe between pieces of reading and analysing. */
  readonly yieldNow: () => Promise<void>;
  /** How long CI is waited for, where the usual is not right. */
  readonly ciWaits?: CiWaits;
  /** Where triage reads and analyses, when not here. */
  readonly look?: Look;
  /** Where people reach the pages, without a slash at the end; null when nobody but this machine can. */
  readonly publicUrl: string | null;
  /** PostgreSQL's parser, where the host has it; without, the model writes no SQL. */
  readonly parseSql?: SqlParser;
}

/** Clients of the vendors that are configured; null: not configured. */
export interface Clients {
  readonly pagerduty: PagerdutyClient | null;
  readonly datadog: DatadogClient | null;
  readonly sentry: SentryClient | null;
  readonly github: GithubClient | null;
  /** Reads the team's repository of skills and nothing else. */
  readonly skills: GithubClient | null;
  readonly postgres: PostgresClient | null;
  /** SQL of the model's own; null also where the catalog declares no table of a database in SQL_DATABASES. */
  readonly sql: SqlClient | null;
  /** One a server. */
  readonly mcp: readonly McpClient[];
  readonly slack: SlackClient;
}

/** A client for the model's SQL where three come together: a host with a parser, a login, and tables that the catalog declares. */
function sqlClientOf({ config, catalog, parseSql: parse, now, onCall }: Surroundings): SqlClient | null {
  const databases = config.SQL_DATABASES.flatMap(({ name, url }) => {
    const declared = catalog.databases.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return declared === undefined ? [] : [{ name: declared.name, url, tables: declared.tables }];
  });
  return parse === undefined || databases.length === 0 ? null : createSqlClient({ databases, parse, now, onCall });
}

/** Builds a client for each vendor that has its settings, and hands each its own credential. */
export function createClients(surroundings: Surroundings): Clients {
  const { config, catalog, mcp = [], fetch, sleep, now, onCall, yieldNow } = surroundings;
  const shared = {
    fetch,
    ...(sleep === undefined ? {} : { sleep }),
    ...(now === undefined ? {} : { now }),
    ...(onCall === undefined ? {} : { onCall }),
  };
  const github =
    config.GITHUB_APP_ID !== undefined && config.GITHUB_APP_PRIVATE_KEY !== undefined
      ? { appId: config.GITHUB_APP_ID, privateKey: config.GITHUB_APP_PRIVATE_KEY }
      : config.GITHUB_TOKEN === undefined
        ? null
        : { token: config.GITHUB_TOKEN };
  const githubOf = (repositories: readonly string[]) =>
    github === null
      ? null
      : createGithubClient({ ...shared, baseUrl: config.GITHUB_API_URL ?? "https://api.github.com", auth: github, repositories });
  return {
    pagerduty:
      config.PAGERDUTY_API_TOKEN === undefined
        ? null
        : createPagerdutyClient({
            ...shared,
            baseUrl: config.PAGERDUTY_API_URL ?? "https://api.pagerduty.com",
            token: config.PAGERDUTY_API_TOKEN,
          }),
    datadog:
      config.DD_API_KEY === undefined || config.DD_APP_KEY === undefined
        ? null
        : createDatadogClient({
            ...shared,
            apiKey: config.DD_API_KEY,
            appKey: config.DD_APP_KEY,
            yieldNow,
            site: config.DD_SITE,
            ...(config.DD_API_URL === undefined ? {} : { baseUrl: config.DD_API_URL }),
          }),
    sentry:
      config.SENTRY_AUTH_TOKEN === undefined || config.SENTRY_ORG === undefined
        ? null
        : createSentryClient({
            ...shared,
            baseUrl: config.SENTRY_API_URL ?? "https://sentry.io",
            token: config.SENTRY_AUTH_TOKEN,
            org: config.SENTRY_ORG,
          }),
    github: githubOf(catalog.services.flatMap((service) => service.github?.repository ?? [])),
    skills: config.SKILLS_REPOSITORY === undefined ? null : githubOf([splitRepository(config.SKILLS_REPOSITORY).repository]),
    postgres: config.DATABASES.length === 0 ? null : createPostgresClient({ databases: config.DATABASES, now, onCall }),
    sql: sqlClientOf(surroundings),
    mcp: mcp.map((server) =>
      createMcpClient({ ...shared, server, token: config.MCP_TOKENS.find(({ name }) => name === server.auth?.token)?.token ?? null }),
    ),
    slack: createSlackClient({ ...shared, baseUrl: config.SLACK_API_URL ?? "https://slack.com/api", token: config.SLACK_BOT_TOKEN ?? "" }),
  };
}

/**
 * Databases that matter to a page: that of the paged service and those of the services it calls. A database is the affair of the service that
 * has its name, else of the first of these that uses it.
 */
export function databasesOf(catalog: Catalog, names: readonly string[], service: string): PagedDatabase[] {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const paged = catalog.find(service);
  const found = new Map<string, PagedDatabase>();
  for (const name of [service, ...(paged?.calls ?? [])]) {
    const user = catalog.find(name);
    // A database may be a service of the catalog itself, or only be named as what a service calls.
    const database = known.get((user?.database ?? user?.name ?? name).toLowerCase());
    if (database === undefined || found.has(database)) continue;
    found.set(database, { name: database, service: catalog.find(database)?.name ?? user?.name ?? name });
  }
  return [...found.values()];
}

function sourcesOf(clients: Clients, { config, catalog }: Surroundings): { sources: Source[]; unconfigured: UnconfiguredSource[] } {
  const sources: Source[] = [];
  const unconfigured: UnconfiguredSource[] = [];
  if (clients.datadog === null) unconfigured.push({ name: "Datadog", missing: "set DD_API_KEY and DD_APP_KEY" });
  else sources.push(...datadogSources(clients.datadog));
  if (clients.sentry === null) unconfigured.push({ name: "Sentry", missing: "set SENTRY_AUTH_TOKEN and SENTRY_ORG" });
  else sources.push(sentrySource(clients.sentry));
  if (clients.github === null)
    unconfigured.push({ name: "GitHub", missing: "set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY" });
  else sources.push(githubSource(clients.github));
  const { postgres } = clients;
  if (postgres === null) {
    // Many teams have none: it is missed only where the catalog names one.
    if (catalog.services.some((service) => service.database !== undefined))
      unconfigured.push({ name: "PostgreSQL", missing: "set DATABASES" });
  } else sources.push(postgresSource(postgres, (service) => databasesOf(catalog, postgres.databases, service)));
  if (clients.pagerduty === null) unconfigured.push({ name: "PagerDuty", missing: "set PAGERDUTY_API_TOKEN; only the webhook was read" });
  else sources.push(pagerdutySource(clients.pagerduty));
  for (const client of clients.mcp) {
    const { title: name, tools } = client.server;
    if (withoutModel(config) !== null) unconfigured.push({ name, missing: "only the model asks it: set ANTHROPIC_API_KEY" });
    else if (tools.length === 0) unconfigured.push({ name, missing: "none of its tools is allowed" });
    else sources.push(mcpSource(client));
  }
  return { sources, unconfigured };
}

/** Services that a page's question is about: the paged one, then all that the catalog names. */
function questionServices(catalog: Catalog, paged: string): Question["services"] {
  const own = catalog.find(paged);
  return [own ?? { name: paged, names: {} }, ...catalog.services.filter((service) => service !== own)].map(({ name, names }) => ({
    name,
    names,
  }));
}

/** The paged service under the catalog's name; an id is worth more than a name, for names are changed. */
export function pagedService(catalog: Catalog, page: Page): string {
  const { service } = page;
  if (service === null) return "unknown service";
  return (catalog.find(service.id) ?? catalog.find(service.name))?.name ?? service.name;
}

/** A repository as the catalog spells it, or null. */
const repositoryIn = ({ services }: Catalog, named: string): string | null =>
  services.find(({ github }) => github?.repository.toLowerCase() === named.toLowerCase())?.github?.repository ?? null;

/** Where a service's code lies and who owns it, by the catalog. */
function placeIn(catalog: Catalog, service: string): Place | null {
  const known = catalog.find(service);
  if (known === null) return null;
  return { repository: known.github?.repository ?? null, path: known.github?.path ?? "", owners: known.owners };
}

export interface Midwatch {
  readonly clients: Clients;
  readonly plan: Plan;
  /** What the plan is made of, for a look at one incident outside of it. */
  readonly parts: PlanDependencies;
  /** Loads the heavy libraries, and what the first page needs of the team's skills, ahead of it. */
  warm(): Promise<void>;
  /** The part of it that reads the team's repository of skills, in the background. */
  warmSkills(): void;
}

/** The model's work, or null without a key. */
function agentOf(
  { config, catalog, library, fetch, sleep, now, modelWaits, onCall }: Surroundings,
  about: {
    readonly question: PlanDependencies["question"];
    readonly matching: (page: Page, analysis: Analysis) => readonly Runbook[];
    readonly publicUrl: string | null;
    /** null: GitHub is not configured, so no patch is written. */
    readonly preparePatch: PreparePatch | null;
    readonly redaction: Redaction;
    readonly clientsFor: (incidentId: string) => Clients;
  },
): Agent | null {
  const { ANTHROPIC_API_KEY: apiKey } = config;
  if (apiKey === undefined) return null;
  const model = createModel({
    baseUrl: config.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com",
    apiKey,
    model: config.MIDWATCH_MODEL,
    effort: config.MIDWATCH_EFFORT,
    fetch,
    sleep,
    now,
    onCall,
    ...modelWaits,
  });
  const vendorsOf = ({ datadog, sentry, github, pagerduty, postgres, sql, mcp }: Clients) => [
    ...(datadog === null ? [] : datadogTools(datadog)),
    ...(sentry === null ? [] : sentryTools(sentry)),
    ...(github === null ? [] : githubTools(github)),
    ...(pagerduty === null ? [] : pagerdutyTools(pagerduty)),
    ...(postgres === null ? [] : postgresTools({ postgres, databasesOf: (service) => databasesOf(catalog, postgres.databases, service) })),
    ...(sql === null ? [] : [sqlQuery({ sql, databasesOf: (service) => databasesOf(catalog, sql.databases, service) })]),
    ...createSkillTools(library),
    ...mcpTools(mcp),
  ];
  return createAgent({
    model: {
      call: (request, signal) => model.turn(redactedRequest(request, about.redaction), signal),
      name: config.MIDWATCH_MODEL,
      effort: config.MIDWATCH_EFFORT,
    },
    followUpModel: config.MIDWATCH_FOLLOW_UP_MODEL,
    tools({ incidentId, view }) {
      const clients = about.clientsFor(incidentId);
      return [
        ...vendorsOf(clients),
        ...slackTools(clients.slack, async () =>
          view.statusMessage === null ? null : { channel: view.statusMessage.channel, threadTs: view.statusMessage.ts },
        ),
      ];
    },
    toSchema: toToolSchema,
    question: about.question,
    skillIndex: () => skillIndex(library().skills),
    runbooks: ({ page, analysis }) => (page === null || analysis === null ? "" : runbookReading(about.matching(page, analysis))),
    limits: {
      ...DEFAULT_LIMITS,
      timeMs: config.MIDWATCH_MINUTES * 60_000,
      turns: config.MIDWATCH_TURNS,
      dollars: config.MIDWATCH_DOLLARS,
      dollarsPerDay: config.MIDWATCH_DOLLARS_PER_DAY,
    },
    prices: { ...LIST_PRICES, ...config.MIDWATCH_PRICES },
    ...(about.preparePatch === null ? {} : { preparePatch: about.preparePatch }),
    hosts: about.publicUrl === null ? [] : [new URL(about.publicUrl).hostname],
  });
}

/** Everything that is the same on every host. */
export function createMidwatch(surroundings: Surroundings): Midwatch {
  const { config, catalog, publicUrl, yieldNow, now = Date.now } = surroundings;
  const clients = createClients(surroundings);
  const { SKILLS_REPOSITORY: place } = config;
  const team = clients.skills === null || place === undefined ? null : openSkillRepository(clients.skills, place, now);
  const warmSkills = () => void team?.current();
  const library = () => joinLibraries(surroundings.library(), team?.current() ?? null);
  const redaction = surroundings.redaction ?? redactionOf(config);
  const clientsFor = (incidentId: string): Clients => {
    const redactor = redaction.forIncident(incidentId);
    const redacted = <C extends object>(client: C | null): C | null => (client === null ? null : redactedClient(client, redactor));
    return {
      pagerduty: redacted(clients.pagerduty),
      datadog: redacted(clients.datadog),
      sentry: redacted(clients.sentry),
      github: redacted(clients.github),
      skills: clients.skills,
      postgres: redacted(clients.postgres),
      sql: redacted(clients.sql),
      mcp: clients.mcp.map((client) => redactedClient(client, redactor)),
      slack: redactedClient(clients.slack, redactor),
    };
  };
  const { sources, unconfigured } = sourcesOf(clients, surroundings);
  const timelineUrl = (incidentId: string) => (publicUrl === null ? null : `${publicUrl}/incidents/${encodeURIComponent(incidentId)}`);
  const matching = (page: Page, analysis: Analysis): Runbook[] => {
    const suspect = blamed(analysis)[0];
    const services = [pagedService(catalog, page), ...(suspect === undefined ? [] : [suspect.service])];
    return matchRunbooks(library().runbooks, {
      services,
      title: page.title,
      details: page.details,
      fault: suspect?.fault ?? null,
      change: suspect != null && suspect.change !== null,
      reasons: suspect?.reasons.map(({ text, quote }) => `${text}\n${quote ?? ""}`) ?? [],
    });
  };
  const question: PlanDependencies["question"] = (page, windows) => {
    const service = pagedService(catalog, page);
    return {
      page,
      service,
      services: questionServices(catalog, service),
      nameOf: (name) => catalog.find(name)?.name ?? (name === page.service?.id || name === page.service?.name ? service : name),
      kindOf: classifySignal,
      environment: catalog.environment,
      signals: catalog.signals,
      ...windows,
    };
  };
  const fixer = createFixer({
    github: clients.github,
    placeOf: (service) => placeIn(catalog, service),
    repositoryOf: (named) => repositoryIn(catalog, named),
    timelineUrl,
    evidenceUrl: (incidentId, evidence) => (publicUrl === null ? null : `${timelineUrl(incidentId)}/evidence/${evidence}`),
    own: secretValues(config),
    redactedFor: (incidentId) => redaction.forIncident(incidentId).text,
    now,
  });
  const preparePatch = clients.github === null ? null : fixer.prepare;
  const agent = agentOf({ ...surroundings, library }, { question, matching, publicUrl, preparePatch, redaction, clientsFor });
  const parts: PlanDependencies = {
    question,
    serviceOf: (page) => pagedService(catalog, page),
    calls: catalog.services.flatMap((service) =>
      service.calls.map((callee) => ({ from: service.name, to: catalog.find(callee)?.name ?? callee })),
    ),
    sources,
    sourcesFor: (incidentId) => sourcesOf(clientsFor(incidentId), surroundings).sources,
    takeHidden: (incidentId) => redaction.forIncident(incidentId).takeSealed(),
    unconfigured,
    analyse: (telemetry) => analyseInTurns(telemetry, yieldNow),
    yieldNow,
    ...(surroundings.look === undefined ? {} : { look: surroundings.look }),
    runbooksFor: (page, analysis) => matching(page, analysis).map(({ name, title, steps }) => ({ name, title, steps })),
    speaker: createSpeaker(clients.slack, (service) => catalog.slackChannel(service), redaction.message),
    messages: {
      ...createMessages({
        timelineUrl,
        withoutModel: withoutModel(config),
      }),
      reply: (reply, incidentId) => replyMessage(reply, timelineUrl(incidentId)),
    },
    ...(agent === null ? {} : { agent }),
    fixer,
    ...(surroundings.ciWaits === undefined ? {} : { ciWaits: surroundings.ciWaits }),
  };
  return {
    clients,
    plan: createPlan(parts),
    parts,
    warm: async () => {
      warmSkills();
      await Promise.all([clients.datadog?.warm(), clients.github?.warm(), clients.mcp[0]?.warm(), clients.slack.warm()]);
    },
    warmSkills,
  };
}
