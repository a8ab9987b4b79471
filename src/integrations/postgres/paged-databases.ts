import type { CatalogView } from "../vendor.ts";
import type { PagedDatabase } from "./source.ts";

/**
 * Databases that matter to a page: that of the paged service and those of the services it calls. A database is the affair of the service that
 * has its name, else of the first of these that uses it.
 */
export function databasesOf(catalog: Pick<CatalogView, "find">, names: readonly string[], service: string): PagedDatabase[] {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const paged = catalog.find(service);
  const found = new Map<string, PagedDatabase>();
  for (const name of [service, ...(paged?.calls ?? [])]) {
    const user = catalog.find(name);
    // A database may be a service of the catalog itself, or only be named as what a service calls.
    const database = known.get((user?.names["postgres"]?.["database"] ?? user?.name ?? name).toLowerCase());
    if (database === undefined || found.has(database)) continue;
    found.set(database, { name: database, service: catalog.find(database)?.name ?? user?.name ?? name });
  }
  return [...found.values()];
}
