import type { Context } from "hono";
import { unseenInJson } from "../guard/unseen.ts";

const byCode = (sign: string): string =>
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");

/** An answer in JSON in which what no reader would see is written by its code: to programs it is the same text. */
export const jsonText = (c: Context, value: unknown): Response =>
  c.body(JSON.stringify(value).replaceAll(unseenInJson, byCode), 200, { "content-type": "application/json" });
