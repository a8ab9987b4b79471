import type { Claimed } from "./figures.ts";
import type { Sightings } from "./sightings.ts";

/** Figures of one out of many: means of a record's totals ("40 rows a call"). */

/** Words beside a figure that make it that of one. */
const OF_ONE = /\b(?:each|every|per|apiece|average|mean)\b|\d[^.;:]{0,24} an? \p{L}/iu;
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
