import type { Point } from "../incident/telemetry.ts";
import { AT_HOME, deviation, median, typicalStep } from "./baseline.ts";
import { isSymptom } from "./excursion.ts";
import type { Reading } from "./reading.ts";
import type { Signal } from "./signal.ts";

/** What callers of a service feel of it, over the time of an incident. */

export interface Own {
  readonly signal: Signal;
  readonly stepMs: number;
  /** From the onset on, up to what was read. */
  readonly points: readonly Point[];
}

export const signalsOf = ({ signals, telemetry }: Reading, service: string, onset: number): Own[] =>
  signals
    .filter((signal) => signal.service === service && !signal.borrowed && isSymptom(signal))
    .map((signal) => ownOf(signal, onset, telemetry.window.to));

const ownOf = (signal: Signal, onset: number, to: number): Own => ({
  ...{ signal, stepMs: typicalStep(signal.series.points) },
  points: signal.series.points.filter(({ at }) => at >= onset && at < to),
});

/** How far a level is on the bad side of the usual one, in its own unit. */
export const excessOf = ({ baseline, meaning }: Signal, value: number) => (value - baseline.median) * (meaning.worse === "down" ? -1 : 1);

/** The same in spreads. */
const awayBy = ({ baseline, meaning }: Signal, value: number) => deviation(baseline, value) * (meaning.worse === "down" ? -1 : 1);

export const middle = (points: readonly Point[]) => median(points.map(({ value }) => value));

export const isAway = ({ signal }: Own, points: readonly Point[]) =>
  points.length > 0 && Math.abs(deviation(signal.baseline, middle(points))) > AT_HOME && excessOf(signal, middle(points)) > 0;

/** Points that make a level: fewer may be chance. */
export const FEWEST_POINTS = 3;

/** A signal that is out in so many of its points shows the trouble; one healthy point in twenty is out by chance. */
const SHOWS = 0.3;
/** More than a quarter of it is a trouble that goes on; what is within one spread is usual, whatever it was. */
const LITTLE_LEFT = 0.25;
const USUAL = 1;
/** Trouble that paused before, and came again, must be away for twice as long. */
const LONGER = 2;

/**
 * Whether signals that are back are so for long enough to call it over, each against its own step and noise: up to its newest point, which is back as well,
 * for longer than any pause that the trouble made before, and with little of its level left.
 * @param own what callers feel of the paged service
 * @param least shortest time that counts, ms
 */
export const isSettled = (own: readonly Own[], since: number, least: number): boolean =>
  own.every(({ signal, stepMs, points }) => {
    const levels = (some: readonly Point[]) => some.map(({ value }) => awayBy(signal, value));
    const [was, after] = [points.filter(({ at }) => at < since), points.filter(({ at }) => at >= since)];
    const trouble = levels(was).filter((level) => level > AT_HOME);
    const newest = after.at(-1);
    const isTrouble = trouble.length >= Math.max(FEWEST_POINTS, SHOWS * was.length);
    // Some series have points only while something fails.
    if (newest === undefined) return !isTrouble;
    // The clock proves nothing: points may come late.
    const needed = Math.max(least, FEWEST_POINTS * stepMs, isTrouble ? LONGER * longestPause(signal, was, stepMs) : 0);
    if (awayBy(signal, newest.value) > AT_HOME || newest.at - since < needed) return false;
    return !isTrouble || median(levels(after)) <= Math.max(USUAL, LITTLE_LEFT * median(trouble));
  });

/** How long a signal was in its usual range at the longest between two times at which it was not. */
function longestPause(signal: Signal, points: readonly Point[], stepMs: number): number {
  const away = points.filter(({ value }) => awayBy(signal, value) > AT_HOME);
  return Math.max(0, ...away.slice(1).map(({ at }, index) => at - (away[index]?.at ?? at) - stepMs));
}
