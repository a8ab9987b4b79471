import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doctor } from "../../src/cli/doctor.ts";

/** What `doctor` prints of settings that do not let midwatch start: nobody is asked. */
async function printed(values: Readonly<Record<string, string>>, catalog: string | null, envFile: readonly string[] | null = []) {
  const path = join(mkdtempSync(join(tmpdir(), "midwatch-slips-")), "catalog.yaml");
  if (catalog !== null) writeFileSync(path, catalog);
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line.replaceAll(path, "catalog.yaml"));
  const code = await doctor(
    { json: false },
    { values: { CATALOG_PATH: path, ...values }, envFile: envFile === null ? null : { names: envFile }, say },
  );
  return { code, lines };
}

test("settings and catalog are checked in one run, each problem on a line of its own", async () => {
  const { code, lines } = await printed({}, "version: 1\nservices:\n  - nam: a\n  - name: 3\n");
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith("✗ Settings: "))).toHaveLength(3);
  expect(lines.filter((line) => line.startsWith("✗ Catalog: ")).map((line) => line.split(": ")[1])).toEqual([
    "catalog.yaml:3",
    "catalog.yaml:3",
    "catalog.yaml:4",
  ]);
});

test("a catalog that is well is said to be, and one that is missing or has a slip is a problem", async () => {
  const { lines } = await printed({}, "version: 1\nservices:\n  - { name: web, calls: [cart, stripe] }\n  - name: cart\n");
  expect(lines).toContain("✓ Catalog: 2 services");
  const slip = (await printed({}, "version: 1\nservices:\n  - { name: web, calls: [crat] }\n  - name: cart\n")).lines;
  expect(slip).toContainEqual(
    expect.stringContaining('✗ Catalog: catalog.yaml:3: web calls "crat", which is not a service here: did you mean cart?'),
  );
  expect((await printed({}, "version: 1\n")).lines).toContain("! Catalog: lists no services yet; docs/catalog.md says how");
  expect((await printed({}, null)).lines.join("\n")).toContain("✗ Catalog: catalog.yaml cannot be read. Write the catalog");
});

test("lines of .env that do nothing are named, once each, and a .env that is missing too", async () => {
  const names = ["DD_APP_KY", "DATADOG_APP_KEY", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "PORT"];
  const set = Object.fromEntries(names.map((name) => [name, name === "PORT" ? "3000" : "canary"]));
  const { lines } = await printed(set, "version: 1\n", names);
  const about = (name: string) => lines.filter((line) => line.includes(`: ${name} `));
  expect(about("DD_APP_KY")).toEqual(["✗ Settings: DD_APP_KY is set, but midwatch has no such setting: did you mean DD_APP_KEY?"]);
  expect(about("DATADOG_APP_KEY")).toEqual([
    "✗ Settings: DATADOG_APP_KEY is set, but midwatch has no such setting: did you mean DD_APP_KEY?",
  ]);
  for (const name of ["NODE_EXTRA_CA_CERTS", "HTTPS_PROXY"])
    expect(about(name)).toEqual([expect.stringContaining("Node reads it before midwatch")]);
  expect(about("PORT")).toEqual([]);
  expect(lines.join("\n")).not.toContain("canary");
  expect((await printed({}, "version: 1\n", null)).lines).toContainEqual(expect.stringMatching(/^! Settings: there is no \.env in /));
});
