import type { CatalogView } from "../vendor.ts";
import type { PagedDatabase } from "./source.ts";

/**
 * Databases that matter to a page: that of the paged service and those of all that it ends up calling, the nearest first. A database is the affair of
 * the service that has its name, else of the first of these that uses it.
 */
export function databasesOf(catalog: Pick<CatalogView, "find">, names: readonly string[], service: string): PagedDatabase[] {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const found = new Map<string, PagedDatabase>();
  const reached = [catalog.find(service)?.name ?? service];
  const seen = new Set(reached);
  for (const name of reached) {
    const user = catalog.find(name);
    // A database may be a service of the catalog itself, or only be named as what a service calls.
    const database = known.get((user?.names["postgres"]?.["database"] ?? user?.name ?? name).toLowerCase());
    if (database !== undefined && !found.has(database))
      found.set(database, { name: database, service: catalog.find(database)?.name ?? user?.name ?? name });
    for (const called of user?.calls ?? []) {
      const next = catalog.find(called)?.name ?? called;
      if (seen.has(next)) continue;
      seen.add(next);
      reached.push(next);
    }
  }
  return [...found.values()];
}
