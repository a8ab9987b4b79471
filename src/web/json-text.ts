import type { Context } from "hono";
import { visibleJson } from "../report/visible-text.ts";

/** Answers in JSON that hides nothing from who reads it. */
export const jsonText = (c: Context, value: unknown): Response => c.body(visibleJson(value), 200, { "content-type": "application/json" });
