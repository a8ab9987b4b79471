import type { Claimed, Dimension } from "./figures.ts";
import { isTime, lookFor, secondOfDay } from "./look-up.ts";
import { isOwnRecord, levelsOf, type Sightings, type Table } from "./sightings.ts";

/** Figures that are computed from others: ratios, shares, differences, sums, and the time between two instants. */

export interface Operand {
  readonly value: number;
  readonly dimension: Dimension;
}

/** Figures of one record beyond which pairs of them prove nothing. */
const MOST_OF_RECORD = 6;
/** Series of one answer that are compared with each other. */
const MOST_SERIES = 16;
/** Of so few series any two are compared: of many a ratio of two is any figure. */
const MOST_COMPARED = 4;
/** Instants of one answer between which the time is taken. */
const MOST_INSTANTS = 24;

/** What may be computed: ratios and shares; where a text speaks of a change differences too; of figures of one sentence also sums. */
type How = "ratio" | "step" | "any";

/** Whether a claim's figure is computed from two. */
function fits(claim: Claimed, { value: one, dimension }: Operand, { value: other, dimension: second }: Operand, how: How): boolean {
  const is = (value: number) => Number.isFinite(value) && Math.abs(value) >= claim.low && Math.abs(value) <= claim.high;
  if (dimension !== second || claim.value === 0) return false;
  const [less, more] = Math.abs(one) < Math.abs(other) ? [one, other] : [other, one];
  // "rose 24 times" may count or compare.
  const isRatio = claim.dimension === "ratio" || (claim.dimension === "count" && /\d ?(?:times|x)$/.test(claim.text));
  if (isRatio) return is(more / less) || is(less / more);
  if (claim.dimension === "percent" && is((100 * less) / more)) return true;
  if (claim.dimension === "percent" && how !== "ratio" && [(100 * (more - less)) / less, (100 * (more - less)) / more].some(is))
    return true;
  if (how === "ratio" || (claim.dimension !== dimension && !(claim.dimension === "points" && dimension === "percent"))) return false;
  return is(more - less) || (how === "any" && is(more + less));
}

const anyPair = (claim: Claimed, operands: readonly Operand[], how: How): boolean =>
  operands.some((one, index) => operands.slice(index + 1).some((other) => fits(claim, one, other, how)));

/** Which levels of a series people compare (places in {@link levelsOf}): its ends, its extremes, before and after, usual and highest, its largest step. */
const COMPARED = [
  [0, 1],
  [2, 3],
  [6, 7],
  [6, 2],
  [5, 2],
  [6, 1],
  [8, 9],
] as const;

/** "75 % miss" where 25 % hit: the rest of a level to the whole. */
const isRest = (claim: Claimed, levels: readonly Operand[]): boolean =>
  levels.some(({ value, dimension }) => {
    const share = dimension === "percent" ? value : dimension === "bare" && value > 0 && value < 1 ? 100 * value : Number.NaN;
    return 100 - share >= claim.low && 100 - share <= claim.high;
  });

/** Whether a figure is computed from figures that are together in an answer: in one line or object, as the ends of a step, in one series or two. */
function isComputedIn(
  claim: Claimed,
  { values, dimensions, recordOf, records, turns }: Sightings,
  services: readonly string[],
  how: How,
): boolean {
  const at = (place: number): Operand => ({ value: values[place] ?? Number.NaN, dimension: dimensions[place] ?? "count" });
  if (turns.some(([from, to]) => fits(claim, at(from), at(to), how))) return true;
  const grouped = new Map<number, number[]>();
  for (let place = 0; place < values.length; place++) {
    const record = recordOf[place] ?? 0;
    const others = grouped.get(record);
    if (others === undefined) grouped.set(record, [place]);
    else if (others.length <= MOST_OF_RECORD) others.push(place);
  }
  for (const [record, places] of grouped)
    if (places.length <= MOST_OF_RECORD && isOwnRecord(records[record] ?? [], services)) {
      const operands = places.map(at).filter((one) => !isTime(one));
      if (anyPair(claim, operands, "ratio")) return true;
    }
  return false;
}

/** Whether a figure is computed from two levels of one series, or the same one of two, or is the rest of one to the whole. */
function isComputedOf(claim: Claimed, series: readonly Table[], how: How, isLeft: boolean): boolean {
  const leveled = series
    .slice(0, MOST_SERIES)
    .flatMap(({ columns }) =>
      columns.map(({ values, dimension, size }) => levelsOf(values).map((value): Operand => ({ value: value * size, dimension }))),
    );
  if (isLeft && claim.dimension === "percent" && leveled.some((levels) => isRest(claim, levels))) return true;
  return leveled.some(
    (own, index) =>
      COMPARED.some(([one, other]) => {
        const [first, second] = [own[one], own[other]];
        return first !== undefined && second !== undefined && fits(claim, first, second, how);
      }) ||
      leveled.slice(index + 1, MOST_COMPARED).some((other) =>
        own.some((level, kind) => {
          const same = other[kind];
          return same !== undefined && fits(claim, level, same, how);
        }),
      ),
  );
}

/** Words beside a figure that make it the time between two instants. */
const SPAN =
  /\b(?:after|before|later|earlier|between|apart|lasted|lasting|within|for|ago|delay|until|then|over|every|long|took|duration|in|from|during|since|past|last)\b/i;
/** Words beside a figure that make it a difference. */
const CHANGE =
  /\b(?:more|less|fewer|higher|lower|slower|faster|longer|shorter|up|down|by|rose|fell|grew|grows|rise|rises|los[et]|adds?|extra|apart|difference|differ|between|drop\w*|increas\w*|decreas\w*|gap|late[rn]\w*)\b|[+−]/i;
/** Words beside a percentage that make it what is left of the whole. */
const REST = /\b(?:left|free|idle|miss\w*|rest|remain\w*|unused|others?|fail\w*|succe\w*|without|lost|spare)\b/i;
const SHARE = /\b(?:of|share|used|uses|part)\b/i;
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
  /** Those that the text names. */
  readonly series: readonly Table[];
  readonly services: readonly string[];
  /** Known of the incident, epoch seconds. */
  readonly instants: readonly number[];
}

/** "From 15 to 75 %, five times as many": whether a multiple is that of two figures beside it, a percentage the share of two; null: there are no two. */
export function isOfPair(claim: Claimed, beside: readonly Claimed[]): boolean | null {
  if (claim.dimension !== "ratio" && claim.dimension !== "percent") return null;
  const compared = beside.filter(
    (one) => !isTime(one) && one.dimension !== "ratio" && (claim.dimension === "ratio" || one.dimension !== "percent"),
  );
  const isPaired = compared.some((one, index) => compared.slice(index + 1).some((other) => other.dimension === one.dimension));
  return isPaired ? anyPair(claim, compared, "any") : null;
}

/**
 * Whether a figure follows from others.
 * @param beside figures of the same text that were found
 * @param text the whole of it
 */
export function isDerived(claim: Claimed, beside: readonly Claimed[], around: Around, text: string): boolean {
  if (isTime(claim) || !Number.isFinite(claim.high)) return false;
  const paired = isOfPair(claim, beside);
  if (paired !== null) return paired;
  if (anyPair(claim, beside, "any")) return true;
  const words = text.slice(Math.max(0, claim.start - 40), claim.end + 40);
  if (claim.dimension === "time" && claim.size >= 1000 && !claim.text.includes(".") && SPAN.test(words) && isSpan(claim, beside, around))
    return true;
  // A level is no share, change or difference of two others.
  const isRelative = claim.dimension === "ratio" || /\d ?(?:times|x)$/.test(claim.text) || CHANGE.test(words);
  if (!isRelative && !(claim.dimension === "percent" && (SHARE.test(words) || REST.test(words)))) return false;
  const how = CHANGE.test(words) ? "step" : "ratio";
  return (
    around.seen.some(({ of }) => isComputedIn(claim, of, around.services, how)) || isComputedOf(claim, around.series, how, REST.test(words))
  );
}
