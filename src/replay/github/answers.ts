import type { Context } from "hono";
import type { Json } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";

export const docs = "https://docs.github.com/rest";
export const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");

export const problem = (c: Context, status: 401 | 403 | 404 | 405 | 422, message: string, errors: readonly Json[] = []): Response =>
  c.json({ message, ...(errors.length === 0 ? {} : { errors }), documentation_url: docs, status: String(status) }, status);

/** One page of a list that is made here; sets GitHub's Link header. */
export function pageOf<T>(c: Context, items: readonly T[]): T[] {
  const page = Math.max(1, Number(c.req.query("page") ?? 1) || 1);
  const perPage = Math.min(100, Math.max(1, Number(c.req.query("per_page") ?? 30) || 30));
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (to: number, rel: string) => {
    const url = new URL(c.req.url);
    url.searchParams.set("page", String(to));
    return `<${outsideUrl(c)}${url.pathname}${url.search}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  if (links.length > 0) c.header("link", links.join(", "));
  return items.slice((page - 1) * perPage, page * perPage);
}
