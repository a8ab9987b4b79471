import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { wholeEnvironment } from "./support/child-environment.ts";
import { temporaryFolder } from "./support/files.ts";

const WRANGLER = resolve(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");
/**
 * Cloudflare takes 10 MB, compressed, on the plan that midwatch needs: https://developers.cloudflare.com/workers/platform/limits/#worker-size. More
 * than this means that something came in which nobody meant to have there.
 */
const LARGEST_KIB = 4 * 1_024;

test("wrangler bundles the Worker for a deploy, well within the plan's limit of size", () => {
  using folder = temporaryFolder();
  const { status, stdout, stderr } = spawnSync(process.execPath, [WRANGLER, "deploy", "--dry-run", "--outdir", join(folder.path, "out")], {
    cwd: resolve(import.meta.dirname, ".."),
    env: {
      ...wholeEnvironment(),
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_LOG_PATH: join(folder.path, "logs"),
      XDG_CONFIG_HOME: folder.path,
      CI: "1",
    },
    encoding: "utf8",
  });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const size = /gzip: ([\d.]+) KiB/.exec(stdout)?.[1];
  expect(Number(size)).toBeGreaterThan(100);
  expect(Number(size)).toBeLessThan(LARGEST_KIB);
  for (const binding of ["IncidentObject", "DirectoryObject"]) expect(stdout).toContain(binding);
});
