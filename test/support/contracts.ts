import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const folder = new URL("../../../shared/contracts/", import.meta.url);

/** Whether the vendors' contracts lie beside the repository. Where they don't, suites that need them say so in one line and pass over. */
export function haveContracts(vendor: string): boolean {
  const there = existsSync(new URL(`${vendor}/`, folder));
  if (!there) console.log(`${vendor}: no ../shared/contracts, so nothing was held against the vendor's contract`);
  return there;
}

export const contractFile = (path: string): string => new URL(path, folder).pathname;

/** A contract's JSON, `.json` or `.json.gz`. */
export function readContract<T>(path: string): T {
  const bytes = readFileSync(new URL(path, folder));
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")) as T;
}
