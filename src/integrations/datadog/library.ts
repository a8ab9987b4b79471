import type { RequestContext } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js";
import type { Configuration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js";
import type { AuthenticationApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js";
import type { MetricsApiRequestFactory as MetricsV1 } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js";
import type { MonitorsApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js";
import type { EventsApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js";
import type { LogsApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js";
import type { MetricsApiRequestFactory as MetricsV2 } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js";
import type { KeyManagementApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js";
import type { SoftwareCatalogApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js";
import type { SpansApiRequestFactory } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js";

/** A request as the official client builds it: URL, headers with credentials, serialised body. */
export type DatadogRequest = RequestContext;

/** The version 1 requests: small models, about 0.1 s to load. */
export interface LibraryV1 {
  readonly authentication: AuthenticationApiRequestFactory;
  readonly metrics: MetricsV1;
  readonly monitors: MonitorsApiRequestFactory;
}

/** The version 2 requests: thousands of models behind one serialiser, 0.5 to 1 s of CPU to load. */
export interface LibraryV2 {
  readonly events: EventsApiRequestFactory;
  readonly logs: LogsApiRequestFactory;
  readonly metrics: MetricsV2;
  readonly catalog: SoftwareCatalogApiRequestFactory;
  readonly spans: SpansApiRequestFactory;
}

/** Requests about keys, for `doctor` alone. */
export type KeyRequests = KeyManagementApiRequestFactory;

export interface Library {
  readonly v1: () => Promise<LibraryV1>;
  readonly v2: () => Promise<LibraryV2>;
  readonly keys: () => Promise<KeyRequests>;
}

export interface LibraryOptions {
  /** `https://api.<site>`, a proxy or replay; without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly appKey: string;
}

/** Runs once, on first use; a failure is not remembered. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = null;
      throw cause;
    });
    return loading;
  };
}

/**
 * The official client, loaded piece by piece on first use: its whole index takes twice the time and 80 MB more than these files.
 *
 * Its request factories are used, and neither its transport nor its deserialiser. The transport prints every network error with its stack,
 * retries on its own and drops the answer's text, which the evidence ledger needs; the deserialiser drops nothing it does not know, but
 * hands out dates, renamed fields and half-parsed objects where a schema of the fields in use says what is wrong.
 */
export function datadogLibrary({ baseUrl, apiKey, appKey }: LibraryOptions): Library {
  const configuration = once(async (): Promise<Configuration> => {
    const [{ Configuration }, { configureAuthMethods }, { BaseServerConfiguration }, { logger }] = await Promise.all([
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js"),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/auth.js"),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js"),
      import("@datadog/datadog-api-client/dist/logger.js"),
    ]);
    logger.setLevel(logger.levels.SILENT, false);
    // The constructor and not `createConfiguration`, which reads DD_* from the environment and changes server objects that all share.
    const transport = { send: () => Promise.reject(new Error("requests are sent by midwatch's own transport")) };
    const auth = configureAuthMethods({ apiKeyAuth: apiKey, appKeyAuth: appKey });
    return new Configuration(new BaseServerConfiguration(baseUrl, {}), 0, {}, transport, auth, {}, false, false, 0, 2, 2, {});
  });
  return {
    v1: once(async () => {
      const made = await configuration();
      const [authentication, metrics, monitors] = await Promise.all([
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js"),
      ]);
      return {
        authentication: new authentication.AuthenticationApiRequestFactory(made),
        metrics: new metrics.MetricsApiRequestFactory(made),
        monitors: new monitors.MonitorsApiRequestFactory(made),
      };
    }),
    v2: once(async () => {
      const made = await configuration();
      const [events, logs, metrics, catalog, spans] = await Promise.all([
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js"),
        import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js"),
      ]);
      return {
        events: new events.EventsApiRequestFactory(made),
        logs: new logs.LogsApiRequestFactory(made),
        metrics: new metrics.MetricsApiRequestFactory(made),
        catalog: new catalog.SoftwareCatalogApiRequestFactory(made),
        spans: new spans.SpansApiRequestFactory(made),
      };
    }),
    keys: once(async () => {
      const { KeyManagementApiRequestFactory: Factory } =
        await import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js");
      return new Factory(await configuration());
    }),
  };
}
