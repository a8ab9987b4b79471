import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isTime, meansFigure } from "./look-up.ts";
import { isOwnRecord } from "./owners.ts";
import type { Sightings } from "./sightings.ts";

/** Which of two figures came first. */

/** Whether an arrow of a text, or the points of one series, show that one figure became the other. */
function becomes(
  from: Claimed,
  to: Claimed,
  { turns, values, written, dimensions, records, recordOf, tables }: Sightings,
  owners: readonly string[],
): boolean {
  const isIn = (claim: Claimed, place: number) =>
    meansFigure(claim, dimensions[place] ?? "bare", values[place] ?? Number.NaN, written[place] ?? Number.NaN);
  return (
    turns.some(([a, b]) => isIn(from, a) && isIn(to, b) && isOwnRecord(records[recordOf[a] ?? 0] ?? [], owners)) ||
    tables.some(({ isList, owners: [record = []], columns }) => {
      if (isList || !isOwnRecord(record, owners)) return false;
      return columns.some(({ values: points, dimension, size }) => {
        const is = (claim: Claimed) => (value: number) => meansFigure(claim, dimension, value * size, value);
        const first = points.findIndex(is(from));
        return first >= 0 && points.findLastIndex(is(to)) > first;
      });
    })
  );
}

/** Whether the answers show two figures in the other order than a text, and nowhere in this one. */
export function isReversed(from: Claimed, to: Claimed, answers: readonly Opened[], owners: readonly string[]): boolean {
  if (isTime(from) || from.dimension !== to.dimension || from.value === to.value) return false;
  const shows = (one: Claimed, other: Claimed) =>
    answers.some(({ view, raw }) => becomes(one, other, view, owners) || becomes(one, other, raw, owners));
  return !shows(from, to) && shows(to, from);
}
