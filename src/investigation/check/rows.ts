import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { idOf, isOwnRecord, LONG_ID, type Sightings } from "./sightings.ts";

/** What rows and lines of an answer have together: an id with its figures, an instance with its time and its node. */

/** The one id of a text with whose rows in the answers none of its figures is; null where there is none such. */
export function strangeId(tokens: readonly Claimed[], answers: readonly Opened[]): string | null {
  const [id, ...others] = tokens.filter(({ kind, text }) => kind === "name" && LONG_ID.test(text));
  const figures = tokens.filter(({ kind, dimension }) => kind === "figure" && dimension !== "count" && dimension !== "minute");
  if (id === undefined || others.length > 0 || figures.length === 0) return null;
  let isThere = false;
  for (const { raw, view } of answers)
    for (const { ids, rowOf, values, written, dimensions } of [view, raw]) {
      const rows = ids.get(id.text);
      if (rows === undefined) continue;
      isThere = true;
      for (const [at, row] of rowOf.entries()) {
        if (!rows.has(row)) continue;
        const [value, dimension] = [values[at] ?? Number.NaN, dimensions[at] ?? "bare"];
        if (figures.some((one) => isBeside(one, dimension, value, written[at] ?? value))) return null;
      }
    }
  return isThere ? id.text : null;
}

const isBeside = (claim: Claimed, dimension: Claimed["dimension"], value: number, written: number): boolean =>
  isTime(claim) ? isTime({ dimension }) && isInstant(claim, value, dimension) : meansFigure(claim, dimension, value, written);

/** Names that begin so are of one kind: pods of a deployment, nodes of a cluster. */
const KIND = 4;
const isAlike = (one: string, other: string): boolean => one.slice(0, KIND) === other.slice(0, KIND);

interface Item {
  readonly claim: Claimed;
  readonly rowsIn: (sightings: Sightings) => ReadonlySet<number>;
  /** Of a name: what is unique in it. */
  readonly id: string;
}

const NO_ROWS: ReadonlySet<number> = new Set();

function itemsOf(tokens: readonly Claimed[]): Item[] {
  return tokens.flatMap((claim): Item[] => {
    const id = claim.kind === "name" && !LONG_ID.test(claim.text) ? idOf(claim.text) : "";
    if (id !== "") return [{ claim, id, rowsIn: ({ ids }) => ids.get(id) ?? NO_ROWS }];
    const isSecond = claim.kind === "figure" && isTime(claim) && claim.slack === 1;
    if (!isSecond) return [];
    const rowsIn = ({ values, dimensions, rowOf }: Sightings) =>
      new Set(rowOf.filter((row, at) => row >= 0 && dimensions[at] === "date" && isInstant(claim, values[at] ?? Number.NaN, "date")));
    return [{ claim, id, rowsIn }];
  });
}

const CLAUSE = /[;:,]\s|\s(?:and|but|while)\s/;

/**
 * The name of an instance that is never in a row with the second or the other name that a text gives it, where another of its kind is.
 * Only where the text, or their clause of it, has one of each kind.
 */
export function strangeInstance(text: string, tokens: readonly Claimed[], answers: readonly Opened[]): string | null {
  const items = itemsOf(tokens);
  const isOne = (own: Item, of: readonly Item[]) =>
    of.every(
      (one) =>
        one === own || one.claim.text === own.claim.text || (own.id === "" ? one.id !== "" : one.id === "" || !isAlike(own.id, one.id)),
    );
  const all = answers.flatMap(({ view, raw }) => [view, raw]);
  const known = items.map(({ rowsIn }) => all.map(rowsIn));
  for (const [index, item] of items.entries())
    for (const [next, other] of items.entries()) {
      if (item.id === "" || item === other || (other.id !== "" && isAlike(item.id, other.id))) continue;
      const [first, second] = item.claim.start < other.claim.start ? [item.claim, other.claim] : [other.claim, item.claim];
      const isNear = !CLAUSE.test(text.slice(first.end, second.start));
      if (!isNear && !(isOne(item, items) && isOne(other, items))) continue;
      let [isTogether, isOfAnother] = [false, false];
      for (const [place, sightings] of all.entries()) {
        const [rows, others] = [known[index]?.[place] ?? NO_ROWS, known[next]?.[place] ?? NO_ROWS];
        isTogether ||= [...rows].some((row) => others.has(row));
        isOfAnother ||=
          rows.size > 0 &&
          [...sightings.ids].some(([id, its]) => id !== item.id && isAlike(id, item.id) && [...its].some((row) => others.has(row)));
      }
      if (!isTogether && isOfAnother) return item.claim.text;
    }
  return null;
}

/**
 * The service or instance in whose record (an object, a series, a line) more of a text's figures are together than in any of those that the text
 * names; null where there is none such.
 */
export function betterOwner(tokens: readonly Claimed[], answers: readonly Opened[], owners: readonly string[]): BetterOwner | null {
  const figures = tokens.filter((one) => one.kind === "figure" && !isTime(one) && (one.dimension !== "count" || one.value >= 100));
  if (figures.length < 2 || owners.length === 0) return null;
  let own = 0;
  let best: { readonly count: number; readonly found: BetterOwner } | null = null;
  for (const { number, raw, view } of answers)
    for (const { values, written, dimensions, recordOf, records } of [view, raw]) {
      const shown = new Map<number, Set<Claimed>>();
      for (const figure of figures)
        for (let at = 0; at < values.length; at++) {
          const value = values[at] ?? Number.NaN;
          if (!meansFigure(figure, dimensions[at] ?? "bare", value, written[at] ?? value)) continue;
          const record = recordOf[at] ?? 0;
          const those = shown.get(record);
          if (those === undefined) shown.set(record, new Set([figure]));
          else those.add(figure);
        }
      for (const [record, those] of shown) {
        const names = records[record] ?? [];
        if (isOwnRecord(names, owners)) own = Math.max(own, those.size);
        else if (those.size > (best?.count ?? 1)) best = { count: those.size, found: { names, number, figures: [...those] } };
      }
    }
  // Two figures are together in many a long series.
  return best !== null && best.count > own && (best.count > 2 || own === 0) ? best.found : null;
}

interface BetterOwner {
  readonly names: readonly string[];
  readonly number: number;
  readonly figures: readonly Claimed[];
}
