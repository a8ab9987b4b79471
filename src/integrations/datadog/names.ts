import type { KnownService, Question } from "../../incident/source.ts";

/** What Datadog calls a service: the catalog's own name where the catalog gives no other. */
export const datadogName = ({ name, names: { datadog } }: KnownService): string => datadog?.["name"] ?? name;

/** Value of Datadog's `env` tag of the paged service; null: environments are not distinguished. */
export const pagedEnv = ({ service, services }: Pick<Question, "service" | "services">): string | null =>
  services.find(({ name }) => name === service)?.names["datadog"]?.["env"] ?? null;
