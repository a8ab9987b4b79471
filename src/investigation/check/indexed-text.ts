import { createHash } from "node:crypto";
import { readable } from "./quotes.ts";
import type { ServiceNames } from "./owners.ts";
import { sightingsInTurns } from "./read-sightings.ts";
import type { Sightings } from "./sightings.ts";

/** A raw answer or a view, made ready for look-ups. The same answers are read at every hand-in, so those of the last ones are kept. */
export interface IndexedText {
  /** See {@link readable}. */
  readonly forms: readonly string[];
  /** null: nobody asked for its figures yet. */
  readonly sightings: Sightings | null;
}

interface Remembered extends IndexedText {
  readonly size: number;
}

/** Bytes that are kept, about: what one finding may cite at most, in two forms, with its figures. So one incident's answers are read once. */
const MOST_KEPT = 64_000_000;
/** A figure with its words, a place in a table. */
const SIZE_OF_FIGURE = 100;
const SIZE_OF_CELL = 16;
/** What is shorter is read again as fast. */
const SHORTEST_KEPT = 2_000;

/** By what they were read from: an answer, and the catalog by which the services of its records were found. */
const kept = new Map<string, Remembered>();
let size = 0;

const sizeOf = ({ forms, sightings }: IndexedText) =>
  forms.reduce((sum, form) => sum + form.length, 0) +
  (sightings === null ? 0 : sightings.values.length * SIZE_OF_FIGURE) +
  (sightings?.tables ?? []).reduce((sum, { at, texts, columns }) => {
    const cells = at.length * (2 + columns.length);
    return sum + cells * SIZE_OF_CELL + texts.reduce((all, text) => all + text.length, 0);
  }, 0);

function keep(key: string, one: Remembered): void {
  size += one.size - (kept.get(key)?.size ?? 0);
  // The last used is the last to go.
  kept.delete(key);
  kept.set(key, one);
  for (const [oldest, { size: own }] of kept) {
    if (size <= MOST_KEPT || oldest === key) break;
    kept.delete(oldest);
    size -= own;
  }
}

/** The index of a text. Linear the first time; yields now and then. @param hasFigures false: its words are enough, which takes a tenth of the time */
export function* indexOf(text: string, services: ServiceNames, hasFigures = true): Generator<void, IndexedText> {
  const isShort = text.length < SHORTEST_KEPT;
  const key = isShort
    ? ""
    : createHash("sha256")
        .update(JSON.stringify([...services]))
        .update(text)
        .digest("base64");
  const known = kept.get(key);
  const forms = known?.forms ?? readable(text);
  const sightings = known?.sightings ?? (hasFigures ? yield* sightingsInTurns(text, services) : null);
  const index = { forms, sightings };
  if (!isShort) keep(key, known?.sightings === sightings ? known : { ...index, size: sizeOf(index) });
  return index;
}
