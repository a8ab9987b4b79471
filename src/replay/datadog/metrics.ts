import type { Hono } from "hono";
import { z } from "zod";
import type { DatadogContext } from "./context.ts";
import { BadRequestError } from "./errors.ts";
import { readJson } from "./input.ts";
import { type Expression, parseFormula, parseMetricQueries, parseMetricQuery, parseTagFilter } from "./metric-query.ts";
import type { MetricStore, ResultSeries } from "./metric-store.ts";
import { type DatadogUnit, datadogUnit } from "./unit.ts";

/** More points than this in one line are never given: the interval grows instead. */
const mostPoints = 1500;

/** Interval of a v1 query, by how long a time it covers (the table in Datadog's documentation of rollup). */
function defaultIntervalMs(rangeMs: number): number {
  const hours = rangeMs / 3_600_000;
  const table: readonly (readonly [hours: number, seconds: number])[] = [
    [1, 20],
    [4, 60],
    [24, 300],
    [48, 600],
    [7 * 24, 3600],
  ];
  return (table.find(([most]) => hours <= most)?.[1] ?? 14_400) * 1000;
}

const unitsOf = ({ unit, perUnit }: ResultSeries): [DatadogUnit | null, DatadogUnit | null] => [
  datadogUnit(unit),
  datadogUnit(unit === null ? null : perUnit),
];

const tagText = ([key, value]: readonly [string, string]): string => `${key}:${value}`;

const secondsParameter = z.coerce.number({ error: "must be epoch seconds" }).int();

const v1Query = z.object({ from: secondsParameter, to: secondsParameter, query: z.string().min(1) });

const v2Request = z.object({
  data: z.object({
    type: z.literal("timeseries_request", { error: 'Invalid type. Expected "timeseries_request".' }),
    attributes: z.object({
      from: z.number().int(),
      to: z.number().int(),
      interval: z.number().int().positive().optional(),
      formulas: z
        .array(
          z.object({
            formula: z.string(),
            limit: z.object({ count: z.number().int().positive().optional(), order: z.enum(["asc", "desc"]).optional() }).optional(),
          }),
        )
        .optional(),
      queries: z.array(z.looseObject({ data_source: z.string(), name: z.string().optional(), query: z.string().optional() })).min(1),
    }),
  }),
});

const validated = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new BadRequestError(`API input validation failed: ${first?.path.join(".") ?? ""} ${first?.message ?? "invalid"}`);
};

/** `GET /api/v1/query`, `POST /api/v2/query/timeseries`, `GET /api/v1/metrics`, `GET /api/v1/metrics/{name}`. */
export function metricRoutes(app: Hono, store: MetricStore, { clock, now }: DatadogContext): void {
  // What is recorded of the time to come does not exist yet.
  const recordedTo = (to: number) => clock.toRecorded(Math.min(to, now()));
  app.get("/api/v1/query", (c) => {
    const { from, to, query } = validated(v1Query, c.req.query());
    if (from > to) throw new BadRequestError("API input validation failed: from is after to");
    const range = {
      from: clock.toRecorded(from * 1000),
      to: recordedTo(to * 1000),
      intervalMs: defaultIntervalMs((to - from) * 1000),
    };
    const series = parseMetricQueries(query).flatMap((expression, index) =>
      store.evaluate(expression, range).map((result) => v1Series(expression, query, index, result, clock.toServed)),
    );
    return c.json({
      status: "ok",
      res_type: "time_series",
      from_date: from * 1000,
      to_date: to * 1000,
      query,
      message: "",
      group_by: groupKeys(series.flatMap(({ tag_set }) => tag_set)),
      series,
    });
  });

  app.post("/api/v2/query/timeseries", async (c) => {
    const { attributes } = validated(v2Request, await readJson(c.req)).data;
    const { from, to, queries, interval } = attributes;
    if (from > to) throw new BadRequestError("API input validation failed: from is after to");
    const named = new Map<string, Expression>();
    queries.forEach((query, index) => {
      if (query.data_source !== "metrics") {
        throw new BadRequestError(
          `API input validation failed: the data source "${query.data_source}" is not served by this replay, metrics are`,
        );
      }
      if (query.query === undefined) throw new BadRequestError(`API input validation failed: queries.${index}.query is missing`);
      named.set(query.name ?? `query${index + 1}`, parseMetricQuery(query.query));
    });
    const intervalMs = Math.max(interval ?? defaultIntervalMs(to - from), Math.ceil((to - from) / mostPoints / 1000) * 1000);
    const range = { from: clock.toRecorded(from), to: recordedTo(to), intervalMs };
    const formulas = attributes.formulas ?? [...named.keys()].map((formula) => ({ formula, limit: undefined }));
    const lines = formulas.flatMap(({ formula, limit }, index) =>
      limited(store.evaluate(parseFormula(formula), range, named), limit).map((result) => ({ index, result })),
    );
    const times = [...new Set(lines.flatMap(({ result }) => [...result.points.keys()]))].sort((a, b) => a - b);
    return c.json({
      data: {
        type: "timeseries_response",
        attributes: {
          series: lines.map(({ index, result }) => ({
            group_tags: result.group.map(tagText),
            query_index: index,
            unit: result.unit === null ? null : unitsOf(result),
          })),
          times: times.map(clock.toServed),
          values: lines.map(({ result }) => times.map((time) => result.points.get(time) ?? null)),
        },
      },
    });
  });

  app.get("/api/v1/metrics", (c) => {
    const { from, host, tag_filter } = validated(
      z.object({ from: secondsParameter, host: z.string().optional(), tag_filter: z.string().optional() }),
      c.req.query(),
    );
    const keeps = parseTagFilter(tag_filter ?? "*");
    const onHost = host === undefined ? keeps : parseTagFilter(`host:"${host.replaceAll('"', "")}"`);
    return c.json({ from: String(from), metrics: store.names(clock.toRecorded(from * 1000), (tags) => keeps(tags) && onHost(tags)) });
  });

  app.get("/api/v1/metrics/:metric", (c) => {
    const metric = c.req.param("metric");
    const about = store.about(metric);
    if (about === null) throw new BadRequestError(`Metric ${metric} not found`, 404);
    const unit = datadogUnit(about.unit);
    return c.json({ type: "gauge", short_name: metric, description: "", ...(unit === null ? {} : { unit: unit.name }) });
  });
}

function v1Series(expression: Expression, text: string, index: number, result: ResultSeries, toServed: (at: number) => number) {
  const tags = result.group.map(tagText);
  const query = expression.kind === "query" ? expression : null;
  const scope = [...(query === null || (query.scope === "*" && tags.length > 0) ? [] : [query.scope]), ...tags].join(",") || "*";
  const pointlist = [...result.points].map(([at, value]) => [toServed(at), value]);
  const first = pointlist[0]?.[0] ?? 0;
  const last = pointlist.at(-1)?.[0] ?? 0;
  const metric = query?.metric ?? text;
  return {
    metric,
    display_name: metric,
    aggr: query?.aggregator ?? null,
    scope,
    expression: query === null ? text : `${query.aggregator}:${query.metric}{${scope}}`,
    tag_set: tags,
    query_index: index,
    interval: result.intervalMs / 1000,
    start: first,
    end: last + result.intervalMs - 1,
    length: pointlist.length,
    pointlist,
    unit: unitsOf(result),
  };
}

const groupKeys = (tags: readonly string[]): string[] => [...new Set(tags.map((tag) => tag.slice(0, tag.indexOf(":"))))];

/** The lines with the highest (or lowest) means, when only some were asked for. */
function limited(
  results: ResultSeries[],
  limit: { count?: number | undefined; order?: "asc" | "desc" | undefined } | undefined,
): ResultSeries[] {
  if (limit?.count === undefined || results.length <= limit.count) return results;
  const mean = ({ points }: ResultSeries) => [...points.values()].reduce((sum, value) => sum + value, 0) / points.size;
  const sign = limit.order === "asc" ? 1 : -1;
  return results.toSorted((a, b) => sign * (mean(a) - mean(b))).slice(0, limit.count);
}
