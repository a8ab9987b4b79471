import { z } from "zod";

const service = z.string().min(1).max(200).optional().describe("Only this service of the catalog. Default: all");

/** What to look for in logs. */
export const logSearchInput = {
  query: z
    .string()
    .max(2_000)
    .optional()
    .describe('Datadog log search: status:error "connection refused", @http.status_code:>=500. Default: every line'),
  service,
};

/** What to look for in spans. */
export const spanSearchInput = {
  query: z
    .string()
    .max(2_000)
    .optional()
    .describe('Datadog span search: resource_name:"GET /cart", @http.status_code:500. Default: every span'),
  service,
};
