// What requests.js is by type: that of the official client, as far as it is there.
import type { Configuration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js";
import type { AuthenticationApiRequestFactory as v1Authentication } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js";
import type { MetricsApiRequestFactory as v1Metrics } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js";
import type { MonitorsApiRequestFactory as v1Monitors } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js";
import type { EventsApiRequestFactory as v2Events } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js";
import type { KeyManagementApiRequestFactory as v2KeyManagement } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js";
import type { LogsApiRequestFactory as v2Logs } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js";
import type { MetricsApiRequestFactory as v2Metrics } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js";
import type { SoftwareCatalogApiRequestFactory as v2SoftwareCatalog } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js";
import type { SpansApiRequestFactory as v2Spans } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js";

export { configureAuthMethods } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/auth.js";
export { Configuration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js";
export type { HttpLibrary, RequestContext } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js";
export { BaseServerConfiguration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js";

type Factory<T, Requests extends keyof T> = new (configuration: Configuration) => Pick<T, Requests>;

export const v1AuthenticationApiRequestFactory: Factory<v1Authentication, "validate">;
export const v1MetricsApiRequestFactory: Factory<v1Metrics, "listActiveMetrics">;
export const v1MonitorsApiRequestFactory: Factory<v1Monitors, "listMonitors">;
export const v2EventsApiRequestFactory: Factory<v2Events, "searchEvents">;
export const v2KeyManagementApiRequestFactory: Factory<v2KeyManagement, "listCurrentUserApplicationKeys">;
export const v2LogsApiRequestFactory: Factory<v2Logs, "aggregateLogs" | "listLogs">;
export const v2MetricsApiRequestFactory: Factory<v2Metrics, "queryTimeseriesData">;
export const v2SoftwareCatalogApiRequestFactory: Factory<v2SoftwareCatalog, "listCatalogEntity">;
export const v2SpansApiRequestFactory: Factory<v2Spans, "aggregateSpans" | "listSpans">;
