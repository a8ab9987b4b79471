import type { Policy } from "../../guard/policy.ts";

const ORGANISATION = "/api/0/organizations/{organisation}";

/** Sentry is only read. */
export const sentryPolicy: Policy = {
  vendor: "sentry",
  setting: "SENTRY_API_URL",
  usual: "https://sentry.io",
  rules: [
    { method: "GET", path: "/api/0/", effect: "read", purpose: "what the token may do" },
    { method: "GET", path: `${ORGANISATION}/projects/`, effect: "read", purpose: "whether the token works" },
    { method: "GET", path: `${ORGANISATION}/issues/`, effect: "read", purpose: "issues" },
    { method: "GET", path: `${ORGANISATION}/issues/{issue}/events/latest/`, effect: "read", purpose: "what was thrown last" },
    { method: "GET", path: `${ORGANISATION}/releases/`, effect: "read", purpose: "releases" },
  ],
};

/** Where midwatch's own errors go, in a project of your own choice. */
export const errorReportPolicy: Policy = {
  vendor: "sentry",
  setting: "SENTRY_DSN",
  usual: null,
  rules: [
    {
      method: "POST",
      path: "/api/{project}/envelope/",
      effect: "output",
      purpose: "an error of midwatch's own",
      // Sentry's SDK names the project's public key there.
      query: ["sentry_version", "sentry_key", "sentry_client"],
    },
  ],
};
