import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { Answer } from "../../incident/answer.ts";
import type { Point, TimeWindow } from "../../incident/telemetry.ts";
import type { Library } from "./library.ts";
import type { Links } from "./links.ts";
import { reads } from "./reads.ts";
import { timeseriesSchema } from "./schema.ts";
import type { Transport, Urgency } from "./transport.ts";
import { metricFormula } from "./metric-formula.ts";

export interface MetricsArguments {
  /** Classic queries, for example `avg:trace.http.request.duration{env:prod} by {service}`. */
  readonly queries: readonly string[];
  readonly window: TimeWindow;
  /** Wished distance of points; Datadog widens it for long windows. Default: its own choice. */
  readonly intervalMs?: number | undefined;
  readonly urgency?: Urgency | undefined;
}

export interface MetricSeries {
  /** The query it answers, as given. */
  readonly query: string;
  /** Name of the metric in the query; the whole query where that names several or none. */
  readonly metric: string;
  /** Tags of the group, for example `{ service: "checkout" }`. */
  readonly tags: Readonly<Record<string, string>>;
  /** As Datadog names it ("second", "byte", "byte/second"), or null. */
  readonly unit: string | null;
  readonly points: readonly Point[];
}

export interface FailedQuery {
  readonly query: string;
  readonly error: IntegrationError;
}

/** `failed` names the queries that have no series because Datadog refused them; a query with no data is not among them. */
export type MetricsAnswer = Answer<readonly MetricSeries[]> & { readonly failed: readonly FailedQuery[] };

/** Queries of one request. More make one bad or slow query hurt more of its neighbours. */
const BATCH = 8;

/** Name of the metric in a query; the whole query where that names several or none. */
export function metricOf(query: string): string {
  const names = new Set([...query.matchAll(/\b(?:avg|sum|min|max|count|p\d{2}):([\w.]+)/g)].map((match) => match[1]));
  return names.size === 1 ? ([...names][0] ?? query) : query;
}

/** A tag without a value is its own value. */
function tagsOf(groupTags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    groupTags.map((tag) => {
      const colon = tag.indexOf(":");
      return colon === -1 ? [tag, tag] : [tag.slice(0, colon), tag.slice(colon + 1)];
    }),
  );
}

const unitOf = (units: readonly ({ name?: string | null | undefined } | null)[] | null | undefined) =>
  (units ?? [])
    .map((unit) => unit?.name ?? "")
    .filter((name) => name !== "")
    .join("/") || null;

interface Batch {
  readonly series: readonly MetricSeries[];
  readonly text: string;
}

function readBatch(value: ReturnType<typeof timeseriesSchema.parse>, queries: readonly string[], text: string): Batch {
  const attributes = value.data?.attributes;
  if (attributes == null) {
    const said = typeof value.errors === "string" ? value.errors.slice(0, 300) : "no data";
    throw new UnexpectedAnswerError("datadog", reads.metrics.what, said);
  }
  const { series, times, values } = attributes;
  if (values.length !== series.length) {
    throw new UnexpectedAnswerError("datadog", reads.metrics.what, `${series.length} series but ${values.length} rows of values`);
  }
  const read = series.map((one, row): MetricSeries => {
    const query = queries[one.query_index ?? 0];
    const column = values[row] ?? [];
    if (query === undefined || column.length > times.length) {
      throw new UnexpectedAnswerError("datadog", reads.metrics.what, `series ${row} belongs to no query or has more values than times`);
    }
    const points: Point[] = [];
    for (const [i, number] of column.entries()) {
      const at = times[i];
      // A gap stays a gap.
      if (number !== null && at !== undefined) points.push({ at, value: number });
    }
    return { query, metric: metricOf(query), tags: tagsOf(one.group_tags), unit: unitOf(one.unit), points };
  });
  return { series: read, text };
}

/**
 * Many queries in few requests (Datadog counts requests), batches side by side. Version 2 of the API and not 1, because one answer has its
 * times once, takes half the bytes and a fifth of the time to parse, and lets the caller ask for an interval.
 * A batch that Datadog refuses as bad is halved until the bad query is alone; a batch that fails otherwise costs only its own queries.
 */
export function metricQueries(library: Library, send: Transport["send"], links: Links) {
  async function ask(queries: readonly string[], { window, intervalMs, urgency }: MetricsArguments, signal: AbortSignal): Promise<Batch> {
    const formulas = queries.map((query, i) => metricFormula(query, `q${i}`));
    const attributes = {
      from: window.from,
      to: window.to,
      ...(intervalMs === undefined ? {} : { interval: intervalMs }),
      formulas: formulas.map(({ formula }) => ({ formula })),
      queries: formulas.flatMap((one) => one.queries.map(({ name, query }) => ({ dataSource: "metrics" as const, name, query }))),
    };
    const request = await library.metrics.queryTimeseriesData({ data: { type: "timeseries_request", attributes } });
    const { text, value } = await send(request, reads.metrics, timeseriesSchema, signal, urgency);
    return readBatch(value, queries, text);
  }

  async function askOrHalve(queries: readonly string[], args: MetricsArguments, signal: AbortSignal): Promise<(Batch | FailedQuery)[]> {
    try {
      return [await ask(queries, args, signal)];
    } catch (error) {
      if (!(error instanceof IntegrationError)) throw error;
      if (error.status !== 400 || queries.length === 1) return queries.map((query) => ({ query, error }));
      const half = Math.ceil(queries.length / 2);
      const halves = [queries.slice(0, half), queries.slice(half)];
      return (await Promise.all(halves.map((part) => askOrHalve(part, args, signal)))).flat();
    }
  }

  return async (args: MetricsArguments, signal: AbortSignal): Promise<MetricsAnswer> => {
    const queries = [...new Set(args.queries)];
    const batches = Array.from({ length: Math.ceil(queries.length / BATCH) }, (_, i) => queries.slice(i * BATCH, (i + 1) * BATCH));
    const outcomes = (await Promise.all(batches.map((batch) => askOrHalve(batch, args, signal)))).flat();
    const failed = outcomes.filter((outcome) => "error" in outcome);
    const read = outcomes.filter((outcome) => "series" in outcome);
    const first = failed[0];
    if (first !== undefined && read.length === 0) throw first.error;
    return {
      source: reads.metrics.source,
      query: queries.join(", "),
      window: args.window,
      link: queries[0] === undefined ? null : links.metrics(queries[0], args.window),
      value: read.flatMap((batch) => batch.series),
      raw: read.map((batch) => batch.text).join("\n"),
      cut: first === undefined ? null : `${failed.length} of ${queries.length} queries failed (${first.error.message})`,
      failed,
    };
  };
}
