import { typicalStep } from "./baseline.ts";
import type { RequestImpact } from "../incident/impact.ts";
import { type Point, type Series, seriesName, type Telemetry, type TimeWindow } from "../incident/telemetry.ts";
import { withoutCounters } from "./counter.ts";
import { metricTokens, readSignal, type SignalMeaning } from "./signal-kind.ts";
import { byStatus, sumsByStatus } from "./status-tag.ts";

/** How many requests of a service failed over a time, and of how many, from the series that were read. */

/** What one point stands for: so much in its step, so much a second, a share of all; null: nobody says. */
type Form = "count" | "rate" | "share";

interface Flow {
  readonly metric: string;
  readonly form: Form | null;
  readonly series: readonly Series[];
  readonly evidence: readonly number[];
}

/** So much happened from `from` to `to`. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Below this share of steps with a point, too much is missing to fill in. */
const LEAST_COVERED = 0.8;
/** Of a point: a window seldom begins where a step does. */
const HALF = 0.5;
/** A step may be late by so much of itself and is no gap. */
const GAP = 1.5;
/** Sums of what is rounded in each step may differ by so much. */
const ROUNDING = 1.05;

const PER_SECOND = ["s", "sec", "second"];
const RATE_NAMES = ["rps", "qps", "tps", "rate"];
const COUNT_NAMES = ["count", "counter", "total", "hits", "errors", "err", "requests", "failures", "failed"];
/** A count is of things, and has their name for its unit. */
const COUNT_UNITS =
  /^(?:count|counts|none|hit|request|error|call|operation|response|transaction|invocation|event|message|query|occurrence)s?$/i;

/** How a metric is to be read; its points decide where it may be a counter of a process. */
function formOf({ metric, unit }: Series, meaning: SignalMeaning): Form | null {
  if (meaning.isShare) return "share";
  const tokens = metricTokens(metric);
  const isPerSecond =
    /\/(?:s|sec|second)s?$/i.test(unit ?? "") || tokens.some((token, at) => token === "per" && PER_SECOND.includes(tokens[at + 1] ?? ""));
  if (isPerSecond || tokens.some((token) => RATE_NAMES.includes(token))) return "rate";
  if (unit !== null) return COUNT_UNITS.test(unit) ? "count" : null;
  return tokens.some((token) => COUNT_NAMES.includes(token)) ? "count" : null;
}

/** Refused as the caller's own mistake: not a failure of the service. */
const isClientError = (metric: string): boolean => metricTokens(metric).some((token) => /^4(?:xx|\d\d)$/.test(token));
const EDGE_TAGS = ["caller", "callee", "source_workload", "destination_workload", "peer.service", "client", "server"];
const isEdge = ({ tags }: Series): boolean => EDGE_TAGS.some((tag) => tags[tag] !== undefined);

const groupingOf = ({ instance, tags }: Series): string =>
  `${instance === null ? "" : "instance "}${Object.keys(tags).toSorted().join(" ")}`;

/** The series of one metric in one grouping: the coarsest, for another one counts the same requests again. */
function oneGrouping(series: readonly Series[]): readonly Series[] {
  const groups = [...Map.groupBy(series, groupingOf)].toSorted(
    ([a], [b]) => a.split(" ").length - b.split(" ").length || a.length - b.length,
  );
  return groups[0]?.[1] ?? [];
}

/** The service's failures and requests, each metric once. */
function flowsOf(telemetry: Telemetry, service: string): { readonly failed: Flow[]; readonly all: Flow[] } {
  const own = telemetry.series.filter((series) => series.service === service && !isEdge(series) && series.points.length > 1);
  const { sums, parts } = sumsByStatus(own, readSignal);
  const read = [
    ...sums.map(({ series, meaning }) => [series, meaning] as const),
    ...own.filter((series) => !parts.has(seriesName(series))).map((series) => byStatus(series, readSignal(series.metric, series.unit))),
  ].filter(([, { resource, isClientSide, isNode }]) => resource === null && !isClientSide && !isNode);
  const flows = (kind: "errors" | "traffic"): Flow[] =>
    [
      ...Map.groupBy(
        read.filter(([series, meaning]) => meaning.kind === kind && !(kind === "errors" && isClientError(series.metric))),
        ([{ metric, unit }]) => `${metric}\n${unit ?? ""}`,
      ).values(),
    ].flatMap((members) => {
      const [first] = members;
      const series = oneGrouping(members.map(([one]) => one));
      if (first === undefined || series.length === 0) return [];
      // What is counted by a tag of another kind has no common name.
      const form = formOf(first[0], first[1]);
      if (form === "share" && series.length > 1) return [];
      return [{ metric: first[0].metric, form, series, evidence: [...new Set(series.map(({ evidence }) => evidence))] }];
    });
  return { failed: flows("errors"), all: flows("traffic") };
}

const commonStart = (one: string, other: string): number => {
  const [a, b] = [metricTokens(one), metricTokens(other)];
  const differ = a.findIndex((token, at) => token !== b[at]);
  return differ < 0 ? a.length : differ;
};

/** Failures and requests that are of the same thing: by the start of their names, or because there is only one of each. */
function pairOf(failed: readonly Flow[], all: readonly Flow[]): readonly [Flow, Flow] | null {
  const requests = all.filter(({ form }) => form !== "share");
  const pairs = failed.flatMap((one) =>
    requests.map((other) => ({ pair: [one, other] as const, common: commonStart(one.metric, other.metric) })),
  );
  const most = Math.max(0, ...pairs.map(({ common }) => common));
  const best = pairs.filter(({ common }) => common === most);
  // A share needs no count beside it; where both are measured the counts say the same.
  const counted = best.filter(({ pair: [one] }) => one.form !== "share");
  const [only, ...others] = counted.length > 0 ? counted : best;
  return only === undefined || others.length > 0 ? null : only.pair;
}

/** What happened in each step; null: too much is missing. @param isSparse a step without a point may be one in which nothing happened */
function stretchesOf(series: Series, form: Form | null, { from, to }: TimeWindow, isSparse: boolean): readonly Stretch[] | null {
  const [read] = withoutCounters([series]);
  const isCounter = read !== undefined && read.points !== series.points;
  const step = typicalStep(series.points);
  const inside = (points: readonly Point[]) => points.filter(({ at }) => at + step > from && at < to);
  if (isCounter) {
    const { points } = series;
    return points.slice(1).flatMap((now, index) => {
      const before = points[index];
      if (before === undefined || now.at <= from || before.at >= to) return [];
      // After a restart it counts from zero.
      return [{ from: before.at, to: now.at, count: now.value < before.value ? now.value : now.value - before.value }];
    });
  }
  const countOf = (value: number) => (form === "rate" ? (value * step) / 1000 : value);
  const own = inside(series.points);
  const [first, last] = [series.points[0]?.at ?? to, series.points.at(-1)?.at ?? from];
  const wanted = (Math.min(to, last + step) - Math.max(from, first)) / step;
  if (!isSparse && own.length < LEAST_COVERED * wanted - HALF) return null;
  return series.points.flatMap(({ at, value }, index) => {
    const here = { from: at, to: at + step, count: countOf(value) };
    const next = series.points[index + 1];
    if (at >= to || (next?.at ?? Infinity) <= from) return [];
    if (isSparse || next === undefined || next.at - at <= GAP * step) return [here];
    // Few are missing: between two points it was as at both of them.
    const gap = next.at - at - step;
    return [here, { from: at + step, to: next.at, count: (countOf((value + next.value) / 2) * gap) / step }];
  });
}

const overlap = (one: Stretch, { from, to }: TimeWindow): number =>
  Math.max(0, Math.min(one.to, to) - Math.max(one.from, from)) / Math.max(1, one.to - one.from);

const sumIn = (stretches: readonly Stretch[], window: TimeWindow): number =>
  stretches.reduce((sum, one) => sum + one.count * overlap(one, window), 0);

function allOf(flow: Flow, window: TimeWindow, sparse: boolean): readonly Stretch[] | null {
  const each = flow.series.map((series) => stretchesOf(series, flow.form, window, sparse));
  return each.some((one) => one === null) ? null : each.flatMap((one) => one ?? []);
}

/** Failures from a share of all requests: of each stretch what fails then. */
function fromShare({ series: [shares] }: Flow, requests: readonly Stretch[]): readonly Stretch[] | null {
  if (shares === undefined) return null;
  const { points, unit, metric } = shares;
  const isPercent = /percent|%|pct/i.test(`${unit ?? ""} ${metric}`) || points.some(({ value }) => value > ROUNDING);
  const step = typicalStep(points);
  let at = 0;
  const found: Stretch[] = [];
  for (const one of requests.toSorted((a, b) => a.from - b.from)) {
    while ((points[at + 1]?.at ?? Infinity) <= one.from) at += 1;
    const here = points[at];
    if (here === undefined || Math.abs(here.at - one.from) > 2 * Math.max(step, one.to - one.from)) continue;
    found.push({ ...one, count: one.count * (isPercent ? here.value / 100 : here.value) });
  }
  return found;
}

const pointsIn = ({ series }: Flow): number => Math.max(0, ...series.map(({ points }) => points.length));

/** Whether failures have a point only where something failed. Elsewhere a step without a point is one that was not read. */
const isSparse = (failed: Flow, all: Flow): boolean => pointsIn(failed) < LEAST_COVERED * pointsIn(all);

/** Counts in a window; null: it cannot be counted. */
function countIn(failed: Flow, all: Flow, window: TimeWindow): { failed: number; all: number; from: number; to: number } | null {
  const requests = allOf(all, window, false);
  if (requests === null || requests.length === 0) return null;
  const from = Math.max(window.from, Math.min(...requests.map((one) => one.from)));
  // The last step is whole only where it had ended.
  const to = Math.max(...requests.map((one) => one.to).filter((end) => end <= window.to));
  if (!(to > from)) return null;
  const failures = failed.form === "share" ? fromShare(failed, requests) : allOf(failed, { from, to }, isSparse(failed, all));
  if (failures === null) return null;
  const counted = { failed: sumIn(failures, { from, to }), all: sumIn(requests, { from, to }), from, to };
  return counted.all > 0 && counted.failed <= counted.all * ROUNDING ? counted : null;
}

/**
 * Requests of a service that failed in a time, and of how many. Rates are added up over their steps, counters of processes by what they rose, counts as
 * they are; a step at either end counts by its part in the window. null where the series do not say it.
 */
export function failedRequests(telemetry: Telemetry, service: string, window: TimeWindow): RequestImpact | null {
  const { failed, all } = flowsOf(telemetry, service);
  const pair = pairOf(failed, all);
  if (pair === null) return null;
  const [failures, requests] = pair;
  // Of two of which one cannot be read there is no share.
  if (failures.form !== "share" && failures.form !== requests.form && (failures.form === null || requests.form === null)) return null;
  const now = countIn(failures, requests, window);
  if (now === null) return null;
  const before = countIn(failures, requests, { from: telemetry.baseline.from, to: window.from });
  const isCounted = requests.form !== null;
  return {
    service,
    from: now.from,
    to: now.to,
    failed: isCounted ? Math.round(now.failed) : null,
    all: isCounted ? Math.round(now.all) : null,
    share: Math.min(1, now.failed / now.all),
    usualShare: before === null ? null : Math.min(1, before.failed / before.all),
    metrics: [failures.metric, requests.metric],
    evidence: [...new Set([...failures.evidence, ...requests.evidence])],
  };
}
