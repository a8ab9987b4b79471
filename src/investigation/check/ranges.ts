import type { Claimed } from "./figures.ts";

/** A range is one figure with two ends: "between 35 % and 99 %", "1.2 to 2.9 ms", "from 14:10 to 14:20". */

const TO = /^\s?(?:%|\p{L}{1,3})?\s?(?:–|—|-|to|until)\s?$/u;
const AND = /^\s?(?:%|\p{L}{1,9})? and $/u;
const BETWEEN = /\bbetween (?:about |some )?$/i;

/** The figures of a text that are an end of a range. */
export function rangeEnds(text: string, tokens: readonly Claimed[]): ReadonlySet<Claimed> {
  const ends = new Set<Claimed>();
  for (const [index, one] of tokens.entries()) {
    const other = tokens[index + 1];
    if (one.kind !== "figure" || other?.kind !== "figure") continue;
    const apart = text.slice(one.end, other.start);
    if (TO.test(apart) || (AND.test(apart) && BETWEEN.test(text.slice(Math.max(0, one.start - 16), one.start)))) ends.add(one).add(other);
  }
  return ends;
}
