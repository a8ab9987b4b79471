import { z } from "zod";
import { readSignal } from "../../../analysis/signal-kind.ts";
import { seriesUnit, times } from "../../../analysis/words.ts";
import { comparedInput, comparedWindows, type ComparedWindows, notAsked } from "../../../report/compared-windows.ts";
import type { Point } from "../../../incident/telemetry.ts";
import type { Question } from "../../../incident/source.ts";
import { composeView, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool, type ToolContext } from "../../../incident/tool.ts";
import { clockTime, duration, quantity } from "../../../report/words.ts";
import { IntegrationError } from "../../../guard/errors.ts";
import type { DatadogClient } from "../client.ts";
import { type MonitorQuery, monitorQuery } from "../monitor-query.ts";
import type { MetricsAnswer, MetricSeries } from "../metrics.ts";
import { count } from "../words.ts";
import { datadogService, scopedMetric } from "./scope.ts";
import { monitorSeries } from "./monitor-series.ts";
import { type SeriesChange, seriesChange } from "./series-change.ts";
import type { Trend } from "./trend.ts";

const INTERVAL_MS = 60_000;

type CatalogSignal = Question["signals"][number];

interface Row {
  readonly name: string;
  readonly query: string;
  /** A value of it in words. */
  readonly show: (value: number) => string;
  /** Neither the source nor the name says what its values are in. */
  readonly isBare: boolean;
  /** null: no point in the window, though there were before. */
  readonly change: SeriesChange | null;
  readonly lastAt: number;
}

function nameOf(series: MetricSeries, question: Question): string {
  const { service, ...others } = series.tags;
  const tags = Object.entries(others).filter(([, value]) => value !== "" && value !== "N/A");
  // Where a query picks by tags and groups by none, its answer has none.
  const [, picked = "*"] = /\{([^{}]*)\}/.exec(series.query) ?? [];
  const shown =
    tags.length === 0 && service === undefined && picked.trim() !== "*" ? picked : tags.map(([key, value]) => `${key}:${value}`).join(",");
  const owner = service === undefined || service === "N/A" ? "" : `${question.nameOf(service)} · `;
  return outsideLine(`${owner}${series.metric}${shown === "" ? "" : ` {${shown}}`}`, 220);
}

/** Series of all answers; where the quiet time was asked for by itself, its points are joined to the window's. */
function joined(answers: readonly MetricsAnswer[]): MetricSeries[] {
  const byKey = new Map<string, MetricSeries>();
  for (const series of answers.flatMap(({ value }) => value)) {
    const key = JSON.stringify([series.query, Object.entries(series.tags).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? series : { ...known, points: [...known.points, ...series.points] });
  }
  return [...byKey.values()];
}

function toRow(series: MetricSeries, signals: ReadonlyMap<string, CatalogSignal>, question: Question, windows: ComparedWindows): Row {
  const signal = signals.get(series.query);
  const unit = signal?.unit ?? series.unit;
  const meaning = readSignal(series.metric, unit);
  const change = seriesChange(series.points, signal?.kind ?? question.kindOf(series.metric, unit), meaning.isShare, windows);
  const shown = seriesUnit({ metric: series.metric, unit, points: series.points }, meaning);
  const lastAt = series.points.reduce((last, { at }) => Math.max(last, at), 0);
  return {
    name: nameOf(series, question),
    query: series.query,
    show: (value) => quantity(value, shown),
    isBare: shown === null && (unit === null || meaning.isShare),
    change,
    lastAt,
  };
}

/** The way of a series without a quiet time. */
const trendWords = ({ rises, atOnce, from, to }: Trend, show: Row["show"]) =>
  atOnce
    ? `${rises ? "higher" : "lower"} from ${clockTime(to.at)} on, ${show(from.value)} → ${show(to.value)}`
    : `${rises ? "rises" : "falls"} from ${show(from.value)} at ${clockTime(from.at)} to ${show(to.value)} at ${clockTime(to.at)}`;

/** How many series have no quiet time to compare with, and in how many of them something moved all the same. */
function aloneWords(alone: readonly Row[]): string {
  const moved = alone.filter(({ change }) => change?.trend != null).length;
  const of = moved === 0 ? "" : `, ${count(moved)} of which moved`;
  return alone.length === 0 ? "" : `, ${count(alone.length)} without a quiet time to compare with${of}`;
}

/** What a series did, in one line. */
function movement({ change, show }: Row): string {
  if (change === null) return "";
  const { shift, backSince, last, borrowed, course, trend, climb, ended } = change;
  const pointsOf = (points: readonly Point[]) => points.map(({ at, value }) => `${show(value)} at ${clockTime(at).slice(0, 5)}`).join(", ");
  if (shift === null) {
    if (borrowed) {
      return `${trend === null ? "" : `${trendWords(trend, show)}: `}${pointsOf(course)}`;
    }
    if (climb !== null) return `${climb.rises ? "rises" : "falls"} slowly from ${clockTime(climb.foot.at)} on: ${pointsOf(climb.course)}`;
    const before = change.baseline.median;
    return before > 0 && change.median > 0 ? `no step, median ${times(change.median / before)}` : "no step";
  }
  const way = shift.now >= shift.before ? "up" : "down";
  const ratio = shift.before > 0 && shift.now > 0 ? ` (${times(shift.now / shift.before)})` : "";
  const from = shift.healthyUntil === null ? " (away since the first point of the window, so it may have begun earlier)" : "";
  const now = backSince === null ? `not back to normal, last ${show(last.value)}` : `back to normal since ${clockTime(backSince)}`;
  if (climb !== null)
    return `ramp ${way} from ${clockTime(climb.foot.at)} to ${clockTime(climb.top.at)}: ${pointsOf(climb.course)}; beyond its usual since ${clockTime(shift.onset)}${from}; ${now}`;
  const after =
    ended === null
      ? ""
      : `${ended.rises ? "rose" : "fell"} from ${clockTime(ended.foot.at)} to ${clockTime(ended.top.at)}: ${pointsOf(ended.course)}; then `;
  return `${after}step ${way} ${show(shift.before)} → ${show(shift.now)}${ratio} at ${clockTime(shift.onset)}${from}; ${now}`;
}

/** A last point older than this many steps of its series (and this long) is stale: what came after it is not known. */
const STALE_STEPS = 3;
const STALE_MS = 3 * 60_000;

/** `, 8 min before the end` of a last point that is not of now. */
function ageWords({ last, stepMs }: SeriesChange, end: number): string {
  const age = end - last.at;
  return age > Math.max(STALE_MS, STALE_STEPS * stepMs) ? ` at ${clockTime(last.at)}, ${duration(age)} before the window's end` : "";
}

/** @param end of the window, or now where that is earlier */
function describe(row: Row, label: string, end: number): string {
  const { change, show, isBare } = row;
  const name = `${row.name}${isBare ? " (no unit)" : ""}`;
  if (change === null) return `- ${label}${name}: no points in the window; the last one before at ${utc(row.lastAt)}`;
  const { baseline, borrowed, max, min, first, last } = change;
  // Where history is short the first point is all that shows the time before: a step may lie right behind it.
  const oldest = first === null ? "" : `, first ${show(first.value)} at ${clockTime(first.at)}`;
  const [lowest, highest] = [show(baseline.low), show(baseline.high)];
  const range = lowest === highest ? "steady" : `from ${lowest} to ${highest}`;
  const before = borrowed
    ? "no quiet time recorded, so what is usual is not known"
    : `before: median ${show(baseline.median)}, ${range} (${count(baseline.count)} points)${oldest}`;
  const fell = change.shift !== null && change.shift.now < change.shift.before;
  const low = borrowed || fell ? `, min ${show(min.value)} at ${clockTime(min.at)}` : "";
  return (
    `- ${label}${name}: ${movement(row)} | ${before} | ` +
    `window: median ${show(change.median)}, max ${show(max.value)} at ${clockTime(max.at)}${low}, last ${show(last.value)}${ageWords(change, end)}`
  );
}

/** Steps first, by their size in spreads; then series that fell silent; then the rest by how far their median moved. */
const rankOf = ({ change }: Row): number => (change === null ? 1e6 : (change.shift === null ? 0 : 2e6) + Math.min(change.moved, 9e5));

/** Whether Datadog had a series of a query, or refused it. */
const has = (answer: MetricsAnswer, query: string): boolean =>
  answer.value.some((series) => series.query === query) || answer.failed.some((one) => one.query === query);

/** What was asked for only to have more is missed by nobody when it is refused. */
const noRefusal = (error: unknown): MetricsAnswer[] => {
  if (error instanceof IntegrationError) return [];
  throw error;
};

/** What of a monitor that measures no metric is shown, or that nothing runs it. */
function searchNote(one: Exclude<MonitorQuery, { kind: "metric" }>): string {
  if (one.kind === "other") return `${outsideLine(one.search, 200)} is not a metric query, and no tool runs it`;
  const over = one.last === null ? "" : `; the monitor adds up ${outsideLine(one.last, 20)}`;
  return `${one.kind} of ${outsideLine(one.search, 300)} a minute${one.compute.aggregation === "count" ? over : ""}; datadog_${one.kind} shows them`;
}

interface AskedSeries {
  readonly queries?: readonly string[] | undefined;
  readonly service?: string | undefined;
}

/**
 * Reads what the model asks for, held to the service that it names. A series without a tag of its service, as many that monitors watch, is read
 * without it then. A text says what is wrong, in words for the model.
 */
async function readAsked(datadog: DatadogClient, input: AskedSeries, { question, signal }: ToolContext, windows: ComparedWindows) {
  const { window, baseline } = windows;
  const service = input.service ?? (input.queries === undefined ? question.service : undefined);
  const scoped = (query: string) => (service === undefined ? query : scopedMetric(query, datadogService(question, service)));
  const asked = input.queries?.map(monitorQuery);
  const searches = (asked ?? []).flatMap((one) => (one.kind === "metric" ? [] : [searchNote(one)]));
  const counting = (asked ?? []).map((one, index) =>
    one.kind === "logs" || one.kind === "spans" ? monitorSeries(datadog, one, input.queries?.[index] ?? "", windows, signal) : [],
  );
  const plain = asked?.flatMap((one) => (one.kind === "metric" ? [one.query] : []));
  const signals = new Map<string, CatalogSignal>(question.signals.map((one) => [scoped(one.query), one]));
  const queries = [...new Set(plain?.map(scoped) ?? signals.keys())];
  const counted = (await Promise.all(counting)).flat();
  if (queries.length === 0 && counted.length === 0)
    return searches.length > 0 ? `${searches.join(". ")}.` : "The catalog names no signals: give queries.";
  const ranges = baseline.to === window.from ? [{ from: baseline.from, to: window.to }] : [window, baseline];
  const read = (of: readonly string[]) =>
    Promise.all(ranges.map((range) => datadog.queryMetrics({ queries: of, window: range, intervalMs: INTERVAL_MS }, signal)));
  const own = queries.length === 0 ? [] : await read(queries);
  const unscoped = (plain ?? []).filter((query) => scoped(query) !== query && !own.some((answer) => has(answer, scoped(query))));
  const wide = unscoped.length === 0 ? [] : await read(unscoped).catch(noRefusal);
  const shownWide = unscoped.filter((query) => wide.some(({ value }) => value.some((series) => series.query === query)));
  return { service, signals, queries, own, wide, counted, shownWide, scoped, searches };
}

/** Metric series as figures: baseline, step, ramp, onset, recovery. Of points only those of a ramp. */
export const metricsTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_metrics",
    source: "Datadog metrics",
    description:
      "Did a measured quantity change, how much, since when, is it back? Each series against its own quiet time: usual median and spread, window's median, maximum and last value, onset of the step, points of a ramp. `service` alone takes all of the catalog's signals for it; `queries` takes metric queries with by {tag}, also a monitor's whole query.",
    input: z.object({
      queries: z
        .array(z.string().min(1).max(1_000))
        .min(1)
        .max(10)
        .optional()
        .describe(
          '["avg:kubernetes.cpu.usage.total{env:prod} by {pod_name}"], one to ten. Group by the tags that tell the culprit apart. Default: the catalog\'s signals',
        ),
      service: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe("Of the catalog; adds service:<name> to each query. Without queries the default is the paged service"),
      ...comparedInput,
      limit: z.int().min(1).max(60).default(20).describe("Most series, 1 to 60; default 20"),
    }),
    async run(input, context) {
      const { question, now } = context;
      const windows = comparedWindows(input, context);
      if (typeof windows === "string") return notAsked(windows);
      const { window, baseline } = windows;
      const read = await readAsked(datadog, input, context, windows);
      if (typeof read === "string") return notAsked(read);
      const { service, signals, queries, own, wide, counted, shownWide, scoped, searches } = read;
      const answers = [...own, ...wide, ...counted];
      const rows = joined(answers)
        .filter(({ points }) => points.length > 0)
        .map((series) => toRow(series, signals, question, windows))
        .toSorted((a, b) => rankOf(b) - rankOf(a) || (a.name < b.name ? -1 : 1));
      const stepped = rows.filter(({ change }) => change !== null && change.shift !== null);
      const silent = rows.filter(({ change }) => change === null);
      const alone = rows.filter(({ change }) => change?.borrowed === true);
      const back = stepped.filter(({ change }) => change !== null && change.backSince !== null);
      const failed = new Map(answers.flatMap((answer) => answer.failed).map((one) => [one.query, one.error.message]));
      const replaced = new Set(shownWide.map(scoped));
      const without = queries.filter((query) => !failed.has(query) && !replaced.has(query) && !rows.some((row) => row.query === query));
      const labels = new Map(
        queries.flatMap((query, index) => {
          const label = input.queries !== undefined && queries.length > 1 ? `q${index + 1} ` : "";
          return [query, ...shownWide.filter((one) => scoped(one) === query)].map((one): [string, string] => [one, label]);
        }),
      );
      const about = service === undefined ? "" : ` of ${outsideLine(question.nameOf(service), 80)}`;
      const [top] = stepped;
      const summary =
        rows.length === 0
          ? `no data${about} for ${count(queries.length)} ${queries.length === 1 ? "query" : "queries"}`
          : `${count(rows.length)} series${about}: ${count(stepped.length)} with a step (${count(back.length)} back to normal), ` +
            `${count(silent.length)} silent in the window, ${count(rows.length - stepped.length - silent.length - alone.length)} without a step` +
            aloneWords(alone);
      return {
        answers,
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                `Window ${utc(window.from)} to ${utc(window.to)}, compared with ${utc(baseline.from)} to ${utc(baseline.to)}` +
                  "; times below are UTC. The range before is that of 98 in 100 points.",
                ...(input.queries !== undefined && queries.length > 1
                  ? queries.map((query) => `${labels.get(query) ?? ""}= ${outsideLine(query, 300)}`)
                  : []),
              ],
              items: rows
                .slice(0, input.limit)
                .map((row) => ({ lines: [describe(row, labels.get(row.query) ?? "", Math.min(window.to, now()))] })),
              rest: (left) => `${count(left)} more series do not fit here: name a service, or narrow the queries.`,
              parts: [
                ...[own, wide].flatMap((of, index) =>
                  of.map(
                    (_, place) =>
                      `${place === 0 ? (of.length === 1 ? "both windows" : "the window") : "the quiet time"}${index === 0 ? "" : ", all services"}`,
                  ),
                ),
                ...counted.map(({ value }) => (value.length === 0 ? "counts of all there is" : "a monitor's own search")),
              ],
              notes: [
                ...searches,
                ...(shownWide.length === 0
                  ? []
                  : [
                      `no series has service:${datadogService(question, service ?? "")} here, so all services are shown: ${shownWide.map((query) => outsideLine(query, 120)).join(" ; ")}`,
                    ]),
                ...(rows.length > input.limit
                  ? [
                      `${count(rows.length - input.limit)} further series left out, ${count(stepped.slice(input.limit).length)} of them with a step. ` +
                        "They moved less than those shown; raise limit or narrow the queries",
                    ]
                  : []),
                // Names of what the model did not ask for by name tell it nothing.
                ...(without.length > 0
                  ? [
                      `no data for ${count(without.length)} of ${count(queries.length)} ${input.queries === undefined ? "signals of the catalog" : "queries"}${
                        input.queries === undefined && rows.length > 0
                          ? ""
                          : `: ${without
                              .slice(0, 4)
                              .map((query) => outsideLine(query, 80))
                              .join(" ; ")}${without.length > 4 ? " ; …" : ""}`
                      }`,
                    ]
                  : []),
                ...[...failed].map(([query, problem]) => `refused: ${outsideLine(query, 120)}: ${problem}`),
              ],
            },
            evidence,
          ),
        fact: outsideLine(`Datadog metrics: ${summary}${top === undefined ? "" : `; most: ${top.name}, ${movement(top)}`}`, 400),
      };
    },
  });
