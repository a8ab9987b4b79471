import { classifySignal } from "../analysis/signal-kind.ts";
import type { Catalog } from "../catalog.ts";
import type { Question } from "../incident/source.ts";
import type { Trigger } from "../incident/trigger.ts";

/** The service that it is about, under the catalog's name; an id is worth more than a name, for names are changed. */
export function pagedService(catalog: Catalog, { service }: Pick<Trigger, "service">): string {
  if (service === null) return "unknown service";
  return (catalog.find(service.id) ?? catalog.find(service.name))?.name ?? service.name;
}

/** What every source is asked, in the catalog's names; the trigger's service comes first, known or not. */
export function questionOf(catalog: Catalog, trigger: Trigger, windows: Pick<Question, "window" | "baseline" | "changesFrom">): Question {
  const service = pagedService(catalog, trigger);
  const own = catalog.find(service);
  const services = [own ?? { name: service, names: {} }, ...catalog.services.filter((one) => one !== own)];
  return {
    trigger,
    service,
    services: services.map(({ name, names }) => ({ name, names })),
    nameOf: (name) => catalog.find(name)?.name ?? (name === trigger.service?.id || name === trigger.service?.name ? service : name),
    kindOf: classifySignal,
    environment: catalog.environment,
    signals: catalog.signals,
    ...windows,
  };
}
