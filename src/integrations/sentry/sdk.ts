/** What error reports need of Sentry's package, in a file of its own: then the rest of it stays out of a Worker. Loaded with the first error. */
export { createStackParser, createTransport, dedupeIntegration, linkedErrorsIntegration, Scope } from "@sentry/core";
export { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
