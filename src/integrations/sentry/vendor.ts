import { z } from "zod";
import { type Check, excessChecks, guarded, ok, readChecks } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { catalogPart, defineVendor } from "../vendor.ts";
import { createSentryClient, type SentryClient } from "./client.ts";
import { errorReportPolicy, sentryPolicy } from "./policy.ts";
import { sentrySource } from "./source.ts";
import { sentryTools } from "./tools/index.ts";

async function rightsChecks(sentry: SentryClient, signal: AbortSignal): Promise<Check[]> {
  const excess = await sentry.tokenRights(signal);
  return excess === null
    ? [ok("Sentry", "Sentry did not report what SENTRY_AUTH_TOKEN can do: compare its permissions with docs/setup.md#sentry")]
    : excessChecks("Sentry", "the token has scopes", excess, "Make one with the permissions of docs/setup.md#sentry alone");
}

export const sentry = defineVendor({
  id: "sentry",
  title: "Sentry",
  settings: {
    SENTRY_AUTH_TOKEN: textSetting().describe("Sentry token with org:read, project:read, event:read"),
    SENTRY_ORG: textSetting().describe("slug of the Sentry organisation"),
    SENTRY_API_URL: urlSetting().describe(
      "default https://sentry.io; by region https://us.sentry.io or https://de.sentry.io, or your own host",
    ),
    SENTRY_DSN: z
      .string()
      .trim()
      .regex(/^https?:\/\/[^@\s/]+@[^\s/]+(?:\/[^\s]*)?\/\d+$/, { error: "must be a DSN as Sentry shows it (https://key@host/number)" })
      .optional()
      .describe("where midwatch reports its own errors; none: they stay in the log"),
  },
  secrets: ["SENTRY_AUTH_TOKEN", "SENTRY_DSN"],
  addresses: ["SENTRY_API_URL", "SENTRY_DSN"],
  missing: ({ SENTRY_AUTH_TOKEN: token, SENTRY_ORG: org }) =>
    token !== undefined && org === undefined ? [{ setting: "SENTRY_ORG", because: "; SENTRY_AUTH_TOKEN is set" }] : [],
  catalog: catalogPart({
    key: "sentry",
    schema: z.strictObject({ project: z.string().trim().min(1) }),
    names: ({ project }) => ({ name: project }),
  }),
  policies: [sentryPolicy, errorReportPolicy],
  needs: "SENTRY_AUTH_TOKEN and SENTRY_ORG",
  connect: ({ SENTRY_AUTH_TOKEN: token, SENTRY_ORG: org, SENTRY_API_URL: baseUrl = "https://sentry.io" }, { calling }) =>
    token === undefined || org === undefined ? null : createSentryClient({ ...calling, baseUrl, token, org }),
  sources: (client) => [sentrySource(client)],
  tools: (client) => sentryTools(client),
  check: async (client, { signal }) => [
    ...readChecks("Sentry", await client.validate({}, signal)),
    ...(await guarded("Sentry", () => rightsChecks(client, signal))),
  ],
});
