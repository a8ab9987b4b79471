import type { Context } from "hono";

const firstOf = (header: string | undefined): string | null => header?.split(",")[0]?.trim() || null;

/**
 * The origin under which the caller sees this server, without a slash at its end. Absolute URLs in answers are built on it, so that a proxy in
 * between is not left behind when the caller follows one.
 */
export function outsideUrl(c: Context): string {
  const host = firstOf(c.req.header("x-forwarded-host")) ?? c.req.header("host") ?? new URL(c.req.url).host;
  const protocol = firstOf(c.req.header("x-forwarded-proto")) ?? new URL(c.req.url).protocol.slice(0, -1);
  const prefix = firstOf(c.req.header("x-forwarded-prefix"))?.replace(/\/+$/, "") ?? "";
  return `${protocol}://${host}${prefix}`;
}
