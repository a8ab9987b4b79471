import { IntegrationError } from "../../guard/errors.ts";
import type { Lane, Traffic } from "../../guard/traffic.ts";

/** What all connections to one server share: a server that does not answer is left alone for a while, for every database on it. */
export const serverLane = (traffic: Traffic | undefined, address: string, database: string): Lane | undefined =>
  traffic?.lane("postgres", new URL(`http://${address}`).origin, "CONNECT", `PostgreSQL ${database}`);

/** Whether a connection failed because no server answered. One that refuses, in whatever words, has answered. */
export function isSilence(error: unknown): boolean {
  if (error instanceof IntegrationError || !(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return SILENT.has(code) || (code === "" && /timeout|timed? ?out|terminated/i.test(error.message));
}

/** The system's codes of a host that cannot be reached, and of a connection that broke. */
const SILENT: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"],
]);
