import type { Claimed, Dimension } from "./figures.ts";
import { isTime, lookFor, secondOfDay } from "./look-up.ts";
import { isOwnRecord, levelsOf, type Sightings } from "./sightings.ts";

/** Figures that are computed from others: ratios, shares, differences, sums, and the time between two instants. */

export interface Operand {
  readonly value: number;
  readonly dimension: Dimension;
}

/** Figures of one record beyond which pairs of them prove nothing. */
const MOST_OF_RECORD = 6;
/** Series of one answer that are compared with each other. */
const MOST_SERIES = 16;
/** Instants of one answer between which the time is taken. */
const MOST_INSTANTS = 24;

/** What may be computed: ratios and shares; of figures that became each other differences too; of figures of one sentence also sums. */
type How = "ratio" | "step" | "any";

/** Whether a claim's figure is computed from two. */
function fits(claim: Claimed, { value: one, dimension }: Operand, { value: other, dimension: second }: Operand, how: How): boolean {
  const is = (value: number) => Number.isFinite(value) && Math.abs(value) >= claim.low && Math.abs(value) <= claim.high;
  if (dimension !== second || claim.value === 0) return false;
  const [less, more] = Math.abs(one) < Math.abs(other) ? [one, other] : [other, one];
  // "rose 24 times" may count or compare.
  const isRatio = claim.dimension === "ratio" || (claim.dimension === "count" && /\d ?(?:times|x)$/.test(claim.text));
  if (isRatio) return is(more / less) || is(less / more);
  if (claim.dimension === "percent" && [(100 * (more - less)) / less, (100 * (more - less)) / more, (100 * less) / more].some(is))
    return true;
  if (how === "ratio" || (claim.dimension !== dimension && !(claim.dimension === "points" && dimension === "percent"))) return false;
  return is(more - less) || (how === "any" && is(more + less));
}

const anyPair = (claim: Claimed, operands: readonly Operand[], how: How): boolean =>
  operands.some((one, index) => operands.slice(index + 1).some((other) => fits(claim, one, other, how)));

/** Which levels of a series people compare (places in {@link levelsOf}): its ends, its extremes, before and after, usual and highest. */
const COMPARED = [
  [0, 1],
  [2, 3],
  [6, 7],
  [6, 2],
  [5, 2],
  [6, 1],
] as const;

/** "75 % miss" where 25 % hit: the rest of a level to the whole. */
function isRest(claim: Claimed, { values, dimensions }: Sightings, telling: ReadonlySet<number>): boolean {
  for (const at of telling) {
    const value = values[at] ?? Number.NaN;
    const share = dimensions[at] === "percent" ? value : dimensions[at] === "bare" && value > 0 && value < 1 ? 100 * value : Number.NaN;
    if (100 - share >= claim.low && 100 - share <= claim.high) return true;
  }
  return false;
}

/** Whether a figure is computed from figures that are together in an answer: in one line or object, as the ends of a step, in one series or two. */
function isComputedIn(claim: Claimed, sightings: Sightings, services: readonly string[]): boolean {
  const { values, dimensions, recordOf, records, turns, series, telling } = sightings;
  if (claim.dimension === "percent" && isRest(claim, sightings, telling)) return true;
  const at = (place: number): Operand => ({ value: values[place] ?? Number.NaN, dimension: dimensions[place] ?? "count" });
  if (turns.some(([from, to]) => fits(claim, at(from), at(to), "step"))) return true;
  const grouped = new Map<number, number[]>();
  for (let place = 0; place < values.length; place++) {
    const record = recordOf[place] ?? 0;
    const others = grouped.get(record);
    if (others === undefined) grouped.set(record, [place]);
    else if (others.length <= MOST_OF_RECORD) others.push(place);
  }
  const isOf = (record: number) => {
    return isOwnRecord(records[record] ?? [], services);
  };
  for (const [record, places] of grouped)
    if (
      places.length <= MOST_OF_RECORD &&
      isOf(record) &&
      anyPair(
        claim,
        places.map(at).filter((one) => !isTime(one)),
        "ratio",
      )
    )
      return true;
  const leveled = series
    .filter(({ record }) => isOf(record))
    .slice(0, MOST_SERIES)
    .map(({ values: points, unit }) =>
      levelsOf(points).map((value): Operand => ({ value: value * (unit?.size ?? 1), dimension: unit?.dimension ?? "bare" })),
    );
  return leveled.some(
    (own, index) =>
      COMPARED.some(([one, other]) => {
        const [first, second] = [own[one], own[other]];
        return first !== undefined && second !== undefined && fits(claim, first, second, "step");
      }) ||
      leveled.slice(index + 1).some((other) =>
        own.some((level, kind) => {
          const same = other[kind];
          return same !== undefined && fits(claim, level, same, "step");
        }),
      ),
  );
}

/** Words beside a figure that make it the time between two instants. */
const SPAN =
  /\b(?:after|before|later|earlier|between|apart|lasted|lasting|within|for|ago|delay|until|then|over|every|long|took|duration|in|from|during|since|past|last)\b/i;
/** Words beside a percentage that make it a share or a change. */
const SHARE =
  /\b(?:of|more|less|fewer|higher|lower|slower|faster|up|down|by|rose|fell|grew|grows|rise|drop\w*|increas\w*|decreas\w*|left|used|uses|free|miss\w*|rest|share)\b|[+−]/i;
const DAY_MS = 86_400_000;

/** Whether a claim's time is that between two instants (seconds of the day), each known to the minute at worst. */
function isBetween(claim: Claimed, ones: readonly number[], others: readonly number[]): boolean {
  // Half a minute at each end, where the claim itself speaks of minutes.
  const slack = claim.size >= 60_000 ? 30_000 : 1_000;
  return ones.some((one) =>
    others.some((other) => {
      const apart = Math.abs(secondOfDay(one) - secondOfDay(other));
      return [apart, 86_400 - apart].some(
        (seconds) => seconds > 0 && seconds * 1000 >= claim.low - slack && seconds * 1000 <= claim.high + slack,
      );
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

/** @param beside figures of the same text. @param instants those that are known of the incident, epoch seconds */
function isSpan(claim: Claimed, beside: readonly Claimed[], { seen, services, instants }: Around): boolean {
  const own = beside.filter(isTime).map(({ value }) => value);
  if (claim.size >= DAY_MS) {
    const dates = seen.flatMap(({ of }) => of.values.filter((_, at) => of.dimensions[at] === "date"));
    return isDaysBetween(claim, [...new Set([...dates.slice(0, MOST_DATES).map((at) => Math.floor(at / 3600) * 3600), ...instants])]);
  }
  if (isBetween(claim, own, [...own, ...instants])) return true;
  if (own.length > 0)
    return shifted(claim, own).some((then) => seen.some(({ of, everyTells }) => lookFor(then, of, services, everyTells).found === "shown"));
  return isBetween(claim, instants, [...instants, ...seen.flatMap(({ of, everyTells }) => (everyTells ? instantsOf(of) : []))]);
}

/** Dates of one answer between which days are counted. */
const MOST_DATES = 2_000;

/** Instants that a view shows. */
const instantsOf = ({ values, dimensions }: Sightings): number[] =>
  values.filter((_, at) => isTime({ dimension: dimensions[at] ?? "count" })).slice(0, MOST_INSTANTS);

/** What a figure may be computed from beside its own text. */
export interface Around {
  readonly seen: readonly { readonly of: Sightings; readonly everyTells: boolean }[];
  readonly services: readonly string[];
  /** Known of the incident, epoch seconds. */
  readonly instants: readonly number[];
}

/**
 * Whether a figure follows from others.
 * @param beside figures of the same text that were found
 * @param text the whole of it
 */
export function isDerived(claim: Claimed, beside: readonly Claimed[], around: Around, text: string): boolean {
  if (isTime(claim) || !Number.isFinite(claim.high)) return false;
  if (anyPair(claim, beside, "any")) return true;
  const words = text.slice(Math.max(0, claim.start - 30), claim.end + 30);
  if (claim.dimension === "time" && claim.size >= 1000 && !claim.text.includes(".") && SPAN.test(words) && isSpan(claim, beside, around))
    return true;
  // A level in percent is no share of two others.
  if (claim.dimension === "percent" && !SHARE.test(words)) return false;
  return around.seen.some(({ of }) => isComputedIn(claim, of, around.services));
}
