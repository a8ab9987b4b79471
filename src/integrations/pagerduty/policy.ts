import type { Policy } from "../../guard/policy.ts";

/** PagerDuty is only read, but for notes on pages where the settings allow them. */
export const pagerdutyPolicy: Policy = {
  vendor: "pagerduty",
  setting: "PAGERDUTY_API_URL",
  usual: "https://api.pagerduty.com",
  rules: [
    {
      method: "POST",
      path: "/incidents/{id}/notes",
      effect: "output",
      purpose: "a note on a page that midwatch was paged for, where PAGERDUTY_NOTES_FROM is set",
      body: { only: ["note"] },
    },
    { method: "GET", path: "/incidents", effect: "read", purpose: "incidents of a window" },
    { method: "GET", path: "/incidents/{id}", effect: "read", purpose: "one incident" },
    { method: "GET", path: "/incidents/{id}/alerts", effect: "read", purpose: "its alerts" },
    { method: "GET", path: "/incidents/{id}/notes", effect: "read", purpose: "its notes" },
    { method: "GET", path: "/incidents/{id}/log_entries", effect: "read", purpose: "who did what with it" },
    { method: "GET", path: "/incidents/{id}/related_change_events", effect: "read", purpose: "changes that PagerDuty relates to it" },
    { method: "GET", path: "/incidents/{id}/past_incidents", effect: "read", purpose: "incidents like it" },
    { method: "GET", path: "/incidents/{id}/related_incidents", effect: "read", purpose: "related incidents" },
    { method: "GET", path: "/change_events", effect: "read", purpose: "change events" },
    { method: "GET", path: "/services/{id}/change_events", effect: "read", purpose: "change events of a service" },
    { method: "GET", path: "/oncalls", effect: "read", purpose: "who is on call" },
    { method: "GET", path: "/users/me", effect: "read", purpose: "whose key it is" },
    { method: "GET", path: "/users/{id}", effect: "read", purpose: "the e-mail address of a paged person, to invite them in Slack" },
    { method: "GET", path: "/abilities", effect: "read", purpose: "whether an account key works" },
    { method: "GET", path: "/users", effect: "read", purpose: "whether PAGERDUTY_NOTES_FROM is a user" },
  ],
};
