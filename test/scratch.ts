import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives the run a temporary folder of its own and removes it at the end: what is killed in a test can't tidy up after itself. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-tests-"));
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
