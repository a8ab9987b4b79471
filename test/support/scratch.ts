import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps this folder in memory. */
const MEMORY = "/dev/shm";
/** More than a run holds at once, bytes: most of it are databases and a browser. */
const ENOUGH = 3 * 2 ** 30;

/** Whether programs that are put there may be run: in containers they often may not. */
function runs(folder: string): boolean {
  const program = join(folder, "probe");
  writeFileSync(program, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  return spawnSync(program).status === 0;
}

/** In memory where there is room, for the run makes thousands of files and waits for the disk at each commit; else, or where TMPDIR says so, on the disk. */
function makeFolder(): string {
  const name = "midwatch-tests-";
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (process.env["TMPDIR"] === undefined && bavail * bsize >= ENOUGH) {
      const folder = mkdtempSync(join(MEMORY, name));
      if (runs(folder)) return folder;
      rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // No such folder, or not ours to write to.
  }
  return mkdtempSync(join(tmpdir(), name));
}

/** Gives the run a temporary folder of its own and removes it at the end: what is killed in a test can't tidy up after itself. */
export function setup(): () => void {
  const folder = makeFolder();
  // As any folder for temporary files: PostgreSQL never runs as root, and another user needs a place of its own in it.
  chmodSync(folder, 0o1777);
  process.env["TMPDIR"] = folder;
  // Some two hundred commands load the same modules: compiled once, they start in half the time.
  process.env["MIDWATCH_TEST_COMPILE_CACHE"] = join(folder, "compile-cache");
  // Not for the workers, which load each once and would write them all out at their end.
  process.env["NODE_DISABLE_COMPILE_CACHE"] = "1";
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
