import type { Dimension } from "./units.ts";
import type { Sightings } from "./sightings.ts";

/** In which unit an answer's numbers are that name none: the one in which its view shows them. */

/** Units that vendors leave away, in base units. */
const USUAL: Partial<Record<Dimension, readonly number[]>> = {
  time: [1e-6, 1e-3, 1, 1e3, 6e4],
  bytes: [1, 2 ** 10, 1e3, 2 ** 20, 1e6],
  cpu: [1e-6, 1, 1e3],
};
/** Figures of a view that are compared with the answer; as many have to fit, and twice as many as in the next unit. */
const MOST = 80;
const FEWEST = 3;
/** What a view's three digits leave open. */
const ROUNDED = 0.006;

export type BareUnits = ReadonlyMap<Dimension, number>;

/** Whether a sorted list has a number this near. */
function hasNear(sorted: readonly number[], value: number): boolean {
  let [low, high] = [0, sorted.length];
  const least = value * (1 - ROUNDED);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return (sorted[low] ?? Infinity) <= value * (1 + ROUNDED);
}

/** Of each dimension the size of the unit in which the bare numbers of an answer are; none where the view does not decide. */
export function bareUnits(raw: Sightings, view: Sightings): BareUnits {
  const found = new Map<Dimension, number>();
  const points = raw.tables.flatMap(({ isList, columns }) =>
    isList ? [] : columns.flatMap(({ values, dimension }) => (dimension === "bare" ? values : [])),
  );
  const bare = [...raw.values.filter((_, at) => raw.dimensions[at] === "bare"), ...points]
    .filter((value) => value !== 0)
    .map(Math.abs)
    .toSorted((one, other) => one - other);
  if (bare.length === 0) return found;
  for (const [name, sizes] of Object.entries(USUAL)) {
    const shown = [...new Set(view.values.filter((value, at) => view.dimensions[at] === name && value !== 0).map(Math.abs))].slice(0, MOST);
    const votes = sizes
      .map((size) => ({ size, count: shown.filter((value) => hasNear(bare, value / size)).length }))
      .toSorted((one, other) => other.count - one.count);
    const [first, second] = votes;
    if (first !== undefined && first.count >= FEWEST && first.count >= 2 * (second?.count ?? 0)) found.set(name as Dimension, first.size);
  }
  return found;
}
