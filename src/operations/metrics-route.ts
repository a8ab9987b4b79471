import { Hono } from "hono";
import { secretMatches } from "../guard/hmac.ts";

/** `/metrics`, for who has the token alone. @param text all figures in Prometheus' form */
export const metricsRoute = (token: string, text: () => Promise<{ readonly body: string; readonly type: string }>): Hono =>
  new Hono().get("/metrics", async (c) => {
    if (!secretMatches([token], c.req.header("authorization")?.replace(/^Bearer /i, "") ?? null))
      return c.text("needs METRICS_TOKEN as bearer token\n", 401, { "www-authenticate": "Bearer" });
    const { body, type } = await text();
    return c.body(body, 200, { "content-type": type });
  });
