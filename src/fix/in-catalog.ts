import { codeOf, type KnownService } from "../incident/source.ts";
import type { Place } from "./fixer-deps.ts";

/** Where a service's code lies and who owns it, by the catalog; null: the catalog does not know the service. */
export function placeIn(
  catalog: { find(name: string): (KnownService & { readonly owners: readonly string[] }) | null },
  service: string,
): Place | null {
  const known = catalog.find(service);
  if (known === null) return null;
  const { repository = null, path = "" } = codeOf(known) ?? {};
  return { repository, path, owners: known.owners };
}

/** A repository as the catalog spells it, or null. */
export const repositoryIn = ({ services }: { readonly services: readonly KnownService[] }, named: string): string | null =>
  services.map((service) => codeOf(service)?.repository).find((one) => one?.toLowerCase() === named.toLowerCase()) ?? null;
