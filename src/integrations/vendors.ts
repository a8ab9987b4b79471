import { anthropic } from "./anthropic/vendor.ts";
import { datadog } from "./datadog/vendor.ts";
import { github } from "./github/vendor.ts";
import { mcp } from "./mcp/vendor.ts";
import { pagerduty } from "./pagerduty/vendor.ts";
import { postgres, sql } from "./postgres/vendor.ts";
import { sentry } from "./sentry/vendor.ts";
import { slack } from "./slack/vendor.ts";

/** Every vendor, in the order of coverage, settings, policies and `doctor`. */
export const vendors = [datadog, sentry, github, postgres, sql, pagerduty, mcp, slack, anthropic] as const;

/** Those that play a part which no other vendor can: where people read, where fixes and skills are, and the model. */
export const roles = { surface: slack, code: github, model: anthropic } as const;
