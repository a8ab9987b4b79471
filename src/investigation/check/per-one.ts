import type { Claimed } from "./figures.ts";
import type { Sightings, Table } from "./sightings.ts";

/** Figures of one out of many: means of a record's totals ("40 rows a call"), and how fast a series moves ("13 a minute"). */

/** Words beside a figure that make it that of one. */
const OF_ONE = /\b(?:each|every|per|apiece|average|mean)\b|\d[^.;:]{0,24} an? (?!(?:second|minute|hour|day|week)s?\b)\p{L}/iu;
/** Pairs of figures of one record beyond which a quotient of two proves nothing. */
const MOST_PAIRS = 12;
const isWhole = (value: number) => Number.isInteger(value) && value > 1;

/** Whether a figure is a total of a record divided by how many it counts there. Needs two digits: one is a quotient of any two. @param words around the figure */
export function isMean(claim: Claimed, words: string, { values, dimensions, recordOf }: Sightings): boolean {
  if (!/^(?:count|time|bytes)$/.test(claim.dimension) || claim.value / claim.size < 10 || !OF_ONE.test(words)) return false;
  const records = new Map<number, number[]>();
  for (let place = 0; place < values.length; place++) {
    const record = recordOf[place] ?? 0;
    const places = records.get(record);
    if (places === undefined) records.set(record, [place]);
    // Of two kinds at most, a dozen pairs are of few figures.
    else if (places.length <= MOST_PAIRS) places.push(place);
  }
  const isCount = (place: number) => /^(?:count|bare)$/.test(dimensions[place] ?? "");
  return [...records.values()].some((places) => {
    if (places.length > MOST_PAIRS) return false;
    const counts = places.filter((place) => isCount(place) && isWhole(values[place] ?? 0));
    const totals = places.filter((place) => (claim.dimension === "count" ? isCount(place) : dimensions[place] === claim.dimension));
    const means = totals.flatMap((total) =>
      counts.flatMap((count) => (count === total ? [] : [(values[total] ?? Number.NaN) / (values[count] ?? Number.NaN)])),
    );
    const larger = means.filter((mean) => mean > 1 || claim.dimension !== "count");
    return larger.length <= MOST_PAIRS && larger.some((mean) => mean >= claim.low && mean <= claim.high);
  });
}

/** Whether a rate is that at which a named series goes from its first point to its last, or from its lowest to its highest. */
export function isSlope(claim: Claimed, series: readonly Table[]): boolean {
  if (claim.dimension !== "rate") return false;
  return series.some(({ at, columns }) =>
    columns.some(({ values, dimension, size }) => {
      if (dimension !== "count" && dimension !== "bare") return false;
      const points = values.flatMap((value, place) => {
        const when = at[place] ?? Number.NaN;
        return Number.isFinite(value) && Number.isFinite(when) ? [{ value: value * size, minutes: when / 60 }] : [];
      });
      const ranked = points.toSorted((one, other) => one.value - other.value);
      return [
        [points[0], points.at(-1)],
        [ranked[0], ranked.at(-1)],
      ].some(([from, to]) => {
        if (from === undefined || to === undefined) return false;
        const rate = Math.abs((to.value - from.value) / (to.minutes - from.minutes));
        return rate >= claim.low && rate <= claim.high;
      });
    }),
  );
}
