import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormatsModule from "ajv-formats";
import { expect } from "vitest";

// The package is CommonJS: under nodenext its function is the default of the default.
const addFormats = addFormatsModule.default;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

export interface ContractOptions {
  /**
   * Objects with named properties may hold no others, unless the contract says that they do explicitly with a schema of their own. Catches a
   * misspelt field where a contract leaves all of them optional. Default false.
   */
  readonly closed?: boolean;
  /** A path that stands before those of the contract, for example `/api/v3`. */
  readonly basePath?: string;
}

/** `path` is the path as called, with its query string; `body` is parsed JSON, or undefined when there is none. */
export interface ContractRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface ContractResponse {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body?: unknown;
}

/** One vendor's OpenAPI document. Problems are sentences; none means that the exchange keeps to the contract. */
export interface Contract {
  /** The path as the document writes it (`/incidents/{id}`), or null when it has no such operation. */
  operation(method: string, path: string): string | null;
  requestProblems(request: ContractRequest): string[];
  responseProblems(response: ContractResponse): string[];
  /** Fails the test with all problems at once. */
  expectRequest(method: string, path: string, body?: unknown): void;
  expectResponse(method: string, path: string, status: number, body?: unknown): void;
}

interface Operation {
  readonly template: string;
  readonly pattern: RegExp;
  readonly literals: number;
  readonly methods: Json;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Json;
}

type Direction = "request" | "response";

/** Test files that run in one process share what they hold things against; a contract has no state but schemas that were compiled. */
const loaded = new Map<string, WeakRef<Contract>>();

/** Reads an OpenAPI 3.0 document, `.json` or `.json.gz`. Schemas are compiled when first needed, so a large document costs its parsing only. */
export function loadContract(file: string, options: ContractOptions = {}): Contract {
  const key = JSON.stringify([file, options]);
  const known = loaded.get(key)?.deref();
  if (known !== undefined) return known;
  const bytes = readFileSync(file);
  const contract = contractOf(JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")), options);
  loaded.set(key, new WeakRef(contract));
  return contract;
}

interface Conversion {
  /** Follows references within the document. */
  readonly resolve: (value: unknown) => Json;
  readonly isFormat: (name: string) => boolean;
  readonly closed: boolean;
}

/** A JSON Schema (draft 7) of an OpenAPI schema, with all that it refers to as its definitions. */
function toJsonSchema({ resolve, isFormat, closed }: Conversion, schema: unknown, direction: Direction): Json {
  const definitions: Record<string, unknown> = {};
  const pending: [string, unknown][] = [];
  const nameOf = (reference: string) => reference.replaceAll(/[^A-Za-z0-9_]/g, "_");
  // A part of an allOf sees the properties of the other parts too, so it can't forbid what it does not name.
  const convert = (node: unknown, closable: boolean): unknown => {
    if (Array.isArray(node)) return node.map((part) => convert(part, closable));
    if (!isObject(node)) return node;
    if (typeof node["$ref"] === "string") {
      const name = `${nameOf(node["$ref"])}${closable ? "" : "_open"}`;
      if (!(name in definitions)) {
        definitions[name] = true;
        pending.push([name, resolve(node)]);
      }
      const reference = { $ref: `#/definitions/${name}` };
      return node["nullable"] === true ? { anyOf: [reference, { type: "null" }] } : reference;
    }
    const result: Json = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties" && isObject(value)) {
        result[key] = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, convert(part, true)]));
      } else if (key === "allOf") result[key] = convert(value, false);
      else if (key === "oneOf" || key === "anyOf") result[key] = convert(value, closable);
      else if (key === "items" || key === "not") result[key] = convert(value, key === "items");
      else if (key === "additionalProperties") result[key] = isObject(value) ? convert(value, true) : value;
      else if (key === "format") {
        // Formats that belong to one vendor's framework mean nothing here.
        if (typeof value === "string" && isFormat(value)) result[key] = value;
      } else if (key === "pattern") {
        if (typeof value === "string" && isPattern(value)) result[key] = value;
      } else if (key === "exclusiveMinimum" || key === "exclusiveMaximum") {
        const limit = node[key === "exclusiveMinimum" ? "minimum" : "maximum"];
        if (value === true && typeof limit === "number") result[key] = limit;
      } else if (
        !["nullable", "discriminator", "example", "examples", "default", "xml", "description", "title", "deprecated"].includes(key)
      ) {
        result[key] = value;
      }
    }
    const properties = node["properties"];
    if (isObject(properties)) {
      const hidden = direction === "request" ? "readOnly" : "writeOnly";
      if (Array.isArray(result["required"])) {
        result["required"] = result["required"].filter((name) => resolve(properties[String(name)])[hidden] !== true);
      }
      const composed = "allOf" in node || "oneOf" in node || "anyOf" in node;
      if (closed && closable && !composed && !isObject(node["additionalProperties"])) result["additionalProperties"] = false;
    }
    if (node["nullable"] === true) {
      const values = result["enum"];
      if (Array.isArray(values)) result["enum"] = values.filter((value) => value !== null);
      return { anyOf: [result, { type: "null" }] };
    }
    return result;
  };
  const converted = convert(schema, true);
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    definitions[next[0]] = convert(next[1], !next[0].endsWith("_open"));
  return { ...(isObject(converted) ? converted : {}), definitions };
}

/** @throws TypeError when `document` is no OpenAPI document */
export function contractOf(document: unknown, options: ContractOptions = {}): Contract {
  if (!isObject(document) || !isObject(document["paths"])) throw new TypeError("not an OpenAPI document: it has no paths");
  const root = document;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, logger: false });
  addFormats(ajv);
  const compiled = new Map<string, ValidateFunction>();

  const resolve = (value: unknown): Json => {
    let current: unknown = value;
    for (let depth = 0; isObject(current) && typeof current["$ref"] === "string" && depth < 20; depth++) {
      current = current["$ref"]
        .replace(/^#\//, "")
        .split("/")
        .reduce<unknown>((at, key) => (isObject(at) ? at[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined), root);
    }
    return isObject(current) ? current : {};
  };

  const operations: Operation[] = Object.entries(document["paths"]).map(([template, methods]) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "([^/]+)")}/?$`),
    literals: template.replaceAll(/\{[^}]+\}/g, "").length,
    methods: resolve(methods),
  }));

  const find = (method: string, path: string): { operation: Operation; own: Json } | null => {
    const plain = path.split("?", 1)[0] ?? "";
    const bare = options.basePath !== undefined && plain.startsWith(options.basePath) ? plain.slice(options.basePath.length) : plain;
    const fits = operations
      .filter((operation) => operation.pattern.test(bare) && isObject(operation.methods[method.toLowerCase()]))
      .sort((a, b) => b.literals - a.literals);
    const operation = fits[0];
    return operation === undefined ? null : { operation, own: resolve(operation.methods[method.toLowerCase()]) };
  };

  const conversion = { resolve, isFormat: (name: string) => name in ajv.formats, closed: options.closed === true };
  const problemsOf = (key: string, schema: unknown, direction: Direction, value: unknown): string[] => {
    let validate = compiled.get(key);
    if (validate === undefined) compiled.set(key, (validate = ajv.compile(toJsonSchema(conversion, schema, direction))));
    return validate(value) ? [] : (validate.errors ?? []).map((error) => problemText(error, value));
  };

  const jsonSchemaOf = (content: unknown): unknown => {
    const types = resolve(content);
    const type = Object.keys(types).find((name) => /json/.test(name));
    return type === undefined ? undefined : resolve(types[type])["schema"];
  };

  const parametersOf = (operation: Operation, own: Json): Parameter[] => {
    const all = [operation.methods["parameters"], own["parameters"]].flatMap((list) => (Array.isArray(list) ? list.map(resolve) : []));
    return all.map((parameter) => ({
      name: String(parameter["name"]),
      in: String(parameter["in"]),
      required: parameter["required"] === true,
      schema: resolve(parameter["schema"] ?? jsonSchemaOf(parameter["content"]) ?? {}),
    }));
  };

  const requestProblems = ({ method, path, body }: ContractRequest): string[] => {
    const found = find(method, path);
    const what = `${method} ${path.split("?", 1)[0] ?? ""}`;
    if (found === null) return [`${what}: the contract has no such operation`];
    const { operation, own } = found;
    const problems: string[] = [];
    const parameters = parametersOf(operation, own).filter((parameter) => parameter.in === "query");
    const query = new URLSearchParams(path.split("?").slice(1).join("?"));
    for (const parameter of parameters) {
      const given = [...query.entries()].filter(([name]) => belongsTo(name, parameter.name)).map(([, value]) => value);
      if (given.length === 0) {
        if (parameter.required) problems.push(`query parameter ${parameter.name} is missing`);
        continue;
      }
      const key = `${operation.template} ${method} ?${parameter.name}`;
      problems.push(
        ...problemsOf(key, parameter.schema, "request", coerced(given, parameter.schema)).map((text) => `query ${parameter.name}: ${text}`),
      );
    }
    for (const name of new Set(query.keys())) {
      if (!parameters.some((parameter) => belongsTo(name, parameter.name))) problems.push(`query parameter ${name} is unknown`);
    }
    const requestBody = resolve(own["requestBody"]);
    const schema = jsonSchemaOf(requestBody["content"]);
    if (body === undefined) {
      if (requestBody["required"] === true) problems.push("the body is missing");
    } else if (schema === undefined) problems.push("the operation takes no JSON body");
    else problems.push(...problemsOf(`${operation.template} ${method} body`, schema, "request", body));
    return problems.map((text) => `${what}: ${text}`);
  };

  const responseProblems = ({ method, path, status, body }: ContractResponse): string[] => {
    const found = find(method, path);
    const what = `${method} ${path.split("?", 1)[0] ?? ""} → ${status}`;
    if (found === null) return [`${what}: the contract has no such operation`];
    const responses = resolve(found.own["responses"]);
    const key = [String(status), `${Math.floor(status / 100)}XX`, `${Math.floor(status / 100)}xx`, "default"].find(
      (name) => name in responses,
    );
    if (key === undefined) return [`${what}: the contract has no such status (it has ${Object.keys(responses).join(", ")})`];
    const schema = jsonSchemaOf(resolve(responses[key])["content"]);
    if (schema === undefined) return [];
    return problemsOf(`${found.operation.template} ${method} ${key}`, schema, "response", body).map((text) => `${what}: ${text}`);
  };

  return {
    operation: (method, path) => find(method, path)?.operation.template ?? null,
    requestProblems,
    responseProblems,
    expectRequest: (method, path, body) => expect(requestProblems({ method, path, body })).toEqual([]),
    expectResponse: (method, path, status, body) => expect(responseProblems({ method, path, status, body })).toEqual([]),
  };
}

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
};

/** `include[]` and `filter[x]` are the parameters `include` and `filter` (deepObject), and themselves. */
const belongsTo = (given: string, parameter: string): boolean =>
  given === parameter || given === `${parameter}[]` || given.startsWith(`${parameter}[`);

function coerced(values: readonly string[], schema: Json): unknown {
  const one = (value: string, type: unknown): unknown => {
    if ((type === "integer" || type === "number") && value !== "" && Number.isFinite(Number(value))) return Number(value);
    if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
    return value;
  };
  if (schema["type"] === "array") {
    const items = isObject(schema["items"]) ? schema["items"]["type"] : undefined;
    return values.flatMap((value) => value.split(",")).map((value) => one(value, items));
  }
  // What is neither one plain value nor a list (deepObject, unions) is taken as it is only where the type says so.
  return schema["type"] === "object" ? {} : one(values[0] ?? "", schema["type"]);
}

function problemText(error: ErrorObject, value: unknown): string {
  const at = error.instancePath
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (node, key) =>
        Array.isArray(node) ? node[Number(key)] : isObject(node) ? node[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
      value,
    );
  const extra = error.keyword === "additionalProperties" ? ` (${String((error.params as Json)["additionalProperty"])})` : "";
  return `${error.instancePath === "" ? "body" : error.instancePath} ${error.message ?? error.keyword}${extra}; it is ${(JSON.stringify(at) ?? "undefined").slice(0, 120)}`;
}

/** Any fetch-like function: a real one, or `app.request` of a hono app. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Response | Promise<Response>;

/**
 * A fetch that holds every exchange against a contract and collects what breaks it, so that a whole flow can be checked by what it sends.
 * `contractFor` picks the contract by URL; null means that the exchange is not checked.
 */
export function checkedFetch(
  fetch: FetchLike,
  contractFor: (url: URL) => Contract | null,
): {
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly problems: string[];
  readonly checked: string[];
} {
  const problems: string[] = [];
  const checked: string[] = [];
  return {
    problems,
    checked,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const contract = contractFor(url);
      const sent = contract === null ? "" : await request.clone().text();
      const response = await fetch(request);
      if (contract === null) return response;
      const path = url.pathname + url.search;
      const method = request.method;
      checked.push(`${method} ${url.pathname} ${response.status}`);
      problems.push(...contract.requestProblems({ method, path, ...(sent === "" ? {} : { body: JSON.parse(sent) as unknown }) }));
      const text = await response.clone().text();
      problems.push(
        ...contract.responseProblems({ method, path, status: response.status, ...(text === "" ? {} : { body: jsonOr(text) }) }),
      );
      return response;
    },
  };
}

const jsonOr = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
