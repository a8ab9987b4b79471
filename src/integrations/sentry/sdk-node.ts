/** Sentry's package for Node, as far as error reports use it. */
export {
  createTransport,
  dedupeIntegration,
  defaultStackParser as stackParser,
  linkedErrorsIntegration,
  NodeClient as Client,
  Scope,
} from "@sentry/node";
