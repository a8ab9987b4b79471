import {
  BaseServerConfiguration,
  Configuration,
  configureAuthMethods,
  type HttpLibrary,
  type RequestContext,
  v1AuthenticationApiRequestFactory as Authentication,
  v1MetricsApiRequestFactory as MetricNames,
  v1MonitorsApiRequestFactory as Monitors,
  v2EventsApiRequestFactory as Events,
  v2KeyManagementApiRequestFactory as Keys,
  v2LogsApiRequestFactory as Logs,
  v2MetricsApiRequestFactory as Metrics,
  v2SoftwareCatalogApiRequestFactory as Catalog,
  v2SpansApiRequestFactory as Spans,
} from "./sdk/requests.js";

/** A request as the official client builds it: URL, headers with credentials, serialised body. */
export type DatadogRequest = RequestContext;

export type Library = ReturnType<typeof datadogLibrary>;

export interface LibraryOptions {
  /** `https://api.<site>`, a proxy or replay; without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly appKey: string;
}

/**
 * The official client's requests, cut down to those in use (`sdk/`).
 *
 * Neither its transport nor its deserialiser is used. The transport prints every network error with its stack, retries on its own and drops the
 * answer's text, which the evidence ledger needs; the deserialiser drops nothing it does not know, but hands out dates, renamed fields and
 * half-parsed objects where a schema of the fields in use says what is wrong.
 */
export function datadogLibrary({ baseUrl, apiKey, appKey }: LibraryOptions) {
  // The constructor and not `createConfiguration`, which reads DD_* from the environment and changes server objects that all share.
  const transport: HttpLibrary = { send: () => Promise.reject(new Error("requests are sent by midwatch's own transport")) };
  const auth = configureAuthMethods({ apiKeyAuth: apiKey, appKeyAuth: appKey });
  const made = new Configuration(new BaseServerConfiguration(baseUrl, {}), 0, {}, transport, auth, {}, false, false, 0, 2, 2, {});
  return {
    authentication: new Authentication(made),
    catalog: new Catalog(made),
    events: new Events(made),
    keys: new Keys(made),
    logs: new Logs(made),
    metricNames: new MetricNames(made),
    metrics: new Metrics(made),
    monitors: new Monitors(made),
    spans: new Spans(made),
  };
}
