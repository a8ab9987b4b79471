import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/** What each folder may import from, beside itself; `null`: anything. Files directly under src/ stand for themselves. */
const mayImport: Readonly<Record<string, readonly string[] | null>> = {
  incident: [],
  analysis: ["incident"],
  skills: ["incident"],
  guard: ["incident"],
  // Tools digest what they read with the pure functions of analysis.
  integrations: ["guard", "incident", "analysis"],
  investigation: ["incident", "analysis", "guard", "skills"],
  fix: ["incident", "guard", "integrations/github"],
  web: ["incident", "investigation"],
  access: ["guard", "web"],
  replay: null,
  cli: null,
};

/** The same for the files directly under src/. What is built of everything may import everything; all else says what it needs. */
const rootMayImport: Readonly<Record<string, readonly string[] | null>> = {
  "app.ts": ["access/", "incident/", "integrations/pagerduty/", "web/"],
  "audit-calls.ts": ["guard/", "incident/"],
  "catalog.ts": ["guard/"],
  "config.ts": ["access/roles.ts", "incident/"],
  "midwatch.ts": null,
  "node-mcp.ts": ["config.ts", "guard/", "integrations/mcp/"],
  "node-network.ts": ["config.ts", "guard/"],
  "node-skills.ts": ["skills/"],
  "node-client-address.ts": ["config.ts"],
  "node-sql-parser.ts": ["guard/"],
  "node-triage-thread.ts": null,
  "node-triage.ts": ["guard/", "investigation/", "node-triage-thread.ts"],
  "node.ts": null,
  "policies.ts": ["access/policy.ts", "guard/", "integrations/"],
  "redaction.ts": ["config.ts", "guard/", "incident/", "investigation/"],
  "skill-repository.ts": ["guard/", "integrations/github/", "skills/"],
  "page-access.ts": ["access/", "config.ts", "guard/", "incident/", "investigation/hidden-values.ts", "web/"],
  "slack-intake.ts": ["access/incident-link.ts", "catalog.ts", "config.ts", "guard/", "incident/", "integrations/slack/"],
  "text-modules.d.ts": [],
  "worker-runbooks.ts": [],
  "worker-skills.ts": [],
  "worker.ts": null,
};

/** Runtimes differ: these may use what only Node has. */
const nodeOnly = [/^node(-[a-z-]+)?\.ts$/, /^cli\//, /^replay\//, /^incident\/(node-host|node-sqlite|node-write-ahead-log|lease)\.ts$/];
/** Modules of Node's that workerd has too, and the only files that need one. */
const inBoth: Readonly<Record<string, string>> = {
  "guard/hmac.ts": "node:crypto",
  "incident/acting.ts": "node:async_hooks",
  "incident/audit.ts": "node:crypto",
};
/** The environment is read in one place. */
const readsEnvironment = ["node.ts"];

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

test("imports point inward, as docs/architecture.md draws them", () => {
  const wrong = files.flatMap((file) => {
    const folder = folderOf(file);
    if (folder === file) return [];
    const allowed = mayImport[folder];
    if (allowed === undefined) return [`${file}: the folder is not in the list of import rules`];
    if (allowed === null) return [];
    return targets(file)
      .filter((target) => folderOf(target) !== folder && !allowed.some((one) => target.startsWith(`${one}/`)))
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
    .filter((file) => file.startsWith("integrations/"))
    .flatMap((file) => {
      const vendor = file.split("/").slice(0, 2).join("/");
      return targets(file)
        .filter((target) => target.startsWith("integrations/") && !target.startsWith(`${vendor}/`))
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

test("the environment is read in node.ts and nowhere else", () => {
  expect(files.filter((file) => /\bprocess\.env\b/.test(codeOf(file)))).toEqual(readsEnvironment);
});

test("the global fetch is taken by the entries alone and handed on from there", () => {
  const entries = [/^node(-[a-z-]+)?\.ts$/, /^worker\.ts$/, /^cli\//, /^replay\//];
  const wrong = files.filter(
    (file) => !entries.some((pattern) => pattern.test(file)) && /globalThis\.fetch|window\.fetch/.test(codeOf(file)),
  );
  expect(wrong).toEqual([]);
});

test("the Worker carries every runbook of the repository", () => {
  const onDisk = readdirSync(resolve(SRC, "../runbooks")).filter((file) => file.endsWith(".md"));
  const bundled = [...sourceOf("worker-runbooks.ts").matchAll(/^import \w+ from "\.\.\/runbooks\/([^"]+)";$/gm)].map((found) => found[1]);
  expect(bundled.toSorted()).toEqual(onDisk.toSorted());
});
