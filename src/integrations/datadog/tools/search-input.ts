import { z } from "zod";

const service = z.string().min(1).max(200).optional().describe("Only this service of the catalog. Default: all of the page's environment");

/** What to look for in logs. */
export const logSearchInput = {
  query: z
    .string()
    .max(2_000)
    .optional()
    .describe('Datadog log search, for example status:error "connection refused", or @http.status_code:>=500. Default: every line'),
  service,
};

/** What to look for in spans. */
export const spanSearchInput = {
  query: z
    .string()
    .max(2_000)
    .optional()
    .describe('Datadog span search, for example resource_name:"GET /cart" or @http.status_code:500. Default: every span'),
  service,
};
