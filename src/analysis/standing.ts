import type { Point, TimeWindow } from "../incident/telemetry.ts";
import { describeBaseline, deviation, median, MIN_POINTS, within } from "./baseline.ts";
import { CHRONIC } from "./chronic.ts";
import { isSymptom } from "./excursion.ts";
import { type Signal, wholeOf } from "./signal.ts";

/** A point is away from normal from here on (see `onset.ts`). */
const AWAY = 3.5;
/** Trouble that goes on shows in nearly all of its points: one in ten may be missed. */
const NEARLY_ALL = 0.9;
/** Newest points of which most must be away: what is over is none. */
const NEWEST = 3;
/** Time follows load and releases; what takes twice as long is no drift. */
const TWICE = 2;
/** So many failures where nobody knows of how many requests. */
const FEWEST = 5;

/**
 * Since when the paged service has been in trouble that began in the quiet time and goes on: the step of its failures or latency lies before the
 * suspect time, whose baseline would take the trouble for normal. null: there is no such thing.
 * @param earlier known incidents, whose time says nothing
 */
export function standingSince(
  signals: readonly Signal[],
  paged: string,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): number | null {
  const own = signals.filter((signal) => signal.service === paged && isSymptom(signal) && signal.sameHour === undefined);
  const requests = signals.find(
    ({ service, edge, meaning }) => service === paged && edge === null && meaning.kind === "traffic" && meaning.resource === null,
  );
  const usual = median((requests?.series.points ?? []).map(({ value }) => value));
  const found = own.flatMap((signal) => {
    const points = signal.series.points.filter(({ at, value }) => at < suspect.to && Number.isFinite(value) && !within(at, earlier));
    const foot = standingStep(points, signal, usual);
    return foot === null || foot >= suspect.from ? [] : [foot];
  });
  return found.length === 0 ? null : Math.min(...found);
}

/** Time of the first point of a step that lasts up to the newest points; null where there is none, or it is too small to matter. */
function standingStep(points: readonly Point[], signal: Signal, requests: number): number | null {
  const at = splitOf(points.map(({ value }) => value));
  if (at === null) return null;
  const { meaning } = signal;
  const before = points.slice(0, at);
  const after = points.slice(at);
  const baseline = describeBaseline(before, signal.series.kind, meaning.isShare);
  const sign = meaning.worse === "down" ? -1 : 1;
  const isAway = ({ value }: Point) => deviation(baseline, value) * sign >= AWAY;
  const newest = after.slice(-NEWEST);
  if (after.filter(isAway).length < NEARLY_ALL * after.length || newest.filter(isAway).length < NEWEST - 1) return null;
  const now = median(after.map(({ value }) => value));
  return isMaterial(baseline.median, now, signal, requests) ? (after[0]?.at ?? null) : null;
}

/** Whether a level is so much worse that it is trouble whatever came before it. */
function isMaterial(before: number, now: number, signal: Signal, requests: number): boolean {
  const { meaning, series } = signal;
  if (meaning.kind === "latency") return now >= TWICE * before;
  const isShare = meaning.isShare || series.unit === "fraction" || meaning.kind === "availability";
  const least = isShare ? CHRONIC * wholeOf(signal) : Math.max(FEWEST, Number.isFinite(requests) ? CHRONIC * requests : 0);
  return Math.abs(now - before) >= least;
}

/** Where to part values into two levels so that least is left of their squares; each has enough points to be one. null: too few points. */
function splitOf(values: readonly number[]): number | null {
  const total = values.reduce((sum, value) => sum + value, 0);
  let best: number | null = null;
  let most = 0;
  let left = 0;
  for (const [index, value] of values.entries()) {
    const count = index + 1;
    left += value;
    if (count < MIN_POINTS || values.length - count < MIN_POINTS) continue;
    const gain = (left / count - (total - left) / (values.length - count)) ** 2 * count * (values.length - count);
    if (gain > most) [best, most] = [count, gain];
  }
  return best;
}
