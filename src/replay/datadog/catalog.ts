import type { Hono } from "hono";
import { z } from "zod";
import type { Call } from "../../incident/telemetry.ts";
import type { DatadogContext } from "./context.ts";
import { validated } from "./input.ts";

const listQuery = z.object({
  "page[offset]": z.coerce.number().int().nonnegative().default(0),
  "page[limit]": z.coerce.number().int().positive().max(1000).default(100),
  "filter[kind]": z.string().optional(),
  "filter[name]": z.string().optional(),
  "filter[ref]": z.string().optional(),
  "filter[id]": z.string().optional(),
  "filter[owner]": z.string().optional(),
  include: z.enum(["schema", "raw_schema", "oncall", "incident", "relation"]).optional(),
});

/** `GET /api/v2/catalog/entity`: the recording's services, each with what it calls in `spec.dependsOn` of its schema (`include=schema`). */
export function catalogRoutes(
  app: Hono,
  services: readonly string[],
  calls: readonly Call[],
  createdAt: number,
  { clock }: DatadogContext,
): void {
  const since = new Date(clock.toServed(createdAt)).toISOString();
  const names = [...new Set([...services, ...calls.flatMap(({ from, to }) => [from, to])])].sort();
  const referenceOf = (name: string) => `service:default/${name}`;
  const entities = names.map((name, index) => ({
    name,
    id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
    dependsOn: [...new Set(calls.filter(({ from }) => from === name).map(({ to }) => to))],
  }));
  const idOf = new Map(entities.map(({ name, id }) => [name, id]));

  app.get("/api/v2/catalog/entity", (c) => {
    const query = validated(listQuery, c.req.query());
    const [offset, limit] = [query["page[offset]"], query["page[limit]"]];
    const kind = query["filter[kind]"];
    const found = entities
      // Owners are not recorded: a question for an owner's services gets none.
      .filter(() => (kind === undefined || kind === "service") && query["filter[owner]"] === undefined)
      .filter(({ name }) => query["filter[name]"] === undefined || query["filter[name]"] === name)
      .filter(({ name }) => query["filter[ref]"] === undefined || [referenceOf(name), `service:${name}`].includes(query["filter[ref]"]))
      .filter(({ id }) => query["filter[id]"] === undefined || query["filter[id]"] === id);
    const page = found.slice(offset, offset + limit);
    const included =
      query.include === "schema"
        ? page.map(({ id, name, dependsOn }) => ({
            id,
            type: "schema",
            attributes: {
              schema: {
                apiVersion: "v3",
                kind: "service",
                metadata: { name, namespace: "default" },
                spec: { type: "service", dependsOn: dependsOn.map(referenceOf) },
              },
            },
          }))
        : query.include === "relation"
          ? page.flatMap(({ dependsOn }) =>
              dependsOn.map((name) => ({
                id: idOf.get(name) ?? name,
                type: "relatedEntity",
                attributes: { kind: "service", name, namespace: "default", type: "RelationTypeDependsOn" },
              })),
            )
          : [];
    const link = (at: number) => `/api/v2/catalog/entity?page%5Blimit%5D=${limit}&page%5Boffset%5D=${at}`;
    return c.json({
      data: page.map(({ id, name, dependsOn }) => ({
        id,
        type: "entity",
        attributes: { apiVersion: "v3", kind: "service", name, namespace: "default", displayName: name },
        ...(query.include === "schema" ? { relationships: { schema: { data: { id, type: "schema" } } } } : {}),
        ...(query.include === "relation"
          ? {
              relationships: {
                relatedEntities: { data: dependsOn.map((other) => ({ id: idOf.get(other) ?? other, type: "relatedEntity" })) },
              },
            }
          : {}),
        meta: { createdAt: since, modifiedAt: since, ingestionSource: "api", origin: "unknown" },
      })),
      included,
      meta: { count: found.length, includeCount: included.length },
      links: { self: link(offset), ...(offset + limit < found.length ? { next: link(offset + limit) } : {}) },
    });
  });
}
