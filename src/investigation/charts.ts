import type { ChartSeries, EarlierHour } from "../incident/chart.ts";
import type { Analysis } from "../incident/finding.ts";
import { decidingLines } from "./deciding-lines.ts";
import { earlierHours } from "./earlier-days.ts";
import { type Series, type SignalKind, type Telemetry, seriesName } from "../incident/telemetry.ts";

const SUSPECTS = 3;
const PER_SERVICE = 2;

/** Words for what a series measures; the metric's own name stays readable where nothing better is known. */
const kindWords: Readonly<Record<SignalKind, string | null>> = {
  latency: "latency",
  errors: "errors",
  availability: "availability",
  traffic: "traffic",
  saturation: null,
  other: null,
};

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

/** How far the suspicion window lies from the baseline, in the baseline's own spread; a constant baseline counts its level as spread. */
function movement(series: Series, telemetry: Telemetry): number {
  const inside = (from: number, to: number) =>
    series.points.flatMap(({ at, value }) => (at >= from && at < to && Number.isFinite(value) ? [value] : [])).toSorted((a, b) => a - b);
  const quiet = inside(telemetry.baseline.from, telemetry.window.from);
  const now = inside(telemetry.window.from, telemetry.window.to + 1);
  const last = now.at(-1);
  if (quiet.length === 0 || last === undefined) return 0;
  const level = median(quiet);
  const spread = median(quiet.map((value) => Math.abs(value - level)).toSorted((a, b) => a - b)) || Math.abs(level) * 0.05 || 1;
  return Math.max(Math.abs(last - level), Math.abs((now[0] ?? level) - level)) / spread;
}

const withEarlier = (earlier: readonly EarlierHour[]): Pick<ChartSeries, "earlier"> => (earlier.length === 0 ? {} : { earlier });

/** Series worth drawing: the first symptom's own, then of the paged service and the best suspects those that moved most; last, the lines that decide. */
export function chartsOf(telemetry: Telemetry, analysis: Analysis): ChartSeries[] {
  const suspects = analysis.suspects.slice(0, SUSPECTS);
  const shown = analysis.symptoms[0]?.series;
  const services = [
    ...new Set([
      ...analysis.symptoms.slice(0, 1).map((symptom) => symptom.service),
      telemetry.page.service,
      ...suspects.map((suspect) => suspect.service),
    ]),
  ];
  const drawn = services.flatMap((service) => {
    const suspect = suspects.find((one) => one.service === service);
    return telemetry.series
      .filter(
        (series) =>
          series.service === service &&
          series.points.length > 2 &&
          (suspect?.instance == null || series.instance === null || series.instance === suspect.instance || seriesName(series) === shown),
      )
      .map((series) => ({ series, moved: seriesName(series) === shown ? Infinity : movement(series, telemetry) }))
      .toSorted((a, b) => (a.moved === b.moved ? 0 : b.moved - a.moved) || (a.series.metric < b.series.metric ? -1 : 1))
      .slice(0, PER_SERVICE)
      .map(({ series }) => ({
        service,
        instance: series.instance,
        what: kindWords[series.kind] === null ? series.metric : `${kindWords[series.kind]} (${series.metric})`,
        kind: series.kind,
        unit: series.unit,
        points: series.points,
        onset: suspect?.onset ?? analysis.symptoms.find((symptom) => symptom.service === service)?.since ?? null,
        evidence: series.evidence,
        series: seriesName(series),
        ...withEarlier(earlierHours(series, telemetry)),
      }));
  });
  const lines = decidingLines(telemetry, analysis);
  return lines === null ? drawn : [...drawn, lines];
}
