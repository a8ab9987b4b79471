import { z } from "zod";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { BadRequestError } from "./errors.ts";
import { percentile } from "./metric-store.ts";
import { parseSearchQuery, type Searchable } from "./search-query.ts";
import { parseInterval } from "./time.ts";

const aggregation = z.enum(["count", "cardinality", "pc75", "pc90", "pc95", "pc98", "pc99", "sum", "min", "max", "avg", "median"]);
type Aggregation = z.output<typeof aggregation>;

/** What logs and spans aggregation share. */
export const aggregateSchema = z.object({
  compute: z
    .array(
      z.object({
        aggregation,
        metric: z.string().optional(),
        type: z.enum(["total", "timeseries"]).default("total"),
        interval: z.string().optional(),
      }),
    )
    .min(1, "at least one compute is needed")
    .default([{ aggregation: "count", type: "total" }]),
  group_by: z
    .array(
      z.object({
        facet: z.string().min(1),
        limit: z.number().int().positive().max(10_000).default(10),
        missing: z.union([z.string(), z.number()]).optional(),
        sort: z
          .object({
            type: z.enum(["alphabetical", "measure"]).optional(),
            order: z.enum(["asc", "desc"]).optional(),
            aggregation: aggregation.optional(),
            metric: z.string().optional(),
          })
          .optional(),
        total: z.union([z.boolean(), z.string(), z.number()]).optional(),
        histogram: z.unknown().optional(),
      }),
    )
    .max(4, "at most 4 facets")
    .default([]),
});

export type AggregateRequest = z.output<typeof aggregateSchema>;
type Compute = AggregateRequest["compute"][number];
type GroupBy = AggregateRequest["group_by"][number];

export type ComputedValue = number | readonly { readonly time: string; readonly value: number }[];

export interface Bucket {
  /** Facet as asked for → value. */
  readonly by: Readonly<Record<string, string | number>>;
  /** `c0`, `c1`, … in the order of the computes. */
  readonly computes: Readonly<Record<string, ComputedValue>>;
}

/** How the aggregation of one kind of items reads them. Times are recording time. */
export interface Aggregatable<T> extends Searchable<T> {
  at(item: T): number;
  toServed(at: number): number;
}

/** Reads a facet or measure: `service`, `@http.status_code`, `@duration`. */
function reader<T>(name: string, items: Aggregatable<T>): (item: T) => readonly unknown[] {
  // The syntax of names is that of search keys, so a name that no search could hold is refused here too.
  const parsed = parseSearchQuery(`${name}:*`);
  if (parsed.kind !== "term" || (parsed.key.kind !== "field" && parsed.key.kind !== "attribute")) {
    throw new BadRequestError(`input_validation_error('${name}' is not a facet)`);
  }
  const { key } = parsed;
  const read = (item: T) => (key.kind === "field" ? items.field(item, key.name) : items.attribute(item, key.name));
  return (item) => {
    const value = read(item);
    return value === undefined || value === null || value === "" ? [] : Array.isArray(value) ? value : [value];
  };
}

function computed(values: readonly number[], how: Exclude<Aggregation, "count" | "cardinality">): number | null {
  if (values.length === 0) return null;
  if (how === "sum" || how === "avg") {
    const sum = values.reduce((total, value) => total + value, 0);
    return how === "sum" ? sum : sum / values.length;
  }
  if (how === "min" || how === "max")
    return values.reduce((best, value) => (how === "min" ? Math.min(best, value) : Math.max(best, value)));
  const sorted = values.toSorted((a, b) => a - b);
  return percentile(sorted, how === "median" ? 0.5 : Number(how.slice(2)) / 100);
}

/** Sums items up to one value; null where there is nothing to sum up. */
function measure<T>(how: Aggregation, metric: string | undefined, items: Aggregatable<T>): (list: readonly T[]) => number | null {
  if (how === "count" && (metric === undefined || metric === "*" || metric === "count")) return (list) => list.length;
  if (metric === undefined) throw new BadRequestError(`input_validation_error(Field 'compute.metric' is invalid: ${how} needs a metric)`);
  const read = reader(metric, items);
  if (how === "count") return (list) => list.filter((item) => read(item).length > 0).length;
  if (how === "cardinality") return (list) => new Set(list.flatMap((item) => read(item).map(String))).size;
  return (list) => {
    const values = list.flatMap((item) => read(item).flatMap((value) => (Number.isFinite(Number(value)) ? [Number(value)] : [])));
    return computed(values, how);
  };
}

function computer<T>(
  { aggregation: how, metric, type, interval }: Compute,
  items: Aggregatable<T>,
  { from, to }: TimeWindow,
): (list: readonly T[]) => ComputedValue | null {
  const value = measure(how, metric, items);
  if (type === "total") return value;
  // Without an interval, about sixty of them.
  const intervalMs =
    interval === undefined ? Math.max(1000, Math.ceil((to - from) / 60_000) * 1000) : parseInterval(interval, "compute.interval");
  return (list) => {
    const byInterval = new Map<number, T[]>();
    for (const item of list) {
      const start = Math.floor(items.at(item) / intervalMs) * intervalMs;
      const known = byInterval.get(start);
      if (known === undefined) byInterval.set(start, [item]);
      else known.push(item);
    }
    return [...byInterval]
      .sort(([a], [b]) => a - b)
      .flatMap(([start, part]) => {
        const figure = value(part);
        return figure === null ? [] : [{ time: new Date(items.toServed(start)).toISOString(), value: figure }];
      });
  };
}

/**
 * Buckets of the items: grouped by each facet in turn, of each only the first `limit` values by its sort. Without facets there is one bucket.
 * @throws BadRequestError for what is not served: totals and histograms
 */
export function aggregated<T>(list: readonly T[], request: AggregateRequest, items: Aggregatable<T>, window: TimeWindow): Bucket[] {
  for (const { total, histogram } of request.group_by) {
    if (histogram !== undefined && histogram !== null) throw new BadRequestError("group_by.histogram is not served by this replay");
    if (total !== undefined && total !== false) throw new BadRequestError("group_by.total is not served by this replay");
  }
  const computes = request.compute.map((compute) => computer(compute, items, window));
  const levels = request.group_by.map((groupBy) => ({
    groupBy,
    read: reader(groupBy.facet, items),
    rank: ranking(groupBy, request, items),
  }));
  const buckets: Bucket[] = [];
  const fill = (part: readonly T[], depth: number, by: Bucket["by"]): void => {
    const level = levels[depth];
    if (level === undefined) {
      const values = computes.map((compute, index) => [`c${index}`, compute(part)] as const);
      buckets.push({ by, computes: Object.fromEntries(values.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))) });
      return;
    }
    const { facet, missing, limit } = level.groupBy;
    const groups = new Map<string | number, T[]>();
    for (const item of part) {
      const values = level.read(item);
      for (const value of values.length === 0 && missing !== undefined ? [missing] : values) {
        const key = typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
        const known = groups.get(key);
        if (known === undefined) groups.set(key, [item]);
        else known.push(item);
      }
    }
    for (const [value, members] of level.rank([...groups]).slice(0, limit)) fill(members, depth + 1, { ...by, [facet]: value });
  };
  if (list.length > 0 || levels.length > 0) fill(list, 0, {});
  return buckets;
}

type Groups<T> = [string | number, T[]][];

function ranking<T>({ sort }: GroupBy, { compute }: AggregateRequest, items: Aggregatable<T>): (groups: Groups<T>) => Groups<T> {
  const byName = (a: string | number, b: string | number) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1;
  if (sort?.type === "alphabetical") {
    const sign = sort.order === "desc" ? -1 : 1;
    return (groups) => groups.sort(([a], [b]) => sign * byName(a, b));
  }
  const [first] = compute;
  const how = sort?.aggregation ?? first?.aggregation ?? "count";
  const value = measure(how, sort?.metric ?? (sort?.aggregation === undefined ? first?.metric : undefined), items);
  const sign = sort?.order === "asc" ? 1 : -1;
  return (groups) =>
    groups
      .map((group) => ({ group, figure: value(group[1]) ?? -Infinity }))
      .sort((a, b) => (a.figure === b.figure ? byName(a.group[0], b.group[0]) : sign * (a.figure - b.figure)))
      .map(({ group }) => group);
}
