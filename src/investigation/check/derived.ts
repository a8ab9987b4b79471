import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import type { Dimension } from "./units.ts";
import { isTime, meansFigure } from "./look-up.ts";
import { isOwnRecord } from "./owners.ts";
import { isMean, isSlope } from "./per-one.ts";
import { levelsOf } from "./json-sightings.ts";
import type { Sightings, Table } from "./sightings.ts";

/** Figures that are computed from two others: ratios, shares, differences, sums. */

interface Operand {
  readonly value: number;
  readonly dimension: Dimension;
}

/** Figures of one record beyond which pairs of them prove nothing. */
const MOST_OF_RECORD = 6;
/** Series that are compared with each other, and figures of one dimension of a view with the text's own: of more any figure is computed from two. */
const MOST_SERIES = 4;
const MOST_TOLD = 12;
const MOST_SHARES = 6;
/** Numbers of a raw answer that may be looked through so: a monitor, a setting. */
const MOST_OF_RAW = 100;

/** What may be computed: ratios and shares; where a text speaks of a change differences too; of figures of one sentence also sums. */
type How = "ratio" | "step" | "any";

const asWritten = ({ value, low, high, size }: Claimed) => ({
  dimension: "count" as const,
  value: value / size,
  low: low / size,
  high: high / size,
});

/** Whether a claim's figure is computed from two. */
function fits(said: Claimed, { value: one, dimension }: Operand, { value: other, dimension: second }: Operand, how: How): boolean {
  // "13 more a minute" of a count by minute.
  const claim: Claimed = said.dimension === "rate" && dimension === "count" ? { ...said, ...asWritten(said) } : said;
  const is = (value: number) => Number.isFinite(value) && Math.abs(value) >= claim.low && Math.abs(value) <= claim.high;
  if (dimension !== second || claim.value === 0) return false;
  const [less, more] = Math.abs(one) < Math.abs(other) ? [one, other] : [other, one];
  if (isMultiple(claim)) return is(more / less) || is(less / more);
  if (claim.dimension === "percent" && is((100 * less) / more)) return true;
  if (claim.dimension === "percent" && how !== "ratio" && [(100 * (more - less)) / less, (100 * (more - less)) / more].some(is))
    return true;
  if (how === "ratio" || (claim.dimension !== dimension && !(claim.dimension === "points" && dimension === "percent"))) return false;
  return is(more - less) || (how === "any" && is(more + less));
}

/** "Rose 24 times" may count or compare. */
const isMultiple = ({ dimension, text }: Claimed): boolean =>
  dimension === "ratio" || (dimension === "count" && /\d ?(?:times|x)$/.test(text));

const anyPair = (claim: Claimed, operands: readonly Operand[], how: How): boolean =>
  operands.some((one, index) => operands.slice(index + 1).some((other) => fits(claim, one, other, how)));

/** Whether a figure is computed from two that are together in an answer: in one line or object, or as the ends of a step. */
function isOfRecord(
  claim: Claimed,
  { values, dimensions, recordOf, records, turns }: Sightings,
  services: readonly string[],
  how: How,
): boolean {
  const at = (place: number) => counted({ value: values[place] ?? Number.NaN, dimension: dimensions[place] ?? "count" });
  if (turns.some(([from, to]) => fits(claim, at(from), at(to), how))) return true;
  const grouped = new Map<number, number[]>();
  for (let place = 0; place < values.length; place++) {
    const record = recordOf[place] ?? 0;
    const others = grouped.get(record);
    if (others === undefined) grouped.set(record, [place]);
    else if (others.length <= MOST_OF_RECORD) others.push(place);
  }
  return [...grouped].some(([record, places]) => {
    if (places.length > MOST_OF_RECORD || !isOwnRecord(records[record] ?? [], services)) return false;
    return anyPair(
      claim,
      places.map(at).filter((one) => !isTime(one)),
      "ratio",
    );
  });
}

/** Words beside a figure that make it a difference. */
const CHANGE =
  /\b(?:more|less|fewer|higher|lower|slower|faster|longer|shorter|up|down|by|rose|fell|grew|grows|rise|rises|los[et]|adds?|extra|apart|difference|differ|between|drop\w*|increas\w*|decreas\w*|gap|late[rn]\w*|left|free|rest|remain\w*|(?:below|above|under|over|beyond|within) (?:the|its|that|their))\b|[+−]/i;
const SHARE = /\b(?:of|share|used|uses|part)\b/i;
/** A count and a number without a unit may be of the same things. */
const counted = ({ value, dimension }: Operand): Operand => ({ value, dimension: dimension === "bare" ? "count" : dimension });

/** The levels of each series that a text names. */
const leveled = (series: readonly Table[]): Operand[][] =>
  series
    .slice(0, MOST_SERIES)
    .flatMap(({ columns }) =>
      columns.map(({ values, dimension, size }) => levelsOf(values).map((value) => counted({ value: value * size, dimension }))),
    );

/** What is left of a percentage to the whole: "75 % miss" where 25 % hit. */
export const restOf = (claim: Claimed): Claimed => ({ ...claim, value: 100 - claim.value, low: 100 - claim.high, high: 100 - claim.low });

const isRest = (claim: Claimed, operands: readonly Operand[]): boolean =>
  claim.dimension === "percent" &&
  operands.some(({ value, dimension }) => meansFigure(restOf(claim), dimension === "count" ? "bare" : dimension, value, value));

/** The percentages of a view: among few of them the rest of one is not there by chance. */
function fewShares({ values, dimensions }: Sightings): readonly Operand[] {
  const shares = [...new Set(values.filter((_, at) => dimensions[at] === "percent"))];
  return shares.length <= MOST_SHARES ? shares.map((value) => ({ value, dimension: "percent" })) : [];
}

/** Whether a figure is computed from two levels of one series, or the same one of two series. */
const isOfSeries = (claim: Claimed, levels: readonly (readonly Operand[])[], how: How): boolean =>
  levels.some(
    (own, index) =>
      anyPair(claim, own, how) ||
      levels.slice(index + 1).some((other) => own.some((level, kind) => other[kind] !== undefined && fits(claim, level, other[kind], how))),
  );

/** What a view's three digits leave open. */
const ROUNDED = 0.006;
const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= ROUNDED * Math.abs(other);

/** Whether a figure is computed from an end or extreme of a series that it names and one of its points that a view prints. */
function isOfPrinted(claim: Claimed, series: readonly Table[], seen: readonly Sightings[], how: How): boolean {
  return series.slice(0, MOST_SERIES).some(({ columns }) =>
    columns.some(({ values, dimension, size }) => {
      const printed = values.filter((point) =>
        seen.some((view) => view.values.some((value, at) => isNear(value, point * size) || isNear(view.written[at] ?? Number.NaN, point))),
      );
      const few = [...new Set(printed)];
      if (few.length > MOST_TOLD) return false;
      const operand = (value: number) => counted({ value: value * size, dimension });
      return levelsOf(values)
        .slice(0, 4)
        .some((level) => few.some((point) => fits(claim, operand(level), operand(point), how)));
    }),
  );
}

/** Whether a figure is computed from one of the same text and a level of a series that it names, or one of the few that a view shows. */
function isOfOwn(claim: Claimed, beside: readonly Claimed[], levels: readonly Operand[], seen: readonly Sightings[], how: How): boolean {
  const found = beside.filter((one) => !isTime(one)).map(counted);
  if (found.some((one) => levels.some((other) => fits(claim, one, other, how)))) return true;
  return seen.some(({ values, dimensions }) => {
    const told = values.map((value, at) => counted({ value, dimension: dimensions[at] ?? "count" }));
    return [...found, ...levels].some((one) => {
      const others = [...new Set(told.flatMap(({ value, dimension }) => (dimension === one.dimension ? [value] : [])))];
      // Of many it may be a share of the largest: that is the whole.
      const few = others.length <= MOST_TOLD ? others : claim.dimension === "percent" ? [Math.max(...others)] : [];
      return few.some((value) => fits(claim, one, { ...one, value }, how));
    });
  });
}

/**
 * Whether a figure follows from two others.
 * @param beside figures of the same text that were found
 * @param text the whole of it
 * @param series that it names
 */
export function isDerived(
  claim: Claimed,
  beside: readonly Claimed[],
  text: string,
  {
    answers,
    series,
    services,
  }: { readonly answers: readonly Opened[]; readonly series: readonly Table[]; readonly services: readonly string[] },
): boolean {
  if (isTime(claim) || !Number.isFinite(claim.high)) return false;
  if (isRest(claim, beside)) return true;
  if (anyPair(claim, beside, "any")) return true;
  // A level is no share, change or difference of two others.
  const words = text.slice(Math.max(0, claim.start - 40), claim.end + 40);
  const isChange = CHANGE.test(words);
  const levels = leveled(series);
  if (levels.some((own) => isRest(claim, own)) || answers.some(({ view }) => isRest(claim, fewShares(view)))) return true;
  if (answers.some(({ view, raw }) => isMean(claim, words, view) || isMean(claim, words, raw)) || isSlope(claim, series)) return true;
  if (!isMultiple(claim) && !isChange && !(claim.dimension === "percent" && SHARE.test(words))) return false;
  const how = isChange ? "step" : "ratio";
  return (
    answers.some(({ view, raw }) => isOfRecord(claim, view, services, how) || isOfRecord(claim, raw, services, how)) ||
    isOfSeries(claim, levels, how) ||
    isOfPrinted(
      claim,
      series,
      answers.map(({ view }) => view),
      how,
    ) ||
    isOfOwn(
      claim,
      beside,
      levels.flatMap((own) => own.slice(0, 4)),
      answers.flatMap(({ view, raw }) => (raw.values.length <= MOST_OF_RAW ? [view, raw] : [view])),
      how,
    )
  );
}
