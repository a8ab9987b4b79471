import type { Claimed } from "./figures.ts";
import type { Opened } from "./evidence.ts";
import { isInstant, isTime, lookFor, secondOfDay } from "./look-up.ts";
import type { Sightings } from "./sightings.ts";

/** Times that lie between two instants: of a sentence, of the incident, of the window that was asked for, of lines of a view. */

/** Words beside a figure that make it the time between two instants. */
const SPAN =
  /\b(?:after|before|later|earlier|between|apart|lasted|lasting|within|for|ago|delay|until|then|over|every|each|all|long|took|duration|in|from|during|since|past|last)\b/i;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Ages of a view: of more of them any minute is when one began. */
const MOST_AGES = 8;
/** Instants of a view between which the time is taken; of so few between any two, else between neighbours and ends. */
const MOST_INSTANTS = 24;
const FEW_INSTANTS = 8;
const FEWEST_INSTANTS = 3;
/** An asked window that reaches to now is longer than was meant: by the minutes since the page. */
const LONGER = 0.1;

/** What cited evidence has of times. Instants are epoch seconds. */
export interface Timed {
  readonly seen: readonly { readonly view: Sightings; readonly raw: Sightings }[];
  readonly services: readonly string[];
  /** Known of the incident. */
  readonly instants: readonly number[];
  /** Bounds of what was asked. */
  readonly windows: readonly (readonly number[])[];
  /** The text says that something is nowhere. */
  readonly isAbsence: boolean;
}

/** Whether a claim's time is that between two instants (seconds of the day), each known to the minute at worst. */
function isBetween({ low, high, size }: Claimed, ones: readonly number[], others: readonly number[]): boolean {
  // Half a minute at each end, where the claim itself speaks of minutes.
  const slack = size >= 60_000 ? 30_000 : 1_000;
  return ones.some((one) =>
    others.some((other) => {
      const apart = Math.abs(secondOfDay(one) - secondOfDay(other));
      return [apart, 86_400 - apart].some((seconds) => seconds > 0 && seconds * 1000 >= low - slack && seconds * 1000 <= high + slack);
    }),
  );
}

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

/** That time before and after instants, as claims that something was then. */
const shifted = (claim: Claimed, instants: readonly number[]): Claimed[] =>
  instants
    .flatMap((at) => [at - claim.value / 1000, at + claim.value / 1000])
    .map((at) => {
      const value = secondOfDay(at);
      return claim.size >= 60_000
        ? { ...claim, dimension: "minute", value: Math.floor(value / 60) * 60, slack: 60 }
        : { ...claim, dimension: "clock", value, slack: 1 };
    });

/**
 * Whether a time is when something began whose age an answer shows: "the oldest transaction is open for 24.8 min" of what was read at 03:39.
 * An age is known to the minute at best, so no second of a time follows from it.
 */
export function isBeginning(claim: Claimed, answers: readonly Pick<Opened, "until" | "view">[]): boolean {
  if (claim.dimension === "clock" || claim.slack === 1) return false;
  return answers.some(({ until, view: { values, dimensions } }) => {
    const ages = [...new Set(values.filter((age, at) => dimensions[at] === "time" && age >= MINUTE_MS))];
    return until !== null && ages.length <= MOST_AGES && ages.some((age) => isInstant(claim, until - age / 1000, "date"));
  });
}

/** Whether so many days are between instants that are known or that a view dates; of many of them any number of days is. */
function isDaysApart({ low, high }: Claimed, { seen, instants }: Timed): boolean {
  const dates = seen.flatMap(({ view: { values, dimensions } }) => values.filter((_, at) => dimensions[at] === "date"));
  const all = [...new Set([...instants, ...dates])];
  if (all.length > FEW_INSTANTS) return false;
  return all.some((one, index) =>
    all.slice(index + 1).some((other) => Math.abs(one - other) * 1000 >= low && Math.abs(one - other) * 1000 <= high),
  );
}

/** Whether a time is that between a line of one view and one of another, where they have so few that it is not there by chance. */
function isAcross(claim: Claimed, shown: readonly (readonly number[])[]): boolean {
  const most = claim.size >= MINUTE_MS ? FEWEST_INSTANTS : FEW_INSTANTS;
  const few = shown.filter(({ length }) => length <= most);
  return few.some((ones, index) => few.slice(index + 1).some((others) => isBetween(claim, ones, others)));
}

/** Whether a time is that between two lines of a view. */
function isOfLines(claim: Claimed, instants: readonly number[]): boolean {
  if (instants.length <= FEW_INSTANTS) return isBetween(claim, instants, instants);
  return (
    isBetween(claim, instants.slice(0, 1), instants.slice(-1)) ||
    instants.some((at, index) => isBetween(claim, [at], instants.slice(index + 1, index + 2)))
  );
}

/** Whether a claim's time is one that is between instants. @param beside figures of the same text that were found. @param text the whole of it */
export function isSpan(claim: Claimed, beside: readonly Claimed[], text: string, timed: Timed): boolean {
  if (claim.dimension !== "time" || claim.size < 1000 || claim.text.includes(".")) return false;
  if (!SPAN.test(text.slice(Math.max(0, claim.start - 40), claim.end + 40))) return false;
  if (isAsked(claim, timed)) return true;
  const { seen, services, instants } = timed;
  if (claim.size >= DAY_MS) return isDaysApart(claim, timed);
  const shown = seen.map(({ view: { values, dimensions } }) =>
    values.filter((_, at) => isTime({ dimension: dimensions[at] ?? "count" })).slice(0, MOST_INSTANTS),
  );
  const times = beside.filter(isTime).map(({ value }) => value);
  // "In all twelve minutes from 05:44 to 05:55": both ends count.
  const whole = { ...claim, low: claim.low - 60_000, high: claim.high - 60_000 };
  return (
    isBetween(claim, times, [...times, ...instants, ...shown.flat()]) ||
    (claim.size === 60_000 && isBetween(whole, times, times)) ||
    shifted(claim, times).some((then) =>
      seen.some(({ view, raw }) => lookFor(then, view, services, true).found === "shown" || lookFor(then, raw, services).found === "shown"),
    ) ||
    shown.some((ones) => isOfLines(claim, ones)) ||
    isAcross(claim, shown) ||
    (times.length === 0 && isBetween(claim, instants, [...instants, ...shown.flat()]))
  );
}
