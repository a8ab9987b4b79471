import { fieldAt, textAt } from "./field.ts";
import type { VendorCatalog } from "./schema.ts";

/** A service as the software catalog describes it. */
export interface CatalogService {
  readonly name: string;
  /** Names of services (and datastores, queues) it calls. */
  readonly dependsOn: readonly string[];
}

const listAt = (source: unknown, path: string): unknown[] => {
  const value = fieldAt(source, path);
  return Array.isArray(value) ? value : [];
};

/** `service:default/payments` and `service:payments` are both `payments`. */
const nameOf = (reference: string) => reference.replace(/^(?:[a-z]+:)?(?:default\/)?/i, "");

/** Reads definitions of schema 3 and of the older 1 to 2.2, whose keys are elsewhere. */
export function toCatalogServices(catalog: VendorCatalog): CatalogService[] {
  const definitions = new Map(catalog.included.map((one) => [one.id, fieldAt(one.attributes, "schema") ?? one.attributes]));
  return catalog.data.flatMap((entity) => {
    const definition = definitions.get(entity.relationships?.schema?.data?.id) ?? definitions.get(entity.id) ?? null;
    const name = entity.attributes?.name ?? textAt(definition, "metadata.name", "dd-service", "info.dd-service");
    if (name == null || name === "") return [];
    const calls = listAt(definition, "spec.dependsOn").flatMap((one) => (typeof one === "string" ? nameOf(one) : []));
    return [{ name, dependsOn: [...new Set(calls)].filter((called) => called !== "") }];
  });
}
