import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives the run a temporary folder of its own and removes it at the end: what is killed in a test can't tidy up after itself. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-tests-"));
  process.env["TMPDIR"] = folder;
  // Some two hundred commands load the same modules: compiled once, they start in half the time. Not for the workers, which load each once.
  process.env["MIDWATCH_TEST_COMPILE_CACHE"] = join(folder, "compile-cache");
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
