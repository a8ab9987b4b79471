import type { Claimed, Dimension } from "./figures.ts";
import { isTime } from "./look-up.ts";
import { isOwnRecord, levelsOf, type Sightings, type Table } from "./sightings.ts";
import { isAskedHours, isSpan, type Timed } from "./spans.ts";

/** Figures that are computed from others: ratios, shares, differences, sums. */

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
/** Figures of one dimension that a view shows up to which each of them is compared with the text's own: of more any figure is computed from two. */
const MOST_TOLD = 12;

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
    const share = dimension === "percent" ? value : dimension !== "ratio" && value > 0 && value < 1 ? 100 * value : Number.NaN;
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

/** Words beside a figure that make it a difference. */
const CHANGE =
  /\b(?:more|less|fewer|higher|lower|slower|faster|longer|shorter|up|down|by|rose|fell|grew|grows|rise|rises|los[et]|adds?|extra|apart|difference|differ|between|drop\w*|increas\w*|decreas\w*|gap|late[rn]\w*)\b|[+−]/i;
/** Words beside a percentage that make it what is left of the whole. */
const REST = /\b(?:left|free|idle|miss\w*|rest|remain\w*|unused|others?|fail\w*|succe\w*|without|lost|spare)\b/i;
const SHARE = /\b(?:of|share|used|uses|part)\b/i;
/** A count and a number without a unit may be of the same things. */
const counted = ({ value, dimension }: Operand): Operand => ({ value, dimension: dimension === "bare" ? "count" : dimension });

/** Whether a figure is computed from one of the same text, or the end of a series that it names, and one of the few that a view shows. */
function isComputedWith(claim: Claimed, beside: readonly Claimed[], { seen, series }: Around, how: How): boolean {
  const ends = series.slice(0, MOST_COMPARED).flatMap(({ columns }) =>
    columns.flatMap(({ values, dimension, size }) =>
      levelsOf(values)
        .slice(0, 4)
        .map((value): Operand => ({ value: value * size, dimension })),
    ),
  );
  const found = beside.filter((one) => !isTime(one)).map(counted);
  const own = [...found, ...ends.map(counted)];
  if (found.some((one) => own.some((other) => other !== one && fits(claim, one, other, how)))) return true;
  return seen.some(({ of, everyTells }) => {
    if (!everyTells) return false;
    const told = of.values.map((value, at) => counted({ value, dimension: of.dimensions[at] ?? "count" }));
    return own.some((one) => {
      const others = [...new Set(told.flatMap(({ value, dimension }) => (dimension === one.dimension ? [value] : [])))];
      return others.length <= MOST_TOLD && others.some((value) => fits(claim, one, { ...one, value }, how));
    });
  });
}

/** What a figure may be computed from beside its own text. */
export interface Around extends Timed {
  /** Those that the text names. */
  readonly series: readonly Table[];
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
  const words = text.slice(Math.max(0, claim.start - 40), claim.end + 40);
  if (claim.dimension === "percent" && REST.test(words) && isRest(claim, beside)) return true;
  const paired = isOfPair(claim, beside);
  if (paired !== null) return paired;
  if (anyPair(claim, beside, "any")) return true;
  if (isSpan(claim, beside, words, around) || isAskedHours(claim, text, around)) return true;
  // A level is no share, change or difference of two others.
  const isChange = CHANGE.test(words) || REST.test(words);
  const isShare = claim.dimension === "percent" && (SHARE.test(words) || REST.test(words));
  const isRelative = claim.dimension === "ratio" || /\d ?(?:times|x)$/.test(claim.text) || isChange;
  if (!isRelative && !isShare) return false;
  const how = isChange ? "step" : "ratio";
  return (
    around.seen.some(({ of }) => isComputedIn(claim, of, around.services, how)) ||
    isComputedOf(claim, around.series, how, REST.test(words)) ||
    isComputedWith(claim, beside, around, how)
  );
}
