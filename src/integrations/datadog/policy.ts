import type { Policy } from "../../guard/policy.ts";

/** Datadog takes its searches as POST; each of these reads. */
export const datadogPolicy: Policy = {
  vendor: "datadog",
  setting: "DD_API_URL",
  usual: "https://api.<DD_SITE>",
  rules: [
    { method: "GET", path: "/api/v1/validate", effect: "read", purpose: "whether the API key works" },
    { method: "GET", path: "/api/v2/current_user/application_keys", effect: "read", purpose: "what the application key may do" },
    { method: "GET", path: "/api/v1/metrics", effect: "read", purpose: "names of metrics" },
    { method: "GET", path: "/api/v1/monitor", effect: "read", purpose: "monitors" },
    { method: "GET", path: "/api/v2/catalog/entity", effect: "read", purpose: "the software catalog" },
    { method: "POST", path: "/api/v2/query/timeseries", effect: "read", purpose: "metrics" },
    { method: "POST", path: "/api/v2/logs/events/search", effect: "read", purpose: "log lines" },
    { method: "POST", path: "/api/v2/logs/analytics/aggregate", effect: "read", purpose: "counts of log lines" },
    { method: "POST", path: "/api/v2/spans/events/search", effect: "read", purpose: "spans" },
    { method: "POST", path: "/api/v2/spans/analytics/aggregate", effect: "read", purpose: "counts of spans" },
    { method: "POST", path: "/api/v2/events/search", effect: "read", purpose: "events" },
  ],
};
