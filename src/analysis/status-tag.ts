import { type Point, type Series, seriesName } from "../incident/telemetry.ts";
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

const statusOf = ({ tags }: Series): readonly [string, string] | undefined =>
  Object.entries(tags).find(([key]) => STATUS_TAGS.has(key.toLowerCase()));
const isFailure = (status: string): boolean => /^5(\d\d|xx)?$/i.test(status);

/** Requests that are counted by their status are failures where it is one of the server's: the name of the metric says neither. */
export function byStatus(series: Series, meaning: SignalMeaning): [Series, SignalMeaning] {
  const status = statusOf(series)?.[1];
  if (meaning.kind !== "traffic" || meaning.resource !== null || status === undefined || !isFailure(status)) return [series, meaning];
  return [{ ...series, kind: "errors" }, asFailures(meaning)];
}

const asFailures = (meaning: SignalMeaning): SignalMeaning => ({ ...meaning, kind: "errors", worse: "up", isShare: false });

/** Series that were counted at the same times have no more times together than this many times those of the longest. */
const SAME_TIMES = 1.5;

/** What a service counts by status, put together. */
export interface StatusSum {
  readonly series: Series;
  readonly meaning: SignalMeaning;
}

/**
 * All requests and all failures of what is counted by status: one code of several is a part of both. A code without a point counts none, where
 * others of it have one.
 * @returns the sums, and the names of the series that are in them
 */
export function sumsByStatus(
  all: readonly Series[],
  meaningOf: (metric: string, unit: string | null) => SignalMeaning,
): { readonly sums: readonly StatusSum[]; readonly parts: ReadonlySet<string> } {
  const sums: StatusSum[] = [];
  const parts = new Set<string>();
  const counted = all.flatMap((series) => {
    const status = statusOf(series);
    const { kind, isShare, resource } = meaningOf(series.metric, series.unit);
    if (status === undefined || isShare || resource !== null || (kind !== "traffic" && kind !== "errors")) return [];
    const { [status[0]]: _status, ...tags } = series.tags;
    return [{ series, isFailed: isFailure(status[1]), whole: { ...series, tags } }];
  });
  for (const members of Map.groupBy(counted, ({ whole }) => seriesName(whole)).values()) {
    const [first] = members;
    if (first === undefined || members.length < 2) continue;
    const times = [...new Set(members.flatMap(({ series }) => series.points.map(({ at }) => at)))].sort((a, b) => a - b);
    if (times.length > SAME_TIMES * Math.max(...members.map(({ series }) => series.points.length))) continue;
    const meaning = meaningOf(first.series.metric, first.series.unit);
    const failed = members.filter(({ isFailed }) => isFailed);
    if (meaning.kind === "errors" && failed.length < 2) continue;
    const add = (of: typeof members): Point[] => {
      const values = new Map(times.map((at) => [at, 0]));
      for (const { series } of of) for (const { at, value } of series.points) values.set(at, (values.get(at) ?? 0) + value);
      return [...values].map(([at, value]) => ({ at, value }));
    };
    if (meaning.kind === "traffic") sums.push({ series: { ...first.whole, points: add(members) }, meaning });
    if (failed.length > 0) sums.push({ series: { ...first.whole, kind: "errors", points: add(failed) }, meaning: asFailures(meaning) });
    for (const { series } of members) parts.add(seriesName(series));
  }
  return { sums, parts };
}
