import { z } from "zod";
import { parsePersonRule, type PersonRule } from "./access/roles.ts";
import { efforts } from "./incident/model.ts";

/**
 * Every setting, once: name, meaning, default. `process.env` is read in node.ts and bindings in worker.ts; both hand their values here.
 * Descriptions are what an operator reads when a setting is wrong, and the comments of `.env.example`.
 */
const optional = () => z.string().trim().min(1).optional();
const url = () =>
  z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    // It stands in links and errors.
    .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === "", {
      error: "must hold no user name or password",
    })
    .transform((text) => text.replace(/\/+$/, ""))
    .optional();
/** `name=postgres://…`, several with commas; a comma inside a URL is `%2C`. */
const databaseList = z.string().transform((text, context) =>
  text.split(",").flatMap((part) => {
    const entry = part.trim();
    if (entry === "") return [];
    const at = entry.indexOf("=");
    const name = entry.slice(0, Math.max(at, 0)).trim();
    const address = entry.slice(at + 1).trim();
    // The entry holds a password, so a message may name no more of it than a part that is surely none.
    if (name === "" || !/^postgres(ql)?:\/\/[^\s/]+\/[^\s/?]+/.test(address) || !URL.canParse(address)) {
      context.addIssue({ code: "custom", message: "each entry must have the form that follows" });
      return [];
    }
    return [{ name, url: address }];
  }),
);
/** `name=token`, several with commas. */
const tokenList = z.string().transform((text, context) =>
  text.split(",").flatMap((part) => {
    const entry = part.trim();
    if (entry === "") return [];
    // No more of it may be told than that it is wrong: all of it may be the token.
    const [, name, token] = /^([a-z][a-z0-9-]{0,39})=([\x21-\x7e]{8,})$/.exec(entry) ?? [];
    if (name !== undefined && token !== undefined) return [{ name, token }];
    context.addIssue({ code: "custom", message: "each entry must be name=token, the token at least 8 characters without blanks" });
    return [];
  }),
);
const commaList = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

/** Whom a setting means, several with commas. */
const people = z.string().transform((text, context) =>
  text.split(",").flatMap((part, index): PersonRule[] => {
    const entry = part.trim();
    if (entry === "") return [];
    const rule = parsePersonRule(entry);
    if (rule !== null) return [rule];
    context.addIssue({ code: "custom", message: `entry ${index + 1} is none of name@example.com, @example.com, claim=value and *` });
    return [];
  }),
);
/** Claims alone, several with commas. */
const claimList = people.refine((rules) => rules.every(({ kind }) => kind === "claim"), { error: "each entry must be claim=value" });

/** Names under which nobody but this machine reaches itself. */
export const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "::1"];
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host.replace(/^\[|\]$/g, ""));
/** An address that what is sent to it reaches unread: https, or this machine itself. */
const isSafeUrl = (address: string): boolean => {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || isLoopback(hostname);
};

/** A limit that is set as a number above nought. */
const amount = (usual: number) => z.coerce.number({ error: "must be a number" }).positive({ error: "must be more than 0" }).default(usual);

const NO_PORT = "must be a whole number from 0 to 65535";

const dollars = z.number().nonnegative();
const priceSchema = z.record(z.string().min(1), z.strictObject({ input: dollars, output: dollars, cacheRead: dollars.optional() }));
/** A model's price in dollars per million tokens, as JSON. */
const priceList = z.string().transform((text, context) => {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below: what is no JSON is no price list either.
  }
  const parsed = priceSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: 'must be JSON like {"claude-x":{"input":4,"output":20,"cacheRead":0.2}}' });
  return z.NEVER;
});

/** Shorter keys could be guessed. */
const SHORTEST_KEY = 32;

export const configSchema = z.object({
  PORT: z.coerce
    .number({ error: NO_PORT })
    .int({ error: NO_PORT })
    .min(0, { error: NO_PORT })
    .max(65_535, { error: NO_PORT })
    .default(3000)
    .describe("port to listen on"),
  HOST: z
    .string()
    .trim()
    .min(1)
    .default("127.0.0.1")
    .describe("address to listen on; another than loopback only with a sign-in (OIDC_ISSUER) or PROXY_LOGIN"),
  DATABASE_PATH: z.string().trim().min(1).default("midwatch.db").describe("SQLite file that holds every incident; one process owns it"),
  CATALOG_PATH: z.string().trim().min(1).default("catalog.yaml").describe("the platform team's catalog of services and signals"),
  SKILLS_PATH: optional().describe(
    "folder with the team's own skills/ and runbooks/, for example a Git checkout; read again at each investigation",
  ),
  SKILLS_REPOSITORY: z
    .string()
    .trim()
    .regex(/^[\w.-]+\/[\w.-]+(?:@[\w./-]+)?$/, { error: "must be owner/name or owner/name@branch" })
    .optional()
    .describe(
      "GitHub repository with the team's own skills/ and runbooks/ (owner/name, or owner/name@branch), read with the GitHub credential",
    ),
  REDACTION_RULES: optional().describe(
    "YAML or JSON file with redaction rules of your own (on Workers its text): patterns, field names, what never to hide; docs/operating.md",
  ),
  REDACTION_KEY: z
    .string()
    .trim()
    .min(SHORTEST_KEY, { error: `must have at least ${SHORTEST_KEY} characters; openssl rand -hex 32 makes one` })
    .optional()
    .describe("key with which hidden personal data is kept, so that people with the right may reveal it; none: it is not kept at all"),
  PUBLIC_URL: url().describe("where people reach midwatch's pages, for links in Slack; default http://HOST:PORT"),
  OIDC_ISSUER: url()
    .refine((issuer) => issuer === undefined || isSafeUrl(issuer), { error: "must be an https URL" })
    .describe("sign-in for the pages by OpenID Connect: the provider, for example https://slack.com or https://accounts.google.com"),
  OIDC_CLIENT_ID: optional().describe("client id of midwatch at the provider"),
  OIDC_CLIENT_SECRET: optional().describe("client secret of midwatch at the provider"),
  OIDC_SCOPES: z
    .string()
    .trim()
    .regex(/^openid(?: \S+)*$/, { error: "must begin with openid; scopes are apart by blanks" })
    .default("openid email profile")
    .describe("scopes to ask the provider for; add groups where roles go by groups"),
  OIDC_REQUIRE: claimList
    .default([])
    .describe("claims that whoever signs in must have, claim=value, several with commas: hd=example.com, https://slack.com/team_id=T0123"),
  ROLE_VIEWER: people
    .default([])
    .describe("who may see the pages: name@example.com, @example.com, claim=value (groups=sre), or * for all who can sign in; with commas"),
  ROLE_RESPONDER: people
    .refine((rules) => rules.every(({ kind }) => kind !== "everyone"), { error: "* is for ROLE_VIEWER only" })
    .default([])
    .describe("who may act on the pages as well, in the same way"),
  ROLE_ADMIN: people
    .refine((rules) => rules.every(({ kind }) => kind !== "everyone"), { error: "* is for ROLE_VIEWER only" })
    .default([])
    .describe("who may also see what was masked, in the same way"),
  SESSION_SECRET: commaList
    .refine((secrets) => secrets.every((secret) => secret.length >= 32), { error: "must have at least 32 characters" })
    .default([])
    .describe("seals sessions and links: openssl rand -base64 48; several with commas while one is changed, the new one first"),
  PROXY_LOGIN: z
    .stringbool({ error: "must be true or false" })
    .default(false)
    .describe("true: a proxy with a login of its own stands before the pages, so midwatch may do without one"),
  SLACK_LINK_MINUTES: z.coerce
    .number({ error: "must be a number" })
    .int({ error: "must be a whole number" })
    .min(0, { error: "must not be negative" })
    .max(60, { error: "must be at most 60" })
    .default(0)
    .describe("/midwatch answers with links that show an incident without a sign-in for so many minutes, up to 60; 0: with plain links"),
  PAGERDUTY_WEBHOOK_SECRET: commaList
    .default([])
    .describe("signing secret of the webhook subscription; several with commas while one is rotated"),
  PAGERDUTY_API_TOKEN: optional().describe("read-only REST API key"),
  PAGERDUTY_API_URL: url().describe("default https://api.pagerduty.com; EU accounts: https://api.eu.pagerduty.com"),
  DD_API_KEY: optional().describe("Datadog API key"),
  DD_APP_KEY: optional().describe("Datadog application key with read scopes only"),
  DD_SITE: z
    .string()
    .trim()
    .regex(/^(?!(?:app|api|www)\.)[a-z\d-]+(?:\.[a-z\d-]+)+$/i, { error: "must be the site alone, without https:// and without app." })
    .default("datadoghq.com")
    .describe("Datadog site, for example datadoghq.eu or us5.datadoghq.com"),
  DD_API_URL: url().describe("default https://api.<DD_SITE>"),
  SENTRY_AUTH_TOKEN: optional().describe("Sentry token with org:read, project:read, event:read"),
  SENTRY_ORG: optional().describe("slug of the Sentry organisation"),
  SENTRY_API_URL: url().describe("default https://sentry.io; by region https://us.sentry.io or https://de.sentry.io, or your own host"),
  SENTRY_DSN: z
    .string()
    .trim()
    .regex(/^https?:\/\/[^@\s/]+@[^\s/]+(?:\/[^\s]*)?\/\d+$/, { error: "must be a DSN as Sentry shows it (https://key@host/number)" })
    .optional()
    .describe("where midwatch reports its own errors; none: they stay in the log"),
  DATABASES: databaseList
    .default([])
    .describe("PostgreSQL databases by the catalog's name of each: name=postgres://user:password@host:5432/database, several with commas"),
  SQL_DATABASES: databaseList
    .default([])
    .describe(
      "databases that the model may write SQL for, name=postgres://user:password@host:5432/database, several with commas: best a standby, with the login role that `midwatch sql grants` makes; only tables that the catalog declares are read",
    ),
  MCP_SERVERS_PATH: optional().describe("file that names MCP servers and which of their tools the model may ask; none: no such tools"),
  MCP_TOKENS: tokenList
    .default([])
    .describe("credentials of MCP servers by the names that the file of MCP_SERVERS_PATH gives them: name=token, several with commas"),
  GITHUB_TOKEN: optional().describe("fine-grained token for the catalog's repositories; or use a GitHub App"),
  GITHUB_APP_ID: optional().describe("id of the GitHub App (recommended)"),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .trim()
    .min(1)
    .transform((text) => text.replaceAll("\\n", "\n"))
    .optional()
    .describe("private key of the GitHub App, PEM; \\n for line ends is understood"),
  GITHUB_API_URL: url().describe("default https://api.github.com; GitHub Enterprise Server: https://host/api/v3"),
  SLACK_BOT_TOKEN: z
    .string()
    .trim()
    .regex(/^(?:xoxe\.)?xoxb-./, { error: "must begin with xoxb-; Slack's other tokens cannot post as the app" })
    .optional()
    .describe("bot token of the Slack app (xoxb-)"),
  SLACK_SIGNING_SECRET: optional().describe("signing secret of the Slack app; not needed with Socket Mode"),
  SLACK_APP_TOKEN: optional().describe("app-level token (xapp-): events come by Socket Mode instead of HTTP"),
  SLACK_API_URL: url().describe("default https://slack.com/api"),
  ANTHROPIC_API_KEY: optional().describe("key of the Messages API; without it midwatch reports from the data alone"),
  ANTHROPIC_BASE_URL: url().describe("default https://api.anthropic.com"),
  MIDWATCH_MODEL: z.string().trim().min(1).default("claude-opus-5-5").describe("model that investigates"),
  MIDWATCH_FOLLOW_UP_MODEL: z.string().trim().min(1).default("claude-haiku-5-5").describe("model for short questions after the finding"),
  MIDWATCH_EFFORT: z
    .enum(efforts, { error: "must be one of the words that follow" })
    .default("medium")
    .describe("how hard the model thinks: low, medium, high, xhigh or max; more costs more and takes longer"),
  MIDWATCH_MINUTES: amount(5).describe("longest investigation by the model, minutes"),
  MIDWATCH_TURNS: amount(25).describe("most answers of the model in one investigation"),
  MIDWATCH_DOLLARS: amount(2).describe("most that one investigation may cost, US dollars by list prices"),
  MIDWATCH_PRICES: priceList
    .default({})
    .describe("prices by model id, US dollars per million tokens, where they are not the list prices that midwatch knows; as JSON"),
  MIDWATCH_DOLLARS_PER_DAY: amount(50).describe(
    "most that all investigations of a day (UTC) may cost; with Workers it holds for each incident alone",
  ),
});

export type Config = z.output<typeof configSchema>;
export type SettingName = keyof typeof configSchema.shape;

/** Settings of which no value may ever be shown: in logs, errors, pages or exports. */
export const secretSettings = [
  "REDACTION_KEY",
  "OIDC_CLIENT_SECRET",
  "SESSION_SECRET",
  "PAGERDUTY_WEBHOOK_SECRET",
  "PAGERDUTY_API_TOKEN",
  "DD_API_KEY",
  "DD_APP_KEY",
  "SENTRY_AUTH_TOKEN",
  "SENTRY_DSN",
  "DATABASES",
  "SQL_DATABASES",
  "MCP_TOKENS",
  "GITHUB_TOKEN",
  "GITHUB_APP_PRIVATE_KEY",
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "SLACK_APP_TOKEN",
  "ANTHROPIC_API_KEY",
] as const satisfies readonly SettingName[];

/** What the operator must mend before midwatch starts; every problem at once, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`${problems.join("\n")}\nNothing was started.`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const describe = (name: SettingName): string => configSchema.shape[name].meta()?.description ?? "";

/** Settings that only work together, and what the main job can't do without. */
function missingParts(config: Config, how: string): string[] {
  const problems: string[] = [];
  const missing = (name: SettingName, because: string) => problems.push(`${name} is missing (${describe(name)})${because}. ${how}`);
  if (config.PAGERDUTY_WEBHOOK_SECRET.length === 0) missing("PAGERDUTY_WEBHOOK_SECRET", "");
  if (config.SLACK_BOT_TOKEN === undefined) missing("SLACK_BOT_TOKEN", "");
  if (config.SLACK_SIGNING_SECRET === undefined && config.SLACK_APP_TOKEN === undefined)
    missing("SLACK_SIGNING_SECRET", ", or set SLACK_APP_TOKEN for Socket Mode");
  if (config.DD_API_KEY !== undefined && config.DD_APP_KEY === undefined) missing("DD_APP_KEY", "; DD_API_KEY alone cannot read");
  if (config.DD_APP_KEY !== undefined && config.DD_API_KEY === undefined) missing("DD_API_KEY", "; DD_APP_KEY alone cannot read");
  if (config.SENTRY_AUTH_TOKEN !== undefined && config.SENTRY_ORG === undefined) missing("SENTRY_ORG", "; SENTRY_AUTH_TOKEN is set");
  if (config.GITHUB_APP_ID !== undefined && config.GITHUB_APP_PRIVATE_KEY === undefined)
    missing("GITHUB_APP_PRIVATE_KEY", "; GITHUB_APP_ID is set");
  if (config.GITHUB_APP_PRIVATE_KEY !== undefined && config.GITHUB_APP_ID === undefined)
    missing("GITHUB_APP_ID", "; GITHUB_APP_PRIVATE_KEY is set");
  problems.push(...accessProblems(config, missing));
  return problems;
}

/** What keeps the pages from people who should not see them. */
function accessProblems(config: Config, missing: (name: SettingName, because: string) => void): string[] {
  const { OIDC_ISSUER: issuer, HOST: host, PUBLIC_URL: publicUrl } = config;
  const problems: string[] = [];
  if (issuer === undefined) {
    if (!isLoopback(host) && !config.PROXY_LOGIN) {
      problems.push(
        `HOST is ${host}, so others than this machine would read the pages without a login. Set up a sign-in (OIDC_ISSUER, docs/setup.md), or PROXY_LOGIN=true where a proxy with a login stands in front.`,
      );
    }
    if (config.SLACK_LINK_MINUTES > 0) missing("OIDC_ISSUER", "; SLACK_LINK_MINUTES needs a sign-in");
    return problems;
  }
  for (const name of ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "PUBLIC_URL"] as const)
    if (config[name] === undefined) missing(name, "; OIDC_ISSUER is set");
  if (config.SESSION_SECRET.length === 0) missing("SESSION_SECRET", "; OIDC_ISSUER is set");
  if (config.ROLE_VIEWER.length + config.ROLE_RESPONDER.length + config.ROLE_ADMIN.length === 0)
    missing("ROLE_VIEWER", "; nobody could see anything");
  if (publicUrl !== undefined && !isSafeUrl(publicUrl))
    problems.push("PUBLIC_URL is wrong: with a sign-in it must be an https URL, for cookies are sent over nothing else.");
  if (publicUrl !== undefined && new URL(publicUrl).pathname !== "/")
    problems.push("PUBLIC_URL is wrong: with a sign-in it must have no path; cookies and forms belong to a whole host.");
  // Whoever may set addresses in any workspace of Slack could otherwise sign in as anybody.
  if (new URL(issuer).hostname === "slack.com" && !config.OIDC_REQUIRE.some((rule) => rule.kind === "claim" && rule.claim === SLACK_TEAM))
    missing("OIDC_REQUIRE", `; with Slack it must name your workspace: ${SLACK_TEAM}=T0123`);
  return problems;
}

const SLACK_TEAM = "https://slack.com/team_id";

/**
 * Parses all settings; an empty value counts as not set. Values are never part of a message.
 * @param how what to do about a setting that is missing
 * @throws ConfigError listing every problem
 */
export function parseConfig(values: Readonly<Record<string, unknown>>, how = "Set it in .env."): Config {
  return settingsOf(values, (config) => missingParts(config, how));
}

/**
 * As {@link parseConfig}, for a command that needs a few settings alone and tells itself which: of the others what is wrong is told, and not
 * what is missing.
 * @throws ConfigError listing every problem
 */
export const parseGiven = (values: Readonly<Record<string, unknown>>): Config => settingsOf(values, () => []);

function settingsOf(values: Readonly<Record<string, unknown>>, missingOf: (config: Config) => string[]): Config {
  const given = Object.fromEntries(
    Object.keys(configSchema.shape).flatMap((name) => (values[name] === undefined || values[name] === "" ? [] : [[name, values[name]]])),
  );
  const read = configSchema.safeParse(given);
  if (!read.success) {
    const wrong = read.error.issues.map((issue) => {
      const name = String(issue.path[0]) as SettingName;
      return `${name} is wrong: ${issue.message.replace(/^Invalid input: /, "")} (${describe(name)}).`;
    });
    // What is missing is listed beside what is wrong: parse the rest without the wrong ones.
    const bad = new Set(read.error.issues.map((issue) => String(issue.path[0])));
    const rest = configSchema.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name))));
    const missing = rest.success ? missingOf(rest.data).filter((line) => ![...bad].some((name) => line.startsWith(`${name} `))) : [];
    throw new ConfigError([...new Set([...wrong, ...missing])]);
  }
  const missing = missingOf(read.data);
  if (missing.length > 0) throw new ConfigError(missing);
  return read.data;
}

/** Why no model takes part, or null where one does. */
export const withoutModel = ({ ANTHROPIC_API_KEY: key }: Config): string | null =>
  key === undefined ? "ANTHROPIC_API_KEY is not set" : null;

/** The text of `.env.example`: every setting with its meaning, none with a value that works by accident. */
export function exampleEnv(): string {
  const lines = [
    "# Every setting of midwatch. Copy to .env and fill in what you have; docs/setup.md says where each value comes from.",
    "",
  ];
  for (const [name, schema] of Object.entries(configSchema.shape)) {
    const fallback = schema.safeParse(undefined);
    const value = fallback.success && (typeof fallback.data === "string" || typeof fallback.data === "number") ? String(fallback.data) : "";
    lines.push(`# ${schema.meta()?.description ?? ""}`, value === "" ? `${name}=` : `# ${name}=${value}`, "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Of a database both the whole URL and the password alone: a message may hold either. */
function databaseSecrets(text: string): string[] {
  const { password } = new URL(text);
  // As written where it is no valid encoding.
  let plain = password;
  try {
    plain = decodeURIComponent(password);
  } catch {}
  return [text, password, plain];
}

/** This process's own credentials, each as it may stand in a text. Longest first: one value may begin another. */
export function secretValues(config: Config): readonly string[] {
  const values = [
    ...secretSettings.flatMap((name) =>
      name === "DATABASES" || name === "SQL_DATABASES" || name === "MCP_TOKENS" ? [] : (config[name] ?? []),
    ),
    ...[...config.DATABASES, ...config.SQL_DATABASES].flatMap(({ url: address }) => databaseSecrets(address)),
    ...config.MCP_TOKENS.map(({ token }) => token),
  ];
  return [...new Set(values)].toSorted((a, b) => b.length - a.length);
}
