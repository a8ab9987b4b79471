import { type Config, ConfigError, parseConfig } from "../config.ts";
import { type Catalog, CatalogError } from "../catalog.ts";
import { RedactionRulesError } from "../guard/redaction-rules.ts";
import { counted } from "../report/tool-view.ts";
import { createModel } from "../integrations/anthropic/client.ts";
import { createMidwatch, type Midwatch } from "../midwatch.ts";
import { McpServersError } from "../integrations/mcp/servers.ts";
import { loadMcpServers } from "../node/mcp.ts";
import { loadCatalog, loadRedaction, networkOf, readEnvironment } from "../node/node.ts";
import { openSkillFolders } from "../node/skills.ts";
import { parseSql } from "../node/sql-parser.ts";
import { oidcOf } from "../access/page-access.ts";
import { openSkillRepository } from "../skills/skill-repository.ts";
import { type Problem, problemLine } from "../skills/problem.ts";
import { type Check, guarded, notConfigured, problem } from "./doctor-check.ts";
import { checkResponders, checkSignIn } from "./doctor-access.ts";
import { checkGithub } from "./doctor-github.ts";
import { checkMcpServers } from "./doctor-mcp.ts";
import { datadogRights, pagerdutyRights, roleChecks, sentryRights, slackRights } from "./doctor-rights.ts";

const TIMEOUT_MS = 20_000;

async function checkSlack({ clients }: Midwatch, channels: readonly string[], signal: AbortSignal): Promise<Check[]> {
  const { value: identity } = await clients.slack.authTest(signal);
  const checks: Check[] = [
    { name: "Slack", state: "ok", detail: `token of ${identity.botUser ?? identity.botUserId} in ${identity.team ?? identity.teamId}` },
    ...slackRights(identity.scopes),
  ];
  if (channels.length === 0)
    checks.push({ name: "Slack", state: "problem", detail: "the catalog names no channel: set defaults.slack_channel" });
  for (const channel of channels) {
    checks.push(
      ...(await guarded(`Slack ${channel}`, async () => {
        const { value: found } = await clients.slack.resolveChannel(channel, signal);
        const name = `Slack ${channel}`;
        if (found.shared)
          return {
            name,
            state: "problem",
            detail: "is shared with another organisation; midwatch does not post there. Name another channel in the catalog.",
          };
        if (found.archived) return { name, state: "problem", detail: "is archived. Name another channel in the catalog." };
        return found.member
          ? { name, state: "ok", detail: "midwatch is a member" }
          : { name, state: "problem", detail: "midwatch is not a member: write “/invite @midwatch” there" };
      })),
    );
  }
  return checks;
}

/** Counting tokens needs the same key, address and model as a turn, and costs nothing. */
async function checkModels(config: Config, signal: AbortSignal): Promise<Check[]> {
  const { ANTHROPIC_API_KEY: apiKey } = config;
  if (apiKey === undefined) return [notConfigured("Model", "ANTHROPIC_API_KEY")];
  const models = [...new Set([config.MIDWATCH_MODEL, config.MIDWATCH_FOLLOW_UP_MODEL])];
  const checks = await Promise.all(
    models.map((model) =>
      guarded(`Model ${model}`, async () => {
        const client = createModel({
          baseUrl: config.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com",
          apiKey,
          model,
          effort: config.MIDWATCH_EFFORT,
          fetch: networkOf(config).fetch,
          // Ends before all checks do, so that it can say for itself what was too slow.
          firstByteMs: TIMEOUT_MS - 5_000,
          retries: 0,
        });
        await client.countTokens(
          { system: "", tools: [], messages: [{ role: "user", content: [{ type: "text", text: "ready?" }] }] },
          signal,
        );
        return { name: `Model ${model}`, state: "ok", detail: `may be asked with this key, effort ${config.MIDWATCH_EFFORT}` };
      }),
    ),
  );
  return checks.flat();
}

/** Databases that only one of catalog and settings knows by its name: neither would ever be read. */
function unnamedDatabases(catalog: Catalog, { DATABASES: databases, SQL_DATABASES: sqlDatabases }: Config): Check[] {
  const set = new Set(databases.map(({ name }) => name.toLowerCase()));
  const used = new Set(
    catalog.services.flatMap(({ name, database, calls }) => [database ?? name, ...calls]).map((name) => name.toLowerCase()),
  );
  const warn = (name: string, detail: string): Check => ({ name: `PostgreSQL ${name}`, state: "warning", detail });
  const open = new Set(catalog.databases.map(({ name }) => name.toLowerCase()));
  const logins = new Set(sqlDatabases.map(({ name }) => name.toLowerCase()));
  return [
    ...catalog.databases
      .filter(({ name }) => !logins.has(name.toLowerCase()))
      .map(({ name }): Check => ({
        name: `SQL ${name}`,
        state: "warning",
        detail: "has tables in the catalog and is not in SQL_DATABASES, so the model writes no SQL for it",
      })),
    ...sqlDatabases
      .filter(({ name }) => !open.has(name.toLowerCase()))
      .map(({ name }): Check => ({
        name: `SQL ${name}`,
        state: "warning",
        detail: "is in SQL_DATABASES, but the catalog declares no tables of it, so the model writes no SQL for it",
      })),
    ...[...new Set(catalog.services.flatMap(({ database }) => database ?? []))]
      .filter((name) => !set.has(name.toLowerCase()))
      .map((name) => warn(name, "is named in the catalog and not in DATABASES, so it is not read")),
    ...databases
      .filter(({ name }) => !used.has(name.toLowerCase()))
      .map(({ name }) => warn(name, "is in DATABASES, but no service of the catalog names it as its database, so it is not read")),
  ];
}

/** The team's repository of skills, where there is one: whether it can be read, and what is wrong in it. */
async function checkSkills(midwatch: Midwatch, config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  const { SKILLS_REPOSITORY: place } = config;
  if (place === undefined) return [];
  const name = `Skills of ${place}`;
  if (midwatch.clients.skills === null)
    return [{ name, state: "problem", detail: "needs GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY" }];
  const { skills, runbooks, problems } = await openSkillRepository(midwatch.clients.skills, place, Date.now).read(signal);
  const found = `${counted(skills.length, "skill")}, ${counted(runbooks.length, "runbook")}`;
  const [first] = problems;
  return [
    first === undefined
      ? { name, state: "ok", detail: found }
      : { name, state: "warning", detail: `${found}; ${counted(problems.length, "problem")}, the first: ${problemLine(first)}` },
  ];
}

async function checkVendors(
  config: Config,
  catalog: Catalog,
  midwatch: Midwatch,
  channels: readonly string[],
  repositories: readonly string[],
  signal: AbortSignal,
): Promise<Check[]> {
  const { pagerduty, datadog, sentry, postgres, sql } = midwatch.clients;
  const keyChecks = (name: string, results: readonly { source: string; what: string; ok: boolean; problem: string | null }[]): Check[] =>
    results.map(({ source, what, ok, problem: wrong }) => ({
      name: source || name,
      state: ok ? "ok" : "problem",
      detail: ok ? `${what} can be read` : (wrong ?? "cannot be read"),
    }));
  const groups = await Promise.all([
    guarded("PagerDuty", async () => {
      if (pagerduty === null) return notConfigured("PagerDuty", "PAGERDUTY_API_TOKEN");
      return pagerdutyRights((await pagerduty.me(signal)).value);
    }),
    guarded("Datadog", async () =>
      datadog === null
        ? notConfigured("Datadog", "DD_API_KEY and DD_APP_KEY")
        : [
            ...keyChecks("Datadog", await datadog.validate({}, signal)),
            ...(await guarded("Datadog", () => datadogRights(datadog, signal))),
          ],
    ),
    guarded("Sentry", async () =>
      sentry === null
        ? notConfigured("Sentry", "SENTRY_AUTH_TOKEN and SENTRY_ORG")
        : [...keyChecks("Sentry", await sentry.validate({}, signal)), ...(await guarded("Sentry", () => sentryRights(sentry, signal)))],
    ),
    guarded("PostgreSQL", async () => {
      if (postgres === null) return notConfigured("PostgreSQL", "DATABASES");
      const results = await postgres.validate({}, signal);
      return [
        ...keyChecks("PostgreSQL", results),
        ...results.flatMap(({ source, excess }) => roleChecks(source, excess, "than midwatch needs", "docs/setup.md#postgresql")),
      ];
    }),
    guarded("SQL", async () => {
      const results = sql === null ? [] : await sql.validate({}, signal);
      return [
        ...keyChecks("SQL", results),
        ...results.flatMap(({ source, excess }) => roleChecks(source, excess, "than the catalog allows", "docs/setup.md#sql-of-the-model")),
      ];
    }),
    guarded("GitHub", () => checkGithub(midwatch.clients.github, repositories, signal)),
    guarded("Skills", () => checkSkills(midwatch, config, signal)),
    guarded("Slack", () => checkSlack(midwatch, channels, signal)),
    guarded("MCP", () => checkMcpServers(midwatch.clients.mcp, config, signal)),
    guarded("Slack responders", () => checkResponders(midwatch.clients.slack, catalog, signal)),
    guarded("Sign-in", () => checkSignIn(config, oidcOf(config, { fetch: networkOf(config).fetch }))),
    guarded("Model", () => checkModels(config, signal)),
  ]);
  return groups.flat();
}

/** `doctor`: one line for each thing that must work, with what to do where it does not. Exit code 1 when something is a problem. */
export async function doctor(args: { json: boolean }): Promise<number> {
  const checks: Check[] = [];
  const say = () => {
    const marks = { ok: "✓", warning: "!", problem: "✗" };
    if (args.json) console.log(JSON.stringify({ ok: checks.every((check) => check.state !== "problem"), checks }));
    else for (const { name, state, detail } of checks) console.log(`${marks[state]} ${name}: ${detail}`);
    return checks.some((check) => check.state === "problem") ? 1 : 0;
  };
  let midwatch: Midwatch;
  let config: Config;
  let catalog: Catalog;
  let channels: string[];
  let repositories: string[];
  try {
    config = parseConfig(readEnvironment());
    checks.push({ name: "Settings", state: "ok", detail: "all there" });
    catalog = loadCatalog(config);
    const problems: Problem[] = [];
    const library = openSkillFolders(config.SKILLS_PATH ?? null, (found) => problems.push(...found)).current();
    checks.push({
      name: "Catalog",
      state: catalog.services.length === 0 ? "warning" : "ok",
      detail: `${catalog.services.length} services, ${catalog.signals.length} signals; ${library.runbooks.length} runbooks, ${library.skills.length} skills`,
    });
    const [first] = problems;
    if (first !== undefined)
      checks.push({ name: "Skills", state: "warning", detail: `${counted(problems.length, "problem")}, the first: ${problemLine(first)}` });
    channels = [
      ...new Set(
        [catalog.slackChannel(null), ...catalog.services.map((service) => service.slack_channel ?? null)].filter(
          (channel) => channel !== null,
        ),
      ),
    ];
    repositories = [...new Set(catalog.services.flatMap((service) => service.github?.repository ?? []))];
    checks.push(...unnamedDatabases(catalog, config));
    const mcp = loadMcpServers(config);
    midwatch = createMidwatch({
      config,
      redaction: loadRedaction(config),
      catalog,
      mcp,
      library: () => library,
      fetch: networkOf(config, mcp).fetch,
      yieldNow: () => Promise.resolve(),
      publicUrl: config.PUBLIC_URL ?? null,
      parseSql,
    });
  } catch (error) {
    if (error instanceof ConfigError || error instanceof RedactionRulesError)
      checks.push(...error.problems.map((line): Check => ({ name: "Settings", state: "problem", detail: line })));
    else if (error instanceof McpServersError) checks.push(problem("MCP", error));
    else if (error instanceof CatalogError || (error instanceof Error && error.name === "RunbookError"))
      checks.push(problem("Catalog", error));
    else throw error;
    return say();
  }
  if (!args.json) console.error("asking each vendor …");
  checks.push(...(await checkVendors(config, catalog, midwatch, channels, repositories, AbortSignal.timeout(TIMEOUT_MS))));
  return say();
}
