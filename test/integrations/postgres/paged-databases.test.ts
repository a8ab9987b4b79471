import { expect, test } from "vitest";
import { databasesOf } from "../../../src/integrations/postgres/paged-databases.ts";

/** Who calls whom; a database is a service of the catalog, or only named by who uses it. */
const catalogOf = (calls: Readonly<Record<string, readonly string[]>>, inPostgres: Readonly<Record<string, string>> = {}) => ({
  find: (name: string) => {
    const called = calls[name];
    const database = inPostgres[name];
    return called === undefined
      ? null
      : ({ name, calls: called, names: database === undefined ? {} : { postgres: { database } } } as never);
  },
});
const found = (catalog: ReturnType<typeof catalogOf>, names: readonly string[], service: string) =>
  databasesOf(catalog, names, service).map(({ name, service: of }) => `${name} of ${of}`);

test.each<[string, Readonly<Record<string, readonly string[]>>, string, string[]]>([
  ["two calls away, a service of its own", { web: ["orders"], orders: ["orders-db"], "orders-db": [] }, "web", ["orders-db of orders-db"]],
  ["three calls away, only named by who uses it", { edge: ["bff"], bff: ["core"], core: ["ledger"] }, "edge", ["ledger of ledger"]],
  ["nearest first", { web: ["a", "web-db"], a: ["b"], b: ["b-db"], "web-db": [] }, "web", ["web-db of web-db", "b-db of b-db"]],
  ["where services call each other in a ring", { a: ["b"], b: ["a", "b-db"] }, "a", ["b-db of b-db"]],
])("the databases of all that a paged service ends up calling are read: %s", (_, calls, service, expected) => {
  expect(found(catalogOf(calls), ["orders-db", "ledger", "web-db", "b-db", "other-db"], service)).toEqual(expected);
});

test("a database that a service of the catalog uses under another name is that service's", () => {
  const catalog = catalogOf({ web: ["orders"], orders: ["stock"], stock: [] }, { stock: "warehouse" });
  expect(found(catalog, ["warehouse", "other"], "web")).toEqual(["warehouse of stock"]);
});
