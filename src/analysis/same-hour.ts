import { type Series, seriesName, type Telemetry, type TimeWindow } from "../incident/telemetry.ts";
import { describeBaseline, median, typicalStep } from "./baseline.ts";
import { increases } from "./counter.ts";
import { findShift, type Shift } from "./onset.ts";
import { orderedSeries } from "./order.ts";
import { type Signal, valueWords } from "./signal.ts";

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
/** What is compared: the latest hour of the shift. */
const HOUR_MS = 60 * 60_000;
/** Fewer points of an hour have no middle. */
const LEAST_POINTS = 3;
/** Steps this many times as long are no longer the same. */
const SAME_STEP = 1.5;
/** Share of the present rise that the same hour must have reached; the same as of an earlier peak (`symptom.ts`). */
const REACHED = 0.8;

/** A shift that the hour explains: the level was the same a week ago. */
export interface SameHour {
  readonly shift: Shift;
  /** Middle of the level now and at the same hour of earlier days, in the series' unit. */
  readonly now: number;
  readonly weekAgo: number;
  /** null: not known, or another level. */
  readonly yesterday: number | null;
  /** Number of the answer that holds it. */
  readonly evidence: number;
}

/** The same series at earlier days, by their names. */
export const earlierDays = ({ history = [] }: Telemetry): ReadonlyMap<string, Series> =>
  new Map(orderedSeries(history).map((series) => [seriesName(series), series]));

/**
 * Takes the shift from a signal whose level is as usual at this hour of the week. A week ago must show it: yesterday alone may have been an incident
 * of its own, and weekends differ from weekdays.
 * @param given the series as it was read, before counters were taken apart
 */
export function withSameHour(signal: Signal, given: Series, history: Series | undefined, suspect: TimeWindow, page: number): Signal {
  const { shift, series, meaning } = signal;
  if (shift === null || history === undefined || signal.borrowed) return signal;
  const isCounter = series.points !== given.points;
  const run = series.points.filter(({ at }) => at >= Math.max(shift.onset, suspect.to - HOUR_MS) && at < suspect.to);
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return signal;
  const step = typicalStep(series.points);
  const now = median(run.map(({ value }) => value));
  const levelAt = (lag: number): number | null => {
    // Each day by itself: a counter may have begun again since.
    const hour = history.points.filter(({ at }) => Math.abs(at + lag - page) <= DAY_MS / 2);
    const past = ((isCounter ? increases(hour) : hour) ?? []).filter(({ at }) => at >= first.at - lag - step && at <= last.at - lag + step);
    if (past.length < LEAST_POINTS || now === shift.before) return null;
    // A count of longer steps is a larger count.
    const ratio = typicalStep(past) / step;
    if (ratio < 1 / SAME_STEP || ratio > SAME_STEP) return null;
    const level = median(past.map(({ value }) => value));
    const isReached = (level - shift.before) / (now - shift.before) >= REACHED;
    const usual = describeBaseline(past, series.kind, meaning.isShare);
    return isReached && findShift(run, usual, page, meaning.worse) === null ? level : null;
  };
  const weekAgo = levelAt(WEEK_MS);
  if (weekAgo === null) return signal;
  return { ...signal, shift: null, sameHour: { shift, now, weekAgo, yesterday: levelAt(DAY_MS), evidence: history.evidence } };
}

/** "as at this hour yesterday and a week ago: 5.1 %". */
export function sameHourWords(signal: Signal, { weekAgo, yesterday }: SameHour): string {
  const week = valueWords(signal, weekAgo);
  if (yesterday === null) return `as at this hour a week ago: ${week}`;
  const day = valueWords(signal, yesterday);
  return `as at this hour yesterday and a week ago: ${day === week ? day : `${day} and ${week}`}`;
}
