import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/**
 * What each folder may import from, beside itself; `null`: anything. Data runs downhill, so each stands below what it names. A subfolder that
 * has rules of its own is named before its folder.
 */
const mayImport: Readonly<Record<string, readonly string[] | null>> = {
  incident: [],
  guard: ["incident"],
  report: ["incident", "guard"],
  durable: ["guard"],
  store: ["incident", "guard", "durable"],
  analysis: ["incident", "guard", "report"],
  // Tools digest what they read with the pure functions of analysis.
  integrations: ["incident", "guard", "report", "analysis"],
  intake: ["incident", "guard", "durable", "store", "integrations/pagerduty", "integrations/setting.ts", "catalog.ts"],
  skills: ["incident", "guard", "report", "integrations/github"],
  fix: ["incident", "guard", "report", "durable", "store", "integrations/github"],
  "investigation/check": ["incident", "guard", "report"],
  "investigation/agent": ["incident", "guard", "report", "durable", "store", "fix", "investigation/check", "investigation"],
  investigation: ["incident", "guard", "report", "durable", "store", "analysis", "catalog.ts"],
  web: ["incident", "report", "durable", "store", "investigation/agent"],
  slack: ["incident", "guard", "report", "durable", "store", "access", "integrations/slack", "catalog.ts", "config.ts"],
  access: ["incident", "guard", "durable", "store", "web", "config.ts"],
  operations: ["incident", "guard", "report", "durable", "app.ts"],
  node: null,
  worker: null,
  replay: null,
  cli: null,
};

/** The same for the files directly under src/. What is built of everything may import everything; all else says what it needs. */
const rootMayImport: Readonly<Record<string, readonly string[] | null>> = {
  "app.ts": ["access/", "durable/", "intake/", "store/", "web/"],
  "catalog.ts": ["catalog-model.ts", "guard/", "incident/", "integrations/vendor"],
  "catalog-model.ts": ["guard/", "incident/"],
  "config.ts": [
    "access/roles.ts",
    "guard/errors.ts",
    "guard/nearest-name.ts",
    "guard/own-values.ts",
    "intake/",
    "integrations/other-names.ts",
    "integrations/setting.ts",
    "integrations/vendor",
    "investigation/agent/budget.ts",
  ],
  "midwatch.ts": null,
  "look-parts.ts": null,
  "redaction.ts": ["config.ts", "guard/", "intake/", "integrations/vendor"],
  "plan.ts": ["incident/", "investigation/", "plan-steps.ts", "slack/", "store/"],
  "plan-steps.ts": ["fix/", "investigation/", "slack/"],
};

/** Runtimes differ: these may use what only Node has. */
const nodeOnly = [/^node\//, /^cli\//, /^replay\//, /^durable\/(node-host|owned-sqlite|node-sqlite|node-write-ahead-log|lease)\.ts$/];
/** Modules of Node's that workerd has too, and the only files that need one. */
const inBoth: Readonly<Record<string, string>> = {
  "guard/hmac.ts": "node:crypto",
  "durable/acting.ts": "node:async_hooks",
  "guard/urgency.ts": "node:async_hooks",
  "durable/audit.ts": "node:crypto",
  "store/gzip-parts.ts": "node:zlib",
  "durable/audit-erasure.ts": "node:crypto",
  "investigation/check/indexed-text.ts": "node:crypto",
};
/** The environment is read in one place. */
const readsEnvironment = ["node/environment.ts"];

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const sourceOf = (file: string) => readFileSync(join(SRC, file), "utf8");
/** Without its comments. */
const codeOf = (file: string) => sourceOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
const importsOf = (source: string) => [...source.matchAll(/(?:from\s+|import\(|import\s+)"([^"]+)"/g)].map((found) => found[1] ?? "");

const targets = (file: string) =>
  importsOf(sourceOf(file))
    .filter((name) => name.startsWith("."))
    .map((name) => relative(SRC, resolve(SRC, file, "..", name)));

const folderOf = (file: string) => file.split("/")[0] ?? file;
/** The part of the house that a file belongs to: the longest folder that has rules. */
const roomOf = (file: string) => Object.keys(mayImport).find((room) => file.startsWith(`${room}/`)) ?? folderOf(file);

test("imports point downhill, as docs/architecture.md draws them", () => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    if (room === file) return [];
    const allowed = mayImport[room];
    if (allowed === undefined) return [`${file}: the folder is not in the list of import rules`];
    if (allowed === null) return [];
    return targets(file)
      .filter(
        (target) =>
          roomOf(target) !== room && !allowed.some((one) => target === one || roomOf(target) === one || target.startsWith(`${one}/`)),
      )
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("files directly under src/ import what the table says, and docs/architecture.md names each of them", () => {
  const architecture = readFileSync(resolve(SRC, "../docs/architecture.md"), "utf8");
  const wrong = files
    .filter((file) => folderOf(file) === file)
    .flatMap((file) => {
      const allowed = rootMayImport[file];
      if (allowed === undefined) return [`${file}: the file is not in the list of import rules`];
      const unnamed =
        file.endsWith(".d.ts") || architecture.includes(`\`${file}\``) ? [] : [`${file}: docs/architecture.md does not name it`];
      const strange =
        allowed === null ? [] : targets(file).filter((target) => target.endsWith(".ts") && !allowed.some((one) => target.startsWith(one)));
      return [...unnamed, ...strange.map((target) => `${file} imports ${target}`)];
    });
  expect(wrong).toEqual([]);
});

test("integrations do not know each other", () => {
  const wrong = files
    .filter((file) => file.startsWith("integrations/") && file.split("/").length > 2)
    .flatMap((file) => {
      const vendor = file.split("/").slice(0, 2).join("/");
      return targets(file)
        .filter((target) => target.startsWith("integrations/") && target.split("/").length > 2 && !target.startsWith(`${vendor}/`))
        .map((target) => `${file} imports ${target}`);
    });
  expect(wrong).toEqual([]);
});

test("only the Node host, the commands and replay use what only Node has", () => {
  const wrong = files
    .filter((file) => !nodeOnly.some((pattern) => pattern.test(file)))
    .flatMap((file) =>
      importsOf(sourceOf(file))
        .filter((name) => name.startsWith("node:") && inBoth[file] !== name)
        .map((name) => `${file} imports ${name}`),
    );
  expect(wrong).toEqual([]);
});

test("the environment is read in node/environment.ts and nowhere else", () => {
  expect(files.filter((file) => /\bprocess\.env\b/.test(codeOf(file)))).toEqual(readsEnvironment);
});

test("the global fetch is taken by the entries alone and handed on from there", () => {
  const entries = [/^node\//, /^worker\//, /^cli\//, /^replay\//];
  const wrong = files.filter(
    (file) => !entries.some((pattern) => pattern.test(file)) && /globalThis\.fetch|window\.fetch/.test(codeOf(file)),
  );
  expect(wrong).toEqual([]);
});

test("the Worker carries every runbook of the repository", () => {
  const onDisk = readdirSync(resolve(SRC, "../runbooks")).filter((file) => file.endsWith(".md"));
  const bundled = [...sourceOf("worker/runbooks.ts").matchAll(/^import \w+ from "\.\.\/\.\.\/runbooks\/([^"]+)";$/gm)].map(
    (found) => found[1],
  );
  expect(bundled.toSorted()).toEqual(onDisk.toSorted());
});
