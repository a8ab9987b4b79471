import { type Answer, answerOf } from "../../incident/answer.ts";
import type { Point, TimeWindow } from "../../incident/telemetry.ts";
import { instantOf, UNKNOWN_SERVICE } from "./field.ts";
import type { Library } from "./library.ts";
import { type Read, reads } from "./reads.ts";
import { logCountsSchema, spanCountsSchema } from "./schema.ts";
import type { Transport, Urgency } from "./transport.ts";
import { count, iso, joinCuts, STOPPED_EARLY } from "./words.ts";

/** What is computed per bucket. `metric` is a measure such as `@duration` (spans: nanoseconds); `count` needs none. */
export interface Compute {
  readonly aggregation: "count" | "cardinality" | "sum" | "avg" | "min" | "max" | "pc75" | "pc90" | "pc95" | "pc98" | "pc99";
  readonly metric?: string | undefined;
}

export interface CountArguments {
  readonly query: string;
  readonly window: TimeWindow;
  /** Facets, for example `service` or `@http.status_code`. */
  readonly groupBy: readonly string[];
  /** Width of time buckets; without it each group has one value for the whole window. */
  readonly intervalMs?: number | undefined;
  /** Default: count. */
  readonly compute?: Compute | undefined;
  /** Most groups per facet, the largest first. Default 100, or less where several facets would pass Datadog's 10,000 in all. */
  readonly groups?: number | undefined;
  /** Default: first. */
  readonly urgency?: Urgency | undefined;
}

/** One group. Records without the facet are in the group "unknown". */
export interface CountBucket {
  readonly by: Readonly<Record<string, string>>;
  /** The value for the whole window; of counts over time, their sum; null where Datadog gives none. */
  readonly total: number | null;
  /** One per time bucket, oldest first; empty without `intervalMs`. A count of zero may be a missing point. */
  readonly points: readonly Point[];
}

/** Datadog allows so many groups in one answer, over all facets. */
const MOST_GROUPS = 10_000;

/** Datadog's words for a bucket width ("5m", "90s"). */
const widthOf = (ms: number) => (ms % 60_000 === 0 ? `${ms / 60_000}m` : `${Math.max(1, Math.round(ms / 1_000))}s`);

const most = (args: CountArguments) =>
  Math.max(1, Math.floor(Math.min(args.groups ?? 100, MOST_GROUPS ** (1 / Math.max(1, args.groupBy.length)))));

function computeOf({ compute = { aggregation: "count" }, intervalMs }: CountArguments) {
  const metric = compute.metric === undefined ? {} : { metric: compute.metric };
  const interval = intervalMs === undefined ? { type: "total" as const } : { type: "timeseries" as const, interval: widthOf(intervalMs) };
  return { aggregation: compute.aggregation, ...metric, ...interval };
}

function groupByOf(args: CountArguments) {
  const { aggregation, metric } = computeOf(args);
  const sort = { type: "measure" as const, aggregation, order: "desc" as const, ...(metric === undefined ? {} : { metric }) };
  return args.groupBy.map((facet) => ({ facet, limit: most(args), missing: UNKNOWN_SERVICE, sort }));
}

type Figure = number | string | null | undefined;
type Computed = Figure | readonly { readonly time: string; readonly value?: Figure }[];

const numberOf = (figure: Figure) => (figure == null || figure === "" ? Number.NaN : Number(figure));

function toBucket(by: Record<string, unknown> | null | undefined, computed: Computed, isCount: boolean): CountBucket {
  const names = Object.fromEntries(Object.entries(by ?? {}).map(([facet, value]) => [facet, String(value)]));
  if (typeof computed !== "object" || computed === null) {
    const total = numberOf(computed);
    return { by: names, total: Number.isFinite(total) ? total : null, points: [] };
  }
  const points = computed
    .map(({ time, value }) => ({ at: instantOf(time) ?? Number.NaN, value: numberOf(value) }))
    .filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value));
  return { by: names, total: isCount ? points.reduce((sum, { value }) => sum + value, 0) : null, points };
}

/** The one figure of a bucket; its key is `c0` as only one is asked for. */
const figureOf = (computes: Record<string, Computed> | null | undefined): Computed => Object.values(computes ?? {})[0];

function answer(
  read: Read,
  args: CountArguments,
  link: string | null,
  found: { buckets: readonly { by?: Record<string, unknown> | null | undefined; figure: Computed }[]; text: string; status: string | null },
): Answer<readonly CountBucket[]> {
  const isCount = computeOf(args).aggregation === "count";
  const value = found.buckets.map(({ by, figure }) => toBucket(by, figure, isCount));
  const full = args.groupBy.some((facet) => new Set(value.map((bucket) => bucket.by[facet])).size >= most(args));
  return answerOf(read.source, {
    query: args.query,
    window: args.window,
    link,
    value,
    raw: found.text,
    cut: joinCuts([full ? `the ${count(most(args))} largest groups` : null, found.status === "timeout" ? STOPPED_EARLY : null]),
  });
}

export type Aggregate = (args: CountArguments, signal: AbortSignal) => Promise<Answer<readonly CountBucket[]>>;
type LinkTo = (query: string, window: TimeWindow) => string | null;

export function logCounts(library: Library, send: Transport["send"], linkTo: LinkTo, indexes: readonly string[] | undefined): Aggregate {
  return async (args, signal) => {
    const { query, window } = args;
    const filter = { query, from: iso(window.from), to: iso(window.to), ...(indexes === undefined ? {} : { indexes: [...indexes] }) };
    const request = await library.logs.aggregateLogs({ filter, compute: [computeOf(args)], groupBy: groupByOf(args) });
    const { text, value } = await send(request, reads.logCounts, logCountsSchema, signal, args.urgency);
    const buckets = (value.data?.buckets ?? []).map(({ by, computes }) => ({ by, figure: figureOf(computes) }));
    return answer(reads.logCounts, args, linkTo(query, window), { buckets, text, status: value.meta?.status ?? null });
  };
}

export function spanCounts(library: Library, send: Transport["send"], linkTo: LinkTo): Aggregate {
  return async (args, signal) => {
    const { query, window } = args;
    const filter = { query, from: iso(window.from), to: iso(window.to) };
    const attributes = { filter, compute: [computeOf(args)], groupBy: groupByOf(args) };
    const request = await library.spans.aggregateSpans({ data: { type: "aggregate_request", attributes } });
    const { text, value } = await send(request, reads.spanCounts, spanCountsSchema, signal, args.urgency);
    const buckets = value.data.map(({ attributes: bucket }) => ({ by: bucket?.by, figure: figureOf(bucket?.computes ?? bucket?.compute) }));
    return answer(reads.spanCounts, args, linkTo(query, window), { buckets, text, status: value.meta?.status ?? null });
  };
}
