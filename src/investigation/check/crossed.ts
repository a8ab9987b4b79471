import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isTime, meansFigure, secondOfDay } from "./look-up.ts";
import { rangeEnds } from "./ranges.ts";
import { isOwnRecord, type Sightings } from "./sightings.ts";

/**
 * Two figures of one sentence that changed places: what an answer has beside the one (key, texts of its row, words of its line, time of its
 * point) the sentence has beside the other, and not the other way round.
 */

/** Where the words that belong to one figure end. */
const BORDER = /[;:,.()—–]+(?=\s|$)|\s[([]|\s(?:and|but|while|where|whereas)\s/gu;
/** Places at which an answer may show a figure: of more of them none says what it is. */
const MOST_PLACES = 4;
/** Figures this near may be one in two units. */
const ALIKE = 0.05;
/** First letters by which forms of one word are the same. */
const STEM = 4;

/** Words that tell something, by their beginnings (short ones only where they are written as names), and times to the minute. */
function stemsIn(text: string, times: readonly number[] = []): Set<string> {
  const words = text.replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2").match(/\p{L}[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length >= STEM || /[\p{N}]|^\p{Lu}+$/u.test(word));
  const stems = telling.map((word) => (/\d/.test(word) ? word : word.slice(0, STEM)).toLowerCase());
  return new Set([...stems, ...times.map((at) => `at ${Math.floor(secondOfDay(at) / 60)}`)]);
}

/** What a sentence has beside a figure: its part between borders, with its times; and where that part ends. */
function besideIn(text: string, claim: Claimed, tokens: readonly Claimed[]): { readonly stems: Set<string>; readonly end: number } {
  const borders = [...text.matchAll(BORDER)].map(({ 0: mark, index }) => ({ start: index, end: index + mark.length }));
  const start = Math.max(0, ...borders.filter(({ end }) => end <= claim.start).map(({ end }) => end));
  const end = Math.min(text.length, ...borders.filter((one) => one.start >= claim.end).map((one) => one.start));
  const times = tokens.filter((one) => isTime(one) && one.start >= start && one.end <= end).map(({ value }) => value);
  return { stems: stemsIn(`${text.slice(start, claim.start)} ${text.slice(claim.end, end)}`, times), end };
}

/** What an answer has beside a figure; null: it has it nowhere, or at too many places. */
function besideAt(
  claim: Claimed,
  { values, written, dimensions, recordOf, records, labels, words, series }: Sightings,
  owners: readonly string[],
) {
  const found = new Set<string>();
  const times: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? Number.NaN;
    if (isTime({ dimension: dimensions[at] ?? "bare" }) || !meansFigure(claim, dimensions[at] ?? "bare", value, written[at] ?? value))
      continue;
    const record = recordOf[at] ?? 0;
    if (!isOwnRecord(records[record] ?? [], owners)) continue;
    found.add(`${labels[at] ?? ""} ${words.get(record) ?? ""}`);
    if (found.size > MOST_PLACES) return null;
  }
  for (const one of series) {
    if (!isOwnRecord(records[one.record] ?? [], owners)) continue;
    for (const [at, value] of one.values.entries())
      if (meansFigure(claim, one.unit?.dimension ?? "bare", value * (one.unit?.size ?? 1), value)) {
        times.push(one.times[at] ?? Number.NaN);
        found.add(words.get(one.record) ?? "");
      }
    if (found.size > MOST_PLACES) return null;
  }
  return found.size === 0 ? null : stemsIn([...found].join(" "), times.filter(Number.isFinite));
}

const without = (ones: ReadonlySet<string>, others: ReadonlySet<string>): string[] => [...ones].filter((one) => !others.has(one));
const shared = (ones: readonly string[], others: readonly string[]): number => ones.filter((one) => others.includes(one)).length;

/** Beside a figure in each of the answers and their views. */
type Beside = readonly (Set<string> | null)[];

/** Whether the answers have beside the first figure what is said of the second, and beside neither what is said of it. */
function areCrossed(said: Set<string>, saidOfSecond: Set<string>, first: Beside, second: Beside): boolean {
  const [own, its] = [without(said, saidOfSecond), without(saidOfSecond, said)];
  let [straight, crossed] = [0, 0];
  for (const [at, here] of first.entries()) {
    const there = second[at] ?? null;
    if (here === null || there === null) continue;
    const [atHere, atThere] = [without(here, there), without(there, here)];
    straight += shared(own, atHere) + shared(its, atThere);
    // What is said with the first figure may be about both.
    crossed += shared(its, atHere);
  }
  return straight === 0 && crossed > 0;
}

interface Around {
  readonly answers: readonly Opened[];
  readonly owners: readonly string[];
}

/** Two figures of a text that changed places; null where none do. */
export function crossedIn(text: string, tokens: readonly Claimed[], { answers, owners }: Around): readonly [Claimed, Claimed] | null {
  // What is beside one end of a range is said of both, and what is beside a list of all in it.
  const ends = rangeEnds(text, tokens, true);
  const figures = tokens.filter((one) => one.kind === "figure" && !isTime(one) && !ends.has(one));
  const known = new Map<Claimed, Beside>();
  const beside = (claim: Claimed): Beside => {
    const found = known.get(claim) ?? answers.flatMap(({ view, raw }) => [view, raw].map((one) => besideAt(claim, one, owners)));
    known.set(claim, found);
    return found;
  };
  for (const [index, first] of figures.entries())
    for (const second of figures.slice(index + 1)) {
      const isSame = Math.abs(first.value - second.value) <= Math.max(first.value, second.value) * ALIKE;
      if (first.dimension !== second.dimension || isSame) continue;
      const [one, other] = [besideIn(text, first, tokens), besideIn(text, second, tokens)];
      if (one.end <= second.start && areCrossed(one.stems, other.stems, beside(first), beside(second))) return [first, second];
    }
  return null;
}
