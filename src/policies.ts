import { oidcEndpointPolicy, oidcPolicy } from "./access/policy.ts";
import type { Policy } from "./guard/policy.ts";
import { anthropicPolicy } from "./integrations/anthropic/policy.ts";
import { datadogPolicy } from "./integrations/datadog/policy.ts";
import { githubLogPolicy, githubPolicy } from "./integrations/github/policy.ts";
import { mcpPolicy } from "./integrations/mcp/policy.ts";
import { pagerdutyPolicy } from "./integrations/pagerduty/policy.ts";
import { postgresPolicy, sqlPolicy } from "./integrations/postgres/policy.ts";
import { errorReportPolicy, sentryPolicy } from "./integrations/sentry/policy.ts";
import { slackPolicy, slackSocketPolicy } from "./integrations/slack/policy.ts";

/** Everything that midwatch may call. Each client enforces its own; this list is for those who review them. */
export const policies: readonly Policy[] = [
  slackPolicy,
  slackSocketPolicy,
  githubPolicy,
  githubLogPolicy,
  pagerdutyPolicy,
  datadogPolicy,
  sentryPolicy,
  errorReportPolicy,
  postgresPolicy,
  sqlPolicy,
  mcpPolicy,
  anthropicPolicy,
  oidcPolicy,
  oidcEndpointPolicy,
];
