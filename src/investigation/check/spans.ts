import type { Claimed } from "./figures.ts";
import { isTime, lookFor, secondOfDay } from "./look-up.ts";
import type { Sightings, Table } from "./sightings.ts";

/** Times that lie between two instants: of a sentence, of the incident, of the window that was asked for, of lines and rows that are cited. */

/** Words beside a figure that make it the time between two instants. */
const SPAN =
  /\b(?:after|before|later|earlier|between|apart|lasted|lasting|within|for|ago|delay|until|then|over|every|each|all|long|took|duration|in|from|during|since|past|last)\b/i;
const LAST = /\b(?:last|past|previous) $/i;
const DAY_MS = 86_400_000;
/** Dates of one answer between which days are counted. */
const MOST_DATES = 2_000;
/** Instants of one answer between which the time is taken; of so few between any two. */
const MOST_INSTANTS = 24;
const FEW_INSTANTS = 8;
/** An asked window that reaches to now is longer than was meant: by the minutes since the page. */
const LONGER = 0.1;

/** What cited evidence has of times. Instants are epoch seconds. */
export interface Timed {
  readonly seen: readonly { readonly of: Sightings; readonly everyTells: boolean }[];
  readonly services: readonly string[];
  /** Known of the incident. */
  readonly instants: readonly number[];
  /** Bounds of what was asked. */
  readonly windows: readonly (readonly number[])[];
  /** Lists of rows. */
  readonly lists: readonly Table[];
  /** The text says that something is nowhere. */
  readonly isAbsence: boolean;
}

const isLength = (claim: Claimed, seconds: number): boolean => seconds > 0 && seconds * 1000 >= claim.low && seconds * 1000 <= claim.high;

/** Whether a claim's time is that between two instants (seconds of the day), each known to the minute at worst. */
function isBetween(claim: Claimed, ones: readonly number[], others: readonly number[]): boolean {
  // Half a minute at each end, where the claim itself speaks of minutes.
  const slack = claim.size >= 60_000 ? 30_000 : 1_000;
  const wide = { ...claim, low: claim.low - slack, high: claim.high + slack };
  return ones.some((one) =>
    others.some((other) => {
      const apart = Math.abs(secondOfDay(one) - secondOfDay(other));
      return [apart, 86_400 - apart].some((seconds) => isLength(wide, seconds));
    }),
  );
}

/** Whether so many days are between two dates (epoch seconds). */
const isDaysBetween = (claim: Claimed, dates: readonly number[]): boolean =>
  dates.some((one) => dates.some((other) => Math.abs(Math.abs(one - other) * 1000 - claim.value) <= Math.max(claim.slack, DAY_MS / 2)));

/** Instants of one text and, that time before or after them, the claims that something was then. */
const shifted = (claim: Claimed, instants: readonly number[]): Claimed[] =>
  instants.flatMap((at) =>
    [-1, 1].map((way): Claimed => {
      const value = secondOfDay(at + (way * claim.value) / 1000);
      const toMinute = claim.size >= 60_000;
      return toMinute
        ? { ...claim, dimension: "minute", value: Math.floor(value / 60) * 60, slack: 60 }
        : { ...claim, dimension: "clock", value, slack: 1 };
    }),
  );

/** Whether a time is the length of a window that was asked for; of what is nowhere in it, any shorter one. */
export const isAsked = ({ value, slack }: Claimed, { windows, isAbsence }: Timed): boolean =>
  windows.some(([from = Number.NaN, to = Number.NaN]) => {
    const length = (to - from) * 1000;
    return value > 0 && value - slack <= length && (isAbsence || length <= value * (1 + LONGER) + slack);
  });

/** Whether a time (of the day, or of a date) is within a window of the given bounds, epoch seconds. */
export function isInside({ dimension, value, slack }: Claimed, [from = Number.NaN, to = Number.NaN]: readonly number[]): boolean {
  if (dimension === "date") return value + slack >= from && value <= to;
  return to - from >= 86_400 || secondOfDay(value - from) <= to - from || secondOfDay(value + slack - from) <= to - from;
}

/** "In the last 24", behind hours: a number without a unit that is the length of an asked window. */
export const isAskedHours = (claim: Claimed, text: string, timed: Timed): boolean =>
  LAST.test(text.slice(Math.max(0, claim.start - 12), claim.start)) &&
  [60_000, 3_600_000, DAY_MS].some((size) => isAsked({ ...claim, value: claim.value * size, slack: claim.slack * size }, timed));

/** Whether rows of one list come that far apart, as a rule or on the average, or are all within that time. */
const isOfRows = (claim: Claimed, lists: readonly Table[]): boolean =>
  lists.some(({ at }) => {
    const times = at.filter(Number.isFinite).toSorted((one, other) => one - other);
    const apart = times.slice(1).map((time, index) => time - (times[index] ?? time));
    const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
    const middle = apart.toSorted((one, other) => one - other)[Math.floor(apart.length / 2)] ?? 0;
    return [middle, whole / Math.max(1, apart.length), whole].some((seconds) => isLength(claim, seconds));
  });

/** Instants that a text of few lines shows. */
const instantsOf = ({ values, dimensions }: Sightings): number[] =>
  values.filter((_, at) => isTime({ dimension: dimensions[at] ?? "count" })).slice(0, MOST_INSTANTS);

/** Whether a time is that between two lines of a view. */
function isOfLines(claim: Claimed, instants: readonly number[]): boolean {
  if (instants.length <= FEW_INSTANTS) return isBetween(claim, instants, instants);
  const [first = 0, last = 0] = [instants[0], instants.at(-1)];
  return isBetween(claim, [first], [last]) || instants.some((at, index) => isBetween(claim, [at], instants.slice(index + 1, index + 2)));
}

/** Whether a claim's time is one that is between instants. @param beside figures of the same text that were found. @param words around it */
export function isSpan(claim: Claimed, beside: readonly Claimed[], words: string, timed: Timed): boolean {
  if (claim.dimension !== "time" || claim.size < 1000 || claim.text.includes(".") || !SPAN.test(words)) return false;
  const { seen, services, instants, lists } = timed;
  if (isAsked(claim, timed)) return true;
  const own = beside.filter(isTime);
  const times = own.map(({ value }) => value);
  if (claim.size >= DAY_MS) {
    const dates = seen.flatMap(({ of }) => of.values.filter((_, at) => of.dimensions[at] === "date"));
    return isDaysBetween(claim, [...new Set([...dates.slice(0, MOST_DATES).map((at) => Math.floor(at / 3600) * 3600), ...instants])]);
  }
  if (isBetween(claim, times, [...times, ...instants])) return true;
  // "In all twelve minutes from 05:44 to 05:55": both ends count.
  const minutes = own.filter(({ dimension }) => dimension === "minute").map(({ value }) => value);
  if (claim.size === 60_000 && isBetween({ ...claim, low: claim.low - 60_000, high: claim.high - 60_000 }, minutes, minutes)) return true;
  if (
    times.length > 0 &&
    shifted(claim, times).some((then) => seen.some(({ of, everyTells }) => lookFor(then, of, services, everyTells).found === "shown"))
  )
    return true;
  if (isOfRows(claim, lists)) return true;
  const shown = seen.flatMap(({ of, everyTells }) => (everyTells ? [instantsOf(of)] : []));
  if (shown.some((ones) => isOfLines(claim, ones))) return true;
  return times.length === 0 && isBetween(claim, instants, [...instants, ...shown.flat()]);
}
