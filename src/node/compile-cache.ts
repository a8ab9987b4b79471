import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Rights to write of everyone but the owner. */
const OTHERS_WRITE = 0o022;

/**
 * A folder for temporary files is everybody's, and what lies in the cache is run: so only a folder that is this user's and that nobody else
 * writes to.
 */
function ownFolder(): string | null {
  // Systems without such ids have a folder for each user.
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `midwatch-compiled-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const is = lstatSync(folder);
    return is.isDirectory() && is.uid === uid && (is.mode & OTHERS_WRITE) === 0 ? folder : null;
  } catch {
    // A root without a place to write: each start compiles again.
    return null;
  }
}

/**
 * Keeps compiled modules between starts, which then take half the processor's time. Holds for the modules that are loaded after it, in this thread
 * alone. `NODE_COMPILE_CACHE` names another folder, `NODE_DISABLE_COMPILE_CACHE=1` means none.
 */
export function keepCompiled(): void {
  const folder = ownFolder();
  if (folder !== null) enableCompileCache(folder);
}
