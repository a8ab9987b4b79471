import type { ChartSeries } from "../incident/chart.ts";
import type { Symptom } from "../incident/finding.ts";
import type { Point } from "../incident/telemetry.ts";
import { minuteTime } from "../report/words.ts";

/** GitHub draws charts of Mermaid; more points than these make one that cannot be read. */
const MOST_POINTS = 40;
const FEWEST_POINTS = 3;
const MINUTE_MS = 60_000;
/** Of the quiet time before: enough to see what is usual, and no more, for the rise is what the chart is for. */
const BEFORE_ONSET_MS = 20 * MINUTE_MS;

/** Words as a chart's text takes them: letters, digits and what units need. All else could end the text or be read as markup. */
const chartText = (text: string, longest: number) =>
  Array.from(
    text
      .replace(/[^\p{L}\p{N} .,%/()+-]+/gu, " ")
      .replace(/\s+/g, " ")
      .trim(),
  )
    .slice(0, longest)
    .join("");

/** Points at even steps, as the chart needs them: the highest of each step, so that no peak is lost; an empty step repeats the one before. */
function steps(points: readonly Point[], count: number): number[] {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const highest = Array.from({ length: count }, (): number | null => null);
  for (const { at, value } of points) {
    const step = Math.min(count - 1, Math.floor(((at - first) / Math.max(1, last - first)) * count));
    highest[step] = Math.max(highest[step] ?? Number.NEGATIVE_INFINITY, value);
  }
  let before = highest.find((value) => value !== null) ?? 0;
  return highest.map((value) => (before = value ?? before));
}

/** A number without an exponent, which the chart could not read. */
function plainNumber(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return /e/.test(String(rounded)) ? rounded.toFixed(Math.abs(rounded) < 1 ? 8 : 0).replace(/\.?0+$/, "") : String(rounded);
}

/** The unit in which a reader takes the values in: fractions in percent, seconds below one in milliseconds. */
function scaleOf(unit: string | null, points: readonly Point[]): { readonly unit: string; readonly factor: number } {
  if (unit === "fraction" || unit === "ratio") return { unit: "percent", factor: 100 };
  const inSeconds = /^(?:s|sec|seconds?)$/i.test(unit ?? "");
  return inSeconds && points.every(({ value }) => Math.abs(value) < 1) ? { unit: "ms", factor: 1000 } : { unit: unit ?? "", factor: 1 };
}

/** Whether a chart is of the series that a symptom was read from. Records from before series had names are matched by their words. */
export const isChartOf = (chart: ChartSeries, symptom: Symptom): boolean =>
  chart.series === undefined || symptom.series === undefined
    ? chart.service === symptom.service && chart.what === symptom.what
    : chart.series === symptom.series;

/**
 * A series as a block that GitHub draws, at most 40 points; empty where it has too few, or a value that is no number.
 * @returns lines of Markdown
 */
export function chartLines(series: ChartSeries): readonly string[] {
  const { unit, onset } = series;
  const near = onset === null ? series.points : series.points.filter(({ at }) => at >= onset - BEFORE_ONSET_MS);
  const points = near.length < FEWEST_POINTS ? series.points : near;
  if (
    points.length < FEWEST_POINTS ||
    points.some(({ at, value }) => !Number.isFinite(value) || Math.abs(value) > 1e15 || !Number.isFinite(at))
  )
    return [];
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const minutes = Math.round((to - from) / MINUTE_MS);
  if (minutes < 1) return [];
  const scale = scaleOf(unit, points);
  const values = steps(points, Math.min(MOST_POINTS, points.length)).map((value) => plainNumber(value * scale.factor));
  const what = chartText(`${series.service} ${series.what}`, 60) || "symptom";
  const began = onset === null ? "" : `, onset at ${minuteTime(onset)}`;
  return [
    "```mermaid",
    "xychart-beta",
    `    title "${what}"`,
    `    x-axis "minutes from ${minuteTime(from)} UTC${began}" 0 --> ${minutes}`,
    `    y-axis "${chartText(scale.unit, 30) || "value"}"`,
    `    line [${values.join(", ")}]`,
    "```",
  ];
}
