import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const moduleOf = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../src", file)).href);

/** Loads a module with the cache on, in a process whose folder for temporary files is this. */
function start(folder: string): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `const { keepCompiled } = await import(${moduleOf("node/compile-cache.ts")}); keepCompiled(); await import(${moduleOf("guard/nearest-name.ts")});`,
    ],
    { env: { PATH: process.env["PATH"], TMPDIR: folder }, encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

const uid = process.getuid?.() ?? 0;
const fresh = () => {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-compiled-test-"));
  return { folder, cache: join(folder, `midwatch-compiled-${uid}`) };
};

test("compiled modules are kept in a folder that nobody else may read or write", () => {
  const { folder, cache } = fresh();
  start(folder);
  expect(readdirSync(cache)).not.toEqual([]);
  expect(statSync(cache).mode & 0o777).toBe(0o700);
});

test("nothing is kept in a folder to which others write, behind a link, or where a file has its name", () => {
  const open = fresh();
  mkdirSync(open.cache);
  chmodSync(open.cache, 0o777);
  start(open.folder);
  expect(readdirSync(open.cache)).toEqual([]);

  const linked = fresh();
  const elsewhere = mkdtempSync(join(tmpdir(), "midwatch-elsewhere-"));
  symlinkSync(elsewhere, linked.cache);
  start(linked.folder);
  expect(readdirSync(elsewhere)).toEqual([]);

  const file = fresh();
  writeFileSync(file.cache, "");
  start(file.folder);
  expect(readFileSync(file.cache, "utf8")).toBe("");
});
