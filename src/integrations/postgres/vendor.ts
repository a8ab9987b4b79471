import { z } from "zod";
import { type Check, type Excess, problem, readChecks, warning } from "../doctor-check.ts";
import { catalogPart, type CatalogView, defineVendor } from "../vendor.ts";
import { createPostgresClient } from "./client.ts";
import { tenantCount } from "./impact.ts";
import { databasesOf } from "./paged-databases.ts";
import { postgresPolicy, sqlPolicy } from "./policy.ts";
import { postgresSource } from "./source.ts";
import { createSqlClient } from "./sql-client.ts";
import { postgresTools } from "./tools/index.ts";
import { sqlQuery } from "./tools/sql-query.ts";

/** `name=postgres://…`, separate several with commas; a comma inside a URL is `%2C`. */
const databaseList = z.string().transform((list, context) =>
  list.split(",").flatMap((part) => {
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

type Databases = z.output<typeof databaseList>;

/** Of a database both the whole URL and the password alone: a message may hold either. */
const secretsOf = (databases: Databases): string[] =>
  databases.flatMap(({ url }) => {
    const { password } = new URL(url);
    try {
      return [url, password, decodeURIComponent(password)];
    } catch {
      // It is no valid encoding, so it is used as it is written.
      return [url, password];
    }
  });

const lowerNames = (list: readonly { readonly name: string }[]): Set<string> => new Set(list.map(({ name }) => name.toLowerCase()));

/** What a role could do beyond reading. @param than "than midwatch needs" */
function roleChecks(name: string, { writes, reads }: Excess, than: string, where: string): Check[] {
  const words = (can: string, list: readonly string[]) => `the role can ${can}: it ${list.join("; it ")}. Revoke that (${where})`;
  return [
    ...(writes.length === 0 ? [] : [problem(name, words("change things, and midwatch only reads", writes))]),
    ...(reads.length === 0 ? [] : [warning(name, words(`do more ${than}`, reads))]),
  ];
}

const databaseNames = ({ services }: CatalogView): string[] => [
  ...new Set(services.flatMap(({ names }) => names["postgres"]?.["database"] ?? [])),
];

/** Fixed questions, for triage and the model. */
export const postgres = defineVendor({
  id: "postgres",
  title: "PostgreSQL",
  settings: {
    DATABASES: databaseList
      .default([])
      .describe(
        "PostgreSQL databases by the catalog's name of each: name=postgres://user:password@host:5432/database; separate several with commas",
      ),
  },
  secrets: ["DATABASES"],
  secretTexts: ({ DATABASES: databases }) => secretsOf(databases),
  addresses: [],
  catalog: catalogPart({ key: "database", schema: z.string().trim().min(1), names: (database) => ({ database }) }),
  policies: [postgresPolicy],
  needs: "DATABASES",
  // Many teams have none: it is missed only where the catalog names one.
  missed: (catalog) => databaseNames(catalog).length > 0,
  connect: ({ DATABASES: databases }, { calling: { now, onCall, traffic } }) =>
    databases.length === 0 ? null : createPostgresClient({ databases, now, onCall, traffic }),
  sources: (client, { catalog }) => [postgresSource(client, (service) => databasesOf(catalog, client.databases, service))],
  tools: (client, { catalog }) =>
    postgresTools({ postgres: client, databasesOf: (service) => databasesOf(catalog, client.databases, service) }),
  checkSettings({ DATABASES: databases }, catalog) {
    const set = lowerNames(databases);
    const used = new Set(
      catalog.services
        .flatMap(({ name, names, calls }) => [names["postgres"]?.["database"] ?? name, ...calls])
        .map((name) => name.toLowerCase()),
    );
    return [
      ...databaseNames(catalog)
        .filter((name) => !set.has(name.toLowerCase()))
        .map((name) => warning(`PostgreSQL ${name}`, "is named in the catalog and not in DATABASES, so it is not read")),
      ...databases
        .filter(({ name }) => !used.has(name.toLowerCase()))
        .map(({ name }) =>
          warning(`PostgreSQL ${name}`, "is in DATABASES, but no service of the catalog names it as its database, so it is not read"),
        ),
    ];
  },
  async check(client, { signal }) {
    const results = await client.validate({}, signal);
    return [
      ...readChecks("PostgreSQL", results),
      ...results.flatMap(({ source, excess }) => roleChecks(source, excess, "than midwatch needs", "docs/setup.md#postgresql")),
    ];
  },
});

/** SQL of the model's own, with logins of its own. Three things must come together: a host with a parser, a login, and tables in the catalog. */
export const sql = defineVendor({
  id: "sql",
  title: "SQL",
  settings: {
    SQL_DATABASES: databaseList
      .default([])
      .describe(
        "databases that the model may write SQL for, name=postgres://user:password@host:5432/database; separate several with commas: best a standby, with the login role that `midwatch sql grants` makes; only tables that the catalog declares are read",
      ),
  },
  secrets: ["SQL_DATABASES"],
  secretTexts: ({ SQL_DATABASES: databases }) => secretsOf(databases),
  addresses: [],
  policies: [sqlPolicy],
  connect({ SQL_DATABASES: logins }, { calling: { now, onCall, traffic }, catalog, parseSql: parse }) {
    const databases = logins.flatMap(({ name, url }) => {
      const declared = catalog.databases.find((one) => one.name.toLowerCase() === name.toLowerCase());
      return declared === undefined ? [] : [{ name: declared.name, url, tables: declared.tables }];
    });
    return parse === undefined || databases.length === 0 ? null : createSqlClient({ databases, parse, now, onCall, traffic });
  },
  impact: { kind: "tenants", needs: "SQL_DATABASES", source: (client) => tenantCount(client) },
  tools: (client, { catalog }) => [sqlQuery({ sql: client, databasesOf: (service) => databasesOf(catalog, client.databases, service) })],
  checkSettings({ SQL_DATABASES: databases }, catalog) {
    const open = lowerNames(catalog.databases);
    const logins = lowerNames(databases);
    return [
      ...catalog.databases
        .filter(({ name }) => !logins.has(name.toLowerCase()))
        .map(({ name }) =>
          warning(`SQL ${name}`, "has tables in the catalog and is not in SQL_DATABASES, so the model writes no SQL for it"),
        ),
      ...databases
        .filter(({ name }) => !open.has(name.toLowerCase()))
        .map(({ name }) =>
          warning(`SQL ${name}`, "is in SQL_DATABASES, but the catalog declares no tables of it, so the model writes no SQL for it"),
        ),
    ];
  },
  async check(client, { signal }) {
    const results = await client.validate({}, signal);
    return [
      ...readChecks("SQL", results),
      ...results.flatMap(({ source, excess }) => roleChecks(source, excess, "than the catalog allows", "docs/setup.md#sql-of-the-model")),
    ];
  },
});
