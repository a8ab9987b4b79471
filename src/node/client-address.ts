import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import { isLoopback } from "../config.ts";

const LONGEST_ADDRESS = 64;

/**
 * Whose request it is, for limits of how often; null where the connection does not tell. Behind a proxy on this machine: whom the proxy says it
 * serves, which is the last address of `X-Forwarded-For`; those before it are the client's own words.
 */
export function clientAddress(c: Context): string | null {
  const address = getConnInfo(c).remote.address?.replace(/^::ffff:/, "") ?? null;
  const forwarded = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return address !== null && isLoopback(address) && forwarded !== undefined && forwarded !== ""
    ? forwarded.slice(0, LONGEST_ADDRESS)
    : address;
}
