import type { Series } from "../incident/telemetry.ts";
import type { SignalMeaning } from "./signal-kind.ts";

/** Tags that hold the status of a request, in the conventions of Datadog, OpenTelemetry, Prometheus, Envoy and Micrometer. */
const STATUS_TAGS: ReadonlySet<string> = new Set([
  "code",
  "status",
  "status_code",
  "http.status_code",
  "http_status_code",
  "http.response.status_code",
  "http_response_status_code",
  "response_code",
  "code_class",
  "status_class",
  "http.status_class",
  "response_code_class",
]);

/** Requests that are counted by their status are failures where it is one of the server's: the name of the metric says neither. */
export function byStatus(series: Series, meaning: SignalMeaning): [Series, SignalMeaning] {
  const status = Object.entries(series.tags).find(([key]) => STATUS_TAGS.has(key.toLowerCase()))?.[1];
  if (meaning.kind !== "traffic" || meaning.resource !== null || status === undefined || !/^5(\d\d|xx)?$/i.test(status))
    return [series, meaning];
  return [
    { ...series, kind: "errors" },
    { ...meaning, kind: "errors", worse: "up", isShare: false },
  ];
}
