import { classifySignal } from "../analysis/signal-kind.ts";
import type { Catalog } from "../catalog.ts";
import type { Page } from "../incident/page.ts";
import type { Question } from "../incident/source.ts";

/** The paged service under the catalog's name; an id is worth more than a name, for names are changed. */
export function pagedService(catalog: Catalog, { service }: Pick<Page, "service">): string {
  if (service === null) return "unknown service";
  return (catalog.find(service.id) ?? catalog.find(service.name))?.name ?? service.name;
}

/** What a page asks of every source, in the catalog's names; the paged service comes first, known or not. */
export function questionOf(catalog: Catalog, page: Page, windows: Pick<Question, "window" | "baseline" | "changesFrom">): Question {
  const service = pagedService(catalog, page);
  const own = catalog.find(service);
  const services = [own ?? { name: service, names: {} }, ...catalog.services.filter((one) => one !== own)];
  return {
    page,
    service,
    services: services.map(({ name, names }) => ({ name, names })),
    nameOf: (name) => catalog.find(name)?.name ?? (name === page.service?.id || name === page.service?.name ? service : name),
    kindOf: classifySignal,
    environment: catalog.environment,
    signals: catalog.signals,
    ...windows,
  };
}
