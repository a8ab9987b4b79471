import { z } from "zod";
import type { ChartSeries } from "../../incident/chart.ts";
import type { Point } from "../../incident/telemetry.ts";
import { instantOf } from "./parts.ts";

/** Series of points in an answer, in the shapes in which they come. */

const number = z.union([z.number(), z.string()]).transform(Number);
const columns = z.object({
  data: z.object({
    attributes: z.object({
      series: z.array(
        z.object({
          group_tags: z.array(z.string()).nullish(),
          query_index: z.number().nullish(),
          unit: z.array(z.object({ name: z.string().nullish() }).nullable()).nullish(),
        }),
      ),
      times: z.array(z.number()),
      values: z.array(z.array(z.number().nullable())),
    }),
  }),
});
const pairs = z.object({
  series: z.array(
    z.object({
      metric: z.string().nullish(),
      scope: z.string().nullish(),
      pointlist: z.array(z.tuple([z.number(), z.number().nullable()])),
    }),
  ),
});
const counts = z.record(z.string(), z.array(z.object({ time: z.string(), value: number.nullish() })));
const bucket = z.object({ by: z.record(z.string(), z.unknown()).nullish(), computes: counts.nullish(), compute: counts.nullish() });
const buckets = z.union([
  z.object({ data: z.object({ buckets: z.array(bucket) }) }).transform(({ data }) => data.buckets),
  z.object({ data: z.array(z.object({ attributes: bucket })) }).transform(({ data }) => data.map(({ attributes }) => attributes)),
]);

type Drawn = Omit<ChartSeries, "evidence" | "kind" | "instance" | "onset">;

const points = (times: readonly number[], values: readonly (number | null)[]): Point[] =>
  times.flatMap((at, place) => {
    const value = values[place];
    return value === null || value === undefined ? [] : [{ at, value }];
  });

/** "service:payments" as the service it names; other tags as they are. */
function named(tags: readonly string[]): { service: string; rest: string } {
  const own = tags.find((tag) => tag.startsWith("service:"));
  const rest = tags.filter((tag) => tag !== own).map((tag) => tag.slice(tag.indexOf(":") + 1));
  return { service: own?.slice("service:".length) ?? rest[0] ?? "all", rest: (own === undefined ? rest.slice(1) : rest).join(" ") };
}

/** @param query what was asked: several questions in one, apart by commas, have their series apart by number */
export function seriesOf(part: unknown, query: string): readonly Drawn[] {
  const columned = columns.safeParse(part).data?.data.attributes;
  if (columned !== undefined) {
    // Commas within braces or brackets are part of one question.
    const asked = (query.match(/(?:\{[^{}]*\}|\([^()]*\)|[^,])+/g) ?? [query]).map((one) => one.trim());
    return columned.series.map(({ group_tags, query_index, unit }, place) => {
      const { service, rest } = named(group_tags ?? []);
      const metric = (asked[query_index ?? 0] ?? query).replace(/^[a-z]\w*:/i, "").replace(/\{.*$/, "");
      const what = `${metric} ${rest}`.trim();
      return { service, what, unit: unit?.[0]?.name ?? null, points: points(columned.times, columned.values[place] ?? []) };
    });
  }
  const paired = pairs.safeParse(part).data?.series;
  if (paired !== undefined) {
    return paired.map(({ metric, scope, pointlist }) => {
      const { service, rest } = named((scope ?? "").split(",").filter((tag) => tag !== ""));
      const list = pointlist.flatMap(([at, value]) => (value === null ? [] : [{ at: instantOf(at), value }]));
      return { service, what: `${metric ?? ""} ${rest}`.trim(), unit: null, points: list };
    });
  }
  return (buckets.safeParse(part).data ?? []).flatMap(({ by, computes, compute }) => {
    const tags = Object.entries(by ?? {}).map(([key, value]) => `${key}:${String(value)}`);
    const { service, rest } = named(tags);
    return Object.values(computes ?? compute ?? {}).map((list) => ({
      ...{ service, what: `count ${rest}`.trim(), unit: null },
      points: list.flatMap(({ time, value }) => (value === null || value === undefined ? [] : [{ at: instantOf(time), value }])),
    }));
  });
}
