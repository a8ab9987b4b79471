import { expect, test } from "vitest";
import { CatalogError, defaultSignals, parseCatalog } from "../src/catalog.ts";

const text = `version: 1
defaults:
  slack_channel: "#incidents"
services:
  - name: checkout
    pagerduty: [PF9KMXH, "Checkout (prod)"]
    datadog: { service: checkout-api, env: prod }
    github: { repository: acme/shop, path: services/checkout }
    calls: [payments]
  - name: payments
    slack_channel: "#pay"
`;

function problemOf(yaml: string): string {
  try {
    parseCatalog(yaml);
  } catch (error) {
    if (error instanceof CatalogError) return error.message;
    throw error;
  }
  return "";
}

test("a service is found by its own name, its pager's id or name, and its Datadog service, in any letter case", () => {
  const catalog = parseCatalog(text);
  for (const key of ["checkout", "PF9KMXH", "checkout (PROD)", "Checkout-API"]) expect(catalog.find(key)?.name).toBe("checkout");
  expect(catalog.find("unknown")).toBeNull();
});

test("a channel comes from the service, else from the defaults", () => {
  const catalog = parseCatalog(text);
  expect(catalog.slackChannel("payments")).toBe("#pay");
  expect(catalog.slackChannel("checkout")).toBe("#incidents");
  expect(catalog.slackChannel("unknown")).toBe("#incidents");
  expect(parseCatalog("version: 1").slackChannel("checkout")).toBeNull();
});

test("without signals the defaults of APM and Kubernetes are asked for", () => {
  expect(parseCatalog(text).signals).toBe(defaultSignals);
});

test("every problem is named with its line", () => {
  const problems = problemOf("version: 1\nservices:\n  - name: a\n    calls: 3\n  - nam: b\nsignals: [{ query: 4 }]\n").split("\n");
  expect(problems.map((line) => line.split(": ")[0])).toEqual(["catalog.yaml:4", "catalog.yaml:5", "catalog.yaml:5", "catalog.yaml:6"]);
  expect(problems.join("\n")).toContain('there is no key "nam" here: did you mean name?');
});

test.each([
  ["version: 2\n", "version: must be 1"],
  ["version: 1\nsignals: [{ query: q, kind: lat }]\n", 'kind: must be one of "latency", "errors", '],
  ["version: 1\nservices: [{ name: a, pagerduty: 5 }]\n", 'services "a".pagerduty: must be a text or a list'],
])("a value that is not allowed is reported with those that are: %s", (file, words) => expect(problemOf(file)).toContain(words));

test("a name that stands for two services is refused", () => {
  expect(problemOf("version: 1\nservices:\n  - name: a\n  - name: b\n    pagerduty: A\n")).toMatch(/^catalog.yaml:4: .*both a and b/);
});

test("a callee with a name near to a listed service's is an error with its line and that name; another name is not", () => {
  const problems = problemOf(`version: 1
services:
  - name: checkout
    calls:
      - paymnets
      - Payments
      - orders-db
      - redis-2
  - { name: payments, pagerduty: PF9KMXH, datadog: { service: pay-api } }
  - { name: redis-1, calls: [pay_api, redis1] }
`).split("\n");
  expect(problems).toEqual([
    'catalog.yaml:5: checkout calls "paymnets", which is not a service here: did you mean payments? If not, list paymnets under services',
    'catalog.yaml:10: redis-1 calls "pay_api", which is not a service here: did you mean payments? If not, list pay_api under services',
  ]);
  // As it says: what is a service of its own is listed, and then it is no slip.
  expect(problemOf("version: 1\nservices:\n  - { name: web, calls: [cart] }\n  - name: carts\n  - name: cart\n")).toBe("");
  const { nearest } = parseCatalog(text);
  expect(["chekcout", "checkoutapi", "checkout", "PF9KMXH", "search", "checkout-2"].map(nearest)).toEqual([
    "checkout",
    "checkout",
    null,
    null,
    null,
    null,
  ]);
});

test("text that is not YAML, and a repository that is not owner/name, are refused in words", () => {
  expect(problemOf("version: 1\nservices: [")).toMatch(/^catalog.yaml:/);
  expect(problemOf("version: 1\nservices:\n  - name: a\n    github: { repository: shop }\n")).toContain('must be "owner/name"');
});

test("tables that the model's SQL may read are of the schema public unless they say otherwise", () => {
  const { databases } = parseCatalog(
    "version: 1\ndatabases:\n  - name: shop-db\n    tables:\n      - { name: orders, columns: [id, status], masked: { email: email } }\n      - { name: ops.beats, columns: [host] }\n",
  );
  expect(databases).toEqual([
    {
      name: "shop-db",
      tables: [
        { schema: "public", name: "orders", columns: ["id", "status"], masked: { email: "email" } },
        { schema: "ops", name: "beats", columns: ["host"], masked: {} },
      ],
    },
  ]);
  expect(parseCatalog("version: 1").databases).toEqual([]);
});

test.each([
  ["{ name: pg_class, columns: [a] }", "public.pg_class is the system's own"],
  ["{ name: pg_catalog.x, columns: [a] }", "pg_catalog.x is the system's own"],
  ["{ name: information_schema.tables, columns: [a] }", "is the system's own"],
  ["{ name: orders }", "public.orders has no columns"],
  ["{ name: orders, columns: [a], masked: { a: email } }", "the column a is there twice"],
  ["{ name: orders, columns: [a], masked: { b: mail } }", 'must be one of "email", "phone"'],
  ["{ name: orders, columns: [a] }, { name: public.orders, columns: [b] }", "public.orders is there twice"],
  ["{ name: a.b.c, columns: [a] }", "must be a table, or schema.table"],
])("a table that cannot be opened is refused with its line: %s", (tables, words) => {
  expect(problemOf(`version: 1\ndatabases:\n  - name: d\n    tables: [${tables}]\n`)).toMatch(/^catalog\.yaml:4: /);
  expect(problemOf(`version: 1\ndatabases:\n  - name: d\n    tables: [${tables}]\n`)).toContain(words);
});

test("aliases cannot blow the file up", () => {
  expect(() => parseCatalog("version: 1\ndefaults: &a { slack_channel: x }\nservices: [*a, *a]\n")).toThrow(/alias/i);
});

test("responders are Slack ids of people and groups; a service's own go before the default ones", () => {
  const catalog = parseCatalog(`
version: 1
defaults: { responders: [U0ANA, S0SRE] }
services:
  - { name: payments, responders: W0MEI }
  - { name: cart }
`);
  expect([catalog.responders("payments"), catalog.responders("cart"), catalog.responders("unknown"), catalog.responders(null)]).toEqual([
    ["W0MEI"],
    ["U0ANA", "S0SRE"],
    ["U0ANA", "S0SRE"],
    ["U0ANA", "S0SRE"],
  ]);
  expect(parseCatalog("version: 1").responders(null)).toBeNull();
  // An empty list would let nobody, or be taken for none: it is refused.
  for (const wrong of ["[]", "ana", '["@ana"]', "[B0BOT]", "[u0ana]"])
    expect(() => parseCatalog(`{ version: 1, defaults: { responders: ${wrong} } }`)).toThrow(/responders/);
});

test("a command for a roll-back is one short line, with places for the commit before alone", () => {
  const withCommand = (command: string) => `version: 1\nservices:\n  - name: a\n    rollback: ${JSON.stringify(command)}\n`;
  expect(parseCatalog(withCommand("helm rollback a {previous}")).find("a")?.rollback).toBe("helm rollback a {previous}");
  for (const command of ["deploy {prev}", "deploy `id`", "a\nb", "x".repeat(101), " "])
    expect(problemOf(withCommand(command))).toMatch(/^catalog\.yaml:4: services "a"\.rollback: /);
});

test("a rule of which pages get a model names services by any of their names, and several or one of each", () => {
  const { modelRules } = parseCatalog(
    `${text}model:\n  time_zone: Asia/Kolkata\n  rules:\n    - { priority: P1, investigate: true }\n    - { service: [PF9KMXH, Payments], hours: "22:30 - 06:00", days: [sat], investigate: false }\n`,
  );
  expect(modelRules).toEqual({
    timeZone: "Asia/Kolkata",
    rules: [
      expect.objectContaining({ investigate: true, priorities: ["P1"] }),
      expect.objectContaining({ investigate: false, services: ["checkout", "payments"], hours: { from: 1_350, to: 360 }, days: ["sat"] }),
    ],
  });
  expect(parseCatalog(text).modelRules).toBeNull();
});

test.each([
  ["{ urgency: high }", "catalog.yaml:14: model.rules no. 1.investigate: must be true or false"],
  ["{ investigate: no }", "catalog.yaml:14: model.rules no. 1.investigate: must be true or false"],
  ['{ hours: "9-17", investigate: false }', 'catalog.yaml:14: model.rules no. 1.hours: must be two times of day like "22:00-07:00"'],
  ['{ hours: "25:00-07:00", investigate: false }', "catalog.yaml:14: model.rules no. 1.hours: must be two times of day"],
  ["{ service: serch, investigate: false }", 'catalog.yaml:14: "serch" is not a service of this catalog; list it under services'],
  ["{ service: paymets, investigate: false }", 'catalog.yaml:14: "paymets" is not a service of this catalog: did you mean payments?'],
  ["{ days: [Monday], investigate: false }", "catalog.yaml:14: model.rules no. 1.days no. 1: "],
  [
    "{ investigate: false }\n    - { urgency: high, investigate: true }",
    "catalog.yaml:14: a rule without conditions fits every page, so no rule after it counts; put it last",
  ],
])("a wrong rule of which pages get a model is refused with its line: %s", (rule, words) => {
  expect(problemOf(`${text}model:\n  rules:\n    - ${rule}\n`)).toContain(words);
});

test("a time zone that there is not is refused", () => {
  expect(problemOf(`${text}model:\n  time_zone: Berlin\n  rules: [{ investigate: true }]\n`)).toContain(
    'catalog.yaml:13: model.time_zone: must be the name of a time zone like "Europe/Berlin" or "UTC"',
  );
});
