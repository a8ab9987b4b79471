import type { ChangeEvent, LogLine, PlatformEvent, Point, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, errorLine, from, minute, series, steady, to } from "./telemetry.ts";

/** Names by which a monitoring system reports requests, failures and latency. */
export type Style = readonly [requests: string, errors: string, latency: string];
export const styles: readonly [Style, Style, Style] = [
  ["trace.http.request.hits", "trace.http.request.errors", "p99:trace.http.request"],
  ["http_requests_per_second", "http_request_errors_per_second", "http_request_duration_seconds_p99"],
  ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime.p99"],
];

/** Requests, failures and latency of a service, as usual but for what is given. */
export const measured = (
  service: string,
  [requests, errors, latency]: Style,
  told: { readonly errors?: readonly Point[]; readonly latency?: readonly Point[] } = {},
): Series[] => [
  series(service, requests, "traffic", null, steady(600)),
  series(service, errors, "errors", null, told.errors ?? steady(0)),
  series(service, latency, "latency", "second", told.latency ?? steady(0.2)),
];

/** The shop of `telemetry.ts` as a monitoring system sees it: all as usual but for the series that are given. */
export function shopOf(style: Style, title: string, ...other: readonly Series[]): Telemetry {
  const all = ["shop", "cart", "stock"].flatMap((service) => measured(service, style));
  const isOther = ({ service, metric }: Series) => other.some((one) => one.service === service && one.metric === metric);
  return { ...empty, page: { ...empty.page, title }, series: [...all.filter((one) => !isOther(one)), ...other] };
}

/** A steady level that is another one from an instant on. */
export const since = (at: number, level: number, now: number): Point[] =>
  steady(level).map((point) => (point.at < at ? point : { ...point, value: now }));

/** A steady level that grows from an instant on up to the end. */
export const growing = (foot: number, level: number, now: number): Point[] =>
  steady(level).map((point) => (point.at < foot ? point : { ...point, value: level + ((now - level) * (point.at - foot)) / (to - foot) }));

/** Ordinary lines, one a minute, so that another line is known to be new. */
export const ordinary = (service: string): LogLine[] =>
  Array.from({ length: Math.floor((to - from) / minute) }, (_, index) => ({
    ...errorLine(service, from + index * minute, `handled order ${index}`),
    severity: "INFO",
  }));

/** An error line every `everyMs` from an instant up to the end. */
export const lines = (service: string, at: number, message: string, everyMs = 10_000): LogLine[] =>
  Array.from({ length: Math.floor((to - at) / everyMs) }, (_, index) => errorLine(service, at + index * everyMs, message));

/** A deploy without a diff. */
export const deploy = (service: string, at: number, title: string): ChangeEvent => ({
  ...{ kind: "deploy", at, service, title, sha: "a".repeat(40), previousSha: "b".repeat(40), version: null, repository: null },
  ...{ author: null, pullRequest: null, files: null, link: null, evidence: 77 },
});

/** An event of Kubernetes about the shop. */
export const podEvent = (at: number, title: string, text: string, severity: PlatformEvent["severity"] = "warning"): PlatformEvent => ({
  ...{ at, source: "kubernetes", service: "shop", instance: null, severity, title, text, tags: [], evidence: 7 },
});
