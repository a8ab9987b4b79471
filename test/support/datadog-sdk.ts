import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { build, parseAst, type Plugin } from "vite";

/*
 * Cuts the official Datadog client down to the requests that midwatch makes. Whole, its version 2 is one serialiser that loads all of 6,000
 * models: more than a second of CPU and 90 MB in every process and thread, and 11 MB of a Worker's code.
 */

const require = createRequire(import.meta.url);
const PACKAGE = "@datadog/datadog-api-client";
const DIST = dirname(require.resolve(PACKAGE));
const COMMON = "packages/datadog-api-client-common";

/** The requests, by version and API. */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  "v1/Authentication": ["validate"],
  "v1/Metrics": ["listActiveMetrics"],
  "v1/Monitors": ["listMonitors"],
  "v2/Events": ["searchEvents"],
  "v2/KeyManagement": ["listCurrentUserApplicationKeys"],
  "v2/Logs": ["aggregateLogs", "listLogs"],
  "v2/Metrics": ["queryTimeseriesData"],
  "v2/SoftwareCatalog": ["listCatalogEntity"],
  "v2/Spans": ["aggregateSpans", "listSpans"],
};

/** What of the serialiser makes a request; the rest reads answers. */
const SERIALISING = ["serialize", "stringify", "getPreferredMediaType", "normalizeMediaType"];

const HEAD = `// Part of ${PACKAGE}, Copyright 2020-Present Datadog, Inc., under the Apache License 2.0.
// Changed: only the requests that midwatch makes are left, and neither transport nor log. Made by test/support/datadog-sdk.ts; see README.md.
`;

const packageOf = (version: string): string => `packages/datadog-api-client-${version}`;
const pathOf = (api: string): string => `${packageOf(api.slice(0, 2))}/apis/${api.slice(3)}Api.js`;
const factoryOf = (api: string): string => `${api.slice(3)}ApiRequestFactory`;
const sourceOf = (path: string): string => readFileSync(join(DIST, path), "utf8");

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A node of the syntax tree, as far as it is read here. */
interface Node extends Piece {
  readonly type: string;
  readonly id?: { readonly name: string } | null;
  readonly key?: { readonly name?: string };
  readonly body?: { readonly body: readonly Node[] };
}

const topLevel = (code: string): readonly Node[] => parseAst(code).body as unknown as readonly Node[];

function without(code: string, pieces: readonly Piece[]): string {
  return pieces.toSorted((a, b) => b.start - a.start).reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), code);
}

/** All of a class but these methods. @throws where the class lacks one */
function unwanted({ id, body }: Node, methods: readonly string[]): readonly Piece[] {
  const members = body?.body ?? [];
  const missing = methods.filter((method) => !members.some(({ key }) => key?.name === method));
  if (missing.length > 0) throw new Error(`${id?.name} of ${PACKAGE} has no ${missing.join(", ")}`);
  return members.filter(({ key }) => !methods.includes(key?.name ?? ""));
}

/** An API without what reads its answers, pages through them or makes other requests. */
function trimmedApi(code: string, api: string): string {
  const factory = factoryOf(api);
  const pieces = topLevel(code).flatMap((node) => {
    if (node.type !== "ClassDeclaration") return [];
    return node.id?.name === factory ? unwanted(node, REQUESTS[api] ?? []) : [node];
  });
  const trimmed = without(code, pieces).replaceAll(/^exports\.(\w+) = .*\n/gm, (line, name: string) => (name === factory ? line : ""));
  return trimmed.replaceAll(/^const (\w+) = require\(.*\n/gm, (line, name: string) => (trimmed.split(name).length > 2 ? line : ""));
}

interface Maps {
  readonly enumsMap: Readonly<Record<string, readonly unknown[]>>;
  readonly oneOfMap: Readonly<Record<string, readonly string[]>>;
  readonly typeMap: Readonly<Record<string, unknown>>;
}

/** `Array<Type>`, `[Type, Type]`, `{ [key: string]: Type; }` → the type. */
function innermost(type: string): string {
  const inner = /^Array<(.*)>$|^\[(\w+).*\]$|^\{ \[key: string\]: (.*); \}$/
    .exec(type)
    ?.slice(1)
    .find((one) => one !== undefined);
  return inner === undefined ? type : innermost(inner);
}

/** The serialiser with those types alone that the requests lead to. */
function trimmedSerialiser(code: string, models: string, types: readonly string[]): string {
  // Its maps are exported by nobody. No model is loaded for them.
  const inside = new Function("require", "exports", `${code}\nreturn { enumsMap, oneOfMap, typeMap };`);
  const { enumsMap, oneOfMap, typeMap } = inside(() => ({}), {}) as Maps;
  const found = new Set<string>();
  const visit = (type: string): void => {
    const name = innermost(type);
    if (found.has(name) || !(name in enumsMap || name in oneOfMap || name in typeMap)) return;
    found.add(name);
    for (const one of oneOfMap[name] ?? []) visit(one);
    if (!(name in typeMap)) return;
    const model = require(`${models}/${name}.js`) as Record<string, { getAttributeTypeMap(): Record<string, { type: string }> }>;
    for (const attribute of Object.values(model[name]?.getAttributeTypeMap() ?? {})) visit(attribute.type);
  };
  for (const type of types) visit(type);
  const of = (map: object) => Object.entries(map).filter(([name]) => found.has(name));
  const kept = (map: object) => JSON.stringify(Object.fromEntries(of(map)));
  const names = of(typeMap).map(([name]) => name);
  const serialiser = topLevel(code).find(({ id }) => id?.name === "ObjectSerializer");
  if (serialiser === undefined) throw new Error(`${PACKAGE} has no ObjectSerializer`);
  const constants = code.slice(0, code.indexOf("\nconst enumsMap =")).replaceAll(/^const \w+ = require\("\.\/\w+"\);\n/gm, "");
  return [
    constants,
    ...names.map((name) => `const ${name}_1 = require("./${name}");`),
    `const enumsMap = ${kept(enumsMap)};`,
    `const typeMap = { ${names.map((name) => `${name}: ${name}_1.${name}`).join(", ")} };`,
    `const oneOfMap = ${kept(oneOfMap)};`,
    without(code, [{ start: 0, end: serialiser.start }, ...unwanted(serialiser, SERIALISING)]),
  ].join("\n");
}

/** What the requests of a version serialise. */
const typesOf = (apis: readonly string[]): string[] =>
  apis.flatMap((api) => [...api.matchAll(/\.serialize\(\w+, "([^"]+)"/g)].map(([, type = ""]) => type));

/** The files of the client that are replaced, by their path in it. */
function replacements(): ReadonlyMap<string, string> {
  const replaced = new Map<string, string>([
    // midwatch sends by itself.
    [`${COMMON}/http/isomorphic-fetch.js`, "exports.IsomorphicFetchHttpLibrary = undefined;"],
    // What it would print is in the errors that it throws.
    ["logger.js", "exports.logger = { debug() {}, warn() {}, error() {} };"],
  ]);
  for (const version of ["v1", "v2"]) {
    const apis = Object.keys(REQUESTS).filter((api) => api.startsWith(version));
    for (const api of apis) replaced.set(pathOf(api), trimmedApi(sourceOf(pathOf(api)), api));
    const models = `${packageOf(version)}/models`;
    const serialiser = `${models}/ObjectSerializer.js`;
    const types = typesOf(apis.map((api) => replaced.get(pathOf(api)) ?? ""));
    replaced.set(serialiser, trimmedSerialiser(sourceOf(serialiser), join(DIST, models), types));
  }
  return replaced;
}

const ENTRY = "datadog-requests";

/** The text of `src/integrations/datadog/sdk/requests.js`. */
export async function datadogRequests(): Promise<string> {
  const replaced = replacements();
  const lines = Object.keys(REQUESTS).map(
    (api) => `export { ${factoryOf(api)} as ${api.slice(0, 2)}${factoryOf(api)} } from "${join(DIST, pathOf(api))}";`,
  );
  for (const [name, file] of Object.entries({
    Configuration: "configuration",
    configureAuthMethods: "auth",
    BaseServerConfiguration: "servers",
  }))
    lines.push(`export { ${name} } from "${join(DIST, COMMON, `${file}.js`)}";`);
  const trim: Plugin = {
    name: "trim",
    enforce: "pre",
    resolveId: (id) => (id === ENTRY ? ENTRY : null),
    load: (id) => (id === ENTRY ? lines.join("\n") : (replaced.get(relative(DIST, id)) ?? null)),
  };
  const built = await build({
    configFile: false,
    logLevel: "warn",
    plugins: [trim],
    ssr: { noExternal: true },
    build: { write: false, ssr: true, minify: false, rolldownOptions: { input: ENTRY, output: { comments: false } } },
  });
  const [first] = [built].flat();
  const code = first !== undefined && "output" in first ? first.output[0].code : "";
  return `${HEAD}\n${code.replaceAll(/^\/\/#(?:end)?region.*\n/gm, "")}`;
}
