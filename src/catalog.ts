import { z } from "zod";
import { modelSchema, toModelRules } from "./catalog-model.ts";
import { SINCE } from "./incident/impact-source.ts";
import type { ModelRules } from "./incident/model-rule.ts";
import type { ChannelRule } from "./incident/own-channel.ts";
import { LONGEST_COMMAND, unknownPlaces } from "./incident/rollback-command.ts";
import type { KnownService } from "./incident/source.ts";
import type { Vendor } from "./integrations/vendor.ts";
import { vendors as allVendors } from "./integrations/vendors.ts";
import { readYaml } from "./guard/yaml-file.ts";
import { SetupError } from "./guard/errors.ts";
import { nearestName } from "./guard/nearest-name.ts";

const name = z.string().trim().min(1);
/** Of Slack: people, or groups of them. */
const responderId = z.string().regex(/^[UWS][A-Z0-9]{2,}$/, { error: "must be the id of a Slack user (U…, W…) or user group (S…)" });
const responderList = z.union([responderId.transform((one) => [one]), z.array(responderId).min(1)]);
const oneOrMore = z.union([name.transform((one) => [one]), z.array(name)]);

const commandSchema = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_COMMAND, { error: `may have at most ${LONGEST_COMMAND} characters` })
  .regex(/^[^\n`]*$/, { error: "must be one line without backticks" })
  .refine((command) => unknownPlaces(command).length === 0, {
    error: "may hold {previous} and {previous_short}, and no other name in braces",
  });

const impactSchema = z.strictObject({
  tenants: z
    .strictObject({
      database: name,
      sql: z
        .string()
        .trim()
        .min(1)
        .refine((sql) => sql.includes(SINCE), { error: `must hold ${SINCE}: only what happened since then counts` }),
      returns: z.enum(["rows", "number"]),
      unit: name.default("tenants"),
    })
    .optional(),
  revenue: z
    .strictObject({
      query: z
        .string()
        .trim()
        .regex(/\.as_count\(\)$/, { error: "must end in .as_count(), so that its points add up" }),
      unit: name,
    })
    .optional(),
});

const serviceFields = {
  name,
  slack_channel: name.optional(),
  owners: oneOrMore.default([]),
  /** Who may say yes to what waits for a person. */
  responders: responderList.optional(),
  /** Services it calls. */
  calls: z.array(name).default([]),
  /** How to count whom its incidents hit. */
  impact: impactSchema.optional(),
  /** The command that rolls it back, shown to people and never run. */
  rollback: commandSchema.optional(),
};
const serviceSchema = z.strictObject(serviceFields);
/** With the record of each vendor that has one. */
const fullServiceSchema = (vendors: readonly Vendor[]) =>
  z.strictObject({
    ...Object.fromEntries(vendors.flatMap(({ catalog: part }) => (part === undefined ? [] : [[part.key, part.schema.optional()]]))),
    ...serviceFields,
  }) as unknown as typeof serviceSchema;

const signalSchema = z.strictObject({
  /** Datadog query over all services, for example `avg:trace.http.request.duration{env:prod} by {service}`. */
  query: name,
  kind: z.enum(["latency", "errors", "availability", "traffic", "saturation", "other"]).optional(),
  unit: name.optional(),
});

/** Kinds of personal data; the value of such a column is shown as its kind and a number. */
const personalKinds = [
  "email",
  "phone",
  "name",
  "card",
  "iban",
  "address",
  "birthdate",
  "national-id",
  "ip",
  "location",
  "secret",
] as const;

const tableSchema = z.strictObject({
  /** `orders` of the schema public, or `sales.orders`; as the database writes it. */
  name: z.string().regex(/^(?:[^.\s"]+\.)?[^.\s"]+$/, { error: "must be a table, or schema.table" }),
  /** Columns that a model may read. */
  columns: z.array(name).default([]),
  /** Columns with personal data: read too, and shown masked. */
  masked: z.record(name, z.enum(personalKinds)).default({}),
});

const databaseSchema = z.strictObject({ name, tables: z.array(tableSchema).min(1) });

const catalogSchemaOf = (vendors: readonly Vendor[]) =>
  z.strictObject({
    version: z.literal(1),
    defaults: z
      .strictObject({ slack_channel: name.optional(), environment: name.optional(), responders: responderList.optional() })
      .default({}),
    services: z.array(fullServiceSchema(vendors)).default([]),
    signals: z.array(signalSchema).default([]),
    model: modelSchema.optional(),
    databases: z.array(databaseSchema).default([]),
    /** Channels in which people work on one incident alone. */
    incident_channels: z
      .strictObject({ name: name.default("inc-*"), join: z.boolean().default(false), create: z.boolean().default(false) })
      .default({ name: "inc-*", join: false, create: false }),
  });

/** A table or view that the model's SQL may read. */
export interface CatalogTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly masked: Readonly<Record<string, (typeof personalKinds)[number]>>;
}

export interface CatalogDatabase {
  /** By the name it has in SQL_DATABASES. */
  readonly name: string;
  readonly tables: readonly CatalogTable[];
}

export type CatalogService = z.output<typeof serviceSchema> & KnownService;
export type Signal = z.output<typeof signalSchema>;

/** The catalog file is wrong: which line, what about it, what to write. Every problem at once. */
export class CatalogError extends SetupError {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "CatalogError";
  }
}

/** Signals asked for when the catalog names none: what Datadog APM and the Kubernetes integration give by default. */
export const defaultSignals: readonly Signal[] = [
  { query: "p95:trace.http.request{*} by {service}", kind: "latency", unit: "second" },
  { query: "sum:trace.http.request.errors{*} by {service}.as_count()", kind: "errors" },
  { query: "sum:trace.http.request.hits{*} by {service}.as_count()", kind: "traffic" },
  { query: "avg:kubernetes.cpu.usage.total{*} by {service,pod_name}", kind: "saturation", unit: "nanocore" },
  { query: "avg:kubernetes.memory.usage_pct{*} by {service,pod_name}", kind: "saturation", unit: "fraction" },
  { query: "sum:kubernetes.containers.restarts{*} by {service,pod_name}", kind: "errors" },
];

/** The platform team's services and signals. Destinations (channels, repositories) come from here and from nowhere else. */
export interface Catalog {
  readonly services: readonly CatalogService[];
  readonly signals: readonly Signal[];
  readonly environment: string | null;
  /** Tables that the model's SQL may read; none where it may write no SQL. */
  readonly databases: readonly CatalogDatabase[];
  /** Which pages get a model; null: all of them. */
  readonly modelRules: ModelRules | null;
  /** Channels of one incident each: how they are called, and whether midwatch joins or makes them. */
  readonly incidentChannels: ChannelRule;
  /** Channels that midwatch posts to. */
  readonly channels: readonly string[];
  /** By the name in the catalog, or a name or id at a vendor; letter case does not matter. */
  find(nameOrId: string): CatalogService | null;
  /** The service that was likely meant by a name that is none here; null: it is one, or near to none. */
  nearest(typed: string): string | null;
  /** Channel of a service, else the default one, else null. */
  slackChannel(service: string | null): string | null;
  /** Slack ids of users and user groups who may say yes for a service, else the default ones; null: every full member of the workspace. */
  responders(service: string | null): readonly string[] | null;
}

const isSystemSchema = (schema: string): boolean => /^pg_|^information_schema$/i.test(schema);

/** Tables of the databases, and what is wrong with them: each problem with the place of it. */
function toDatabases(databases: z.output<typeof databaseSchema>[]): {
  databases: CatalogDatabase[];
  wrong: { path: (string | number)[]; words: string }[];
} {
  const wrong: { path: (string | number)[]; words: string }[] = [];
  const seen = new Set<string>();
  const toTable = (table: z.output<typeof tableSchema>, path: (string | number)[], known: Set<string>): CatalogTable => {
    const [first = "", second] = table.name.split(".");
    const [schema, own] = second === undefined ? ["public", first] : [first, second];
    const full = `${schema}.${own}`;
    const masked = Object.keys(table.masked);
    if (isSystemSchema(schema) || own.startsWith("pg_"))
      wrong.push({ path, words: `${full} is the system's own; only tables of yours may be read` });
    if (known.has(full)) wrong.push({ path, words: `${full} is there twice` });
    if (table.columns.length + masked.length === 0) wrong.push({ path, words: `${full} has no columns: name those that may be read` });
    const twice = [...table.columns, ...masked].find((column, index, all) => all.indexOf(column) !== index);
    if (twice !== undefined) wrong.push({ path, words: `${full}: the column ${twice} is there twice; it is either plain or masked` });
    known.add(full);
    return { schema, name: own, columns: table.columns, masked: table.masked };
  };
  const result = databases.map((database, index) => {
    const key = database.name.toLowerCase();
    if (seen.has(key)) wrong.push({ path: ["databases", index], words: `the database ${database.name} is there twice` });
    seen.add(key);
    const known = new Set<string>();
    return { name: database.name, tables: database.tables.map((table, at) => toTable(table, ["databases", index, "tables", at], known)) };
  });
  return { databases: result, wrong };
}

/** What the vendors call a service, and by which names and ids it is found. */
function atVendors(
  record: Readonly<Record<string, unknown>>,
  vendors: readonly Vendor[],
): { names: KnownService["names"]; keys: string[] } {
  const parts = vendors.flatMap(({ id, catalog: part }) => {
    const own = part === undefined ? undefined : record[part.key];
    return part === undefined || own === undefined ? [] : [{ id, names: part.names(own), keys: part.keys(own) }];
  });
  return {
    names: Object.fromEntries(parts.map(({ id, names }) => [id, names])),
    keys: parts.flatMap(({ keys }) => keys),
  };
}

/**
 * Parses catalog.yaml.
 * @param file shown in errors only
 * @throws CatalogError with line numbers
 */
export function parseCatalog(text: string, file = "catalog.yaml", vendors: readonly Vendor[] = allVendors): Catalog {
  const { value: catalog, problemAt } = readYaml(text, catalogSchemaOf(vendors), {
    file,
    empty: { version: 1 },
    refused: (problems) => new CatalogError(problems),
  });
  const problems: string[] = [];
  const found = catalog.services.map((service) => ({ service, ...atVendors(service, vendors) }));
  const services = found.map(({ service, names }): CatalogService => ({ ...service, names }));
  const byKey = new Map<string, CatalogService>();
  const add = (key: string, service: CatalogService, index: number) => {
    const known = byKey.get(key.toLowerCase());
    if (known !== undefined && known !== service) {
      problems.push(
        problemAt(["services", index], `"${key}" names both ${known.name} and ${service.name}; a name may mean one service only`),
      );
    }
    byKey.set(key.toLowerCase(), known ?? service);
  };
  for (const [index, service] of services.entries()) add(service.name, service, index);
  for (const [index, service] of services.entries()) for (const key of found[index]?.keys ?? []) add(key, service, index);
  const { databases, wrong } = toDatabases(catalog.databases);
  for (const { path, words } of wrong) problems.push(problemAt(path, words));
  const find = (key: string) => byKey.get(key.trim().toLowerCase()) ?? null;
  const model =
    catalog.model === undefined
      ? null
      : toModelRules(
          catalog.model,
          (service) => find(service)?.name ?? null,
          services.map((one) => one.name),
        );
  for (const { path, words } of model?.wrong ?? []) problems.push(problemAt(path, words));
  const nearest = (typed: string) => (find(typed) === null ? (find(nearestName(typed, [...byKey.keys()]) ?? "")?.name ?? null) : null);
  // A callee that the catalog does not list is no slip where no name is near: traces may know it.
  for (const [index, { name: caller, calls }] of services.entries())
    for (const [at, callee] of calls.entries()) {
      const meant = nearest(callee);
      if (meant === null || meant === caller) continue;
      const words = `${caller} calls "${callee}", which is not a service here: did you mean ${meant}? If not, list ${callee} under services`;
      problems.push(problemAt(["services", index, "calls", at], words));
    }
  if (problems.length > 0) throw new CatalogError(problems);
  return {
    services,
    signals: catalog.signals.length > 0 ? catalog.signals : defaultSignals,
    environment: catalog.defaults.environment ?? null,
    databases,
    modelRules: model?.rules ?? null,
    incidentChannels: { ...catalog.incident_channels, name: catalog.incident_channels.name.replace(/^#/, "") },
    channels: [
      ...new Set([catalog.defaults.slack_channel, ...services.map((service) => service.slack_channel)].filter((one) => one !== undefined)),
    ],
    find,
    nearest,
    slackChannel: (service) => (service === null ? null : find(service)?.slack_channel) ?? catalog.defaults.slack_channel ?? null,
    responders: (service) => (service === null ? null : find(service)?.responders) ?? catalog.defaults.responders ?? null,
  };
}
