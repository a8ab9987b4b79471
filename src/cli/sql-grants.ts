import { DEFAULT_ROLE, grantScript } from "../integrations/postgres/sql-grants.ts";
import { configSchema } from "../config.ts";
import { loadCatalog, readEnvironment } from "../node/environment.ts";
import { CommandError } from "./command-error.ts";

/** `sql grants`: of the settings only the catalog's path need be there. @throws CatalogError, CommandError for an unknown database or a bad name */
export function sqlGrants({ database, role }: { database: string; role: string | null }): number {
  const { CATALOG_PATH } = configSchema
    .pick({ CATALOG_PATH: true })
    .parse({ CATALOG_PATH: readEnvironment()["CATALOG_PATH"] || undefined });
  const { databases } = loadCatalog({ CATALOG_PATH });
  const found = databases.find(({ name }) => name.toLowerCase() === database.toLowerCase());
  if (found === undefined) {
    const known = databases.map(({ name }) => name).join(", ");
    throw new CommandError(
      `The catalog declares no tables of ${database}; ${known === "" ? "it has no databases: list (docs/catalog.md#databases)" : `it has those of ${known}`}.`,
    );
  }
  if (role !== null && !/^[A-Za-z_][\w$-]{0,62}$/.test(role))
    throw new CommandError("--role must be a name of letters, digits, _, $ and -, up to 63.");
  console.log(grantScript(found.name, found.tables, role ?? DEFAULT_ROLE));
  return 0;
}
