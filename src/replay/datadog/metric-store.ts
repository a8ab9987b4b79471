import type { RecordedSeries } from "../recorded.ts";
import { BadRequestError } from "./errors.ts";
import type { Aggregator, Expression, MetricQuery, Tags } from "./metric-query.ts";
import type { ServiceTags } from "./tags.ts";

interface StoredSeries {
  readonly metric: string;
  readonly unit: string | null;
  readonly tags: Tags;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The usual distance between its points, milliseconds. */
  readonly stepMs: number;
}

/** One line of an answer: a group of series, summed up. Times are the starts of intervals, recording time. */
export interface ResultSeries {
  /** The tags it was grouped by, in the order asked for. */
  readonly group: readonly (readonly [key: string, value: string])[];
  readonly points: ReadonlyMap<number, number>;
  readonly unit: string | null;
  readonly perUnit: string | null;
  readonly intervalMs: number;
}

export interface QueryRange {
  /** Recording time, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Unless a query's own rollup says otherwise. */
  readonly intervalMs: number;
}

export interface MetricStore {
  /** Names of the metrics that have a point at or after `since`, in alphabetical order. */
  names(since: number, tags?: (tags: Tags) => boolean): string[];
  /** null for a metric that is not there. */
  about(metric: string): { readonly unit: string | null } | null;
  /** @param named what the names of a formula stand for */
  evaluate(expression: Expression, range: QueryRange, named?: ReadonlyMap<string, Expression>): ResultSeries[];
}

/** First index of a time that is not before `at`. */
function firstFrom(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function usualStep(times: Float64Array): number {
  const steps = Array.from(times.subarray(1), (time, index) => time - (times[index] ?? 0)).sort((a, b) => a - b);
  return steps[steps.length >>> 1] ?? 60_000;
}

/** Value below which the share `p` of the sorted values lies, interpolated between the two nearest. */
export function percentile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

function summedUp(values: readonly number[], aggregator: Aggregator): number {
  switch (aggregator) {
    case "sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "avg":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "min":
      return values.reduce((least, value) => Math.min(least, value), Infinity);
    case "max":
      return values.reduce((most, value) => Math.max(most, value), -Infinity);
    case "count":
      return values.length;
    default:
      return percentile(
        values.toSorted((a, b) => a - b),
        Number(aggregator.slice(1)) / 100,
      );
  }
}

/** Indexes a recording's series once. */
export function metricStore(series: readonly RecordedSeries[], further: ServiceTags): MetricStore {
  const byMetric = new Map<string, StoredSeries[]>();
  for (const { metric, unit, service, instance, tags: own, points } of series) {
    const tags: Record<string, readonly string[]> = {};
    for (const [key, value] of Object.entries({ ...own, ...further.get(service) })) tags[key] = [value];
    tags["service"] = [service];
    if (instance !== null) tags["pod_name"] = [instance];
    const times = Float64Array.from(points, ({ at }) => at);
    const stored = { metric, unit, tags, times, values: Float64Array.from(points, ({ value }) => value), stepMs: usualStep(times) };
    const known = byMetric.get(metric);
    if (known === undefined) byMetric.set(metric, [stored]);
    else known.push(stored);
  }
  return {
    names: (since, keeps = () => true) =>
      [...byMetric.entries()]
        .filter(([, list]) => list.some(({ tags, times }) => (times.at(-1) ?? -Infinity) >= since && keeps(tags)))
        .map(([metric]) => metric)
        .sort(),
    about: (metric) => {
      const [first] = byMetric.get(metric) ?? [];
      return first === undefined ? null : { unit: first.unit };
    },
    evaluate: (expression, range, named = new Map()) =>
      evaluate(expression, range, named, (query, within) => runQuery(query, within, byMetric.get(query.metric) ?? [])),
  };
}

type RunQuery = (query: MetricQuery, range: QueryRange) => ResultSeries[];

function evaluate(expression: Expression, range: QueryRange, named: ReadonlyMap<string, Expression>, run: RunQuery): ResultSeries[] {
  switch (expression.kind) {
    case "query":
      return run(expression, range);
    case "name": {
      const meant = named.get(expression.name);
      if (meant === undefined)
        throw new BadRequestError(`API input validation failed: formula names the query "${expression.name}", which is not there`);
      return evaluate(meant, range, named, run);
    }
    case "number":
      throw new BadRequestError(`Error parsing query: ${expression.value} alone is no query`);
    case "operation":
      return combined(expression, range, named, run);
    default:
      return expression satisfies never;
  }
}

const operations = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
} as const;

function combined(
  { operator, left, right }: Expression & { kind: "operation" },
  range: QueryRange,
  named: ReadonlyMap<string, Expression>,
  run: RunQuery,
): ResultSeries[] {
  const apply = operations[operator];
  const constant = (expression: Expression): number | null => {
    if (expression.kind === "number") return expression.value;
    if (expression.kind !== "operation") return null;
    const [a, b] = [constant(expression.left), constant(expression.right)];
    return a === null || b === null ? null : operations[expression.operator](a, b);
  };
  const [leftNumber, rightNumber] = [constant(left), constant(right)];
  const withNumber = (series: ResultSeries, each: (value: number) => number, keepsUnit: boolean): ResultSeries => ({
    ...series,
    unit: keepsUnit ? series.unit : null,
    perUnit: keepsUnit ? series.perUnit : null,
    points: new Map([...series.points].map(([at, value]) => [at, each(value)] as const).filter(([, value]) => Number.isFinite(value))),
  });
  if (leftNumber !== null) {
    return evaluate(right, range, named, run).map((series) => withNumber(series, (value) => apply(leftNumber, value), operator !== "/"));
  }
  if (rightNumber !== null) {
    return evaluate(left, range, named, run).map((series) => withNumber(series, (value) => apply(value, rightNumber), true));
  }
  const lefts = evaluate(left, range, named, run);
  const rights = evaluate(right, range, named, run);
  const keyOf = ({ group }: ResultSeries) =>
    group
      .map((pair) => pair.join(":"))
      .toSorted()
      .join(",");
  const pair = (a: ResultSeries, b: ResultSeries): ResultSeries => {
    const points = new Map<number, number>();
    for (const [at, value] of a.points) {
      const other = b.points.get(at);
      const result = other === undefined ? Number.NaN : apply(value, other);
      // A division by zero has no value, as in Datadog.
      if (Number.isFinite(result)) points.set(at, result);
    }
    const sums = operator === "+" || operator === "-";
    return {
      group: a.group.length >= b.group.length ? a.group : b.group,
      points,
      unit: sums ? a.unit : null,
      perUnit: null,
      intervalMs: a.intervalMs,
    };
  };
  // One line without groups goes with each of the other side.
  const [single] = rights;
  if (single !== undefined && rights.length === 1 && single.group.length === 0) return lefts.map((series) => pair(series, single));
  const [lone] = lefts;
  if (lone !== undefined && lefts.length === 1 && lone.group.length === 0) return rights.map((series) => pair(lone, series));
  const byKey = new Map(rights.map((series) => [keyOf(series), series]));
  return lefts.flatMap((series) => {
    const other = byKey.get(keyOf(series));
    return other === undefined ? [] : [pair(series, other)];
  });
}

function runQuery(query: MetricQuery, range: QueryRange, all: readonly StoredSeries[]): ResultSeries[] {
  const intervalMs = query.rollup?.intervalMs ?? range.intervalMs;
  const groups = new Map<string, { group: ResultSeries["group"]; members: StoredSeries[] }>();
  for (const series of all) {
    if (!query.filter(series.tags)) continue;
    for (const group of groupsOf(series.tags, query.groupBy)) {
      const key = group.map(([, value]) => value).join("\0");
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { group, members: [series] });
      else known.members.push(series);
    }
  }
  const results: ResultSeries[] = [];
  for (const { group, members } of groups.values()) {
    const points = pointsOf(query, members, range, intervalMs);
    if (points.size === 0) continue;
    results.push({ group, points, unit: members[0]?.unit ?? null, perUnit: query.as === "rate" ? "second" : null, intervalMs });
  }
  const label = ({ group }: ResultSeries) => group.map(([, value]) => value).join("\0");
  return results.sort((a, b) => (label(a) < label(b) ? -1 : 1));
}

/** Every combination of a series' values of the tags; a tag it lacks reads N/A, as Datadog shows it. */
const groupsOf = (tags: Tags, keys: readonly string[]): ResultSeries["group"][] =>
  keys.reduce<ResultSeries["group"][]>(
    (groups, key) => groups.flatMap((group) => (tags[key] ?? ["N/A"]).map((value) => [...group, [key, value] as const])),
    [[]],
  );

function pointsOf(query: MetricQuery, members: readonly StoredSeries[], range: QueryRange, intervalMs: number): Map<number, number> {
  const { aggregator } = query;
  const pooled = aggregator.startsWith("p") || aggregator === "count";
  const overTime: Aggregator =
    query.rollup?.aggregator ?? (query.as !== null ? "sum" : aggregator === "min" || aggregator === "max" ? aggregator : "avg");
  // Intervals are laid out on the recording's own clock, so that an answer does not depend on when the replay was started.
  const firstInterval = Math.ceil(range.from / intervalMs) * intervalMs;
  const byInterval = new Map<number, number[]>();
  for (const { times, values, stepMs } of members) {
    const own = new Map<number, number[]>();
    for (let index = firstFrom(times, firstInterval); index < times.length; index++) {
      const at = times[index] ?? Infinity;
      if (at > range.to) break;
      const start = Math.floor(at / intervalMs) * intervalMs;
      const list = own.get(start);
      if (list === undefined) own.set(start, [values[index] ?? 0]);
      else list.push(values[index] ?? 0);
    }
    const perSecond = query.as === "rate" ? Math.max(intervalMs, stepMs) / 1000 : 1;
    for (const [start, list] of own) {
      const share = pooled ? list : [summedUp(list, overTime) / perSecond];
      const known = byInterval.get(start);
      if (known === undefined) byInterval.set(start, share);
      else known.push(...share);
    }
  }
  const points = new Map<number, number>();
  for (const start of [...byInterval.keys()].sort((a, b) => a - b)) points.set(start, summedUp(byInterval.get(start) ?? [], aggregator));
  if (query.fill === null || points.size === 0) return points;
  const filled = new Map<number, number>();
  for (let start = firstInterval; start <= range.to; start += intervalMs) filled.set(start, points.get(start) ?? query.fill);
  return filled;
}
