import { describe, expect, test } from "vitest";
import { checkedFetch, contractOf } from "../support/openapi.ts";

const document = {
  openapi: "3.0.3",
  paths: {
    "/things/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      get: {
        parameters: [
          { name: "limit", in: "query", required: true, schema: { type: "integer", maximum: 10 } },
          { $ref: "#/components/parameters/include" },
        ],
        responses: {
          "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
          "4XX": { content: { "application/json": { schema: { type: "object", required: ["error"] } } } },
        },
      },
      put: {
        requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
        responses: { "204": { description: "done" } },
      },
    },
    "/things/newest": { get: { responses: { "200": { content: { "application/json": { schema: { type: "array" } } } } } } },
  },
  components: {
    parameters: { include: { name: "include", in: "query", schema: { type: "array", items: { type: "string", enum: ["a", "b"] } } } },
    schemas: {
      Thing: {
        type: "object",
        required: ["id", "name"],
        properties: {
          id: { type: "string", readOnly: true },
          name: { type: "string", nullable: true },
          kind: { type: "string", enum: ["x", null], nullable: true },
          at: { type: "string", format: "date-time" },
          parent: { $ref: "#/components/schemas/Thing", nullable: true },
          odd: { type: "string", format: "vendor-only" },
          parts: { allOf: [{ $ref: "#/components/schemas/Named" }, { type: "object", properties: { size: { type: "integer" } } }] },
        },
      },
      Named: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
    },
  },
};

describe("a contract", () => {
  const contract = contractOf(document);
  const get = (body: unknown, path = "/things/1?limit=2", status = 200) => contract.responseProblems({ method: "GET", path, status, body });

  test("takes an answer that keeps to it, with nulls where it allows them", () => {
    expect(
      get({ id: "1", name: null, kind: null, at: "2026-01-02T03:04:05Z", parent: { id: "0", name: "p", parent: null }, odd: "any" }),
    ).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["a missing field", { id: "1" }],
    ["a wrong type", { id: 1, name: "n" }],
    ["an unknown word", { id: "1", name: "n", kind: "y" }],
    ["a bad time", { id: "1", name: "n", at: "today" }],
    ["a fault further in", { id: "1", name: "n", parent: { id: "0" } }],
    ["a missing field of a composed object", { id: "1", name: "n", parts: { size: 1 } }],
  ])("finds %s", (_what, body) => {
    expect(get(body).length).toBeGreaterThan(0);
  });

  test("prefers the literal path to the parameter and matches status ranges", () => {
    expect(contract.operation("GET", "/things/newest")).toBe("/things/newest");
    expect(contract.operation("GET", "/things/2")).toBe("/things/{id}");
    expect(get({ error: "no" }, "/things/1?limit=2", 404)).toEqual([]);
    expect(get({}, "/things/1?limit=2", 404)[0]).toMatch(/required property 'error'/);
    expect(get({}, "/things/1?limit=2", 503)[0]).toMatch(/no such status \(it has 200, 4XX\)/);
  });

  test("checks query parameters of a request", () => {
    const problems = (path: string) => contract.requestProblems({ method: "GET", path });
    expect(problems("/things/1?limit=2&include[]=a&include[]=b")).toEqual([]);
    expect(problems("/things/1")).toEqual(["GET /things/1: query parameter limit is missing"]);
    expect(problems("/things/1?limit=many")[0]).toMatch(/query limit: body must be integer/);
    expect(problems("/things/1?limit=11")[0]).toMatch(/must be <= 10/);
    expect(problems("/things/1?limit=1&include=c")[0]).toMatch(/must be equal to one of the allowed values/);
    expect(problems("/things/1?limit=1&page=2")).toEqual(["GET /things/1: query parameter page is unknown"]);
    expect(problems("/nothing")).toEqual(["GET /nothing: the contract has no such operation"]);
  });

  test("asks of a request's body only what a client may write", () => {
    const problems = (body?: unknown) => contract.requestProblems({ method: "PUT", path: "/things/1", body });
    expect(problems({ name: "n" })).toEqual([]);
    expect(problems({})[0]).toMatch(/required property 'name'/);
    expect(problems()).toEqual(["PUT /things/1: the body is missing"]);
  });

  test("can refuse fields that it does not name, but not those of the other parts of a composed object", () => {
    const closed = contractOf(document, { closed: true, basePath: "/api" });
    const problems = (body: unknown) => closed.responseProblems({ method: "GET", path: "/api/things/1", status: 200, body });
    expect(problems({ id: "1", name: "n", parts: { name: "p", size: 1 } })).toEqual([]);
    expect(problems({ id: "1", name: "n", nmae: "x" })).toEqual([
      'GET /api/things/1 → 200: body must NOT have additional properties (nmae); it is {"id":"1","name":"n","nmae":"x"}',
    ]);
  });

  test("watches a fetch and collects what both sides break", async () => {
    const watched = checkedFetch(
      () => Response.json({ id: 1, name: "n" }),
      (url) => (url.hostname === "vendor.example" ? contract : null),
    );
    expect(await (await watched.fetch("http://vendor.example/things/1?limit=2")).json()).toEqual({ id: 1, name: "n" });
    await watched.fetch("http://elsewhere.example/things");
    await watched.fetch("http://vendor.example/things/1", { method: "PUT", body: "{}" });
    expect(watched.checked).toEqual(["GET /things/1 200", "PUT /things/1 200"]);
    expect(watched.problems).toHaveLength(3);
  });
});
