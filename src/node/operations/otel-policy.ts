import type { Policy } from "../../guard/policy.ts";

/** Where traces go: the operator's own collector, and nothing of it is read. */
export const otelPolicy: Policy = {
  vendor: "otel",
  setting: "OTEL_EXPORTER_OTLP_ENDPOINT",
  usual: null,
  rules: [
    {
      method: "POST",
      path: "/v1/traces",
      effect: "output",
      purpose: "traces of midwatch's own work: times, ids and counts, no texts",
      repeatable: true,
      body: { only: ["resourceSpans"] },
    },
  ],
};
