import { z } from "zod";
import { SURE_OWN } from "./guard/own-values.ts";
import { parsePersonRule, type PersonRule } from "./access/roles.ts";
import { intakes as allIntakes } from "./intake/index.ts";
import type { Intake } from "./intake/intake.ts";
import { commaList, headersIn, headersSetting, textSetting, urlSetting } from "./integrations/setting.ts";
import type { Vendor } from "./integrations/vendor.ts";
import { vendors as allVendors } from "./integrations/vendors.ts";
import { DEFAULT_LIMITS, DEFAULT_SHARED_LIMITS } from "./investigation/agent/budget.ts";
import { SetupError } from "./guard/errors.ts";
import { nearestName } from "./guard/nearest-name.ts";
import { settingByOtherName } from "./integrations/other-names.ts";

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

/** Days that something is kept; 0: for good. */
const days = (what: string) =>
  z.coerce
    .number({ error: "must be a number of days" })
    .min(0, { error: "must not be negative" })
    .default(0)
    .describe(`${what}; 0: forever`);

const NO_PORT = "must be a whole number from 0 to 65535";

const dollars = z.number().nonnegative();
const priceSchema = z.record(z.string().min(1), z.strictObject({ input: dollars, output: dollars, cacheRead: dollars.optional() }));
/** A model's price in dollars per million tokens, as JSON. */
const priceList = z.string().transform((text, context) => {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Reported below: what is no JSON is no price list either.
  }
  const parsed = priceSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: 'must be JSON like {"claude-x":{"input":4,"output":20,"cacheRead":0.2}}' });
  return z.NEVER;
});

/** Shorter keys could be guessed. */
const SHORTEST_KEY = 32;

/** Settings of the house itself: where it listens and keeps things, and who may see the pages. */
const houseSettings = {
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
    .describe("address to listen on; any but loopback needs a sign-in (OIDC_ISSUER) or PROXY_LOGIN"),
  DATABASE_PATH: z.string().trim().min(1).default("midwatch.db").describe("SQLite file that holds every incident; one process owns it"),
  CATALOG_PATH: z.string().trim().min(1).default("catalog.yaml").describe("the platform team's catalog of services and signals"),
  SKILLS_PATH: textSetting().describe(
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
  REDACTION_RULES: textSetting().describe(
    "YAML or JSON file with redaction rules of your own (on Workers its text): patterns, field names, what never to hide; docs/operating.md",
  ),
  REDACTION_KEY: z
    .string()
    .trim()
    .min(SHORTEST_KEY, { error: `must have at least ${SHORTEST_KEY} characters; openssl rand -hex 32 makes one` })
    .optional()
    .describe(
      "key that seals hidden personal data, so that people with the right can reveal it; without it midwatch does not keep that data",
    ),
  PUBLIC_URL: urlSetting().describe("where people reach midwatch's pages, for links in Slack; default http://HOST:PORT"),
  OIDC_ISSUER: urlSetting()
    .refine((issuer) => issuer === undefined || isSafeUrl(issuer), { error: "must be an https URL" })
    .describe("sign-in for the pages by OpenID Connect: the provider, for example https://slack.com or https://accounts.google.com"),
  OIDC_CLIENT_ID: textSetting().describe("client id of midwatch at the provider"),
  OIDC_CLIENT_SECRET: textSetting().describe("client secret of midwatch at the provider"),
  OIDC_SCOPES: z
    .string()
    .trim()
    .regex(/^openid(?: \S+)*$/, { error: "must begin with openid; scopes are apart by blanks" })
    .default("openid email profile")
    .describe("scopes to ask the provider for; add groups where roles go by groups"),
  OIDC_REQUIRE: claimList
    .default([])
    .describe(
      "claims that everyone who signs in needs, claim=value; separate several with commas: hd=example.com, https://slack.com/team_id=T0123",
    ),
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
    .describe("seals sessions and links: openssl rand -base64 48; during a change give both, the new one first, separated by a comma"),
  PROXY_LOGIN: z
    .stringbool({ error: "must be true or false" })
    .default(false)
    .describe("true: a proxy with its own login protects the pages, so midwatch needs none"),
  SLACK_LINK_MINUTES: z.coerce
    .number({ error: "must be a number" })
    .int({ error: "must be a whole number" })
    .min(0, { error: "must not be negative" })
    .max(60, { error: "must be at most 60" })
    .default(0)
    .describe("minutes for which links in the answers to /midwatch show an incident without a sign-in, up to 60; 0: plain links"),
  LOG_FORMAT: z
    .enum(["auto", "json", "text"], { error: "must be auto, json or text" })
    .default("auto")
    .describe("log format: json, text, or auto (text on a terminal, json elsewhere)"),
  MEMORY_MB: z.coerce
    .number({ error: "must be a number" })
    .int({ error: "must be a whole number" })
    .min(384, { error: "must be at least 384" })
    .optional()
    .describe("memory that serve may use, MiB; with less, fewer triages run at once; default: the container's limit"),
  METRICS_TOKEN: z
    .string()
    .trim()
    .min(SHORTEST_KEY, { error: `must have at least ${SHORTEST_KEY} characters; openssl rand -hex 32 makes one` })
    .optional()
    .describe("bearer token for Prometheus to read /metrics; without it there is no /metrics"),
  OTEL_EXPORTER_OTLP_ENDPOINT: urlSetting().describe(
    "OpenTelemetry collector (OTLP over HTTP, without /v1/traces) that gets traces of midwatch's own work; not on Workers",
  ),
  OTEL_EXPORTER_OTLP_HEADERS: headersSetting().describe("headers for that collector, name=value with commas between, such as its API key"),
  RETENTION_EVIDENCE_DAYS: days("days to keep vendors' raw answers, once there is nothing left to do for their incident"),
  RETENTION_INCIDENT_DAYS: days("days to keep incidents, once there is nothing left to do for them; the audit has its own setting"),
  RETENTION_SEALED_DAYS: days("days to keep sealed personal values, once there is nothing left to do for their incident"),
  RETENTION_AUDIT_DAYS: days("days to keep the texts of audit entries; their hashes stay"),
  RATE_LIMIT_SHARE: z.coerce
    .number({ error: "must be a number" })
    .min(1, { error: "must be at least 1" })
    .max(100, { error: "must be at most 100" })
    .default(50)
    .describe("most that midwatch takes of what a vendor's rate limit has left, percent; the rest is for people and other tools"),
  BLIND_AFTER_HOURS: z.coerce
    .number({ error: "must be a number" })
    .min(0, { error: "must not be negative" })
    .default(0)
    .describe("hours without a webhook after which midwatch says in Slack that it may be blind; 0: never"),
};

/** What the model's work may take, and what it costs. */
const limitSettings = {
  MIDWATCH_MINUTES: amount(DEFAULT_LIMITS.timeMs / 60_000).describe("longest investigation by the model, minutes"),
  MIDWATCH_TURNS: amount(DEFAULT_LIMITS.turns).describe("most answers of the model in one investigation"),
  MIDWATCH_DOLLARS: amount(DEFAULT_LIMITS.dollars).describe("most that one investigation may cost, US dollars by list prices"),
  MIDWATCH_PRICES: priceList
    .default({})
    .describe("prices by model id, US dollars per million tokens, where they are not the list prices that midwatch knows; as JSON"),
  MIDWATCH_DOLLARS_PER_INCIDENT: amount(DEFAULT_SHARED_LIMITS.dollarsPerIncident).describe(
    "most that the model's whole work for one incident may cost, US dollars: investigations, patches, answers",
  ),
  MIDWATCH_DOLLARS_PER_HOUR: amount(DEFAULT_SHARED_LIMITS.dollarsPerHour).describe(
    "most that investigations nobody asked for may cost in one hour (UTC), US dollars, over all incidents",
  ),
  MIDWATCH_DOLLARS_PER_DAY: amount(DEFAULT_SHARED_LIMITS.dollarsPerDay).describe(
    "most that the model's work may cost in one day (UTC), US dollars, over all incidents",
  ),
};

type Together<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type AllSettings = typeof houseSettings & Together<(typeof allIntakes | typeof allVendors)[number]["settings"]> & typeof limitSettings;

/** All that brings settings of its own, in the order of `.env.example`. */
const partsOf = (vendors: readonly Vendor[], intakes: readonly Intake[]): readonly Pick<Vendor, "settings" | "secrets">[] => [
  ...intakes,
  ...vendors,
];

/** Every setting, once: name, meaning, default. Descriptions are what an operator reads in `.env.example`, and when a setting is wrong. */
const schemaOf = (vendors: readonly Vendor[], intakes: readonly Intake[]) =>
  z.object(Object.assign({}, houseSettings, ...partsOf(vendors, intakes).map(({ settings }) => settings), limitSettings) as AllSettings);

export const configSchema = schemaOf(allVendors, allIntakes);

export type Config = z.output<typeof configSchema>;
export type SettingName = keyof typeof configSchema.shape;

const secretsOf = (vendors: readonly Vendor[], intakes: readonly Intake[]): readonly string[] => [
  ...["REDACTION_KEY", "OIDC_CLIENT_SECRET", "SESSION_SECRET", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS"],
  ...partsOf(vendors, intakes).flatMap(({ secrets }) => secrets),
];

/** Settings of which no value may ever be shown: in logs, errors, pages or exports. */
export const secretSettings = secretsOf(allVendors, allIntakes) as readonly SettingName[];

/** What the operator must fix before midwatch starts; every problem at once, one line each. */
export class ConfigError extends SetupError {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`${problems.join("\n")}\nNothing was started.`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

type Schema = ReturnType<typeof schemaOf>;
type Missing = (name: string, because: string) => void;

const describe = (schema: Schema, name: string): string =>
  (schema.shape as Readonly<Record<string, z.ZodType>>)[name]?.meta()?.description ?? "";

/** Secrets of the pagers whose deliveries are taken, as the settings have them. */
export const intakeSecrets = (config: Config, intakes: readonly Intake[] = allIntakes): readonly string[] => {
  const all: Readonly<Record<string, unknown>> = config;
  return intakes.flatMap(({ secrets }) => secrets.flatMap((name) => all[name] ?? []).map(String));
};

/** Settings that only work together, and what the main job can't do without. */
function missingParts(
  config: Config,
  schema: Schema,
  parts: { vendors: readonly Vendor[]; intakes: readonly Intake[] },
  how: string,
): string[] {
  const problems: string[] = [];
  const missing: Missing = (name, because) => problems.push(`${name} is missing (${describe(schema, name)})${because}. ${how}`);
  const [first, ...others] = parts.intakes.flatMap(({ secrets }) => secrets);
  if (first !== undefined && intakeSecrets(config, parts.intakes).length === 0)
    missing(first, others.length === 0 ? "" : `, or that of another pager: ${others.join(", ")}`);
  for (const vendor of parts.vendors) for (const { setting, because } of vendor.missing?.(config) ?? []) missing(setting, because);
  problems.push(...shortSecrets(config, parts.vendors, parts.intakes), ...accessProblems(config, missing));
  return problems;
}

/** Credentials that could occur in a text by chance: hiding them everywhere would cut into words, and not hiding them would show them. */
function shortSecrets(config: Config, vendors: readonly Vendor[], intakes: readonly Intake[]): string[] {
  const all: Readonly<Record<string, unknown>> = config;
  const apart = new Map(
    vendors.flatMap((vendor) => (vendor.secretTexts === undefined ? [] : vendor.secrets.map((name) => [name, vendor]))),
  );
  const textsOf = (name: string): readonly unknown[] => apart.get(name)?.secretTexts?.(config) ?? [all[name] ?? []].flat();
  return secretsOf(vendors, intakes)
    .filter((name) => textsOf(name).some((value) => value !== "" && String(value).length < SURE_OWN))
    .map(
      (name) =>
        `${name} is wrong: a credential must have at least ${SURE_OWN} characters, so that it is found wherever it leaks. Was it cut off? Copy it again, or make a longer one.`,
    );
}

/** What keeps the pages from people who should not see them. */
function accessProblems(config: Config, missing: Missing): string[] {
  const { OIDC_ISSUER: issuer, HOST: host, PUBLIC_URL: publicUrl } = config;
  const problems: string[] = [];
  if (issuer === undefined) {
    if (!isLoopback(host) && !config.PROXY_LOGIN) {
      problems.push(
        `HOST is ${host}, so other machines could read the pages without a login. Set up a sign-in (OIDC_ISSUER, docs/setup.md), or PROXY_LOGIN=true if a proxy with a login protects them.`,
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
  // Otherwise an admin of any Slack workspace could sign in as anybody.
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
export const parseConfig = (
  values: Readonly<Record<string, unknown>>,
  how = "Set it in .env.",
  vendors: readonly Vendor[] = allVendors,
  intakes: readonly Intake[] = allIntakes,
): Config => readSettings(values, schemaOf(vendors, intakes), (config, schema) => missingParts(config, schema, { vendors, intakes }, how));

/**
 * As {@link parseConfig}, for a command that needs a few settings and names itself which are missing: only what is wrong is a problem.
 * @throws ConfigError listing every problem
 */
export const parseGiven = (values: Readonly<Record<string, unknown>>): Config => readSettings(values, configSchema, () => []);

const isGiven = (value: unknown): boolean => value !== undefined && value !== "";

/** Variables that look like a setting that is not set: a slip in the name, or another tool's name of it. One line each; no value is part of it. */
const misspelt = (values: Readonly<Record<string, unknown>>, settings: readonly string[]): string[] =>
  Object.keys(values).flatMap((name) => {
    const meant =
      settings.includes(name) || !isGiven(values[name]) ? null : (nearestName(name, settings) ?? settingByOtherName.get(name) ?? null);
    return meant === null || isGiven(values[meant]) ? [] : [`${name} is set, but midwatch has no such setting: did you mean ${meant}?`];
  });

/** As {@link misspelt}, of all settings: what an operator should look at though midwatch starts. */
export const misspeltSettings = (
  values: Readonly<Record<string, unknown>>,
  vendors: readonly Vendor[] = allVendors,
  intakes: readonly Intake[] = allIntakes,
): readonly string[] => misspelt(values, Object.keys(schemaOf(vendors, intakes).shape));

function readSettings(
  values: Readonly<Record<string, unknown>>,
  schema: Schema,
  missingOf: (config: Config, schema: Schema) => string[],
): Config {
  const names = Object.keys(schema.shape);
  const given = Object.fromEntries(names.flatMap((name) => (isGiven(values[name]) ? [[name, values[name]]] : [])));
  const read = schema.safeParse(given);
  if (!read.success) {
    const wrong = read.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name} is wrong: ${issue.message.replace(/^Invalid input: /, "")} (${describe(schema, name)}).`;
    });
    // What is missing is listed beside what is wrong: parse the rest without the wrong ones.
    const bad = new Set(read.error.issues.map((issue) => String(issue.path[0])));
    const rest = schema.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name))));
    const missing = rest.success
      ? missingOf(rest.data, schema).filter((line) => ![...bad].some((name) => line.startsWith(`${name} `)))
      : [];
    throw new ConfigError([...new Set([...wrong, ...missing]), ...misspelt(values, names)]);
  }
  const missing = missingOf(read.data, schema);
  if (missing.length > 0) throw new ConfigError([...missing, ...misspelt(values, names)]);
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

/** What of the headers for a collector may be a credential: whole values, and what follows "Bearer" or "Basic"; short ones are names of tenants and the like. */
const headerSecrets = (text: string): string[] =>
  (headersIn(text) ?? []).flatMap(([, value]) => [value, value.split(" ").at(-1) ?? ""]).filter((value) => value.length >= SURE_OWN);

/** This process's own credentials, each as a text may hold it. Longest first: one value may begin another. */
export function secretValues(
  config: Config,
  vendors: readonly Vendor[] = allVendors,
  intakes: readonly Intake[] = allIntakes,
): readonly string[] {
  const all: Readonly<Record<string, unknown>> = config;
  const apart = new Set(vendors.flatMap(({ secrets, secretTexts }) => (secretTexts === undefined ? [] : secrets)));
  const values = [
    ...secretsOf(vendors, intakes).flatMap((name) => (apart.has(name) ? [] : (all[name] ?? []))),
    ...vendors.flatMap((vendor) => vendor.secretTexts?.(config) ?? []),
    ...headerSecrets(config.OTEL_EXPORTER_OTLP_HEADERS ?? ""),
  ];
  return [...new Set(values.map(String))].toSorted((a, b) => b.length - a.length);
}
