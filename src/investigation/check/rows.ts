import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { idOf, LONG_ID, type Sightings } from "./sightings.ts";

/** What rows and lines of an answer have together: a trace's, a commit's or an instance's id with its figures, its seconds and its node. */

/** Names that begin so are of one kind: pods of a deployment, nodes of a cluster. */
const KIND = 4;
const isAlike = (one: string, other: string): boolean =>
  LONG_ID.test(one) ? LONG_ID.test(other) && one.length === other.length : one.slice(0, KIND) === other.slice(0, KIND);

/** What a text says beside an id: another id, a second, a figure with a unit. A count or a minute is beside many. */
interface Item {
  readonly claim: Claimed;
  /** What is unique in a name; empty: it is a figure. */
  readonly id: string;
}

function itemsOf(tokens: readonly Claimed[]): Item[] {
  return tokens.flatMap((claim): Item[] => {
    if (claim.kind === "name") return idOf(claim.text) === "" ? [] : [{ claim, id: idOf(claim.text) }];
    return claim.kind !== "figure" || claim.dimension === "count" || claim.dimension === "minute" ? [] : [{ claim, id: "" }];
  });
}

const NO_ROWS: ReadonlySet<number> = new Set();

/** The rows and lines in which an item is. */
function rowsIn({ claim, id }: Item, { ids, rowOf, values, written, dimensions }: Sightings): ReadonlySet<number> {
  if (id !== "") return ids.get(id) ?? NO_ROWS;
  const is = (at: number, value: number, dimension: Claimed["dimension"]) =>
    isTime(claim)
      ? isTime({ dimension }) && isInstant(claim, value, dimension)
      : meansFigure(claim, dimension, value, written[at] ?? value);
  return new Set(rowOf.filter((row, at) => row >= 0 && is(at, values[at] ?? Number.NaN, dimensions[at] ?? "bare")));
}

const CLAUSE = /[;:,]\s|\s(?:and|but|while)\s/;

/**
 * An id in whose rows nothing is that a text says beside it, where it is in the rows of another id of its kind; null where there is none. Of several ids of
 * one kind each has its own clause.
 */
export function strangeId(text: string, tokens: readonly Claimed[], answers: readonly Opened[]): string | null {
  const items = itemsOf(tokens);
  const ids = items.filter(({ id }) => id !== "");
  if (ids.length === 0 || items.length < 2) return null;
  const all = answers.flatMap(({ view, raw }) => [view, raw]).filter((one) => one.ids.size > 0);
  const known = new Map<Item, readonly ReadonlySet<number>[]>();
  const rowsOf = (item: Item): readonly ReadonlySet<number>[] => {
    const rows = known.get(item) ?? all.map((one) => rowsIn(item, one));
    known.set(item, rows);
    return rows;
  };
  for (const own of ids) {
    const its = rowsOf(own);
    if (its.every(({ size }) => size === 0)) continue;
    const isOne = ids.every((one) => one.id === own.id || !isAlike(one.id, own.id));
    const beside = items.filter((one) => one !== own && (one.id === "" || !isAlike(one.id, own.id)) && (isOne || isNear(text, own, one)));
    const isTogether = (one: Item) =>
      its.some((rows, place) => rows.size > 0 && [...(rowsOf(one)[place] ?? [])].some((row) => rows.has(row)));
    if (beside.length === 0 || beside.some(isTogether)) continue;
    const others = all.map(({ ids: those }) => [...those].flatMap(([id, rows]) => (id !== own.id && isAlike(id, own.id) ? [rows] : [])));
    const isOfAnother = (one: Item) =>
      rowsOf(one).some((rows, place) => [...rows].some((row) => others[place]?.some((those) => those.has(row)) === true));
    if (beside.some(isOfAnother)) return own.claim.text;
  }
  return null;
}

/** Whether two pieces of a text are in one clause. */
function isNear(text: string, { claim: one }: Item, { claim: other }: Item): boolean {
  const [first, second] = one.start < other.start ? [one, other] : [other, one];
  return !CLAUSE.test(text.slice(first.end, second.start));
}
