import { createStackParser } from "@sentry/core";
import { nodeStackLineParser } from "@sentry/core/server";

/** What error reports need of the package that Sentry's for Node and for Cloudflare are built on: the rest of it stays out of a Worker. */
export { createTransport, dedupeIntegration, linkedErrorsIntegration, Scope } from "@sentry/core";
export { ServerRuntimeClient as Client } from "@sentry/core/server";
export const stackParser = createStackParser(nodeStackLineParser());
