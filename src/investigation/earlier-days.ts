import { typicalStep } from "../analysis/baseline.ts";
import { increases } from "../analysis/counter.ts";
import type { EarlierHour } from "../incident/chart.ts";
import { type Series, seriesName, type Telemetry } from "../incident/telemetry.ts";

/** The same hours of a day and a week before, for beside a chart: what was read of them already. */

const DAY_MS = 24 * 3_600_000;
const DAYS = [1, 7] as const;
/** Fewer points are no line. */
const LEAST_POINTS = 3;
/** A count of longer steps is a larger count. */
const SAME_STEP = 1.5;

/**
 * A series at earlier days, moved to the time of the incident. [] where nothing was read of them, the steps differ, or the series only counts up, so that
 * its level means nothing.
 */
export function earlierHours(series: Series, { history = [], page }: Pick<Telemetry, "history" | "page">): readonly EarlierHour[] {
  if (increases(series.points) !== null) return [];
  const name = seriesName(series);
  const own = history.filter((one) => seriesName(one) === name);
  const step = typicalStep(series.points);
  return DAYS.flatMap((days) => {
    const lag = days * DAY_MS;
    return own.flatMap(({ points, evidence }) => {
      const past = points.filter(({ at, value }) => Math.abs(at + lag - page.at) < DAY_MS / 2 && Number.isFinite(value));
      const ratio = typicalStep(past) / step;
      if (past.length < LEAST_POINTS || ratio > SAME_STEP || ratio < 1 / SAME_STEP) return [];
      return [{ days, points: past.map(({ at, value }) => ({ at: at + lag, value })), evidence }];
    });
  });
}
