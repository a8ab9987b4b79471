import { fieldAt, textAt } from "./field.ts";
import type { VendorCatalog } from "./schema.ts";

/** A service as the software catalog describes it. */
export interface CatalogService {
  readonly name: string;
  readonly displayName: string | null;
  /** Names of services (and datastores, queues) it calls. */
  readonly dependsOn: readonly string[];
  readonly owners: readonly string[];
  readonly links: readonly { readonly name: string; readonly type: string; readonly url: string }[];
  /** Slack channel, e-mail and the like, as the owners wrote them. */
  readonly contacts: readonly { readonly type: string; readonly contact: string }[];
  /** Address of the service in PagerDuty. */
  readonly pagerdutyUrl: string | null;
  readonly repositoryUrls: readonly string[];
}

const listAt = (source: unknown, path: string): unknown[] => {
  const value = fieldAt(source, path);
  return Array.isArray(value) ? value : [];
};
const words = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null && value !== ""))] as string[];

/** `service:default/payments` and `service:payments` are both `payments`. */
const nameOf = (reference: string) => reference.replace(/^(?:[a-z]+:)?(?:default\/)?/i, "");

/** Reads definitions of schema 3 and of the older 1 to 2.2, whose keys are elsewhere. */
export function toCatalogServices(catalog: VendorCatalog): CatalogService[] {
  const definitions = new Map(catalog.included.map((one) => [one.id, fieldAt(one.attributes, "schema") ?? one.attributes]));
  return catalog.data.flatMap((entity) => {
    const definition = definitions.get(entity.relationships?.schema?.data?.id) ?? definitions.get(entity.id) ?? null;
    const name = entity.attributes?.name ?? textAt(definition, "metadata.name", "dd-service", "info.dd-service");
    if (name == null || name === "") return [];
    const links = [...listAt(definition, "metadata.links"), ...listAt(definition, "links")].flatMap((link) => {
      const url = textAt(link, "url");
      return url === null ? [] : [{ name: textAt(link, "name") ?? url, type: textAt(link, "type") ?? "other", url }];
    });
    const contacts = [...listAt(definition, "metadata.contacts"), ...listAt(definition, "contacts")].flatMap((one) => {
      const contact = textAt(one, "contact");
      return contact === null ? [] : [{ type: textAt(one, "type") ?? "other", contact }];
    });
    return [
      {
        name,
        displayName: entity.attributes?.displayName ?? null,
        dependsOn: words(listAt(definition, "spec.dependsOn").map((one) => (typeof one === "string" ? nameOf(one) : null))),
        owners: words([
          entity.attributes?.owner ?? null,
          textAt(definition, "metadata.owner", "team", "dd-team", "org.team"),
          ...listAt(definition, "metadata.additionalOwners").map((owner) => textAt(owner, "name")),
        ]),
        links,
        contacts,
        pagerdutyUrl: textAt(
          definition,
          "integrations.pagerduty.serviceURL",
          "integrations.pagerduty.service-url",
          "integrations.pagerduty",
        ),
        repositoryUrls: words([
          ...listAt(definition, "datadog.codeLocations").map((location) => textAt(location, "repositoryURL")),
          ...listAt(definition, "repos").map((repo) => textAt(repo, "url")),
          ...links.filter((link) => /^(?:repo|code)$/i.test(link.type)).map((link) => link.url),
        ]),
      },
    ];
  });
}
